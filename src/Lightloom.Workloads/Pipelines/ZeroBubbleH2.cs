// ZB-H2: with room for 2p - 1 microbatches, forwards fill the wait for the first backward, and gradients of weights that lag 2i
// microbatches fill the end.
// Source: Qi et al. 2023, "Zero Bubble Pipeline Parallelism", arXiv:2401.10241, section 2.
//
//   order, rank i              F min(2·(p - 1 - i) + 1, m) times, then for k = 0 .. m - 1: B k, W k - 2i if k >= 2i, F if any is left;
//                              then W
//   bubble                     (p - 1)·(F + B - 2W), counted as the longest time between a rank's first and last operation, so 0 for
//                              F = B = W. Exact where W <= F, W <= B and m >= 4p.
//   activations in flight      min(m, 2p - 1)
//
// Worked example, p = 4, m = 16, F = B = W = 1 s: 48 s, each rank works without a pause.

namespace Lightloom.Workloads.Pipelines;

/// <summary>Weight gradients apart, in twice the memory of 1F1B; see the equations at the head of this file.</summary>
public sealed class ZeroBubbleH2 : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.ZeroBubbleH2;

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
            int warm = Math.Min((2 * (p - 1 - rank)) + 1, m), lag = 2 * rank;
            for (var k = 0; k < warm; k++) order.Forward(k);
            for (var k = 0; k < m; k++)
            {
                order.Input(k);
                if (k >= lag) order.Weight(k - lag);
                if (warm + k < m) order.Forward(warm + k);
            }
            for (var k = Math.Max(0, m - lag); k < m; k++) order.Weight(k);
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        times.BackwardWeight <= times.Forward && times.BackwardWeight <= times.BackwardInput && shape.MicroBatches >= 4 * shape.Ranks
            ? (shape.Ranks - 1) * (times.Forward + times.BackwardInput - (2 * times.BackwardWeight))
            : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => Math.Min(shape.MicroBatches, (2 * shape.Ranks) - 1);
}
