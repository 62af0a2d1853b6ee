using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Peers;

/// <summary>Fabrics that the programs are given.</summary>
static class Fabrics
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    /// <summary>512 hosts with one card each on two tiers of 64-port switches at full bisection.</summary>
    public static FabricGraph TwoTiers(double gigabits = 400) => FabricGraph.Of(new FatTree().Plan(new()
    {
        Systems = 512,
        System = System(1, gigabits),
        Switch = Switch(64, gigabits),
        Tiers = 2,
    }));

    /// <summary>432 hosts on three tiers of 12-port switches: 12 pods.</summary>
    public static FabricGraph ThreeTiers() => FabricGraph.Of(new FatTree().Plan(new() { Systems = 432, System = System(1, 400), Switch = Switch(12, 400), Tiers = 3 }));

    /// <summary>A dragonfly: 9 groups of 4 routers with 2 cards and 2 global links each, every pair of groups joined.</summary>
    public static FabricGraph Dragonfly() => FabricGraph.Of(Topologies.Find("dragonfly").Plan(new()
    {
        Systems = 72,
        System = System(1, 400),
        Switch = Switch(8, 400),
    }));

    /// <summary>A SuperPOD of 127 systems of 8 rails with its fabric managers, as in examples/superpod-h100-ndr.yaml.</summary>
    public static FabricGraph SuperPod() => FabricGraph.Of(new RailOptimized().Plan(new()
    {
        Systems = 127,
        System = Catalog.Get<AcceleratorSystem>("dgx-h100"),
        Switch = Catalog.Get<Switch>("qm9700"),
        SystemsPerUnit = 32,
        ManagementLinks = 4,
    }));

    public static void Export(string format, FabricGraph graph, string file, int hostsPerSystem = 1)
    {
        using var writer = new StreamWriter(file);
        FabricExports.Find(format).Write(new(graph, "a fabric of the tests") { HostsPerSystem = hostsPerSystem }, writer);
    }

    static AcceleratorSystem System(int cards, double gigabits)
    {
        var dgx = Catalog.Get<AcceleratorSystem>("dgx-h100");
        return dgx with
        {
            Accelerators = dgx.Accelerators with { Value = cards },
            Nics = dgx.Nics with { Value = cards },
            Nic = dgx.Nic with { Rate = dgx.Nic.Rate with { Value = Bandwidth.FromGigabitsPerSecond(gigabits) }, Ports = dgx.Nic.Ports with { Value = 1 } },
        };
    }

    static Switch Switch(int ports, double gigabits)
    {
        var qm9700 = Catalog.Get<Switch>("qm9700");
        return qm9700 with
        {
            Ports = qm9700.Ports with { Value = ports },
            PortRate = qm9700.PortRate with { Value = Bandwidth.FromGigabitsPerSecond(gigabits) },
            SmallestSplit = null,
            PortsPerCage = null,
        };
    }
}
