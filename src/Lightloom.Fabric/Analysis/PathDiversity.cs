namespace Lightloom.Fabric;

// Between routers r ≠ t with cards:
//
//   minimal paths     n(t) = 1,  n(r) = Σ over next hops v of w(r, v) · n(v)       w links of a bundle, each a path of its own
//   disjoint paths    the most paths without a common link = the fewest links whose loss parts r and t [Menger 1927]
//
// All unordered pairs where they are few, a seeded sample otherwise; the figures say which.

/// <summary>How many ways lead from one router to another.</summary>
/// <param name="Pairs">Pairs that were looked at.</param>
/// <param name="Exact">Whether those are all pairs.</param>
/// <param name="LeastMinimalPaths">The fewest shortest paths of any pair.</param>
/// <param name="MeanMinimalPaths">Their mean.</param>
/// <param name="LeastDisjointPaths">The fewest paths without a common link.</param>
/// <param name="MeanDisjointPaths">Their mean.</param>
public sealed record PathDiversity(int Pairs, bool Exact, double LeastMinimalPaths, double MeanMinimalPaths, int LeastDisjointPaths, double MeanDisjointPaths)
{
    const int MostPairs = 2016; // All pairs of 64 routers.
    const int Sample = 48;
    const ulong Seed = 1;

    /// <summary>Looks at a plane; null where it has fewer than two routers with cards.</summary>
    public static PathDiversity? Of(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var routers = Enumerable.Range(0, plane.Routers).Where(r => plane.EndpointsAt(r).Length > 0).ToArray();
        if (routers.Length < 2) return null;
        var all = (long)routers.Length * (routers.Length - 1) / 2;
        var pairs = new List<(int To, int From)>();
        if (all <= MostPairs)
        {
            for (var i = 0; i < routers.Length; i++)
                for (var j = i + 1; j < routers.Length; j++) pairs.Add((routers[i], routers[j]));
        }
        else
        {
            for (var i = 0UL; pairs.Count < Sample; i++)
            {
                var (a, b) = (routers[(int)(Router.Mix(Seed, 2 * i) % (ulong)routers.Length)], routers[(int)(Router.Mix(Seed, (2 * i) + 1) % (ulong)routers.Length)]);
                if (a != b) pairs.Add((a, b));
            }
        }
        var (router, hops, flow) = (new EqualCostRouter(plane), new NextHops(plane), new MaxFlow(plane));
        var paths = new double[plane.Routers];
        var (leastPaths, leastDisjoint, sumPaths, sumDisjoint) = (double.PositiveInfinity, int.MaxValue, 0.0, 0L);
        var counted = -1;
        foreach (var (to, from) in pairs)
        {
            if (to != counted)
            {
                router.Fill(to, hops);
                Count(plane, hops, paths);
                counted = to;
            }
            var minimal = hops.HopsFrom(from) < 0 ? 0 : paths[from];
            var disjoint = flow.Between(from, to);
            leastPaths = Math.Min(leastPaths, minimal);
            leastDisjoint = Math.Min(leastDisjoint, disjoint);
            sumPaths += minimal;
            sumDisjoint += disjoint;
        }
        return new(pairs.Count, all <= MostPairs, leastPaths, sumPaths / pairs.Count, leastDisjoint, (double)sumDisjoint / pairs.Count);
    }

    static void Count(FabricPlane plane, NextHops hops, double[] paths)
    {
        paths[hops.Destination] = 1;
        for (var at = 1; at < hops.Count; at++)
        {
            var r = hops.Order[at];
            paths[r] = 0;
            foreach (var e in hops.Of(r)) paths[r] += plane.Width(e) * paths[plane.To[e]];
        }
    }
}
