using System.Globalization;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

public class CablePlanTests
{
    static CablePlan PlanOf(FabricPlan fabric, FloorSpec spec)
    {
        var floor = FloorPlan.Of(fabric, spec);
        return CablePlan.Of(Elevations.Of(FabricGraph.Of(fabric), floor),
            [.. floor.Cables.Select(c => (IReadOnlyList<CableMedium>)[.. c.Buckets.Select(b => new CableMedium($"cable, \"{b.Purchased}\"", b.Purchased))])]);
    }

    static FabricPlan Dgx(int systems) => new RailOptimized().Plan(new()
    {
        Systems = systems,
        System = Parts.System(8, 8, 400, 1),
        Switch = Parts.Switch(64, 400, 400, 2),
        ManagementLinks = 4,
    });

    [Fact]
    public void Cables_fill_the_buckets_that_the_floor_counted()
    {
        var planned = 0;
        Gen.Select(EnumerationTests.Requests, EnumerationTests.ClosNames, EnumerationTests.Floors).Sample((request, topology, spec) =>
        {
            if (EnumerationTests.TryPlan(topology, request) is not { } fabric) return;
            Interlocked.Increment(ref planned);
            var plan = PlanOf(fabric, spec);
            var floor = plan.Elevations.Floor;
            var cables = plan.Cables().ToList();
            Assert.Equal(fabric.LinkCount, cables.Count);
            Assert.Equal(cables.Count, cables.DistinctBy(c => c.Label).Count());
            foreach (var lengths in floor.Cables)
            {
                var counted = lengths.Buckets.ToDictionary(b => b.Purchased, b => b.Count);
                Assert.Equal(counted, cables.Where(c => c.Class == lengths.Link.Name).CountBy(c => c.Length).ToDictionary(c => c.Key, c => (long)c.Value));
            }
            Assert.All(cables, c => Assert.True(c.Run <= c.Length));
            // Both ends of a cable are used by no other.
            var ends = cables.SelectMany(c => new[] { (c.A.Device, c.A.Port), (c.B.Device, c.B.Port) }).ToList();
            Assert.Equal(ends.Count, ends.Distinct().Count());
        }, iter: 400);
        Assert.True(planned > 80, $"only {planned} of the random requests could be planned");
    }

    [Fact]
    public void Racks_hold_each_device_once_and_above_each_other()
    {
        var plan = PlanOf(Dgx(127), new FloorSpec { SystemsPerRack = 4 });
        var racks = plan.Elevations.Racks;
        Assert.Equal(127 + 32 + 16 + 4, racks.Sum(r => r.Devices.Count));
        Assert.All(racks, r =>
        {
            var next = 1;
            foreach (var device in r.Devices)
            {
                Assert.Equal(next, device.Unit);
                next += device.Height;
            }
            Assert.Equal(next - 1, r.UnitsUsed);
        });
        var first = racks[0];
        Assert.Equal(["node-000", "node-001", "node-002", "node-003"], first.Devices.Select(d => d.Name));
        Assert.Equal([1, 9, 17, 25], first.Devices.Select(d => d.Unit));
        Assert.Equal("R01-01", first.Name);
    }

    [Fact]
    public void A_table_of_cables_reads_back_as_it_was_written()
    {
        var cables = PlanOf(Dgx(40), new()).Cables().ToList();
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        CableTable.Write(writer, cables);
        Assert.Equal(cables, CableTable.Read(CsvTable.Read(writer.ToString(), "cables.csv")));
        Assert.StartsWith("label,class,medium,rate_Gbps,run_m,length_m,a_rack,", writer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LS-1,a,b,400,1,1,R1,1,x,1,R1,2,y,1,0,0\nLS-1,a,b,400,1,1,R1,1,x,2,R1,2,y,2,0,0", "another cable 'LS-1'")]
    [InlineData("LS-1,a,b,NaN,1,1,R1,1,x,1,R1,2,y,1,0,0", "rate_Gbps")]
    [InlineData("LS-1,a,b,400,-1,1,R1,1,x,1,R1,2,y,1,0,0", "run_m")]
    [InlineData("LS-1,a,b,400,1,1,R1,1,,1,R1,2,y,1,0,0", "a_device")]
    [InlineData("LS-1,a,b,400,1,1,R1,1,x,1,R1", "cells")]
    public void A_wrong_table_of_cables_is_told_with_its_line(string rows, string expected)
    {
        var e = Assert.Throws<InputException>(() => CableTable.Read(CsvTable.Read(string.Join(',', CableTable.Columns) + "\n" + rows, "c.csv")));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("c.csv", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trays_hold_each_cable_over_its_whole_way()
    {
        var plan = PlanOf(Dgx(127), new FloorSpec { Rows = 6, SystemsPerRack = 4 });
        var loads = TrayLoads.Of(plan);
        var graph = plan.Elevations.Graph;
        var (along, across) = (new Dictionary<(int, int), int>(), new Dictionary<(int, int), int>());
        for (var l = 0; l < graph.Links; l++)
        {
            var (from, to) = (plan.Elevations.PlaceOf(graph.Lower[l]), plan.Elevations.PlaceOf(graph.Upper[l]));
            for (var p = Math.Min(from.Column, to.Column); p < Math.Max(from.Column, to.Column); p++) along[(from.Row, p)] = along.GetValueOrDefault((from.Row, p)) + 1;
            for (var r = Math.Min(from.Row, to.Row); r < Math.Max(from.Row, to.Row); r++) across[(r, to.Column)] = across.GetValueOrDefault((r, to.Column)) + 1;
        }
        for (var row = 0; row < plan.Elevations.Floor.Rows; row++)
            for (var place = 0; place < plan.Elevations.Floor.RacksPerRow; place++)
            {
                Assert.Equal(along.GetValueOrDefault((row, place)), loads.Along(row, place));
                Assert.Equal(across.GetValueOrDefault((row, place)), loads.Across(row, place));
            }
        Assert.Equal(loads.Most, loads.Fullest(1)[0].Cables);
        Assert.Equal(plan.Count, TrayLoads.Bundles(plan).Sum(b => b.Cables));
    }

    [Fact]
    public void Ports_are_named_as_they_are_labelled()
    {
        var graph = FabricGraph.Of(Dgx(40));
        var leaf = graph.Tier("leaf")!.First;
        Assert.Equal(["1/1", "1/2", "2/1"], new[] { 0, 1, 2 }.Select(p => graph.PortName(leaf, p)));
        Assert.Equal("1", graph.PortName(0, 0));
        var split = FabricGraph.Of(new FatTree().Plan(new()
        {
            Systems = 4,
            System = Parts.System(8, 8, 400, 1),
            Switch = Parts.Switch(32, 800, 400),
            Tiers = 1,
        }));
        Assert.Equal(["1/1", "1/2", "2/1"], new[] { 0, 1, 2 }.Select(p => split.PortName(split.FirstSwitch, p)));
    }

    [Fact]
    public void Any_topology_has_a_floor_with_a_place_for_each_device_and_a_length_for_each_cable()
    {
        var planned = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Gen.Select(TopologyPropertyTests.All, EnumerationTests.Floors, Gen.Int[1, 3]).Sample((t, spec, halls) =>
        {
            if (EnumerationTests.TryPlan(t.Topology, t.Request) is not { } fabric || fabric.LinkCount > 20_000) return;
            if (spec.Rows is not null) spec = spec with { Halls = halls };
            planned.AddOrUpdate(t.Topology, 1, static (_, n) => n + 1);
            var plan = PlanOf(fabric, spec);
            var (floor, graph) = (plan.Elevations.Floor, plan.Elevations.Graph);
            var racked = plan.Elevations.Racks.SelectMany(r => r.Devices).ToList();
            Assert.Equal(graph.Systems + graph.Devices - graph.Cards + (plan.Elevations.Optical?.Switches ?? 0), racked.Count);
            Assert.Equal(racked.Count, racked.DistinctBy(d => d.Name).Count());
            Assert.All(plan.Elevations.Racks, r =>
            {
                Assert.InRange(r.Place.Row, 0, floor.Rows - 1);
                Assert.InRange(r.Place.Column, 0, floor.RacksPerRow - 1);
                // Racks of systems and racks of switches are not mixed unless asked.
                if (spec.NetworkRacks != NetworkPlacement.InRack)
                    Assert.Single(r.Devices.Where(d => d.Kind != "management").Select(d => d.Kind == "system").Distinct());
            });
            Assert.InRange(floor.Racks, 0, (long)floor.Rows * floor.RacksPerRow);
            var cables = plan.Cables().ToList();
            Assert.Equal(plan.Count, cables.Count);
            var ends = cables.SelectMany(c => new[] { (c.A.Device, c.A.Port), (c.B.Device, c.B.Port) }).ToList();
            Assert.Equal(ends.Count, ends.Distinct().Count());
            Assert.All(cables, c => Assert.True(c.Run <= c.Length));
            foreach (var lengths in floor.Cables)
            {
                // Both cables of a circuit together are as long as their class counts them.
                var runs = cables.Where(c => c.Class == lengths.Link.Name).GroupBy(c => c.Label.TrimEnd('a', 'b')).Select(g => g.Sum(c => c.Run.Meters)).ToList();
                Assert.Equal(lengths.Count, runs.Count);
                if (runs.Count == 0) continue;
                Assert.Equal(lengths.Mean.Meters, runs.Average(), 1e-6);
                Assert.Equal(lengths.Longest.Meters, runs.Max(), 1e-6);
            }
        }, iter: 3000);
        foreach (var name in (string[])["dragonfly", "dragonfly+", "hyperx", "slim-fly", "polarfly", "jellyfish", "torus", "hammingmesh", "rail-only", "multi-plane", "dual-tor"])
            Assert.True(planned.GetValueOrDefault(name) > 2, $"only {planned.GetValueOrDefault(name)} of the random requests of {name} could be planned");
    }

    [Fact]
    public void A_TPU_pod_meets_at_48_circuit_switches_of_128_ports()
    {
        var plan = PlanOf(new Torus().Plan(PublishedTopologyTests.Tpu(16, 16, 16)), new());
        var optical = plan.Elevations.Optical!;
        Assert.Equal((48, 128, 3072), (optical.Switches, optical.MostPorts, optical.Links));
        Assert.Equal(48, plan.Elevations.Racks.SelectMany(r => r.Devices).Count(d => d.Kind == "ocs"));
        // A switch joins one place of the faces: each of the 64 cubes comes in once and goes out once.
        var graph = plan.Elevations.Graph;
        var faces = Enumerable.Range(0, graph.Links).Where(l => optical.Of(l) is not null).GroupBy(l => optical.Of(l)!.Value.Switch);
        Assert.All(faces, f =>
        {
            Assert.Equal(64, f.Select(l => graph.GroupOf(graph.Lower[l])).Concat(f.Select(l => graph.GroupOf(graph.Upper[l]))).CountBy(g => g).Count(c => c.Value == 2));
            Assert.Single(f.Select(l => plan.Elevations.Graph.ClassOf[l]).Distinct());
        });
        var through = plan.Cables().Where(c => c.Class == "ring-1").Take(2).ToList();
        Assert.Equal(("a", "b"), (through[0].Label[^1..], through[1].Label[^1..]));
        Assert.Equal(through[0].B.Device, through[1].A.Device);
    }
}
