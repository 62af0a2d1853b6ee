// A training step as execution traces, a rank each: what is computed, what is sent, and what waits for what.
//
//   rank's order     the operations of its pipeline schedule (StepTimeline.cs); in each the blocks of its chunk, in each block what
//                    StepModel.cs counts (StepTraceRank.cs)
//   durations        those of the step model without communication, in whole microseconds; what is cut off one node is added to a later one, so that
//                    a rank's sum is the timeline's to 1 us
//   groups           a metadata node first, with the groups of two and more ranks that the rank is in; numbers are the same on all ranks
//   network          sends and collectives of a rank stand in the order of its programme, the same on all ranks of a stage; each names the one before it as
//                    an order of issue (TraceNode.Issued): where a rank has one at a time no two can wait for each other, elsewhere each starts when what it
//                    needs is there
//   two as one       (dualpipe, dualpipe-v) both inputs are waited for, the passes are computed one after the other, and both results go out at the end
//   late ranks       with jitter each rank begins late by an exponential delay of mean d, drawn from seed and rank (RankJitter.cs)
//
// Not in it: launches of the host and software of messages (the player's), the compute rate that hidden communication takes, transfers to
// the host's memory beside those in the update, what steps overlap. Fused kernels of experts are all-to-alls with a copy for each expert.
//
// Worked example, 1F1B, p = 2, m = 2, tensor 1, data 1: stage 0 has F0 send F1 send receive B0 receive B1 update, stage 1 receive F0 B0 send
// receive F1 B1 send update; neighbouring computations without a message between them are one node.
using Lightloom.Collectives.Traces;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Timeline;

/// <summary>A step as execution traces; see the description at the head of this file.</summary>
public sealed class StepTrace : ITraceSource
{
    readonly Dictionary<StepGroup, (int[] Number, int[][] Groups)> groups = [];
    readonly int stride;
    readonly RankJitter jitter;
    readonly ulong seed;

    /// <summary>Prepares the trace of a step.</summary>
    /// <param name="timeline">The step, played out without jitter.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network that it was predicted on.</param>
    /// <param name="jitter">Delays of single ranks.</param>
    /// <param name="seed">What they are drawn from.</param>
    public StepTrace(StepTimeline timeline, in ComputeRates rates, StepNetwork network, RankJitter jitter = default, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentNullException.ThrowIfNull(network);
        (Timeline, Rates, this.jitter, this.seed) = (timeline, rates, jitter, seed);
        Job = timeline.Step.Job;
        Traced = StepModel.Traced(timeline.Step, rates, network);
        var layout = new GroupLayout(Job, network);
        Data = StepModel.DataCollectives(Job, network, layout, Enumerable.Range(0, Traced.Placement.Ranks).Select(r => StepModel.WeightsOn(Job, Traced, r)).MaxBy(w => w.Sum));
        var order = new RankOrder(Job);
        stride = order.Stride(ParallelDimension.Pipeline);
        Ranks = Job.Accelerators;
        for (var group = StepGroup.Tensor; group <= StepGroup.ExpertShardCopies; group++)
        {
            if (!Communicates(group)) continue;
            if (layout.RanksOf(group) is { Ranks: > 1 } ranks) Add(group, ranks);
        }
    }

    /// <summary>The step.</summary>
    public StepTimeline Timeline { get; }

    /// <inheritdoc/>
    public int Ranks { get; }

    /// <inheritdoc/>
    public bool AllAlike => false;

    internal ComputeRates Rates { get; }

    internal TrainingJob Job { get; }

    internal TracedStep Traced { get; }

    internal StepModel.DataTimes Data { get; }

    /// <summary>The stage of a rank.</summary>
    public int StageOf(int rank) => new RankOrder(Job).Place(rank, ParallelDimension.Pipeline);

    /// <summary>How many nodes all ranks have, or more than so many.</summary>
    /// <param name="most">Where counting may stop.</param>
    public long Count(long most)
    {
        // Ranks of a stage have the same nodes, but for their groups' and their delay.
        var (nodes, stages) = (0L, Job.Parallelism.Pipeline);
        for (var stage = 0; stage < stages && nodes <= most; stage++)
            foreach (var _ in NodesOf(stage * stride))
                if ((nodes += Ranks / stages) > most) break;
        return nodes;
    }

    /// <inheritdoc/>
    public IEnumerable<TraceNode> NodesOf(int rank)
    {
        var late = jitter.MeanShare.Si > 0 ? -Math.Log(1 - SplitMix64.Unit(seed, (ulong)rank)) * jitter.MeanShare.Si * Timeline.Length.Seconds : 0;
        return new StepTraceRank(this, rank, StageOf(rank), late).Nodes();
    }

    /// <inheritdoc/>
    public string PlaceOf(int rank, TraceNode node) => $"rank {rank}";

    internal int Neighbour(int rank, int stage) => rank + ((stage - StageOf(rank)) * stride);

    /// <summary>The group of a kind that a rank is in; null where it has nobody else.</summary>
    internal TraceGroup? GroupOf(StepGroup group, int rank) =>
        groups.TryGetValue(group, out var all) && all.Number[rank] is > 0 and var number ? new(number, all.Groups[number - FirstOf(all)]) : null;

    /// <summary>All groups that a rank is in.</summary>
    internal IEnumerable<TraceGroup> GroupsOf(int rank) => groups.Keys.Order().Select(g => GroupOf(g, rank)).OfType<TraceGroup>();

    // Sends between stages name no group.
    bool Communicates(StepGroup group)
    {
        var (experts, shards) = (Job.Model.Model.Experts is not null, Job.Parallelism.ShardGroup is not null && Job.Parallelism.Sharding != Sharding.None);
        return group switch
        {
            StepGroup.Tensor or StepGroup.Context => true,
            StepGroup.Expert or StepGroup.ExpertTensor => experts,
            StepGroup.PipelineEnds => Job.Parallelism.Pipeline > 1 && Job.Model.Model.TiedEmbeddings,
            StepGroup.Data => !shards,
            StepGroup.ExpertData => experts && !shards,
            StepGroup.Shard or StepGroup.ShardCopies => shards,
            StepGroup.ExpertShard or StepGroup.ExpertShardCopies => experts && shards,
            _ => false,
        };
    }

    static int FirstOf((int[] Number, int[][] Groups) all) => all.Number[all.Groups[0][0]];

    void Add(StepGroup group, in RankGroup kind)
    {
        var next = 1 + groups.Values.Sum(g => g.Groups.Length);
        int[][] all = [.. kind.Groups(Ranks)];
        var number = new int[Ranks];
        for (var g = 0; g < all.Length; g++)
            foreach (var rank in all[g]) number[rank] = next + g;
        groups[group] = (number, all);
    }
}
