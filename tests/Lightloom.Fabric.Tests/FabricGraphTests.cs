using CsCheck;
using static Lightloom.Fabric.Tests.EnumeratedFabric;

namespace Lightloom.Fabric.Tests;

public class FabricGraphTests
{
    static FabricRequest Small(int systems) => new()
    {
        Systems = systems,
        System = Parts.System(2, 2, 400, 1),
        Switch = Parts.Switch(4, 400, 400),
    };

    [Fact]
    public void Two_systems_on_two_rails_are_the_worked_example()
    {
        var graph = FabricGraph.Of(new RailOptimized().Plan(Small(2) with { Rails = 2, Tiers = 2 }));
        Assert.Equal((4, 2, 7), (graph.Cards, graph.Systems, graph.Devices));
        Assert.Equal(5, graph.Across(graph.LinksOf(3)[0], 3));
        Assert.Equal("node-1-nic-1", graph.NameOf(3));
        Assert.Equal(["leaf-0", "leaf-1", "spine-0"], Enumerable.Range(4, 3).Select(graph.NameOf));
        Assert.Equal(0, graph.GroupOf(5));
    }

    [Fact]
    public void Expanded_fabrics_equal_enumerated_ones()
    {
        var expanded = 0;
        Gen.Select(EnumerationTests.Requests, EnumerationTests.ClosNames).Sample((request, topology) =>
        {
            if (EnumerationTests.TryPlan(topology, request) is not { } plan) return;
            Interlocked.Increment(ref expanded);
            var slow = new EnumeratedFabric(plan, (int)(plan.NicPorts / request.Systems), request.ManagementLinks);
            var graph = FabricGraph.Of(plan);
            var cables = new List<(string, Device, Device)>();
            for (var l = 0; l < graph.Links; l++)
                cables.Add((plan.Links[graph.ClassOf[l]].Name, DeviceOf(graph, graph.Lower[l]), DeviceOf(graph, graph.Upper[l])));
            Assert.Equal(Counted(slow.Cables), Counted(cables));
            for (var d = 0; d < graph.Devices; d++)
            {
                var tier = graph.TierOf(d);
                var before = -1;
                foreach (var link in graph.LinksOf(d))
                {
                    Assert.InRange(graph.PortOf(link, d), before + 1, tier.Ports - 1);
                    before = graph.PortOf(link, d);
                }
                if (d < graph.Cards) Assert.Equal(plan.NicPorts / graph.Cards, graph.DegreeOf(d));
            }
        }, iter: 800);
        Assert.True(expanded > 150, $"only {expanded} of the random requests could be planned");

        static SortedDictionary<string, int> Counted(List<(string, Device, Device)> cables) =>
            new(cables.CountBy(c => c.ToString()).ToDictionary(), StringComparer.Ordinal);
    }

    [Fact]
    public void A_port_that_is_not_split_leaves_its_other_half_free()
    {
        // 800G ports: two systems' ports of 400G share one, uplinks take one each.
        var plan = new FatTree().Plan(new()
        {
            Systems = 8,
            System = Parts.System(4, 4, 400, 1),
            Switch = Parts.Switch(8, 800, 400),
            FabricRate = Parts.Gb(800),
            Tiers = 2,
        });
        var graph = FabricGraph.Of(plan);
        var leaf = graph.Tier("leaf")!;
        Assert.Equal((16, 2), (leaf.Ports, leaf.Split));
        foreach (var link in graph.LinksOf(leaf.First))
        {
            var port = graph.PortOf(link, leaf.First);
            if (graph.ClassOf[link] == 1) Assert.Equal(0, port % 2);
        }
    }

    [Fact]
    public void Names_sort_and_tell_planes_apart()
    {
        var plan = new FatTree().Plan(Small(12) with { Planes = 2 });
        var graph = FabricGraph.Of(plan);
        var names = Enumerable.Range(0, graph.Devices).Select(graph.NameOf).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal("node-11-nic-1", graph.NameOf(23));
        Assert.StartsWith("p1-", names[^1]);
        Assert.Equal(names.Take(24).Order(StringComparer.Ordinal), names.Take(24));
    }

    [Fact]
    public void A_graph_of_131072_endpoints_holds_every_link_once()
    {
        var plan = new FatTree().Plan(new()
        {
            Systems = 16384,
            System = Parts.System(8, 8, 400, 1),
            Switch = Parts.Switch(128, 400, 400),
            Tiers = 3,
        });
        var graph = FabricGraph.Of(plan);
        Assert.Equal((131072, 3 * 131072), (graph.Cards, graph.Links));
        Assert.Equal(2 * graph.Links, graph.Offsets[^1]);
    }

    static Device DeviceOf(FabricGraph graph, int device)
    {
        if (device < graph.Cards) return new(Kind.System, 0, device / graph.CardsPerSystem);
        var tier = graph.TierOf(device);
        var kind = tier.Name switch { "management" => Kind.Manager, "leaf" => Kind.Leaf, "spine" => Kind.Spine, _ => Kind.Core };
        return new(kind, tier.PlaneOf(device), tier.IndexOf(device));
    }
}
