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
        (experts, split, copies) = (p.Expert, p.ExpertTensor ?? 0, p.ExpertCopies);
        this.spans = spans;
        this.scattered = scattered;
    }

    /// <summary>Ranks that split one matrix.</summary>
    public GroupPlacement Tensor => Placed(Of(ParallelDimension.Tensor));

    /// <summary>Ranks that split one sequence.</summary>
    public GroupPlacement Context => Placed(Of(ParallelDimension.Context));

    /// <summary>Ranks that split the experts.</summary>
    public GroupPlacement Expert => Placed(split > 0 ? Strided(experts, split) : Of(ParallelDimension.Expert));

    /// <summary>Ranks that split each expert's matrices.</summary>
    public GroupPlacement ExpertTensor => Placed(split > 0 ? Strided(split, 1) : Of(ParallelDimension.Tensor));

    /// <summary>The stages of one pipeline.</summary>
    public GroupPlacement Pipeline => Placed(Of(ParallelDimension.Pipeline));

    /// <summary>The first and the last stage of one pipeline, which hold the same embedding where it is tied; of two or more stages.</summary>
    public GroupPlacement PipelineEnds
    {
        get
        {
            Span<int> within = stackalloc int[spans.Length];
            // The ends share a unit where the whole pipeline does.
            var (stages, stride) = (order.Degree(ParallelDimension.Pipeline), order.Stride(ParallelDimension.Pipeline));
            for (var i = 0; i < spans.Length; i++) within[i] = stages * stride <= spans[i] ? 2 : 1;
            within[^1] = 2;
            return Placed(GroupPlacement.Of(within));
        }
    }

    /// <summary>Ranks that hold the same dense weights: all context, expert and outer data ranks.</summary>
    public GroupPlacement Dense => Placed(And(And(Of(ParallelDimension.Context), ParallelDimension.Expert), ParallelDimension.Data));

    /// <summary>Neighbours among those ranks that share one set of states, where not all of them do.</summary>
    /// <param name="ranks">How many; see <see cref="SharesEvenly"/>.</param>
    public GroupPlacement Shard(int ranks)
    {
        var (context, expert) = (order.Degree(ParallelDimension.Context), order.Degree(ParallelDimension.Expert));
        if (ranks <= context) return Placed(Strided(ranks, order.Stride(ParallelDimension.Context)));
        var replicas = ranks / context;
        return Placed(replicas <= expert
            ? And(Of(ParallelDimension.Context), replicas, ParallelDimension.Expert)
            : And(And(Of(ParallelDimension.Context), ParallelDimension.Expert), replicas / expert, ParallelDimension.Data));
    }

    /// <summary>Ranks that hold the same share of such sets.</summary>
    /// <param name="ranks">Ranks of one set.</param>
    public GroupPlacement ShardCopies(int ranks)
    {
        var (context, expert, outer) = (order.Degree(ParallelDimension.Context), order.Degree(ParallelDimension.Expert), order.Degree(ParallelDimension.Data));
        var replicas = Math.Max(1, ranks / context);
        var group = ranks < context ? Strided(context / ranks, order.Stride(ParallelDimension.Context) * ranks) : Strided(1, 1);
        return Placed(replicas <= expert
            ? And(group.Repeated(expert / replicas, order.Stride(ParallelDimension.Expert) * replicas, spans), ParallelDimension.Data)
            : group.Repeated(outer * expert / replicas, order.Stride(ParallelDimension.Data) * (replicas / expert), spans));
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

    /// <summary>Copies of an expert that share one set of states, where ranks of dense layers share by so many.</summary>
    /// <param name="ranks">Ranks of one set of dense states.</param>
    public GroupPlacement ExpertShard(int ranks) => Placed(Replicas(SetsOutside(ranks)));

    /// <summary>Copies of an expert that hold the same share of such sets.</summary>
    /// <param name="ranks">Ranks of one set of dense states.</param>
    public GroupPlacement ExpertShardCopies(int ranks) => Placed(
        Strided(Math.Max(1, order.Degree(ParallelDimension.Data) / SetsOutside(ranks)), order.Stride(ParallelDimension.Data) * SetsOutside(ranks)));

    /// <summary>Ranks that hold the same experts.</summary>
    public GroupPlacement ExpertReplicas => Placed(Replicas(order.Degree(ParallelDimension.Data)));

    int SetsOutside(int ranks) => Math.Max(1, ranks / (order.Degree(ParallelDimension.Context) * order.Degree(ParallelDimension.Expert)));

    GroupPlacement Replicas(int count) => And(split > 0 ? Strided(copies, experts * split) : Of(ParallelDimension.Context), count, ParallelDimension.Data);

    GroupPlacement Strided(int ranks, int stride) => GroupPlacement.Strided(ranks, stride, spans);

    GroupPlacement Of(ParallelDimension dimension) => Strided(order.Degree(dimension), order.Stride(dimension));

    GroupPlacement And(in GroupPlacement group, ParallelDimension dimension) => And(group, order.Degree(dimension), dimension);

    GroupPlacement And(in GroupPlacement group, int count, ParallelDimension dimension) => group.Repeated(count, order.Stride(dimension), spans);

    GroupPlacement Placed(in GroupPlacement group) => scattered ? group.Scattered(spans) : group;
}
