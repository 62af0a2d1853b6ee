namespace Lightloom.Workloads.Pipelines;

/// <summary>Size of a pipeline's step.</summary>
/// <param name="Ranks">Ranks of the pipeline.</param>
/// <param name="Chunks">Model chunks of each rank.</param>
/// <param name="MicroBatches">Microbatches of a step.</param>
public readonly record struct PipelineShape(int Ranks, int Chunks, int MicroBatches)
{
    /// <summary>Microbatches that an interleaved schedule takes through one chunk in a row; the number of ranks unless given.</summary>
    public int Group { get => field > 0 ? field : Ranks; init; }
}

/// <summary>What each rank of a pipeline does in a step, in its order.</summary>
/// <param name="placement">Where the parts of the model stand.</param>
/// <param name="microBatches">Microbatches of the step.</param>
/// <param name="operations">The operations of each rank, in order.</param>
public sealed class PipelineOrder(PipelinePlacement placement, int microBatches, PipelineOperation[][] operations)
{
    /// <summary>Where the parts of the model stand.</summary>
    public PipelinePlacement Placement => placement;

    /// <summary>Microbatches of the step.</summary>
    public int MicroBatches => microBatches;

    /// <summary>Operations of all ranks.</summary>
    public int Count => operations.Sum(o => o.Length);

    /// <summary>The operations of a rank, in order.</summary>
    public ReadOnlySpan<PipelineOperation> this[int rank] => operations[rank];

    /// <summary>The position of the model that an operation of a rank works on.</summary>
    public int PositionOf(int rank, in PipelineOperation operation) => placement.PositionOf(rank, operation.Chunk);

    /// <summary>Which way a microbatch goes: 1 in the second half of two directions, otherwise 0.</summary>
    public int DirectionOf(int microBatch) => placement.Path == PipelinePath.TwoDirections && microBatch >= microBatches / 2 ? 1 : 0;

    /// <summary>The largest amount of activations that a rank keeps at once.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="kept">What a microbatch leaves at each position, in any unit.</param>
    /// <param name="weightShare">The share of it that the gradients of weights need once those of inputs are done.</param>
    public double Peak(int rank, ReadOnlySpan<double> kept, double weightShare = 1)
    {
        double now = 0, most = 0;
        foreach (var operation in operations[rank])
        {
            var all = kept[placement.PositionOf(rank, operation.Chunk)];
            now += operation.Pass switch
            {
                PipelinePass.Forward => all,
                PipelinePass.Backward => -all,
                PipelinePass.BackwardInput => -all * (1 - weightShare),
                _ => -all * weightShare,
            };
            most = Math.Max(most, now);
        }
        return most;
    }

    /// <summary>The largest number of chunk activations that a rank keeps at once; a whole stage of v chunks counts v.</summary>
    public int PeakChunks(int rank)
    {
        int now = 0, most = 0;
        foreach (var operation in operations[rank])
        {
            if (operation.Pass == PipelinePass.Forward) most = Math.Max(most, ++now);
            else if (operation.Pass != PipelinePass.BackwardInput) now--;
        }
        return most;
    }
}
