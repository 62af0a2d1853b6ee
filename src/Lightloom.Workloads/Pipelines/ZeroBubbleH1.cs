// ZB-H1: 1F1B with the gradients of weights (W) apart from those of inputs (B). W of rank i lags i microbatches behind B, so that
// every rank keeps what 1F1B's first rank keeps, and the last ranks return gradients sooner.
// Source: Qi et al. 2023, "Zero Bubble Pipeline Parallelism", arXiv:2401.10241, section 2.
//
//   order, rank i              F min(p - 1 - i, m) times, then for k = 0 .. m - 1: F if any is left, B k, W k - i if k >= i; then W
//   bubble                     (p - 1)·(F + B - W), counted as the longest time between a rank's first and last operation: ranks begin
//                              the next step without waiting for each other. Exact where W <= F, W <= B and m >= 2p; otherwise an
//                              unforced wait can be longer.
//   activations in flight      min(m, p)
//
// Worked example, p = 4, m = 8, F = B = W = 1 s: 8·3 + 3·1 = 27 s against 33 s of 1F1B.

namespace Lightloom.Workloads.Pipelines;

/// <summary>Weight gradients apart, in the memory of 1F1B; see the equations at the head of this file.</summary>
public sealed class ZeroBubbleH1 : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.ZeroBubbleH1;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.Line;

    /// <inheritdoc/>
    public int? Chunks => 1;

    /// <inheritdoc/>
    public int Round(in PipelineShape shape) => 1;

    /// <inheritdoc/>
    public bool StepsOverlap => true;

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
                order.Input(k);
                if (k >= rank) order.Weight(k - rank);
            }
            for (var k = Math.Max(0, m - rank); k < m; k++) order.Weight(k);
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        times.BackwardWeight <= times.Forward && times.BackwardWeight <= times.BackwardInput && shape.MicroBatches >= 2 * shape.Ranks
            ? (shape.Ranks - 1) * (times.Forward + times.BackwardInput - times.BackwardWeight)
            : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => Math.Min(shape.MicroBatches, shape.Ranks);
}
