using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>A line of the library, with what a reader can check.</summary>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="Text">Its words behind the prefix.</param>
public sealed record NcclLine(int Line, string Text);

/// <summary>A communicator as it was set up.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Ranks">Its ranks.</param>
/// <param name="Nodes">Its nodes; null where the line doesn't say.</param>
public sealed record NcclCommunicator(int Line, int Ranks, int? Nodes);

/// <summary>Channels that the search laid for one algorithm: <c>Pattern 4, crossNic 0, nChannels 12, bw 20/20, type NVL/PIX</c>.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Pattern">1 balanced tree, 2 split tree, 3 tree, 4 ring, 5 NVLS, 6 CollNet direct.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Intra">Speed of each inside a node.</param>
/// <param name="Inter">Speed of each across nodes.</param>
/// <param name="IntraPath">Kind of path inside a node.</param>
/// <param name="InterPath">Kind of path to the cards.</param>
public sealed record NcclPattern(int Line, int Pattern, int Channels, Bandwidth Intra, Bandwidth Inter, string IntraPath, string InterPath);

/// <summary>A link of the topology as it was printed: <c>+ NVL[240.0] - NVS/0</c>.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Kind">Its kind: NVL, PCI, NET, SYS.</param>
/// <param name="Bandwidth">What it carries.</param>
/// <param name="Target">Where it leads.</param>
public sealed record NcclSystemLink(int Line, string Kind, Bandwidth Bandwidth, string Target);

/// <summary>A place in a ring: <c>Ring 00 : 15 -> 0 -> 1</c>.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Previous">The rank before.</param>
/// <param name="Rank">The rank.</param>
/// <param name="Next">The rank after.</param>
public sealed record NcclRingPlace(int Channel, int Previous, int Rank, int Next);

/// <summary>A place in a tree: <c>[0] 1/-1/-1->0->-1</c>.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Children">Ranks below.</param>
/// <param name="Rank">The rank.</param>
/// <param name="Parent">The rank above; null at the root.</param>
public sealed record NcclTreePlace(int Channel, IReadOnlyList<int> Children, int Rank, int? Parent);

/// <summary>What a call took: <c>AllReduce: 2097152 Bytes -> Algo NVLS proto SIMPLE channel{Lo..Hi}={0..15}</c>.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Function">The collective.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Algorithm">The algorithm; null where the copy engine moved the data.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="FirstChannel">The first channel, or null.</param>
/// <param name="LastChannel">The last channel, or null.</param>
public sealed record NcclCall(int Line, string Function, long Bytes, NcclAlgorithm? Algorithm, NcclProtocol? Protocol, int? FirstChannel, int? LastChannel);

/// <summary>A cell of the tuner's own table.</summary>
/// <param name="Function">The collective, as it is printed: "AllReduce".</param>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Latency">Its latency.</param>
/// <param name="Bandwidth">Its algorithm bandwidth; zero where it is off.</param>
public sealed record NcclTuningCell(string Function, NcclAlgorithm Algorithm, NcclProtocol Protocol, Duration Latency, Bandwidth Bandwidth);

/// <summary>How connections between ranks were made, counted.</summary>
/// <param name="Network">Across nodes, by the plugin's name: "IB", "Socket", "AWS Libfabric".</param>
/// <param name="GpuDirect">Those across nodes whose data goes straight between card and GPU.</param>
/// <param name="Relayed">Those across nodes that pass by another GPU (PXN).</param>
/// <param name="Peer">Inside nodes, GPU to GPU.</param>
/// <param name="SharedMemory">Inside nodes, through the host's memory.</param>
public sealed record NcclConnections(IReadOnlyDictionary<string, int> Network, int GpuDirect, int Relayed, int Peer, int SharedMemory);

/// <summary>Lines of NCCL_DEBUG as read.</summary>
public sealed record NcclDebugLog
{
    /// <summary>Lines of the library that were seen.</summary>
    public required int Lines { get; init; }

    /// <summary>Version of the library, or null.</summary>
    public string? Version { get; init; }

    /// <summary>The network that was chosen: "IB", "Socket", or a plugin's name; null where no line says.</summary>
    public string? Network { get; init; }

    /// <summary>Variables that were set, by name.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Communicators, one for each that was set up with different counts.</summary>
    public required IReadOnlyList<NcclCommunicator> Communicators { get; init; }

    /// <summary>Channels by algorithm, one rank's.</summary>
    public required IReadOnlyList<NcclPattern> Patterns { get; init; }

    /// <summary>Links of the first topology printed.</summary>
    public required IReadOnlyList<NcclSystemLink> System { get; init; }

    /// <summary>Places in rings.</summary>
    public required IReadOnlyList<NcclRingPlace> Rings { get; init; }

    /// <summary>Places in trees.</summary>
    public required IReadOnlyList<NcclTreePlace> Trees { get; init; }

    /// <summary>Calls, each function and size once, as it was taken last.</summary>
    public required IReadOnlyList<NcclCall> Calls { get; init; }

    /// <summary>The tuner's own table, where it was printed whole.</summary>
    public required IReadOnlyList<NcclTuningCell> Tuning { get; init; }

    /// <summary>
    /// What the tuner's own table takes for a size: the least latency plus size over bandwidth. NCCL corrects trees by size afterwards, which
    /// the table doesn't show. Null where the log has no such row.
    /// </summary>
    public NcclTuningCell? Cheapest(string function, long bytes) => Tuning.Where(c => c.Function == function && c.Bandwidth.Si > 0)
        .MinBy(c => c.Latency.Microseconds + (bytes / (1000 * c.Bandwidth.GigabytesPerSecond)));

    /// <summary>How ranks are connected.</summary>
    public required NcclConnections Connections { get; init; }

    /// <summary>Network cards that carry connections, of the host with the fewest; null unless all ranks of a host speak in the log.</summary>
    public int? Cards { get; init; }

    /// <summary>Whether NVLink SHARP is available; null where no line says.</summary>
    public bool? NvlsAvailable { get; init; }

    /// <summary>Lines that facts rest on, by fact ("socket", "cards", "switch-reduction", "direct", "shared-memory") or variable.</summary>
    public required IReadOnlyDictionary<string, NcclLine> Evidence { get; init; }

    /// <summary>Lines that begin like known ones and can't be read, by reason.</summary>
    public required IReadOnlyList<NcclTestSkip> Skipped { get; init; }
}
