using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>Counting 1,048,576 cards by each topology: symbolic, so that it takes less than 10 ms.</summary>
[MemoryDiagnoser]
public class TopologyBenchmarks
{
    FabricRequest request = null!;

    [ParamsSource(nameof(Names))]
    public string Topology { get; set; } = "";

    public static IEnumerable<string> Names => Topologies.All.Select(t => t.Name).Where(n => n != "single-switch");

    [GlobalSetup]
    public void Setup()
    {
        var (ports, switchPorts) = Topology switch
        {
            "torus" => (6, 512),
            "hammingmesh" => (4, 512),
            "multi-plane" or "dual-tor" => (2, 512),
            _ => (1, 512),
        };
        request = Request(131_072, switchPorts, ports);
    }

    [Benchmark]
    public FabricPlan Plan() => Topologies.Find(Topology).Plan(request);

    internal static FabricRequest Request(int systems, int switchPorts, int portsPerCard)
    {
        var catalog = PartCatalog.Default;
        var system = catalog.Get<AcceleratorSystem>("hgx-h100");
        var rate = system.Nic.Rate.Value;
        return new()
        {
            Systems = systems,
            System = system with { Nic = system.Nic with { Rate = Sourced<Bandwidth>.Of(rate * portsPerCard, "benchmark", Grade.Assumption), Ports = Sourced<int>.Of(portsPerCard, "benchmark", Grade.Assumption) } },
            Switch = catalog.Get<Switch>("generic-64x400g") with { Ports = Sourced<int>.Of(switchPorts, "benchmark", Grade.Assumption), SmallestSplit = null },
        };
    }
}

/// <summary>Writing a three-tier fat-tree of 131,072 cards down, link by link: less than 2 s and 1 GB.</summary>
[MemoryDiagnoser]
public class ExpansionBenchmarks
{
    FabricPlan plan = null!;

    [GlobalSetup]
    public void Setup() => plan = Topologies.Find("fat-tree").Plan(TopologyBenchmarks.Request(16_384, 128, 1) with { Tiers = 3 });

    [Benchmark]
    public FabricGraph Expand() => FabricGraph.Of(plan);
}
