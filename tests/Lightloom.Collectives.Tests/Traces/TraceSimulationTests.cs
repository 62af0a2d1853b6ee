using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests.Traces;

/// <summary>Traces on ASTRA-sim's network: its closed forms, its measured cycles, and one rank for all against all of them.</summary>
public sealed class TraceSimulationTests
{
    const double BytesPerNanosecond = 50.0 * (1 << 30) / 1_000_000_000;

    static readonly TraceDimension Dimension = new(TraceBlock.Ring, 8, 50, 500);

    static TraceSystem System(TraceMethod method, int splits = 4, int active = 1, double memory = 1600, int endpoint = 10, bool byDimension = true, int dimensions = 1) => new()
    {
        Splits = splits,
        ActiveChunks = active,
        MemoryBandwidth = memory,
        EndpointNanoseconds = endpoint,
        ReducesByDimension = byDimension,
        Algorithms = new[] { TraceCollective.AllReduce, TraceCollective.AllGather, TraceCollective.ReduceScatter, TraceCollective.AllToAll }
            .ToDictionary(c => c, c => (IReadOnlyList<TraceAlgorithm>)[.. Enumerable.Repeat(new TraceAlgorithm(method), dimensions)]),
    };

    static TraceNode Collective(TraceCollective what, ulong bytes, ulong id = 1, int group = 0, params ulong[] after) =>
        new() { Id = id, Kind = TraceNodeKind.Collective, Collective = what, Bytes = bytes, Group = group, After = after };

    static TraceList Alike(int ranks, params TraceNode[] nodes) => new([.. Enumerable.Repeat(nodes, ranks)]);

    static long Cycles(ITraceSource trace, TraceSystem system, TraceSharing sharing, params TraceDimension[] dimensions) => Run(trace, system, sharing, dimensions).Time.Picoseconds / 1000;

    static TraceRun Run(ITraceSource trace, TraceSystem system, TraceSharing sharing, TraceDimension[] dimensions, TraceRunOptions? options = null)
    {
        var run = TraceSimulation.Run(trace, system, new(dimensions), sharing, options);
        Assert.True(run.IsComplete);
        Assert.Equal(0, run.Time.Picoseconds % 1000);
        return run;
    }

    // t of one chunk by the closed forms of ASTRA-sim's algorithms, one chunk at a time; the whole takes splits x t.
    static long ClosedForm(TraceBlock block, TraceMethod method, TraceCollective what, int n, ulong size, int splits, int endpoint, double memory, bool aware)
    {
        var chunk = size / (ulong)splits;
        if (what != TraceCollective.AllGather && chunk < (ulong)n) chunk = (ulong)n;
        var hops = block == TraceBlock.Switch ? 2 : 1;
        long D(ulong m) => aware ? hops * (long)(500 + m / BytesPerNanosecond) : (long)(hops * 500 + m / BytesPerNanosecond);
        long Add(ulong m) => 3 * (long)(m / (memory * 1000000000) * 1e9);
        long e = endpoint;
        var part = chunk / (ulong)n;
        var k = int.Log2(n);
        var t = (method, what) switch
        {
            (TraceMethod.Ring, TraceCollective.AllReduce) => e + 2 * (n - 1) * (D(part) + e) + (n - 1) * Add(part),
            (TraceMethod.Ring, TraceCollective.ReduceScatter) => e + (n - 1) * (D(part) + e) + (n - 1) * Add(part),
            (TraceMethod.Ring, TraceCollective.AllGather) => e + (n - 1) * (D(chunk) + e),
            (TraceMethod.Ring, _) => e + (long)n * (n - 1) / 2 * (D(part) + e),
            (TraceMethod.Direct, _) => Direct(),
            (_, TraceCollective.AllGather) => e + Enumerable.Range(0, k).Sum(i => D(chunk << i) + e),
            _ => e + (what == TraceCollective.AllReduce ? 2 : 1) * Enumerable.Range(1, k).Sum(i => D(chunk >> i) + e) + Enumerable.Range(2, k - 1).Sum(i => Add(chunk >> i)),
        };
        return splits * t;

        long Direct()
        {
            var m = what == TraceCollective.AllGather ? chunk : part;
            var one = aware && block == TraceBlock.Switch ? (n - 2) * (long)(m / BytesPerNanosecond) + 2 * (long)(500 + m / BytesPerNanosecond) : D(m);
            return e + (what == TraceCollective.AllReduce ? 2 : 1) * (one + e) + (what is TraceCollective.AllReduce or TraceCollective.ReduceScatter ? Add(m) : 0);
        }
    }

    static readonly (TraceBlock, TraceMethod)[] Shapes =
    [
        (TraceBlock.Ring, TraceMethod.Ring), (TraceBlock.FullyConnected, TraceMethod.Ring), (TraceBlock.Switch, TraceMethod.Ring), (TraceBlock.FullyConnected, TraceMethod.Direct),
        (TraceBlock.Switch, TraceMethod.Direct), (TraceBlock.FullyConnected, TraceMethod.HalvingDoubling), (TraceBlock.Switch, TraceMethod.HalvingDoubling),
    ];

    static readonly TraceCollective[] Kinds = [TraceCollective.AllReduce, TraceCollective.ReduceScatter, TraceCollective.AllGather, TraceCollective.AllToAll];

    // Where messages follow each other faster than one passes its endpoint, the second half of a direct all-reduce begins before the first has passed as a
    // whole, and takes less than the closed form says.
    static bool Overlap(int ranks, ulong size, int splits, int endpoint)
    {
        var part = Math.Max((ulong)ranks, size / (ulong)splits) / (ulong)ranks;
        return (long)(part / BytesPerNanosecond) <= endpoint + 3 * (long)(part / 1600.0);
    }

    // Sizes are powers of two and each rank's part is whole, so that the closed forms' halves are, too.
    static readonly Gen<(TraceBlock Block, TraceMethod Method, TraceCollective What, int Ranks, ulong Size, int Splits, int Endpoint, bool Aware)> Cases =
        from shape in Gen.Int[0, Shapes.Length - 1].Select(i => Shapes[i])
        from what in Gen.Int[0, Kinds.Length - 1].Select(i => Kinds[i])
        where shape.Item2 != TraceMethod.HalvingDoubling || what != TraceCollective.AllToAll
        from ranks in Gen.Int[1, 5]
        from size in Gen.Int[10, 28]
        from splits in Gen.Int[0, 3]
        from endpoint in Gen.Int[0, 20]
        from aware in Gen.Bool
        where !(aware && shape == (TraceBlock.Switch, TraceMethod.Direct) && what == TraceCollective.AllReduce && Overlap(1 << ranks, 1UL << size, 1 << splits, endpoint))
        select (shape.Item1, shape.Item2, what, 1 << ranks, 1UL << size, 1 << splits, endpoint, aware);

    [Fact]
    public void One_chunk_at_a_time_takes_what_the_closed_forms_say() => Cases.Sample(c =>
        ClosedForm(c.Block, c.Method, c.What, c.Ranks, c.Size, c.Splits, c.Endpoint, 1600, c.Aware) ==
            Cycles(Alike(c.Ranks, Collective(c.What, c.Size)), System(c.Method, c.Splits, 1, 1600, c.Endpoint), c.Aware ? TraceSharing.Aware : TraceSharing.Unaware, Dimension with { Block = c.Block, Ranks = c.Ranks }), iter: 300);

    // Where links are shared by several chunks, too, and sizes are any.
    [Fact]
    public void One_rank_stands_for_all_exactly() => Gen.Select(Cases, Gen.Int[1, 4], Gen.UInt[5000, 5_000_000], Gen.Bool).Sample((c, active, size, baseline) =>
    {
        var system = System(c.Method, c.Splits, active, 700, c.Endpoint, !baseline);
        var nodes = new[] { Collective(c.What, size, 4), new TraceNode { Id = 7, Kind = TraceNodeKind.Compute, Microseconds = 3, After = [4] }, Collective(TraceCollective.AllGather, size / 3, 9, 0, 4) };
        TraceDimension[] network = [Dimension with { Block = c.Block, Ranks = c.Ranks }];
        var sharing = c.Aware ? TraceSharing.Aware : TraceSharing.Unaware;
        var one = Run(Alike(c.Ranks, nodes), system, sharing, network);
        var all = Run(Alike(c.Ranks, nodes), system, sharing, network, new() { OneForAll = false });
        Assert.Equal((1, c.Ranks), (one.Ranks.Count, all.Ranks.Count));
        Assert.All(all.Ranks, r => Assert.Equal(one.Ranks[0], r));
        Assert.Equal(one.Messages, all.Messages);
    }, iter: 150);

    // Chunks visit their phases in order; a dimension serves several at once, each at full speed, first come first served.
    [Fact]
    public void Several_dimensions_are_a_flow_shop() => Gen.Select(Gen.Int[2, 5], Gen.Int[2, 4], Gen.Int[1, 8], Gen.Int[1, 3], Gen.Int[16, 26], Gen.Bool).Sample((a, b, splits, active, log, byDimension) =>
    {
        TraceDimension[] network = [new(TraceBlock.Ring, a, 100, 300), new(TraceBlock.Switch, b, 25, 700)];
        var size = (1UL << log) * (ulong)(a * b * splits);
        var system = System(TraceMethod.Ring, splits, active, 1600, 10, byDimension, 2);
        var chunk = size / (ulong)splits;
        long D(int d, ulong m) => (long)((d == 0 ? 300 : 2 * 700) + m / ((d == 0 ? 100.0 : 25.0) * (1 << 30) / 1_000_000_000));
        long Add(ulong m) => 3 * (long)(m / (1600.0 * 1000000000) * 1e9);
        long Phase(int d, int n, TraceCollective what, ulong bytes)
        {
            var part = what == TraceCollective.AllGather ? bytes : bytes / (ulong)n;
            var steps = what == TraceCollective.AllReduce ? 2 * (n - 1) : n - 1;
            return 10 + steps * (D(d, part) + 10) + (what == TraceCollective.AllGather ? 0 : (n - 1) * Add(part));
        }
        (int Dimension, long Time)[] phases = byDimension
            ? [(0, Phase(0, a, TraceCollective.ReduceScatter, chunk)), (1, Phase(1, b, TraceCollective.AllReduce, chunk / (ulong)a)), (0, Phase(0, a, TraceCollective.AllGather, chunk / (ulong)a))]
            : [(0, Phase(0, a, TraceCollective.AllReduce, chunk)), (1, Phase(1, b, TraceCollective.AllReduce, chunk))];
        Assert.Equal(FlowShop(phases, splits, active), Cycles(Alike(a * b, Collective(TraceCollective.AllReduce, size)), system, TraceSharing.Unaware, network));
    }, iter: 100);

    static long FlowShop((int Dimension, long Time)[] phases, int chunks, int servers)
    {
        var free = new[] { new long[servers], new long[servers] };
        var arrivals = new PriorityQueue<(int Chunk, int Phase), (long, long)>();
        var order = 0L;
        for (var c = 0; c < chunks; c++) arrivals.Enqueue((c, 0), (0, order++));
        var end = 0L;
        while (arrivals.TryDequeue(out var at, out var when))
        {
            var stations = free[phases[at.Phase].Dimension];
            var server = Array.IndexOf(stations, stations.Min());
            stations[server] = Math.Max(stations[server], when.Item1) + phases[at.Phase].Time;
            end = Math.Max(end, stations[server]);
            if (at.Phase + 1 < phases.Length) arrivals.Enqueue((at.Chunk, at.Phase + 1), (stations[server], order++));
        }
        return end;
    }

    // Measured with ASTRA-sim's inputs for HGX-H100 and TPU v3: two chunks at once, shared links, two dimensions.
    [Theory]
    [InlineData(TraceSharing.Unaware, 1, 54952)]
    [InlineData(TraceSharing.Aware, 1, 57156)]
    [InlineData(TraceSharing.Unaware, 1024, 2660618)]
    [InlineData(TraceSharing.Aware, 1024, 4926243)]
    public void Two_chunks_at_once_on_a_switch_of_8(TraceSharing sharing, ulong mebibytes, long cycles) => Assert.Equal(cycles,
        Cycles(Alike(8, Collective(TraceCollective.AllReduce, mebibytes << 20)), System(TraceMethod.Ring, 4, 2, 3350, 1), sharing, new TraceDimension(TraceBlock.Switch, 8, 400, 936.25)));

    [Theory]
    [InlineData(1, 54954, 104596)]
    [InlineData(64, 215464, 5434390)]
    [InlineData(1024, 2742660, 86650002)]
    public void Two_dimensions(ulong mebibytes, long switchAndRing, long torus)
    {
        Assert.Equal(switchAndRing, Cycles(Alike(16, Collective(TraceCollective.AllReduce, mebibytes << 20)), System(TraceMethod.Ring, 4, 2, 3350, 1, dimensions: 2), TraceSharing.Unaware,
            new TraceDimension(TraceBlock.Switch, 8, 400, 936.25), new TraceDimension(TraceBlock.Ring, 2, 50, 1000)));
        Assert.Equal(torus, Cycles(Alike(32, Collective(TraceCollective.AllReduce, mebibytes << 20)), System(TraceMethod.Ring, 1, 1, 50, 1, dimensions: 2), TraceSharing.Unaware,
            new TraceDimension(TraceBlock.Ring, 4, 80, 1000), new TraceDimension(TraceBlock.Ring, 8, 80, 1000)));
    }

    // Measured for 64 MiB among 8 ranks at 50 GB/s and 500 ns: several chunks at once, on links that they share or not.
    [Theory]
    [InlineData(TraceBlock.Ring, TraceSharing.Unaware, 4, 1, 2326112)]
    [InlineData(TraceBlock.Ring, TraceSharing.Unaware, 4, 4, 581528)]
    [InlineData(TraceBlock.Ring, TraceSharing.Aware, 4, 4, 2187992)]
    [InlineData(TraceBlock.Switch, TraceSharing.Unaware, 4, 1, 2354112)]
    [InlineData(TraceBlock.Switch, TraceSharing.Aware, 4, 1, 4541584)]
    public void Several_chunks_at_once(TraceBlock block, TraceSharing sharing, int splits, int active, long cycles) =>
        Assert.Equal(cycles, Cycles(Alike(8, Collective(TraceCollective.AllReduce, 64 << 20)), System(TraceMethod.Ring, splits, active), sharing, Dimension with { Block = block }));

    // Measured: rings of 64 MiB in one chunk.
    [Theory]
    [InlineData(64, 2648971)]
    [InlineData(1024, 3662350)]
    [InlineData(4096, 6797710)]
    public void Large_rings(int ranks, long cycles) =>
        Assert.Equal(cycles, Cycles(Alike(ranks, Collective(TraceCollective.AllReduce, 64 << 20)), System(TraceMethod.Ring, 1), TraceSharing.Unaware, Dimension with { Ranks = ranks }));

    // 8.14 ms was measured for 64 MiB on a ring of 8 with one chunk.
    [Fact]
    public void A_double_binary_tree_sends_whole_chunks() =>
        Assert.InRange(Cycles(Alike(8, Collective(TraceCollective.AllReduce, 64 << 20)), System(TraceMethod.DoubleBinaryTree, 1), TraceSharing.Unaware, Dimension), 8_135_000, 8_145_000);

    // Measured: four stages of a pipeline, four microbatches of 1 ms and 8 MiB between neighbours.
    [Theory]
    [InlineData(TraceBlock.Ring, TraceSharing.Unaware, 7470250, 4156750)]
    [InlineData(TraceBlock.Ring, TraceSharing.Aware, 7470250, 4156750)]
    [InlineData(TraceBlock.Switch, TraceSharing.Unaware, 7471750, 4157250)]
    [InlineData(TraceBlock.Switch, TraceSharing.Aware, 7940500, 4313500)]
    public void A_pipeline_of_four_stages(TraceBlock block, TraceSharing sharing, long last, long first)
    {
        static IReadOnlyList<TraceNode> Stage(int stage)
        {
            var nodes = new List<TraceNode>();
            for (var m = 0u; m < 4; m++)
            {
                ulong received = 3 * m, computed = received + 1, sent = received + 2;
                if (stage > 0) nodes.Add(new() { Id = received, Kind = TraceNodeKind.Receive, Peer = stage - 1, Tag = m, Bytes = 8 << 20 });
                nodes.Add(new() { Id = computed, Kind = TraceNodeKind.Compute, Microseconds = 1000, After = stage > 0 ? [received] : [] });
                if (stage < 3) nodes.Add(new() { Id = sent, Kind = TraceNodeKind.Send, Peer = stage + 1, Tag = m, Bytes = 8 << 20, After = [computed] });
            }
            return nodes;
        }
        var run = Run(new TraceList([.. Enumerable.Range(0, 4).Select(Stage)]), System(TraceMethod.Ring), sharing, [Dimension with { Block = block, Ranks = 4 }]);
        Assert.Equal((last, first), (run.Ranks.Max(r => r.End!.Value.Picoseconds / 1000), run.Ranks.Min(r => r.End!.Value.Picoseconds / 1000)));
    }

    [Fact]
    public void A_pipeline_of_sends_and_receives_waits_for_its_data()
    {
        // Each of two ranks computes 10 us; the second when it has got 1 MiB: 500 + 19,531 ns.
        TraceNode[] first = [new() { Id = 0, Kind = TraceNodeKind.Compute, Microseconds = 10 }, new() { Id = 1, Kind = TraceNodeKind.Send, Peer = 1, Tag = 3, Bytes = 1 << 20, After = [0] }];
        TraceNode[] second = [new() { Id = 0, Kind = TraceNodeKind.Receive, Peer = 0, Tag = 3, Bytes = 1 << 20 }, new() { Id = 1, Kind = TraceNodeKind.Compute, Microseconds = 10, After = [0] }];
        var run = Run(new TraceList([first, second]), System(TraceMethod.Ring), TraceSharing.Aware, [Dimension with { Ranks = 2 }]);
        Assert.Equal([30_031L, 40_031L], run.Ranks.Select(r => r.End!.Value.Picoseconds / 1000));
        Assert.Equal([10_000L, 10_000L], run.Ranks.Select(r => r.Compute.Picoseconds / 1000));
        Assert.Equal(20_031, run.Ranks[0].Exposed!.Value.Picoseconds / 1000);
    }

    [Fact]
    public void A_group_is_a_ring_of_its_own_with_endpoints_of_10_ns()
    {
        var system = System(TraceMethod.Ring, 1, 1, 1600, 1000) with { Groups = [new(1, [0, 2]), new(2, [1, 3])] };
        var nodes = Enumerable.Range(0, 4).Select(r => (IReadOnlyList<TraceNode>)[Collective(TraceCollective.AllGather, 1 << 20, 1, 1 + r % 2)]).ToList();
        Assert.Equal(10 + (long)(2 * 500 + (1 << 20) / BytesPerNanosecond) + 10, Cycles(new TraceList(nodes), system, TraceSharing.Unaware, Dimension with { Ranks = 4 }));
    }

    [Fact]
    public void A_roofline_and_remote_memory_decide_how_long_nodes_take()
    {
        var system = System(TraceMethod.Ring) with { PeakRate = 1, MemoryBandwidth = 100, Memory = new(TraceMemoryKind.PerRank, 1000, 50) };
        // 1e6 operations at 1e12/s: 1,000 ns; on 1e6 B at 100 GB/s: 10,000 ns; 1e6 B of remote memory: 1,000 + 20,000 ns, beside.
        var nodes = new TraceNode[]
        {
            new() { Id = 0, Kind = TraceNodeKind.Compute, Operations = 1_000_000, TensorBytes = 1000 }, new() { Id = 1, Kind = TraceNodeKind.Compute, Operations = 1_000_000, TensorBytes = 1_000_000 },
            new() { Id = 2, Kind = TraceNodeKind.MemoryLoad, TensorBytes = 1_000_000 },
        };
        Assert.Equal(21_000, Cycles(Alike(2, nodes), system, TraceSharing.Unaware, Dimension with { Ranks = 2 }));
        Assert.Equal(11_000, Run(Alike(2, nodes), system, TraceSharing.Unaware, [Dimension with { Ranks = 2 }]).Ranks[0].Compute.Picoseconds / 1000);
        Assert.Equal(42_000, Cycles(Alike(2, nodes), system with { Memory = system.Memory with { Kind = TraceMemoryKind.Pool } }, TraceSharing.Unaware, Dimension with { Ranks = 2 }));
    }

    static void Fails(string message, ITraceSource trace, TraceSystem? system = null, TraceSharing sharing = TraceSharing.Unaware, int ranks = 2)
    {
        var wrong = Assert.Throws<InputException>(() => TraceSimulation.Run(trace, system ?? System(TraceMethod.Ring), new([Dimension with { Ranks = ranks }]), sharing));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_never_comes_is_named()
    {
        TraceNode[] receives = [new() { Id = 5, Name = "late", Kind = TraceNodeKind.Receive, Peer = 1, Tag = 9, Bytes = 8 }];
        Fails("1 nodes never end; 1 on 1 ranks wait for what never comes: rank 0: node 5 'late': receive 8 B from rank 1, tag 9", new TraceList([receives, []]));
        Fails("nodes 1, 2 wait for each other in a circle", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.Compute, After = [2] }, new() { Id = 2, Kind = TraceNodeKind.Compute, After = [1] }));
        Fails("node 1: Compute comes after node 7, which its file doesn't have", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.Compute, After = [7] }));
        Fails("node 1: Compute comes after itself", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.Compute, After = [1] }));
        Fails("node 1 stands in its file a second time", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.Compute }, new() { Id = 1, Kind = TraceNodeKind.Compute }));
        Fails("the trace has 3 ranks, and the network 2", Alike(3, Collective(TraceCollective.AllReduce, 8)));
        Fails("ranks are numbered 0 to 1", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.Send, Peer = 2, Bytes = 8 }));
        Fails("Barrier is not played", Alike(2, Collective(TraceCollective.Barrier, 8)));
        Fails("there is no group 3", Alike(2, Collective(TraceCollective.AllReduce, 8, 1, 3)));
        Fails("group 3 has rank 5, and ranks are numbered 0 to 1", Alike(2, Collective(TraceCollective.AllReduce, 8, 1, 3)), System(TraceMethod.Ring) with { Groups = [new(3, [0, 5])] }, ranks: 2);
        Fails("group 3 doesn't have rank 2", Alike(3, Collective(TraceCollective.AllReduce, 8, 1, 3)), System(TraceMethod.Ring) with { Groups = [new(3, [0, 1])] }, ranks: 3);
        Fails("it accesses remote memory", Alike(2, new TraceNode { Id = 1, Kind = TraceNodeKind.MemoryLoad, TensorBytes = 8 }));
        Fails("halvingDoubling needs a power of two of ranks along a dimension, found 6", Alike(6, Collective(TraceCollective.AllReduce, 1 << 20)), System(TraceMethod.HalvingDoubling), ranks: 6);
        Fails("no memory bandwidth", Alike(2, Collective(TraceCollective.AllReduce, 1 << 20)), System(TraceMethod.Ring) with { MemoryBandwidth = null });
    }

    // Ten nodes of each rank are in memory, and the run is the same.
    [Fact]
    public void A_window_of_a_long_trace_is_in_memory()
    {
        const int count = 20_000;
        static IEnumerable<TraceNode> Nodes()
        {
            for (var i = 0UL; i < count; i++)
                yield return i % 4 == 3 ? Collective(TraceCollective.AllReduce, 4096, i, 0, i - 1) : new() { Id = i, Kind = TraceNodeKind.Compute, Microseconds = 1, After = i == 0 ? [] : [i - 1] };
        }
        var trace = new Lazily(2, _ => Nodes());
        TraceDimension[] network = [Dimension with { Ranks = 2 }];
        var small = Run(trace, System(TraceMethod.Ring), TraceSharing.Unaware, network, new() { NodesInMemory = 512 });
        var large = Run(trace, System(TraceMethod.Ring), TraceSharing.Unaware, network);
        Assert.Equal(large.Time, small.Time);
        Assert.Equal((count, 256), ((int)small.Ranks[0].Nodes, small.MostNodesInMemory));
    }

    sealed class Lazily(int ranks, Func<int, IEnumerable<TraceNode>> nodes) : ITraceSource
    {
        public int Ranks => ranks;

        public bool AllAlike => false;

        public IEnumerable<TraceNode> NodesOf(int rank) => nodes(rank);

        public string PlaceOf(int rank, TraceNode node) => $"rank {rank}";
    }

    [Fact]
    public void Ends_are_told_and_a_run_can_be_stopped()
    {
        var told = new List<(int, ulong, SimTime)>();
        Run(Alike(2, Collective(TraceCollective.AllGather, 1 << 20)), System(TraceMethod.Ring), TraceSharing.Unaware, [Dimension with { Ranks = 2 }], new() { Ended = (rank, node, _, end) => told.Add((rank, node.Id, end)) });
        Assert.Equal(2, told.Count);
        Assert.All(told, t => Assert.Equal(told[0].Item3, t.Item3));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var nodes = Enumerable.Range(0, 10_000).Select(i => Collective(TraceCollective.AllReduce, 1 << 20, (ulong)i)).ToArray();
        var run = TraceSimulation.Run(Alike(4, nodes), System(TraceMethod.Ring), new([Dimension with { Ranks = 4 }]), TraceSharing.Unaware, new() { Stop = stop.Token });
        Assert.False(run.IsComplete);
        Assert.Null(run.Ranks[0].End);
    }

    /// <summary>
    /// System: rank 0 sends m bytes at once, rank 1 receives after R of work; D(m) is a message's time. Expectation: eagerly max(R, D(m)); with rendezvous
    /// the receive asks first, so R + D(8192) + D(m).
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_rendezvous_waits_for_its_receiver(ulong work)
    {
        const ulong bytes = 1 << 20;
        TraceList trace = new([
            [new() { Id = 1, Kind = TraceNodeKind.Send, Peer = 1, Bytes = bytes, Tag = 7 }],
            [new() { Id = 1, Kind = TraceNodeKind.Compute, Microseconds = work }, new() { Id = 2, Kind = TraceNodeKind.Receive, Peer = 0, Bytes = bytes, Tag = 7, After = [1] }],
        ]);
        long D(ulong m) => (long)(500 + m / BytesPerNanosecond);
        var start = work == 0 ? 1 : (long)work * 1000;
        TraceDimension[] two = [new(TraceBlock.FullyConnected, 2, 50, 500)];
        Assert.Equal(Math.Max(start, D(bytes)), Cycles(trace, System(TraceMethod.Ring), TraceSharing.Unaware, two));
        Assert.Equal(start + D(8192) + D(bytes), Cycles(trace, System(TraceMethod.Ring) with { Rendezvous = true }, TraceSharing.Unaware, two));
    }

    /// <summary>Asking costs every step of a collective something, and no more than a message of 8,192 B on a way of its own.</summary>
    [Theory]
    [InlineData(TraceMethod.Ring, TraceCollective.AllReduce, 14)]
    [InlineData(TraceMethod.Ring, TraceCollective.AllGather, 7)]
    [InlineData(TraceMethod.HalvingDoubling, TraceCollective.AllReduce, 6)]
    public void Rendezvous_costs_each_step_a_handshake_at_most(TraceMethod method, TraceCollective what, int steps)
    {
        var trace = Alike(8, Collective(what, 1 << 20));
        TraceDimension[] all = [new(TraceBlock.FullyConnected, 8, 50, 500)];
        var eager = Run(trace, System(method, splits: 1), TraceSharing.Unaware, all);
        var asked = Run(trace, System(method, splits: 1) with { Rendezvous = true }, TraceSharing.Unaware, all);
        var handshake = (long)(500 + 8192 / BytesPerNanosecond);
        Assert.InRange((asked.Time.Picoseconds - eager.Time.Picoseconds) / 1000, 1, steps * (handshake + 10));
        Assert.Equal(2 * eager.Messages, asked.Messages);
    }
}
