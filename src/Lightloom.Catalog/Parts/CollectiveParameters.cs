using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>
/// How collectives use one level of a network: a few physical parameters of one mechanism (a generation of scale-up links, a
/// class of fabric), shared by every system that has it.
/// </summary>
[PartKind("collective-parameters")]
public sealed record CollectiveParameters : Part
{
    /// <summary>Share of the raw bandwidth of one direction that large collectives sustain, headers included.</summary>
    [Limits(Minimum = 0.05, Maximum = 1)]
    public required Sourced<double> Sustained { get; init; }

    /// <summary>Share of the raw bandwidth that reduction inside the switches sustains; absent where switches don't reduce.</summary>
    [Limits(Minimum = 0.05, Maximum = 1)]
    public Sourced<double>? InNetworkSustained { get; init; }

    /// <summary>Share of the raw bandwidth that exchanges between pairs sustain (all-to-all, send and receive); as other traffic where absent.</summary>
    [Limits(Minimum = 0.05, Maximum = 1)]
    public Sourced<double>? PointToPointSustained { get; init; }

    /// <summary>
    /// Share of the raw bandwidth that the protocol for small messages sustains, whose data carry their own flags (NCCL's LL); absent, together
    /// with <see cref="LowLatencyHop"/>, where nothing may use it because the transport doesn't deliver in order.
    /// </summary>
    [Limits(Minimum = 0.001, Maximum = 1)]
    public Sourced<double>? LowLatencySustained { get; init; }

    /// <summary>Time of one step by a message of the protocol for small messages, without what the path's cables and switches take.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? LowLatencyHop { get; init; }

    /// <summary>
    /// What handing one step of a pipeline of large messages to the network costs: the steps of a ring that leaves its domain follow one another
    /// no faster, inside the domain neither; a third of it with the protocol for small messages. Given where the level is a fabric.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? Posting { get; init; }

    /// <summary>
    /// What a process spends to launch a collective on one of its accelerators. One process that drives several launches on them in turn, and a
    /// run of collectives goes no faster than that. Given where the level is a scale-up domain.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? HostLaunch { get; init; }

    /// <summary>Whether libraries send large messages in rings alone and keep trees to small ones.</summary>
    public bool RingsForBulk { get; init; }

    /// <summary>Time that a collective spends once because it uses this level: kernel launch, proxy threads, first posts.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Launch { get; init; }

    /// <summary>Time of one step of a pipeline of large messages, without what the path's cables and switches take.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Hop { get; init; }

    /// <summary>Time of one reduction in the switches, up and down; absent where switches don't reduce.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? InNetworkHop { get; init; }

    /// <summary>
    /// What one piece costs in one stage of a pipeline beside its own transfer, as the data that could be sent meanwhile: what keeps messages
    /// of middling size off full bandwidth. A scale-up domain of r accelerators has (r - 1) / 7 stages, so that the figure is that of eight.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1e9)]
    public required Sourced<DataSize> PieceOverhead { get; init; }

    /// <summary>Data of one rank, for each stage, beyond which pieces no longer grow, bound by buffers: filling the pipeline then costs no more.</summary>
    [Limits(Minimum = 1, Maximum = 1e13)]
    public required Sourced<DataSize> PieceSaturation { get; init; }

    /// <summary>Peers that one rank exchanges with at once in an all-to-all.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required Sourced<int> ConcurrentPeers { get; init; }
}
