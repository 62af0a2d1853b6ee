namespace Lightloom.Simulation.Packets.Transports;

/// <summary>
/// Both ends of flows. A type parameter of the engine: no call is virtual. What it keeps per flow is its own. The two ends of a flow may be in different parts of the
/// fabric, each with a transport of its own: neither end looks at what the other keeps, and a receiver begins with everything 0.
/// </summary>
interface ITransport
{
    /// <summary>A flow begins to send.</summary>
    void Start(PacketNet net, int flow);

    /// <summary>A packet is at its destination; it is the transport's to free.</summary>
    void Receive(PacketNet net, int packet);

    /// <summary>It is a flow's turn at its host's card: the packet that it sends, or -1 where it can't after all. It must join again for more.</summary>
    int Send(PacketNet net, int flow);

    /// <summary>A flow has sent what <see cref="Send"/> gave, and may join again.</summary>
    void Sent(PacketNet net, int flow);

    /// <summary>A timer of a flow; of one that is done: nothing, and no other timer is set, since a run plays all that is left to happen.</summary>
    void Timer(PacketNet net, int flow, EventKind kind);

    /// <summary>A timer of a host.</summary>
    void HostTimer(PacketNet net, int host);

    /// <summary>Room for more flows.</summary>
    void Grow(int flows);

    /// <summary>Bytes of data that a flow's receiver has; each counts once.</summary>
    long Delivered(int flow);

    /// <summary>Whether switches do more with some of its packets than forward them.</summary>
    static virtual bool ActsInSwitches => false;

    /// <summary>A packet is in a switch, which may do something else with it than forward it. Whether it does.</summary>
    bool TakeInSwitch(PacketNet net, int packet, ref Packet p) => throw new NotSupportedException();

    /// <summary>The most packets that one switch held for one tree.</summary>
    int MostHeld => throw new NotSupportedException();
}

/// <summary>What transports tell the engine.</summary>
interface IFlowEnds
{
    /// <summary>A flow begins that nothing starts: what comes is the first that its host knows of it.</summary>
    void Begun(int flow);

    /// <summary>The last of a flow's data leaves its sender for the first time.</summary>
    void Departed(int flow);

    /// <summary>The sender of a flow knows that all has arrived.</summary>
    void Finished(int flow);

    /// <summary>The receiver has all.</summary>
    void Received(int flow);
}
