using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Fabric;

namespace Lightloom.Benchmarks;

/// <summary>A fabric link by link at full size: distances of 10,000 routers, loads of 32,768 cards, tables of 131,072.</summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    FabricPlane slimFly = null!, large = null!;
    FabricGraph medium = null!;

    [GlobalSetup]
    public void Setup()
    {
        var catalog = PartCatalog.Default;
        var system = catalog.Get<AcceleratorSystem>("hgx-h100");
        var part = catalog.Get<Switch>("tomahawk-6");
        // q = 71: 10,082 routers of 106 links to others.
        var fly = Topologies.Find("slim-fly").Plan(new()
        {
            Systems = 10_082 / system.Nics.Value,
            System = system,
            Switch = part with { Ports = Sourced<int>.Of(128, "benchmark", Grade.Assumption) },
            Parameters = new() { Order = 71, HostsPerSwitch = 1 },
        });
        slimFly = FabricPlane.AllOf(FabricGraph.Of(fly))[0];
        medium = FabricGraph.Of(Tree(catalog, 4_096, 64));
        large = FabricPlane.AllOf(FabricGraph.Of(Tree(catalog, 16_384, 128)))[0];

        FabricPlan Tree(PartCatalog parts, int systems, int radix) => Topologies.Find("fat-tree").Plan(new()
        {
            Systems = systems,
            System = system,
            Tiers = 3,
            Switch = part with { Ports = Sourced<int>.Of(radix, "benchmark", Grade.Assumption), PortRate = system.Nic.Rate },
        });
    }

    /// <summary>All pairs of 10,082 routers of a Slim Fly.</summary>
    [Benchmark]
    public int Diameter() => HopCounts.Of(slimFly).Diameter;

    /// <summary>All-to-all of 32,768 cards on three tiers.</summary>
    [Benchmark]
    public double AllToAll() => LinkLoads.Of(medium, new EqualCost(), Traffic.AllToAll()).Max;

    /// <summary>A shift of 32,768 cards by d-mod-k.</summary>
    [Benchmark]
    public double Shift() => LinkLoads.Of(medium, new DModK(), Traffic.Shift(medium, 1)).Max;

    /// <summary>Next hops of 5,120 switches towards 2,048 leaves: 131,072 cards.</summary>
    [Benchmark]
    public long Tables() => NextHopTables.Of((TableRouter)new EqualCost().Bind(large), onlyCards: true).Entries;
}
