using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>A prediction of one collective by one size, with and without its bound; and the preparation of a system.</summary>
[MemoryDiagnoser]
public class CollectiveBenchmarks
{
    static readonly DataSize Size = DataSize.FromBytes(1 << 24);
    readonly AcceleratorSystem system = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100");
    CollectiveNetwork network = null!;

    [GlobalSetup]
    public void Setup() => network = CollectiveNetwork.Of(system, 64);

    [Params(CollectiveKind.AllReduce, CollectiveKind.AllGather, CollectiveKind.AllToAll)]
    public CollectiveKind Kind { get; set; }

    [Benchmark]
    public Duration Predict() => CollectiveModel.Default.Time(Kind, Size, network.Group, network.Sustained).Total;

    [Benchmark]
    public double PredictBesideItsBound()
    {
        var time = CollectiveModel.Default.Time(Kind, Size, network.Group, network.Sustained);
        return BoundedTime.Of(time, Kind, Size, network.Group, network.Sustained).TimesLimit;
    }

    [Benchmark]
    public int PrepareSystem() => CollectiveNetwork.Of(system, 64).Group.Ranks;
}
