namespace Lightloom.Fabric;

// Minimal routing as the topology's authors define it. On a dragonfly a minimal path crosses at most one link between groups
// [Kim, Dally, Scott, Abts, "Technology-Driven, Highly-Scalable Dragonfly Topology", ISCA 2008]:
//
//   inside the source's group to a router with a link to the destination's group, over that link, inside the destination's group
//
// of those the shortest, in equal parts. A shortest path of the graph may be shorter: two links between groups by way of a third can
// take two hops where this takes three. Everywhere else minimal paths are the shortest paths of the graph.

/// <summary>Minimal paths: at most one link between groups on a dragonfly, shortest paths elsewhere.</summary>
public sealed class Minimal : IRouting
{
    /// <inheritdoc/>
    public string Name => "minimal";

    /// <inheritdoc/>
    public string Description => "Minimal paths: on a dragonfly with at most one link between groups, elsewhere the shortest.";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => null;

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return RouterOf(plane);
    }

    internal static TableRouter RouterOf(FabricPlane plane) =>
        HasGroups(plane) ? new OneGlobalHopRouter(plane) : new EqualCostRouter(plane);

    static bool HasGroups(FabricPlane plane) => plane.Graph.Plan.Topology.StartsWith("dragonfly", StringComparison.Ordinal);
}

sealed class OneGlobalHopRouter : TableRouter
{
    readonly int[] group;

    public OneGlobalHopRouter(FabricPlane plane)
        : base(plane)
    {
        group = new int[plane.Routers];
        for (var r = 0; r < plane.Routers; r++) group[r] = plane.Graph.GroupOf(plane.DeviceOf[r]);
    }

    // Distances grow from the destination: inside its group over local links; then one link to another group; then local links there.
    internal override void Fill(int destination, NextHops hops)
    {
        var first = Plane.First;
        var to = Plane.To;
        hops.Begin(destination);
        var (distance, position, order) = (hops.Distance, hops.Position, hops.Order);
        var home = group[destination];
        var count = 1;
        for (var head = 0; head < count; head++)
        {
            var r = order[head];
            for (var e = first[r]; e < first[r + 1]; e++)
            {
                var v = to[e];
                if (position[v] >= 0 || !Allowed(v, r, home)) continue;
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
                if (position[to[e]] >= 0 && distance[to[e]] == nearer && Allowed(r, to[e], home)) hops.Put(e);
        }
    }

    // From router a to b: inside a group, or into the destination's. Home routers never leave home.
    bool Allowed(int a, int b, int home) => group[a] == group[b] || group[b] == home;
}
