using BenchmarkDotNet.Attributes;
using Lightloom.Collectives;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Benchmarks;

/// <summary>Schedules of a million ranks written and counted, and one of five million sends expanded.</summary>
[MemoryDiagnoser]
public class ScheduleBenchmarks
{
    readonly GroupPlacement million = GroupPlacement.Of(8, 512, 1 << 20);
    NetworkLevels levels = null!;
    Schedule ring = null!;
    TrafficMatrix traffic = null!;

    [GlobalSetup]
    public void Setup()
    {
        static NetworkLevel Level(string name, double gigabytesPerSecond) => new(name, Bandwidth.FromGigabytesPerSecond(gigabytesPerSecond), Duration.FromMicroseconds(3));
        levels = new(Level("scale-up", 360), Level("rail", 48), Level("spine", 48));
        ring = CollectiveAlgorithm.Ring.Schedule(CollectiveKind.AllReduce, DataSize.FromGigabytes(1), GroupPlacement.Of(8, 64, 576), levels);
        var random = new Random(1);
        var bytes = new long[64, 64];
        for (var i = 0; i < 64; i++)
            for (var j = 0; j < 64; j++) bytes[i, j] = random.NextInt64(1L << 30);
        traffic = TrafficMatrix.FromBytes(bytes);
    }

    [Benchmark]
    public long WriteTreeOfMillionRanks() => CollectiveAlgorithm.Tree.Schedule(CollectiveKind.AllReduce, DataSize.FromGigabytes(1), million, levels).SendCount;

    [Benchmark]
    public double CountTreeOfMillionRanksOverDomains() =>
        CollectiveAlgorithm.Tree.Schedule(CollectiveKind.AllReduce, DataSize.FromGigabytes(1), million, levels).BytesOver(1).Bytes;

    [Benchmark]
    public double CountHalvingOfMillionRanksOverLeaves() =>
        CollectiveAlgorithm.RecursiveHalving.Schedule(CollectiveKind.AllReduce, DataSize.FromGigabytes(1), million, levels).BytesOver(2).Bytes;

    [Benchmark]
    public int ExpandRingOf576Ranks() => ring.Expand().Count;

    [Benchmark]
    public long MatchExchangeOf64Ranks() => AllToAllV.Matched(traffic, RankLayout.Of(8, 64)).Schedule.StepCount;
}
