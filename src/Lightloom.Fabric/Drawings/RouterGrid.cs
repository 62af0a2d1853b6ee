namespace Lightloom.Fabric;

// Devices form a grid when the lines of each dimension (the connected parts that its links make) are all of one length and meet as the
// lines of a grid do: the lengths' product is the number of places, and each line agrees with the coordinates of its places.
//
//   place       a router where routers are joined to each other; else a card that forwards, or a system
//   dimension   a class of links between places, or a network of switches that joins places
//   board       where that makes no grid, the parts of one class (a torus' cubes, a HammingMesh's boards) are tried as places
//
// Worked example: 16 × 16 routers of a HyperX: each class has 16 parts of 16; 16 · 16 = 256. A torus of 8 × 8 cards on boards of 2 × 2: its
// rings join faces of boards and make no grid of cards, but one of 4 × 4 boards.

/// <summary>One dimension of a grid.</summary>
/// <param name="Side">Places along it.</param>
/// <param name="Classes">The classes of links that make its lines.</param>
/// <param name="LineOf">The line of each place; two places have the same number when they are on one line.</param>
/// <param name="Switches">The switches of each line; none where places are joined directly.</param>
sealed record GridDimension(int Side, IReadOnlyList<int> Classes, IReadOnlyList<int> LineOf, IReadOnlyDictionary<int, IReadOnlyList<int>> Switches);

/// <summary>The places and lines of a grid.</summary>
/// <param name="Places">The devices of each place; place i has coordinates i mod S₁, i / S₁ mod S₂, ...</param>
/// <param name="Dimensions">The dimensions.</param>
/// <param name="Board">The class of links within a place; −1 where a place is one device.</param>
sealed record RouterGrid(IReadOnlyList<IReadOnlyList<int>> Places, IReadOnlyList<GridDimension> Dimensions, int Board)
{
    /// <summary>The grid of a fabric's plane, or null when it is none.</summary>
    public static RouterGrid? Of(FabricGraph graph, int plane)
    {
        // Groups that are all joined to each other can happen to meet as a grid's lines do; they are drawn as groups.
        if (graph.Plan.Link("global") is not null) return null;
        var routers = graph.Plan.Links.Any(l => l.Lower.Tier == l.Upper.Tier && l.Lower.Tier != "node");
        if (routers)
        {
            if (graph.Plan.Tiers.Count != 1) return null;
            var tier = graph.Tiers[^1];
            return Of(graph, plane, [.. Enumerable.Range(0, tier.PerPlane).Select(i => (IReadOnlyList<int>)[tier.Device(plane, i)])], true);
        }
        return Of(graph, plane, [.. Enumerable.Range(0, graph.Cards).Select(c => (IReadOnlyList<int>)[c])], false)
            ?? (graph.CardsPerSystem == 1 ? null : Of(graph, plane,
                [.. Enumerable.Range(0, graph.Systems).Select(s => (IReadOnlyList<int>)[.. Enumerable.Range(s * graph.CardsPerSystem, graph.CardsPerSystem)])], false));
    }

    static RouterGrid? Of(FabricGraph graph, int plane, IReadOnlyList<IReadOnlyList<int>> places, bool routers)
    {
        if (places.Count < 4) return null;
        var sets = Sets(graph, routers);
        if (Try(graph, plane, places, sets, -1) is { } plain) return plain;
        foreach (var board in sets.Where(s => s.Count == 1 && IsPeer(graph.Plan.Links[s[0]])))
        {
            // Parts of one class become places, in the order of their first devices.
            var parts = Joined(graph, plane, places, board);
            var gathered = Enumerable.Range(0, places.Count).GroupBy(i => Root(parts, places[i][0])).Select(g => (IReadOnlyList<int>)[.. g.SelectMany(i => places[i])]).ToList();
            if (gathered.Count < 4 || gathered.Count == places.Count || gathered.Any(g => g.Count != gathered[0].Count)) continue;
            if (Try(graph, plane, gathered, [.. sets.Where(s => s != board)], board[0]) is { } grid) return grid;
        }
        return null;
    }

    static bool IsPeer(LinkClass link) => link.Lower.Tier == link.Upper.Tier;

    // Classes that together make the lines of one dimension: a class of peers by itself; a network of switches with all that joins it.
    static List<List<int>> Sets(FabricGraph graph, bool routers)
    {
        var links = graph.Plan.Links;
        var sets = new List<List<int>>();
        var taken = new bool[links.Count];
        for (var c = 0; c < links.Count; c++)
        {
            if (taken[c] || links[c].Lower.Tier == "management") continue;
            if (IsPeer(links[c]))
            {
                sets.Add([c]);
                continue;
            }
            if (routers) continue; // How systems hang on their routers makes no line.
            List<int> set = [c];
            HashSet<string> tiers = [links[c].Upper.Tier];
            for (var more = true; more;)
            {
                more = false;
                for (var o = 0; o < links.Count; o++)
                {
                    if (set.Contains(o) || links[o].Lower.Tier == "management" || !(tiers.Contains(links[o].Upper.Tier) || tiers.Contains(links[o].Lower.Tier))) continue;
                    set.Add(o);
                    tiers.Add(links[o].Upper.Tier);
                    if (links[o].Lower.Tier != "node") tiers.Add(links[o].Lower.Tier);
                    more = true;
                }
            }
            foreach (var o in set) taken[o] = true;
            sets.Add([.. set.Order()]);
        }
        return sets;
    }

    static RouterGrid? Try(FabricGraph graph, int plane, IReadOnlyList<IReadOnlyList<int>> places, List<List<int>> sets, int board)
    {
        if (sets.Count < 2) return null;
        var dimensions = new List<GridDimension>();
        foreach (var set in sets)
        {
            var parts = Joined(graph, plane, places, set);
            int[] lineOf = [.. places.Select(p => Root(parts, p[0]))];
            var sizes = lineOf.CountBy(l => l).Select(l => l.Value).Distinct().ToList();
            if (sizes.Count != 1) return null;
            var switches = Enumerable.Range(graph.FirstSwitch, graph.SwitchCount).Where(s => parts[s] != s || lineOf.Contains(s)).Where(s => !places.Any(p => p[0] == s))
                .GroupBy(s => Root(parts, s)).ToDictionary(g => g.Key, g => (IReadOnlyList<int>)[.. g]);
            dimensions.Add(new(sizes[0], set, lineOf, board < 0 && IsPeer(graph.Plan.Links[set[0]]) ? new Dictionary<int, IReadOnlyList<int>>() : switches));
        }
        if (dimensions.Aggregate(1L, (product, d) => Math.Min(product * d.Side, int.MaxValue)) != places.Count) return null;
        for (var i = 0; i < places.Count; i++)
        {
            // Builders number a grid with the first dimension fastest: a line then holds the places that differ in its coordinate alone.
            var stride = 1;
            foreach (var d in dimensions)
            {
                if (d.LineOf[i] != d.LineOf[i - (i / stride % d.Side * stride)]) return null;
                stride *= d.Side;
            }
        }
        return new(places, dimensions, board);
    }

    // Connected parts that some classes make of a plane's devices, the devices of a place being one.
    static int[] Joined(FabricGraph graph, int plane, IReadOnlyList<IReadOnlyList<int>> places, List<int> classes)
    {
        int[] parent = [.. Enumerable.Range(0, graph.Devices)];
        foreach (var place in places)
            foreach (var device in place) parent[device] = place[0];
        for (var l = 0; l < graph.Links; l++)
        {
            if (!classes.Contains(graph.ClassOf[l])) continue;
            var (a, b) = (graph.Lower[l], graph.Upper[l]);
            if (!InPlane(graph, a, plane) || !InPlane(graph, b, plane)) continue;
            parent[Root(parent, a)] = Root(parent, b);
        }
        return parent;
    }

    static bool InPlane(FabricGraph graph, int device, int plane) => device < graph.FirstSwitch || graph.TierOf(device).PlaneOf(device) == plane;

    static int Root(int[] parent, int of)
    {
        while (parent[of] != of) of = parent[of] = parent[parent[of]];
        return of;
    }
}
