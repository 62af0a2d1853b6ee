// Where the ranks of each parallel group stand. Ranks are numbered with the innermost dimension first, in the usual order
//
//   rank = tensor + T·(context + C·(expert + E·(pipeline + P·outer)))        outer = data / expert
//
//   folded experts: neighbours in tensor, context and data (E = experts·split / (T·C) of these, at least one) share one set
//
// or in the order that the job gives. The stride of a dimension is the product of the degrees inside it.
//
// Worked example, T 8, P 16, 16,384 ranks, units of 8 (domain) and 3,072 (pod): the data group has 128 ranks at stride 128, so
// one of them stands in a domain and 3,072 / 128 = 24 in a pod, 128 / ceil(128 / 24) = 21.3 when spread evenly. With data inside the
// pipeline its stride is 8 and 128 of its ranks stand in a pod.

using Lightloom.Collectives;

namespace Lightloom.Workloads;

/// <summary>Places a job's groups on the units of a network.</summary>
public readonly ref struct GroupLayout
{
    readonly RankOrder order;
    readonly int experts, split, copies; // ranks of an expert group, of one expert's matrices, and copies inside
    readonly int shard;                  // ranks that share one set of states, where not all of them do
    readonly int accelerators;           // of the job
    readonly bool scattered;
    readonly ReadOnlySpan<int> spans;

    /// <summary>The layout of a job whose domains stand in the order of the network.</summary>
    /// <param name="job">The job.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    public GroupLayout(TrainingJob job, ReadOnlySpan<int> spans)
        : this(job, spans, false)
    {
    }

    /// <summary>The layout of a job on a network.</summary>
    public GroupLayout(TrainingJob job, StepNetwork network)
        : this(job, network is null ? throw new ArgumentNullException(nameof(network)) : network.Spans, network.Scattered)
    {
    }

    GroupLayout(scoped in TrainingJob job, ReadOnlySpan<int> spans, bool scattered)
    {
        order = new(job);
        var p = job.Parallelism;
        (experts, split, copies, shard) = (p.Expert, p.ExpertTensor ?? 0, p.ExpertCopies, p.ShardGroup ?? 0);
        accelerators = job.Accelerators;
        this.spans = spans;
        this.scattered = scattered;
    }

    /// <summary>
    /// How many accelerators of each scale-up domain a job gets, the same in all that it reaches, as schedulers hand them out: all, or where these don't
    /// divide the job the most that do (64 of an NVL72's 72 for 512), unless that left half of each domain idle or took more domains than there are.
    /// </summary>
    /// <param name="accelerators">Accelerators of the job.</param>
    /// <param name="domain">Accelerators of a domain.</param>
    /// <param name="domains">Domains of the cluster.</param>
    public static int PerDomain(int accelerators, int domain, int domains)
    {
        if (accelerators <= domain) return domain;
        var used = domain;
        while (accelerators % used != 0) used--;
        return 2 * used > domain && accelerators / used <= domains ? used : domain;
    }

    /// <summary>Ranks that split one matrix.</summary>
    public GroupPlacement Tensor => this[StepGroup.Tensor];

    /// <summary>Ranks that split one sequence.</summary>
    public GroupPlacement Context => this[StepGroup.Context];

    /// <summary>Ranks that split the experts.</summary>
    public GroupPlacement Expert => this[StepGroup.Expert];

    /// <summary>Ranks that split each expert's matrices.</summary>
    public GroupPlacement ExpertTensor => this[StepGroup.ExpertTensor];

    /// <summary>The stages of one pipeline.</summary>
    public GroupPlacement Pipeline => this[StepGroup.Pipeline];

    /// <summary>The first and the last stage of one pipeline, which hold the same embedding where it is tied; of two or more stages.</summary>
    public GroupPlacement PipelineEnds => this[StepGroup.PipelineEnds];

    /// <summary>Ranks that hold the same dense weights: all context, expert and outer data ranks.</summary>
    public GroupPlacement Dense => this[StepGroup.Data];

    /// <summary>Ranks that hold the same experts.</summary>
    public GroupPlacement ExpertReplicas => this[StepGroup.ExpertData];

    /// <summary>Where the ranks of one group sit.</summary>
    public GroupPlacement this[StepGroup group]
    {
        get
        {
            var placed = RanksOf(group).Placement(spans, accelerators);
            return scattered ? placed.Scattered(spans) : placed;
        }
    }

    /// <summary>The ranks of the groups of a kind; those that share states only where not all of them do.</summary>
    public RankGroup RanksOf(StepGroup group) => group switch
    {
        StepGroup.Tensor => Of(ParallelDimension.Tensor),
        StepGroup.Context => Of(ParallelDimension.Context),
        StepGroup.Expert => split > 0 ? RankGroup.Strided(experts, split) : Of(ParallelDimension.Expert),
        StepGroup.ExpertTensor => split > 0 ? RankGroup.Strided(split, 1) : Of(ParallelDimension.Tensor),
        StepGroup.Pipeline => Of(ParallelDimension.Pipeline),
        StepGroup.PipelineEnds => RankGroup.EndsOf(order.Degree(ParallelDimension.Pipeline), order.Stride(ParallelDimension.Pipeline)),
        StepGroup.Data => And(And(Of(ParallelDimension.Context), ParallelDimension.Expert), ParallelDimension.Data),
        StepGroup.ExpertData => Replicas(order.Degree(ParallelDimension.Data)),
        StepGroup.Shard => Shard(shard),
        StepGroup.ShardCopies => ShardCopies(shard),
        StepGroup.ExpertShard => Replicas(SetsOutside(shard)),
        _ => RankGroup.Strided(Math.Max(1, order.Degree(ParallelDimension.Data) / SetsOutside(shard)), order.Stride(ParallelDimension.Data) * SetsOutside(shard)),
    };

    // Neighbours among ranks of the same weights that share one set of states.
    RankGroup Shard(int ranks)
    {
        var (context, expert) = (order.Degree(ParallelDimension.Context), order.Degree(ParallelDimension.Expert));
        if (ranks <= context) return RankGroup.Strided(ranks, order.Stride(ParallelDimension.Context));
        var replicas = ranks / context;
        return replicas <= expert
            ? Of(ParallelDimension.Context).And(replicas, order.Stride(ParallelDimension.Expert))
            : And(Of(ParallelDimension.Context), ParallelDimension.Expert).And(replicas / expert, order.Stride(ParallelDimension.Data));
    }

    RankGroup ShardCopies(int ranks)
    {
        var (context, expert, outer) = (order.Degree(ParallelDimension.Context), order.Degree(ParallelDimension.Expert), order.Degree(ParallelDimension.Data));
        var replicas = Math.Max(1, ranks / context);
        var group = ranks < context ? RankGroup.Strided(context / ranks, order.Stride(ParallelDimension.Context) * ranks) : RankGroup.Strided(1, 1);
        return replicas <= expert
            ? And(group.And(expert / replicas, order.Stride(ParallelDimension.Expert) * replicas), ParallelDimension.Data)
            : group.And(outer * expert / replicas, order.Stride(ParallelDimension.Data) * (replicas / expert));
    }

    /// <summary>Whether so many ranks of the data and context groups are whole neighbours, so that sets of states come out even.</summary>
    /// <param name="ranks">Ranks of one set.</param>
    public bool SharesEvenly(int ranks)
    {
        var (context, expert, outer) = (order.Degree(ParallelDimension.Context), order.Degree(ParallelDimension.Expert), order.Degree(ParallelDimension.Data));
        return ranks <= context
            ? context % ranks == 0
            : ranks % context == 0 && ranks / context is var replicas && (replicas <= expert ? expert % replicas == 0 : replicas % expert == 0 && outer % (replicas / expert) == 0);
    }

    int SetsOutside(int ranks) => Math.Max(1, ranks / (order.Degree(ParallelDimension.Context) * order.Degree(ParallelDimension.Expert)));

    RankGroup Replicas(int count) => (split > 0 ? RankGroup.Strided(copies, experts * split) : Of(ParallelDimension.Context)).And(count, order.Stride(ParallelDimension.Data));

    RankGroup Of(ParallelDimension dimension) => RankGroup.Strided(order.Degree(dimension), order.Stride(dimension));

    RankGroup And(in RankGroup group, ParallelDimension dimension) => group.And(order.Degree(dimension), order.Stride(dimension));
}
