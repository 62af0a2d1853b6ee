// Time of one training step, in closed form over the kinds of stages.
//
//   stage i, one microbatch:   T_i = blocks·(compute + exposed TP, CP, EP) [+ embedding on the first, output layer on the last]
//   pipeline:                  m·T_max + (Σ_i T_i - T_max)/v + exposed sends        (1F1B for v = 1, interleaved for v > 1)
//                              1F1B waits for 2 p - 3 sends of the first microbatch, and of each for 2 v - 1 on the ends and 2 v between, where they
//                              don't hide in what a stage is faster than the slowest; an interleaved schedule that overlaps them for the
//                              2 (p v - 1) that fill and drain the pipeline, and for what a send outlasts the shorter pass of a chunk
//   tensor group, one block:   forward 2 all-gathers + 2 reduce-scatters of the residual stream, all waited for;
//                              backward 2 all-gathers of the output's gradient waited for, 2 reduce-scatters beside the weight
//                              gradients and 2 all-gathers of the input beside the input gradients (Megatron's order)
//   context group:             keys and values once around the ring, beside attention
//   expert group:              dispatch and combine, forward and backward, waited for; where a tensor group splits the experts'
//                              matrices it gathers and scatters every copy of a token instead of the residual stream
//   data group:                reduce-scatter beside the last backward, all-gather beside the next first forward;
//                              what is hidden still takes a share of the compute rate;
//                              zero-2 and zero-3 sum each microbatch's gradients, zero-1 those of the step; on a pipeline zero-3 those of
//                              the step, zero-2 those of each run of microbatches through a chunk, beside the next run
//   contention                 what runs beside a pass shares links with tensor, context and expert traffic that leaves the domain as it does
//                              (or stays inside as it does): both get half, and the pass waits for its own; where an engine has played both at
//                              once, what it found, with sends between stages too
//   overlapped exchange:       what a stage does while it fills and drains has no other microbatch beside it: its exchanges are waited for
//   tied embedding:            gradients summed over the first and the last stage, waited for
//   optimiser:                 30 bytes moved for each parameter that the rank updates, and the cast of each that it multiplies by
//
//   named schedule:            played out exactly over the positions of the model, see StepModelSchedule.cs and Pipelines/
//
//   host                       a pass over a block takes no less than its kernels times the host's time to launch one, half of that backward; a layer
//                              of experts that take all tokens that come, no less than the host's time for what follows the counts
//
// Worked example, no splitting and one microbatch: the step is the blocks' forward and backward, the output layer and the update.

using Lightloom.Collectives;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>Predicts training steps; see the equations at the head of this file.</summary>
public static partial class StepModel
{
    const double Bf16 = 2;

    // The backward pass is launched by the framework's engine, of which no line is Python's.
    const double BackwardLaunch = 0.5;

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
        return FewestRecomputed(best!.Value, rates, network, capacity, runtime);
    }

    /// <summary>
    /// Where all of full recomputation was chosen because nothing less fitted, the same with as few blocks computed again as fit.
    /// </summary>
    static TrainingStep FewestRecomputed(in TrainingStep all, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        var job = all.Job;
        if (job.Parallelism.Recompute is not null || job.RecomputedBlocks is not null || all.Recompute != Recomputation.Full || all.Memory.Total > capacity) return all;
        var parallelism = job.Parallelism with { Recompute = Recomputation.Full };
        if (parallelism.Pipeline > 1 && parallelism.Interleave is null) parallelism = parallelism with { Interleave = all.Interleave };
        var best = all;
        int none = 0, fits = MemoryPlan.MostBlocks(job);
        while (fits - none > 1)
        {
            var blocks = (none + fits) / 2;
            var candidate = job with { Parallelism = parallelism, FewestBlocks = blocks };
            if (!candidate.IsValid) return best;
            var step = Predict(candidate, rates, network, capacity, runtime);
            if (step.Memory.Total <= capacity) (fits, best) = (blocks, step);
            else none = blocks;
        }
        return best;
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
        var kinds = KindsOf(job, blocks, recompute);

        int stages = p.Pipeline, m = job.MicroBatches;
        var first = kinds.Sum(deal[0]);
        var last = stages == 1 ? first : kinds.Sum(deal[stages - 1]);
        if (stages == 1) first = last = first.With(blocks.Output);
        else last = last.With(blocks.Output);
        var slowest = last.Total > first.Total ? last : first;
        var (ends, between) = (slowest.Total, 0.0);
        var middles = default(Stage);
        for (var stage = 1; stage < stages - 1; stage++)
        {
            // Stages between the ends differ only by the dense blocks at a mixture's start.
            var alike = deal.Mixed ? 1 : stages - 2;
            var middle = kinds.Sum(deal[stage]);
            if (middle.Total > slowest.Total) slowest = middle;
            between = Math.Max(between, middle.Total);
            middles = middles.With(middle.Times(alike));
            stage += alike - 1;
        }
        var sum = stages == 1 ? first : first.With(last).With(middles);
        var mean = stages > 2 ? middles.Times(1.0 / (stages - 2)) : default;

        var unpaired = UnpairedPasses(PipelineKind.Interleaved, stages, interleave, m) * slowest.Unpaired;
        var parts = PartsOf(slowest, m, unpaired);
        parts[(int)StepPart.PipelineBubble] = (sum.Total - slowest.Total) / interleave;
        parts[(int)StepPart.PipelineCommunication] = Sends(job, pipeline.Send, sum, blocks.Output, ends, between, interleave);

        var weights = pipeline.Weights;
        var data = DataGroup(job, pipeline.Data, slowest, rates, m, interleave, pipeline.Send) + pipeline.TiedEmbedding;
        parts[(int)StepPart.DataCommunication] = data;
        var optimizer = Update(job, weights, 1, rates);
        parts[(int)StepPart.Optimizer] = optimizer;

        var times = new PipelineTimes(
            stages, interleave, m, first.Forward, first.Backward, mean.Forward, mean.Backward, last.Forward, last.Backward,
            data, optimizer)
        {
            ForwardExposed = slowest.ForwardExposed / slowest.Forward,
            BackwardExposed = (slowest.Exposed - slowest.ForwardExposed) / slowest.Backward,
            Unpaired = unpaired,
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
        Memory(job, blocks.DenseWork.Activations, blocks.SparseWork.Activations, blocks.Others?.Kept, deal, interleave, recompute, runtime);

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

    /// <summary>One block, or one layer of a pattern, without recomputation.</summary>
    internal static (BlockWork Work, Stage Time) Block(
        in TrainingJob job, in ComputeRates rates, StepNetwork network, in GroupLayout layout, BlockKind kind)
    {
        var p = job.Parallelism;
        var work = BlockWork.Of(job, rates, kind);
        // A layer of a pattern has one pair of matrices to gather before and scatter behind.
        var (sparse, pairs) = (kind.HasExperts(), kind.IsBlock() ? 2 : 1);
        double tensorForward = 0, tensorBackward = 0, context = 0, contextForward = 0, expert = 0, expertForward = 0, unpaired = 0;
        if (p.Tensor > 1)
        {
            var size = DataSize.FromBytes(work.ResidualBytes);
            // Half of the matrices' input-gradient time and half of their weight-gradient time stand beside each pair of collectives.
            var beside = work.MatmulForward / 2;
            if (p.SequenceParallel)
            {
                // Once for attention and once for the feed-forward layer, or for what a layer of a pattern has.
                var gather = Time(StepGroup.Tensor, CollectiveKind.AllGather, size, layout, network);
                var scatter = Time(StepGroup.Tensor, CollectiveKind.ReduceScatter, size, layout, network);
                if (sparse && (p.Expert > 1 || p.ExpertSplit < p.Tensor))
                {
                    // Experts that no tensor group splits take each rank's own tokens; shared ones are split as attention is.
                    var around = job.Model.SharedFeedForward > 0 ? pairs : pairs - 1;
                    (gather, scatter) = (around * gather, around * scatter);
                    if (p.ExpertSplit > 1)
                    {
                        var copies = size * ((double)job.Model.Model.Experts!.PerToken * p.ExpertSplit / p.Tensor * job.Model.ExpertHidden / job.Model.Model.Hidden);
                        gather += Time(StepGroup.ExpertTensor, CollectiveKind.AllGather, copies, layout, network);
                        scatter += Time(StepGroup.ExpertTensor, CollectiveKind.ReduceScatter, copies, layout, network);
                    }
                }
                else
                {
                    gather *= pairs;
                    scatter *= pairs;
                }
                tensorForward = p.OverlapTensor
                    ? Hidden(gather, beside, p.Tensor, rates) + Hidden(scatter, beside, p.Tensor, rates)
                    : gather + scatter;
                var awaited = p.OverlapTensor ? Hidden(gather, beside, p.Tensor, rates) : gather;
                tensorBackward = awaited + Hidden(scatter, beside, 0, rates) + Hidden(gather, beside, 0, rates);
            }
            else
            {
                var reduce = Time(StepGroup.Tensor, CollectiveKind.AllReduce, size, layout, network);
                tensorForward = p.OverlapTensor ? Hidden(pairs * reduce, 2 * beside, p.Tensor, rates) : pairs * reduce;
                tensorBackward = p.OverlapTensorGradients ? Hidden(pairs * reduce, beside, 0, rates) : pairs * reduce;
            }
        }
        if (p.Context > 1 && kind == BlockKind.StateSpace)
        {
            // Sequence for heads before the scan and back behind it, all of it waited for; gradients likewise.
            contextForward = Time(StepGroup.Context, CollectiveKind.AllToAll, DataSize.FromBytes(work.ScanExchangeBytes), layout, network);
            context = 2 * contextForward;
        }
        else if (p.Context > 1 && kind.HasAttention())
        {
            var around = Time(StepGroup.Context, CollectiveKind.AllGather, DataSize.FromBytes(work.KeyValueBytes * p.Context), layout, network);
            // The gathering kind waits for all of it: once forward, and backward once more and for the gradients on their way back.
            (contextForward, context) = p.ContextMethod == ContextMethod.AllGather
                ? (around, 3 * around)
                : (Hidden(around, work.AttentionForward, p.Context, rates), 0);
            if (p.ContextMethod == ContextMethod.Ring) context = contextForward + Hidden(2 * around, work.AttentionBackward, p.Context, rates);
        }
        if (sparse && p.Expert > 1)
        {
            expertForward = Exchange(job, work, layout, network);
            expert = 2 * expertForward;
            if (p.OverlapExpert)
            {
                // Beside the other pass of another microbatch: both exchanges of one stand beside all computation of the other.
                var beside = work.Forward + work.Backward;
                unpaired = expert;
                expert = Hidden(expert, beside, 0, rates);
                unpaired -= expert;
                expertForward = expert / 2;
            }
        }
        double forward = work.Forward + tensorForward + contextForward + expertForward;
        var backward = work.Backward + tensorBackward + context - contextForward + expert - expertForward;
        // The host runs ahead of the accelerator until its launches take longer than the kernels.
        var waitForward = Math.Max(0, Math.Max(work.KernelsForward * rates.HostLaunch, work.HostTime / 3) - forward);
        var waitBackward = Math.Max(0, Math.Max(BackwardLaunch * work.KernelsBackward * rates.HostLaunch, 2 * work.HostTime / 3) - backward);
        return (work, new(
            work.MatmulForward + work.MatmulBackward,
            work.AttentionForward + work.AttentionBackward,
            work.ElementwiseForward + work.ElementwiseBackward,
            0,
            waitForward + waitBackward,
            tensorForward + tensorBackward,
            context,
            expert,
            forward + waitForward,
            tensorForward,
            contextForward,
            expertForward,
            job.FrozenWeights ? 0 : work.MatmulBackward / 2)
        {
            HostForward = waitForward,
            Unpaired = unpaired,
        });
    }

    /// <summary>
    /// Microbatches whose passes have none of another beside them: those with which the first stage fills the pipeline (Megatron's order: 2 (p - 1) +
    /// (v - 1) p chunks), as many when it drains, and those of the other stages while it waits. All where all forward passes come first; schedules along a V
    /// or in two directions are taken as pairing all.
    /// </summary>
    internal static double UnpairedPasses(PipelineKind kind, int stages, int chunks, int microBatches) => kind switch
    {
        PipelineKind.GPipe => microBatches,
        PipelineKind.OneForwardOneBackward or PipelineKind.Interleaved or PipelineKind.ZeroBubbleH1 or PipelineKind.ZeroBubbleH2 =>
            Math.Min(microBatches, stages == 1 ? 1 : (double)InterleavedOneForwardOneBackward.Warmup(stages, chunks, stages, 0) / chunks) + ((stages - 1.0) / chunks),
        _ => 0,
    };

    static double Time(StepGroup of, CollectiveKind kind, DataSize size, in GroupLayout layout, StepNetwork network)
    {
        var group = layout[of];
        return network.Engine?.Invoke(new(of, kind, size, group)) ?? network.Collectives.Time(kind, size, group, network.Levels).Total.Seconds;
    }

    /// <summary>
    /// Dispatch and combine of one layer, both in BF16: by all-to-alls with a copy for each expert, or, where that is faster and the job doesn't say
    /// otherwise, by kernels that send one copy to each domain and each rank. The latter wait for the rank that balanced but random routing loads most.
    /// </summary>
    static double Exchange(in TrainingJob job, in BlockWork work, in GroupLayout layout, StepNetwork network)
    {
        var group = layout.Expert;
        var p = job.Parallelism;
        var (experts, hidden) = (job.Model.Model.Experts!, job.Model.ExpertHidden);
        var copies = 2 * Time(StepGroup.Expert, CollectiveKind.AllToAll, DataSize.FromBytes(work.DispatchBytes), layout, network);
        if (p.ExpertDispatch == ExpertDispatch.AllToAll || experts.PerToken > ExpertExchange.MostPerToken) return copies;
        var exchange = new ExpertExchange
        {
            Experts = experts.Experts,
            PerToken = experts.PerToken,
            Tokens = work.DispatchBytes / (Bf16 * hidden * experts.PerToken),
            Hidden = hidden,
            Dispatch = ExpertPrecision.Bf16,
            DomainLimit = Math.Max(p.ExpertNodes ?? int.MaxValue, DomainsFor(experts, (int)group.Units(0))) is var most && most < group.Units(0) ? most : null,
            Skew = p.ExpertCapacity is null ? p.ExpertImbalance : 1,
        };
        var kernels = network.Experts.Time(exchange, ExpertPhase.Dispatch, group).MostLoaded + network.Experts.Time(exchange, ExpertPhase.Combine, group).MostLoaded;
        return Math.Min(kernels.Seconds, copies);
    }

    // The fewest of so many domains that hold as many experts as a token visits.
    static int DomainsFor(Catalog.ExpertLayers experts, int domains) => (int)Math.Ceiling((double)experts.PerToken * domains / experts.Experts);

    /// <summary>
    /// What is seen of communication that runs beside so much computation: what outlasts it, the first of so many pieces when it is
    /// cut up (0 pieces: it needs no cutting), and the compute rate that it takes while hidden.
    /// </summary>
    static double Hidden(double communication, double beside, int pieces, in ComputeRates rates)
    {
        var exposed = Math.Max(communication - beside, pieces > 0 ? communication / pieces : 0);
        return exposed + (rates.OverlapTax * (communication - exposed));
    }

    /// <summary>The output layer with its loss, and blocks that predict further tokens, on the last stage.</summary>
    internal static Stage Output(in TrainingJob job, in ComputeRates rates, in Stage block)
    {
        var p = job.Parallelism;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        double h = job.Model.Model.Hidden, v = (double)job.Model.Model.Vocabulary / p.Tensor;
        // It stays in BF16 whatever the blocks compute in.
        var forward = (2 * t * h * v / rates.MatmulBf16) + rates.MatmulOverhead;
        // Megatron's loss over a split vocabulary passes each logit through memory so often: cast to FP32 (6 B), maximum (4), less
        // the maximum (8), exponential (8), sum (4), quotient (8); for the gradient product (8) and cast to BF16 (6).
        double loss = 38 * t * v / rates.Memory, gradient = 14 * t * v / rates.Memory;
        // Frozen weights have no gradients of their own.
        var output = new Stage((job.FrozenWeights ? 2 : 3) * forward, 0, loss + gradient, 0, 0, 0, 0, 0, forward + loss, 0, 0, 0, forward);
        if (job.Model.Model.PredictionBlocks is 0) return output;
        // Each further token is predicted by a block of its own behind a projection of both inputs, and the same output layer.
        var join = 2 * t * 2 * h * h / p.Tensor / rates.Matmul;
        var prediction = block.With(output).With(new(3 * join, 0, 0, 0, 0, 0, 0, 0, join, 0, 0, 0, join));
        return output.With(prediction.Times(job.Model.Model.PredictionBlocks * job.Model.Model.PredictionRepeats));
    }

    static double Sends(in TrainingJob job, double send, in Stage all, in Stage output, double ends, double between, int interleave)
    {
        var p = job.Parallelism;
        if (p.Pipeline == 1) return 0;
        int stages = p.Pipeline, chunks = interleave, m = job.MicroBatches;
        if (chunks == 1 || !p.OverlapPipeline)
        {
            // A stage waits for its neighbours once a microbatch and direction, with each chunk; the first and the last have a neighbour less. All but one
            // of the sends of one microbatch through the pipeline and back come on top.
            var waited = Math.Max(ends + (((2 * chunks) - 1) * send), stages > 2 ? between + (2 * chunks * send) : 0) - Math.Max(ends, between);
            return (((2 * stages) - 3) * send) + (m * waited);
        }
        // Chunks that fill and drain the pipeline have nothing to send beside. Between, a send has a chunk's shorter pass, and the output layer behind the
        // last chunk alone.
        var shorter = Math.Min(all.Forward - output.Forward, all.Backward - output.Backward) / (stages * chunks);
        var steady = Math.Max(0, (m * chunks) - InterleavedOneForwardOneBackward.Warmup(stages, chunks, stages, 0));
        var outlasts = ((chunks - 1) * Math.Max(0, send - shorter)) + Math.Max(0, send - shorter - output.Total);
        return (2 * ((stages * chunks) - 1) * send) + (steady * outlasts / chunks);
    }

    /// <summary>One microbatch from one stage to the next.</summary>
    internal static double Send(in Parallelism p, StepNetwork network, in GroupLayout layout, in BlockWork work)
    {
        var send = Time(StepGroup.Pipeline, CollectiveKind.SendReceive, DataSize.FromBytes(work.ResidualBytes / p.Tensor), layout, network);
        // Ranks that hold the same tensor whole send a part each, and gather it at the other end (Narayanan et al. 2021).
        if (!p.SequenceParallel && p.Tensor > 1)
            send += Time(StepGroup.Tensor, CollectiveKind.AllGather, DataSize.FromBytes(work.ResidualBytes), layout, network);
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
        if (job.Model.Model.Pattern is not null)
        {
            for (var stage = 1; stage <= last; stage++)
                if (WeightsOf(job, deal, stage) is var here && here.Sum > most.Sum) most = here;
            return most;
        }
        if (WeightsOf(job, deal, last) is var end && end.Sum > most.Sum) most = end;
        // The last stage but one has the fewest dense blocks of a mixture's start.
        return last > 1 && WeightsOf(job, deal, last - 1) is var middle && middle.Sum > most.Sum ? middle : most;
    }

    static Weights WeightsOf(in TrainingJob job, in StageDeal deal, int stage)
    {
        return WeightsOf(job, deal[stage], stage == 0, stage == job.Parallelism.Pipeline - 1);
    }

    static Weights WeightsOf(in TrainingJob job, in BlockCounts counts, bool embedding, bool output)
    {
        var model = job.Model;
        var p = job.Parallelism;
        var dense = model.SharedParameters(counts);
        if (embedding) dense += model.EmbeddingParameters;
        if (output) dense += (model.OutputParameters > 0 ? model.OutputParameters : (double)model.Model.Vocabulary * model.Model.Hidden) + model.FinalNormParameters;
        if (embedding && output && model.OutputParameters == 0) dense -= (double)model.Model.Vocabulary * model.Model.Hidden;
        var experts = counts.Second * (model.Model.Experts?.Experts ?? 0) * model.ExpertParameters;
        return new(dense / p.Tensor, experts / p.ExpertSplit / p.Expert);
    }

    /// <summary>Ranks that share one set of the optimiser's states: of dense weights, and of experts.</summary>
    /// <param name="job">The job.</param>
    /// <param name="copies">Ranks of one pipeline that hold the same weights.</param>
    internal static (double Dense, double Experts) Shards(in TrainingJob job, int copies)
    {
        var p = job.Parallelism;
        if (p.Sharding == Sharding.None) return (1, 1);
        double all = job.DataParallel * p.Context, share = (p.ShardGroup ?? all) / all;
        var experts = (double)job.DataParallel * p.Context * p.Tensor / p.Expert / p.ExpertSplit;
        return (all * share * copies, Math.Max(1, experts * share * copies));
    }

    /// <summary>Seconds of the optimiser's update, and of casting the new weights where matrices are narrower than BF16.</summary>
    internal static double Update(in TrainingJob job, Weights weights, int copies, in ComputeRates rates)
    {
        if (job.FrozenWeights) return 0;
        var (shards, experts) = Shards(job, copies);
        return ((30 * ((weights.Dense / shards) + (weights.Experts / experts))) + (NumberFormat.Of(job.Precision).CastBytes * weights.Sum)) / rates.Memory;
    }
}
