namespace Lightloom.Fabric;

// How one flow is laid over directed links (2 · link from its lower end up, 2 · link + 1 down): which links, and what part of it on each.
//
//   pair (i, j) of ports that can talk     rate(i) / S of the flow, S the rates of all such pairs; or one pair, by a hash
//   from router to router                  equal parts over the next hops of each router; or one path, by a hash
//
// Routings without tables of next hops (d-mod-k has one path; Valiant's and UGAL draw one) give each flow one path in either case.
//
// Worked example: 2 leaves under 2 spines, one link to each: a flow from leaf 0 to leaf 1 puts all of itself on the cards' links, and
// half on each of the four links between.

/// <summary>Lays flows over links, one by one. Not for several threads.</summary>
public sealed class FlowPaths
{
    readonly CardPorts ports;
    readonly Router?[] routers;
    readonly LoadOptions options;
    readonly RouteScratch[] scratch;
    readonly List<int> path = [];
    readonly int[] place; // where a directed link stands among those of the present flow, plus 1
    readonly double[] flow;

    /// <summary>The paths of a fabric.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="options">Spread or hashed, over which ports, and what is down.</param>
    /// <exception cref="FabricException">The routing can't route this fabric; the field is "routing".</exception>
    public FlowPaths(FabricGraph graph, IRouting routing, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(routing);
        this.options = options ?? new();
        ports = new(FabricPlane.AllOf(graph, this.options.Failed));
        routers = [.. ports.Planes.Select(p => p.EndpointList.Length == 0 ? null : routing.Bind(p))];
        scratch = [.. routers.Select(_ => new RouteScratch())];
        place = new int[2 * graph.Links];
        flow = new double[ports.Planes.Max(p => p.Routers)];
    }

    /// <summary>Writes the links of a flow and what part of it each carries.</summary>
    /// <param name="from">The card that sends.</param>
    /// <param name="to">The card that receives.</param>
    /// <param name="key">Chooses among equal paths where flows are hashed, as a packet's header does.</param>
    /// <param name="links">Directed links, each once.</param>
    /// <param name="shares">The part of the flow on each.</param>
    /// <returns>False when the cards can't reach each other; nothing is written then.</returns>
    public bool Find(int from, int to, ulong key, List<int> links, List<double> shares)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(shares);
        links.Clear();
        shares.Clear();
        var (sum, pairs) = (0.0, 0);
        foreach (var plane in ports.Planes)
            foreach (ref readonly var a in plane.EndpointsOf(from))
                foreach (ref readonly var b in plane.EndpointsOf(to))
                    if (CardPorts.Joined(a, b, plane)) (sum, pairs) = (sum + a.Rate.GigabitsPerSecond, pairs + 1);
        if (pairs == 0) return false;
        var one = options.Planes == PlaneSharing.OnePortPerFlow ? (int)(Router.Mix(options.HashSeed ?? 0, key) % (ulong)pairs) : -1;
        var (number, found) = (0, true);
        for (var p = 0; p < routers.Length; p++)
        {
            var plane = ports.Planes[p];
            foreach (ref readonly var a in plane.EndpointsOf(from))
            {
                foreach (ref readonly var b in plane.EndpointsOf(to))
                {
                    if (!CardPorts.Joined(a, b, plane) || (one >= 0 && one != number++)) continue;
                    var share = one >= 0 ? 1 : a.Rate.GigabitsPerSecond / sum;
                    if (a.Link >= 0) Put(2 * a.Link, share, links, shares);
                    found &= Between(routers[p]!, a, b, key, share, scratch[p], links, shares);
                    if (b.Link >= 0) Put((2 * b.Link) + 1, share, links, shares);
                }
            }
        }
        foreach (var l in links) place[l] = 0;
        if (found) return true;
        links.Clear();
        shares.Clear();
        return false;
    }

    bool Between(Router router, in Endpoint a, in Endpoint b, ulong key, double share, RouteScratch own, List<int> links, List<double> shares)
    {
        if (a.Router == b.Router) return true;
        if (options.HashSeed is null && router is TableRouter table) return Spread(table.Towards(b.Router, own), router.Plane, a.Router, share, links, shares);
        path.Clear();
        if (!router.Path(a, b, Router.Mix(options.HashSeed ?? 0, key), own, path)) return false;
        foreach (var directed in path) Put(directed, share, links, shares);
        return true;
    }

    bool Spread(NextHops hops, FabricPlane plane, int from, double share, List<int> links, List<double> shares)
    {
        var start = hops.Position[from];
        if (start < 0) return false;
        flow[start] = share;
        for (var at = start; at > 0; at--)
        {
            var here = flow[at];
            if (here == 0) continue;
            flow[at] = 0;
            var each = here / hops.Links[at];
            foreach (var edge in hops.Of(hops.Order[at]))
            {
                foreach (var l in plane.LinksOf(edge)) Put(plane.Directed(edge, l), each, links, shares);
                flow[hops.Position[plane.To[edge]]] += each * plane.Width(edge);
            }
        }
        flow[0] = 0;
        return true;
    }

    // A path through a detour may cross a link twice.
    void Put(int directed, double share, List<int> links, List<double> shares)
    {
        if (place[directed] > 0)
        {
            shares[place[directed] - 1] += share;
            return;
        }
        links.Add(directed);
        shares.Add(share);
        place[directed] = links.Count;
    }
}
