// 1F1B: a rank that has as many microbatches in flight as ranks follow it does one backward for each forward.
// Source: Narayanan et al. 2019, "PipeDream", SOSP; without stale weights (PipeDream-Flush): Narayanan et al. 2021, arXiv:2104.04473.
//
//   order, rank i              F min(p - 1 - i, m) times, then F and B in turn, then B
//   bubble                     (p - 1)·(F + B + W)
//   activations in flight      min(m, p - i)
//
// Worked example, p = 4, m = 8, F = B = W = 1 s: 8·3 + 3·3 = 33 s as in GPipe; 4 microbatches in flight on rank 0, 1 on rank 3.

namespace Lightloom.Workloads.Pipelines;

/// <summary>One forward, one backward; see the equations at the head of this file.</summary>
public sealed class OneForwardOneBackward : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.OneForwardOneBackward;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.Line;

    /// <inheritdoc/>
    public int? Chunks => 1;

    /// <inheritdoc/>
    public int Round(in PipelineShape shape) => 1;

    /// <inheritdoc/>
    public bool StepsOverlap => false;

    /// <inheritdoc/>
    public string? Broken(in PipelineShape shape) => PipelineSchedules.Broken(this, shape);

    /// <inheritdoc/>
    public PipelineOrder Order(in PipelineShape shape)
    {
        int p = shape.Ranks, m = shape.MicroBatches;
        return PipelineSchedules.Build(this, shape, (rank, order) =>
        {
            var warm = Math.Min(p - 1 - rank, m);
            for (var k = 0; k < warm; k++) order.Forward(k);
            for (var k = 0; k < m; k++)
            {
                if (warm + k < m) order.Forward(warm + k);
                order.Backward(k);
            }
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) => (shape.Ranks - 1) * times.Total;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => Math.Min(shape.MicroBatches, shape.Ranks - rank);
}
