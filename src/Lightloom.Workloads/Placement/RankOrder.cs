using System.Runtime.CompilerServices;

namespace Lightloom.Workloads;

/// <summary>A dimension in which a job is spread over ranks.</summary>
public enum ParallelDimension
{
    /// <summary>Ranks that split each matrix.</summary>
    Tensor,

    /// <summary>Ranks that split each sequence.</summary>
    Context,

    /// <summary>Replicas that share one set of experts: the ranks that split them, unless these are folded over tensor and context groups.</summary>
    Expert,

    /// <summary>Pipeline stages.</summary>
    Pipeline,

    /// <summary>Replicas of all of that: the data-parallel degree without its expert groups.</summary>
    Data,
}

/// <summary>
/// How ranks are numbered by their places in each dimension: rank = Σ place·stride, where the stride of a dimension is the product of the degrees of
/// those inside it. Lives on the stack.
/// </summary>
public readonly struct RankOrder
{
    /// <summary>Number of <see cref="ParallelDimension"/>s.</summary>
    public const int Dimensions = (int)ParallelDimension.Data + 1;

    /// <summary>The usual order, innermost first: Llama 3's.</summary>
    public static IReadOnlyList<ParallelDimension> Usual { get; } =
        [ParallelDimension.Tensor, ParallelDimension.Context, ParallelDimension.Expert, ParallelDimension.Pipeline, ParallelDimension.Data];

    /// <summary>The order in which Megatron-LM numbers its ranks, innermost first: its default <c>tp-cp-ep-dp-pp</c>.</summary>
    public static IReadOnlyList<ParallelDimension> Megatron { get; } =
        [ParallelDimension.Tensor, ParallelDimension.Context, ParallelDimension.Expert, ParallelDimension.Data, ParallelDimension.Pipeline];

    readonly Values degrees, strides;

    /// <summary>The order of a job.</summary>
    public RankOrder(in TrainingJob job)
        : this(job, job.Parallelism.Order ?? Usual)
    {
    }

    /// <summary>A job in another order; dimensions that it lacks come last.</summary>
    public RankOrder(in TrainingJob job, IReadOnlyList<ParallelDimension> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var p = job.Parallelism;
        (degrees[0], degrees[1], degrees[2], degrees[3]) = (p.Tensor, p.Context, p.ExpertReplicas, p.Pipeline);
        degrees[4] = Math.Max(1, job.DataParallel / p.ExpertReplicas);
        var stride = 1;
        for (var i = 0; i < order.Count; i++)
        {
            strides[(int)order[i]] = stride;
            stride *= degrees[(int)order[i]];
        }
        for (var d = 0; d < Dimensions; d++)
        {
            if (strides[d] > 0) continue;
            strides[d] = stride;
            stride *= degrees[d];
        }
    }

    /// <summary>Ranks of a group in a dimension.</summary>
    public int Degree(ParallelDimension dimension) => degrees[(int)dimension];

    /// <summary>From one rank of a group to the next.</summary>
    public int Stride(ParallelDimension dimension) => strides[(int)dimension];

    /// <summary>The place of a rank in a dimension.</summary>
    public int Place(int rank, ParallelDimension dimension) => rank / Stride(dimension) % Degree(dimension);

    /// <summary>The number in another order of the same rank.</summary>
    public int In(in RankOrder other, int rank)
    {
        var number = 0;
        for (var d = ParallelDimension.Tensor; d <= ParallelDimension.Data; d++) number += Place(rank, d) * other.Stride(d);
        return number;
    }

    [InlineArray(Dimensions)]
    struct Values
    {
        int first;
    }
}
