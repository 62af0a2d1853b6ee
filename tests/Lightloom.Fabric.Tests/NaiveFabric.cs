namespace Lightloom.Fabric.Tests;

/// <summary>Routes any fabric the slow and obvious way, from its graph alone: nodes are switches, cards, or systems that are one node.</summary>
sealed class NaiveFabric
{
    readonly FabricGraph graph;
    readonly FailedParts? failed;
    readonly bool forward;
    readonly Dictionary<(int Plane, int To), Dictionary<int, int>> distances = [];

    public NaiveFabric(FabricGraph graph, FailedParts? failed = null)
    {
        (this.graph, this.failed) = (graph, failed);
        forward = graph.SwitchCount == 0 || Enumerable.Range(0, graph.Links).Any(l => graph.Upper[l] < graph.Cards);
    }

    public int Planes => graph.Plan.Request.Planes;

    public int NodeOf(int device) => device < graph.Cards ? device / graph.Plan.Wiring.CardsPerForwarder : device;

    int PlaneOf(int link)
    {
        var upper = graph.Upper[link];
        if (upper < graph.Cards) return graph.LowerPort[link] / Math.Max(1, graph.Tiers[0].Ports / Planes) % Planes;
        return graph.TierOf(upper).PlaneOf(upper);
    }

    bool IsDown(int link) => failed?.IsDown(link) == true || graph.Plan.Links[graph.ClassOf[link]].Lower.Tier == "management";

    IEnumerable<int> Links(int node, int plane)
    {
        if (node >= graph.Cards) return graph.LinksOf(node).ToArray().Where(l => !IsDown(l));
        var together = graph.Plan.Wiring.CardsPerForwarder;
        return Enumerable.Range(node * together, together).SelectMany(c => graph.LinksOf(c).ToArray()).Where(l => PlaneOf(l) == plane && !IsDown(l));
    }

    int Across(int link, int node) => NodeOf(graph.Lower[link]) == node ? NodeOf(graph.Upper[link]) : NodeOf(graph.Lower[link]);

    /// <summary>Links from each node to one, in a plane; cards that don't forward are ends only.</summary>
    public Dictionary<int, int> DistancesTo(int plane, int to)
    {
        if (distances.TryGetValue((plane, to), out var known)) return known;
        var found = new Dictionary<int, int> { [to] = 0 };
        var queue = new Queue<int>([to]);
        while (queue.TryDequeue(out var node))
            foreach (var l in Links(node, plane))
                if (IsRouter(Across(l, node)) && found.TryAdd(Across(l, node), found[node] + 1)) queue.Enqueue(Across(l, node));
        return distances[(plane, to)] = found;
    }

    bool IsRouter(int node) => node >= graph.Cards || forward;

    /// <summary>The ports by which a card enters a plane: link and router, and its number among them; link −1 where the card forwards.</summary>
    public List<(int Ordinal, int Link, int Router, double Rate)> Ports(int card, int plane)
    {
        var mine = graph.LinksOf(card).ToArray().Where(l => PlaneOf(l) == plane).ToArray();
        if (failed?.IsDeviceDown(card) == true) return [];
        if (forward) return mine.Any(l => !IsDown(l)) ? [(0, -1, NodeOf(card), mine.Where(l => !IsDown(l)).Sum(Rate))] : [];
        return [.. mine.Select((l, i) => (i, l, graph.Across(l, card), Rate(l))).Where(p => !IsDown(p.l))];
    }

    double Rate(int link) => graph.Plan.Links[graph.ClassOf[link]].Rate.GigabitsPerSecond;

    /// <summary>Loads of directed links over their rates, with every flow walked by itself; and the share that has none.</summary>
    public (double[] Load, double Unroutable) Loads(IEnumerable<Flow> flows)
    {
        var load = new double[2 * graph.Links];
        var (offered, lost) = (0.0, 0.0);
        foreach (var f in flows)
        {
            var injection = graph.LinksOf(f.From).ToArray().Sum(Rate);
            var pairs = Enumerable.Range(0, Planes).SelectMany(p => Ports(f.From, p).SelectMany(a => Ports(f.To, p)
                .Where(b => a.Ordinal == b.Ordinal && DistancesTo(p, b.Router).ContainsKey(a.Router)).Select(b => (Plane: p, A: a, B: b)))).ToArray();
            offered += f.Weight * injection;
            if (pairs.Length == 0) lost += f.Weight * injection;
            foreach (var (plane, a, b) in pairs)
            {
                var rate = f.Weight * injection * a.Rate / pairs.Sum(p => p.A.Rate);
                if (a.Link >= 0) load[2 * a.Link] += rate;
                if (b.Link >= 0) load[(2 * b.Link) + 1] += rate;
                Spread(plane, a.Router, b.Router, rate, load);
            }
        }
        for (var l = 0; l < load.Length; l++) load[l] /= Rate(l / 2);
        return (load, offered > 0 ? lost / offered : 0);
    }

    public int[] NextLinks(int plane, int at, int to) =>
        [.. Links(at, plane).Where(l => DistancesTo(plane, to).TryGetValue(Across(l, at), out var d) && d == DistancesTo(plane, to)[at] - 1)];

    // One flow, from far to near: what a node has goes out over its next links in equal parts.
    void Spread(int plane, int from, int to, double rate, double[] load)
    {
        var has = new Dictionary<int, double> { [from] = rate };
        for (var d = DistancesTo(plane, to)[from]; d > 0; d--)
        {
            var nearer = new Dictionary<int, double>();
            foreach (var (at, flow) in has)
            {
                var next = NextLinks(plane, at, to);
                foreach (var l in next)
                {
                    load[(2 * l) + (NodeOf(graph.Lower[l]) == at ? 0 : 1)] += flow / next.Length;
                    nearer[Across(l, at)] = nearer.GetValueOrDefault(Across(l, at)) + (flow / next.Length);
                }
            }
            has = nearer;
        }
    }

    /// <summary>Whether shortest paths close a circle of channels that wait for each other; by walking from every end to every other.</summary>
    public bool CanDeadlock(int plane)
    {
        var waits = new Dictionary<(int, int), HashSet<(int, int)>>();
        var walked = new HashSet<(int, int, int)>();
        var ends = Enumerable.Range(0, graph.Cards).SelectMany(c => Ports(c, plane)).Select(p => p.Router).Distinct().ToArray();
        foreach (var to in ends)
            foreach (var from in ends)
                if (from != to && DistancesTo(plane, to).ContainsKey(from)) Walk(from, to, null);
        // Take away what waits for nothing, until nothing changes.
        while (true)
        {
            var free = waits.Where(w => w.Value.All(v => !waits.ContainsKey(v))).Select(w => w.Key).ToArray();
            if (free.Length == 0) return waits.Count > 0;
            foreach (var channel in free) waits.Remove(channel);
        }

        void Walk(int at, int to, (int, int)? held)
        {
            if (at == to) return;
            foreach (var next in NextLinks(plane, at, to).Select(l => Across(l, at)).Distinct())
            {
                if (held is { } channel)
                {
                    if (!waits.TryGetValue(channel, out var set)) waits[channel] = set = [];
                    set.Add((at, next));
                }
                if (walked.Add((to, at, next))) Walk(next, to, (at, next));
            }
        }
    }
}
