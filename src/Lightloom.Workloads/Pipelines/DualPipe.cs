// DualPipe: half of the microbatches enter at each end of the pipeline, on two copies of the model; in the steady state the
// forward of one direction runs as one with the backward of the other.
// Source: DeepSeek-V3, arXiv:2412.19437, section 3.2.1 and table 2, and the schedule published with it (deepseek-ai/DualPipe).
//
//   order, rank i of p         that of rank min(i, p - 1 - i) in a DualPipeV of p / 2 ranks and m / 2 microbatches, where chunk 0 is the
//                              direction that enters at the nearer end
//   bubble                     (p/2 - 1)·((F + B) + B - 3W) = (p/2 - 1)·(F + 2I - W)     I, W: halves of the whole backward B;
//                              exact for F = I = W, where I is longer than W the order waits a little less
//   activations in flight      p + 1; weights twice; p even, m even and m >= 2p
//
// Worked example, p = 8, m = 20, F = I = W = 1 s: 60 + 3·2 = 66 s, as DualPipeV on 4 ranks with 10 microbatches.

namespace Lightloom.Workloads.Pipelines;

/// <summary>Microbatches from both ends; see the equations at the head of this file.</summary>
public sealed class DualPipe : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.DualPipe;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.TwoDirections;

    /// <inheritdoc/>
    public int? Chunks => 2;

    /// <inheritdoc/>
    public int Round(in PipelineShape shape) => 2;

    /// <inheritdoc/>
    public bool StepsOverlap => false;

    /// <inheritdoc/>
    public string? Broken(in PipelineShape shape)
    {
        if (PipelineSchedules.Broken(this, shape) is { } broken) return broken;
        if (shape.Ranks % 2 != 0) return $"dualpipe needs an even number of ranks, not {shape.Ranks}; nearest {shape.Ranks - 1} and {shape.Ranks + 1}";
        if (shape.MicroBatches < 2 * shape.Ranks)
            return $"dualpipe needs twice as many microbatches as its {shape.Ranks} ranks, not {shape.MicroBatches}; nearest {2 * shape.Ranks}";
        return shape.MicroBatches % 2 == 0
            ? null
            : $"dualpipe halves its microbatches; nearest to {shape.MicroBatches} are {shape.MicroBatches - 1} and {shape.MicroBatches + 1}";
    }

    /// <inheritdoc/>
    public PipelineOrder Order(in PipelineShape shape)
    {
        int p = shape.Ranks, half = shape.MicroBatches / 2;
        return PipelineSchedules.Build(this, shape, (rank, order) =>
        {
            DualPipeV.Fill(order, p / 2, half, Math.Min(rank, p - 1 - rank));
            var turned = rank >= p / 2 ? 1 : 0;
            for (var i = 0; i < order.Count; i++)
            {
                var direction = order[i].Chunk ^ turned;
                order[i] = order[i] with { Chunk = direction, MicroBatch = order[i].MicroBatch + (direction * half) };
            }
        });
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        times.Forward == times.BackwardInput && times.BackwardInput == times.BackwardWeight
            ? ((shape.Ranks / 2) - 1) * (times.Forward + (2 * times.BackwardInput) - times.BackwardWeight)
            : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => shape.Ranks + 1;
}
