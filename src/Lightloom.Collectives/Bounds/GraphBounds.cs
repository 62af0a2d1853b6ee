// Lower bounds on any graph of ranks, switches and directed links, by linear programs on its cells (EquitablePartition).
//
//   reduce-scatter, all-gather    T = (S / n) max over A with fewer than n ranks of a(A) / B+(A)     a  ranks of A, B+ bandwidth out
//                                 [Zhao et al., arXiv 2305.18461; ForestColl]. For each rank v the largest over A without v is the least t
//                                 at which every other rank delivers one shard to v over links of t B; a smallest cut at a lesser t is worse
//   gather, scatter               the same for the root alone
//   all-to-all                    least T at which a flow of S / n from every rank to every rank fits links of T B; flows of ranks that look
//                                 alike are one. Link lengths y from the dual prove it: T >= sum over pairs of (S / n) d_y / sum of y B.
//                                 Without enough symmetry for that program, the best of such proofs by lengths that grow with the load
//   broadcast, reduce             S / least flow from (to) the root [Edmonds 1973]
//   all-reduce, switches reduce   S / least flow between any two ranks: the sum has to come into any part and the part's has to leave it
//   all-reduce, they only forward least T of any schedule that reduces each element along a tree to some rank and copies it out along
//                                 another: shares x_v of elements by their rank v; for every w flows from all v to w within b, from w to
//                                 all v within r; b + r <= T B; as much of b, and of r, leaves a switch as enters it, since it neither
//                                 copies nor reduces. For any schedule at all: parts that divide the ranks share 2 (N - 1) S, as in
//                                 CollectiveBounds; Cuts states that
//
// Symmetry only shrinks the programs. Sources are told apart by what the graph looks like from them, capacities are summed over links that
// look alike, so a bound can only be too low where links that look alike are not.
//
// Example: 4 x 4 torus, links of 1 GB/s each way, all-to-all of 16 GB: each rank's 16 GB take 2 links on average, 32 GB over 4 links of
// its own: 8 s; across the bisection 8 * 8 * 1 GB / 8 GB/s = 8 s. All-gather of 16 GB: 15 GB / 4 GB/s = 3.75 s.
using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Lower bounds on one graph. Remembers what it solved; safe for many threads.</summary>
public sealed partial class GraphBounds
{
    /// <summary>The most variables that one linear program may have.</summary>
    public const int MostVariables = 25_000;

    // Nodes times links up to which the graph is looked at from each node: a few seconds.
    const long MostLooks = 50_000_000;

    readonly Lock gate = new();
    readonly Dictionary<(CollectiveKind, bool), GraphBound> solved = [];
    readonly double scale; // B/s; programs are in shares of the fastest link
    readonly Lazy<ulong[]?> marks;
    readonly Lazy<EquitablePartition> cells;
    readonly Lazy<List<(int Rank, int Count)>> sources;

    /// <summary>Bounds on a graph.</summary>
    /// <param name="graph">At least 2 ranks.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 ranks, or no links.</exception>
    public GraphBounds(CommunicationGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Ranks < 2 || graph.Links == 0) throw new ArgumentException($"{graph.Ranks} ranks with {graph.Links} links exchange nothing");
        Graph = graph;
        foreach (var capacity in graph.Capacity) scale = Math.Max(scale, capacity);
        EachRankSeen = (long)graph.Nodes * graph.Links <= MostLooks;
        marks = new(() => EachRankSeen ? EquitablePartition.LinkMarks(graph) : null);
        cells = new(() => EquitablePartition.Of(graph, marks.Value));
        sources = new(Sources);
    }

    /// <summary>The graph.</summary>
    public CommunicationGraph Graph { get; }

    /// <summary>Whether the graph is looked at from each rank, or from one of each kind.</summary>
    public bool EachRankSeen { get; }

    /// <summary>Cells of nodes that look the same.</summary>
    public int Cells => cells.Value.Sizes.Length;

    /// <summary>Whether a bound by linear program exists for a collective; for others cuts are what there is.</summary>
    public static bool Has(CollectiveKind kind) => kind != CollectiveKind.SendReceive;

    /// <summary>The least time of the bytes.</summary>
    /// <param name="kind">What is done; the root, where there is one, is rank 0.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="reduced">Whether switches reduce and copy.</param>
    /// <exception cref="ArgumentException">
    /// There is no such bound, the size is impossible, ranks can't reach each other, or the graph has too little symmetry for its size.
    /// </exception>
    public GraphBound Of(CollectiveKind kind, DataSize size, bool reduced = false)
    {
        if (!Has(kind)) throw new ArgumentException($"no linear program bounds {kind}: what neighbours exchange depends on how they are numbered");
        if (!(size.Bytes >= 0)) throw new ArgumentException($"a collective can't have a size of {size}");
        GraphBound unit;
        lock (gate)
        {
            var key = (kind, reduced && kind == CollectiveKind.AllReduce);
            if (!solved.TryGetValue(key, out unit!)) solved[key] = unit = Solve(key.Item1, key.Item2);
        }
        return unit with { Time = Duration.FromSeconds(unit.Time.Seconds * size.Bytes) };
    }

    /// <summary>The worst cut of each way to divide the graph, the slowest first. Each bounds any schedule at all.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="divisions">Ways to divide it; each rank is in at most one part of each.</param>
    /// <param name="reduced">Whether switches reduce and copy.</param>
    public IReadOnlyList<GraphCut> Cuts(CollectiveKind kind, DataSize size, IEnumerable<GraphParts> divisions, bool reduced = false)
    {
        ArgumentNullException.ThrowIfNull(divisions);
        var cuts = new List<GraphCut>();
        foreach (var parts in divisions)
            if (Worst(kind, size.Bytes, parts, reduced) is { } cut) cuts.Add(cut);
        return [.. cuts.OrderByDescending(c => c.Transfer.Seconds)];
    }

    GraphCut? Worst(CollectiveKind kind, double size, GraphParts parts, bool reduced)
    {
        if (parts.PartOf.Count != Graph.Nodes) throw new ArgumentException($"expected a part for each of {Graph.Nodes} nodes, not for {parts.PartOf.Count}");
        var count = parts.PartOf.Max() + 1;
        if (count == 0) return null;
        var (ranks, leaving, entering) = (new int[count], new double[count], new double[count]);
        for (var r = 0; r < Graph.Ranks; r++)
            if (parts.PartOf[r] >= 0) ranks[parts.PartOf[r]]++;
        for (var l = 0; l < Graph.Links; l++)
        {
            var (a, b) = (parts.PartOf[Graph.From[l]], parts.PartOf[Graph.To[l]]);
            if (a == b) continue;
            if (a >= 0) leaving[a] += Graph.Capacity[l];
            if (b >= 0) entering[b] += Graph.Capacity[l];
        }
        return GraphCut.Worst(parts.Name, kind, size, Graph.Ranks, ranks, leaving, entering, parts.PartOf[0], reduced);
    }

    // The time of one byte.
    GraphBound Solve(CollectiveKind kind, bool reduced) => kind switch
    {
        CollectiveKind.AllGather => Collected(kind, Graph, sources.Value.Select(s => s.Rank)),
        CollectiveKind.ReduceScatter => Collected(kind, Graph.Reversed(), sources.Value.Select(s => s.Rank)),
        CollectiveKind.Gather => Collected(kind, Graph, [0]),
        CollectiveKind.Scatter => Collected(kind, Graph.Reversed(), [0]),
        CollectiveKind.Broadcast => Spread(kind, [Graph]),
        CollectiveKind.Reduce => Spread(kind, [Graph.Reversed()]),
        CollectiveKind.AllToAll => Exchanged(),
        _ => reduced ? Spread(kind, Graph.IsSymmetric ? [Graph] : [Graph, Graph.Reversed()]) with { Reduced = true } : ByTrees(),
    };

    List<(int Rank, int Count)> Sources()
    {
        var signature = new ulong[Graph.Ranks];
        if (EachRankSeen) Parallel.For(0, Graph.Ranks, r => signature[r] = EquitablePartition.SignatureOf(Graph, marks.Value, r));
        else
            for (var r = 0; r < Graph.Ranks; r++) signature[r] = (ulong)cells.Value.CellOf[r];
        var list = new List<(int Rank, int Count)>();
        var at = new Dictionary<ulong, int>();
        for (var r = 0; r < Graph.Ranks; r++)
        {
            var mark = signature[r];
            if (at.TryGetValue(mark, out var i)) list[i] = list[i] with { Count = list[i].Count + 1 };
            else
            {
                at[mark] = list.Count;
                list.Add((r, 1));
            }
        }
        return list;
    }

    /// <summary>The largest over some ranks v of the least time in which every other rank delivers 1/n byte to v.</summary>
    GraphBound Collected(CollectiveKind kind, CommunicationGraph graph, IEnumerable<int> ranks)
    {
        var (inside, rate) = (0.0, 1.0);
        foreach (var v in ranks)
        {
            // From a cut to a worse one, until the flow that is asked for fits [Dinkelbach 1967]; mostly one look that finds none.
            var seen = EquitablePartition.Of(graph, null, v);
            while (Slower(seen, v, inside / rate) is { } slower) (inside, rate) = slower;
        }
        return Bound(kind, inside / rate / graph.Ranks, "largest a / B+ over every set of nodes, as ForestColl",
            string.Create(CultureInfo.InvariantCulture, $"{inside:0} of {graph.Ranks} ranks behind {rate / 1e9:G4} GB/s"));
    }

    /// <summary>Ranks of a set without v, and B/s out of it, whose quotient exceeds a time; null where there is none.</summary>
    (double Ranks, double Rate)? Slower(EquitablePartition seen, int v, double time)
    {
        var (sink, source, all) = (seen.CellOf[v], seen.Sizes.Length, Graph.Ranks);
        var flow = new GraphFlow(source + 1, all);
        for (var c = 0; c < source; c++)
            if (c != sink && seen.Ranks[c] > 0) flow.Add(source, c, seen.Ranks[c]);
        foreach (var bundle in seen.Bundles)
            if (bundle.From != sink && bundle.From != bundle.To) flow.Add(bundle.From, bundle.To, time * bundle.Capacity);
        var side = flow.SideOf(source, sink);
        double within = 0, across = 0;
        for (var c = 0; c < source; c++)
            if (side[c]) within += seen.Ranks[c];
        foreach (var bundle in seen.Bundles)
            if (side[bundle.From] && !side[bundle.To]) across += bundle.Capacity;
        if (within == 0) return null;
        if (across == 0) throw Apart();
        return within / across > time * (1 + 1e-9) ? (within, across) : null;
    }

    /// <summary>1 / the least flow from rank 0 to any other rank, in each of some graphs.</summary>
    GraphBound Spread(CollectiveKind kind, IEnumerable<CommunicationGraph> graphs)
    {
        var (longest, binding) = (0.0, "");
        foreach (var graph in graphs)
        {
            var flows = new GraphFlow(graph.Nodes, scale);
            for (var l = 0; l < graph.Links; l++) flows.Add(graph.From[l], graph.To[l], graph.Capacity[l]);
            var from = EquitablePartition.Of(graph, null, 0);
            for (var c = 0; c < from.Sizes.Length; c++)
            {
                var w = from.Examples[c];
                if (from.Ranks[c] == 0 || w == 0) continue;
                var rate = graph.OutOf(flows.SideOf(0, w)).BytesPerSecond;
                if (rate == 0) throw Apart();
                if (1 / rate <= longest * (1 + 1e-9)) continue;
                (longest, binding) = (1 / rate, string.Create(CultureInfo.InvariantCulture, $"a cut of {rate / 1e9:G4} GB/s between rank 0 and rank {w}"));
            }
        }
        return Bound(kind, longest, "least flow between ranks", binding);
    }

    /// <summary>A row for each cell but the sink: what leaves it, less what enters it, is its supply.</summary>
    static int[] Conservation(LinearProgram program, EquitablePartition seen, int sink, Func<int, double> supply)
    {
        var rows = new int[seen.Sizes.Length];
        for (var c = 0; c < rows.Length; c++) rows[c] = c == sink ? -1 : program.Row(supply(c), supply(c));
        return rows;
    }

    static void Move(LinearProgram program, int[] rows, in LinkBundle bundle, int flow, double sign)
    {
        if (bundle.From == bundle.To) return;
        if (rows[bundle.From] >= 0) program.Set(rows[bundle.From], flow, sign);
        if (rows[bundle.To] >= 0) program.Set(rows[bundle.To], flow, -sign);
    }

    GraphBound Bound(CollectiveKind kind, double time, string method, string binding) => new()
    {
        Kind = kind,
        Time = Duration.FromSeconds(time),
        Reduced = false,
        Method = method,
        Binding = binding,
        EachRankSeen = EachRankSeen,
    };

    static ArgumentException Apart() => new("some ranks can't reach others, so they exchange nothing in any time");
}
