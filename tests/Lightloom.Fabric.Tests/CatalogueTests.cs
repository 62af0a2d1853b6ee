using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

/// <summary>The published counts again, from the parts that ship.</summary>
public class CatalogueTests
{
    static AcceleratorSystem System(string key) => PartCatalog.Default.Get<AcceleratorSystem>(key);

    static Switch Switch(string key) => PartCatalog.Default.Get<Switch>(key);

    [Fact]
    public void A_superpod_of_127_systems()
    {
        var plan = new RailOptimized().Plan(new() { Systems = 127, System = System("dgx-h100"), Switch = Switch("qm9700"), ManagementLinks = 4 });
        Assert.Equal([32L, 16L], plan.Tiers.Select(t => t.Count));
        var site = PartCatalog.Default.Get<SiteDefaults>(Assert.Single(PartCatalog.Default.Keys<SiteDefaults>()));
        var floor = FloorPlan.Of(plan, FloorSpec.Of(site) with { Rows = 8, RacksPerRow = 8, SystemsPerRack = 4 });
        Assert.DoesNotContain(floor.Findings, f => f.Problem == FloorProblem.FloorTooSmall);
        Assert.Equal(2044, floor.Cables.Sum(c => c.Buckets.Sum(b => b.Count)));
    }

    [Fact]
    public void Lambda_on_photonic_switches()
    {
        var plan = new RailOptimized().Plan(new() { Systems = 576, System = System("dgx-b300"), Switch = Switch("q3450-ld") });
        Assert.Equal([64L, 36L], plan.Tiers.Select(t => t.Count));
        Assert.Equal(0, plan.Links[1].Lower.Modules + plan.Links[1].Upper.Modules);
    }

    [Fact]
    public void Metas_24k()
    {
        var plan = new FatTree().Plan(new()
        {
            Systems = 3072,
            System = System("hgx-h100"),
            Switch = Switch("arista-7800r3-class"),
            Leaf = new() { Switch = Switch("minipack2-class") },
            Spine = new() { Oversubscription = Ratio.From(7) },
            SystemsPerUnit = 2,
            SystemsPerPod = 384,
        });
        Assert.Equal((1536L, 8), (plan.Tiers[0].Count, plan.Clos!.Pods));
    }

    [Fact]
    public void Every_system_meets_every_fast_enough_switch()
    {
        foreach (var key in PartCatalog.Default.Keys<AcceleratorSystem>())
        {
            foreach (var part in PartCatalog.Default.All<Switch>())
            {
                var request = new FabricRequest { Systems = 40, System = System(key), Switch = part };
                var port = request.System.Nic.Rate.Value / request.System.Nic.Ports.Value;
                if (port > part.PortRate.Value) continue;
                foreach (var name in (string[])["fat-tree", "rail-optimized"])
                {
                    var plan = Topologies.Find(name).Plan(request);
                    Assert.Equal(1.0, plan.BisectionShare.Si, 12);
                    Assert.All(plan.Tiers, t => Assert.True(t.UnusedPorts >= 0 && t.PortsDown + t.PortsUp <= t.Radix));
                    Assert.True(FloorPlan.Of(plan, new()).Rows > 0);
                }
            }
        }
    }
}
