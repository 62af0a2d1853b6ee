// ZB-V: two chunks in a V, so that the rank that begins a microbatch also computes its loss and can return gradients at once.
// Source: Qi et al. 2023, "Zero Bubble Pipeline Parallelism", arXiv:2401.10241, section 6; the rule below is the hand-made order
// that its authors publish and that PyTorch runs as ScheduleZBVZeroBubble.
//
//   order, rank i              2·(p - i) - 1 times F 0;  i times F 1, F 0;  p - i times F 1, B 1, W 1;
//                              then F 0, B 0, W 0, F 1, B 1, W 1 in turn (the F's while any is left);
//                              then i times B 0, B 1;  p - i times B 0, W 0;  then what is left of W 1 and W 0
//   bubble                     0 for F = B = W and m >= 2p, counted as the longest time between a rank's first and last operation
//   chunks in flight           min(2m, 2p): p microbatches, as 1F1B's first rank, on every rank
//
// Worked example, p = 4, m = 8, F = B = W = 1 s on a chunk: 48 s, each rank works without a pause, with 8 chunks in flight.

namespace Lightloom.Workloads.Pipelines;

/// <summary>Weight gradients apart, two chunks in a V; see the equations at the head of this file.</summary>
public sealed class ZeroBubbleV : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.ZeroBubbleV;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.V;

    /// <inheritdoc/>
    public int? Chunks => 2;

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
        // Fewer microbatches than fill the V leave gaps in the order of as many as do.
        var full = Math.Max(m, (2 * p) - 1);
        return PipelineSchedules.Build(this, shape, (rank, order) =>
        {
            int f0 = 0, f1 = 0, b0 = 0, b1 = 0;
            for (var k = 0; k < (2 * (p - rank)) - 1; k++) order.Forward(f0++, 0);
            for (var k = 0; k < rank; k++)
            {
                order.Forward(f1++, 1);
                order.Forward(f0++, 0);
            }
            for (var k = 0; k < p - rank; k++)
            {
                order.Forward(f1++, 1);
                order.Input(b1, 1);
                order.Weight(b1++, 1);
            }
            while (f1 < f0 || f0 < full)
            {
                if (f0 < full) order.Forward(f0++, 0);
                order.Input(b0, 0);
                order.Weight(b0++, 0);
                order.Forward(f1++, 1);
                order.Input(b1, 1);
                order.Weight(b1++, 1);
            }
            int w0 = b0, w1 = b1;
            for (var k = 0; k < rank; k++)
            {
                order.Input(b0++, 0);
                order.Input(b1++, 1);
            }
            for (var k = 0; k < p - rank; k++)
            {
                order.Input(b0++, 0);
                order.Weight(w0++, 0);
            }
            while (w1 < b1) order.Weight(w1++, 1);
            while (w0 < b0) order.Weight(w0++, 0);
            order.RemoveAll(o => o.MicroBatch >= m);
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        times.Forward == times.BackwardInput && times.BackwardInput == times.BackwardWeight && shape.MicroBatches >= 2 * shape.Ranks ? 0 : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => Math.Min(2 * shape.MicroBatches, 2 * shape.Ranks);
}
