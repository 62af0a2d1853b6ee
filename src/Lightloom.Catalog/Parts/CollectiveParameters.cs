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

    /// <summary>Time that a collective spends once because it uses this level: kernel launch, proxy threads, first posts.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Launch { get; init; }

    /// <summary>Time of one step by a small message, without what the path's cables and switches take.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Hop { get; init; }

    /// <summary>Time of one reduction in the switches, up and down; absent where switches don't reduce.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? InNetworkHop { get; init; }

    /// <summary>Overhead of one piece in one stage of a pipeline: what keeps messages of middling size off full bandwidth.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Pipeline { get; init; }

    /// <summary>Transfer time beyond which pieces no longer grow, bound by buffers: filling the pipeline then costs no more.</summary>
    [Limits(Minimum = 1e-6, Maximum = 10)]
    public required Sourced<Duration> Saturation { get; init; }

    /// <summary>Peers that one rank exchanges with at once in an all-to-all.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required Sourced<int> ConcurrentPeers { get; init; }
}
