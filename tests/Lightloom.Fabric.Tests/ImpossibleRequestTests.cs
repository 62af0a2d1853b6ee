using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

public class ImpossibleRequestTests
{
    static FabricRequest Request(int systems) => new() { Systems = systems, System = Parts.Dgx, Switch = Parts.Qm9700 };

    static FabricException Fails(string topology, FabricRequest request) =>
        Assert.Throws<FabricException>(() => Topologies.Find(topology).Plan(request));

    static void Says(FabricException e, string field, string message, double? below, double? above, string? tier = null)
    {
        Assert.Equal(message, e.Message);
        Assert.Equal((field, below, above, tier), (e.Field, e.NearestBelow, e.NearestAbove, e.Tier));
    }

    [Fact]
    public void Counts() => Says(Fails("fat-tree", Request(0)), "systems", "systems is 0; the nearest possible is 1", null, 1);

    [Fact]
    public void Too_many_systems_for_the_tiers() => Says(Fails("rail-optimized", Request(300) with { Tiers = 2 }), "systems",
        "300 systems of 8 ports don't fit 2 tiers of 64- and 64-port switches; the nearest possible count is 256, or 300 with 3 tiers", 256, null);

    [Fact]
    public void Too_many_systems_for_any_tiers() => Says(Fails("rail-optimized", Request(10000)), "systems",
        "10,000 systems of 8 ports don't fit 3 tiers of 64-, 64- and 64-port switches; the nearest possible count is 8,192", 8192, null);

    [Fact]
    public void Too_many_systems_for_one_switch() => Says(Fails("single-switch", Request(9)), "systems",
        "9 systems of 8 ports don't fit 1 tier of 64-port switches; the nearest possible count is 8", 8, null);

    [Fact]
    public void A_single_switch_of_two_tiers() => Says(Fails("single-switch", Request(4) with { Tiers = 2 }), "tiers",
        "a single switch is 1 tier, not 2", 1, null);

    [Fact]
    public void Four_tiers() => Says(Fails("fat-tree", Request(4) with { Tiers = 4 }), "tiers", "fat-tree has 1 to 3 tiers, not 4", 3, null);

    [Fact]
    public void Oversubscription_that_leaves_no_uplink() => Says(
        Fails("fat-tree", Request(100) with { Leaf = new() { Oversubscription = Ratio.From(100) } }), "oversubscription",
        "oversubscription 100:1 leaves 0.56 of an uplink to the 56 ports down of a leaf; the nearest possible is 56:1, with 1 uplink", 56, null, "leaf");

    [Fact]
    public void Oversubscription_of_nothing() => Says(
        Fails("fat-tree", Request(100) with { Spine = new() { Oversubscription = Ratio.Zero } }), "oversubscription",
        "oversubscription 0:1 is not a ratio above 0", null, null, "spine");

    [Fact]
    public void Oversubscription_above_the_top() => Says(
        Fails("fat-tree", Request(100) with { Core = new() { Oversubscription = Ratio.From(2) } }), "oversubscription",
        "the core is the top tier: nothing above it can be oversubscribed", 1, null, "core");

    [Fact]
    public void Rails_that_do_not_divide() => Says(Fails("rail-optimized", Request(100) with { Rails = 3 }), "rails",
        "8 ports of a system cannot be divided over 3 rails; the nearest possible are 2 and 4", 2, 4);

    [Fact]
    public void Planes_that_do_not_divide() => Says(Fails("fat-tree", Request(100) with { Planes = 5 }), "planes",
        "8 ports of a system cannot be divided over 5 planes; the nearest possible are 4 and 8", 4, 8);

    [Fact]
    public void Units_beyond_the_radix() => Says(Fails("rail-optimized", Request(100) with { SystemsPerUnit = 40 }), "systemsPerUnit",
        "40 systems put 40 ports on a leaf of 64 ports, which has no room for them and their uplinks; the nearest possible is 32", 32, null);

    [Fact]
    public void Pods_beyond_the_radix() => Says(Fails("rail-optimized", Request(1000) with { SystemsPerPod = 200 }), "systemsPerPod",
        "a pod of 200 systems has 56 leaves, and a spine has 32 ports down; the nearest possible is 128 systems", 128, null);

    [Fact]
    public void A_radix_too_small() => Says(Fails("fat-tree", Request(3) with { Switch = Parts.Switch(2), Leaf = new() { Uplinks = 2 } }), "switch",
        "a leaf of 2 ports has none left for a system beside its uplinks", null, null, "leaf");

    [Fact]
    public void Port_rates_faster_than_the_switch() => Says(
        Fails("fat-tree", Request(3) with { System = Parts.System(8, 8, 800) }), "portRate",
        "a link of 800 Gb/s is faster than the 400 Gb/s ports of the leaf switch '64x400G'; the nearest possible is 400 Gb/s", 400, null, "leaf");

    [Fact]
    public void Port_rates_that_do_not_divide_the_card() => Says(
        Fails("fat-tree", Request(3) with { PortRate = Parts.Gb(150) }), "portRate",
        "a card of 400 Gb/s cannot be divided into ports of 150 Gb/s; the nearest possible are 133.333 Gb/s and 200 Gb/s",
        (Parts.Gb(400) / 3).GigabitsPerSecond, 200);

    [Fact]
    public void Ports_kept_free_beyond_the_radix() => Says(
        Fails("fat-tree", Request(3) with { Leaf = new() { ReservedPorts = 64 } }), "reservedPorts",
        "a leaf of 64 ports cannot keep 64 free", 63, null, "leaf");

    [Fact]
    public void Topologies_that_nobody_knows()
    {
        var e = Assert.Throws<FabricException>(() => Topologies.Find("fat-tre"));
        Says(e, "topology", "there is no topology 'fat-tre'; did you mean 'fat-tree'?", null, null);
    }
}
