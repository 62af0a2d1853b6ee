// Where the ranks of each parallel group stand. Ranks are numbered with the innermost dimension first:
//
//   rank = tensor + T·(context + C·(expert + E·(pipeline + P·outer)))        outer = data / expert
//
// Worked example, T 8, P 16, 16,384 ranks, units of 8 (domain) and 3,072 (pod): the data group has 128 ranks at stride 128, so
// one of them stands in a domain and 3,072 / 128 = 24 in a pod, 128 / ceil(128 / 24) = 21.3 when spread evenly.

using Lightloom.Collectives;

namespace Lightloom.Workloads;

/// <summary>Places a job's groups on the units of a network.</summary>
public readonly ref struct GroupLayout
{
    readonly int tensor, context, expert, pipeline, outer;
    readonly ReadOnlySpan<int> spans;

    /// <summary>The layout of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    public GroupLayout(TrainingJob job, ReadOnlySpan<int> spans)
    {
        var p = job.Parallelism;
        (tensor, context, expert, pipeline) = (p.Tensor, p.Context, p.Expert, p.Pipeline);
        outer = Math.Max(1, job.DataParallel / p.Expert);
        this.spans = spans;
    }

    /// <summary>Ranks that split one matrix.</summary>
    public GroupPlacement Tensor => GroupPlacement.Strided(tensor, 1, spans);

    /// <summary>Ranks that split one sequence.</summary>
    public GroupPlacement Context => GroupPlacement.Strided(context, tensor, spans);

    /// <summary>Ranks that split the experts.</summary>
    public GroupPlacement Expert => GroupPlacement.Strided(expert, tensor * context, spans);

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

    /// <summary>Ranks that hold the same experts.</summary>
    public GroupPlacement ExpertReplicas => Context.Repeated(outer, tensor * context * expert * pipeline, spans);
}
