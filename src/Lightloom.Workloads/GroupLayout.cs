// Where the ranks of each parallel group stand. Ranks are numbered with the innermost dimension first:
//
//   rank = tensor + T·(context + C·(expert + E·(pipeline + P·outer)))        outer = data / expert
//   folded experts: neighbours in tensor, context and data (E = experts·split / (T·C) of these, at least one) share one set
//
// Worked example, T 8, P 16, 16,384 ranks, units of 8 (domain) and 3,072 (pod): the data group has 128 ranks at stride 128, so
// one of them stands in a domain and 3,072 / 128 = 24 in a pod, 128 / ceil(128 / 24) = 21.3 when spread evenly.

using Lightloom.Collectives;

namespace Lightloom.Workloads;

/// <summary>Places a job's groups on the units of a network.</summary>
public readonly ref struct GroupLayout
{
    readonly int tensor, context, expert, pipeline, outer;
    readonly int experts, split, copies; // ranks of an expert group, of one expert's matrices, and copies inside
    readonly ReadOnlySpan<int> spans;

    /// <summary>The layout of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    public GroupLayout(TrainingJob job, ReadOnlySpan<int> spans)
    {
        var p = job.Parallelism;
        (tensor, context, expert, pipeline) = (p.Tensor, p.Context, p.ExpertReplicas, p.Pipeline);
        outer = Math.Max(1, job.DataParallel / expert);
        (experts, split, copies) = (p.Expert, p.ExpertTensor ?? 0, p.ExpertCopies);
        this.spans = spans;
    }

    /// <summary>Ranks that split one matrix.</summary>
    public GroupPlacement Tensor => GroupPlacement.Strided(tensor, 1, spans);

    /// <summary>Ranks that split one sequence.</summary>
    public GroupPlacement Context => GroupPlacement.Strided(context, tensor, spans);

    /// <summary>Ranks that split the experts.</summary>
    public GroupPlacement Expert => GroupPlacement.Strided(experts, split > 0 ? split : tensor * context, spans);

    /// <summary>Ranks that split each expert's matrices.</summary>
    public GroupPlacement ExpertTensor => GroupPlacement.Strided(split > 0 ? split : tensor, 1, spans);

    /// <summary>The stages of one pipeline.</summary>
    public GroupPlacement Pipeline => GroupPlacement.Strided(pipeline, tensor * context * expert, spans);

    /// <summary>The first and the last stage of one pipeline, which hold the same embedding where it is tied; of two or more stages.</summary>
    public GroupPlacement PipelineEnds
    {
        get
        {
            Span<int> within = stackalloc int[spans.Length];
            // The ends share a unit where the whole pipeline does.
            for (var i = 0; i < spans.Length; i++) within[i] = tensor * context * expert * pipeline <= spans[i] ? 2 : 1;
            within[^1] = 2;
            return GroupPlacement.Of(within);
        }
    }

    /// <summary>Ranks that hold the same dense weights: all context, expert and outer data ranks.</summary>
    public GroupPlacement Dense => Context
        .Repeated(expert, tensor * context, spans)
        .Repeated(outer, tensor * context * expert * pipeline, spans);

    /// <summary>Neighbours among those ranks that share one set of states, where not all of them do.</summary>
    /// <param name="ranks">How many; see <see cref="SharesEvenly"/>.</param>
    public GroupPlacement Shard(int ranks)
    {
        if (ranks <= context) return GroupPlacement.Strided(ranks, tensor, spans);
        var replicas = ranks / context;
        return replicas <= expert
            ? Context.Repeated(replicas, tensor * context, spans)
            : Context.Repeated(expert, tensor * context, spans).Repeated(replicas / expert, tensor * context * expert * pipeline, spans);
    }

    /// <summary>Ranks that hold the same share of such sets.</summary>
    /// <param name="ranks">Ranks of one set.</param>
    public GroupPlacement ShardCopies(int ranks)
    {
        var copies = GroupPlacement.Strided(Math.Max(1, context / ranks), tensor * ranks, spans);
        var replicas = Math.Max(1, ranks / context);
        return replicas <= expert
            ? copies.Repeated(expert / replicas, tensor * context * replicas, spans).Repeated(outer, tensor * context * expert * pipeline, spans)
            : copies.Repeated(outer * expert / replicas, tensor * context * replicas * pipeline, spans);
    }

    /// <summary>Whether so many ranks of the data and context groups are whole neighbours, so that sets of states come out even.</summary>
    /// <param name="ranks">Ranks of one set.</param>
    public bool SharesEvenly(int ranks) => ranks <= context
        ? context % ranks == 0
        : ranks % context == 0 && ranks / context is var replicas && (replicas <= expert ? expert % replicas == 0 : replicas % expert == 0 && outer % (replicas / expert) == 0);

    /// <summary>Copies of an expert that share one set of states, where ranks of dense layers share by so many.</summary>
    /// <param name="ranks">Ranks of one set of dense states.</param>
    public GroupPlacement ExpertShard(int ranks) => Replicas(Math.Max(1, ranks / (context * expert)));

    /// <summary>Copies of an expert that hold the same share of such sets.</summary>
    /// <param name="ranks">Ranks of one set of dense states.</param>
    public GroupPlacement ExpertShardCopies(int ranks) =>
        GroupPlacement.Strided(Math.Max(1, outer / Math.Max(1, ranks / (context * expert))), tensor * context * expert * pipeline * Math.Max(1, ranks / (context * expert)), spans);

    GroupPlacement Replicas(int count) =>
        (split > 0 ? GroupPlacement.Strided(copies, experts * split, spans) : Context).Repeated(count, tensor * context * expert * pipeline, spans);

    /// <summary>Ranks that hold the same experts.</summary>
    public GroupPlacement ExpertReplicas => Replicas(outer);
}
