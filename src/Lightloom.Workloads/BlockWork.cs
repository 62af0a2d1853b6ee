// Work of one transformer block for one microbatch on one accelerator of a tensor x context (x expert) group.
//
//   t   tokens of the microbatch on this context rank = b·s / cp
//   matrix multiplication of m x k by k x n:  time = max(2·m·(k + k_0)·n FLOP / R, bytes / M) + o
//     (k_0: each tile of the result fills and empties a pipeline; a short k costs efficiency)
//     backward: gradients of the input, m x n by n x k, and of the weights, k x m by m x n, which are added to what earlier
//     microbatches left: read and written in their precision
//   number formats:  operands of FP8 and FP4 multiplications are cast from BF16 (NumberFormat.cs), weights once a step
//   experts:  one grouped multiplication for all of a rank's experts, at a rate of its own; where libraries take one expert after the other, each further one adds
//     an overhead
//   host:     each multiplication, cast and element-wise kernel is a launch
//   attention core (fused):  forward 2·t·n·W/tp FLOP with W = heads x (key + value size) and n the tokens that one reaches on the
//     mean of the sequence and of the model's layers, (s+1)/2 behind a causal mask (ModelSize.cs); backward 2.5 times that, because
//     scores are computed again; in both an exponential for each score, in units beside the matrices'
//   attention core (not fused):  two matrix multiplications of all pairs for each head, four backward, and between them each of
//     the t·s·heads/tp scores moves 4 B for mask and softmax and 5 B for dropout, 6 B and 5 B backward; 5 B of each are kept. Megatron's
//     kernel for mask and softmax takes heads in fours: where heads times sequences of a rank are no multiple, casts, scale, mask and
//     softmax are kernels of their own in FP32, 36 B and 40 B backward
//   element-wise:  bytes / M, at least one launch for each kernel
//     norms          2 x (read + write) of t·h, each norm of a block    on 1/tp of the tokens with sequence parallelism
//     residual adds  2 x (2 reads + 1 write) of t·h                      likewise
//     rotary         read + write of queries and keys, split by heads
//     activation     SwiGLU 2 reads + 1 write of t·f/tp; GELU 1 + 1; with limits and biases in kernels of their own 20 passes, and
//                    2 of the copies' t·k·h for the bias behind
//   a layer of a pattern (Nemotron-H) is a part of that: attention, or a feed-forward layer or mixture, with one norm and one residual add, or a state space,
//     whose matrices stand around the convolution and scan of StateSpaceScan.cs
//   experts in a space of their own (LatentMoE): projections h x l and l x h of each rank's tokens around exchange and experts, which have l for h
//   backward of element-wise work moves twice the forward's bytes
//   selective recomputation drops and computes again: the scores where attention stores them (Korthikanti et al. 2022), otherwise
//     the feed-forward activation; or the parts that the job names, with the exchange of tokens where that is among them
//
// Worked example, Llama 3.1 8B (h 4096, f 14336, 32/8 heads of 128), b = 1, s = 8192, no splitting:
//   matrices forward = 2·8192·(4096·4096·2 + 2·4096·1024 + 3·4096·14336) = 3.573e12 FLOP
//   attention forward = 2·8192·4096.5·8192 = 5.498e11 FLOP (causal, W = 32·256 = 8192)

using Lightloom.Catalog;

namespace Lightloom.Workloads;

/// <summary>Times in seconds and bytes of one block, forward and backward, for one microbatch on one accelerator.</summary>
public readonly record struct BlockWork
{
    const double Bf16 = 2;

    // Reads and writes of t·f by experts' limited gates with biases in kernels of their own: bias of both halves 4, limits 4, scale 2, sigmoid 2, product 3, one added to
    // the other half 2, product 3. Megatron Core 0.15 compiles the gate behind its limits (11 passes, 18 backward), with which published steps of GPT-OSS
    // come out an eighth too fast.
    const double LimitedGatePasses = 20;

    // Reads and writes of t·k·h that permute tokens to their experts and back: a kernel for each way, or, around a plain all-to-all, four (permute, sort the
    // received, and the same on the way back). Gradients take the same way.
    const double PermutationPasses = 4, UnfusedPermutationPasses = 8;

    /// <summary>Forward time in matrix multiplications.</summary>
    public double MatmulForward { get; private init; }

    /// <summary>Backward time in matrix multiplications.</summary>
    public double MatmulBackward { get; private init; }

    /// <summary>Forward time in attention's core, or in the scan of a state space.</summary>
    public double AttentionForward { get; private init; }

    /// <summary>Backward time in attention's core, or in the scan of a state space.</summary>
    public double AttentionBackward { get; private init; }

    /// <summary>Kernels that the host launches for the forward pass.</summary>
    public int KernelsForward { get; private init; }

    /// <summary>Kernels that the host launches for the backward pass.</summary>
    public int KernelsBackward { get; private init; }

    /// <summary>Forward time in element-wise kernels.</summary>
    public double ElementwiseForward { get; private init; }

    /// <summary>Backward time in element-wise kernels.</summary>
    public double ElementwiseBackward { get; private init; }

    /// <summary>Bytes of the residual stream that the tensor group gathers or scatters at once (whole, before dividing by the group).</summary>
    public double ResidualBytes { get; private init; }

    /// <summary>Bytes of keys and values of this context rank.</summary>
    public double KeyValueBytes { get; private init; }

    /// <summary>Bytes that a context rank sends when its group exchanges sequence for heads around a state space's scan, before it and behind it.</summary>
    public double ScanExchangeBytes { get; private init; }

    /// <summary>Bytes that this rank sends when it dispatches its tokens to experts.</summary>
    public double DispatchBytes { get; private init; }

    /// <summary>Bytes kept for the backward pass.</summary>
    public BlockActivations Activations { get; private init; }

    /// <summary>Activation bytes kept for the backward pass without recomputation.</summary>
    public double ActivationBytes => Activations.All;

    /// <summary>Time of what selective recomputation computes again.</summary>
    public double SelectiveAgain { get; private init; }

    /// <summary>What the host takes for both passes where it can't run ahead of the accelerator, a third of it for the forward one.</summary>
    public double HostTime { get; private init; }

    /// <summary>Whether selective recomputation sends tokens to their experts again.</summary>
    public bool ExchangeAgain { get; private init; }

    /// <summary>Activation bytes kept with selective recomputation.</summary>
    public double SelectiveActivationBytes => Activations.Selective;

    /// <summary>Activation bytes kept with full recomputation: the block's input.</summary>
    public double InputBytes => Activations.Input;

    /// <summary>All forward compute time.</summary>
    public double Forward => MatmulForward + AttentionForward + ElementwiseForward;

    /// <summary>All backward compute time, without recomputation.</summary>
    public double Backward => MatmulBackward + AttentionBackward + ElementwiseBackward;

    /// <summary>Works out one block of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="sparse">Whether it is a mixture-of-experts block.</param>
    public static BlockWork Of(TrainingJob job, in ComputeRates rates, bool sparse) => Of(job, rates, sparse ? BlockKind.Sparse : BlockKind.Dense);

    /// <summary>Works out one block, or one layer of a pattern, of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="kind">What it consists of; a state space only where the model has such layers.</param>
    public static BlockWork Of(TrainingJob job, in ComputeRates rates, BlockKind kind)
    {
        if (kind == BlockKind.StateSpace) return StateSpace(job, rates);
        var model = job.Model.Model;
        var p = job.Parallelism;
        double tp = p.Tensor, h = model.Hidden;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        var spread = p.SequenceParallel ? tp : 1;
        const double bf16 = Bf16;

        var time = new Accumulator(rates, rates.Matmul, job);
        double queryWidth = 0, keyValueWidth = 0, projected = 0;
        if (!kind.HasAttention())
        {
            // A layer of a pattern.
        }
        else if (model.Latent is { } latent)
        {
            var q = (double)model.Heads * (latent.HeadSize + latent.RotaryHeadSize) / tp;
            var v = (double)model.Heads * latent.ValueHeadSize / tp;
            if (latent.QueryRank > 0)
            {
                time.Matmul(t, h, latent.QueryRank);
                projected = time.Forward;
                time.Matmul(t, latent.QueryRank, q);
                projected = time.Forward - projected;
            }
            else
            {
                time.Matmul(t, h, q);
            }
            time.Matmul(t, h, latent.KeyValueRank + latent.RotaryHeadSize);
            projected -= time.Forward;
            time.Matmul(t, latent.KeyValueRank, ((double)model.Heads * latent.HeadSize / tp) + v);
            projected += time.Forward;
            time.Matmul(t, v, h);
            (queryWidth, keyValueWidth) = (q, q + v);
        }
        else
        {
            var q = (double)model.Heads * job.Model.HeadSize / tp;
            // Key-value heads are replicated once there are more ranks than heads.
            var kv = (double)job.Model.KeyValueHeads * job.Model.HeadSize / Math.Min(tp, job.Model.KeyValueHeads);
            time.Matmul(t, h, q + (2 * kv), Cast.Gradient); // a norm writes the input
            time.Matmul(t, q, h);
            (queryWidth, keyValueWidth) = (q, 2 * kv);
        }

        var dropout = model.LearnedPositions > 0 && model.Biases;
        var scores = rates.FusedAttention || !kind.HasAttention() ? 0 : t * job.Sequence * model.Heads / tp;
        var (attentionForward, attentionBackward) = !kind.HasAttention() ? (0, 0) : rates.FusedAttention
            ? Fused(job, rates, t)
            : Unfused(job, rates, t, scores, dropout ? 5 : 0);

        // One kernel; or two multiplications with mask, softmax and dropout between them.
        var attentionKernels = !kind.HasAttention() ? 0 : rates.FusedAttention ? 1 : 2 + Softmax(job).Kernels + (dropout ? 1 : 0);
        var gated = model.Activation == FeedForwardKind.SwiGlu;
        var up = gated ? 2 : 1;
        double activationWidth = 0, dispatched = 0, feedForward = time.Forward, sharedExperts = 0, sent = job.Model.ExpertHidden;
        if (!kind.HasFeedForward())
        {
            // A layer of a pattern.
        }
        else if (kind.HasExperts() && model.Experts is { } experts)
        {
            time.Matmul(t / spread, h, experts.Experts);
            if (experts.LatentSize is not null)
            {
                time.Matmul(t / spread, h, sent);
                time.Matmul(t / spread, sent, h);
            }
            var local = (double)experts.Experts / p.Expert;
            // Tokens that reach this rank's experts, balanced: as many as it sends.
            var perExpert = t * p.ExpertSplit / tp * experts.PerToken / local * (p.ExpertCapacity ?? p.ExpertImbalance);
            var inner = (double)experts.FeedForward / p.ExpertSplit;
            time.Repeated(local, perExpert, sent, up * inner, Cast.Input, grouped: true); // the activation's backward pass writes the gradient
            time.Repeated(local, perExpert, inner, sent, Cast.Gradient, grouped: true); // the activation writes the input
            var shared = job.Model.SharedFeedForward;
            if (shared > 0)
            {
                sharedExperts = time.Forward;
                time.Matmul(t, h, up * shared / tp, Cast.None);
                time.Matmul(t, shared / tp, h, Cast.Gradient);
                sharedExperts = time.Forward - sharedExperts;
            }
            activationWidth = (((double)experts.PerToken * experts.FeedForward) + shared) / tp;
            dispatched = t / spread * experts.PerToken * sent * bf16;
            // Permutation before and after: read and write of each token's copies.
            var passes = p.ExpertDispatch == ExpertDispatch.AllToAll ? UnfusedPermutationPasses : PermutationPasses;
            var permuted = passes * t / spread * experts.PerToken * sent * bf16;
            time.Elementwise(permuted, 4, permuted, 4);
        }
        else
        {
            time.Matmul(t, h, up * model.FeedForward / tp, Cast.None); // a norm before it, the activation's backward pass behind it
            time.Matmul(t, model.FeedForward / tp, h, Cast.Gradient);
            activationWidth = model.FeedForward / tp;
        }
        feedForward = time.Forward - feedForward;
        var norms = time.Forward;
        var (normed, added) = (kind.Norms(model), kind.IsBlock() ? 2 : 1);
        time.Elementwise(normed * 2 * t / spread * h * bf16, normed);
        norms = time.Forward - norms;
        time.Elementwise(added * 3 * t / spread * h * bf16, added);
        if (kind.HasAttention() && (model.Rotary ?? model.LearnedPositions == 0)) time.Elementwise(2 * t * (queryWidth + (keyValueWidth / 2)) * bf16, 1);
        var activated = time.Forward;
        if (dispatched > 0 && model.LimitedGates)
        {
            time.Elementwise(LimitedGatePasses * t * activationWidth * bf16, 8);
            time.Elementwise(2 * t / spread * model.Experts!.PerToken * sent * bf16, 1);
        }
        else if (kind.HasFeedForward())
        {
            time.Elementwise((up + 1) * t * activationWidth * bf16, 1);
        }

        activated = time.Forward - activated;

        var residual = t * h * bf16;
        var activation = t * activationWidth * bf16;
        var mixture = dispatched > 0;
        var ownPart = mixture && activationWidth > 0 ? job.Model.SharedFeedForward / tp / activationWidth : 0;
        var parts = new ForwardParts(attentionForward, norms, projected, feedForward + activated, (1 - ownPart) * activated, sharedExperts + (ownPart * activated), mixture);
        return new()
        {
            MatmulForward = time.MatmulForward,
            MatmulBackward = time.MatmulBackward,
            AttentionForward = attentionForward,
            AttentionBackward = attentionBackward,
            ElementwiseForward = time.ElementwiseForward,
            ElementwiseBackward = time.ElementwiseBackward,
            KernelsForward = time.KernelsForward + attentionKernels,
            KernelsBackward = time.KernelsBackward + attentionKernels,
            ResidualBytes = residual,
            KeyValueBytes = t * keyValueWidth * bf16,
            DispatchBytes = dispatched,
            Activations = BlockActivations.Of(job, rates.FusedAttention, kind),
            SelectiveAgain = job.Memory.RecomputeModules is not null ? parts.Again(job.Memory) : scores > 0 ? attentionForward : (up + 1) * activation / rates.Memory,
            HostTime = Host(job, rates, kind),
            ExchangeAgain = mixture && job.Memory.Again(RecomputedModule.Experts),
        };
    }

    /// <summary>A state space layer: its two matrices, the convolution and scan between them, one norm and one residual add.</summary>
    static BlockWork StateSpace(TrainingJob job, in ComputeRates rates)
    {
        var (model, p) = (job.Model.Model, job.Parallelism);
        double tp = p.Tensor, h = model.Hidden, t = (double)p.MicroBatch * job.Sequence / p.Context, spread = p.SequenceParallel ? tp : 1;
        var width = job.Model.StateSpaceWidth / tp;
        var time = new Accumulator(rates, rates.Matmul, job);
        time.Matmul(t, h, job.Model.StateSpaceInputs / tp, Cast.Gradient); // a norm writes the input
        time.Matmul(t, width, h);
        var (forward, backward) = StateSpaceScan.Time(job, rates);
        var beside = StateSpaceScan.Elementwise(job);
        time.Elementwise(beside.Forward, beside.ForwardKernels, beside.Backward, beside.BackwardKernels);
        var norms = time.Forward;
        time.Elementwise(2 * t / spread * h * Bf16, 1);
        norms = time.Forward - norms;
        time.Elementwise(3 * t / spread * h * Bf16, 1);
        return new()
        {
            MatmulForward = time.MatmulForward,
            MatmulBackward = time.MatmulBackward,
            AttentionForward = forward,
            AttentionBackward = backward,
            ElementwiseForward = time.ElementwiseForward,
            ElementwiseBackward = time.ElementwiseBackward,
            KernelsForward = time.KernelsForward + StateSpaceScan.ForwardKernels,
            KernelsBackward = time.KernelsBackward + StateSpaceScan.BackwardKernels,
            ResidualBytes = t * h * Bf16,
            ScanExchangeBytes = t * (job.Model.StateSpaceInputs + job.Model.StateSpaceWidth) / tp * Bf16,
            Activations = BlockActivations.Of(job, rates.FusedAttention, BlockKind.StateSpace),
            SelectiveAgain = job.Memory.Again(RecomputedModule.Norms) ? norms : 0,
            HostTime = Host(job, rates, BlockKind.StateSpace),
        };
    }

    // Where experts take all tokens that come, the host waits for how many they are, and has launched nothing behind that.
    static double Host(in TrainingJob job, in ComputeRates rates, BlockKind kind)
    {
        if (!job.WaitsForCounts(rates.RecordsIterations)) return 0;
        var others = job.Parallelism.Graphs == RecordedGraphs.None && (kind.IsBlock() || !kind.HasExperts()) ? rates.HostAttention : 0;
        return others + (kind.HasExperts() ? rates.HostExperts : 0);
    }

    static (double Forward, double Backward) Fused(TrainingJob job, in ComputeRates rates, double t)
    {
        // A causal mask needs each pair once; context ranks take balanced shares.
        var pairs = t * job.Model.MeanPairs(job.Sequence) / job.Parallelism.Tensor;
        double flop = 2 * pairs * job.Model.AttentionWidth, exponentials = pairs * job.Model.Model.Heads * rates.FlopPerExponential;
        return (((flop + exponentials) / rates.AttentionForward) + rates.LaunchOverhead, (((2.5 * flop) + exponentials) / rates.AttentionBackward) + rates.LaunchOverhead);
    }

    static (double Forward, double Backward) Unfused(TrainingJob job, in ComputeRates rates, double t, double scores, double dropoutBytes)
    {
        double heads = (double)job.Model.Model.Heads / job.Parallelism.Tensor, all = job.Sequence, width = job.Model.AttentionWidth;
        // As many multiplications as heads and sequences, each of this rank's share of one sequence; keys and values taken as alike.
        double times = heads * job.Parallelism.MicroBatch, share = t / job.Parallelism.MicroBatch, d = width / job.Model.Model.Heads / 2;
        var time = new Accumulator(rates, rates.MatmulBf16, job);
        var into = time.One(rates.MatmulBf16, times, share, d, all, Bf16, Bf16);
        var outOf = time.One(rates.MatmulBf16, times, share, all, d, Bf16, Bf16);
        var softmax = Softmax(job);
        time.Elementwise(softmax.Forward * scores, softmax.Kernels);
        if (dropoutBytes > 0) time.Elementwise(dropoutBytes * scores, 1);
        var backward = time.One(rates.MatmulBf16, times, share, d, all, Bf16, Bf16) + (3 * outOf) + ((softmax.Backward + dropoutBytes) * scores / rates.Memory);
        return (into + outOf + time.ElementwiseForward, backward);
    }

    // Kernels of mask and softmax, and what they move for a score. Megatron's own wants its heads in fours.
    static (int Kernels, double Forward, double Backward) Softmax(TrainingJob job) =>
        (long)job.Model.Model.Heads * job.Parallelism.MicroBatch / job.Parallelism.Tensor % 4 == 0 ? (1, 4, 6) : (5, 36, 40);

    /// <summary>Forward times of the parts of a block that can be computed again by name.</summary>
    readonly record struct ForwardParts(double Attention, double Norms, double LatentProjection, double FeedForward, double ExpertActivation, double SharedExperts, bool Sparse)
    {
        public double Again(MemoryPlan plan)
        {
            double Named(RecomputedModule module, double time) => plan.Again(module) ? time : 0;
            var always = Named(RecomputedModule.CoreAttention, Attention) + Named(RecomputedModule.Norms, Norms) + Named(RecomputedModule.LatentProjection, LatentProjection);
            if (!Sparse) return always + Named(RecomputedModule.FeedForward, FeedForward);
            return always + (plan.Again(RecomputedModule.Experts)
                ? FeedForward
                : Named(RecomputedModule.ExpertActivation, ExpertActivation) + Named(RecomputedModule.SharedExperts, SharedExperts));
        }
    }

    /// <summary>Which of a multiplication's operands no other kernel writes in its number format.</summary>
    [Flags]
    enum Cast
    {
        None = 0,
        Input = 1,
        Gradient = 2,
        Both = Input | Gradient,
    }

    struct Accumulator(in ComputeRates rates, double flopPerSecond, TrainingJob job)
    {
        readonly ComputeRates rates = rates;
        readonly NumberFormat format = NumberFormat.Of(job.Precision);
        // Each microbatch's gradients are added to what is there: read and written.
        readonly double gradientBytes = 2.0 * job.Parallelism.GradientBytes;
        readonly bool frozen = job.FrozenWeights;

        public double MatmulForward;
        public double MatmulBackward;
        public double ElementwiseForward;
        public double ElementwiseBackward;
        public int KernelsForward;
        public int KernelsBackward;

        public readonly double Forward => MatmulForward + ElementwiseForward;

        public void Matmul(double m, double k, double n, Cast casts = Cast.Both) => Repeated(1, m, k, n, casts, grouped: false);

        /// <summary>So many equal multiplications in one grouped launch.</summary>
        public void Repeated(double times, double m, double k, double n, Cast casts, bool grouped)
        {
            var (rate, further) = grouped ? (rates.GroupedMatmul, (times - 1) * rates.ExpertOverhead) : (flopPerSecond, 0);
            MatmulForward += One(rate, times, m, k, n, format.Bytes, Bf16) + further;
            MatmulBackward += One(rate, times, m, n, k, format.Bytes, Bf16) + further + (frozen ? 0 : One(rate, times, k, m, n, format.Bytes, gradientBytes) + further);
            KernelsForward++;
            KernelsBackward += 2;
            if (format.CastBytes == 0) return;
            // Activations and their gradients are cast each time; weights once a step, which counts with their update. What makes a tensor
            // writes it in the format at once where it can, two narrow copies for one wide.
            var (input, gradient) = format.Fuses ? ((casts & Cast.Input) != 0, (casts & Cast.Gradient) != 0) : (true, true);
            if (input) ElementwiseForward += times * m * k * format.CastBytes / rates.Memory;
            if (gradient) ElementwiseBackward += times * m * n * format.CastBytes / rates.Memory;
            if (input) KernelsForward += format.CastKernels;
            if (gradient) KernelsBackward += format.CastKernels;
        }

        /// <summary>Time of so many equal multiplications of m x k by k x n.</summary>
        public readonly double One(double rate, double times, double m, double k, double n, double bytes, double resultBytes)
        {
            var (compute, memory) = rates.Multiply(rate, times, m, k, n, bytes, resultBytes);
            return Math.Max(compute, memory) + rates.MatmulOverhead;
        }

        public void Elementwise(double forward, int forwardKernels, double backward, int backwardKernels)
        {
            ElementwiseForward += Math.Max(forward / rates.Memory, forwardKernels * rates.LaunchOverhead);
            ElementwiseBackward += Math.Max(backward / rates.Memory, backwardKernels * rates.LaunchOverhead);
            KernelsForward += forwardKernels;
            KernelsBackward += backwardKernels;
        }

        public void Elementwise(double bytes, int kernels) => Elementwise(bytes, kernels, 2 * bytes, kernels);
    }
}
