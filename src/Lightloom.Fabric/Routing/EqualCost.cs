namespace Lightloom.Fabric;

// All shortest paths: router r sends to t over every link to a router that is one hop nearer to t.
//
//   hops(r, t) = { (r, v) : d(v, t) = d(r, t) − 1 },   d by breadth-first search from t, links of a bundle counting one by one
//
// Worked example: 2 leaves under 2 spines, 2 links to each: leaf 0 has 4 equal next hops towards leaf 1, and each carries a quarter.

/// <summary>
/// Equal-cost multipath: every shortest path, in equal parts or by a hash of the flow [RFC 2992; Al-Fares et al., SIGCOMM 2008]. On a
/// Clos those go up and then down; on Slim Fly, PolarFly, Jellyfish and others of low diameter they are the minimal routing.
/// </summary>
public sealed class EqualCost : IRouting
{
    /// <inheritdoc/>
    public string Name => "equal-cost";

    /// <inheritdoc/>
    public string Description => "Every shortest path, in equal parts or by a hash of the flow (ECMP).";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => null;

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return new EqualCostRouter(plane);
    }
}

sealed class EqualCostRouter(FabricPlane plane) : TableRouter(plane)
{
    internal override void Fill(int destination, NextHops hops)
    {
        var first = Plane.First;
        var to = Plane.To;
        hops.Begin(destination);
        var (position, distance, order) = (hops.Position, hops.Distance, hops.Order);
        // Two passes: distances in the order of the search, then the hops of each router in that order.
        var count = 1;
        for (var head = 0; head < count; head++)
        {
            var r = order[head];
            for (var e = first[r]; e < first[r + 1]; e++)
            {
                var v = to[e];
                if (position[v] >= 0) continue;
                position[v] = count;
                distance[v] = distance[r] + 1;
                order[count++] = v;
            }
        }
        for (var at = 1; at < count; at++)
        {
            var r = order[at];
            var nearer = distance[r] - 1;
            hops.Add(r, nearer + 1);
            for (var e = first[r]; e < first[r + 1]; e++)
                if (distance[to[e]] == nearer) hops.Put(e);
        }
    }
}
