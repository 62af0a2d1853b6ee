// When each piece of work of a pipeline's step begins and ends: the longest path over what each piece waits for.
//
//   start(o) = max( end of the rank's previous operation (+ its send, where sends block),
//                   F at position k:  end of F at k - 1, + send where that stands on another rank
//                   B at position k:  end of B at k + 1, + send where that stands on another rank; at the last position its own F
//                   W:                its own B )
//   two operations that run as one begin when both can and end together
//   makespan   = the last end;  period = the longest time from a rank's first start to its last end: what a step takes where ranks
//                begin the next one without waiting for each other (each rank's next step starts a period after this one)
//
// Each operation is visited once, when what it waits for is done: time and memory are linear in their number.
//
// Worked example, 1F1B, p = 2, m = 2, F = 1 s, B = W = 1 s, sends of 0.5 s that don't block: rank 1 runs F 0 from 1.5 to 2.5 and its
// backward to 4.5; rank 0 receives it at 5 and ends at 7; then F 1, B 1 of rank 1 end at 7.5, and rank 0 at 10 s.

namespace Lightloom.Workloads.Pipelines;

/// <summary>What an operation of a pipeline waited for last.</summary>
public enum PipelineWait
{
    /// <summary>Nothing: it began the step.</summary>
    Nothing,

    /// <summary>The rank's previous operation, or its send.</summary>
    Rank,

    /// <summary>The result of a neighbouring position.</summary>
    Input,
}

/// <summary>Start and end of every operation of a pipeline's step; see the equations at the head of this file.</summary>
public sealed class PipelineTiming
{
    readonly PipelineOrder order;
    readonly PipelineCosts costs;
    // operation i of rank r has the times start[offset[r] + i] and end[offset[r] + i]
    readonly int[] offset;
    readonly double[] start, end;
    // end of the forward pass and of the (input half of the) backward pass of microbatch b at position k: [k · microbatches + b]
    readonly double[] forward, backward;
    // and the place of that operation in its rank's order
    readonly int[] forwardPlace, backwardPlace;

    /// <summary>Plays an order out.</summary>
    /// <exception cref="ArgumentException">The costs have other positions than the order, or the order waits for itself.</exception>
    public PipelineTiming(PipelineOrder order, PipelineCosts costs)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(costs);
        if (costs.Positions != order.Placement.Positions)
            throw new ArgumentException($"{costs.Positions} positions have costs and the order has {order.Placement.Positions}");
        (this.order, this.costs) = (order, costs);
        var ranks = order.Placement.Ranks;
        offset = new int[ranks + 1];
        for (var rank = 0; rank < ranks; rank++) offset[rank + 1] = offset[rank] + order[rank].Length;
        start = new double[offset[^1]];
        end = new double[offset[^1]];
        forward = new double[costs.Positions * order.MicroBatches];
        backward = new double[costs.Positions * order.MicroBatches];
        Array.Fill(forward, double.NaN);
        Array.Fill(backward, double.NaN);
        forwardPlace = new int[forward.Length];
        backwardPlace = new int[backward.Length];
        Play();
        for (var rank = 0; rank < ranks; rank++)
        {
            if (offset[rank + 1] == offset[rank]) continue;
            Makespan = Math.Max(Makespan, Last(rank));
            Period = Math.Max(Period, Last(rank) - First(rank));
        }
    }

    /// <summary>What was played out.</summary>
    public PipelineOrder Order => order;

    /// <summary>The times that it was played out with.</summary>
    public PipelineCosts Costs => costs;

    /// <summary>Seconds from the first start to the last end.</summary>
    public double Makespan { get; }

    /// <summary>The longest time from a rank's first start to its last end, in s.</summary>
    public double Period { get; }

    /// <summary>When an operation of a rank begins, in s.</summary>
    public double Start(int rank, int operation) => start[offset[rank] + operation];

    /// <summary>When an operation of a rank ends, in s.</summary>
    public double End(int rank, int operation) => end[offset[rank] + operation];

    /// <summary>When a rank begins its first operation, in s.</summary>
    public double First(int rank) => start[offset[rank]];

    /// <summary>When a rank ends its last operation, in s.</summary>
    public double Last(int rank) => end[offset[rank + 1] - 1];

    /// <summary>Seconds that a rank computes.</summary>
    public double Busy(int rank)
    {
        var sum = 0.0;
        foreach (var operation in order[rank]) sum += costs.Of(operation.Pass, order.PositionOf(rank, operation));
        return sum;
    }

    /// <summary>Seconds of the step in which a rank does not compute.</summary>
    public double Idle(int rank) => Makespan - Busy(rank);

    /// <summary>When the forward pass (or the backward pass, its input half where halved) of a microbatch at a position ends, in s.</summary>
    internal double EndAt(bool isForward, int position, int microBatch) =>
        (isForward ? forward : backward)[(position * order.MicroBatches) + microBatch];

    /// <summary>What an operation waited for last.</summary>
    /// <param name="rank">Its rank.</param>
    /// <param name="operation">Its place in the rank's order.</param>
    /// <param name="from">The operation waited for: its rank and its place in that rank's order.</param>
    public PipelineWait WaitedFor(int rank, int operation, out (int Rank, int Operation) from)
    {
        from = default;
        var begin = Start(rank, operation);
        if (begin <= 0) return PipelineWait.Nothing;
        var head = operation > 0 && order[rank][operation - 1].WithNext ? operation - 1 : operation;
        // Two that run as one began when both could.
        for (var i = head; i <= head + (order[rank][head].WithNext ? 1 : 0); i++)
        {
            var o = order[rank][i];
            if (Ready(rank, o) < begin || !Input(rank, o, out var position, out var isForward)) continue;
            var other = order.Placement.RankOf(position, order.DirectionOf(o.MicroBatch));
            if (other == rank) continue;
            from = (other, (isForward ? forwardPlace : backwardPlace)[(position * order.MicroBatches) + o.MicroBatch]);
            return PipelineWait.Input;
        }
        from = (rank, head - 1);
        return PipelineWait.Rank;
    }

    /// <summary>The operation on another rank that waits for the result of an operation, or null.</summary>
    public (int Rank, int Operation)? Receiver(int rank, int operation)
    {
        var o = order[rank][operation];
        if (Next(rank, o, out var position) is not { } other) return null;
        return (other, (o.Pass == PipelinePass.Forward ? forwardPlace : backwardPlace)[(position * order.MicroBatches) + o.MicroBatch]);
    }

    void Play()
    {
        var ranks = order.Placement.Ranks;
        var next = new int[ranks];
        var free = new double[ranks];
        // Ranks that may go on: every rank at first, then those whose inputs have just come.
        var open = new Stack<int>(ranks);
        var opened = new bool[ranks];
        for (var rank = ranks - 1; rank >= 0; rank--) Open(rank);
        var done = 0;
        while (open.TryPop(out var rank))
        {
            opened[rank] = false;
            var operations = order[rank];
            while (next[rank] < operations.Length)
            {
                var i = next[rank];
                var count = operations[i].WithNext ? 2 : 1;
                var begin = Math.Max(free[rank], Ready(rank, operations[i]));
                if (count == 2) begin = Math.Max(begin, Ready(rank, operations[i + 1]));
                if (double.IsNaN(begin)) break;
                var finish = begin;
                for (var j = i; j < i + count; j++) finish += costs.Of(operations[j].Pass, order.PositionOf(rank, operations[j]));
                free[rank] = finish;
                for (var j = i; j < i + count; j++)
                {
                    start[offset[rank] + j] = begin;
                    end[offset[rank] + j] = finish;
                    if (Finish(rank, j, finish) is not { } to) continue;
                    if (costs.SendBlocks) free[rank] += costs.Send;
                    Open(to);
                }
                next[rank] += count;
                done += count;
            }
        }
        if (done < order.Count) throw new ArgumentException("the order waits for itself");

        void Open(int rank)
        {
            if (opened[rank]) return;
            opened[rank] = true;
            open.Push(rank);
        }
    }

    /// <summary>Notes that an operation ends, and says which other rank waits for it.</summary>
    int? Finish(int rank, int place, double at)
    {
        var o = order[rank][place];
        if (o.Pass == PipelinePass.BackwardWeight) return null;
        var isForward = o.Pass == PipelinePass.Forward;
        var index = (order.PositionOf(rank, o) * order.MicroBatches) + o.MicroBatch;
        (isForward ? forward : backward)[index] = at;
        (isForward ? forwardPlace : backwardPlace)[index] = place;
        return Next(rank, o, out _);
    }

    /// <summary>The other rank, and its position, that an operation's result goes to.</summary>
    int? Next(int rank, in PipelineOperation o, out int position)
    {
        position = order.PositionOf(rank, o) + (o.Pass == PipelinePass.Forward ? 1 : -1);
        if (o.Pass == PipelinePass.BackwardWeight || position < 0 || position >= costs.Positions) return null;
        var other = order.Placement.RankOf(position, order.DirectionOf(o.MicroBatch));
        return other == rank ? null : other;
    }

    /// <summary>The position whose result an operation needs, if it is not its own.</summary>
    bool Input(int rank, in PipelineOperation o, out int position, out bool isForward)
    {
        var own = order.PositionOf(rank, o);
        isForward = o.Pass == PipelinePass.Forward;
        position = isForward ? own - 1 : own + 1;
        return o.Pass != PipelinePass.BackwardWeight && position >= 0 && position < costs.Positions;
    }

    /// <summary>When an operation's inputs are there; NaN while they are not.</summary>
    double Ready(int rank, in PipelineOperation o)
    {
        var own = order.PositionOf(rank, o);
        if (o.Pass == PipelinePass.BackwardWeight) return EndAt(false, own, o.MicroBatch);
        if (!Input(rank, o, out var position, out var isForward))
            return isForward ? 0 : EndAt(true, own, o.MicroBatch);
        var ready = EndAt(isForward, position, o.MicroBatch);
        if (order.Placement.RankOf(position, order.DirectionOf(o.MicroBatch)) != rank) ready += costs.Send;
        // Its own forward comes before a backward in any valid order; an invalid one must not slip through.
        return isForward ? ready : Math.Max(ready, EndAt(true, own, o.MicroBatch));
    }
}
