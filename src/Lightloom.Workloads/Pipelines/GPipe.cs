// GPipe: all forward passes, then all backward passes.
// Source: Huang et al. 2019, "GPipe: Efficient Training of Giant Neural Networks using Pipeline Parallelism", arXiv:1811.06965.
//
//   order, every rank          F 0, .., F m-1, B 0, .., B m-1
//   bubble                     (p - 1)·(F + B + W)
//   uneven stages, sends of c  Σ F_k + (m - 1)·max F_k + Σ B_k + (m - 1)·max B_k + 2(p - 1)·c, B with W; where sends block, the largest
//                              F_k and B_k are those with the send that follows them: all microbatches pass the slowest stage in a
//                              row, once forward and once backward, and the way to it and from it once
//   activations in flight      m on every rank
//
// Worked example, p = 4, m = 8, F = 1 s, B = W = 1 s: 8·3 + 3·3 = 33 s; 8 microbatches in flight, as many as there are.

namespace Lightloom.Workloads.Pipelines;

/// <summary>All forward passes, then all backward passes; see the equations at the head of this file.</summary>
public sealed class GPipe : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.GPipe;

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
        var m = shape.MicroBatches;
        return PipelineSchedules.Build(this, shape, (_, order) =>
        {
            for (var k = 0; k < m; k++) order.Forward(k);
            for (var k = 0; k < m; k++) order.Backward(k);
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) => (shape.Ranks - 1) * times.Total;

    /// <inheritdoc/>
    public double? Length(in PipelineShape shape, PipelineCosts costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        double sum = 2 * (shape.Ranks - 1) * costs.Send, forward = 0, backward = 0;
        var held = costs.SendBlocks ? costs.Send : 0;
        for (var k = 0; k < shape.Ranks; k++)
        {
            var (f, b) = (costs.Forward[k], costs.BackwardInput[k] + costs.BackwardWeight[k]);
            sum += f + b;
            forward = Math.Max(forward, k < shape.Ranks - 1 ? f + held : f);
            backward = Math.Max(backward, k > 0 ? b + held : b);
        }
        return sum + ((shape.MicroBatches - 1) * (forward + backward));
    }

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => shape.MicroBatches;
}
