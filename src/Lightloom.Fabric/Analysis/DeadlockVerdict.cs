namespace Lightloom.Fabric;

// What a lossless fabric (InfiniBand, or Ethernet with priority flow control) needs so that a routing can't deadlock: nothing where
// the channel dependency graph has no cycle, virtual lanes elsewhere. Of the rules that leave no cycle the one with the fewest lanes
// is named; the graph with lanes is built and looked through, except for lanes by hop, which only grow.
//
//   layers    destinations are dealt to lanes, each to the first in which it closes no cycle [after LASH: Skeie, Lysne, Theiss, IPDPS
//             2002; DFSSSP: Domke, Hoefler, Nagel, IPDPS 2011]. Packets for one destination never wait for each other in a circle.

/// <summary>Whether a routing can deadlock on a lossless plane, and the virtual lanes that prevent it.</summary>
/// <param name="Routing">The routing's name.</param>
/// <param name="IsFree">Whether one lane is enough.</param>
/// <param name="Cycle">Routers of an example of a cycle, each waiting for the next and the last for the first; empty when there is none.</param>
/// <param name="Lanes">Lanes that are enough; 1 when the routing is free by itself. Not always the fewest possible.</param>
/// <param name="Method">The rule by which packets change lanes.</param>
public sealed record DeadlockVerdict(string Routing, bool IsFree, IReadOnlyList<int> Cycle, int Lanes, string Method)
{
    // Rules are tried out on graphs of at most this many pairs of destination and edge.
    const long MostWork = 60_000_000;

    /// <summary>The verdict on a routing of a plane.</summary>
    /// <exception cref="FabricException">The routing can't route it; the field is "routing".</exception>
    public static DeadlockVerdict Of(FabricPlane plane, IRouting routing)
    {
        ArgumentNullException.ThrowIfNull(plane);
        ArgumentNullException.ThrowIfNull(routing);
        Routings.Check(routing, plane);
        return routing switch
        {
            // Its paths are among the shortest ones that equal-cost takes: what these don't close, it doesn't.
            DModK => Of(plane, routing.Name, new EqualCostRouter(plane)),
            Valiant or UgalLocal or UgalGlobal => TwoPhases(plane, routing.Name),
            MinimalAdaptive => Of(plane, routing.Name, Minimal.RouterOf(plane)),
            _ => Of(plane, routing.Name, (TableRouter)routing.Bind(plane)),
        };
    }

    static DeadlockVerdict Of(FabricPlane plane, string name, TableRouter router)
    {
        if (ChannelDependencies.Of(router).Cycle() is not { } cycle) return new(name, true, [], 1, "no two channels wait for each other in a circle");
        var (lanes, method) = Fewest(plane, router);
        return new(name, false, [.. cycle.Select(e => plane.From[e])], lanes, method);
    }

    // Each half of a detour is a minimal path, on lanes of its own.
    static DeadlockVerdict TwoPhases(FabricPlane plane, string name)
    {
        var router = Minimal.RouterOf(plane);
        var all = ChannelDependencies.Of(router);
        for (var e = 0; e < plane.Edges; e++)
        {
            var via = plane.To[e];
            if (plane.EndpointsAt(via).Length == 0) continue;
            for (var f = plane.First[via]; f < plane.First[via + 1]; f++) all.Set(e, f);
        }
        if (all.Cycle() is not { } cycle) return new(name, true, [], 1, "no two channels wait for each other in a circle");
        var free = ChannelDependencies.Of(router).Cycle() is null;
        var (lanes, method) = free ? (1, "") : Fewest(plane, router);
        return new(name, false, [.. cycle.Select(e => plane.From[e])], 2 * lanes, free ? "one lane for each half of the detour" : $"{method}, for each half of the detour");
    }

    static (int Lanes, string Method) Fewest(FabricPlane plane, TableRouter router)
    {
        var longest = Longest(plane, router);
        var (best, method) = (longest, new LanesByHop(plane).Name);
        var destinations = Enumerable.Range(0, plane.Routers).Count(r => plane.EndpointsAt(r).Length > 0);
        if ((long)destinations * plane.Edges > MostWork) return (best, method);
        var schemes = new List<LaneScheme> { new LanesByCrossing(plane) };
        if (Grid.Of(plane) is { } grid) schemes.Insert(0, new LanesByDateLine(plane, grid));
        foreach (var scheme in schemes)
            if (scheme.Lanes(router) is { } lanes && lanes < best) (best, method) = (lanes, scheme.Name);
        if (Layers(plane, router, best) is { } layers && layers < best) (best, method) = (layers, "layers of destinations");
        return (best, method);
    }

    static int Longest(FabricPlane plane, TableRouter router)
    {
        var (hops, most) = (new NextHops(plane), 0);
        for (var t = 0; t < plane.Routers; t++)
        {
            if (plane.EndpointsAt(t).Length == 0) continue;
            router.Fill(t, hops);
            for (var at = 1; at < hops.Count; at++)
                if (plane.EndpointsAt(hops.Order[at]).Length > 0) most = Math.Max(most, hops.Distance[hops.Order[at]]);
        }
        return most;
    }

    // The layers of a first-fit of destinations; null when it isn't worth trying or takes as many as are known already.
    static int? Layers(FabricPlane plane, TableRouter router, int known)
    {
        var destinations = Enumerable.Range(0, plane.Routers).Where(r => plane.EndpointsAt(r).Length > 0).ToArray();
        if ((long)destinations.Length * destinations.Length * plane.Edges > 5 * MostWork) return null;
        var layers = new List<List<int>>();
        var (hops, used) = (new NextHops(plane), new bool[plane.Routers]);
        foreach (var t in destinations)
        {
            var placed = false;
            foreach (var layer in layers)
            {
                var trial = new ChannelDependencies(plane);
                foreach (var other in layer.Append(t))
                {
                    router.Fill(other, hops);
                    trial.Add(hops, used);
                }
                if (trial.Cycle() is not null) continue;
                layer.Add(t);
                placed = true;
                break;
            }
            if (placed) continue;
            layers.Add([t]);
            if (layers.Count >= known) return null;
        }
        return layers.Count;
    }
}
