using CsCheck;
using Lightloom.Quantities;
using static Lightloom.Fabric.Tests.EnumeratedFabric;

namespace Lightloom.Fabric.Tests;

public class EnumerationTests
{
    internal static readonly Gen<FabricRequest> Requests =
        from radix in Gen.Int[4, 24]
        from systems in Gen.Frequency((3, Gen.Int[1, 60]), (1, Gen.Int[60, 300]))
        from nics in OneOf(1, 2, 3, 4, 8)
        from planes in OneOf(1, 1, 1, 2)
        from leafOver in OneOf(1.0, 1.0, 2, 1.5, 3, 0.5)
        from spineOver in OneOf(1.0, 1.0, 2, 7)
        from tiers in OneOf<int?>(null, null, 1, 2, 3)
        from perUnit in OneOf<int?>(null, null, 1, 2, 3)
        from perPod in OneOf<int?>(null, null, 4, 7)
        from managers in OneOf(0, 0, 1, 4)
        from spread in OneOf(UplinkSpread.WholeBundles, UplinkSpread.WholeBundles, UplinkSpread.FewestSwitches)
        from spineRadix in OneOf(0, 0, 8, 16, 32)
        from coreRadix in OneOf(0, 0, 6, 32)
        from split in OneOf(false, false, true)
        from fabricRate in OneOf<double?>(null, null, 200, 400)
        select new FabricRequest
        {
            Systems = systems,
            System = Parts.System(nics, nics, split ? 200 : 400, 2),
            Switch = Parts.Switch(radix, 400, 200, 2),
            Leaf = new() { Oversubscription = Ratio.From(leafOver) },
            Spine = new() { Oversubscription = Ratio.From(spineOver), Switch = spineRadix == 0 ? null : Parts.Switch(spineRadix, 400, 200) },
            Core = new() { Switch = coreRadix == 0 ? null : Parts.Switch(coreRadix, 400, 200) },
            FabricRate = fabricRate is { } rate ? Parts.Gb(rate) : null,
            Tiers = tiers,
            Planes = planes,
            SystemsPerUnit = perUnit,
            SystemsPerPod = perPod,
            ManagementLinks = managers,
            UplinkSpread = spread,
        };

    internal static Gen<string> ClosNames { get; } = OneOf("fat-tree", "rail-optimized", "single-switch");

    internal static readonly Gen<FloorSpec> Floors =
        from rows in OneOf<int?>(null, null, 1, 3, 8)
        from racks in OneOf<int?>(null, null, 2, 5, 16)
        from perRack in Gen.Int[1, 5]
        from placement in OneOf(Enum.GetValues<NetworkPlacement>())
        from pitch in Gen.Int[300, 1500]
        from aisle in Gen.Int[500, 5000]
        from tray in Gen.Int[0, 4000]
        from height in Gen.Int[500, 2200]
        from units in OneOf(2, 4, 48)
        from watts in OneOf(3000, 5000, 50000)
        select new FloorSpec
        {
            Rows = rows,
            RacksPerRow = racks,
            SystemsPerRack = perRack,
            NetworkRacks = placement,
            RackPitch = Length.FromMillimeters(pitch),
            AislePitch = Length.FromMillimeters(aisle),
            TrayHeight = Length.FromMillimeters(tray),
            SwitchPortHeight = Length.FromMillimeters(height),
            RackUnits = units,
            RackPower = Power.FromWatts(watts),
        };

    static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    internal static FabricPlan? TryPlan(string topology, FabricRequest request)
    {
        try
        {
            return Topologies.Find(topology).Plan(request);
        }
        catch (FabricException e)
        {
            Assert.NotEqual("", e.Field);
            Assert.NotEqual("", e.Message);
            return null;
        }
    }

    [Fact]
    public void Counted_fabrics_equal_enumerated_ones()
    {
        var planned = 0;
        Gen.Select(Requests, OneOf("fat-tree", "rail-optimized", "single-switch")).Sample((request, topology) =>
        {
            if (TryPlan(topology, request) is not { } plan) return;
            Interlocked.Increment(ref planned);
            var slow = new EnumeratedFabric(plan, (int)(plan.NicPorts / request.Systems), request.ManagementLinks);
            foreach (var link in plan.Links)
                Assert.Equal(link.Count, slow.Cables.LongCount(c => c.Class == link.Name));
            Assert.Equal(plan.LinkCount, slow.Cables.Count);
            foreach (var (kind, name) in ((Kind, string)[])[(Kind.Leaf, "leaf"), (Kind.Spine, "spine"), (Kind.Core, "core")])
            {
                var devices = slow.Ports.Where(p => p.Key.Kind == kind).ToList();
                if (plan.Tier(name) is not { } tier)
                {
                    Assert.Empty(devices);
                    continue;
                }
                Assert.True(devices.Count <= tier.Count);
                if (kind != Kind.Leaf || plan.Tiers.Count > 1) Assert.Equal(tier.Count, devices.Count);
                Assert.All(devices, d => Assert.InRange(d.Value, 0, tier.Radix));
                if (kind == Kind.Leaf) CheckLeafPorts(request, plan);
                Assert.Equal(tier.UnusedPorts, (tier.Count * tier.Radix) - devices.Sum(d => (long)d.Value));
            }
            foreach (var name in (string[])["leaf-spine", "spine-core"])
            {
                var bundles = slow.Cables.Where(c => c.Class == name).CountBy(c => (c.Lower, c.Upper)).Select(b => b.Value).ToList();
                if (bundles.Count == 0) continue;
                Assert.Equal(plan.Link(name)!.Bundle, bundles.Max());
                Assert.InRange(bundles.Max() - bundles.Min(), 0, request.UplinkSpread == UplinkSpread.WholeBundles ? 0 : 1);
            }
        }, iter: 2500);
        Assert.True(planned > 500, $"only {planned} of the random requests could be planned");
    }

    // Ports of one rate can be split and others not: together they take no more ports than the switch has.
    static void CheckLeafPorts(FabricRequest request, FabricPlan plan)
    {
        static int Split(Bandwidth rate) => rate == Parts.Gb(200) ? 2 : 1;
        var leaf = plan.Tiers[0];
        var down = (double)leaf.PortsDown / Split(plan.Links[0].Rate);
        var up = plan.Tiers.Count == 1 ? 0 : (double)leaf.PortsUp / Split(plan.Links[1].Rate);
        Assert.True(down + up <= request.Switch.Ports.Value);
    }

    [Fact]
    public void Counted_lengths_equal_enumerated_ones()
    {
        var planned = 0;
        Gen.Select(Requests, OneOf("fat-tree", "rail-optimized", "single-switch"), Floors).Sample((request, topology, spec) =>
        {
            if (TryPlan(topology, request) is not { } plan) return;
            Interlocked.Increment(ref planned);
            var floor = FloorPlan.Of(plan, spec);
            var slow = new EnumeratedFabric(plan, (int)(plan.NicPorts / request.Systems), request.ManagementLinks);
            CheckLengths(floor, slow);
            CheckPlaces(plan, floor, slow);
        }, iter: 2500);
        Assert.True(planned > 500, $"only {planned} of the random requests could be planned");
    }

    [Fact]
    public void Floors_by_groups_are_true_to_their_layout()
    {
        var planned = 0;
        Gen.Select(Requests, ClosNames, Floors, OneOf(1, 1, 2, 3, 20)).Sample((request, topology, spec, halls) =>
        {
            if (TryPlan(topology, request) is not { } plan) return;
            Interlocked.Increment(ref planned);
            if (spec.Rows is not null) spec = spec with { Halls = halls, HallDistance = Length.FromMillimeters(7777) };
            // The same fabric, with a wiring that nobody knows for a Clos.
            var floor = FloorPlan.Of(plan with { Wiring = new AnyWiring(plan.Wiring) }, spec);
            var slow = new EnumeratedFabric(plan, (int)(plan.NicPorts / request.Systems), request.ManagementLinks);
            CheckLengths(floor, slow);
            CheckPlaces(plan, floor, slow, spinesInRacks: true);
        }, iter: 1000);
        Assert.True(planned > 200, $"only {planned} of the random requests could be planned");
    }

    static void CheckLengths(FloorPlan floor, EnumeratedFabric slow)
    {
        foreach (var cables in floor.Cables)
        {
            var runs = slow.Lengths(floor, cables.Link.Name);
            Assert.Equal(cables.Count, cables.Buckets.Sum(b => b.Count));
            Assert.Equal(runs.Values.Sum(), cables.Count);
            Assert.Equal(runs.Keys.Min(), Math.Round(cables.Shortest.Millimeters));
            Assert.Equal(runs.Keys.Max(), Math.Round(cables.Longest.Millimeters));
            Assert.Equal(runs.Sum(r => (double)r.Key * r.Value) / cables.Count, cables.Mean.Millimeters, 1e-6 * cables.Mean.Millimeters);
            var above = 0L;
            foreach (var bucket in cables.Buckets)
            {
                var upTo = (long)Math.Round(bucket.Purchased.Millimeters);
                var inside = runs.Where(r => r.Key > above && r.Key <= upTo).ToList();
                Assert.Equal(inside.Sum(r => r.Value), bucket.Count);
                Assert.Equal(inside.Max(r => r.Key), Math.Round(bucket.LongestRun.Millimeters));
                above = upTo;
            }
        }
    }

    // No place holds two kinds of racks or more devices than a rack takes, and all places lie on the floor.
    static void CheckPlaces(FabricPlan plan, FloorPlan floor, EnumeratedFabric slow, bool spinesInRacks = false)
    {
        var inRack = floor.Spec.NetworkRacks == NetworkPlacement.InRack;
        var devices = slow.Ports.Keys.Where(d => d.Kind != Kind.Manager).Select(d => (Device: d, Place: Place(floor.Layout, d))).ToList();
        Assert.All(devices, d =>
        {
            Assert.InRange(d.Place.Row, 0, floor.Rows - 1);
            Assert.InRange(d.Place.Column, 0, floor.RacksPerRow - 1);
        });
        foreach (var rack in devices.GroupBy(d => d.Place))
        {
            var systems = rack.Count(d => d.Device.Kind == Kind.System);
            var switches = rack.Count(d => d.Device.Kind != Kind.System && !(inRack && (d.Device.Kind == Kind.Leaf || (spinesInRacks && d.Device.Kind == Kind.Spine))));
            Assert.True(systems == 0 || switches == 0);
            Assert.InRange(systems, 0, floor.SystemsPerRack);
            Assert.InRange(switches, 0, floor.SwitchesPerRack);
        }
        Assert.Equal(floor.SystemRacks, devices.Where(d => d.Device.Kind == Kind.System).DistinctBy(d => d.Place).Count());
        Assert.True((long)floor.Rows * floor.RacksPerRow >= floor.Racks);
        Assert.Equal(plan.Links.Count, floor.Cables.Count);
    }

    sealed class AnyWiring(FabricWiring clos) : FabricWiring
    {
        public override int Groups => clos.Groups;

        public override int GroupOfSystem(int system) => clos.GroupOfSystem(system);

        public override int GroupOfSwitch(int tier, int index) => clos.GroupOfSwitch(tier, index);

        public override void Wire(FabricGraphBuilder builder) => clos.Wire(builder);
    }
}
