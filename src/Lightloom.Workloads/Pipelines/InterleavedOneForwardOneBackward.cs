// Interleaved 1F1B: each rank holds v chunks of the model, so that the pipeline fills in a v-th of the time.
// Source: Narayanan et al. 2021, "Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM",
// arXiv:2104.04473; groups of g microbatches and a last group that is smaller: Megatron-Core's schedules.py
// (microbatch_group_size_per_vp_stage).
//
//   forwards                   in groups of g >= p microbatches: the group through chunk 0, then through chunk 1, ..; the last group
//                              may be smaller, but not than p. Backwards alike with the chunks reversed.
//   order, rank i              min(2·(p - 1 - i) + (v - 1)·g, m·v) forwards, then one forward and one backward in turn, then backwards
//   bubble                     (p - 1)·(F + B + W), F, B and W of one chunk: a v-th of 1F1B's (g divides m)
//   chunks in flight           min(m·v, 2·(p - 1 - i) + (v - 1)·g + 1)
//
// Worked example, p = 4, v = 2, m = 8, F = B = W = 1 s on a chunk: 16·3 + 3·3 = 57 s; rank 0 keeps 11 chunks, 5.5 microbatches.

namespace Lightloom.Workloads.Pipelines;

/// <summary>One forward, one backward over several chunks of each rank; see the equations at the head of this file.</summary>
public sealed class InterleavedOneForwardOneBackward : IPipelineSchedule
{
    /// <inheritdoc/>
    public PipelineKind Kind => PipelineKind.Interleaved;

    /// <inheritdoc/>
    public PipelinePath Path => PipelinePath.Loop;

    /// <inheritdoc/>
    public int? Chunks => null;

    /// <inheritdoc/>
    public int Round(in PipelineShape shape) => shape.Group;

    /// <inheritdoc/>
    public bool StepsOverlap => false;

    /// <inheritdoc/>
    public string? Broken(in PipelineShape shape)
    {
        if (PipelineSchedules.Broken(this, shape) is { } broken) return broken;
        if (shape.Chunks < 2) return "interleaved-1f1b has two or more chunks on each rank";
        if (shape.Group < shape.Ranks)
            return $"groups of {shape.Group} microbatches are smaller than the {shape.Ranks} ranks of the pipeline; expected at least {shape.Ranks}";
        var rest = shape.MicroBatches % shape.Group;
        if (rest == 0 || rest >= shape.Ranks) return null;
        var (below, above) = (shape.MicroBatches - rest, shape.MicroBatches - rest + shape.Ranks);
        return $"the last of {shape.MicroBatches} microbatches in groups of {shape.Group} are {rest}, fewer than the {shape.Ranks} ranks; " +
            (below > 0 ? $"nearest {below} and {above} microbatches" : $"nearest {above} microbatches");
    }

    /// <inheritdoc/>
    public PipelineOrder Order(in PipelineShape shape)
    {
        int p = shape.Ranks, v = shape.Chunks, m = shape.MicroBatches, group = shape.Group, total = m * v;
        return PipelineSchedules.Build(this, shape, (rank, order) =>
        {
            var warm = Math.Min(Warmup(p, v, group, rank), total);
            for (var k = 0; k < warm; k++) Forward(k);
            for (var k = 0; k < total; k++)
            {
                if (warm + k < total) Forward(warm + k);
                var (chunk, batch) = Piece(k);
                order.Backward(batch, v - 1 - chunk);
            }

            void Forward(int k)
            {
                var (chunk, batch) = Piece(k);
                order.Forward(batch, chunk);
            }
        });

        (int Chunk, int Batch) Piece(int k)
        {
            int round = k / (group * v), inside = k % (group * v), size = Math.Min(group, m - (round * group));
            return (inside / size, (round * group) + (inside % size));
        }
    }

    /// <inheritdoc/>
    public double? Bubble(in PipelineShape shape, in PassTimes times) =>
        shape.MicroBatches % shape.Group == 0 ? (shape.Ranks - 1) * times.Total : null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) =>
        Math.Min(shape.MicroBatches * shape.Chunks, Warmup(shape.Ranks, shape.Chunks, shape.Group, rank) + 1);

    /// <summary>Forward passes of chunks with which a rank fills the pipeline before its first backward pass, where there are as many.</summary>
    internal static int Warmup(int ranks, int chunks, int group, int rank) => (2 * (ranks - 1 - rank)) + ((chunks - 1) * group);
}
