using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Planning.Engines;

namespace Lightloom.Benchmarks;

/// <summary>An all-reduce of 64 MiB round a ring on ASTRA-sim's network: one rank for all, and all of them (2 N (N - 1) messages).</summary>
[MemoryDiagnoser]
public class TraceBenchmarks
{
    TraceList trace = null!;
    TraceNetwork network = null!;

    static readonly TraceSystem Rings = new()
    {
        MemoryBandwidth = 1600,
        Algorithms = new Dictionary<TraceCollective, IReadOnlyList<TraceAlgorithm>> { [TraceCollective.AllReduce] = [new(TraceMethod.Ring)] },
    };

    [Params(256, 1024)]
    public int Ranks { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TraceNode[] nodes = [new() { Id = 1, Kind = TraceNodeKind.Collective, Collective = TraceCollective.AllReduce, Bytes = 64 << 20 }];
        trace = new([.. Enumerable.Repeat(nodes, Ranks)]);
        network = new([new(TraceBlock.Ring, Ranks, 50, 500)]);
    }

    [Benchmark]
    public TraceRun OneForAll() => TraceSimulation.Run(trace, Rings, network, TraceSharing.Aware);

    [Benchmark]
    public TraceRun AllRanks() => TraceSimulation.Run(trace, Rings, network, TraceSharing.Aware, new() { OneForAll = false });
}

/// <summary>
/// A trace on a fabric as a library does its collectives: 20 all-reduces of 64 MiB of 64 ranks in eight channels (1.3 million sends one by one), and one of 1,024 ranks, which is streamed.
/// </summary>
[MemoryDiagnoser]
public class LibraryTraceBenchmarks
{
    TraceList trace = null!;
    FabricGraph graph = null!;
    CollectiveNetwork network = null!;

    [Params(64, 1024)]
    public int Ranks { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var parts = PartCatalog.Default;
        graph = FabricGraph.Of(Topologies.Find("rail-optimized").Plan(new() { Systems = Ranks / 8, System = parts.Get<AcceleratorSystem>("dgx-h100"), Switch = parts.Get<Switch>("qm9700") }));
        network = CollectiveNetwork.Of(graph.Plan);
        TraceNode[] nodes = [.. Enumerable.Range(0, Ranks == 64 ? 20 : 1).Select(n => new TraceNode { Id = (ulong)n, Kind = TraceNodeKind.Collective, Collective = TraceCollective.AllReduce, Bytes = 64 << 20 })];
        trace = new([.. Enumerable.Repeat(nodes, Ranks)]);
    }

    [Benchmark]
    public TraceRun AsALibrary() => FabricTrace.Run(trace, new(), new([new(TraceBlock.Switch, Ranks, 1, 0)]), graph, new EqualCost(), new(), TrafficSimulation.Latency(graph, null), null,
        new FabricLibrary(graph, network, Ranks, forced: CollectiveAlgorithm.Ring)).Run;
}
