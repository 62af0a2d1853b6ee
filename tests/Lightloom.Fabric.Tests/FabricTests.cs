using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

public class FabricTests
{
    static FabricRequest Dgx(int systems) => new() { Systems = systems, System = Parts.Dgx, Switch = Parts.Qm9700 };

    [Fact]
    public void Topologies_are_found_by_name() =>
        Assert.Equal([
        "dragonfly", "dragonfly+", "dual-tor", "fat-tree", "hammingmesh", "hyperx", "jellyfish", "multi-plane", "polarfly", "rail-only",
        "rail-optimized", "single-switch", "slim-fly", "torus",
    ], Topologies.All.Select(t => t.Name));

    // The worked example of Clos.cs: 95 systems, 4 UFM links, k = 64.
    [Fact]
    public void Spines_are_the_smallest_divisor_that_holds_the_uplinks()
    {
        var shape = new RailOptimized().Plan(Dgx(95) with { ManagementLinks = 4 }).Clos!;
        Assert.Equal((32, 8, 24L), (shape.SystemsPerUnit, shape.LeavesPerUnit, shape.Leaves));
        Assert.Equal((32, 16), (shape.UplinksPerLeaf, shape.SpinesPerPod));
    }

    [Fact]
    public void The_fewest_tiers_that_fit_are_taken()
    {
        Assert.Equal([1, 2, 2, 3], new[] { 8, 9, 256, 257 }.Select(n => new RailOptimized().Plan(Dgx(n)).Tiers.Count));
        Assert.Equal([1, 3, 5], new[] { 8, 256, 257 }.Select(n => new FatTree().Plan(Dgx(n)).Diameter));
    }

    [Fact]
    public void A_fabric_smaller_than_a_unit_shares_leaves_among_rails()
    {
        // 12 systems have 96 ports: 4 leaves of 24 each, where 8 rails would leave most of 8 leaves empty.
        var plan = new RailOptimized().Plan(Dgx(12));
        Assert.Equal((4, 2), (plan.Clos!.LeavesPerUnit, plan.Clos!.PortsPerSystemAndLeaf));
        Assert.Equal(8, new RailOptimized().Plan(Dgx(12) with { Rails = 8 }).Clos!.LeavesPerUnit);
    }

    [Fact]
    public void Locality_knows_rails_and_oversubscription()
    {
        var plan = new RailOptimized().Plan(Dgx(1024) with
        {
            Leaf = new() { Oversubscription = Ratio.From(1) },
            Spine = new() { Oversubscription = Ratio.From(3) },
        });
        Assert.Equal(["scale-up", "leaf", "pod", "core"], plan.Locality.Select(l => l.Name));
        Assert.Equal([0, 1, 3, 5], plan.Locality.Select(l => l.SwitchHops));
        Assert.Equal([1, 8, 1, 1], plan.Locality.Select(l => l.Rails));
        // 48 ports down and 16 up at a spine: 6 units of 256 accelerators would fit; 32 units make 6 pods of at most 6.
        Assert.Equal([8, 256, 1536, 8192], plan.Locality.Select(l => l.Accelerators));
        Assert.Equal([3600, 400, 400], plan.Locality.Take(3).Select(l => l.Bandwidth.GigabitsPerSecond));
        Assert.Equal(400 / 3.0, plan.Locality[3].Bandwidth.GigabitsPerSecond, 9);
        Assert.Equal(1 / 3.0, plan.BisectionShare.Si, 12);
        Assert.Equal(400, plan.InjectionPerAccelerator.GigabitsPerSecond);
    }

    [Fact]
    public void Switch_ports_are_split_to_the_rate_of_the_cards()
    {
        // 128 ports of 800G carry 256 of 400G: 128 down, 128 up.
        var request = Dgx(4096) with { Switch = Parts.Switch(128, 800, 400, 1) };
        var split = new RailOptimized().Plan(request);
        Assert.Equal((256, 128, 128), (split.Tiers[0].Radix, split.Tiers[0].PortsDown, split.Tiers[0].PortsUp));
        Assert.Equal((256L, 128L), (split.Tiers[0].Count, split.Tiers[1].Count));
        // With uplinks at 800G a leaf has 64 of them, and a spine reaches 128 leaves.
        var fast = new RailOptimized().Plan(request with { Systems = 2048, FabricRate = Parts.Gb(800) });
        Assert.Equal((128, 64), (fast.Tiers[0].PortsDown, fast.Tiers[0].PortsUp));
        Assert.Equal((128L, 64L), (fast.Tiers[0].Count, fast.Tiers[1].Count));
        Assert.Equal(1.0, fast.BisectionShare.Si);
        Assert.Equal(8192, fast.Link("leaf-spine")!.Count);
        // A switch that can't be split runs its ports slower, and its uplinks at full rate.
        var whole = new FatTree().Plan(Dgx(16) with { System = Parts.System(8, 8, 200), Switch = Parts.Switch(64) });
        Assert.Equal((40, 20), (whole.Tiers[0].PortsDown, whole.Tiers[0].PortsUp));
        Assert.Equal(400, whole.Link("leaf-spine")!.Rate.GigabitsPerSecond);
    }

    [Fact]
    public void Cards_split_into_ports_serve_planes()
    {
        // One 800G card as two ports of 400G, one in each plane.
        var plan = new FatTree().Plan(new()
        {
            Systems = 128,
            System = Parts.System(8, 8, 800),
            Switch = Parts.Qm9700,
            PortRate = Parts.Gb(400),
            Planes = 2,
        });
        Assert.Equal((2048L, 64L, 32L), (plan.NicPorts, plan.Tiers[0].Count, plan.Tiers[1].Count));
        Assert.Equal(800, plan.InjectionPerAccelerator.GigabitsPerSecond);
        Assert.Equal((2, 1024L), (plan.Links[0].Lower.LinksPerModule, plan.Links[0].Lower.Modules));
    }

    [Fact]
    public void Modules_follow_cages()
    {
        // 31 nodes: 31 of 32 ports down in 16 cages of two, 32 up in 16; 4 spines with 64 ports in 32 cages.
        var plan = new RailOptimized().Plan(Dgx(31) with { ManagementLinks = 4 });
        var (nodes, spines) = (plan.Link("node-leaf")!, plan.Link("leaf-spine")!);
        Assert.Equal((248L, 128L), (nodes.Lower.Modules, nodes.Upper.Modules));
        Assert.Equal((128L, 128L), (spines.Lower.Modules, spines.Upper.Modules));
    }

    [Fact]
    public void Ports_kept_free_are_not_used()
    {
        var plan = new FatTree().Plan(Dgx(24) with { System = Parts.System(1, 1), Tiers = 2, Leaf = new() { ReservedPorts = 4 } });
        Assert.Equal((30, 30), (plan.Tiers[0].PortsDown, plan.Tiers[0].PortsUp));
        Assert.Equal(64, plan.Tiers[0].Radix);
    }

    [Fact]
    public void A_million_accelerators_take_as_much_memory_as_thousands()
    {
        long Bytes(int systems)
        {
            var request = Dgx(systems) with { Switch = Parts.Switch(128, 800, 400, 2), Tiers = 3 };
            return Allocations.Of(() => new RailOptimized().Plan(request));
        }
        var (few, many) = (Bytes(3072), Bytes(131072));
        Assert.Equal(few, many);
        Assert.InRange(many, 0, 4096);
    }
}
