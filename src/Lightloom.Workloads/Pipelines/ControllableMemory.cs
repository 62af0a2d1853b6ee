// V-half and V-min: two chunks in a V whose microbatches come back so soon that about a half or a third of 1F1B's activations are
// kept. One microbatch's passes are laid on a lattice of unit slots that repeats every six slots (two chunks of F, B, W) and never
// meets itself; what a rank keeps is the time from its forwards to its backwards.
// Source: Qi et al. 2024, "Pipeline Parallelism with Controllable Memory", arXiv:2405.15362, section 3 and appendix; slots as in the
// authors' code.
//
//   slot of microbatch 0 on rank i of p   F 0        F 1           B 1                   B 0                    (then + 6 each)
//   V-min                                 i          2p - 1 - i    2p + a + i            4p + a - 1 - i         a = 2 if 3 | p, else 0
//   V-half                                2i         3p - 2 - i    3p + b - 1 + 2i       6p + b - 2 - i         b = 3 if 2 | p, else 0
//
//   order, rank i       its F and B in the order of their slots, begun as soon as their inputs are there in a run where F, B and W take
//                       one unit each; an F only while fewer chunks are kept than the lattice ever keeps; the oldest W in every slot
//                       that is left (the paper squeezes and reorders to the same end)
//   chunks in flight    at most what the lattice keeps on its fullest rank when each W takes the first free slot after its B:
//                       about 2p/3 (V-min) and p (V-half), against 2p of 1F1B in chunks of half a stage
//   bubble              no closed form is claimed; where F, B and W differ even the steady state waits
//
// Worked example, p = 4, m = 16, F = B = W = 1 s on a chunk: 1F1B takes 96 + 3·6 = 114 s and keeps 8 chunks. V-half takes 105 s with 6
// chunks, V-min 107 s with 4: a half and two thirds of the bubble.

namespace Lightloom.Workloads.Pipelines;

/// <summary>V-half and V-min; see the equations at the head of this file.</summary>
/// <param name="kind"><see cref="PipelineKind.VHalf"/> or <see cref="PipelineKind.VMin"/>.</param>
public sealed class ControllableMemory(PipelineKind kind) : IPipelineSchedule
{
    // Two chunks of F, B and W.
    const int Period = 6;

    /// <inheritdoc/>
    public PipelineKind Kind => kind;

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
    public double? Bubble(in PipelineShape shape, in PassTimes times) => null;

    /// <inheritdoc/>
    public int PeakChunks(in PipelineShape shape, int rank) => Math.Min(2 * shape.MicroBatches, Limit(shape.Ranks));

    /// <summary>Slots of microbatch 0 on a rank: F 0, F 1, B 1, B 0.</summary>
    (int F0, int F1, int B1, int B0) Slots(int p, int i)
    {
        int a = p % 3 == 0 ? 2 : 0, b = p % 2 == 0 ? 3 : 0;
        return kind == PipelineKind.VMin
            ? (i, (2 * p) - 1 - i, (2 * p) + a + i, (4 * p) + a - 1 - i)
            : (2 * i, (3 * p) - 2 - i, (3 * p) + b - 1 + (2 * i), (6 * p) + b - 2 - i);
    }

    /// <summary>Chunks that the lattice keeps on its fullest rank.</summary>
    int Limit(int p)
    {
        var most = 0;
        Span<bool> used = stackalloc bool[Period];
        for (var rank = 0; rank < p; rank++)
        {
            used.Clear();
            // In a slot of the steady state a rank keeps what began before it and has not ended.
            var (f0, f1, b1, b0) = Slots(p, rank);
            used[f0 % Period] = used[f1 % Period] = used[b1 % Period] = used[b0 % Period] = true;
            // The first of the two backwards of a period takes the first free slot for its W, the other the next free one.
            int first = b1 % Period, second = b0 % Period;
            var w1 = Free(used, first);
            var w0 = Free(used, second);
            // Two W's that wait for the same slots trade places: what counts is how long both wait together.
            for (var slot = 0; slot < Period; slot++)
                most = Math.Max(most, Kept(slot, f0, b0 + w0) + Kept(slot, f1, b1 + w1));
        }
        return most;

        static int Free(Span<bool> used, int from)
        {
            for (var after = 1; ; after++)
            {
                var slot = (from + after) % Period;
                if (used[slot]) continue;
                used[slot] = true;
                return after;
            }
        }

        // Microbatches whose F began at or before the slot and whose W has not ended at its beginning.
        static int Kept(int slot, int from, int to) => Floor(slot - from) - Floor(slot - 1 - to);

        static int Floor(int slots) => (int)Math.Floor((double)slots / Period);
    }

    /// <inheritdoc/>
    public PipelineOrder Order(in PipelineShape shape)
    {
        var orders = Run(shape.Ranks, shape.MicroBatches, Limit(shape.Ranks));
        return PipelineSchedules.Build(this, shape, (rank, order) => order.AddRange(orders[rank]));
    }

    List<PipelineOperation>[] Run(int p, int m, int limit)
    {
        var planned = new (PipelinePass Pass, int Chunk, int Batch)[p][];
        for (var rank = 0; rank < p; rank++)
        {
            var (f0, f1, b1, b0) = Slots(p, rank);
            var slots = new List<(int Slot, PipelinePass Pass, int Chunk, int Batch)>(4 * m);
            for (var k = 0; k < m; k++)
            {
                slots.Add((f0 + (Period * k), PipelinePass.Forward, 0, k));
                slots.Add((f1 + (Period * k), PipelinePass.Forward, 1, k));
                slots.Add((b1 + (Period * k), PipelinePass.BackwardInput, 1, k));
                slots.Add((b0 + (Period * k), PipelinePass.BackwardInput, 0, k));
            }
            slots.Sort((x, y) => x.Slot.CompareTo(y.Slot));
            planned[rank] = [.. slots.Select(s => (s.Pass, s.Chunk, s.Batch))];
        }

        var orders = new List<PipelineOperation>[p];
        for (var rank = 0; rank < p; rank++) orders[rank] = new(6 * m);
        // Slot at whose beginning a pass of a microbatch at a position is done; 0: not yet.
        var forward = new int[2 * p * m];
        var backward = new int[2 * p * m];
        var next = new int[p];
        var kept = new int[p];
        var waiting = new Queue<(int Chunk, int Batch)>[p];
        for (var rank = 0; rank < p; rank++) waiting[rank] = new();
        var left = p * 6 * m;
        for (var slot = 0; left > 0; slot++)
        {
            var before = left;
            for (var rank = 0; rank < p; rank++)
            {
                if (next[rank] < 4 * m)
                {
                    var (pass, chunk, batch) = planned[rank][next[rank]];
                    var position = chunk == 0 ? rank : (2 * p) - 1 - rank;
                    var at = (position * m) + batch;
                    var ahead = pass == PipelinePass.Forward;
                    var ready = ahead
                        ? kept[rank] < limit && (position == 0 || Done(forward, at - m, slot))
                        : position == (2 * p) - 1 ? Done(forward, at, slot) : Done(backward, at + m, slot);
                    if (ready)
                    {
                        orders[rank].Add(new(pass, chunk, batch));
                        (ahead ? forward : backward)[at] = slot + 1;
                        next[rank]++;
                        left--;
                        if (ahead) kept[rank]++;
                        else waiting[rank].Enqueue((chunk, batch));
                        continue;
                    }
                }
                if (waiting[rank].TryDequeue(out var weight))
                {
                    orders[rank].Weight(weight.Batch, weight.Chunk);
                    kept[rank]--;
                    left--;
                }
            }
            // All that began has ended: a slot in which nothing can begin would be followed by more of them.
            if (left == before) throw new InvalidOperationException("the lattice waits for itself");
        }
        return orders;

        static bool Done(int[] ends, int at, int slot) => ends[at] is > 0 and var end && end <= slot;
    }
}
