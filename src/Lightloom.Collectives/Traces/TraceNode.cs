namespace Lightloom.Collectives.Traces;

/// <summary>What a node of an execution trace does; the numbers are those of Chakra's schema.</summary>
public enum TraceNodeKind
{
    /// <summary>Nothing: it ends when it begins.</summary>
    Invalid = 0,

    /// <summary>It tells something, such as process groups, and ends when it begins.</summary>
    Metadata = 1,

    /// <summary>It loads from remote memory.</summary>
    MemoryLoad = 2,

    /// <summary>It stores to remote memory.</summary>
    MemoryStore = 3,

    /// <summary>It computes.</summary>
    Compute = 4,

    /// <summary>It sends to a peer.</summary>
    Send = 5,

    /// <summary>It receives from a peer.</summary>
    Receive = 6,

    /// <summary>It takes part in a collective.</summary>
    Collective = 7,
}

/// <summary>Which collective a node takes part in; the numbers are those of Chakra's schema.</summary>
public enum TraceCollective
{
    /// <summary>Its size is the buffer of one rank.</summary>
    AllReduce = 0,

    /// <summary>Its size is the buffer of one rank.</summary>
    Reduce = 1,

    /// <summary>Its size is the shard that one rank brings.</summary>
    AllGather = 2,

    /// <summary>Its size is the shard that one rank brings.</summary>
    Gather = 3,

    /// <summary>Its size is the shard that one rank gets.</summary>
    Scatter = 4,

    /// <summary>Its size is the buffer of one rank.</summary>
    Broadcast = 5,

    /// <summary>Its size is what one rank holds.</summary>
    AllToAll = 6,

    /// <summary>Its size is the buffer of one rank.</summary>
    ReduceScatter = 7,

    /// <summary>Its size is the buffer of one rank.</summary>
    ReduceScatterBlock = 8,

    /// <summary>It has no size.</summary>
    Barrier = 9,
}

/// <summary>A group of ranks that a trace names.</summary>
/// <param name="Id">Its number; 0 is all ranks.</param>
/// <param name="Ranks">Its members in order; empty: all ranks.</param>
public sealed record TraceGroup(int Id, IReadOnlyList<int> Ranks);

/// <summary>An operation of a rank, as an execution trace has it.</summary>
public sealed class TraceNode
{
    /// <summary>Its number, unique in its rank.</summary>
    public required ulong Id { get; init; }

    /// <summary>Its name; empty where the trace gives none.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it does.</summary>
    public required TraceNodeKind Kind { get; init; }

    /// <summary>Whether it runs on the host.</summary>
    public bool OnCpu { get; init; }

    /// <summary>How long it took where it was recorded, microseconds.</summary>
    public ulong Microseconds { get; init; }

    /// <summary>Operations of a computation.</summary>
    public ulong Operations { get; init; }

    /// <summary>Bytes that a computation, a load or a store touches.</summary>
    public ulong TensorBytes { get; init; }

    /// <summary>The collective.</summary>
    public TraceCollective Collective { get; init; }

    /// <summary>Bytes of a send, a receive or a collective.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Whom it sends to or receives from.</summary>
    public int Peer { get; init; }

    /// <summary>The tag of a send or receive.</summary>
    public uint Tag { get; init; }

    /// <summary>What goes first where priorities are explicit: the larger.</summary>
    public uint Priority { get; init; }

    /// <summary>The group of a collective; 0: all ranks.</summary>
    public int Group { get; init; }

    /// <summary>Dimensions of the network that a collective uses; null: all.</summary>
    public IReadOnlyList<bool>? Dimensions { get; init; }

    /// <summary>Nodes of the same rank that must have ended.</summary>
    public IReadOnlyList<ulong> After { get; init; } = [];

    /// <summary>Those of <see cref="After"/> that are there for the order of issue alone: who has one message of a rank at a time waits for their end, others need not.</summary>
    public IReadOnlyList<ulong> Issued { get; init; } = [];

    /// <summary>Groups that it defines.</summary>
    public IReadOnlyList<TraceGroup> Groups { get; init; } = [];

    /// <summary>Where it stands in its file, bytes; -1: in none.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>What it is, for messages: "node 7 'all-reduce': collective AllReduce of 64 B".</summary>
    public override string ToString()
    {
        var what = Kind switch
        {
            TraceNodeKind.Send => $"send {Bytes:N0} B to rank {Peer}, tag {Tag}",
            TraceNodeKind.Receive => $"receive {Bytes:N0} B from rank {Peer}, tag {Tag}",
            TraceNodeKind.Collective => $"{Collective} of {Bytes:N0} B{(Group == 0 ? "" : $" in group {Group}")}",
            _ => $"{Kind}",
        };
        return $"node {Id}{(Name.Length == 0 ? "" : $" '{(Name.Length <= 60 ? Name : Name[..57] + "...")}'")}: {what}";
    }
}

/// <summary>Where a trace's nodes come from: rank by rank, in the order of their files, and as often as they are asked for.</summary>
public interface ITraceSource
{
    /// <summary>Ranks.</summary>
    int Ranks { get; }

    /// <summary>Whether all ranks have the same nodes, so that one can stand for all where the network lets it.</summary>
    bool AllAlike { get; }

    /// <summary>The nodes of a rank, read as they are asked for.</summary>
    IEnumerable<TraceNode> NodesOf(int rank);

    /// <summary>Where a node of a rank stands, for messages: its file and its place, or its rank.</summary>
    string PlaceOf(int rank, TraceNode node);
}

/// <summary>A trace that stands in memory.</summary>
/// <param name="nodes">The nodes of each rank.</param>
public sealed class TraceList(IReadOnlyList<IReadOnlyList<TraceNode>> nodes) : ITraceSource
{
    /// <inheritdoc/>
    public int Ranks => nodes.Count;

    /// <inheritdoc/>
    public bool AllAlike { get; } = nodes.All(n => ReferenceEquals(n, nodes[0]));

    /// <inheritdoc/>
    public IEnumerable<TraceNode> NodesOf(int rank) => nodes[rank];

    /// <inheritdoc/>
    public string PlaceOf(int rank, TraceNode node) => $"rank {rank}";
}
