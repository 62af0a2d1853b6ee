// What no algorithm can beat, by cuts (reference: Zhao et al., arXiv 2305.18461; ForestColl).
//
//   cut around a unit of u ranks: its boundary passes u B each way; around one rank: B_0 + B_1 where it has both ports
//   all-gather, reduce-scatter   (S / n) (n - u) / (u B)        all-reduce without reducing switches: twice that
//   all-reduce with them         S / (u B): the sum leaves once and enters once
//   all-to-all                   u (n - u) (S / n) / (u B)
//   gather, scatter              as all-gather, for the root's unit
//   broadcast, reduce            S / (u B)                      send/receive: S / B over the last port
//
// Example: all-gather of 1 GB by 16 ranks, 8 per domain, B_0 = 400 GB/s, B_1 = 50 GB/s:
//   rank: 1/16 * 15 / 450 GB/s = 2.08 ms; domain: 1/16 * 8 / (8 * 50) GB/s = 1.25 ms; bound 2.08 ms.
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Lower bounds on the time of collectives, from the bandwidth of cuts.</summary>
public static class CollectiveBounds
{
    /// <summary>The least time that the network's cuts allow.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network.</param>
    /// <param name="inNetworkReduction">Whether switches may reduce.</param>
    public static Duration Cut(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels, bool inNetworkReduction = false)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (group.Ranks == 1) return Duration.Zero;
        var port = 0.0; // B/s of everything that one rank has
        if (group.Crosses(0)) port += Rate(levels, 0);
        if (group.LevelCount > 1 && group.Crosses(1)) port += Rate(levels, 1);
        var bound = Across(kind, size.Bytes, group.Ranks, 1, port, inNetworkReduction);
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
            bound = Math.Max(bound, Across(kind, size.Bytes, group.Ranks, group.Within(l - 1), Rate(levels, l), inNetworkReduction));
        return Duration.FromSeconds(bound);
    }

    static double Across(CollectiveKind kind, double size, double n, double unit, double rate, bool inNetwork) => kind switch
    {
        CollectiveKind.AllReduce when inNetwork => size / (unit * rate),
        CollectiveKind.AllReduce => 2 * size * (n - unit) / n / (unit * rate),
        CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.Gather or CollectiveKind.Scatter => size * (n - unit) / n / (unit * rate),
        CollectiveKind.AllToAll => size * (n - unit) / n / rate,
        CollectiveKind.Broadcast or CollectiveKind.Reduce => size / (unit * rate),
        _ => size / rate / unit,
    };

    static double Rate(NetworkLevels levels, int level) =>
        Math.Max(levels[level].Bandwidth.BytesPerSecond, levels[level].InNetworkBandwidth.BytesPerSecond);
}
