namespace Lightloom.Simulation.Packets.Transports;

/// <summary>How fast a flow may send: a state of each flow's own, a type parameter of the transports of lossless fabrics.</summary>
interface IRate
{
    /// <summary>Whether receivers send notices of congestion.</summary>
    static abstract bool Notices { get; }

    /// <summary>The least time between two notices of a flow, ps.</summary>
    static virtual long NoticeEvery => 50_000_000;

    /// <summary>Whether there is a window too, which follows the load that acknowledgements tell.</summary>
    static virtual bool HasWindow => false;

    /// <summary>A flow begins.</summary>
    void Start(in PathFacts facts, long now);

    /// <summary>Whether the window lets another packet go while so many bytes are under way.</summary>
    bool Allows(long inFlight);

    /// <summary>An acknowledgement came.</summary>
    /// <param name="facts">The fabric.</param>
    /// <param name="load">Load of the fullest link on the way of the packet that caused it.</param>
    /// <param name="upTo">All packets before this have arrived.</param>
    /// <param name="next">The next packet to be sent.</param>
    void Acknowledged(in PathFacts facts, double load, int upTo, int next);

    /// <summary>Picoseconds from the begin of a packet to that of the next; 0: as fast as the card can.</summary>
    long Spacing(in PathFacts facts, int bytes);

    /// <summary>A packet was sent.</summary>
    void Sent(in PathFacts facts, int bytes, long now);

    /// <summary>A notice of congestion came.</summary>
    void Noticed(in PathFacts facts, long now);

    /// <summary>When the rate changes by itself next; <see cref="long.MaxValue"/>: never.</summary>
    long NextChange { get; }

    /// <summary>It changes by itself.</summary>
    void Change(in PathFacts facts, long now);
}

/// <summary>As fast as the card can; pauses are all that slows it.</summary>
readonly struct LineRate : IRate
{
    public static bool Notices => false;

    public long NextChange => long.MaxValue;

    public void Start(in PathFacts facts, long now)
    {
    }

    public bool Allows(long inFlight) => true;

    public void Acknowledged(in PathFacts facts, double load, int upTo, int next)
    {
    }

    public long Spacing(in PathFacts facts, int bytes) => 0;

    public void Sent(in PathFacts facts, int bytes, long now)
    {
    }

    public void Noticed(in PathFacts facts, long now)
    {
    }

    public void Change(in PathFacts facts, long now)
    {
    }
}
