namespace Lightloom.Fabric;

// Routers form a grid when the lines of each class of links between them (its connected parts) are all of one length and meet as
// the lines of a grid do: the lengths' product is the number of routers, and two routers share at most one line of all classes.
//
// Worked example: 16 × 16 routers of a HyperX: each class has 16 parts of 16; 16 · 16 = 256.

/// <summary>The lines of a grid of routers, or of systems that are joined without switches.</summary>
/// <param name="Devices">The devices; place i has coordinates i mod S₁, i / S₁ mod S₂, ...</param>
/// <param name="Sides">Devices along each dimension.</param>
/// <param name="Classes">The class of links of each dimension.</param>
sealed record RouterGrid(IReadOnlyList<int> Devices, IReadOnlyList<int> Sides, IReadOnlyList<int> Classes)
{
    /// <summary>The grid of a fabric's plane, or null when it is none.</summary>
    public static RouterGrid? Of(FabricGraph graph, int plane)
    {
        if (graph.Plan.Tiers.Count > 1) return null;
        var cards = graph.Plan.Tiers.Count == 0;
        var tier = cards ? null : graph.Tiers[^1];
        var count = cards ? graph.Systems : tier!.PerPlane;
        if (count < 2) return null;
        int Index(int device) => cards ? device / graph.CardsPerSystem : tier!.Has(device) && tier.PlaneOf(device) == plane ? tier.IndexOf(device) : -1;

        var parts = new Dictionary<int, int[]>();
        for (var l = 0; l < graph.Links; l++)
        {
            var kind = graph.ClassOf[l];
            if (graph.Plan.Links[kind].Lower.Tier != graph.Plan.Links[kind].Upper.Tier) continue;
            var (a, b) = (Index(graph.Lower[l]), Index(graph.Upper[l]));
            if (a < 0 || b < 0) continue;
            if (!parts.TryGetValue(kind, out var parent)) parts[kind] = parent = [.. Enumerable.Range(0, count)];
            parent[Root(parent, a)] = Root(parent, b);
        }

        var (sides, classes, lines) = (new List<int>(), new List<int>(), new List<int[]>());
        foreach (var (kind, parent) in parts.OrderBy(p => p.Key))
        {
            var sizes = Enumerable.Range(0, count).CountBy(i => Root(parent, i)).Select(p => p.Value).Distinct().ToList();
            if (sizes.Count != 1) return null;
            sides.Add(sizes[0]);
            classes.Add(kind);
            lines.Add([.. Enumerable.Range(0, count).Select(i => Root(parent, i))]);
        }
        if (sides.Count < 2 || sides.Aggregate(1L, (product, s) => Math.Min(product * s, int.MaxValue)) != count) return null;
        return Numbered(graph, tier, plane, count, sides, classes, lines) is { } devices ? new(devices, sides, classes) : null;
    }

    // Coordinate k of a device: the rank, among devices of the line through the first in dimension k, of the one that the others' lines lead to.
    static int[]? Numbered(FabricGraph graph, DeviceTier? tier, int plane, int count, List<int> sides, List<int> classes, List<int[]> lines)
    {
        var devices = new int[count];
        Array.Fill(devices, -1);
        for (var i = 0; i < count; i++)
        {
            // Builders number a grid with the first dimension fastest: place i is then right when its lines agree with its coordinates'.
            var stride = 1;
            for (var k = 0; k < classes.Count; k++)
            {
                var coordinate = i / stride % sides[k];
                if (lines[k][i] != lines[k][i - (coordinate * stride)]) return null;
                stride *= sides[k];
            }
            devices[i] = tier is null ? i * graph.CardsPerSystem : tier.Device(plane, i);
        }
        return devices;
    }

    static int Root(int[] parent, int of)
    {
        while (parent[of] != of) of = parent[of] = parent[parent[of]];
        return of;
    }
}
