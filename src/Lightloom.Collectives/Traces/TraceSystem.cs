// What runs a trace on each rank: ASTRA-sim's system layer, with the keys of its JSON in quotes.
//
//   a collective of S bytes is cut into "preferred-dataset-splits" chunks c = floor(S / splits), raised to the number of ranks where smaller
//   (except all-gather), with a last one for what division leaves
//   a chunk goes through phases, one or two for each dimension; of each dimension "active-chunks-per-dimension" chunks run at once
//   every message waits for "endpoint-delay" before it is sent and after it is received; a part that is added up costs
//   3 floor(m / "local-mem-bw") ns more
//   with the rendezvous protocol a receive sends its sender 8,192 B, and the message goes when these have come
//   computations last as recorded (1 ns where nothing is), or with "roofline-enabled" operations / min("peak-perf", bandwidth x intensity)
namespace Lightloom.Collectives.Traces;

/// <summary>How a collective is done along a dimension.</summary>
public enum TraceMethod
{
    /// <summary>Round the ring.</summary>
    Ring,

    /// <summary>Everybody to everybody, within a window.</summary>
    Direct,

    /// <summary>Halving and doubling.</summary>
    HalvingDoubling,

    /// <summary>Up and down one of two binary trees, whole chunks at a time.</summary>
    DoubleBinaryTree,
}

/// <summary>How a collective is done along a dimension.</summary>
/// <param name="Method">The algorithm.</param>
/// <param name="Window">Peers of <see cref="TraceMethod.Direct"/> at once; null: all.</param>
/// <param name="Flat">Whether it takes all dimensions for one.</param>
public sealed record TraceAlgorithm(TraceMethod Method, int? Window = null, bool Flat = false);

/// <summary>Which collective of those that wait goes first.</summary>
public enum TracePolicy
{
    /// <summary>The last.</summary>
    Lifo,

    /// <summary>The first.</summary>
    Fifo,

    /// <summary>That of the highest priority in the trace.</summary>
    Explicit,
}

/// <summary>Where remote memory is.</summary>
public enum TraceMemoryKind
{
    /// <summary>Nowhere: a node that loads or stores is an error.</summary>
    None,

    /// <summary>One for each node of several ranks, one access at a time.</summary>
    PerNode,

    /// <summary>One for each rank, as many accesses at once as there are.</summary>
    PerRank,

    /// <summary>One for all, one access at a time.</summary>
    Pool,
}

/// <summary>Remote memory: an access takes latency + floor(bytes / bandwidth) ns.</summary>
/// <param name="Kind">Where it is.</param>
/// <param name="LatencyNanoseconds">Of an access.</param>
/// <param name="BytesPerNanosecond">Bandwidth, 10^9 bytes a second.</param>
/// <param name="RanksPerNode">Ranks that share one.</param>
public sealed record TraceMemory(TraceMemoryKind Kind, long LatencyNanoseconds = 0, double BytesPerNanosecond = 0, int RanksPerNode = 1);

/// <summary>What runs a trace on each rank.</summary>
public sealed record TraceSystem
{
    /// <summary>Which collective of those that wait goes first.</summary>
    public TracePolicy Policy { get; init; } = TracePolicy.Lifo;

    /// <summary>Before a message is sent and after it is received, nanoseconds.</summary>
    public long EndpointNanoseconds { get; init; } = 10;

    /// <summary>Chunks at once in a dimension.</summary>
    public int ActiveChunks { get; init; } = 1;

    /// <summary>Chunks of a collective.</summary>
    public int Splits { get; init; } = 1;

    /// <summary>Queues of a dimension, which share its chunks.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>How each collective is done, dimension by dimension.</summary>
    public IReadOnlyDictionary<TraceCollective, IReadOnlyList<TraceAlgorithm>> Algorithms { get; init; } = new Dictionary<TraceCollective, IReadOnlyList<TraceAlgorithm>>();

    /// <summary>Collectives whose sends and receives stand in traces of their own; the place in the group is the rank there.</summary>
    public IReadOnlyDictionary<TraceCollective, ITraceSource> Custom { get; init; } = new Dictionary<TraceCollective, ITraceSource>();

    /// <summary>The same for single nodes of the trace, by number.</summary>
    public IReadOnlyDictionary<ulong, ITraceSource> CustomNodes { get; init; } = new Dictionary<ulong, ITraceSource>();

    /// <summary>
    /// Whether an all-reduce over several dimensions reduces and scatters up them, reduces along the last and gathers back; else it reduces along each as a whole.
    /// </summary>
    public bool ReducesByDimension { get; init; }

    /// <summary>The memory's bandwidth, 10^9 bytes a second; null: nothing that needs it may happen.</summary>
    public double? MemoryBandwidth { get; init; }

    /// <summary>The peak rate, 10^12 operations a second; null: computations last as recorded.</summary>
    public double? PeakRate { get; init; }

    /// <summary>Whether every node just lasts as recorded.</summary>
    public bool ReplayOnly { get; init; }

    /// <summary>Whether a message waits for its receiver, who sends its sender 8,192 bytes first.</summary>
    public bool Rendezvous { get; init; }

    /// <summary>Remote memory.</summary>
    public TraceMemory Memory { get; init; } = new(TraceMemoryKind.None);

    /// <summary>Groups of ranks, by number.</summary>
    public IReadOnlyList<TraceGroup> Groups { get; init; } = [];
}
