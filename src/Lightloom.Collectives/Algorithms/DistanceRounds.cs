// Rounds in which every rank sends by the same power of two: what Bruck's algorithm and PAT have in common.
//
//   n, r_l   ranks of the group, and in one unit of level l     c_k  shards that a rank sends in the round of distance 2^k
//   rounds   K = ceil(log2 n)
//   V_l      S / n sum of c_k x_k / r_(l-1) for l > 0, where x_k = u - max(0, u - 2^k) - max(0, u - n + 2^k) of the u = r_(l-1) ranks of a
//            unit send out of it
//   V_0      S / n sum of c_k over the rounds that stay inside, for the rank with the most of it
//   steps    ceil(log2 r_l) - ceil(log2 r_(l-1)) on level l: a chain of rounds can stay inside a unit while the distance is smaller
//
// Example: n = 16, u = 8: at distance 4 half of a unit's sends leave it, x = 4; at distance 8 all, x = 8.
using System.Numerics;

namespace Lightloom.Collectives;

/// <summary>Shards that a rank sends in the round of a distance, of all ranks.</summary>
delegate double ShardsOfRound(int distance, int ranks);

static class DistanceRounds
{
    /// <summary>Adds the rounds of distances 1, 2, 4, ... below n.</summary>
    internal static void Describe(double size, ShardsOfRound shards, in GroupPlacement group, ref CollectiveFootprint footprint)
    {
        var n = group.Ranks;
        var shard = size / n;
        var inside = group.Within(0);
        if (inside > 1) footprint.Send(0, shard * Inside((int)inside, n, shards), Rounds(inside));
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
        {
            var unit = group.Within(l - 1);
            var sum = 0.0;
            for (var d = 1; d < n; d *= 2) sum += shards(d, n) * (unit - Math.Max(0, unit - d) - Math.Max(0, unit - n + d));
            footprint.Send(l, shard * sum / unit, Rounds(group.Within(l)) - Rounds(unit));
        }
    }

    static double Inside(int unit, int n, ShardsOfRound shards)
    {
        var most = 0.0;
        for (var rank = 0; rank < unit; rank++)
        {
            var sum = 0.0;
            for (var d = 1; d < n; d *= 2)
                if ((rank + d) % n < unit) sum += shards(d, n);
            if (sum > most) most = sum;
            if (unit == n) break;
        }
        return most;
    }

    /// <summary>Rounds that reach as many ranks: ceil(log2 n).</summary>
    internal static double Rounds(double ranks) => Math.Ceiling(Math.Log2(ranks) - 1e-12);

    /// <summary>Whether every unit that the group leaves holds a power of two of its ranks.</summary>
    internal static bool UnitsArePowersOfTwo(in GroupPlacement group)
    {
        for (var l = 0; l < group.LevelCount; l++)
        {
            var unit = group.Within(l);
            if (unit < group.Ranks && !(unit == Math.Floor(unit) && BitOperations.IsPow2((int)unit))) return false;
        }
        return true;
    }
}
