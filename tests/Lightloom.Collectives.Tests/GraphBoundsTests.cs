using System.Numerics;
using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

public sealed class GraphBoundsTests
{
    const double Near = 1e-6;

    static readonly DataSize Size = DataSize.FromGigabytes(16);

    static Bandwidth Rate(double gigabytes) => Bandwidth.FromGigabytesPerSecond(gigabytes);

    static CommunicationGraph Torus(int side, int dimensions, Func<int, double>? rate = null)
    {
        var count = (int)Math.Pow(side, dimensions);
        var links = new List<(int, int, Bandwidth)>();
        var stride = 1;
        for (var d = 0; d < dimensions; d++, stride *= side)
        {
            for (var v = 0; v < count && side > 1; v++)
            {
                var next = v / stride % side == side - 1 ? v - ((side - 1) * stride) : v + stride;
                links.Add((v, next, Rate(rate?.Invoke(links.Count) ?? 1)));
                links.Add((next, v, Rate(rate?.Invoke(links.Count) ?? 1)));
            }
        }
        return CommunicationGraph.Of(count, 0, links);
    }

    static CommunicationGraph Hypercube(int dimensions) => CommunicationGraph.Of(1 << dimensions, 0,
        from v in Enumerable.Range(0, 1 << dimensions) from d in Enumerable.Range(0, dimensions) select (v, v ^ (1 << d), Rate(1)));

    static double Seconds(CommunicationGraph graph, CollectiveKind kind, bool reduced = false) => new GraphBounds(graph).Of(kind, Size, reduced).Time.Seconds;

    [Fact]
    public void Example_a_4_x_4_torus()
    {
        var torus = Torus(4, 2);
        Assert.Equal(8, Seconds(torus, CollectiveKind.AllToAll), Near);
        Assert.Equal(3.75, Seconds(torus, CollectiveKind.AllGather), Near);
        Assert.Equal(1, new GraphBounds(torus).Cells);
        Assert.Single(EquitablePartition.Of(Torus(8, 2)).Sizes);
        var seen = EquitablePartition.Of(Torus(8, 2), null, 5).Sizes;
        Assert.Equal((15, 64), (seen.Length, seen.Sum()));
    }

    // All-to-all: dimension order sends each byte k/4 hops in each dimension on average where k is even, (k² − 1) / 4k where it is odd.
    [Theory]
    [InlineData(4, 1), InlineData(5, 1), InlineData(8, 1), InlineData(4, 2), InlineData(5, 2), InlineData(8, 2), InlineData(4, 3), InlineData(3, 3), InlineData(8, 3), InlineData(4, 4)]
    public void A_k_ary_n_torus(int side, int dimensions)
    {
        var torus = Torus(side, dimensions);
        double n = torus.Ranks;
        var hops = side % 2 == 0 ? side / 4.0 : ((side * (double)side) - 1) / (4 * side);
        Assert.Equal(Size.Gigabytes * hops / 2, Seconds(torus, CollectiveKind.AllToAll), Near * 10);
        var ports = 2.0 * dimensions;
        Assert.Equal(Size.Gigabytes * (n - 1) / n / ports, Seconds(torus, CollectiveKind.AllGather), Near);
        Assert.Equal(Size.Gigabytes * (n - 1) / n / ports, Seconds(torus, CollectiveKind.ReduceScatter), Near);
        Assert.Equal(Size.Gigabytes / ports, Seconds(torus, CollectiveKind.Broadcast), Near);
        Assert.Equal(Size.Gigabytes * (n - 1) / n / ports, Seconds(torus, CollectiveKind.Gather), Near);
        Assert.Equal(2 * Size.Gigabytes * (n - 1) / n / ports, Seconds(torus, CollectiveKind.AllReduce), Near * 10);
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(5), InlineData(8)]
    public void A_hypercube(int dimensions)
    {
        var cube = Hypercube(dimensions);
        double n = cube.Ranks;
        Assert.Equal(Size.Gigabytes / 2, Seconds(cube, CollectiveKind.AllToAll), Near * 10);
        Assert.Equal(Size.Gigabytes * (n - 1) / n / dimensions, Seconds(cube, CollectiveKind.AllGather), Near);
        Assert.Equal(Size.Gigabytes / dimensions, Seconds(cube, CollectiveKind.AllReduce, reduced: true), Near);
    }

    [Fact]
    public void A_rack_of_72_around_switches()
    {
        var rack = CommunicationGraph.Of(new NetworkLevels(new NetworkLevel("NVLink", Rate(900), Duration.Zero)), GroupPlacement.Of(72));
        Assert.Equal(16.0 / 900 * 71 / 72, Seconds(rack, CollectiveKind.AllGather), 1e-9);
        Assert.Equal(16.0 / 900 * 71 / 72, Seconds(rack, CollectiveKind.AllToAll), 1e-9);
        Assert.Equal(2 * 16.0 / 900 * 71 / 72, Seconds(rack, CollectiveKind.AllReduce), 1e-8);
        Assert.Equal(16.0 / 900, Seconds(rack, CollectiveKind.AllReduce, reduced: true), 1e-9);
    }

    // Leaves of 8 ranks whose uplinks carry half of what these inject: what leaves a leaf sets the all-to-all.
    [Fact]
    public void An_oversubscribed_leaf_and_spine()
    {
        const int leaves = 6, spines = 4, each = 8, ranks = leaves * each;
        var links = new List<(int, int, Bandwidth)>();
        for (var r = 0; r < ranks; r++) links.AddRange([(r, ranks + (r / each), Rate(1)), (ranks + (r / each), r, Rate(1))]);
        for (var l = 0; l < leaves; l++)
            for (var s = 0; s < spines; s++) links.AddRange([(ranks + l, ranks + leaves + s, Rate(1)), (ranks + leaves + s, ranks + l, Rate(1))]);
        var graph = CommunicationGraph.Of(ranks, leaves + spines, links);
        Assert.Equal(Size.Gigabytes * each * (ranks - each) / ranks / spines, Seconds(graph, CollectiveKind.AllToAll), Near * 10);
        Assert.Equal(Size.Gigabytes * (ranks - 1) / ranks, Seconds(graph, CollectiveKind.AllGather), Near);
    }

    static readonly Gen<CommunicationGraph> Small =
        from ranks in Gen.Int[2, 5]
        from switches in Gen.Int[0, 3]
        from rates in Gen.Int[0, 4].Array[(ranks + switches) * (ranks + switches)]
        select Joined(ranks, switches, rates);

    // A thin ring of all nodes keeps them joined.
    static CommunicationGraph Joined(int ranks, int switches, int[] rates)
    {
        var nodes = ranks + switches;
        return CommunicationGraph.Of(ranks, switches, Enumerable.Range(0, nodes * nodes)
            .Select(i => (i / nodes, i % nodes, Rate(rates[i] + (((i / nodes) + 1) % nodes == i % nodes ? 0.5 : 0)))));
    }

    /// <summary>The largest volume over bandwidth, over every set of nodes that divides the ranks.</summary>
    static double Exhaustive(CommunicationGraph graph, Func<int, int, double> volume)
    {
        var worst = 0.0;
        Span<bool> inside = stackalloc bool[graph.Nodes];
        for (var set = 1; set < 1 << graph.Nodes; set++)
        {
            for (var v = 0; v < graph.Nodes; v++) inside[v] = (set >> v & 1) != 0;
            var ranks = BitOperations.PopCount((uint)(set & ((1 << graph.Ranks) - 1)));
            if (ranks == 0 || ranks == graph.Ranks) continue;
            worst = Math.Max(worst, volume(set, ranks) / graph.OutOf(inside).GigabytesPerSecond);
        }
        return worst;
    }

    [Fact]
    public void Every_cut_of_small_graphs() => Small.Sample(graph =>
    {
        double n = graph.Ranks;
        var s = Size.Gigabytes;
        var bounds = new GraphBounds(graph);
        double Lp(CollectiveKind kind, bool reduced = false) => bounds.Of(kind, Size, reduced).Time.Seconds;
        void Same(double expected, double actual) => Assert.Equal(1, actual / expected, Near);
        Same(Exhaustive(graph, (_, a) => a * s / n), Lp(CollectiveKind.AllGather));
        Same(Exhaustive(graph, (_, a) => (n - a) * s / n), Lp(CollectiveKind.ReduceScatter));
        Same(Exhaustive(graph, (set, a) => (set & 1) == 0 ? a * s / n : 0), Lp(CollectiveKind.Gather));
        Same(Exhaustive(graph, (set, a) => (set & 1) != 0 ? (n - a) * s / n : 0), Lp(CollectiveKind.Scatter));
        Same(Exhaustive(graph, (set, _) => (set & 1) != 0 ? s : 0), Lp(CollectiveKind.Broadcast));
        Same(Exhaustive(graph, (set, _) => (set & 1) == 0 ? s : 0), Lp(CollectiveKind.Reduce));
        var divided = Exhaustive(graph, (_, _) => s);
        Same(divided, Lp(CollectiveKind.AllReduce, reduced: true));
        Assert.True(Lp(CollectiveKind.AllReduce) >= divided * (1 - Near));
        Assert.True(Lp(CollectiveKind.AllToAll) >= Exhaustive(graph, (_, a) => a * (n - a) * s / n) * (1 - Near));
        Assert.Equal(Naive(graph) * s, Lp(CollectiveKind.AllToAll), Near * s * 10);
        // Proofs by lengths are proofs, and not idle.
        Assert.InRange(bounds.DistancesAlone * Size.Bytes / Lp(CollectiveKind.AllToAll), 0.5, 1 + Near);
    }, iter: 150, threads: 1);

    // Where links carry the same both ways, switches that only forward don't stand in the way of an optimal all-gather.
    [Fact]
    public void Reduce_scatter_and_then_all_gather_is_one_way_to_all_reduce() => Small.Sample(one =>
    {
        var graph = CommunicationGraph.Of(one.Ranks, one.Nodes - one.Ranks, Enumerable.Range(0, one.Links)
            .SelectMany(l => new[] { (one.From[l], one.To[l], one.CapacityOf(l)), (one.To[l], one.From[l], one.CapacityOf(l)) }).ToArray());
        var gather = Seconds(graph, CollectiveKind.AllGather);
        Assert.Equal(gather, Seconds(graph, CollectiveKind.ReduceScatter), Near * gather);
        var reduce = Seconds(graph, CollectiveKind.AllReduce);
        Assert.True(reduce <= 2 * gather * (1 + Near) && reduce >= gather * (1 - Near), $"{reduce} {gather}");
    }, iter: 100, threads: 1);

    /// <summary>All-to-all of 1 GB held by each rank, a flow from every rank over every link, without a thought of symmetry.</summary>
    static double Naive(CommunicationGraph graph)
    {
        using var program = new LinearProgram();
        var time = program.Add(1);
        var rows = Enumerable.Range(0, graph.Links).Select(_ => program.Row(double.NegativeInfinity, 0)).ToArray();
        for (var l = 0; l < graph.Links; l++) program.Set(rows[l], time, -graph.CapacityOf(l).GigabytesPerSecond);
        for (var s = 0; s < graph.Ranks; s++)
        {
            var kept = Enumerable.Range(0, graph.Nodes).Select(v => v == s ? -1 : program.Row(v < graph.Ranks ? 1.0 / graph.Ranks : 0, v < graph.Ranks ? 1.0 / graph.Ranks : 0)).ToArray();
            for (var l = 0; l < graph.Links; l++)
            {
                var flow = program.Add();
                program.Set(rows[l], flow, 1);
                if (kept[graph.From[l]] >= 0) program.Set(kept[graph.From[l]], flow, -1);
                if (kept[graph.To[l]] >= 0) program.Set(kept[graph.To[l]], flow, 1);
            }
        }
        Assert.True(program.Solve());
        return program.Cost;
    }

    // Capacities that differ by parts in a billion leave no symmetry, and nearly the same answer.
    [Theory]
    [InlineData(CollectiveKind.AllToAll), InlineData(CollectiveKind.AllReduce), InlineData(CollectiveKind.AllGather), InlineData(CollectiveKind.Broadcast)]
    public void Symmetry_only_shrinks_the_programs(CollectiveKind kind)
    {
        var plain = new GraphBounds(Torus(4, 2));
        var rough = new GraphBounds(Torus(4, 2, l => 1 + (1e-9 * l)));
        Assert.Equal(16, rough.Cells);
        Assert.Equal(plain.Of(kind, Size).Time.Seconds, rough.Of(kind, Size).Time.Seconds, 1e-5);
    }

    [Fact]
    public void Numbers_of_nodes_make_no_difference() => Gen.Select(Small, Gen.Int[0, 1000]).Sample((graph, seed) =>
    {
        var random = new Random(seed);
        var name = Enumerable.Range(0, graph.Nodes).ToArray();
        random.Shuffle(name.AsSpan(1, graph.Ranks - 1));
        random.Shuffle(name.AsSpan(graph.Ranks));
        var other = CommunicationGraph.Of(graph.Ranks, graph.Nodes - graph.Ranks,
            Enumerable.Range(0, graph.Links).Select(l => (name[graph.From[l]], name[graph.To[l]], graph.CapacityOf(l))).ToArray());
        foreach (var kind in Enum.GetValues<CollectiveKind>().Where(GraphBounds.Has))
            Assert.Equal(1, Seconds(graph, kind) / Seconds(other, kind), Near * 10);
    }, iter: 30, threads: 1);

    // All nodes of a 3 x 4 torus look alike; its links don't: those along 4 carry 12 * 4/4 / (2 * 12) of what each rank holds.
    [Fact]
    public void Links_of_nodes_that_look_alike_are_told_apart()
    {
        var links = new List<(int, int, Bandwidth)>();
        for (var x = 0; x < 3; x++)
        {
            for (var y = 0; y < 4; y++)
            {
                var (here, right, up) = (x + (3 * y), ((x + 1) % 3) + (3 * y), x + (3 * ((y + 1) % 4)));
                links.AddRange([(here, right, Rate(1)), (right, here, Rate(1)), (here, up, Rate(1)), (up, here, Rate(1))]);
            }
        }
        var graph = CommunicationGraph.Of(12, 0, links);
        Assert.Single(EquitablePartition.Of(graph).Sizes);
        Assert.Single(EquitablePartition.Of(graph).Bundles);
        Assert.Equal(2, EquitablePartition.Of(graph, EquitablePartition.LinkMarks(graph)).Bundles.Length);
        Assert.Equal(Naive(graph) * Size.Gigabytes, Seconds(graph, CollectiveKind.AllToAll), Near * 10);
        Assert.Equal(Size.Gigabytes / 2, Seconds(graph, CollectiveKind.AllToAll), Near * 10);
    }

    [Fact]
    public void A_random_graph_is_bounded_by_its_distances_and_its_cuts()
    {
        var random = new Random(3);
        var links = new List<(int, int, Bandwidth)>();
        for (var v = 0; v < 300; v++)
            foreach (var to in Enumerable.Range(0, 4).Select(_ => random.Next(300)).Append((v + 1) % 300)) links.AddRange([(v, to, Rate(1)), (to, v, Rate(1))]);
        var bounds = new GraphBounds(CommunicationGraph.Of(300, 0, links));
        Assert.True(bounds.Cells > 250);
        var exchange = bounds.Of(CollectiveKind.AllToAll, Size);
        Assert.Contains("distances", exchange.Method, StringComparison.Ordinal);
        var gather = bounds.Of(CollectiveKind.AllGather, Size);
        // Each rank has to take in what the others hold, and its bytes take more than one link on the way.
        var ports = bounds.Cuts(CollectiveKind.AllToAll, Size, [new("one rank", [.. Enumerable.Range(0, 300)])])[0];
        Assert.True(exchange.Time.Seconds > 1.2 * ports.Transfer.Seconds * 2 / 5);
        Assert.Equal(1, gather.Time.Seconds / ports.Transfer.Seconds, Near);
    }

    // Two triangles look like a hexagon to every node, and not to one that is set apart.
    [Fact]
    public void What_colours_alone_confuse_is_told_apart()
    {
        var links = new List<(int, int, Bandwidth)>();
        void Ring(params int[] nodes)
        {
            for (var i = 0; i < nodes.Length; i++) links.AddRange([(nodes[i], nodes[(i + 1) % nodes.Length], Rate(1)), (nodes[(i + 1) % nodes.Length], nodes[i], Rate(1))]);
        }
        Ring(0, 1, 2);
        Ring(3, 4, 5);
        Ring(6, 7, 8, 9, 10, 11);
        var graph = CommunicationGraph.Of(12, 0, links);
        Assert.Single(EquitablePartition.Of(graph).Sizes);
        Assert.Equal(EquitablePartition.SignatureOf(graph, null, 0), EquitablePartition.SignatureOf(graph, null, 4));
        Assert.NotEqual(EquitablePartition.SignatureOf(graph, null, 0), EquitablePartition.SignatureOf(graph, null, 7));
        foreach (var kind in Enum.GetValues<CollectiveKind>().Where(GraphBounds.Has))
            Assert.Contains("can't reach", Assert.Throws<ArgumentException>(() => Seconds(graph, kind)).Message, StringComparison.Ordinal);
    }

    static readonly Gen<(GroupPlacement Group, NetworkLevels Levels)> Even =
        from inside in Gen.Int[1, 8]
        from domains in Gen.Int[1, 5]
        from pods in Gen.Int[1, 3]
        from rates in Gen.Double[1, 100].Array[3]
        where inside * domains * pods > 1
        select (GroupPlacement.Of(inside, inside * domains, inside * domains * pods), AlgorithmTests.Network(rates[0], rates[1], rates[2]));

    [Fact]
    public void Cuts_of_levels_are_below_the_program_and_the_program_below_every_algorithm() => Even.Sample(network =>
    {
        var (group, levels) = network;
        var bounds = new GraphBounds(CommunicationGraph.Of(levels, group));
        foreach (var kind in Enum.GetValues<CollectiveKind>().Where(GraphBounds.Has))
        {
            var cut = CollectiveBounds.Cut(kind, Size, group, levels).Seconds;
            var exact = bounds.Of(kind, Size).Time.Seconds;
            Assert.True(cut <= exact * (1 + Near), $"{kind} {group}: {cut} > {exact}");
            foreach (var answer in CollectiveModel.Default.Explain(kind, Size, group, levels))
                Assert.True(exact <= answer.Time.Total.Seconds * (1 + Near), $"{kind} {group}: {exact} > {answer}");
            // Cuts of a folded network are tight.
            if (kind != CollectiveKind.AllReduce) Assert.Equal(1, exact / cut, Near * 10);
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void Parts_of_a_graph_are_cut_like_levels()
    {
        var (group, levels) = (GroupPlacement.Of(8, 32, 64), AlgorithmTests.Network());
        var graph = CommunicationGraph.Of(levels, group);
        var bounds = new GraphBounds(graph);
        var parts = new GraphParts[]
        {
            new("one rank", [.. Enumerable.Range(0, graph.Nodes).Select(v => v < 64 ? v : -1)]),
            new("one domain", [.. Enumerable.Range(0, graph.Nodes).Select(v => v < 64 ? v / 8 : v < 72 ? v - 64 : -1)]),
            new("one half", [.. Enumerable.Range(0, graph.Nodes).Select(v => v < 64 ? v / 32 : v < 72 ? (v - 64) / 4 : v < 74 ? v - 72 : -1)]),
        };
        foreach (var kind in Enum.GetValues<CollectiveKind>())
        {
            if (kind == CollectiveKind.SendReceive) continue;
            var byLevel = CollectiveBounds.Cuts(kind, Size, group, levels);
            var byPart = bounds.Cuts(kind, Size, parts);
            Assert.Equal(byLevel.Select(c => c.Transfer.Seconds), byPart.Select(c => c.Transfer.Seconds), (a, b) => Math.Abs(a - b) < 1e-9);
            Assert.All(byPart, c => Assert.True(c.Transfer.Seconds <= bounds.Of(kind, Size).Time.Seconds * (1 + Near)));
        }
        Assert.Throws<ArgumentException>(() => bounds.Cuts(CollectiveKind.AllGather, Size, [new("none", [0])]));
    }

    [Fact]
    public void What_cannot_be_says_why()
    {
        Assert.Throws<ArgumentException>(() => CommunicationGraph.Of(0, 1, []));
        Assert.Throws<ArgumentException>(() => CommunicationGraph.Of(2, 0, [(0, 2, Rate(1))]));
        Assert.Throws<ArgumentException>(() => CommunicationGraph.Of(2, 0, [(0, 1, Rate(-1))]));
        Assert.Throws<ArgumentException>(() => new GraphBounds(CommunicationGraph.Of(2, 0, [])));
        Assert.Throws<ArgumentException>(() => new GraphBounds(Torus(4, 1)).Of(CollectiveKind.SendReceive, Size));
        Assert.Throws<ArgumentException>(() => new GraphBounds(Torus(4, 1)).Of(CollectiveKind.AllGather, DataSize.FromBytes(double.NaN)));
        Assert.Contains("divide", Assert.Throws<ArgumentException>(() => CommunicationGraph.Of(AlgorithmTests.Network(), GroupPlacement.Of(8, 20, 20))).Message, StringComparison.Ordinal);
        var random = new Random(1);
        var rough = CommunicationGraph.Of(400, 0, Enumerable.Range(0, 400).SelectMany(v => Enumerable.Range(0, 4).Select(_ => (v, random.Next(400), Rate(1 + random.NextDouble()))).Append((v, (v + 1) % 400, Rate(1)))));
        Assert.Contains("differently", Assert.Throws<ArgumentException>(() => Seconds(rough, CollectiveKind.AllReduce)).Message, StringComparison.Ordinal);
    }
}
