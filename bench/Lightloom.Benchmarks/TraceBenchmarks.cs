using BenchmarkDotNet.Attributes;
using Lightloom.Collectives.Traces;

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
