// Time of one training step, in closed form over the kinds of stages.
//
//   stage i, one microbatch:   T_i = blocks·(compute + exposed TP, CP, EP) [+ embedding on the first, output layer on the last]
//   pipeline:                  m·T_max + (Σ_i T_i - T_max)/v + exposed sends        (1F1B for v = 1, interleaved for v > 1)
//                              sends of an interleaved schedule stand beside the next chunk's computation if overlapped
//   tensor group, one block:   forward 2 all-gathers + 2 reduce-scatters of the residual stream, all waited for;
//                              backward 2 all-gathers of the output's gradient waited for, 2 reduce-scatters beside the weight
//                              gradients and 2 all-gathers of the input beside the input gradients (Megatron's order)
//   context group:             keys and values once around the ring, beside attention
//   expert group:              dispatch and combine, forward and backward, waited for; where a tensor group splits the experts'
//                              matrices it gathers and scatters every copy of a token instead of the residual stream
//   data group:                reduce-scatter beside the last backward, all-gather beside the next first forward;
//                              what is hidden still takes a share of the compute rate
//   tied embedding:            gradients summed over the first and the last stage, waited for
//   optimiser:                 30 bytes moved for each parameter that the rank updates
//
//   named schedule:            played out exactly over the positions of the model, see StepModelSchedule.cs and Pipelines/
//
// Multi-token prediction blocks are left out of the time and of the memory.
//
// Worked example, no splitting and one microbatch: the step is the blocks' forward and backward, the output layer and the update.

using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>Predicts training steps; see the equations at the head of this file.</summary>
public static partial class StepModel
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
        ArgumentNullException.ThrowIfNull(network);
        var p = job.Parallelism;
        var blocks = PreparedBlocks.Of(job, rates, network);
        PreparedPipeline pipeline = default;
        TrainingStep? best = null;
        for (var recompute = p.Recompute ?? Recomputation.None; recompute <= (p.Recompute ?? Recomputation.Full); recompute++)
        {
            var (fewest, most) = job.Chunks(MaximumInterleave(job));
            for (var interleave = fewest; interleave <= most; interleave++)
            {
                if (!job.Fits(interleave)) continue;
                TrainingStep step;
                if (job.Schedule is { } schedule)
                {
                    step = Predict(job, blocks, schedule, rates, network, runtime, interleave, recompute);
                }
                else
                {
                    var deal = new StageDeal(job, interleave);
                    if (!pipeline.Suits(deal)) pipeline = PreparedPipeline.Of(job, blocks, network, deal);
                    var outline = Assemble(job, blocks, pipeline, deal, rates, interleave, recompute);
                    step = new(outline, job, interleave, recompute, MemoryOf(job, blocks, deal, runtime, interleave, recompute));
                }
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

    internal static int MaximumInterleave(in TrainingJob job) =>
        // Megatron's interleaved schedule needs the microbatches to fill whole rounds of the pipeline.
        job.Parallelism.Pipeline == 1 || (job.Schedule is null && job.MicroBatches % job.Parallelism.Pipeline != 0)
            ? 1
            : Math.Max(1, (job.Model.Model.Layers + 2) / job.Parallelism.Pipeline);

    /// <summary>
    /// Puts a step together from what was prepared: what a search does millions of times. It allocates nothing and asks no collective.
    /// </summary>
    internal static StepOutline Assemble(
        in TrainingJob job, in PreparedBlocks blocks, in PreparedPipeline pipeline, in StageDeal deal, in ComputeRates rates, int interleave,
        Recomputation recompute)
    {
        var p = job.Parallelism;
        Stage dense = Again(job, blocks.Dense(recompute)), sparse = Again(job, blocks.Sparse(recompute));

        int stages = p.Pipeline, m = job.MicroBatches;
        var first = StageOf(deal, 0, dense, sparse);
        var last = stages == 1 ? first : StageOf(deal, stages - 1, dense, sparse);
        if (stages == 1) first = last = first.With(blocks.Output);
        else last = last.With(blocks.Output);
        var slowest = last.Total > first.Total ? last : first;
        var middles = default(Stage);
        for (var stage = 1; stage < stages - 1; stage++)
        {
            // Stages between the ends differ only by the dense blocks at a mixture's start.
            var alike = deal.Mixed ? 1 : stages - 2;
            var middle = StageOf(deal, stage, dense, sparse);
            if (middle.Total > slowest.Total) slowest = middle;
            middles = middles.With(middle.Times(alike));
            stage += alike - 1;
        }
        var sum = stages == 1 ? first.Total : first.Total + last.Total + middles.Total;
        var mean = stages > 2 ? middles.Times(1.0 / (stages - 2)) : default;

        var parts = default(TrainingStep.Parts);
        parts[(int)StepPart.Matmul] = m * slowest.Matmul;
        parts[(int)StepPart.Attention] = m * slowest.Attention;
        parts[(int)StepPart.Elementwise] = m * slowest.Elementwise;
        parts[(int)StepPart.Recompute] = m * slowest.Recompute;
        parts[(int)StepPart.TensorCommunication] = m * slowest.Tensor;
        parts[(int)StepPart.ContextCommunication] = m * slowest.Context;
        parts[(int)StepPart.ExpertCommunication] = m * slowest.Expert;
        parts[(int)StepPart.PipelineBubble] = (sum - slowest.Total) / interleave;
        parts[(int)StepPart.PipelineCommunication] = Sends(job, pipeline.Send, slowest, interleave);

        var weights = pipeline.Weights;
        var data = DataGroup(job, pipeline.Data, slowest, rates, m) + pipeline.TiedEmbedding;
        parts[(int)StepPart.DataCommunication] = data;
        var shards = p.Sharding == Sharding.None ? 1.0 : job.DataParallel * p.Context;
        var expertShards = p.Sharding == Sharding.None ? 1.0 : Math.Max(1, job.DataParallel * p.Context / p.Expert);
        var optimizer = 30 * ((weights.Dense / shards) + (weights.Experts / expertShards)) / rates.Memory;
        parts[(int)StepPart.Optimizer] = optimizer;

        var times = new PipelineTimes(
            stages, interleave, m, first.Forward, first.Backward, mean.Forward, mean.Backward, last.Forward, last.Backward,
            data, optimizer)
        {
            ForwardExposed = slowest.ForwardExposed / slowest.Forward,
            BackwardExposed = (slowest.Exposed - slowest.ForwardExposed) / slowest.Backward,
        };
        if (job.Memory.UsesHost)
        {
            var memory = MemoryOf(job, blocks, deal, default, interleave, recompute);
            parts[(int)StepPart.HostTransfer] = HostTraffic.Of(job, blocks.Activations, recompute, times, memory, HostLink.Default).Seen.Seconds;
        }
        return new(parts, times);
    }

    /// <summary>Memory of a step that is put together from prepared blocks.</summary>
    internal static MemoryUse MemoryOf(
        in TrainingJob job, in PreparedBlocks blocks, in StageDeal deal, DataSize runtime, int interleave, Recomputation recompute) =>
        Memory(job, blocks.DenseWork.Activations, blocks.SparseWork.Activations, deal, interleave, recompute, runtime);

    /// <summary>
    /// Seconds that no step of these blocks goes below, whatever its sharding, recomputation and data group. The slowest of p stages takes at least
    /// the p-th part of all of them, Σ; the step is m·T_max + (Σ - T_max)/v and more, which grows with T_max, so it is at least m·Σ/p + (Σ - Σ/p)/v.
    /// </summary>
    internal static double LowerBound(in TrainingJob job, in PreparedBlocks blocks, int interleave)
    {
        double stages = job.Parallelism.Pipeline, all = blocks.Model(job);
        // What adding in another order may change is far below.
        return ((job.MicroBatches * all / stages) + ((all - (all / stages)) / interleave)) * (1 - 1e-9);
    }

    /// <summary>
    /// Seconds of one microbatch on one stage, by part; matmul, attention and element-wise work are forward and backward together.
    /// Weight is the part of the backward pass that makes the gradients of weights.
    /// </summary>
    internal readonly record struct Stage(
        double Matmul, double Attention, double Elementwise, double Recompute, double Tensor, double Context, double Expert, double Forward,
        double TensorForward, double ContextForward, double ExpertForward, double Weight)
    {
        public double Total => Matmul + Attention + Elementwise + Recompute + Tensor + Context + Expert;

        public double Backward => Total - Forward;

        public double Exposed => Tensor + Context + Expert;

        public double ForwardExposed => TensorForward + ContextForward + ExpertForward;

        public Stage With(in Stage other) => new(
            Matmul + other.Matmul, Attention + other.Attention, Elementwise + other.Elementwise, Recompute + other.Recompute,
            Tensor + other.Tensor, Context + other.Context, Expert + other.Expert, Forward + other.Forward,
            TensorForward + other.TensorForward, ContextForward + other.ContextForward, ExpertForward + other.ExpertForward, Weight + other.Weight);

        public Stage Times(double n) => new(
            n * Matmul, n * Attention, n * Elementwise, n * Recompute, n * Tensor, n * Context, n * Expert, n * Forward,
            n * TensorForward, n * ContextForward, n * ExpertForward, n * Weight);
    }

    static Stage StageOf(in StageDeal deal, int stage, in Stage dense, in Stage sparse)
    {
        var (blocks, d) = deal[stage];
        return dense.Times(d).With(sparse.Times(blocks - d));
    }

    /// <summary>One block without recomputation.</summary>
    internal static (BlockWork Work, Stage Time) Block(
        in TrainingJob job, in ComputeRates rates, StepNetwork network, in GroupLayout layout, bool sparse)
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
                // Once for attention and once for the feed-forward layer.
                var gather = Time(CollectiveKind.AllGather, size, group, network);
                var scatter = Time(CollectiveKind.ReduceScatter, size, group, network);
                if (sparse && p.Expert > 1)
                {
                    var copies = size * job.Model.Model.Experts!.PerToken;
                    gather += Time(CollectiveKind.AllGather, copies, group, network);
                    scatter += Time(CollectiveKind.ReduceScatter, copies, group, network);
                }
                else
                {
                    gather *= 2;
                    scatter *= 2;
                }
                tensorForward = p.OverlapTensor
                    ? Hidden(gather, beside, p.Tensor, rates) + Hidden(scatter, beside, p.Tensor, rates)
                    : gather + scatter;
                var awaited = p.OverlapTensor ? Hidden(gather, beside, p.Tensor, rates) : gather;
                tensorBackward = awaited + Hidden(scatter, beside, 0, rates) + Hidden(gather, beside, 0, rates);
            }
            else
            {
                var reduce = Time(CollectiveKind.AllReduce, size, group, network);
                tensorForward = p.OverlapTensor ? Hidden(2 * reduce, 2 * beside, p.Tensor, rates) : 2 * reduce;
                tensorBackward = Hidden(2 * reduce, beside, 0, rates);
            }
        }
        if (p.Context > 1)
        {
            var group = layout.Context;
            var around = Time(CollectiveKind.AllGather, DataSize.FromBytes(work.KeyValueBytes * p.Context), group, network);
            contextForward = Hidden(around, work.AttentionForward, p.Context, rates);
            context = contextForward + Hidden(2 * around, work.AttentionBackward, p.Context, rates);
        }
        if (sparse && p.Expert > 1)
        {
            expertForward = Exchange(job, work, layout.Expert, network);
        }
        return (work, new(
            work.MatmulForward + work.MatmulBackward,
            work.AttentionForward + work.AttentionBackward,
            work.ElementwiseForward + work.ElementwiseBackward,
            0,
            tensorForward + tensorBackward,
            context,
            2 * expertForward,
            work.Forward + tensorForward + contextForward + expertForward,
            tensorForward,
            contextForward,
            expertForward,
            work.MatmulBackward / 2));
    }

    static double Time(CollectiveKind kind, DataSize size, in GroupPlacement group, StepNetwork network) =>
        network.Collectives.Time(kind, size, group, network.Levels).Total.Seconds;

    /// <summary>
    /// Dispatch and combine of one layer, both in BF16, by whichever is faster: all-to-alls with a copy for each expert, or, beyond one
    /// domain, kernels that send one copy to each domain. The latter wait for the rank that balanced but random routing loads most.
    /// Within a domain copies for ranks are nearly as many as copies for experts, and the kernels are measured on slower links only.
    /// </summary>
    static double Exchange(in TrainingJob job, in BlockWork work, in GroupPlacement group, StepNetwork network)
    {
        var (experts, hidden) = (job.Model.Model.Experts!, job.Model.Model.Hidden);
        var copies = 2 * Time(CollectiveKind.AllToAll, DataSize.FromBytes(work.DispatchBytes), group, network);
        if (group.Within(0) >= group.Ranks || experts.PerToken > ExpertExchange.MostPerToken) return copies;
        var exchange = new ExpertExchange
        {
            Experts = experts.Experts,
            PerToken = experts.PerToken,
            Tokens = work.DispatchBytes / (Bf16 * hidden * experts.PerToken),
            Hidden = hidden,
            Dispatch = ExpertPrecision.Bf16,
        };
        var kernels = network.Experts.Time(exchange, ExpertPhase.Dispatch, group).MostLoaded + network.Experts.Time(exchange, ExpertPhase.Combine, group).MostLoaded;
        return Math.Min(kernels.Seconds, copies);
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
    internal static Stage Output(in TrainingJob job, in ComputeRates rates)
    {
        var p = job.Parallelism;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        double h = job.Model.Model.Hidden, v = (double)job.Model.Model.Vocabulary / p.Tensor;
        // It stays in BF16 whatever the blocks compute in.
        var forward = (2 * t * h * v / rates.MatmulBf16) + rates.MatmulOverhead;
        // Megatron's loss over a split vocabulary passes each logit through memory so often: cast to FP32 (6 B), maximum (4), less
        // the maximum (8), exponential (8), sum (4), quotient (8); for the gradient product (8) and cast to BF16 (6).
        double loss = 38 * t * v / rates.Memory, gradient = 14 * t * v / rates.Memory;
        return new(3 * forward, 0, loss + gradient, 0, 0, 0, 0, forward + loss, 0, 0, 0, forward);
    }

    static double Sends(in TrainingJob job, double send, in Stage slowest, int interleave)
    {
        var p = job.Parallelism;
        if (p.Pipeline == 1) return 0;
        var fill = 2 * (p.Pipeline - 1) * send;
        // Plain 1F1B waits for its neighbour in each direction once a microbatch; the interleaved schedule can send one chunk while
        // it computes the next, so that only what outlasts a chunk is seen.
        var steady = interleave == 1 || !p.OverlapPipeline
            ? interleave * 2 * send
            : interleave * Math.Max(0, (2 * send) - (slowest.Total / interleave));
        return fill + (job.MicroBatches * steady);
    }

    /// <summary>One microbatch from one stage to the next.</summary>
    internal static double Send(in Parallelism p, StepNetwork network, in GroupLayout layout, in BlockWork work)
    {
        var send = Time(CollectiveKind.SendReceive, DataSize.FromBytes(work.ResidualBytes / p.Tensor), layout.Pipeline, network);
        // Ranks that hold the same tensor whole send a part each, and gather it at the other end (Narayanan et al. 2021).
        if (!p.SequenceParallel && p.Tensor > 1)
            send += Time(CollectiveKind.AllGather, DataSize.FromBytes(work.ResidualBytes), layout.Tensor, network);
        return send;
    }

    internal readonly record struct Weights(double Dense, double Experts)
    {
        public double Sum => Dense + Experts;
    }

    /// <summary>Parameters of one accelerator on the stage that holds most, split into those all ranks share and routed experts.</summary>
    internal static Weights StageWeights(in TrainingJob job, in StageDeal deal)
    {
        var last = job.Parallelism.Pipeline - 1;
        var most = WeightsOf(job, deal, 0);
        if (WeightsOf(job, deal, last) is var end && end.Sum > most.Sum) most = end;
        // The last stage but one has the fewest dense blocks of a mixture's start.
        return last > 1 && WeightsOf(job, deal, last - 1) is var middle && middle.Sum > most.Sum ? middle : most;
    }

    static Weights WeightsOf(in TrainingJob job, in StageDeal deal, int stage)
    {
        var (blocks, dense) = deal[stage];
        return WeightsOf(job, blocks, dense, stage == 0, stage == job.Parallelism.Pipeline - 1);
    }

    static Weights WeightsOf(in TrainingJob job, int blocks, int d, bool embedding, bool output)
    {
        var model = job.Model;
        var p = job.Parallelism;
        var dense = (d * model.DenseLayerParameters) + ((blocks - d) * model.SharedExpertLayerParameters);
        if (embedding) dense += model.EmbeddingParameters;
        if (output) dense += (model.OutputParameters > 0 ? model.OutputParameters : (double)model.Model.Vocabulary * model.Model.Hidden) + model.FinalNormParameters;
        if (embedding && output && model.OutputParameters == 0) dense -= (double)model.Model.Vocabulary * model.Model.Hidden;
        var experts = (blocks - d) * (model.Model.Experts?.Experts ?? 0) * model.ExpertParameters;
        return new(dense / p.Tensor, experts / p.Tensor / p.Expert);
    }

    /// <summary>Collectives of a data group with nothing beside them: gradients, and weights where states are shared.</summary>
    internal readonly record struct DataTimes(double Reduce, double Gather);

    internal static DataTimes DataCollectives(in TrainingJob job, StepNetwork network, in GroupLayout layout, Weights weights)
    {
        var p = job.Parallelism;
        double reduce = 0, gather = 0;
        void Add(double parameters, in GroupPlacement group)
        {
            if (group.Ranks <= 1 || parameters <= 0) return;
            var gradients = DataSize.FromBytes(parameters * p.GradientBytes);
            if (p.Sharding == Sharding.None)
            {
                reduce += Time(CollectiveKind.AllReduce, gradients, group, network);
                return;
            }
            reduce += Time(CollectiveKind.ReduceScatter, gradients, group, network);
            gather += Time(CollectiveKind.AllGather, DataSize.FromBytes(parameters * Bf16), group, network);
        }
        Add(weights.Dense, layout.Dense);
        Add(weights.Experts, layout.ExpertReplicas);
        return new(reduce, gather);
    }

    /// <summary>What is seen of the data group's collectives.</summary>
    static double DataGroup(in TrainingJob job, DataTimes times, in Stage slowest, in ComputeRates rates, int m)
    {
        var p = job.Parallelism;
        var (reduce, gather) = times;
        if (!p.OverlapData) return p.Sharding == Sharding.Weights ? m * (reduce + (2 * gather)) : reduce + gather;

        // One block's share is sent before anything can hide it, and one after.
        var pieces = Math.Max(1, job.Model.Model.Layers / p.Pipeline);
        return p.Sharding == Sharding.Weights
            ? m * (Hidden(gather, slowest.Forward, pieces, rates) + Hidden(gather + reduce, slowest.Backward, pieces, rates))
            : Hidden(reduce, slowest.Backward, pieces, rates) + Hidden(gather, slowest.Forward, pieces, rates);
    }

    internal static double TiedEmbedding(in TrainingJob job, StepNetwork network, in GroupLayout layout)
    {
        var (p, model) = (job.Parallelism, job.Model.Model);
        if (p.Pipeline == 1 || !model.TiedEmbeddings) return 0;
        var bytes = (double)model.Vocabulary * model.Hidden / p.Tensor * p.GradientBytes;
        return Time(CollectiveKind.AllReduce, DataSize.FromBytes(bytes), layout.PipelineEnds, network);
    }
}
