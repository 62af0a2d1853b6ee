using System.Numerics;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>
/// Carries out an expanded schedule on data, one send after the other in any order that its gates allow: what a block holds is the set
/// of ranks whose contributions are in it. Slow and obvious.
/// </summary>
sealed class ScheduleInterpreter
{
    readonly ExpandedSchedule sends;
    readonly CollectiveKind kind;
    readonly int n;
    readonly int blocks; // of one channel in one piece
    readonly ulong[][] held; // by vertex and block: contributions, 0 for nothing

    ScheduleInterpreter(CollectiveKind kind, ExpandedSchedule sends)
    {
        this.kind = kind;
        this.sends = sends;
        n = sends.Schedule.Layout.Ranks;
        blocks = (int)sends.Schedule.Blocks;
        Assert.InRange(n, 1, 64);
        var all = blocks * sends.Schedule.Channels * sends.Schedule.Pieces;
        held = [.. Enumerable.Range(0, sends.Schedule.Vertices).Select(v => Enumerable.Range(0, all).Select(b => v < n && Has(v, b % blocks) ? 1UL << v : 0).ToArray())];
    }

    /// <summary>Carries it out and checks what every rank ends with.</summary>
    /// <param name="kind">The collective.</param>
    /// <param name="sends">Its sends.</param>
    /// <param name="pick">Of so many sends that could be next, which is.</param>
    public static void Run(CollectiveKind kind, ExpandedSchedule sends, Func<int, int> pick)
    {
        var interpreter = new ScheduleInterpreter(kind, sends);
        interpreter.Execute(pick);
        interpreter.Check();
    }

    void Execute(Func<int, int> pick)
    {
        var missing = sends.GateArrivals.ToArray();
        var open = new bool[missing.Length];
        var waiting = Enumerable.Range(0, sends.Count).Where(i => sends.WaitsFor[i] >= 0).ToLookup(i => sends.WaitsFor[i]);
        var after = Enumerable.Range(0, missing.Length).Where(g => sends.GateAfter[g] >= 0).ToLookup(g => sends.GateAfter[g]);
        var ready = Enumerable.Range(0, sends.Count).Where(i => sends.WaitsFor[i] < 0).ToList();
        var done = 0;
        for (; ready.Count > 0; done++)
        {
            var at = pick(ready.Count);
            var i = ready[at];
            ready[at] = ready[^1];
            ready.RemoveAt(ready.Count - 1);
            Move(i);
            missing[sends.Feeds[i]]--;
            Open(sends.Feeds[i]);
        }
        Assert.Equal(sends.Count, done);

        void Open(int gate)
        {
            if (open[gate] || missing[gate] > 0 || (sends.GateAfter[gate] is >= 0 and var before && !open[before])) return;
            open[gate] = true;
            ready.AddRange(waiting[gate]);
            foreach (var next in after[gate]) Open(next);
        }
    }

    void Move(int i)
    {
        var (from, to) = (held[sends.Source[i]], held[sends.Destination[i]]);
        Assert.True(sends.BlockOffset![i + 1] > sends.BlockOffset[i]);
        for (var j = sends.BlockOffset[i]; j < sends.BlockOffset[i + 1]; j++)
        {
            var b = sends.Blocks![j];
            if (from[b] == 0) Assert.Fail($"{sends.Schedule.Name}: send {i} from {sends.Source[i]} carries block {b} that it doesn't have");
            if (sends.Combine[i] == Combine.Copy)
            {
                to[b] = from[b];
                continue;
            }
            if ((to[b] & from[b]) != 0) Assert.Fail($"{sends.Schedule.Name}: send {i} adds a contribution to block {b} of {sends.Destination[i]} twice");
            to[b] |= from[b];
        }
    }

    // What block b stands for: a shard's owner, a pair's origin and destination, or nothing.
    bool Has(int rank, int b) => kind switch
    {
        CollectiveKind.AllReduce or CollectiveKind.ReduceScatter or CollectiveKind.Reduce => true,
        CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.SendReceive => b == rank,
        CollectiveKind.AllToAll => b / n == rank,
        _ => rank == 0,
    };

    void Check()
    {
        var everyone = n == 64 ? ulong.MaxValue : (1UL << n) - 1;
        for (var rank = 0; rank < n; rank++)
            for (var id = 0; id < held[rank].Length; id++)
            {
                var b = id % blocks;
                ulong? expected = kind switch
                {
                    CollectiveKind.AllReduce => everyone,
                    CollectiveKind.AllGather => 1UL << b,
                    CollectiveKind.ReduceScatter => b == rank ? everyone : null,
                    CollectiveKind.AllToAll => b % n == rank ? 1UL << (b / n) : null,
                    CollectiveKind.Broadcast => 1,
                    CollectiveKind.SendReceive => b == (rank + n - 1) % n ? 1UL << b : null,
                    CollectiveKind.Reduce => rank == 0 ? everyone : null,
                    CollectiveKind.Gather => rank == 0 ? 1UL << b : null,
                    _ => b == rank ? 1 : null,
                };
                if (expected is { } e && held[rank][id] != e)
                    Assert.Fail($"{sends.Schedule.Name} {sends.Schedule.Layout}: rank {rank} ends with {BitOperations.PopCount(held[rank][id])} contributions to block {b}, not the expected ones");
            }
    }
}
