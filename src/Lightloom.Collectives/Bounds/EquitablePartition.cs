// Nodes that look the same from everywhere, by colour refinement [Weisfeiler and Leman 1968]:
//
//   c(v) <- hash(c(v), sum over links out of hash(c(end), mark), sum over links in of hash(c(begin), mark))   until stable
//
// A link's mark is its capacity, or what LinkMarks says: how its two ends look from each other. On a 3 x 4 torus all nodes look alike,
// and yet links along 3 differ from those along 4.
//
// In the partition that comes of it, each node of cell C has the same number of links of each mark to cell D. A flow that is averaged
// over the links from C to D of one mark is still a flow, so cells and such bundles of links, with the sums of their capacities, are
// enough for every flow problem whose supplies are alike within cells [Grohe, Kersting, Mladenov, Selman 2014]; and a smallest cut
// of them is one of the graph. With one node set apart from the first, cells are those seen from it.
//
// Example: an 8 x 8 torus has one cell; seen from one of its nodes 15, by distance along the longer and the shorter way.
using System.Runtime.InteropServices;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Links from one cell to another that carry the same each.</summary>
/// <param name="From">Cell that they leave.</param>
/// <param name="To">Cell that they lead to.</param>
/// <param name="Each">B/s of one.</param>
/// <param name="Count">How many.</param>
/// <param name="Example">The first of them.</param>
readonly record struct LinkBundle(int From, int To, double Each, int Count, int Example)
{
    /// <summary>B/s of all.</summary>
    public double Capacity => Each * Count;
}

/// <summary>Cells of nodes and bundles of links between them.</summary>
sealed class EquitablePartition
{
    EquitablePartition(CommunicationGraph graph, ulong[]? marks, ulong[] colour)
    {
        CellOf = new int[colour.Length];
        var cells = new Dictionary<ulong, int>();
        var (sizes, ranks, examples) = (new List<int>(), new List<int>(), new List<int>());
        ulong mark = 0;
        for (var v = 0; v < colour.Length; v++)
        {
            mark += Mix(colour[v], 3);
            if (!cells.TryGetValue(colour[v], out var cell))
            {
                cells[colour[v]] = cell = sizes.Count;
                sizes.Add(0);
                ranks.Add(0);
                examples.Add(v);
            }
            CellOf[v] = cell;
            sizes[cell]++;
            if (v < graph.Ranks) ranks[cell]++;
        }
        (Sizes, Ranks, Examples, Signature) = ([.. sizes], [.. ranks], [.. examples], mark);
        var bundles = new Dictionary<(int, int, ulong), int>();
        var list = new List<LinkBundle>();
        BundleOf = new int[graph.Links];
        for (var l = 0; l < graph.Links; l++)
        {
            var key = (CellOf[graph.From[l]], CellOf[graph.To[l]], MarkOf(graph, marks, l));
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(bundles, key, out var known);
            if (!known)
            {
                at = list.Count;
                list.Add(new(key.Item1, key.Item2, graph.Capacity[l], 0, l));
            }
            list[at] = list[at] with { Count = list[at].Count + 1 };
            BundleOf[l] = at;
        }
        Bundles = [.. list];
    }

    /// <summary>Cell of each node.</summary>
    public int[] CellOf { get; }

    /// <summary>Nodes of each cell.</summary>
    public int[] Sizes { get; }

    /// <summary>Ranks of each cell: all of its nodes or none.</summary>
    public int[] Ranks { get; }

    /// <summary>First node of each cell.</summary>
    public int[] Examples { get; }

    /// <summary>Bundles of links.</summary>
    public LinkBundle[] Bundles { get; }

    /// <summary>Bundle of each link.</summary>
    public int[] BundleOf { get; }

    /// <summary>Equal for partitions that are the same but for the numbers of nodes: which node was set apart makes no difference then.</summary>
    public ulong Signature { get; }

    /// <summary>The coarsest partition of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="marks">A mark for each link, of which capacities are part; capacities alone where null.</param>
    /// <param name="apart">Nodes that are a cell each.</param>
    public static EquitablePartition Of(CommunicationGraph graph, ulong[]? marks = null, params ReadOnlySpan<int> apart) => new(graph, marks, Colours(graph, marks, apart));

    /// <summary>What <see cref="Signature"/> would be, without the partition.</summary>
    public static ulong SignatureOf(CommunicationGraph graph, ulong[]? marks, int apart)
    {
        ulong mark = 0;
        foreach (var colour in Colours(graph, marks, [apart])) mark += Mix(colour, 3);
        return mark;
    }

    /// <summary>A mark for each link: its capacity, how its end looks from its beginning, and how that looks from its end.</summary>
    public static ulong[] LinkMarks(CommunicationGraph graph)
    {
        var (ahead, behind) = (new ulong[graph.Links], new ulong[graph.Links]);
        var entering = Enumerable.Range(0, graph.Links).ToLookup(l => graph.To[l]);
        Parallel.For(0, graph.Nodes, v =>
        {
            var seen = Colours(graph, null, [v]);
            for (var l = graph.First[v]; l < graph.First[v + 1]; l++) ahead[l] = seen[graph.To[l]];
            foreach (var l in entering[v]) behind[l] = seen[graph.From[l]];
        });
        for (var l = 0; l < ahead.Length; l++) ahead[l] = Mix(Mix(ahead[l], behind[l]), BitConverter.DoubleToUInt64Bits(graph.Capacity[l]));
        return ahead;
    }

    static ulong MarkOf(CommunicationGraph graph, ulong[]? marks, int link) => marks?[link] ?? BitConverter.DoubleToUInt64Bits(graph.Capacity[link]);

    static ulong[] Colours(CommunicationGraph graph, ulong[]? marks, ReadOnlySpan<int> apart)
    {
        var (colour, next) = (new ulong[graph.Nodes], new ulong[graph.Nodes]);
        for (var v = 0; v < colour.Length; v++) colour[v] = v < graph.Ranks ? 7UL : 5UL;
        for (var i = 0; i < apart.Length; i++) colour[apart[i]] = 11 + (ulong)i;
        var seen = new HashSet<ulong>();
        for (var before = Count(seen, colour); ;)
        {
            for (var v = 0; v < next.Length; v++) next[v] = Mix(colour[v], 0);
            for (var l = 0; l < graph.Links; l++)
            {
                var (a, b) = (graph.From[l], graph.To[l]);
                var rate = MarkOf(graph, marks, l);
                next[a] += Mix(Mix(colour[b], rate), 1);
                next[b] += Mix(Mix(colour[a], rate), 2);
            }
            for (var v = 0; v < next.Length; v++) next[v] = Mix(next[v], 4);
            (colour, next) = (next, colour);
            var now = Count(seen, colour);
            if (now == before) return colour;
            before = now;
        }
    }

    static int Count(HashSet<ulong> seen, ulong[] colour)
    {
        seen.Clear();
        foreach (var c in colour) seen.Add(c);
        return seen.Count;
    }

    // SplitMix64's finaliser [Steele, Lea, Flood 2014] over both.
    static ulong Mix(ulong a, ulong b) => SplitMix64.Mix(a + (0x9E3779B97F4A7C15UL * (b + 1)));
}
