// Memory of one accelerator at its fullest moment, by class. Parameters: W on this rank, of which each data-parallel rank keeps a share
// 1/d (routed experts 1/(d/ep)) of what is sharded; g bytes of a gradient, M of a master weight, m of a moment; r bytes of the residual stream.
//
//   stack         weights              gradients            optimiser
//   megatron      2·W, ZeRO-3 shared   g·W, ZeRO-2 shared   (M + 2m)·W, ZeRO-1 shared; less what lies in the host's memory
//                 FP8: 2·W more, a copy of each block's matrix and of its transpose; not where these stand alone
//   torch-fsdp    4·W, ZeRO-3 shared   4·W, ZeRO-2 shared   2m·W, ZeRO-1 shared
//   With M = m = 4 and g = 2 or 4 these are the 16 or 18 bytes for each parameter of Rajbhandari et al. 2020 (ZeRO) and of Megatron-LM,
//   2 + g + 12 whole, 2 + g + 12/d with ZeRO-1, 2 + (g + 12)/d with ZeRO-2, (14 + g)/d with ZeRO-3.
//
//   frozen        weights that stand still (LoRA) have neither gradients nor states, no stand-ins of either, and don't keep their inputs (BlockActivations.cs); the
//                 adapters, some parts in a thousand, are left out
//   gathered      ZeRO-3: weights of this block and the next, embedding and output layer all the time; on a pipeline all of the stage.
//                 BF16 gradients of a block and the sum's input, whole until they are shared; on a pipeline FP32 gradients of the whole
//                 stage until its last microbatch. ZeRO-2: gradients of two blocks, on a pipeline of two chunks: the one in work and the
//                 one whose sum is under way
//   activations   kept bytes of a block x blocks of the stage x microbatches in flight, by the schedule: on stage i of p stages
//                 min(m, p - i), with v > 1 chunks min(m, p + (p - 1 - 2i)/v) (Narayanan et al. 2021; on the first stage Korthikanti et
//                 al. 2022), otherwise counted on the order of the schedule
//   stand-ins     megatron with fused attention: kernels that add a weight's gradient to its buffer give autograd an unused BF16 tensor
//                 of its shape, one kept for each distinct shape of a block; the output layer's for the moment
//
//   The fullest moment is the largest of, beside what is always there and the activations,
//     loss         l bytes for each logit: in-place 6 (BF16 and FP32), eager 12 (of a loss split over a tensor group 16), fused 4;
//                  prediction blocks have each their own, and keep what the backward pass needs of it; the final norm 4·r/S
//     output       gradients of logits, 2 B, the output weight's gradient, 2·V·h/tp, the gathered input and its gradient 2·r
//     block        what passes in the backward of a block (BlockActivations.cs), and the block itself where it is computed again
//     embedding    2·V·h/tp, when the last microbatch in flight but one has gone
//     optimiser    FP32 copies of gradients that were summed in BF16, 4 B for each parameter of the shard; in PyTorch roots of the moments
//   and receive buffers of a pipeline, 2·r/S; in PyTorch's pipelining one in each direction for every microbatch, what was sent on and is
//   still needed, and on the last stage the logits of every microbatch.
//
//   fragmentation a caching allocator needs 3 % more than is allocated, and holds 12 % more where there is room (MemoryMeasure.cs)
//   runtime       context, communicators, library workspaces: a constant of the software stack
//
// Worked example, Llama 3.1 8B (8,030,261,248 parameters) with ZeRO-1 on 8 ranks, g = 4:
//   (2 + 4 + 12/8) B x 8,030,261,248 = 60.2 GB of states

using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>What memory is used for.</summary>
public enum MemoryClass
{
    /// <summary>Weights as the rank keeps them: whole or its shard.</summary>
    Weights,

    /// <summary>Gradients as the rank keeps them.</summary>
    Gradients,

    /// <summary>Optimiser states, less those in the host's memory.</summary>
    Optimizer,

    /// <summary>Activations kept for the backward pass, less those in the host's memory.</summary>
    Activations,

    /// <summary>Logits, the loss and their gradients.</summary>
    Loss,

    /// <summary>Tensors that pass: of the block being computed, of its exchange, stand-ins of weight gradients, the optimiser's.</summary>
    Passing,

    /// <summary>Weights and gradients that are whole for a while although they are kept in shards.</summary>
    Gathered,

    /// <summary>Receive buffers of the pipeline.</summary>
    Buffers,

    /// <summary>What the allocator can't fill.</summary>
    Fragmentation,

    /// <summary>Context, communicators and library workspaces.</summary>
    Runtime,
}

/// <summary>Memory of one accelerator by class, at its fullest moment.</summary>
public readonly struct MemoryUse : IEquatable<MemoryUse>
{
    /// <summary>Number of <see cref="MemoryClass"/>es.</summary>
    public const int ClassCount = (int)MemoryClass.Runtime + 1;

    readonly Classes classes;

    internal MemoryUse(in Classes classes, int stage, MemoryMoment moment, double host, double optimizerParameters)
    {
        (this.classes, Stage, Moment, OptimizerParameters) = (classes, stage, moment, optimizerParameters);
        Host = DataSize.FromBytes(host);
        var sum = 0.0;
        for (var i = 0; i < ClassCount; i++) sum += classes[i];
        Total = DataSize.FromBytes(sum);
    }

    /// <summary>Memory of a class; the classes add up to <see cref="Total"/>.</summary>
    public DataSize this[MemoryClass kind] => DataSize.FromBytes(classes[(int)kind]);

    /// <summary>Weights as the rank keeps them.</summary>
    public DataSize Weights => this[MemoryClass.Weights];

    /// <summary>Gradients as the rank keeps them.</summary>
    public DataSize Gradients => this[MemoryClass.Gradients];

    /// <summary>Optimiser states.</summary>
    public DataSize Optimizer => this[MemoryClass.Optimizer];

    /// <summary>Activations kept for the backward pass.</summary>
    public DataSize Activations => this[MemoryClass.Activations];

    /// <summary>What is there for a while: the loss, passing and gathered tensors, buffers.</summary>
    public DataSize Working => this[MemoryClass.Loss] + this[MemoryClass.Passing] + this[MemoryClass.Gathered] + this[MemoryClass.Buffers];

    /// <summary>Context, communicators and library workspaces.</summary>
    public DataSize Runtime => this[MemoryClass.Runtime];

    /// <summary>What the allocator can't fill.</summary>
    public DataSize Fragmentation => this[MemoryClass.Fragmentation];

    /// <summary>The pipeline stage.</summary>
    public int Stage { get; }

    /// <summary>When it is fullest.</summary>
    public MemoryMoment Moment { get; }

    /// <summary>What lies in the host's memory instead.</summary>
    public DataSize Host { get; }

    /// <summary>Parameters that this rank updates.</summary>
    public double OptimizerParameters { get; }

    /// <summary>All that the accelerator must have.</summary>
    public DataSize Total { get; }

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(in MemoryUse a, in MemoryUse b) => a.Equals(b);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(in MemoryUse a, in MemoryUse b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(MemoryUse other)
    {
        ReadOnlySpan<double> own = classes, others = other.classes;
        return (Stage, Moment, Host) == (other.Stage, other.Moment, other.Host) && own.SequenceEqual(others);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MemoryUse other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Stage, Moment, Host, Total);

    [System.Runtime.CompilerServices.InlineArray(ClassCount)]
    internal struct Classes
    {
        double first;
    }
}

/// <summary>The moments of a step at which memory may be fullest.</summary>
public enum MemoryMoment
{
    /// <summary>In the backward pass of a block.</summary>
    Block,

    /// <summary>When the loss is computed, or its gradient.</summary>
    Loss,

    /// <summary>In the backward pass of the output layer.</summary>
    Output,

    /// <summary>In the backward pass of the embedding.</summary>
    Embedding,

    /// <summary>In the optimiser's update.</summary>
    Optimizer,
}
