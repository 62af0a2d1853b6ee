namespace Lightloom.Fabric.Tests;

/// <summary>Loads the slow and obvious way: every path of every pair of cards, written out, each with its share.</summary>
static class NaiveRouter
{
    /// <summary>Loads of directed links, in flows of one card, under equal-cost multipath; every card has one port.</summary>
    public static double[] EqualCost(FabricGraph graph, IEnumerable<Flow> flows)
    {
        var load = new double[2 * graph.Links];
        foreach (var f in flows) Spread(graph, f.From, f.To, f.Weight, load);
        return load;
    }

    /// <summary>All cards to all others.</summary>
    public static IEnumerable<Flow> AllToAll(FabricGraph graph)
    {
        for (var a = 0; a < graph.Cards; a++)
            for (var b = 0; b < graph.Cards; b++)
                if (a != b) yield return new(a, b, 1.0 / (graph.Cards - 1));
    }

    // From a device over each link that is nearer to the destination, in equal parts, again and again.
    static void Spread(FabricGraph graph, int at, int to, double share, double[] load)
    {
        if (at == to) return;
        var here = Distance(graph, at, to);
        var next = graph.LinksOf(at).ToArray().Where(l => Distance(graph, graph.Across(l, at), to) == here - 1 && MayPass(graph, graph.Across(l, at), to)).ToArray();
        foreach (var l in next)
        {
            load[(2 * l) + (graph.Lower[l] == at ? 0 : 1)] += share / next.Length;
            Spread(graph, graph.Across(l, at), to, share / next.Length, load);
        }
    }

    static bool MayPass(FabricGraph graph, int device, int to) => device == to || device >= graph.Cards;

    static int Distance(FabricGraph graph, int from, int to)
    {
        var distance = new Dictionary<int, int> { [from] = 0 };
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out var d))
        {
            if (d == to) return distance[d];
            if (d != from && d < graph.Cards) continue;
            foreach (var l in graph.LinksOf(d))
                if (distance.TryAdd(graph.Across(l, d), distance[d] + 1)) queue.Enqueue(graph.Across(l, d));
        }
        return int.MaxValue;
    }
}
