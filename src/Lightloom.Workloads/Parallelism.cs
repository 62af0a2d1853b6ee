using Lightloom.Catalog.Documents;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>What data-parallel ranks share instead of each keeping all of it (ZeRO stages).</summary>
public enum Sharding
{
    /// <summary>Nothing: plain data parallelism.</summary>
    None,

    /// <summary>Optimiser states (ZeRO-1).</summary>
    [DocumentName("zero-1")]
    Optimizer,

    /// <summary>Optimiser states and gradients (ZeRO-2).</summary>
    [DocumentName("zero-2")]
    Gradients,

    /// <summary>Optimiser states, gradients and weights (ZeRO-3, FSDP).</summary>
    [DocumentName("zero-3")]
    Weights,
}

/// <summary>What is computed again in the backward pass instead of being kept.</summary>
public enum Recomputation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What is large and cheap: attention's inside and the feed-forward activation.</summary>
    Selective,

    /// <summary>Each block from its input.</summary>
    Full,
}

/// <summary>How ranks that split a sequence come by the keys and values of the others.</summary>
public enum ContextMethod
{
    /// <summary>Blocks of them go once around the ring, each beside the attention of the one before (Liu et al. 2023).</summary>
    Ring,

    /// <summary>All of them are gathered before attention, and their gradients scattered after it (Llama 3).</summary>
    AllGather,
}

/// <summary>How tokens come to their experts and back.</summary>
public enum ExpertDispatch
{
    /// <summary>By kernels that permute tokens as they send them (DeepEP, HybridEP).</summary>
    Fused,

    /// <summary>By an all-to-all with a copy for each expert, permuted before and behind it by kernels of their own.</summary>
    AllToAll,
}

/// <summary>What of a step is recorded as graphs, so that the host needn't launch it kernel by kernel (CUDA graphs).</summary>
public enum RecordedGraphs
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Parts of each block: all but what needs to know how many tokens each expert has.</summary>
    Parts,

    /// <summary>The whole iteration.</summary>
    Iteration,
}

/// <summary>Whether the degrees of parallelism are given or sought.</summary>
public enum ParallelismChoice
{
    /// <summary>As given here.</summary>
    Given,

    /// <summary>The fastest that fits.</summary>
    Auto,
}

/// <summary>
/// How a job is spread over accelerators. Groups are laid out from innermost to outermost: tensor, context, expert, pipeline,
/// data, as in Llama 3, unless an order is given. The data-parallel degree is what remains.
/// </summary>
[Shorthand(nameof(Choice))]
public readonly record struct Parallelism
{
    /// <summary>One accelerator for each replica, and what is usual elsewhere.</summary>
    /// <remarks>The default value of the type has degrees of 0 and is no parallelism; make one by this constructor.</remarks>
    public Parallelism()
    {
    }

    /// <summary>Whether the degrees are given or sought.</summary>
    public ParallelismChoice Choice { get; init; }

    /// <summary>Accelerators that split each matrix.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int Tensor { get; init; } = 1;

    /// <summary>Whether the tensor group splits the sequence between matrices (Megatron's sequence parallelism).</summary>
    public bool SequenceParallel { get; init; } = true;

    /// <summary>Accelerators that split each sequence.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int Context { get; init; } = 1;

    /// <summary>How they come by each other's keys and values.</summary>
    public ContextMethod ContextMethod { get; init; }

    /// <summary>Accelerators that split the experts; divides the data-parallel degree.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int Expert { get; init; } = 1;

    /// <summary>
    /// Accelerators that split each expert's matrices, where experts are folded over the tensor and context groups: an expert group then
    /// takes its ranks from all three, as in Megatron Core. Each tensor group splits its experts by itself unless given.
    /// </summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? ExpertTensor { get; init; }

    /// <summary>
    /// Room of an expert for tokens, over the mean of all experts: tokens beyond it are dropped and empty places computed. Without it no token
    /// is dropped and each rank computes what reaches it.
    /// </summary>
    [Limits(Minimum = 0.1, Maximum = 100)]
    public double? ExpertCapacity { get; init; }

    /// <summary>Tokens of the most loaded expert rank over the mean where none is dropped: what learned routing leaves uneven; 1 is balanced.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public double ExpertImbalance { get; init; } = 1;

    /// <summary>Most expert groups (domains, or nodes) that routing sends one token to, as in DeepSeek-V3; as many as it likes unless given.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int? ExpertNodes { get; init; }

    /// <summary>How tokens come to their experts and back.</summary>
    public ExpertDispatch ExpertDispatch { get; init; }

    /// <summary>What is recorded as graphs; parts unless given, or whole iterations where the accelerator's kernels are of software that records them.</summary>
    public RecordedGraphs? Graphs { get; init; }

    /// <summary>Pipeline stages.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int Pipeline { get; init; } = 1;

    /// <summary>Model chunks of each stage (1 is 1F1B, more is interleaved 1F1B); the fastest that fits unless given.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int? Interleave { get; init; }

    /// <summary>The pipeline's schedule, played out exactly; 1F1B by its closed form (interleaved where there are chunks) unless given.</summary>
    public PipelineKind? Schedule { get; init; }

    /// <summary>Microbatches that interleaved-1f1b takes through one chunk in a row; as many as stages unless given.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public int? ScheduleGroup { get; init; }

    /// <summary>
    /// Layers of each part that the named schedule cuts the model into, from the first to the last; as even as can be unless given. Two
    /// chunks of a V are two parts of one stage: the k-th part and the k-th from the end.
    /// </summary>
    public IReadOnlyList<int>? StageLayers { get; init; }

    /// <summary>Sequences of one microbatch.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public int MicroBatch { get; init; } = 1;

    /// <summary>What data-parallel ranks share.</summary>
    public Sharding Sharding { get; init; } = Sharding.Optimizer;

    /// <summary>
    /// Data-parallel ranks that share one set of states where not all do; sets are copies that sum their gradients (hybrid sharding, or
    /// several instances of a distributed optimiser).
    /// </summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? ShardGroup { get; init; }

    /// <summary>Whether zero-3 frees a block's gathered weights after the forward pass and gathers them again for the backward pass.</summary>
    public bool Reshard { get; init; } = true;

    /// <summary>Whether zero-3 gathers a block's weights while the block before it computes.</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>What is computed again; the least that fits unless given.</summary>
    public Recomputation? Recompute { get; init; }

    /// <summary>Bytes of one gradient when it is summed over data-parallel ranks: 4 (FP32) or 2 (BF16).</summary>
    [Limits(Minimum = 2, Maximum = 4)]
    public int GradientBytes { get; init; } = 4;

    /// <summary>Whether data-parallel communication runs beside computation.</summary>
    public bool OverlapData { get; init; } = true;

    /// <summary>Whether tensor-parallel communication is cut up and runs beside its matrix multiplication.</summary>
    public bool OverlapTensor { get; init; }

    /// <summary>
    /// Whether the sum of input gradients over a tensor group that doesn't split the sequence runs beside weight gradients, as in Megatron since
    /// September 2021; groups that do split it always have it so.
    /// </summary>
    public bool OverlapTensorGradients { get; init; } = true;

    /// <summary>
    /// Whether tokens travel to experts and back beside the computation of another microbatch (DeepSeek's DualPipe, Megatron's overlap of
    /// expert-parallel communication).
    /// </summary>
    public bool OverlapExpert { get; init; }

    /// <summary>Whether an interleaved schedule sends one chunk's results while it computes the next.</summary>
    public bool OverlapPipeline { get; init; } = true;

    /// <summary>
    /// Whether the ranks of a zb-* or v-* schedule begin the next step without waiting for each other, because the optimiser checks the
    /// norm of the gradients afterwards (Qi et al. 2023, section 4).
    /// </summary>
    public bool OverlapSteps { get; init; }

    /// <summary>
    /// Which groups stand closest together, from innermost to outermost: tensor, context, expert, pipeline, data unless given; what is not named comes
    /// last. 'data' are the replicas of expert groups.
    /// </summary>
    public IReadOnlyList<ParallelDimension>? Order { get; init; }

    /// <summary>Accelerators that split each expert's matrices, as given or as the tensor group.</summary>
    [NotInDocument]
    public int ExpertSplit => ExpertTensor ?? Tensor;

    /// <summary>Data-parallel replicas next to each other that share one set of experts.</summary>
    [NotInDocument]
    public int ExpertReplicas => ExpertTensor is { } split ? (int)Math.Max(1, (long)Expert * split / ((long)Tensor * Context)) : Expert;

    /// <summary>Copies of each expert inside the tensor and context groups of the replicas that share one set.</summary>
    [NotInDocument]
    public int ExpertCopies => ExpertTensor is { } split ? (int)Math.Max(1, (long)Tensor * Context * ExpertReplicas / ((long)Expert * split)) : Context;

    /// <summary>Accelerators of one model replica.</summary>
    [NotInDocument]
    public long ModelParallel => (long)Tensor * Context * Pipeline;
}

/// <summary>Number format of the matrix multiplications.</summary>
public enum Precision
{
    /// <summary>BF16 (or FP16).</summary>
    Bf16,

    /// <summary>FP8 for matrix multiplications with one scale for each tensor, BF16 elsewhere.</summary>
    Fp8,

    /// <summary>FP8 with a scale for every 32 elements (OCP microscaling), BF16 elsewhere.</summary>
    [DocumentName("mxfp8")]
    Mxfp8,

    /// <summary>FP4 with a scale for every 16 elements (NVFP4) in most matrix multiplications, BF16 elsewhere.</summary>
    [DocumentName("nvfp4")]
    Nvfp4,
}
