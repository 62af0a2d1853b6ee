using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>The kind of software that holds the states of training: what is kept whole, what in shards, in which precision.</summary>
public enum TrainingStack
{
    /// <summary>
    /// Megatron-LM with its distributed optimiser, and what is built like it (NeMo, Primus): weights and a gradient buffer whole on each rank in
    /// ZeRO-1, FP32 master weights and moments in shards; matrix kernels that add weight gradients to the buffer.
    /// </summary>
    Megatron,

    /// <summary>
    /// PyTorch's FSDP2, as torchtitan uses it: FP32 weights, gradients and moments in shards, BF16 weights gathered block by block, or all at once
    /// on a pipeline.
    /// </summary>
    [DocumentName("torch-fsdp")]
    TorchFsdp,
}

/// <summary>How logits become a loss and its gradient.</summary>
public enum LossKernel
{
    /// <summary>An FP32 copy of the logits, worked on in place (Megatron's vocabulary-parallel cross-entropy).</summary>
    InPlace,

    /// <summary>One kernel for each operation, each with a result of its own (PyTorch without compiler).</summary>
    Eager,

    /// <summary>One kernel that never stores an FP32 logit (compiled, or written so).</summary>
    Fused,
}

/// <summary>How the memory of a training job is used, where its degrees of parallelism don't say it.</summary>
public sealed record MemoryPlan
{
    /// <summary>Megatron's way.</summary>
    public static MemoryPlan Default { get; } = new();

    /// <summary>The kind of software that holds the states.</summary>
    public TrainingStack Stack { get; init; }

    /// <summary>
    /// Bytes of the optimiser's own copy of a weight: 4 (FP32), 2 (the 16 bits that BF16 lacks of FP32), 0 (none); not used by torch-fsdp, whose
    /// weights are the FP32 ones.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 4)]
    public int MasterBytes { get; init; } = 4;

    /// <summary>Bytes of each of Adam's two moments: 4 (FP32), 2 (BF16) or 1 (FP8).</summary>
    [Limits(Minimum = 1, Maximum = 4)]
    public int MomentBytes { get; init; } = 4;

    /// <summary>
    /// Whether training in FP8 keeps the blocks' weights in FP8 alone, each matrix and its transpose, instead of beside BF16 (Megatron's
    /// fp8-param-gather; not used by torch-fsdp).
    /// </summary>
    public bool Fp8Weights { get; init; }

    /// <summary>How logits become a loss; as the stack does it unless given: in-place in Megatron, eager in torch-fsdp.</summary>
    public LossKernel? Loss { get; init; }

    /// <summary>Whether blocks are compiled, so that selective recomputation keeps no result that nothing needs (torch-fsdp).</summary>
    public bool Compiled { get; init; }

    /// <summary>Blocks of each stage that full recomputation computes again, the others keeping everything; all unless given.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public int? RecomputeBlocks { get; init; }

    /// <summary>What selective recomputation computes again; attention's inside or the feed-forward activation unless given (Megatron).</summary>
    public IReadOnlyList<RecomputedModule>? RecomputeModules { get; init; }

    /// <summary>Blocks of each stage whose activations wait for the backward pass in the host's memory.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public int OffloadBlocks { get; init; }

    /// <summary>Share of the optimiser's states that lie, and are updated, in the host's memory.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public Ratio OffloadOptimizer { get; init; }

    /// <summary>Whether the host's memory holds anything.</summary>
    [NotInDocument]
    public bool UsesHost => OffloadBlocks > 0 || OffloadOptimizer.Si > 0;

    /// <summary>Whether selective recomputation computes a part of a block again by its name; whatever contains it counts.</summary>
    internal bool Again(RecomputedModule module) => RecomputeModules is { } named &&
        (named.Contains(module) || (module is RecomputedModule.ExpertActivation or RecomputedModule.SharedExperts && named.Contains(RecomputedModule.Experts)));

    /// <summary>The loss as used.</summary>
    [NotInDocument]
    public LossKernel LossUsed => Loss ?? (Stack == TrainingStack.TorchFsdp ? LossKernel.Eager : LossKernel.InPlace);

    /// <summary>The first rule of a plan that it breaks for a job.</summary>
    internal JobRule Broken(in TrainingJob job)
    {
        if (ReferenceEquals(this, Default)) return JobRule.None;
        if (MasterBytes is not (0 or 2 or 4) || MomentBytes is not (1 or 2 or 4)) return JobRule.FormatsExist;
        if (RecomputeBlocks is not null && job.Parallelism.Recompute != Recomputation.Full) return JobRule.PartsAreRecomputed;
        if (RecomputeModules is not null && (Stack != TrainingStack.Megatron || job.Parallelism.Recompute is not (null or Recomputation.Selective))) return JobRule.ModulesAreSelective;
        return Math.Max(RecomputeBlocks ?? 0, OffloadBlocks) > MostBlocks(job) ? JobRule.StageHasBlocks : JobRule.None;
    }

    internal JobException Explain(in TrainingJob job, JobRule rule) => rule switch
    {
        JobRule.FormatsExist => MasterBytes is 0 or 2 or 4
            ? new("memory.momentBytes", $"no format has {MomentBytes} bytes; the nearest are 2 (BF16) and 4 (FP32)")
            : new("memory.masterBytes", $"no copy of a weight has {MasterBytes} bytes; the nearest are {MasterBytes - 1} and {MasterBytes + 1} of 0 (none), 2 (what BF16 lacks of FP32) and 4 (FP32)"),
        JobRule.PartsAreRecomputed => new("memory.recomputeBlocks",
            "blocks are computed again only with 'parallelism.recompute: full'; expected that, or no 'recomputeBlocks'"),
        JobRule.ModulesAreSelective => new("memory.recomputeModules", Stack == TrainingStack.Megatron
            ? "parts of blocks are computed again only with 'parallelism.recompute: selective'; expected that, or no 'recomputeModules'"
            : "torch-fsdp has no parts of blocks by name; expected 'stack: megatron', or no 'recomputeModules'"),
        _ => new(RecomputeBlocks > MostBlocks(job) ? "memory.recomputeBlocks" : "memory.offloadBlocks",
            $"a stage has at most {MostBlocks(job)} of the {job.Model.Model.Layers} layers on {job.Parallelism.Pipeline} stages, not {Math.Max(RecomputeBlocks ?? 0, OffloadBlocks)}"),
    };

    /// <summary>The most blocks of one stage of a job.</summary>
    internal static int MostBlocks(in TrainingJob job) => job.Parallelism.StageLayers is { } given && given.Count > 0
        ? job.Model.Model.Layers
        : StageLayout.Deal(job.Model.Model.Layers, job.Parallelism.Pipeline, 1).PerStage;
}
