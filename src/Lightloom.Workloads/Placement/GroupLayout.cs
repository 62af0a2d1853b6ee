// Where the ranks of each parallel group stand. Ranks are numbered with the innermost dimension first, in the usual order
//
//   rank = tensor + T·(context + C·(expert + E·(pipeline + P·outer)))        outer = data / expert
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
        this.spans = spans;
        this.scattered = scattered;
    }

    /// <summary>Ranks that split one matrix.</summary>
    public GroupPlacement Tensor => Placed(Of(ParallelDimension.Tensor));

    /// <summary>Ranks that split one sequence.</summary>
    public GroupPlacement Context => Placed(Of(ParallelDimension.Context));

    /// <summary>Ranks that split the experts.</summary>
    public GroupPlacement Expert => Placed(Of(ParallelDimension.Expert));

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

    /// <summary>Ranks that hold the same experts.</summary>
    public GroupPlacement ExpertReplicas => Placed(And(Of(ParallelDimension.Context), ParallelDimension.Data));

    GroupPlacement Of(ParallelDimension dimension) => GroupPlacement.Strided(order.Degree(dimension), order.Stride(dimension), spans);

    GroupPlacement And(in GroupPlacement group, ParallelDimension dimension) => group.Repeated(order.Degree(dimension), order.Stride(dimension), spans);

    GroupPlacement Placed(in GroupPlacement group) => scattered ? group.Scattered(spans) : group;
}
