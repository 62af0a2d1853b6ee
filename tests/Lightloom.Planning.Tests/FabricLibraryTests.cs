using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>Collectives of traces as libraries do them, beside the same collectives played by themselves.</summary>
public class FabricLibraryTests
{
    static FabricGraph Fabric(int systems, string topology) => FabricGraph.Of(Topologies.Find(topology).Plan(new()
    {
        Systems = systems,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
    }));

    static TraceRun Play(FabricGraph graph, CollectiveAlgorithm? forced, bool sustained, CollectiveModel? model, params IReadOnlyList<TraceNode>[] ranks) =>
        FabricTrace.Run(new TraceList(ranks), new(), new([new(TraceBlock.Switch, ranks.Length, 1, 0)]), graph, new EqualCost(), new(), TrafficSimulation.Latency(graph, null), null,
            new FabricLibrary(graph, CollectiveNetwork.Of(graph.Plan), ranks.Length, model, forced, sustained)).Run;

    static readonly Dictionary<CollectiveKind, TraceCollective> Kinds = new()
    {
        [CollectiveKind.AllReduce] = TraceCollective.AllReduce,
        [CollectiveKind.AllGather] = TraceCollective.AllGather,
        [CollectiveKind.ReduceScatter] = TraceCollective.ReduceScatter,
        [CollectiveKind.AllToAll] = TraceCollective.AllToAll,
        [CollectiveKind.Broadcast] = TraceCollective.Broadcast,
        [CollectiveKind.Reduce] = TraceCollective.Reduce,
        [CollectiveKind.Gather] = TraceCollective.Gather,
        [CollectiveKind.Scatter] = TraceCollective.Scatter,
    };

    static IReadOnlyList<TraceNode>[] One(int ranks, TraceCollective what, ulong bytes, int[][] groups)
    {
        var nodes = new IReadOnlyList<TraceNode>[ranks];
        for (var r = 0; r < ranks; r++)
        {
            var g = Array.FindIndex(groups, m => m.Contains(r));
            nodes[r] = g < 0 ? [] :
            [
                new() { Id = 0, Kind = TraceNodeKind.Metadata, Groups = [new(g + 1, groups[g])] },
                new() { Id = 1, Kind = TraceNodeKind.Collective, Collective = what, Bytes = bytes, Group = g + 1, After = [0] },
            ];
        }
        return nodes;
    }

    // All groups of so many ranks at a stride that fit: rank = block + place x stride + k.
    static int[][] Groups(FabricGraph graph, int ranks, int stride) =>
    [
        .. Enumerable.Range(0, (int)graph.Plan.AcceleratorCount / (ranks * stride))
            .SelectMany(b => Enumerable.Range(0, stride).Select(k => Enumerable.Range(0, ranks).Select(i => (b * ranks * stride) + (i * stride) + k).ToArray())),
    ];

    static EngineTask? Task(FabricGraph graph, CollectiveKind kind, CollectiveAlgorithm algorithm, double bytes, int[][] groups)
    {
        try
        {
            return EngineTask.Of(graph, kind, algorithm, DataSize.FromBytes(bytes), groups);
        }
        catch (InputException)
        {
            return null; // the algorithm can't
        }
    }

    /// <summary>
    /// System: one collective of a trace among the ranks of all groups of a kind at once, by each algorithm that can. Expectation: it takes what 'simulate COLLECTIVE:ALGORITHM' says of
    /// the same groups; it is so large that a picosecond, to which a trace's times are rounded, is nothing.
    /// </summary>
    [Theory]
    [InlineData("rail-optimized", 4)]
    [InlineData("fat-tree", 8)]
    public void A_collective_of_a_trace_takes_what_it_takes_by_itself(string topology, int systems)
    {
        var graph = Fabric(systems, topology);
        var played = new HashSet<(string, CollectiveKind)>();
        var bytes = 400_000_019UL;
        foreach (var (ranks, stride) in new[] { (2, 1), (8, 1), (16, 1), (4, 4), (8, 2), (2, 8) })
        {
            var groups = Groups(graph, ranks, stride);
            foreach (var (algorithm, kind) in CollectiveAlgorithm.All.SelectMany(a => Kinds.Keys.Select(k => (a, k))))
            {
                var shares = kind is CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.Scatter ? ranks : 1;
                if (Task(graph, kind, algorithm, (double)bytes * shares, groups) is not { } task) continue;
                var alone = CollectiveSimulation.Of(graph, null, task, new EqualCost(), new());
                var run = Play(graph, algorithm, false, CollectiveModel.Default, One((int)graph.Plan.AcceleratorCount, Kinds[kind], bytes, groups));
                var off = run.Time.ToDuration() / alone.Time - 1;
                Assert.True(Math.Abs(off) < 1e-9, $"{kind} by {algorithm.Name} of {ranks} ranks {stride} apart: {off:G3}");
                played.Add((algorithm.Name, kind));
            }
        }
        Assert.True(played.Count > 30, $"{played.Count} were played");
        Assert.Equal(CollectiveAlgorithm.All.Count, played.Select(p => p.Item1).Distinct().Count());
    }

    /// <summary>
    /// System: a ring of 128 and of 256 ranks, more sends than are played one by one. Expectation: what it carries between each two ranks, all at once, takes what its steps do, to 1 % where
    /// links decide, and to a fifth where a piece's way through all steps is as long.
    /// </summary>
    [Theory]
    [InlineData(CollectiveKind.AllReduce, 128, 1_000_000_000, 0.01)]
    [InlineData(CollectiveKind.AllReduce, 128, 40_000_000, 0.2)]
    [InlineData(CollectiveKind.AllGather, 256, 100_000_000, 0.01)]
    public void Very_many_sends_are_played_as_what_they_carry(CollectiveKind kind, int ranks, int size, double apart)
    {
        var graph = Fabric(ranks / 8, "rail-optimized");
        var groups = Groups(graph, ranks, 1);
        var bytes = (ulong)size;
        var task = Task(graph, kind, CollectiveAlgorithm.Ring, (double)bytes * (kind == CollectiveKind.AllGather ? ranks : 1), groups)!;
        Assert.True(task.SendCount > 200_000);
        var alone = CollectiveSimulation.Of(graph, null, task, new EqualCost(), new());
        var run = Play(graph, CollectiveAlgorithm.Ring, false, null, One(ranks, Kinds[kind], bytes, groups));
        Assert.InRange(run.Time.ToDuration() / alone.Time, 1 - apart, 1 + apart);
        Assert.True(run.Messages < 1000);
    }

    /// <summary>System: 128 ranks on two racks of 72. Expectation: 64 of each, as a job gets them; 144 fill both.</summary>
    [Fact]
    public void Ranks_are_placed_as_those_of_a_job()
    {
        var graph = FabricGraph.Of(Topologies.Find("fat-tree").Plan(new() { Systems = 2, System = PartCatalog.Default.Get<AcceleratorSystem>("gb200-nvl72-xdr"), Switch = PartCatalog.Default.Get<Switch>("q3400-ra") }));
        var network = CollectiveNetwork.Of(graph.Plan);
        int[] Second(int ranks) => [.. new FabricLibrary(graph, network, ranks).Places.Domain.Select((d, r) => (d, r)).Where(p => p.d == 1).Select(p => p.r)];
        Assert.Equal(Enumerable.Range(64, 64), Second(128));
        Assert.Equal(Enumerable.Range(72, 72), Second(144));
        Assert.Equal(graph.CardsPerSystem, new FabricLibrary(graph, network, 128).Places.Card[64]);
        Assert.Contains("the trace has 145 ranks, and the fabric 144 accelerators", Assert.Throws<InputException>(() => new FabricLibrary(graph, network, 145)).Message, StringComparison.Ordinal);
    }

    /// <summary>Expectation: the algorithm that the forecast of the collective chooses, and with what is sustained the time that its engine gives the forecast.</summary>
    [Theory]
    [InlineData(64 << 10)]
    [InlineData(16 << 20)]
    [InlineData(1 << 30)]
    public void What_is_sustained_takes_what_the_forecast_says(long bytes)
    {
        var graph = Fabric(4, "rail-optimized");
        var (network, size, groups) = (CollectiveNetwork.Of(graph.Plan), DataSize.FromBytes(bytes), Groups(graph, 32, 1));
        var forecast = new EngineCollectives(graph, network.Sustained, CollectiveModel.Default, network.Mechanism, new FlowNetworkEngine(graph, null, new EqualCost()))
            .Play(CollectiveKind.AllReduce, size, network.Group, groups, TestContext.Current.CancellationToken);
        var schedule = new FabricLibrary(graph, network, 32, sustained: true).Of(CollectiveKind.AllReduce, size, groups[0]);
        Assert.StartsWith(forecast.Closed.Algorithm!.Name, schedule.Schedule.Name, StringComparison.Ordinal);
        var run = Play(graph, null, true, null, One(32, TraceCollective.AllReduce, (ulong)bytes, groups));
        Assert.Equal(1, run.Time.ToDuration() / forecast.Total, 1e-6);
    }
}
