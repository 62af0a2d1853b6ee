namespace Lightloom.Simulation.Packets.Transports;

/// <summary>What is the same for all flows of a run, in bytes and picoseconds.</summary>
readonly record struct PathFacts
{
    /// <summary>The largest packet with its header, and what it carries.</summary>
    public required int Packet { get; init; }

    public required int Payload { get; init; }

    /// <summary>Round trip of a full packet and its acknowledgement over the longest path, unloaded.</summary>
    public required long RoundTrip { get; init; }

    /// <summary>Picoseconds per byte of a host's wire.</summary>
    public required double PerByte { get; init; }

    /// <summary>Whether switches trim.</summary>
    public required bool Trims { get; init; }

    /// <summary>The first window; 0: the transport's own.</summary>
    public required long FirstWindow { get; init; }

    /// <summary>The least time without an acknowledgement after which a packet is taken for lost.</summary>
    public required long Timeout { get; init; }

    /// <summary>Entropies per flow.</summary>
    public required int Paths { get; init; }

    /// <summary>Bytes that fill the longest path.</summary>
    public long BandwidthDelay => (long)(RoundTrip / PerByte);
}

/// <summary>What an acknowledgement says.</summary>
/// <param name="Now">When.</param>
/// <param name="Marked">Whether the packet met congestion.</param>
/// <param name="RoundTrip">Its round trip; -1: it can't be told.</param>
/// <param name="Bytes">Bytes that are newly known to have arrived.</param>
/// <param name="InFlight">Bytes under way.</param>
readonly record struct Acknowledgement(long Now, bool Marked, long RoundTrip, long Bytes, long InFlight);

/// <summary>How much a flow may have under way: a state of each flow's own, a type parameter of the transport.</summary>
/// <typeparam name="TParameters">What is the same for all flows.</typeparam>
interface IWindow<TParameters>
    where TParameters : struct
{
    /// <summary>Parameters for a fabric.</summary>
    static abstract TParameters For(in PathFacts facts);

    /// <summary>Whether the receiver gives out credits that are needed too.</summary>
    static abstract bool Credits { get; }

    /// <summary>Whether a rate decides, in a lossless fabric, and neither a window nor credits.</summary>
    static virtual bool AtRate => false;

    /// <summary>How it does.</summary>
    static virtual CreditRules Rules(in PathFacts facts) => default;

    /// <summary>Whether each packet that comes, whole or cut, is a credit for another one; else senders ask for them.</summary>
    static virtual bool CreditPerArrival => false;

    /// <summary>Bytes after which receivers acknowledge unasked.</summary>
    static virtual int AcknowledgeAfter => 16384;

    /// <summary>A flow begins.</summary>
    void Start(in TParameters p);

    /// <summary>Whether so much may be under way.</summary>
    bool Allows(long inFlight);

    /// <summary>Whether so much fills it.</summary>
    bool Fills(long inFlight);

    /// <summary>Packets of payload that fit.</summary>
    long Bytes { get; }

    /// <summary>Data arrived.</summary>
    void Acknowledged(in TParameters p, in Acknowledgement ack);

    /// <summary>A packet was trimmed.</summary>
    void Trimmed(in TParameters p, in Acknowledgement nack, bool lastHop);

    /// <summary>A packet is taken for lost.</summary>
    void TimedOut(in TParameters p, int bytes);
}
