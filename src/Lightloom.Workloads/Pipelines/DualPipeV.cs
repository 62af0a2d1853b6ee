// DualPipeV: DualPipe cut in half. Two chunks in a V; in the steady state the forward of one chunk runs as one with the backward of
// the other, so that each hides the other's exchanges of experts.
// Source: DeepSeek-V3, arXiv:2412.19437, section 3.2.1, and the schedule published with it (deepseek-ai/DualPipe, dualpipev.py);
// Sea AI Lab 2025, "DualPipe could be better without the Dual".
//
//   order, rank i of p         2·(p - i - 1) times F 0;  i + 1 times F 0, F 1;  p - i - 1 times I 1, W 1, F 1;
//   (B is a whole backward,    m - 2p + i + 1 times (F 0 + B 1), (F 1 + B 0), the very first pair of the last rank one by one;
//   I its inputs' half)        p - i - 1 times B 1, (F 1 + B 0);  i + 1 times B 1, B 0, the second half of them as I;
//                              p - i - 1 times W, I 0;  i + 1 times W. W takes what was put off first.
//   bubble                     (p - 1)·((F + B) + B - 3W) = (p - 1)·(F + 2I - W), exact for F = I = W; where I is
//                              longer than W the order waits a little less
//   chunks in flight           2p + 1 on rank 0; microbatches m >= 2p
//
// Worked example, p = 4, m = 10, F = I = W = 1 s on a chunk: 60 + 3·2 = 66 s.

namespace Lightloom.Workloads.Pipelines;

/// <summary>DualPipe cut in half; see the equations at the head of this file.</summary>
public sealed class DualPipeV : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.DualPipeV;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.V;

    /// <inheritdoc/>
    public int? Chunks => 2;

    /// <inheritdoc/>
    public int Round(in PipelineShape shape) => 1;

    /// <inheritdoc/>
    public bool StepsOverlap => false;

    /// <inheritdoc/>
    public string? Broken(in PipelineShape shape) => PipelineSchedules.Broken(this, shape) ?? (shape.MicroBatches >= 2 * shape.Ranks
        ? null
        : $"dualpipe-v needs twice as many microbatches as its {shape.Ranks} ranks, not {shape.MicroBatches}; nearest {2 * shape.Ranks}");

    /// <inheritdoc/>
    public PipelineOrder Order(in PipelineShape shape)
    {
        int p = shape.Ranks, m = shape.MicroBatches;
        return PipelineSchedules.Build(this, shape, (rank, order) => Fill(order, p, m, rank));
    }

    /// <summary>The order of a rank of a V; DualPipe's halves are two of these.</summary>
    internal static void Fill(List<PipelineOperation> order, int p, int m, int rank)
    {
        Span<int> forward = stackalloc int[2], backward = stackalloc int[2];
        var waiting = new Queue<(int Chunk, int Batch)>();
        for (var k = 0; k < 2 * (p - rank - 1); k++) order.Forward(forward[0]++, 0);
        for (var k = 0; k <= rank; k++)
        {
            order.Forward(forward[0]++, 0);
            order.Forward(forward[1]++, 1);
        }
        for (var k = 0; k < p - rank - 1; k++)
        {
            Backward(forward, backward, 1, true);
            Weight();
            order.Forward(forward[1]++, 1);
        }
        for (var k = 0; k < m - (2 * p) + rank + 1; k++)
        {
            Both(forward, backward, 0, 1, k > 0 || rank < p - 1);
            Both(forward, backward, 1, 0, true);
        }
        for (var k = 0; k < p - rank - 1; k++)
        {
            Backward(forward, backward, 1, false);
            Both(forward, backward, 1, 0, true);
        }
        var late = false;
        for (var k = 0; k <= rank; k++)
        {
            // The parity of the rank decides which of the two is the first to be halved.
            late |= k == (rank + 1) / 2 && rank % 2 == 1;
            Backward(forward, backward, 1, late);
            late |= k == (rank + 1) / 2 && rank % 2 == 0;
            Backward(forward, backward, 0, late);
        }
        for (var k = 0; k < p - rank - 1; k++)
        {
            Weight();
            Backward(forward, backward, 0, true);
        }
        while (waiting.Count > 0) Weight();

        void Backward(Span<int> forward, Span<int> backward, int chunk, bool halved)
        {
            var batch = backward[chunk]++;
            if (!halved) order.Backward(batch, chunk);
            else
            {
                order.Input(batch, chunk);
                waiting.Enqueue((chunk, batch));
            }
        }

        void Both(Span<int> forward, Span<int> backward, int ahead, int back, bool asOne)
        {
            order.Add(new(PipelinePass.Forward, ahead, forward[ahead]++) { WithNext = asOne });
            order.Backward(backward[back]++, back);
        }

        void Weight()
        {
            var (chunk, batch) = waiting.Dequeue();
            order.Weight(batch, chunk);
        }
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        times.Forward == times.BackwardInput && times.BackwardInput == times.BackwardWeight
            ? (shape.Ranks - 1) * (times.Forward + (2 * times.BackwardInput) - times.BackwardWeight)
            : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => (2 * shape.Ranks) + 1;
}
