using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>
/// How much of an accelerator's rates training kernels reach: a few physical parameters for one chip generation and software
/// stack, shared by all accelerators of that generation. Shares are of the measured matrix ceiling where there is one,
/// otherwise of <see cref="MatmulCeiling"/> times the peak.
/// </summary>
[PartKind("kernel-performance")]
public sealed record KernelPerformance : Part
{
    /// <summary>Measured ceiling of a matrix multiplication over the data-sheet peak, for chips without their own ceiling.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required Sourced<double> MatmulCeiling { get; init; }

    /// <summary>Share of the ceiling that a large matrix multiplication sustains through a whole training step.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required Sourced<double> MatmulSustained { get; init; }

    /// <summary>The same share for FP8; as <see cref="MatmulSustained"/> unless given.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public Sourced<double>? Fp8MatmulSustained { get; init; }

    /// <summary>Share of that rate that the experts' multiplications of one layer reach together, in one grouped launch; all of it unless given.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public Sourced<double>? GroupedMatmul { get; init; }

    /// <summary>
    /// Depth k of a multiplication that filling and emptying the pipeline of a tile of its result costs: m x k by k x n takes as long as
    /// m x (k + this) by (k + this) x n at the sustained rate. Nothing unless given.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public Sourced<double>? MatmulFill { get; init; }

    /// <summary>Time that each matrix multiplication loses to launch, prologue and the last, partly filled wave.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> MatmulOverhead { get; init; }

    /// <summary>
    /// Time that each further expert of a rank loses in every multiplication of its layer, where libraries multiply, cast and permute scales one expert after the other.
    /// Nothing unless given, as where one kernel does all experts of a rank.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? ExpertOverhead { get; init; }

    /// <summary>
    /// Whether attention is one kernel that never stores its scores. Where it is not, each score passes through memory for the
    /// mask, the softmax and the dropout, as in the software of 2021 and 2022.
    /// </summary>
    public bool FusedAttention { get; init; } = true;

    /// <summary>
    /// Share that fused attention reaches in the forward pass of the time in which its matrices at their peak and its exponentials follow each other;
    /// above 1 where kernels do both at once.
    /// </summary>
    [Limits(Minimum = 0.01, Maximum = 2)]
    public required Sourced<double> AttentionForward { get; init; }

    /// <summary>The same share in the backward pass.</summary>
    [Limits(Minimum = 0.01, Maximum = 2)]
    public required Sourced<double> AttentionBackward { get; init; }

    /// <summary>
    /// Exponent with which what matrices and attention sustain grows with an accelerator's power over <see cref="SustainedPower"/>: under load clocks are
    /// what the power allows, a third where voltage follows frequency, 1 where it stands still. Nothing unless given.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public Sourced<double>? PowerExponent { get; init; }

    /// <summary>Power of the accelerator at which the shares hold.</summary>
    [Limits(Minimum = 1, Maximum = 1e5)]
    public Sourced<Power>? SustainedPower { get; init; }

    /// <summary>Share of the memory bandwidth that element-wise kernels sustain.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required Sourced<double> MemorySustained { get; init; }

    /// <summary>
    /// Share of the data-sheet memory bandwidth, or of the BF16 peak where that bounds them, that the kernels of a state space's scan reach (Mamba-2); as
    /// <see cref="MemorySustained"/> unless given.
    /// </summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public Sourced<double>? ScanSustained { get; init; }

    /// <summary>
    /// Time of the host for each kernel of the model: the framework's share and the driver's. A forward pass over a block takes no less than
    /// its kernels times this, a backward pass half of that. Nothing unless given, as where whole passes are recorded as graphs.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Sourced<Duration>? HostLaunch { get; init; }

    /// <summary>
    /// Time of the host for one layer of experts, forward and backward, where it waits for the counts of their tokens and then launches what it can't
    /// launch ahead: such a layer takes no less. Nothing unless given.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public Sourced<Duration>? HostExperts { get; init; }

    /// <summary>Time of the host for the rest of such a block, forward and backward, where it isn't recorded as a graph. Nothing unless given.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public Sourced<Duration>? HostAttention { get; init; }

    /// <summary>Whether whole iterations are recorded unless a job says otherwise (<c>parallelism.graphs</c>).</summary>
    public bool RecordsIterations { get; init; }

    /// <summary>Least time of a kernel on the accelerator.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> LaunchOverhead { get; init; }

    /// <summary>Share of the compute rate that a collective takes away while it runs beside computation.</summary>
    [Limits(Minimum = 0, Maximum = 0.9)]
    public required Sourced<double> OverlapTax { get; init; }

    /// <summary>
    /// Standard deviation of matrix rates among accelerators of one kind, as a share: voltage, temperature and silicon differ, and all ranks
    /// of a step wait for the slowest. The other shares are those of one node's slowest; nothing unless given.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 0.3)]
    public Sourced<double>? SpeedSpread { get; init; }

    /// <summary>Memory of an accelerator that context, communicators and library workspaces take.</summary>
    [Limits(Minimum = 0, Maximum = 1e12)]
    public required Sourced<DataSize> RuntimeMemory { get; init; }
}
