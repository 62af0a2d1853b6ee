using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Interop.Tests;

/// <summary>Small fabrics, and what is written of them.</summary>
static class FabricSamples
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    /// <summary>Two units of four systems with eight rails, and two fabric managers.</summary>
    public static FabricGraph Rails { get; } = Of(new RailOptimized(), Request("dgx-h100", 7) with { SystemsPerUnit = 4, ManagementLinks = 2, Tiers = 2 });

    /// <summary>Cards of two ports, one in each of two planes.</summary>
    public static FabricGraph Planes { get; } = Of(new FatTree(), Request("dgx-h100", 6) with
    {
        System = Twin(Catalog.Get<AcceleratorSystem>("dgx-h100")),
        Planes = 2,
        SystemsPerUnit = 3,
        Tiers = 2,
        Switch = Catalog.Get<Switch>("qm9700") with { SmallestSplit = null },
    });

    /// <summary>Ports of 800 Gb/s on the leaves, split in two for cards of 400 Gb/s and whole towards the spines.</summary>
    public static FabricGraph Split { get; } = Of(new FatTree(), Request("hgx-h100", 40) with
    {
        Switch = Catalog.Get<Switch>("sn5600"),
        FabricRate = Bandwidth.FromGigabitsPerSecond(800),
        SystemsPerUnit = 8,
        Tiers = 2,
    });

    /// <summary>Three tiers of small switches.</summary>
    public static FabricGraph ThreeTiers { get; } = Of(new FatTree(), Request("dgx-h100", 6) with { Tiers = 3, Switch = Small(8) });

    public static TheoryData<string> Names => ["rails", "planes", "split", "three tiers"];

    public static FabricGraph Named(string name) => name switch { "rails" => Rails, "planes" => Planes, "split" => Split, _ => ThreeTiers };

    public static LinkProtocol ProtocolOf(FabricGraph graph) => graph == Split ? LinkProtocol.Ethernet : LinkProtocol.Infiniband;

    public static FabricGraph Of(ITopology topology, FabricRequest request) => FabricGraph.Of(topology.Plan(request));

    public static FabricRequest Request(string system, int systems) => new()
    {
        Systems = systems,
        System = Catalog.Get<AcceleratorSystem>(system),
        Switch = Catalog.Get<Switch>("qm9700"),
    };

    public static string Export(string format, FabricGraph graph, int hostsPerSystem = 1, IDeviceLocations? locations = null, string name = "a test")
    {
        using var writer = new StringWriter();
        FabricExports.Find(format).Write(new(graph, name)
        {
            HostsPerSystem = hostsPerSystem,
            Locations = locations,
            Protocol = format switch
            {
                "topo" => LinkProtocol.Infiniband,
                "cvt-dot" => LinkProtocol.Ethernet,
                _ => ProtocolOf(graph),
            }
        }, writer);
        return writer.ToString();
    }

    public static Switch Small(int ports) => Catalog.Get<Switch>("qm9700") is var part
        ? part with { Ports = part.Ports with { Value = ports }, SmallestSplit = null, PortsPerCage = null }
        : part;

    static AcceleratorSystem Twin(AcceleratorSystem system) => system with
    {
        Nics = system.Nics with { Value = 4 },
        Nic = system.Nic with { Ports = system.Nic.Ports with { Value = 2 }, Rate = system.Nic.Rate with { Value = Bandwidth.FromGigabitsPerSecond(800) } },
    };
}
