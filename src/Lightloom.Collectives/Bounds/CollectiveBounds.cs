// What no algorithm can beat on a network of levels, by cuts and by messages.
//
//   S, n, u      size; ranks; ranks of one unit           N = n / u  units
//   cut          around a unit: u B_l each way; around one rank: B_0 + B_1, where it has both ports
//   all-gather, reduce-scatter   S (n - u) / n: what a unit doesn't hold has to come in [Zhao et al., arXiv 2305.18461; ForestColl]
//   all-reduce                   2 S (n - u) / n where switches only forward: until one unit knows an element N - 1 messages have left
//                                others, and N - 1 more have to reach these; N units of u B_l share 2 (N - 1) S [Patarasuk, Yuan 2009]
//                                S where switches beyond the cut reduce: the sum leaves once and enters once
//   all-to-all                   u (n - u) S / n
//   broadcast, reduce            S out of, or into, the root's unit [Edmonds 1973]
//   gather, scatter              S (n - u) / n into, or out of, the root's unit
//   send/receive                 S over a rank's ports; of u neighbours one sends out of the unit
//
//   messages     a_l  time of one message across level l or further, b_l the same by switches that reduce; p  peers at once
//   without      max over levels of a_l ceil(log_{1 + u p} N): in the time of one message those who know inform p others each, and a
//                unit whose u ranks all know, u p units; one rank by itself is a unit of u = 1
//   with         b_L once over the furthest level: up the tree of switches and down again
//   time         launches + max(messages, max over cuts of volume / bandwidth + latency): the last byte over a cut leaves it after
//                volume / bandwidth and is on its way for one latency
//
// On levels with line rates and the path's latencies, physics sets the bound; with what a mechanism sustains and its latencies, that
// mechanism. With one port at a time, as messages of host software are, ceil(log2 n) a and for all-reduce by recursive methods (which
// reduce first and then copy) twice that: CollectiveSteps.
//
// Example: all-gather of 1 GB by 16 ranks, 8 per domain, B_0 = 400 GB/s, B_1 = 50 GB/s:
//   rank: 15/16 GB / 450 GB/s = 2.08 ms; domain: 8/16 GB / (8 * 50) GB/s = 1.25 ms; bound 2.08 ms.
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Lower bounds on the time of collectives on a network of levels. Closed forms, without allocation unless cuts are listed.</summary>
public static class CollectiveBounds
{
    /// <summary>The least time that the network's cuts allow, by bandwidth alone.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network.</param>
    /// <param name="inNetworkReduction">Whether switches of every level may reduce and copy.</param>
    public static Duration Cut(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels, bool inNetworkReduction = false) =>
        Of(kind, size, group, levels, inNetworkReduction ? SwitchReduction.Everywhere : SwitchReduction.None).Transfer;

    /// <summary>The least time, by bandwidth and by messages.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network: line rates for a limit of physics, sustained rates for one of the mechanism.</param>
    /// <param name="reduction">What switches may do.</param>
    /// <exception cref="ArgumentException">The levels don't match, or the size is negative or not a number.</exception>
    public static CollectiveBound Of(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels, SwitchReduction reduction = SwitchReduction.None)
    {
        Check(size, group, levels);
        if (group.Ranks == 1) return new() { Reduction = reduction };
        var binding = AroundRank(kind, size.Bytes, group, levels, reduction);
        var slowest = binding.Time.Seconds;
        var bytes = binding.Transfer.Seconds;
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
        {
            var cut = AroundUnit(kind, size.Bytes, group, levels, l, reduction);
            slowest = Math.Max(slowest, cut.Time.Seconds);
            if (cut.Transfer.Seconds <= bytes) continue;
            bytes = cut.Transfer.Seconds;
            binding = cut;
        }
        var launch = Launch(group, levels);
        var messages = Messages(kind, group, levels, reduction);
        return new()
        {
            Time = Duration.FromSeconds(launch + Math.Max(messages, slowest)),
            Latency = Duration.FromSeconds(launch + messages),
            Cut = binding,
            Reduction = reduction,
            BoundByLatency = launch + messages >= bytes,
        };
    }

    /// <summary>Every cut with the time that its bytes take, the slowest first.</summary>
    /// <exception cref="ArgumentException">The levels don't match, or the size is negative or not a number.</exception>
    public static IReadOnlyList<CollectiveCut> Cuts(CollectiveKind kind, DataSize size, GroupPlacement group, NetworkLevels levels, SwitchReduction reduction = SwitchReduction.None)
    {
        Check(size, group, levels);
        if (group.Ranks == 1) return [];
        var cuts = new List<CollectiveCut> { AroundRank(kind, size.Bytes, group, levels, reduction) };
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++) cuts.Add(AroundUnit(kind, size.Bytes, group, levels, l, reduction));
        return [.. cuts.OrderByDescending(c => c.Transfer.Seconds)];
    }

    /// <summary>Launches and sequential messages: what no size goes below.</summary>
    /// <exception cref="ArgumentException">The levels don't match.</exception>
    public static Duration Latency(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels, SwitchReduction reduction = SwitchReduction.None) =>
        Of(kind, DataSize.Zero, group, levels, reduction).Latency;

    /// <summary>What a collective's bus bandwidth is a multiple of, S / t, in nccl-tests: 2 (n − 1) / n for all-reduce.</summary>
    public static double BusFactor(CollectiveKind kind, int ranks) => kind switch
    {
        CollectiveKind.AllReduce => 2.0 * (ranks - 1) / ranks,
        CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter => (ranks - 1.0) / ranks,
        _ => 1,
    };

    /// <summary>Bytes per second of one rank across a level.</summary>
    internal static double Rate(NetworkLevels levels, int level, bool reduced)
    {
        var plain = levels[level].Bandwidth.BytesPerSecond;
        return reduced ? Math.Max(plain, levels[level].InNetworkBandwidth.BytesPerSecond) : plain;
    }

    /// <summary>What one rank's ports carry: inside its domain, and out of it.</summary>
    internal static (double Inside, double Outside) PortsOf(NetworkLevels levels, in GroupPlacement group, bool reduced) =>
        (group.Crosses(0) ? Rate(levels, 0, reduced) : 0, group.LevelCount > 1 && group.Crosses(1) ? Rate(levels, 1, reduced) : 0);

    static CollectiveCut AroundRank(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels, SwitchReduction reduction)
    {
        var reduced = Reduces(group, levels, 0, reduction);
        var (inside, outside) = PortsOf(levels, group, reduced);
        return Make(kind, size, group.Ranks, 1, inside + outside, CollectiveCut.Ports, OneMessage(kind, group, levels, 0, reduction), reduced);
    }

    static CollectiveCut AroundUnit(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels, int level, SwitchReduction reduction)
    {
        var reduced = Reduces(group, levels, level, reduction);
        var unit = group.Within(level - 1);
        return Make(kind, size, group.Ranks, unit, unit * Rate(levels, level, reduced), level, OneMessage(kind, group, levels, level, reduction), reduced);
    }

    static CollectiveCut Make(CollectiveKind kind, double size, double ranks, double unit, double rate, int level, double latency, bool reduced) => new()
    {
        Level = level,
        Ranks = unit,
        Volume = DataSize.FromBytes(Volume(kind, size, ranks, unit, reduced)),
        Bandwidth = Bandwidth.FromBytesPerSecond(rate),
        Latency = Duration.FromSeconds(latency),
        Reduced = reduced,
    };

    /// <summary>Bytes that have to leave, or to enter, a unit.</summary>
    internal static double Volume(CollectiveKind kind, double size, double ranks, double unit, bool reduced) => kind switch
    {
        CollectiveKind.AllReduce => reduced ? size : 2 * size * (ranks - unit) / ranks,
        CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.Gather or CollectiveKind.Scatter => size * (ranks - unit) / ranks,
        CollectiveKind.AllToAll => size * (ranks - unit) / ranks * unit,
        _ => size,
    };

    // Reduction beyond a boundary spares it; inside the unit, ranks themselves reduce and copy.
    static bool Reduces(in GroupPlacement group, NetworkLevels levels, int from, SwitchReduction reduction)
    {
        if (reduction != SwitchReduction.AsEquipped) return reduction == SwitchReduction.Everywhere;
        for (var l = from; l < group.LevelCount; l++)
            if (group.Crosses(l) && levels.At(l).InNetwork) return true;
        return false;
    }

    static double Launch(in GroupPlacement group, NetworkLevels levels)
    {
        var further = 0.0;
        for (var l = 1; l < group.LevelCount; l++)
            if (group.Crosses(l)) further = Math.Max(further, levels.At(l).Launch);
        return levels.At(0).Launch + further;
    }

    static double Messages(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels, SwitchReduction reduction)
    {
        var furthest = 0;
        for (var l = 1; l < group.LevelCount; l++)
            if (group.Crosses(l)) furthest = l;
        // A neighbour is one message away, and switches that copy or reduce reach everybody at once.
        if (kind == CollectiveKind.SendReceive || Reduces(group, levels, 0, reduction)) return OneMessage(kind, group, levels, furthest, reduction);
        var longest = 0.0;
        for (var l = 0; l <= furthest; l++)
        {
            if (!group.Crosses(l)) continue;
            var unit = l == 0 ? 1 : group.Within(l - 1);
            longest = Math.Max(longest, OneMessage(kind, group, levels, l, reduction) * Rounds(group.Ranks / unit, unit * Peers(group, levels, l)));
        }
        return longest;
    }

    // What it takes to inform so many units when each that knows informs so many more at a time; averages needn't be whole.
    static double Rounds(double units, double each)
    {
        var rounds = 0;
        for (var reached = 1.0; reached < units * (1 - 1e-9); reached *= 1 + each) rounds++;
        return rounds;
    }

    static double Peers(in GroupPlacement group, NetworkLevels levels, int from)
    {
        var most = 1.0;
        for (var l = from; l < group.LevelCount; l++)
            if (group.Crosses(l)) most = Math.Max(most, levels.At(l).ConcurrentPeers);
        return most;
    }

    // The least of one message across a level or further.
    static double OneMessage(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels, int from, SwitchReduction reduction)
    {
        var least = double.PositiveInfinity;
        for (var l = from; l < group.LevelCount; l++)
        {
            if (!group.Crosses(l)) continue;
            ref readonly var level = ref levels.At(l);
            least = Math.Min(least, double.IsPositiveInfinity(level.LowLatencySecondsPerByte) ? level.Latency : Math.Min(level.Latency, level.LowLatency));
            if (kind != CollectiveKind.SendReceive && (reduction == SwitchReduction.Everywhere || (reduction == SwitchReduction.AsEquipped && level.InNetwork)))
                least = Math.Min(least, level.InNetworkLatency);
        }
        return double.IsPositiveInfinity(least) ? 0 : least;
    }

    static void Check(DataSize size, in GroupPlacement group, NetworkLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (group.LevelCount != levels.Count) throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        if (!(size.Bytes >= 0)) throw new ArgumentException($"a collective can't have a size of {size}");
    }
}
