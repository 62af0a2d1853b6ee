using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>Choosing and engineering the medium of one link, with its parts already bound.</summary>
[MemoryDiagnoser]
public class LinkBenchmarks
{
    readonly LinkEngineer engineer = new(PartCatalog.Default);

    LinkRequest request = null!;

    [Params(1.5, 30, 500)]
    public double Meters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        request = new()
        {
            Rate = Bandwidth.FromGigabitsPerSecond(400),
            LaneRate = Bandwidth.FromGigabitsPerSecond(100),
            Run = Length.FromMeters(Meters),
            Connectors = 2,
        };
        engineer.Best(request);
    }

    [Benchmark]
    public EngineeredLink Best() => engineer.Best(request);
}
