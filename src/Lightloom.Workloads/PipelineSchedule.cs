// The order in which each stage of a pipeline works, played out event by event.
//
//   1F1B (v = 1), stage i of p:   min(p - 1 - i, m) warm-up forwards, then one forward and one backward in turn, then backwards
//   interleaved (v > 1):          min(2(p - 1 - i) + (v - 1)p, m·v) warm-up forwards over chunks in rounds of p microbatches
//                                 (Narayanan et al. 2021), then one forward and one backward in turn
//   A forward of chunk c on stage i waits for chunk c on stage i - 1 (or chunk c - 1 on stage p - 1 when i = 0); a backward waits
//   for the backward of the next stage, the very last one for its own forward.
//
// With equal stages the step takes m·T + (p - 1)·T/v, T the time of one microbatch on one stage: the closed form of StepModel.
//
// Worked example, p = 4, m = 8, forward 1 s and backward 2 s: (8 + 3)·3 = 33 s.

namespace Lightloom.Workloads;

/// <summary>One piece of work on one stage.</summary>
/// <param name="Stage">The pipeline stage.</param>
/// <param name="Chunk">The model chunk of that stage.</param>
/// <param name="MicroBatch">The microbatch.</param>
/// <param name="Backward">Whether it is the backward pass.</param>
/// <param name="Start">When it starts, in s.</param>
/// <param name="End">When it ends, in s.</param>
public readonly record struct PipelineSlot(int Stage, int Chunk, int MicroBatch, bool Backward, double Start, double End);

/// <summary>Plays out a pipeline's schedule; see the equations at the head of this file.</summary>
public static class PipelineSchedule
{
    /// <summary>Every piece of work of a step, stage by stage in the order in which the stage does it.</summary>
    /// <exception cref="ArgumentException">An interleaved schedule whose microbatches don't fill rounds of the pipeline.</exception>
    public static IReadOnlyList<IReadOnlyList<PipelineSlot>> Play(in PipelineTimes times)
    {
        int p = times.Stages, v = times.Interleave, m = times.MicroBatches;
        if (v > 1 && m % p != 0)
            throw new ArgumentException($"an interleaved schedule needs a multiple of {p} microbatches, not {m}");
        var orders = new List<(int Chunk, int MicroBatch, bool Backward)>[p];
        for (var i = 0; i < p; i++) orders[i] = Order(i, p, v, m);

        var ends = new Dictionary<(int, int, int, bool), double>(p * v * m * 2);
        var next = new int[p];
        var free = new double[p];
        var slots = new List<PipelineSlot>[p];
        for (var i = 0; i < p; i++) slots[i] = new(orders[i].Count);
        // Every pass over the stages finishes at least the piece of work that all others wait for.
        for (var left = p * v * m * 2; left > 0;)
        {
            var before = left;
            for (var i = 0; i < p; i++)
            {
                while (next[i] < orders[i].Count)
                {
                    var (chunk, batch, backward) = orders[i][next[i]];
                    if (!Ready(ends, i, chunk, batch, backward, p, v, out var ready)) break;
                    var start = Math.Max(free[i], ready);
                    var end = start + Time(times, i, backward);
                    ends[(i, chunk, batch, backward)] = end;
                    slots[i].Add(new(i, chunk, batch, backward, start, end));
                    free[i] = end;
                    next[i]++;
                    left--;
                }
            }
            if (left == before) throw new InvalidOperationException("the schedule waits for itself");
        }
        return slots;
    }

    static bool Ready(
        Dictionary<(int, int, int, bool), double> ends, int stage, int chunk, int batch, bool backward, int p, int v, out double ready)
    {
        ready = 0;
        if (!backward)
            return (stage, chunk) == (0, 0) ||
                ends.TryGetValue(stage > 0 ? (stage - 1, chunk, batch, false) : (p - 1, chunk - 1, batch, false), out ready);
        return (stage, chunk) == (p - 1, v - 1)
            ? ends.TryGetValue((stage, chunk, batch, false), out ready)
            : ends.TryGetValue(stage < p - 1 ? (stage + 1, chunk, batch, true) : (0, chunk + 1, batch, true), out ready);
    }

    static double Time(in PipelineTimes t, int stage, bool backward) => (backward
        ? stage == 0 ? t.FirstBackward : stage == t.Stages - 1 ? t.LastBackward : t.MiddleBackward
        : stage == 0 ? t.FirstForward : stage == t.Stages - 1 ? t.LastForward : t.MiddleForward) / t.Interleave;

    static List<(int Chunk, int MicroBatch, bool Backward)> Order(int stage, int p, int v, int m)
    {
        var total = m * v;
        var warm = v == 1 ? Math.Min(p - 1 - stage, total) : Math.Min((2 * (p - 1 - stage)) + ((v - 1) * p), total);
        var order = new List<(int, int, bool)>(2 * total);
        for (var k = 0; k < warm; k++) order.Add(Piece(k, false));
        for (var k = warm; k < total; k++)
        {
            order.Add(Piece(k, false));
            order.Add(Piece(k - warm, true));
        }
        for (var k = total - warm; k < total; k++) order.Add(Piece(k, true));
        return order;

        (int, int, bool) Piece(int k, bool backward)
        {
            if (v == 1) return (0, k, backward);
            int round = k / (p * v), inside = k % (p * v), chunk = inside / p;
            return (backward ? v - 1 - chunk : chunk, (round * p) + (inside % p), backward);
        }
    }
}
