using Lightloom.Quantities;

namespace Lightloom.Fabric;

// One plane of a fabric as routing sees it: routers joined by bundles.
//
//   router     a switch of the plane; and every card, where cards are joined to each other and so pass on what isn't theirs (or the
//              cards of a system together, where these are one node)
//   edge       all links from router a to router b, in this direction; edges of router a are [first[a], first[a + 1]), by ascending b
//   endpoint   a port by which a card meets a router; port i of one card talks to port i of another (a card that is a router
//              is one endpoint and injects over all its ports)
//
// Planes never meet: what a card sends is divided over its ports, and stays in the plane that it entered. A 131,072-card fat-tree
// of 3 tiers has 5,120 routers and 524,288 edges; nothing here or above is a table of cards by cards.

/// <summary>A port by which a card is joined to a plane.</summary>
/// <param name="Card">The card.</param>
/// <param name="Ordinal">Its number among the card's ports in this plane.</param>
/// <param name="Router">The router that it meets, or that the card is.</param>
/// <param name="Link">The link to it; −1 where the card itself is the router.</param>
/// <param name="Rate">What it can inject, one direction.</param>
public readonly record struct Endpoint(int Card, int Ordinal, int Router, int Link, Bandwidth Rate);

/// <summary>One plane of a fabric: routers, bundles of links between them, and the cards' ports. Immutable; safe for many threads.</summary>
public sealed class FabricPlane
{
    readonly int[] device, nodeOf, first, to, back, from, linkFirst, link, endpointFirst, endpointRouter, endpointByRouter;
    readonly Endpoint[] endpoint;

    FabricPlane(FabricGraph graph, int index, FailedParts? failed, bool cardsForward)
    {
        (Graph, Index) = (graph, index);
        CardsForward = cardsForward;
        nodeOf = new int[graph.Devices];
        Array.Fill(nodeOf, -1);
        var routers = new List<int>();
        var together = graph.Plan.Wiring.CardsPerForwarder;
        if (cardsForward)
            for (var card = 0; card < graph.Cards; card += together) routers.Add(card);
        foreach (var tier in graph.Tiers)
        {
            if (tier.Switch is null) continue;
            for (var d = tier.Device(index, 0); d < tier.Device(index, 0) + tier.PerPlane; d++) routers.Add(d);
        }
        device = [.. routers];
        for (var r = 0; r < device.Length; r++) nodeOf[device[r]] = r;
        if (cardsForward)
            for (var card = 0; card < graph.Cards; card++) nodeOf[card] = card / together;

        first = new int[device.Length + 1];
        var ends = new List<int>();
        var starts = new List<int>();
        var links = new List<int>(graph.Links);
        var around = new List<(int Router, int Link)>();
        for (var r = 0; r < device.Length; r++)
        {
            around.Clear();
            for (var d = device[r]; d < device[r] + (device[r] < graph.Cards ? together : 1); d++)
            {
                foreach (var l in graph.LinksOf(d))
                {
                    var other = nodeOf[graph.Across(l, d)];
                    if (other >= 0 && failed?.IsDown(l) != true && PlaneOf(graph, l) == index) around.Add((other, l));
                }
            }
            around.Sort();
            for (var i = 0; i < around.Count; i++)
            {
                if (i == 0 || around[i].Router != around[i - 1].Router)
                {
                    ends.Add(around[i].Router);
                    starts.Add(links.Count);
                }
                links.Add(around[i].Link);
            }
            first[r + 1] = ends.Count;
        }
        starts.Add(links.Count);
        (to, linkFirst, link) = ([.. ends], [.. starts], [.. links]);
        from = new int[to.Length];
        back = new int[to.Length];
        for (var r = 0; r < device.Length; r++) from.AsSpan(first[r], first[r + 1] - first[r]).Fill(r);
        for (var e = 0; e < to.Length; e++) back[e] = Edge(to[e], from[e]);

        (endpoint, endpointFirst) = Endpoints(failed);
        (endpointRouter, endpointByRouter) = ByRouter();
        Component = Components();
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>The plane's number.</summary>
    public int Index { get; }

    /// <summary>Whether cards are joined to each other, and pass on what is meant for others.</summary>
    public bool CardsForward { get; }

    /// <summary>Routers.</summary>
    public int Routers => device.Length;

    /// <summary>Directed bundles of links between routers.</summary>
    public int Edges => to.Length;

    /// <summary>The device of each router; the first of its cards, where several are one.</summary>
    public ReadOnlySpan<int> DeviceOf => device;

    /// <summary>Where each router's edges begin; one more entry than routers.</summary>
    public ReadOnlySpan<int> First => first;

    /// <summary>The router that each edge leads to.</summary>
    public ReadOnlySpan<int> To => to;

    /// <summary>The router that each edge comes from.</summary>
    public ReadOnlySpan<int> From => from;

    /// <summary>The edge in the other direction.</summary>
    public ReadOnlySpan<int> Back => back;

    /// <summary>The component of each router: routers of different components can't reach each other.</summary>
    public int[] Component { get; }

    /// <summary>The cards' ports, by card and then ordinal.</summary>
    public ReadOnlySpan<Endpoint> EndpointList => endpoint;

    /// <summary>All planes of a fabric, or of what is left of it.</summary>
    public static IReadOnlyList<FabricPlane> AllOf(FabricGraph graph, FailedParts? failed = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var forward = graph.SwitchCount == 0;
        for (var l = 0; l < graph.Links && !forward; l++) forward = graph.Upper[l] < graph.Cards;
        return [.. Enumerable.Range(0, graph.Plan.Request.Planes).Select(p => new FabricPlane(graph, p, failed, forward))];
    }

    /// <summary>The plane of a link: that of its switch, or the one that its cards' ports belong to.</summary>
    public static int PlaneOf(FabricGraph graph, int of)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var planes = graph.Plan.Request.Planes;
        if (planes == 1) return 0;
        var upper = graph.Upper[of];
        if (upper >= graph.FirstSwitch)
        {
            var tier = graph.TierOf(upper);
            return tier.PlaneOf(upper);
        }
        return graph.LowerPort[of] / Math.Max(1, graph.Tiers[0].Ports / planes) % planes;
    }

    /// <summary>The router of a device, or −1 when it is none of this plane.</summary>
    public int RouterOf(int of) => nodeOf[of];

    /// <summary>The links of an edge.</summary>
    public ReadOnlySpan<int> LinksOf(int edge) => link.AsSpan(linkFirst[edge], linkFirst[edge + 1] - linkFirst[edge]);

    /// <summary>Links of an edge.</summary>
    public int Width(int edge) => linkFirst[edge + 1] - linkFirst[edge];

    /// <summary>Rate of an edge, all its links together, one direction.</summary>
    public Bandwidth RateOf(int edge)
    {
        var rate = Bandwidth.Zero;
        foreach (var l in LinksOf(edge)) rate += RateOf(Graph, l);
        return rate;
    }

    /// <summary>The edge from one router to another, or −1.</summary>
    public int Edge(int a, int b)
    {
        var at = Array.BinarySearch(to, first[a], first[a + 1] - first[a], b);
        return at < 0 ? -1 : at;
    }

    /// <summary>The ports of a card in this plane.</summary>
    public ReadOnlySpan<Endpoint> EndpointsOf(int card) => endpoint.AsSpan(endpointFirst[card], endpointFirst[card + 1] - endpointFirst[card]);

    /// <summary>The endpoints at a router, as places in <see cref="EndpointList"/>.</summary>
    public ReadOnlySpan<int> EndpointsAt(int router) =>
        endpointByRouter.AsSpan(endpointRouter[router], endpointRouter[router + 1] - endpointRouter[router]);

    /// <summary>Rate of a link, one direction.</summary>
    internal static Bandwidth RateOf(FabricGraph graph, int of) => graph.Plan.Links[graph.ClassOf[of]].Rate;

    // A link in the direction of an edge: 2 · link from its lower end up, 2 · link + 1 down.
    internal int Directed(int edge, int of) => (2 * of) + (nodeOf[Graph.Lower[of]] == from[edge] ? 0 : 1);

    (Endpoint[] Endpoints, int[] First) Endpoints(FailedParts? failed)
    {
        var list = new List<Endpoint>(Graph.Cards);
        var starts = new int[Graph.Cards + 1];
        for (var card = 0; card < Graph.Cards; card++)
        {
            if (failed?.IsDeviceDown(card) != true)
            {
                if (CardsForward)
                {
                    var rate = Bandwidth.Zero;
                    foreach (var l in Graph.LinksOf(card))
                        if (PlaneOf(Graph, l) == Index && failed?.IsDown(l) != true) rate += RateOf(Graph, l);
                    if (rate > Bandwidth.Zero) list.Add(new(card, 0, nodeOf[card], -1, rate));
                }
                else
                {
                    var ordinal = 0;
                    foreach (var l in Graph.LinksOf(card))
                    {
                        if (PlaneOf(Graph, l) != Index) continue;
                        if (failed?.IsDown(l) != true) list.Add(new(card, ordinal, nodeOf[Graph.Across(l, card)], l, RateOf(Graph, l)));
                        ordinal++;
                    }
                }
            }
            starts[card + 1] = list.Count;
        }
        return ([.. list], starts);
    }

    (int[] First, int[] List) ByRouter()
    {
        var starts = new int[device.Length + 1];
        foreach (var e in endpoint) starts[e.Router + 1]++;
        for (var r = 0; r < device.Length; r++) starts[r + 1] += starts[r];
        var next = starts.AsSpan(0, device.Length).ToArray();
        var list = new int[endpoint.Length];
        for (var i = 0; i < endpoint.Length; i++) list[next[endpoint[i].Router]++] = i;
        return (starts, list);
    }

    int[] Components()
    {
        var of = new int[device.Length];
        Array.Fill(of, -1);
        var queue = new int[device.Length];
        var count = 0;
        for (var start = 0; start < device.Length; start++)
        {
            if (of[start] >= 0) continue;
            var (head, tail) = (0, 1);
            (queue[0], of[start]) = (start, count);
            while (head < tail)
            {
                var r = queue[head++];
                for (var e = first[r]; e < first[r + 1]; e++)
                {
                    if (of[to[e]] >= 0) continue;
                    of[to[e]] = count;
                    queue[tail++] = to[e];
                }
            }
            count++;
        }
        return of;
    }
}
