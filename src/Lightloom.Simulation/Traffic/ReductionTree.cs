// Trees of switches that add up what ranks send.
//
//   from the members' cards up, all at once: where the switches that were reached have switches above them in common, one of these is the root; else each
//   goes on to one of those above it, all to the one of the same place (its plane and rail), until there is one
//   Of links beside each other between two devices each carries its part. Cards with ports in several planes have a tree in each.
//
// Example: 4 leaves below 2 spines, cards on leaves 0 and 3: up to their leaves, and from both to spine 0 for tree 0, to spine 1 for tree 1.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Simulation.Traffic;

/// <summary>Finds trees of switches over the cards of ranks. Not for several threads.</summary>
sealed class ReductionTree(FabricGraph graph, FabricLatency latency, RankPlaces places)
{
    readonly double[] linkTime = latency.Of(graph).Link;
    readonly int[] tierOf = Tiers(graph);

    static int[] Tiers(FabricGraph graph)
    {
        var of = new int[graph.Devices];
        for (var t = 0; t < graph.Tiers.Count; t++) of.AsSpan(graph.Tiers[t].First, graph.Tiers[t].Count).Fill(t);
        return of;
    }

    /// <summary>A tree over ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="number">Its number: trees of other numbers have other roots, as far as there are.</param>
    /// <returns>In each plane the links with their shares of what passes, and the longest way up, or down.</returns>
    /// <exception cref="InputException">No switch stands above all of them.</exception>
    public (IReadOnlyList<IReadOnlyList<(int Link, double Share)>> Planes, double Seconds) Of(int[] ranks, int number)
    {
        int[] cards = [.. ranks.Select(r => places.Card[r]).Distinct().Order()];
        var planes = cards.Min(PlanesOf);
        if (planes == 0) throw new InputException($"no switch stands above the {cards.Length:N0} cards that it would add up");
        var trees = new List<IReadOnlyList<(int, double)>>();
        var seconds = 0.0;
        for (var p = 0; p < planes; p++)
        {
            var tree = new List<(int, double)>();
            var reached = new SortedDictionary<int, double>(); // with the longest way there
            foreach (var card in cards) Climb(card, 0, Above(card)[p], reached, tree);
            for (var steps = 0; reached.Count > 1; steps++)
            {
                var above = reached.Keys.Select(Above).ToList();
                if (steps > graph.Tiers.Count || above.Any(a => a.Count == 0)) throw new InputException($"no switch stands above all of the {cards.Length:N0} cards that it would add up");
                var common = above.Aggregate(above[0], (a, b) => [.. a.Intersect(b)]);
                var next = new SortedDictionary<int, double>();
                foreach (var ((device, since), own) in reached.Zip(above))
                    Climb(device, since, common.Count > 0 ? common[number % common.Count] : own[number % own.Count], next, tree);
                reached = next;
            }
            seconds = Math.Max(seconds, reached.Values.Max());
            trees.Add(tree);
        }
        return (trees, seconds);
    }

    /// <summary>Planes in which a card has ports.</summary>
    public int PlanesOf(int card) => Above(card).Count;

    void Climb(int device, double since, int to, SortedDictionary<int, double> reached, List<(int, double)> tree)
    {
        var links = new List<int>();
        foreach (var l in graph.LinksByDevice[graph.Offsets[device]..graph.Offsets[device + 1]])
            if (graph.Lower[l] == device && graph.Upper[l] == to) links.Add(l);
        foreach (var l in links) tree.Add((l, 1.0 / links.Count));
        reached[to] = Math.Max(reached.GetValueOrDefault(to), since + linkTime[2 * links[0]]);
    }

    // Devices of later tiers that a device is linked to, each once, ascending.
    List<int> Above(int device)
    {
        var above = new SortedSet<int>();
        foreach (var l in graph.LinksByDevice[graph.Offsets[device]..graph.Offsets[device + 1]])
            if (graph.Lower[l] == device && tierOf[graph.Upper[l]] > tierOf[device]) above.Add(graph.Upper[l]);
        return [.. above];
    }
}
