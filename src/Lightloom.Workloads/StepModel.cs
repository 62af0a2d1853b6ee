// Time of one training step, in closed form over the kinds of stages.
//
//   stage i, one microbatch:   T_i = blocks·(compute + exposed TP, CP, EP) [+ embedding on the first, output layer on the last]
//   pipeline:                  m·T_max + (Σ_i T_i - T_max)/v + exposed sends        (1F1B for v = 1, interleaved for v > 1)
//   tensor group, one block:   forward 2 all-gathers + 2 reduce-scatters of the residual stream, all waited for;
//                              backward 2 all-gathers of the output's gradient waited for, 2 reduce-scatters beside the weight
//                              gradients and 2 all-gathers of the input beside the input gradients (Megatron's order)
//   context group:             keys and values once around the ring, beside attention
//   expert group:              dispatch and combine, forward and backward, waited for
//   data group:                reduce-scatter beside the last backward, all-gather beside the next first forward;
//                              what is hidden still takes a share of the compute rate
//   optimiser:                 30 bytes moved for each parameter that the rank updates
//
// Worked example, no splitting and one microbatch: the step is the blocks' forward and backward, the output layer and the update.

using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>Predicts training steps; see the equations at the head of this file.</summary>
public static class StepModel
{
    const double Bf16 = 2;

    /// <summary>
    /// Predicts one step. Where the job leaves the interleaving or the recomputation open, takes the fastest combination that
    /// fits the memory, or the one that needs least memory if none fits.
    /// </summary>
    /// <param name="job">A checked job.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network as the ranks see it.</param>
    /// <param name="capacity">Memory of one accelerator.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    public static TrainingStep Predict(
        TrainingJob job, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(network);
        var p = job.Parallelism;
        TrainingStep? best = null;
        for (var recompute = p.Recompute ?? Recomputation.None; recompute <= (p.Recompute ?? Recomputation.Full); recompute++)
        {
            for (var interleave = p.Interleave ?? 1; interleave <= (p.Interleave ?? MaximumInterleave(job)); interleave++)
            {
                if (!StageLayout.Fits(job.Model.Model.Layers, p.Pipeline * interleave)) continue;
                var step = Predict(job, rates, network, runtime, interleave, recompute);
                if (best is not { } b || Better(step, step.Memory.Total <= capacity, b, b.Memory.Total <= capacity)) best = step;
            }
        }
        return best!.Value;
    }

    internal static bool Better(in TrainingStep a, bool aFits, in TrainingStep b, bool bFits) => (aFits, bFits) switch
    {
        (true, false) => true,
        (false, true) => false,
        (true, true) => a.Time < b.Time,
        _ => a.Memory.Total < b.Memory.Total,
    };

    static int MaximumInterleave(TrainingJob job) =>
        // Megatron's interleaved schedule needs the microbatches to fill whole rounds of the pipeline.
        job.Parallelism.Pipeline == 1 || job.MicroBatches % job.Parallelism.Pipeline != 0
            ? 1
            : Math.Max(1, (job.Model.Model.Layers + 2) / job.Parallelism.Pipeline);

    static TrainingStep Predict(
        TrainingJob job, in ComputeRates rates, StepNetwork network, DataSize runtime, int interleave, Recomputation recompute)
    {
        var p = job.Parallelism;
        var model = job.Model;
        var layout = new GroupLayout(job, network.Spans);
        var dense = Block(job, rates, network, layout, recompute, sparse: false);
        var sparse = model.Model.Experts is null ? dense : Block(job, rates, network, layout, recompute, sparse: true);
        var (perStage, less) = StageLayout.Deal(model.Model.Layers, p.Pipeline, interleave);
        var output = Output(job, rates);

        int stages = p.Pipeline, m = job.MicroBatches;
        // The first stage, a middle one, the last; dense blocks of a mixture stand at the start.
        var first = StageOf(stages == 1 ? model.Model.Layers : perStage - less, model.DenseLayers, dense, sparse);
        var middle = StageOf(perStage, Math.Clamp(model.DenseLayers - (perStage - less), 0, perStage), dense, sparse);
        var last = StageOf(perStage - less, Math.Max(0, model.DenseLayers - (model.Model.Layers - (perStage - less))), dense, sparse);
        if (stages == 1) first = first.With(output);
        else last = last.With(output);
        var slowest = stages == 1 ? first : Slowest(first, last, stages > 2 ? middle : first);
        var sum = stages == 1 ? first.Total : first.Total + last.Total + ((stages - 2) * middle.Total);

        var parts = default(TrainingStep.Parts);
        parts[(int)StepPart.Matmul] = m * slowest.Matmul;
        parts[(int)StepPart.Attention] = m * slowest.Attention;
        parts[(int)StepPart.Elementwise] = m * slowest.Elementwise;
        parts[(int)StepPart.Recompute] = m * slowest.Recompute;
        parts[(int)StepPart.TensorCommunication] = m * slowest.Tensor;
        parts[(int)StepPart.ContextCommunication] = m * slowest.Context;
        parts[(int)StepPart.ExpertCommunication] = m * slowest.Expert;
        parts[(int)StepPart.PipelineBubble] = (sum - slowest.Total) / interleave;
        parts[(int)StepPart.PipelineCommunication] = Sends(job, network, layout, dense.Work, slowest, interleave);

        var weights = StageWeights(job, perStage, less);
        var data = DataGroup(job, network, layout, weights, slowest, rates, m);
        parts[(int)StepPart.DataCommunication] = data;
        var shards = p.Sharding == Sharding.None ? 1.0 : job.DataParallel * p.Context;
        var expertShards = p.Sharding == Sharding.None ? 1.0 : Math.Max(1, job.DataParallel * p.Context / p.Expert);
        var optimizer = 30 * ((weights.Dense / shards) + (weights.Experts / expertShards)) / rates.Memory;
        parts[(int)StepPart.Optimizer] = optimizer;

        var memory = Memory(job, dense.Work, sparse.Work, perStage, less, interleave, recompute, runtime);
        var times = new PipelineTimes(
            stages, interleave, m, first.Forward, first.Backward, middle.Forward, middle.Backward, last.Forward, last.Backward,
            data, optimizer);
        return new(parts, job, interleave, recompute, memory, times);
    }

    static Stage Slowest(in Stage a, in Stage b, in Stage c) =>
        a.Total >= b.Total && a.Total >= c.Total ? a : b.Total >= c.Total ? b : c;

    /// <summary>Seconds of one microbatch on one stage, by part; matmul, attention and element-wise work are forward and backward together.</summary>
    readonly record struct Stage(
        double Matmul, double Attention, double Elementwise, double Recompute, double Tensor, double Context, double Expert, double Forward)
    {
        public double Total => Matmul + Attention + Elementwise + Recompute + Tensor + Context + Expert;

        public double Backward => Total - Forward;

        public Stage With(in Stage other) => new(
            Matmul + other.Matmul, Attention + other.Attention, Elementwise + other.Elementwise, Recompute + other.Recompute,
            Tensor + other.Tensor, Context + other.Context, Expert + other.Expert, Forward + other.Forward);

        public Stage Times(double n) => new(
            n * Matmul, n * Attention, n * Elementwise, n * Recompute, n * Tensor, n * Context, n * Expert, n * Forward);
    }

    readonly record struct BlockTime(BlockWork Work, Stage Time);

    static Stage StageOf(int blocks, int denseBlocks, in BlockTime dense, in BlockTime sparse)
    {
        var d = Math.Min(denseBlocks, blocks);
        return dense.Time.Times(d).With(sparse.Time.Times(blocks - d));
    }

    static BlockTime Block(
        TrainingJob job, in ComputeRates rates, StepNetwork network, in GroupLayout layout, Recomputation recompute, bool sparse)
    {
        var p = job.Parallelism;
        var work = BlockWork.Of(job, rates, sparse);
        double tensorForward = 0, tensorBackward = 0, context = 0, contextForward = 0, expertForward = 0;
        if (p.Tensor > 1)
        {
            var group = layout.Tensor;
            var size = DataSize.FromBytes(work.ResidualBytes);
            // Half of the matrices' input-gradient time and half of their weight-gradient time stand beside each pair of collectives.
            var beside = work.MatmulForward / 2;
            if (p.SequenceParallel)
            {
                var gather = CollectiveModel.Default.Time(CollectiveKind.AllGather, size, group, network.Levels).Total.Seconds;
                var scatter = CollectiveModel.Default.Time(CollectiveKind.ReduceScatter, size, group, network.Levels).Total.Seconds;
                tensorForward = p.OverlapTensor
                    ? Hidden(2 * gather, beside, p.Tensor, rates) + Hidden(2 * scatter, beside, p.Tensor, rates)
                    : 2 * (gather + scatter);
                var awaited = p.OverlapTensor ? Hidden(2 * gather, beside, p.Tensor, rates) : 2 * gather;
                tensorBackward = awaited + Hidden(2 * scatter, beside, 0, rates) + Hidden(2 * gather, beside, 0, rates);
            }
            else
            {
                var reduce = CollectiveModel.Default.Time(CollectiveKind.AllReduce, size, group, network.Levels).Total.Seconds;
                tensorForward = p.OverlapTensor ? Hidden(2 * reduce, 2 * beside, p.Tensor, rates) : 2 * reduce;
                tensorBackward = Hidden(2 * reduce, beside, 0, rates);
            }
        }
        if (p.Context > 1)
        {
            var group = layout.Context;
            var around = CollectiveModel.Default.Time(
                CollectiveKind.AllGather, DataSize.FromBytes(work.KeyValueBytes * p.Context), group, network.Levels).Total.Seconds;
            contextForward = Hidden(around, work.AttentionForward, p.Context, rates);
            context = contextForward + Hidden(2 * around, work.AttentionBackward, p.Context, rates);
        }
        if (sparse && p.Expert > 1)
        {
            var group = layout.Expert;
            expertForward = 2 * CollectiveModel.Default.Time(
                CollectiveKind.AllToAll, DataSize.FromBytes(work.DispatchBytes), group, network.Levels).Total.Seconds;
        }
        var again = recompute switch
        {
            Recomputation.Full => work.Forward + tensorForward + contextForward + expertForward,
            Recomputation.Selective => (work.ActivationBytes - work.SelectiveActivationBytes) * 3 / rates.Memory,
            _ => 0,
        };
        return new(work, new(
            work.MatmulForward + work.MatmulBackward,
            work.AttentionForward + work.AttentionBackward,
            work.ElementwiseForward + work.ElementwiseBackward,
            again,
            tensorForward + tensorBackward,
            context,
            2 * expertForward,
            work.Forward + tensorForward + contextForward + expertForward));
    }

    /// <summary>
    /// What is seen of communication that runs beside so much computation: what outlasts it, the first of so many pieces when it is
    /// cut up (0 pieces: it needs no cutting), and the compute rate that it takes while hidden.
    /// </summary>
    static double Hidden(double communication, double beside, int pieces, in ComputeRates rates)
    {
        var exposed = Math.Max(communication - beside, pieces > 0 ? communication / pieces : 0);
        return exposed + (rates.OverlapTax * (communication - exposed));
    }

    /// <summary>The output layer with its loss, on the last stage.</summary>
    static Stage Output(TrainingJob job, in ComputeRates rates)
    {
        var p = job.Parallelism;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        double h = job.Model.Model.Hidden, v = (double)job.Model.Model.Vocabulary / p.Tensor;
        var forward = (2 * t * h * v / rates.Matmul) + rates.MatmulOverhead;
        // Logits: written in BF16, read and written in FP32 for the loss, read again for its gradient.
        var loss = 12 * t * v / rates.Memory;
        return new(3 * forward, 0, loss, 0, 0, 0, 0, forward + (loss / 2));
    }

    static double Sends(TrainingJob job, StepNetwork network, in GroupLayout layout, in BlockWork work, in Stage slowest, int interleave)
    {
        var p = job.Parallelism;
        if (p.Pipeline == 1) return 0;
        var bytes = work.ResidualBytes / (p.SequenceParallel ? p.Tensor : 1);
        var send = CollectiveModel.Default.Time(
            CollectiveKind.SendReceive, DataSize.FromBytes(bytes), layout.Pipeline, network.Levels).Total.Seconds;
        var fill = 2 * (p.Pipeline - 1) * send;
        // Plain 1F1B waits for its neighbour in each direction once a microbatch; the interleaved schedule sends one chunk while it
        // computes the next, so only what outlasts a chunk is seen.
        var steady = interleave == 1
            ? 2 * send
            : interleave * Math.Max(0, (2 * send) - (slowest.Total / interleave));
        return fill + (job.MicroBatches * steady);
    }

    readonly record struct Weights(double Dense, double Experts);

    /// <summary>Parameters of one accelerator on the stage that holds most, split into those all ranks share and routed experts.</summary>
    static Weights StageWeights(TrainingJob job, int perStage, int less)
    {
        var p = job.Parallelism;
        if (p.Pipeline == 1) return WeightsOf(job, job.Model.Model.Layers, job.Model.DenseLayers, true, true);
        var first = WeightsOf(job, perStage - less, job.Model.DenseLayers, true, false);
        var last = WeightsOf(job, perStage - less, 0, false, true);
        var middle = WeightsOf(job, p.Pipeline > 2 ? perStage : 0, 0, false, false);
        double Sum(Weights w) => w.Dense + w.Experts;
        var most = Sum(first) >= Sum(last) ? first : last;
        return Sum(most) >= Sum(middle) ? most : middle;
    }

    static Weights WeightsOf(TrainingJob job, int blocks, int denseBlocks, bool embedding, bool output)
    {
        var model = job.Model;
        var p = job.Parallelism;
        var d = model.Model.Experts is null ? blocks : Math.Min(denseBlocks, blocks);
        var dense = (d * model.DenseLayerParameters) + ((blocks - d) * model.SharedExpertLayerParameters);
        if (embedding) dense += model.EmbeddingParameters;
        if (output) dense += (model.OutputParameters > 0 ? model.OutputParameters : (double)model.Model.Vocabulary * model.Model.Hidden) + model.FinalNormParameters;
        if (embedding && output && model.OutputParameters == 0) dense -= (double)model.Model.Vocabulary * model.Model.Hidden;
        var experts = (blocks - d) * (model.Model.Experts?.Experts ?? 0) * model.ExpertParameters;
        return new(dense / p.Tensor, experts / p.Tensor / p.Expert);
    }

    static double DataGroup(
        TrainingJob job, StepNetwork network, in GroupLayout layout, Weights weights, in Stage slowest, in ComputeRates rates, int m)
    {
        var p = job.Parallelism;
        double reduce = 0, gather = 0;
        void Add(double parameters, in GroupPlacement group)
        {
            if (group.Ranks <= 1 || parameters <= 0) return;
            var gradients = DataSize.FromBytes(parameters * p.GradientBytes);
            if (p.Sharding == Sharding.None)
            {
                reduce += CollectiveModel.Default.Time(CollectiveKind.AllReduce, gradients, group, network.Levels).Total.Seconds;
                return;
            }
            reduce += CollectiveModel.Default.Time(CollectiveKind.ReduceScatter, gradients, group, network.Levels).Total.Seconds;
            gather += CollectiveModel.Default.Time(CollectiveKind.AllGather, DataSize.FromBytes(parameters * Bf16), group, network.Levels).Total.Seconds;
        }
        Add(weights.Dense, layout.Dense);
        Add(weights.Experts, layout.ExpertReplicas);
        if (!p.OverlapData) return p.Sharding == Sharding.Weights ? m * (reduce + (2 * gather)) : reduce + gather;

        // One block's share is sent before anything can hide it, and one after.
        var pieces = Math.Max(1, job.Model.Model.Layers / p.Pipeline);
        return p.Sharding == Sharding.Weights
            ? m * (Hidden(gather, slowest.Forward, pieces, rates) + Hidden(gather + reduce, slowest.Backward, pieces, rates))
            : Hidden(reduce, slowest.Backward, pieces, rates) + Hidden(gather, slowest.Forward, pieces, rates);
    }

    static MemoryUse Memory(
        TrainingJob job, in BlockWork dense, in BlockWork sparse, int perStage, int less, int interleave, Recomputation recompute, DataSize runtime)
    {
        var p = job.Parallelism;
        MemoryUse worst = default;
        for (var stage = 0; stage < p.Pipeline; stage = stage switch { 0 => 1, _ when stage == p.Pipeline - 1 => p.Pipeline, _ => p.Pipeline - 1 })
        {
            bool isFirst = stage == 0, isLast = stage == p.Pipeline - 1;
            var blocks = p.Pipeline == 1 ? job.Model.Model.Layers : perStage - (isFirst || isLast ? less : 0);
            var denseBlocks = job.Model.Model.Experts is null ? blocks : isFirst ? Math.Min(job.Model.DenseLayers, blocks) : 0;
            var weights = WeightsOf(job, blocks, denseBlocks, isFirst, isLast);
            double group = job.DataParallel * p.Context, experts = Math.Max(1, group / p.Expert);
            double Bytes(double each, bool split) =>
                each * (split ? (weights.Dense / group) + (weights.Experts / experts) : weights.Dense + weights.Experts);
            var inFlight = Math.Min(job.MicroBatches, p.Pipeline - stage + (interleave > 1 ? (p.Pipeline - 1.0) / interleave : 0));
            var kept = (denseBlocks * Kept(dense, recompute)) + ((blocks - denseBlocks) * Kept(sparse, recompute));
            var working = 2 * dense.ResidualBytes;
            if (recompute == Recomputation.Full) working += Math.Max(dense.ActivationBytes, sparse.ActivationBytes);
            if (isLast)
            {
                var t = (double)p.MicroBatch * job.Sequence / p.Context;
                working += t * job.Model.Model.Vocabulary / p.Tensor * (Bf16 + 4 + 4);
            }
            if (p.Sharding == Sharding.Weights) working += 2 * Bf16 * (weights.Dense + weights.Experts) / Math.Max(1, blocks);
            var use = new MemoryUse(
                DataSize.FromBytes(Bytes(Bf16, p.Sharding == Sharding.Weights)),
                DataSize.FromBytes(Bytes(p.GradientBytes, p.Sharding >= Sharding.Gradients)),
                DataSize.FromBytes(Bytes(12, p.Sharding >= Sharding.Optimizer)),
                DataSize.FromBytes(inFlight * kept),
                DataSize.FromBytes(working),
                runtime,
                stage);
            if (stage == 0 || use.Total > worst.Total) worst = use;
        }
        return worst;
    }

    static double Kept(in BlockWork work, Recomputation recompute) => recompute switch
    {
        Recomputation.Full => work.InputBytes,
        Recomputation.Selective => work.SelectiveActivationBytes,
        _ => work.ActivationBytes,
    };
}
