// What of a step is seen of the data group's collectives, and what they and other groups' traffic take of each other where both fill the same links.
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

public static partial class StepModel
{
    /// <summary>Collectives of a data group with nothing beside them: gradients, and weights where states are shared.</summary>
    /// <param name="Reduce">Gradients to the rank that keeps them, or to all.</param>
    /// <param name="Gather">Weights from the ranks that keep them.</param>
    /// <param name="Copies">Gradients summed over copies of the states, once a step.</param>
    /// <param name="Rivals">Groups whose traffic fills the same links.</param>
    /// <param name="Overlaps">What both take at once, where an engine has played it.</param>
    internal readonly record struct DataTimes(double Reduce, double Gather, double Copies, Rivals Rivals, Overlaps Overlaps = default);

    /// <summary>What the data group's and others' collectives take at once; null: they halve each other's links.</summary>
    internal readonly record struct Overlaps(StepOverlap? Tensor, StepOverlap? Context, StepOverlap? Expert, StepOverlap? Pipeline);

    /// <summary>
    /// Others' traffic beside a pass, of e seconds without the data group's: what it loses where that runs throughout, Σ e·(s - 1), and by how much
    /// longer the data group is served then than the pass lasts without, Σ e·(s / d - 1); s and d as in <see cref="StepOverlap"/>.
    /// </summary>
    internal readonly record struct Crowding(double Lost, double Served)
    {
        public static Crowding operator +(Crowding a, Crowding b) => new(a.Lost + b.Lost, a.Served + b.Served);

        public static Crowding operator *(double by, Crowding a) => new(by * a.Lost, by * a.Served);

        public static Crowding Of(double seconds, StepOverlap? overlap) =>
            (overlap ?? StepOverlap.Halves) is var (data, rival) ? new(seconds * (rival - 1), seconds * ((rival / data) - 1)) : default;
    }

    /// <summary>Groups of a job whose traffic shares links with the data group's.</summary>
    [Flags]
    internal enum Rivals
    {
        None = 0,
        Tensor = 1,
        Context = 2,
        Expert = 4,
        Pipeline = 8,
    }

    /// <summary>Every group that leaves its domain sends through its ranks' network ports; within a domain all share its links.</summary>
    internal static Rivals RivalsOf(in TrainingJob job, in GroupLayout layout)
    {
        var p = job.Parallelism;
        var outside = Leaves(layout.Dense);
        var rivals = Rivals.None;
        if (p.Tensor > 1 && Leaves(layout.Tensor) == outside) rivals |= Rivals.Tensor;
        if (p.Context > 1 && Leaves(layout.Context) == outside) rivals |= Rivals.Context;
        if (p.Expert > 1 && Leaves(layout.Expert) == outside) rivals |= Rivals.Expert;
        return rivals;
    }

    static bool Leaves(in GroupPlacement group) => group.Within(0) < group.Ranks;

    internal static DataTimes DataCollectives(in TrainingJob job, StepNetwork network, in GroupLayout layout, Weights weights)
    {
        var p = job.Parallelism;
        double reduce = 0, gather = 0, copies = 0;
        (double Seconds, StepCollective What) longest = default;
        var frozen = job.FrozenWeights && p.Sharding != Sharding.Weights;
        if (p.ShardGroup is not null && p.Sharding != Sharding.None)
        {
            Add(layout, weights.Dense, StepGroup.Shard, StepGroup.ShardCopies);
            Add(layout, weights.Experts, StepGroup.ExpertShard, StepGroup.ExpertShardCopies);
        }
        else
        {
            Add(layout, weights.Dense, StepGroup.Data, null);
            Add(layout, weights.Experts, StepGroup.ExpertData, null);
        }
        var rivals = RivalsOf(job, layout);
        if (network.Together is not { } together || longest.Seconds <= 0) return new(reduce, gather, copies, rivals);
        // Sends between stages are short: only where they were played with the others they count as slower.
        if (p.Pipeline > 1 && Leaves(layout.Pipeline) == Leaves(layout.Dense)) rivals |= Rivals.Pipeline;
        StepOverlap? Played(Rivals rival, StepGroup group) => (rivals & rival) != 0 ? together(longest.What, group) : null;
        var overlaps = new Overlaps(Played(Rivals.Tensor, StepGroup.Tensor), Played(Rivals.Context, StepGroup.Context), Played(Rivals.Expert, StepGroup.Expert), Played(Rivals.Pipeline, StepGroup.Pipeline));
        return new(reduce, gather, copies, overlaps.Pipeline is null ? rivals & ~Rivals.Pipeline : rivals, overlaps);

        double Longest(StepGroup group, CollectiveKind kind, DataSize size, in GroupLayout layout)
        {
            var seconds = Time(group, kind, size, layout, network);
            if (seconds > longest.Seconds) longest = (seconds, new(group, kind, size, layout[group]));
            return seconds;
        }

        void Add(in GroupLayout layout, double parameters, StepGroup group, StepGroup? others)
        {
            var (ranks, sets) = (layout[group].Ranks, others is { } o ? layout[o].Ranks : 1);
            if (ranks * sets <= 1 || parameters <= 0 || frozen) return;
            var gradients = DataSize.FromBytes(parameters * p.GradientBytes);
            if (p.Sharding == Sharding.None)
            {
                reduce += Longest(group, CollectiveKind.AllReduce, gradients, layout);
                return;
            }
            if (ranks > 1)
            {
                reduce += Longest(group, CollectiveKind.ReduceScatter, gradients, layout);
                gather += Time(group, CollectiveKind.AllGather, DataSize.FromBytes(parameters * Bf16), layout, network);
            }
            if (sets > 1) copies += Time(others!.Value, CollectiveKind.AllReduce, gradients / ranks, layout, network);
        }
    }

    /// <summary>What is seen of the data group's collectives.</summary>
    static double DataGroup(in TrainingJob job, in DataTimes times, in Stage slowest, in ComputeRates rates, int m, int chunks, double send)
    {
        var p = job.Parallelism;
        var (reduce, gather, copies, _, _) = times;
        // Fully sharded ranks gather a block's weights for each pass of each microbatch, or once a step where they keep them; who keeps a share of the
        // gradients only sums those of each microbatch. On a pipeline fully sharded ranks keep both whole during the step (PyTorch's stages sum behind the
        // last microbatch); zero-2 keeps gradients whole while microbatches run through one chunk, as many in turn as the schedule's group has.
        var piecemeal = p.Pipeline == 1;
        var (forwards, backwards) = p.Sharding == Sharding.Weights && p.Reshard && piecemeal ? (m, m) : (1, 0);
        var run = piecemeal ? 1 : chunks > 1 && p.Sharding == Sharding.Gradients ? Math.Min(m, p.ScheduleGroup ?? p.Pipeline) : m;
        var sums = p.Sharding >= Sharding.Gradients ? (m + run - 1) / run : 1;
        if (!p.OverlapData) return (sums * reduce) + ((forwards + backwards) * gather) + copies;

        // One block's share is sent before anything can hide it, and one after.
        var pieces = Math.Max(1, job.Model.Model.Layers / p.Pipeline);
        var (besideForward, besideBackward) = Crowded(slowest, times, send);
        var (forwardPass, backwardPass) = (slowest.Forward, slowest.Backward);
        double BesideForward(double time, in ComputeRates rates) => Hidden(time, forwardPass + besideForward.Served, pieces, rates) + Delayed(time, forwardPass, besideForward);
        double BesideBackward(double time, in ComputeRates rates) => Hidden(time, backwardPass + besideBackward.Served, pieces, rates) + Delayed(time, backwardPass, besideBackward);
        if (p.Sharding != Sharding.Weights)
        {
            // Sums before the last have all of the next run to travel beside. Copies of the states are summed behind the last.
            var pass = run * (forwardPass + backwardPass);
            var beside = run * (besideForward + besideBackward);
            var earlier = sums == 1 ? 0 : (sums - 1) * (Hidden(reduce, pass + beside.Served, 0, rates) + Delayed(reduce, pass, beside));
            return earlier + BesideBackward(reduce + copies, rates) + BesideForward(gather, rates);
        }
        // Without prefetching a block waits for its own weights; gradients still travel beside the next block.
        var forward = p.Prefetch ? BesideForward(gather, rates) : gather;
        var again = backwards == 0 ? 0 : p.Prefetch ? BesideBackward(gather + reduce, rates) : gather + BesideBackward(reduce, rates);
        return (forwards * forward) + (backwards > 0 ? backwards * again : sums * BesideBackward(reduce, rates)) + BesideBackward(copies, rates);
    }

    /// <summary>Other groups' traffic beside each pass that fills the data group's links.</summary>
    static (Crowding Forward, Crowding Backward) Crowded(in Stage stage, in DataTimes times, double send)
    {
        Crowding forward = default, backward = default;
        var (rivals, overlaps) = (times.Rivals, times.Overlaps);
        if ((rivals & Rivals.Tensor) != 0) Add(stage.TensorForward, stage.Tensor - stage.TensorForward, overlaps.Tensor);
        if ((rivals & Rivals.Context) != 0) Add(stage.ContextForward, stage.Context - stage.ContextForward, overlaps.Context);
        if ((rivals & Rivals.Expert) != 0) Add(stage.ExpertForward, stage.Expert - stage.ExpertForward, overlaps.Expert);
        if ((rivals & Rivals.Pipeline) != 0) Add(send, send, overlaps.Pipeline);
        return (forward, backward);

        void Add(double inForward, double inBackward, StepOverlap? overlap)
        {
            forward += Crowding.Of(inForward, overlap);
            backward += Crowding.Of(inBackward, overlap);
        }
    }

    /// <summary>
    /// What other groups lose to communication beside a pass that they fill the links of. Where both get half while both send: of each c seconds
    /// without and e with them the latter become 2e, in which the communication is served for c + e, the pass as it was.
    /// </summary>
    internal static double Delayed(double communication, double pass, in Crowding beside) =>
        beside.Lost > 0 ? beside.Lost * Math.Min(1, communication / (pass + beside.Served)) : 0;

    internal static double TiedEmbedding(in TrainingJob job, StepNetwork network, in GroupLayout layout)
    {
        var (p, model) = (job.Parallelism, job.Model.Model);
        if (p.Pipeline == 1 || !model.TiedEmbeddings) return 0;
        var bytes = (double)model.Vocabulary * model.Hidden / p.Tensor * p.GradientBytes;
        return Time(StepGroup.PipelineEnds, CollectiveKind.AllReduce, DataSize.FromBytes(bytes), layout, network);
    }
}
