// Proves an order correct without running it:
//
//   complete    each microbatch passes each position of its way once forward and once backward, whole or as both halves
//   ordered     on its rank F before B before W
//   alive       the graph of "comes before on the rank" and "needs the result of" has no cycle (Kahn 1962), operations that run as one
//               being one node: whatever the times, no rank waits for ever
//   bounded     chunk activations kept at once stay within what the schedule claims, on every rank

namespace Lightloom.Workloads.Pipelines;

/// <summary>Proves that an order of a pipeline's work is correct; see the rules at the head of this file.</summary>
public static class PipelineProof
{
    /// <summary>What is wrong with an order, or null when it is proven.</summary>
    /// <param name="order">The order.</param>
    /// <param name="claim">Chunk activations that each rank may keep, or null to leave memory out.</param>
    public static string? Flaw(PipelineOrder order, Func<int, int>? claim = null)
    {
        ArgumentNullException.ThrowIfNull(order);
        return Incomplete(order) ?? Cycle(order) ?? Unbounded(order, claim);
    }

    static string? Incomplete(PipelineOrder order)
    {
        var (placement, m) = (order.Placement, order.MicroBatches);
        var seen = new byte[placement.Positions * m];
        for (var rank = 0; rank < placement.Ranks; rank++)
        {
            var operations = order[rank];
            for (var i = 0; i < operations.Length; i++)
            {
                var o = operations[i];
                var where = $"rank {rank}, operation {i} ({o})";
                if (o.MicroBatch < 0 || o.MicroBatch >= m || o.Chunk < 0 || o.Chunk >= placement.Chunks) return $"{where} is outside the step";
                if (o.WithNext && (i + 1 == operations.Length || operations[i + 1].WithNext)) return $"{where} runs as one with nothing";
                var position = placement.PositionOf(rank, o.Chunk);
                if (placement.RankOf(position, order.DirectionOf(o.MicroBatch)) != rank) return $"{where} goes the other way";
                ref var at = ref seen[(position * m) + o.MicroBatch];
                // 0: nothing, 1: forward, 2: gradients of inputs, 3: all
                var (before, after) = o.Pass switch
                {
                    PipelinePass.Forward => (0, 1),
                    PipelinePass.Backward => (1, 3),
                    PipelinePass.BackwardInput => (1, 2),
                    _ => (2, 3),
                };
                if (at != before) return $"{where} comes too early or twice";
                at = (byte)after;
            }
        }
        for (var i = 0; i < seen.Length; i++)
            if (seen[i] != 3) return $"microbatch {i % m} does not finish at position {i / m}";
        return null;
    }

    static string? Cycle(PipelineOrder order)
    {
        var (placement, m) = (order.Placement, order.MicroBatches);
        // node of each operation; the first of two that run as one stands for both
        var first = new int[placement.Ranks + 1];
        for (var rank = 0; rank < placement.Ranks; rank++) first[rank + 1] = first[rank] + order[rank].Length;
        int Node(int rank, int i) => first[rank] + (i > 0 && order[rank][i - 1].WithNext ? i - 1 : i);
        var done = new Dictionary<(bool Forward, int Position, int Batch), int>();
        for (var rank = 0; rank < placement.Ranks; rank++)
            for (var i = 0; i < order[rank].Length; i++)
                if (order[rank][i] is var o && o.Pass != PipelinePass.BackwardWeight)
                    done[(o.Pass == PipelinePass.Forward, placement.PositionOf(rank, o.Chunk), o.MicroBatch)] = Node(rank, i);

        var edges = new List<(int From, int To)>();
        for (var rank = 0; rank < placement.Ranks; rank++)
        {
            for (var i = 0; i < order[rank].Length; i++)
            {
                var (o, node) = (order[rank][i], Node(rank, i));
                if (i > 0 && Node(rank, i - 1) != node) edges.Add((Node(rank, i - 1), node));
                var position = placement.PositionOf(rank, o.Chunk);
                var need = o.Pass switch
                {
                    PipelinePass.Forward => (true, position - 1),
                    PipelinePass.BackwardWeight => (false, position),
                    _ => position == placement.Positions - 1 ? (true, position) : (false, position + 1),
                };
                if (need.Item2 < 0) continue;
                var from = done[(need.Item1, need.Item2, o.MicroBatch)];
                if (from == node) return $"rank {rank}, operation {i} ({o}) runs as one with what it needs";
                edges.Add((from, node));
            }
        }

        var waits = new int[first[^1]];
        foreach (var (_, to) in edges) waits[to]++;
        var after = edges.ToLookup(e => e.From, e => e.To);
        var open = new Queue<int>(Enumerable.Range(0, waits.Length).Where(n => waits[n] == 0));
        var left = waits.Length;
        while (open.TryDequeue(out var node))
        {
            left--;
            foreach (var to in after[node])
                if (--waits[to] == 0) open.Enqueue(to);
        }
        return left == 0 ? null : $"{left} operations wait for each other";
    }

    static string? Unbounded(PipelineOrder order, Func<int, int>? claim)
    {
        if (claim is null) return null;
        for (var rank = 0; rank < order.Placement.Ranks; rank++)
            if (order.PeakChunks(rank) > claim(rank)) return $"rank {rank} keeps {order.PeakChunks(rank)} chunks, {claim(rank)} were claimed";
        return null;
    }
}
