// Bytes of one transformer block that are kept for its backward pass, for one microbatch on one accelerator.
//
//   t tokens of this rank = b·s / cp, h hidden, q, k, o widths of queries, keys with values, and attention's output on this rank, f inner
//   width on this rank (all copies of a token in a mixture), u 2 if gated, else 1, n norms, S ranks that share the sequence between
//   matrices (tp, or 1), a heads on this rank, x bytes of a matrix multiplication's input (BF16 2, FP8 1)
//
//   norms' inputs               2·n·t·h / S          the residual stream, and in post-norms what they norm; 2·t·(q + keys) more where
//                                                    queries and keys are normed
//   matrices' inputs            x·2·t·h / S          the norms' outputs; 1 where attention and feed-forward share a norm. Megatron gathers
//                                                    them over the tensor group again, torch-fsdp keeps them gathered (S = 1)
//   latent ranks                2·t·(2·rq + 2·rkv + dr)                 before and after their norms (DeepSeek-V2)
//   queries, keys, values       2·t·(q + k)
//   attention's output          2·t·o, with statistics 4·t·a where attention is fused; again in FP8 for the projection
//   scores                      not fused: 2·t·s·a, and with dropout 1·t·s·a for its mask and 2·t·s·a for its output
//   router                      9·t·E / S            logits and probabilities in FP32, the choice in one byte
//   experts' inputs             x·t·k·h·e            a copy for each expert that a token visits, after the exchange, on a rank that is loaded
//                                                    e times the mean (f likewise)
//   feed-forward                2·u·t·f              the result of the first matrix
//   activation                  x·t·f                the input of the last matrix
//   dropout masks               2·t·h / S            where linear layers have biases and positions are learned (GPT-3's kind)
//
//   A layer of a pattern keeps its part of these, with one norm. Experts in a space of their own, l: copies of l, and what the projections around them are
//   given, x·t·(h + l) / S. A state space layer (d values, G groups of N, H heads on this rank) keeps its norm's input 2·t·h / S, the input of its first matrix
//   x·t·h / S, what that gives 2·t·(2·d + 2·G·N + H), the scan's result before and behind its gates 4·t·d, and the input of its last matrix x·t·d: the kernels
//   convolve again and compute the states of pieces again. While its backward pass runs it needs states and their gradients in FP32, 8·t·d·N / c.
//
//   Weights that stand still (LoRA, megatron): a frozen matrix needs no gradient of its own, so that its input isn't kept: neither outputs of norms, copies on
//   experts and activations nor latent ranks behind their norms or FP8 copies; 2·t·h / S stays for adapters on queries, keys and values, and attention's output,
//   which attention itself needs, serves those on the projection behind it. What norms, activations, attention and scans differentiate is kept as ever.
//
//   For GPT-3's kind without splitting, attention not fused: t·h·(34 + 5·s·a/h) (Korthikanti et al. 2022, equation 1), with tp ranks
//   t·h·(10 + 24/tp + 5·s·a/(h·tp)) (2), with sequence parallelism t·h·(34 + 5·s·a/h)/tp (4); full recomputation keeps 2·t·h.
//
//   selective  Megatron: drops the scores where attention stores them (Korthikanti et al. 2022), otherwise the feed-forward activation
//              or the parts that a job names: scores or statistics (core-attention), matrices' inputs (norms), queries, keys and values
//              (latent-projection), the routed part of the activation (expert-activation), the dense feed-forward and its activation
//              (feed-forward), the shared experts' part of both (shared-experts), router, experts' inputs and all of both (experts)
//              torch-fsdp: keeps the block's input, attention's output and the result of each second matrix multiplication in their
//              order (queries, keys, values, output, gate, up, down: the first, third, fifth, and uncompiled the seventh)
//
// Beside what is kept, the backward pass of a block needs for a while
//   gradients of the inner width, 2·u·t·f (experts: at least the copies and the activation, 2·t·(k·h + f)), the gathered input and its
//   gradient, 4·t·h; with context ranks keys and values of two neighbours and as many gradients, 8·t·k; the exchange of a mixture holds the
//   copies sent and those received, 2·t·k·h·(1 + e)
//
// Worked example, GPT-3 175B (h 12288, 96 heads, s 2048, b 1) on 8 tensor ranks without sequence parallelism, attention not fused:
//   2048·12288·(10 + 24/8 + 5·2048·96/(12288·8)) = 578,813,952 B

using System.Runtime.CompilerServices;
using Lightloom.Catalog;

namespace Lightloom.Workloads;

/// <summary>What a block keeps for its backward pass.</summary>
public enum KeptTensor
{
    /// <summary>What norms are given: the residual stream.</summary>
    NormInputs,

    /// <summary>What norms give to matrices.</summary>
    MatrixInputs,

    /// <summary>Low-rank queries, keys and values, before and after their norms.</summary>
    LatentRanks,

    /// <summary>Queries, keys and values.</summary>
    QueriesKeysValues,

    /// <summary>What attention gives to its projection, and its statistics.</summary>
    AttentionOutput,

    /// <summary>Scores that attention stores where it isn't fused.</summary>
    Scores,

    /// <summary>A router's logits, probabilities and choices.</summary>
    Router,

    /// <summary>Copies of tokens on their experts.</summary>
    ExpertInputs,

    /// <summary>What the feed-forward's first matrix gives.</summary>
    FeedForward,

    /// <summary>What the feed-forward's last matrix is given.</summary>
    Activation,

    /// <summary>Masks of dropout.</summary>
    DropoutMasks,

    /// <summary>What a state space's convolution and scan are given, and what the scan gives.</summary>
    Scan,
}

/// <summary>Bytes that one block keeps for its backward pass, for one microbatch on one accelerator.</summary>
public readonly struct BlockActivations : IEquatable<BlockActivations>
{
    /// <summary>Number of <see cref="KeptTensor"/>s.</summary>
    public const int TensorCount = (int)KeptTensor.Scan + 1;

    readonly Tensors tensors;

    BlockActivations(in Tensors tensors)
    {
        this.tensors = tensors;
        for (var i = 0; i < TensorCount; i++) All += tensors[i];
    }

    /// <summary>Bytes of a kind; the kinds add up to <see cref="All"/>.</summary>
    public double this[KeptTensor tensor] => tensors[(int)tensor];

    /// <summary>Bytes without recomputation.</summary>
    public double All { get; }

    /// <summary>Bytes with selective recomputation.</summary>
    public double Selective { get; private init; }

    /// <summary>Bytes with full recomputation: the block's input.</summary>
    public double Input { get; private init; }

    /// <summary>Bytes that the backward pass of the block needs for a while beside all of it: gradients of inner tensors and gathered ones.</summary>
    public double Passing { get; private init; }

    /// <summary>Parameters of the block's distinct matrices on this rank; of experts, which are alike, one.</summary>
    public double DistinctMatrices { get; private init; }

    /// <summary>Parameters of attention's part of <see cref="DistinctMatrices"/>.</summary>
    public double AttentionMatrices { get; private init; }

    /// <summary>Bytes kept under a recomputation.</summary>
    /// <param name="recompute">What is computed again.</param>
    public double Kept(Recomputation recompute) => recompute switch
    {
        Recomputation.Full => Input,
        Recomputation.Selective => Selective,
        _ => All,
    };

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(in BlockActivations a, in BlockActivations b) => a.Equals(b);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(in BlockActivations a, in BlockActivations b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(BlockActivations other)
    {
        ReadOnlySpan<double> own = tensors, others = other.tensors;
        return own.SequenceEqual(others) && (Selective, Input, Passing, DistinctMatrices) == (other.Selective, other.Input, other.Passing, other.DistinctMatrices);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlockActivations other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(All, Selective, Input, Passing);

    /// <summary>What one of a job's blocks keeps: a mixture's where there are such; of a pattern the layer that keeps most.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    public static BlockActivations OfFullest(in TrainingJob job, bool fusedAttention)
    {
        var (dense, sparse) = LayerActivations.Blocks(job, fusedAttention);
        return LayerActivations.Of(job, fusedAttention) is { } others ? LayerActivations.Most(dense, sparse, others) : sparse;
    }

    /// <summary>Counts one block of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    /// <param name="sparse">Whether it is a mixture-of-experts block.</param>
    public static BlockActivations Of(in TrainingJob job, bool fusedAttention, bool sparse) => Of(job, fusedAttention, sparse ? BlockKind.Sparse : BlockKind.Dense);

    /// <summary>Counts one block, or one layer of a pattern, of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    /// <param name="kind">What it consists of; a state space only where the model has such layers.</param>
    public static BlockActivations Of(in TrainingJob job, bool fusedAttention, BlockKind kind)
    {
        const double bf16 = 2, fp32 = 4;
        var (size, plan, p) = (job.Model, job.Memory, job.Parallelism);
        var model = size.Model;
        var attends = kind.HasAttention();
        double tp = p.Tensor, h = model.Hidden, heads = attends ? model.Heads / tp : 0;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        var spread = p.SequenceParallel ? tp : 1;
        // Kernels of torch-fsdp cast what they multiply and keep it in BF16.
        var input = job.Precision != Precision.Bf16 && plan.Stack == TrainingStack.Megatron ? 1 : bf16;

        var frozen = job.FrozenWeights && plan.Stack == TrainingStack.Megatron;
        double queries = 0, keys = 0, values = 0, output = 0, ranks = 0;
        if (!attends)
        {
            // A layer of a pattern.
        }
        else if (model.Latent is { } latent)
        {
            queries = heads * (latent.HeadSize + latent.RotaryHeadSize);
            (keys, values) = (queries, heads * latent.ValueHeadSize);
            output = values;
            ranks = ((frozen ? 1 : 2) * (latent.QueryRank + latent.KeyValueRank)) + latent.RotaryHeadSize;
        }
        else
        {
            // Key-value heads are replicated once there are more ranks than heads.
            keys = values = (double)size.KeyValueHeads * size.HeadSize / Math.Min(tp, size.KeyValueHeads);
            output = queries = heads * size.HeadSize;
        }
        var dropout = model.LearnedPositions > 0 && model.Biases;
        var up = model.Activation == FeedForwardKind.SwiGlu ? 2 : 1;
        var experts = kind.HasExperts() ? model.Experts : null;
        // Copies of a token on this rank, on the mean of all tokens.
        var visits = experts is null ? 0 : experts.PerToken * (p.ExpertCapacity ?? p.ExpertImbalance);
        var width = !kind.HasFeedForward() ? 0 : experts is null ? model.FeedForward / tp : ((visits * experts.FeedForward) + size.SharedFeedForward) / tp;
        var reached = t * p.ExpertSplit / tp; // tokens whose copies reach this rank, where a tensor group doesn't split its experts
        double ownHidden = size.ExpertHidden;
        var (stream, copies, sent) = (t * h / spread, reached * visits * ownHidden, experts is null ? 0 : reached * experts.PerToken * ownHidden);
        var space = kind == BlockKind.StateSpace ? size.StateSpaceWidth / tp : 0;

        var kept = default(Tensors);
        var normed = model.QueryKeyNorms || model.WholeQueryKeyNorms ? t * (queries + keys) : 0;
        kept[(int)KeptTensor.NormInputs] = ((kind.Norms(model) * stream) + normed) * bf16;
        kept[(int)KeptTensor.MatrixInputs] = (kind.Norms(model) == 1 ? 1 : 2) * (plan.Stack == TrainingStack.TorchFsdp ? t * h : stream) * input;
        kept[(int)KeptTensor.LatentRanks] = t * ranks * bf16;
        kept[(int)KeptTensor.QueriesKeysValues] = t * (queries + keys + values) * bf16;
        var statistics = fusedAttention ? t * heads * fp32 : 0;
        kept[(int)KeptTensor.AttentionOutput] = (t * output * (input < bf16 ? bf16 + input : bf16)) + statistics;
        kept[(int)KeptTensor.Scores] = fusedAttention ? 0 : t * job.Sequence * heads * (dropout ? 5 : bf16);
        kept[(int)KeptTensor.Router] = experts is null ? 0 : t / spread * experts.Experts * (fp32 + fp32 + 1);
        kept[(int)KeptTensor.ExpertInputs] = copies * input;
        kept[(int)KeptTensor.FeedForward] = t * width * up * bf16;
        kept[(int)KeptTensor.Activation] = t * width * input;
        kept[(int)KeptTensor.DropoutMasks] = dropout ? 2 * stream : 0;
        if (frozen)
        {
            kept[(int)KeptTensor.MatrixInputs] = attends ? stream * bf16 : 0;
            kept[(int)KeptTensor.AttentionOutput] = (t * output * bf16) + statistics;
            kept[(int)KeptTensor.ExpertInputs] = kept[(int)KeptTensor.Activation] = 0;
        }
        else if (experts?.LatentSize is not null) kept[(int)KeptTensor.ExpertInputs] += t / spread * (h + ownHidden) * input;
        if (space > 0) kept[(int)KeptTensor.Scan] = t * (((size.StateSpaceInputs / tp) + (2 * space)) * bf16 + (frozen ? 0 : space * input));

        var all = new BlockActivations(kept);
        var inner = Math.Max(t * width * up, copies > 0 ? copies + (t * width) : 0) * bf16;
        var attention = attends ? size.AttentionParameters / tp : 0;
        var own = !kind.HasFeedForward() ? space > 0 ? size.StateSpaceParameters / tp : 0
            : experts is null ? size.DenseFeedForwardParameters / tp : (size.SharedExpertParameters + size.ExpertParameters) / tp;
        var states = space > 0 ? 2.0 * 4 * t * space * model.StateSpace!.StateSize / Math.Min(model.StateSpace.Chunk, job.Sequence) : 0;
        return all with
        {
            Selective = plan.Stack == TrainingStack.TorchFsdp
                ? kind == BlockKind.StateSpace ? all.All : (stream * bf16) + kept[(int)KeptTensor.AttentionOutput] + SecondMatrices(t, kind.IsBlock() ? 2 * stream : stream, h, queries, values, width, up, tp, plan.Compiled)
                : all.All - Dropped(plan, kept, statistics, experts is null ? 0 : size.SharedFeedForward / tp / Math.Max(1e-300, width), kind.HasExperts()),
            Input = stream * bf16,
            Passing = Math.Max(inner + (2 * t * h * bf16) + states, (sent + copies) * bf16) + (p.Context > 1 ? 4 * t * (keys + values) * bf16 : 0),
            AttentionMatrices = attention,
            DistinctMatrices = attention + own,
        };
    }

    /// <summary>Bytes that Megatron's selective recomputation doesn't keep.</summary>
    /// <param name="plan">What it computes again.</param>
    /// <param name="kept">What is kept without it.</param>
    /// <param name="statistics">Bytes of fused attention's statistics.</param>
    /// <param name="shared">Share of shared experts in the feed-forward's width.</param>
    /// <param name="sparse">Whether it is a mixture's block.</param>
    static double Dropped(MemoryPlan plan, in Tensors kept, double statistics, double shared, bool sparse)
    {
        double scores = kept[(int)KeptTensor.Scores], activation = kept[(int)KeptTensor.Activation], both = kept[(int)KeptTensor.FeedForward] + activation;
        if (plan.RecomputeModules is null) return scores > 0 ? scores : activation;
        var dropped = 0.0;
        if (plan.Again(RecomputedModule.CoreAttention)) dropped += scores > 0 ? scores : statistics;
        if (plan.Again(RecomputedModule.Norms)) dropped += kept[(int)KeptTensor.MatrixInputs];
        if (plan.Again(RecomputedModule.LatentProjection) && kept[(int)KeptTensor.LatentRanks] > 0) dropped += kept[(int)KeptTensor.QueriesKeysValues];
        if (!sparse) return plan.Again(RecomputedModule.FeedForward) ? dropped + both : dropped;
        if (plan.Again(RecomputedModule.Experts)) return dropped + kept[(int)KeptTensor.Router] + kept[(int)KeptTensor.ExpertInputs] + both;
        if (plan.Again(RecomputedModule.ExpertActivation)) dropped += (1 - shared) * activation;
        if (plan.Again(RecomputedModule.SharedExperts)) dropped += shared * both;
        return dropped;
    }

    /// <summary>Results of each second matrix multiplication: queries, values, gate or up, and, unless a compiler sees that nothing needs it, down.</summary>
    static double SecondMatrices(double t, double streams, double hidden, double queries, double values, double width, int up, double tp, bool compiled)
    {
        // The sums over a tensor group of attention's and the feed-forward's output are kept too.
        var outputs = (tp > 1 ? streams : 0) + (up == 2 && !compiled ? t * hidden : 0);
        return 2 * ((t * (queries + values + width)) + outputs);
    }

    [InlineArray(TensorCount)]
    struct Tensors
    {
        double first;
    }
}

/// <summary>What the layers of a pattern beside attention and mixtures keep.</summary>
sealed class LayerActivations(BlockActivations stateSpace, BlockActivations feedForward)
{
    readonly BlockActivations stateSpace = stateSpace, feedForward = feedForward;

    /// <summary>What a state space layer keeps.</summary>
    public ref readonly BlockActivations StateSpace => ref stateSpace;

    /// <summary>What a feed-forward layer keeps.</summary>
    public ref readonly BlockActivations FeedForward => ref feedForward;

    /// <summary>Those of a job's model; null where its blocks are whole.</summary>
    public static LayerActivations? Of(in TrainingJob job, bool fusedAttention)
    {
        var model = job.Model.Model;
        if (model.Pattern is null) return null;
        var feedForward = BlockActivations.Of(job, fusedAttention, BlockKind.FeedForward);
        return new(model.StateSpace is null ? feedForward : BlockActivations.Of(job, fusedAttention, BlockKind.StateSpace), feedForward);
    }

    /// <summary>What dense blocks and mixtures keep, or attention layers and mixtures of a pattern.</summary>
    public static (BlockActivations First, BlockActivations Second) Blocks(in TrainingJob job, bool fusedAttention)
    {
        var (first, second) = BlockKinds.Of(job.Model.Model);
        var dense = BlockActivations.Of(job, fusedAttention, first);
        return (dense, job.Model.Model.Experts is null ? dense : BlockActivations.Of(job, fusedAttention, second));
    }

    /// <summary>The one that keeps most.</summary>
    public static BlockActivations Most(in BlockActivations dense, in BlockActivations sparse, LayerActivations? others)
    {
        var most = sparse.All > dense.All ? sparse : dense;
        if (others is null) return most;
        if (others.stateSpace.All > most.All) most = others.stateSpace;
        return others.feedForward.All > most.All ? others.feedForward : most;
    }
}
