using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Fabric;

namespace Lightloom.Benchmarks;

/// <summary>Counting a fabric and laying it out: 24,576 and 1,048,576 accelerators should cost about the same.</summary>
[MemoryDiagnoser]
public class FabricBenchmarks
{
    FabricRequest request = null!;
    FabricPlan plan = null!;
    FloorSpec floor = null!;

    [Params(3_072, 131_072)]
    public int Systems { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var catalog = PartCatalog.Default;
        request = new()
        {
            Systems = Systems,
            System = catalog.Get<AcceleratorSystem>("hgx-h100"),
            Switch = catalog.Get<Switch>("tomahawk-6"),
            Tiers = 3,
        };
        plan = Plan();
        floor = FloorSpec.Of(catalog.Get<SiteDefaults>("default"));
    }

    [Benchmark]
    public FabricPlan Plan() => Topologies.Find("rail-optimized").Plan(request);

    [Benchmark]
    public FloorPlan Floor() => FloorPlan.Of(plan, floor);
}
