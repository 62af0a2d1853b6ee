using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

public class FloorPlanTests
{
    static FabricPlan Superpod(int systems) =>
        new RailOptimized().Plan(new() { Systems = systems, System = Parts.Dgx, Switch = Parts.Qm9700 });

    // The worked example of FloorPlanner.cs.
    [Fact]
    public void Four_systems_and_a_switch_in_the_next_rack()
    {
        var plan = new SingleSwitch().Plan(new() { Systems = 4, System = Parts.System(1, 1), Switch = Parts.Qm9700 });
        var floor = FloorPlan.Of(plan, new() { SystemsPerRack = 4, RackPitch = Length.FromMeters(0.6) });
        Assert.Equal((1, 2, 1, 1), (floor.Rows, floor.RacksPerRow, floor.SystemRacks, floor.NetworkRacks));
        var cables = Assert.Single(floor.Cables);
        Assert.Equal(new(Length.FromMeters(5), Length.FromMeters(5), 4), Assert.Single(cables.Buckets));
        Assert.Equal(20, cables.Purchased.Meters);
        Assert.Equal(3.6, floor.AreaInSquareMeters, 9);
    }

    // The worked example of LengthCounter.cs.
    [Fact]
    public void Runs_of_racks_are_counted_at_once()
    {
        var counter = new LengthCounter([5000, 9000, 10000], 600, 3000);
        counter.Start(4400, 0);
        counter.AddPairs(new RackRun(0, 0, 1, 1), new RackRun(1, 2, 3, 1), 1, 0, 1);
        var link = new LinkClass("leaf-spine", 3, Parts.Gb(400), new("leaf", 1, 3), new("spine", 1, 3), 1);
        var lengths = counter.Finish(link);
        Assert.Equal([(9.0, 8.6, 1), (10.0, 9.8, 2)], lengths.Buckets.Select(b => (b.Purchased.Meters, b.LongestRun.Meters, b.Count)));
        Assert.Equal((8.6, 9.2, 9.8), (lengths.Shortest.Meters, Math.Round(lengths.Mean.Meters, 9), lengths.Longest.Meters));
    }

    [Fact]
    public void Leaves_at_the_top_of_the_rack_need_no_tray()
    {
        var plan = new FatTree().Plan(new() { Systems = 64, System = Parts.Dgx, Switch = Parts.Qm9700, SystemsPerUnit = 2 });
        var floor = FloorPlan.Of(plan, new() { NetworkRacks = NetworkPlacement.InRack, SystemsPerRack = 2, Slack = Length.FromMeters(0.3) });
        var nodes = floor.Cables[0];
        // Half a rack of 48 units is 1.067 m, and slack at both ends 0.6 m.
        Assert.Equal(new(Length.FromMeters(2), Length.FromMillimeters(1667), 512), Assert.Single(nodes.Buckets));
        Assert.True(floor.Cables[1].Shortest > nodes.Longest);
    }

    [Fact]
    public void Middle_of_row_is_shorter_than_end_of_row()
    {
        var plan = Superpod(127);
        var end = FloorPlan.Of(plan, new() { Rows = 4, SystemsPerRack = 4 });
        var middle = FloorPlan.Of(plan, new() { Rows = 4, SystemsPerRack = 4, NetworkRacks = NetworkPlacement.MiddleOfRow });
        Assert.Equal((4, 4), (end.Rows, middle.Rows));
        Assert.True(middle.Cables[0].Mean < end.Cables[0].Mean);
    }

    [Fact]
    public void The_design_of_127_systems_fits_its_floor()
    {
        var floor = FloorPlan.Of(Superpod(127), new()
        {
            Rows = 8,
            RacksPerRow = 8,
            SystemsPerRack = 4,
            AislePitch = Length.FromMeters(3),
            RackPitch = Length.FromMeters(0.75),
        });
        Assert.Empty(floor.Findings);
        Assert.Equal(32, floor.SystemRacks);
        Assert.InRange(floor.Rows, 5, 8);
        Assert.Equal([1016, 1024], floor.Cables.Select(c => c.Buckets.Sum(b => b.Count)));
    }

    [Fact]
    public void What_does_not_fit_is_a_finding()
    {
        var plan = Superpod(127);
        var small = FloorPlan.Of(plan, new() { Rows = 2, RacksPerRow = 8, SystemsPerRack = 4 });
        var finding = Assert.Single(small.Findings);
        Assert.Equal((FloorProblem.FloorTooSmall, "rows"), (finding.Problem, finding.Field));
        Assert.Equal($"the fabric takes {small.Rows} rows of 8 racks; the floor has 2", finding.Message);

        // 8 x 700 W, 8 x 25 W and 2 kW make 7.8 kW.
        var hot = FloorPlan.Of(plan, new() { SystemsPerRack = 4, RackPower = Power.FromWatts(20_000) });
        Assert.Equal(new(FloorProblem.RackPowerTooHigh, "systemsPerRack", "a rack with 4 systems draws 31.2 kW of 20 kW; 2 would fit"),
            Assert.Single(hot.Findings));
        Assert.Equal(2, FloorPlan.Of(plan, new() { RackPower = Power.FromWatts(20_000) }).SystemsPerRack);

        var high = FloorPlan.Of(plan, new() { SystemsPerRack = 4, RackUnits = 24 });
        Assert.Equal(new(FloorProblem.RackTooHigh, "systemsPerRack", "a rack with 4 systems takes 32 rack units of 24; 3 would fit"),
            Assert.Single(high.Findings));
    }

    [Fact]
    public void Switches_share_a_rack_as_far_as_power_goes()
    {
        // 1,000 W and 32 modules of 17 W: 1,544 W each, 32 in 50 kW; 48 rack units would hold 48.
        Assert.Equal(32, FloorPlan.Of(Superpod(127), new()).SwitchesPerRack);
        Assert.Equal(48, FloorPlan.Of(Superpod(127), new() { RackPower = Power.FromWatts(100_000) }).SwitchesPerRack);
    }

    [Fact]
    public void A_free_floor_is_near_square()
    {
        var plan = new RailOptimized().Plan(new() { Systems = 131072, System = Parts.Dgx, Switch = Parts.Switch(128, 800, 400, 2) });
        var floor = FloorPlan.Of(plan, new() { SystemsPerRack = 4 });
        Assert.InRange(floor.Width / floor.Depth, 0.7, 1.4);
        Assert.Equal(32768, floor.SystemRacks);
        Assert.Equal(1_048_576, floor.Cables[2].Buckets.Sum(b => b.Count));
        Assert.Empty(floor.Findings);
    }

    [Fact]
    public void A_floor_of_nothing_is_an_error()
    {
        var e = Assert.Throws<FabricException>(() => FloorPlan.Of(Superpod(8), new() { RackPitch = Length.Zero }));
        Assert.Equal(("rackPitch", "rackPitch is 0 m; it lies between 1 mm and 1000 km"), (e.Field, e.Message));
    }
}
