namespace Lightloom.Fabric;

// Next hops of every router towards one destination router t, as a routing allows them: a directed graph without cycles, since each
// hop leads to a router that stands before it in `Order`.
//
//   Order[0] = t, Order[0 .. Count) the routers that can reach t
//   hops of Order[i]: edges Hop[HopFirst[i] .. HopFirst[i + 1]);   Links[i] links, all of them together
//
// Equal shares [RFC 2992]: a router puts f · w(e) / Σ w on edge e of w links; f is what it has, of its own and from others.

/// <summary>The next hops of every router towards one destination; flat, and used again for the next destination.</summary>
public sealed class NextHops
{
    readonly FabricPlane plane;
    int[] hop;

    internal NextHops(FabricPlane plane)
    {
        this.plane = plane;
        (Order, Position, Distance, Links) = (new int[plane.Routers], new int[plane.Routers], new int[plane.Routers], new int[plane.Routers]);
        HopFirst = new int[plane.Routers + 1];
        hop = new int[Math.Max(16, plane.Edges)];
        Destination = -1;
    }

    /// <summary>The router that they lead to.</summary>
    public int Destination { get; private set; }

    /// <summary>Routers that can reach it, itself included.</summary>
    public int Count { get; private set; }

    internal int[] Order { get; }

    // Where a router stands in Order; −1 when it can't reach the destination.
    internal int[] Position { get; }

    // Hops to the destination along the allowed paths; the fewest where paths differ in length.
    internal int[] Distance { get; }

    internal int[] HopFirst { get; }

    internal int[] Links { get; }

    /// <summary>The edges by which a router sends towards the destination; none when it can't, or is it.</summary>
    public ReadOnlySpan<int> Of(int router) =>
        Position[router] is >= 0 and var at ? hop.AsSpan(HopFirst[at], HopFirst[at + 1] - HopFirst[at]) : default;

    /// <summary>Routers on the shortest allowed path from a router to the destination, less one; −1 when there is none.</summary>
    public int HopsFrom(int router) => Position[router] < 0 ? -1 : Distance[router];

    internal void Begin(int destination)
    {
        Array.Fill(Position, -1);
        (Destination, Count) = (destination, 0);
        HopFirst[0] = 0;
        Add(destination, 0);
    }

    // The next router of the order; its hops are put to it before the next is added.
    internal void Add(int router, int distance)
    {
        Position[router] = Count;
        Order[Count] = router;
        Distance[router] = distance;
        Links[Count] = 0;
        Count++;
        HopFirst[Count] = HopFirst[Count - 1];
    }

    internal void Put(int edge)
    {
        hop[HopFirst[Count]++] = edge;
        Links[Count - 1] += plane.Width(edge);
    }

    internal void Spread(double[] flow, LoadCounter loads)
    {
        if (Count < flow.Length)
            for (var r = 0; r < flow.Length; r++)
                if (Position[r] < 0) loads.Lost += flow[r];
        for (var at = Count - 1; at > 0; at--)
        {
            var f = flow[Order[at]];
            if (f == 0) continue;
            var all = (double)Links[at];
            for (var h = HopFirst[at]; h < HopFirst[at + 1]; h++)
            {
                var share = f * (plane.Width(hop[h]) / all);
                loads.Edge[hop[h]] += share;
                flow[plane.To[hop[h]]] += share;
            }
        }
    }

    // The link, with its direction, and the router behind it that a key chooses.
    internal (int Directed, int Router) Choose(int router, ulong key)
    {
        var at = Position[router];
        var pick = (int)(Router.Mix(key, (ulong)router) % (ulong)Links[at]);
        for (var h = HopFirst[at]; ; h++)
        {
            var links = plane.LinksOf(hop[h]);
            if (pick < links.Length) return (plane.Directed(hop[h], links[pick]), plane.To[hop[h]]);
            pick -= links.Length;
        }
    }
}

/// <summary>A routing whose next hops depend on the destination router alone.</summary>
public abstract class TableRouter : Router
{
    internal TableRouter(FabricPlane plane)
        : base(plane)
    {
    }

    /// <summary>The next hops towards a router.</summary>
    public NextHops Towards(int destination)
    {
        var hops = new NextHops(Plane);
        Fill(destination, hops);
        return hops;
    }

    /// <inheritdoc/>
    public override bool Path(in Endpoint from, in Endpoint to, ulong key, RouteScratch scratch, List<int> path)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        ArgumentNullException.ThrowIfNull(path);
        var hops = Towards(to.Router, scratch);
        if (hops.Position[from.Router] < 0) return false;
        for (var router = from.Router; router != to.Router;)
        {
            (var directed, router) = hops.Choose(router, key);
            path.Add(directed);
        }
        return true;
    }

    internal override void Spread(in Endpoint to, double[] inflow, RouteScratch scratch, LoadCounter loads) =>
        Towards(to.Router, scratch).Spread(inflow, loads);

    internal NextHops Towards(int destination, RouteScratch scratch)
    {
        var hops = scratch.Hops ??= new(Plane);
        if (hops.Destination != destination) Fill(destination, hops);
        return hops;
    }

    internal abstract void Fill(int destination, NextHops hops);
}
