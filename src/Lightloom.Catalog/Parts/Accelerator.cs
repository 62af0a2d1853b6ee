using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>How the accelerators of one scale-up domain are joined.</summary>
public enum ScaleUpTopology
{
    /// <summary>Through switches, at full bandwidth between any two.</summary>
    Switched,

    /// <summary>A direct link between each pair.</summary>
    FullMesh,

    /// <summary>A torus.</summary>
    Torus,
}

/// <summary>One accelerator as software sees it: a GPU or a TPU chip.</summary>
[PartKind("accelerator")]
public sealed record Accelerator : Part
{
    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>How well its kernels do.</summary>
    public required KernelPerformance Kernels { get; init; }

    /// <summary>Dense BF16 matrix rate.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public required Sourced<ComputeRate> Bf16Peak { get; init; }

    /// <summary>Dense FP8 matrix rate.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public Sourced<ComputeRate>? Fp8Peak { get; init; }

    /// <summary>Dense FP4 matrix rate.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public Sourced<ComputeRate>? Fp4Peak { get; init; }

    /// <summary>Best BF16 matrix multiplication that anybody measured on it.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public Sourced<ComputeRate>? Bf16Ceiling { get; init; }

    /// <summary>Best FP8 matrix multiplication that anybody measured on it.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public Sourced<ComputeRate>? Fp8Ceiling { get; init; }

    /// <summary>Exponentials of its special function units, one FLOP each: what a softmax takes beside the matrices of attention.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e19)]
    public Sourced<ComputeRate>? ExponentialRate { get; init; }

    /// <summary>Memory beside the chip.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e14)]
    public required Sourced<DataSize> Memory { get; init; }

    /// <summary>Bandwidth of that memory.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e16)]
    public required Sourced<Bandwidth> MemoryBandwidth { get; init; }

    /// <summary>Scale-up bandwidth, one direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e16)]
    public required Sourced<Bandwidth> ScaleUpBandwidth { get; init; }

    /// <summary>Most accelerators in one scale-up domain.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required Sourced<int> ScaleUpDomain { get; init; }

    /// <summary>How that domain is joined.</summary>
    public required ScaleUpTopology ScaleUpTopology { get; init; }

    /// <summary>Scale-up links over which that bandwidth is spread: NVLinks, xGMI links, ICI links.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public Sourced<int>? ScaleUpLinks { get; init; }

    /// <summary>Dimensions of a scale-up torus.</summary>
    [Limits(Minimum = 1, Maximum = 6)]
    public Sourced<int>? ScaleUpDimensions { get; init; }

    /// <summary>How collectives use its scale-up links.</summary>
    public required CollectiveParameters Collectives { get; init; }

    /// <summary>Scale-out bandwidth that it is usually given, one direction.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public Sourced<Bandwidth>? ScaleOutBandwidth { get; init; }

    /// <summary>Board power limit.</summary>
    [Limits(Minimum = 1, Maximum = 1e5)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Price of the chip or board alone.</summary>
    [Limits(Minimum = 0, Maximum = 1e8)]
    public Sourced<Money>? Price { get; init; }
}
