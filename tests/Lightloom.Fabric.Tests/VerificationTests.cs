using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric.Tests;

/// <summary>A fabric as built against its design: every mistake is named, and nothing else.</summary>
public class VerificationTests
{
    static readonly VerificationOptions NoRates = new() { Rates = false };

    static FabricGraph Pod(int systems = 32) => FabricGraph.Of(new RailOptimized().Plan(new()
    {
        Systems = systems,
        System = Parts.Dgx,
        Switch = Parts.Switch(32, 400),
        SystemsPerUnit = 8,
        Tiers = 2,
    }));

    static FabricDifference Single(FabricVerification verification) => Assert.Single(verification.Differences);

    static int LinkBetween(FabricGraph graph, string lower, string upper)
    {
        for (var l = 0; l < graph.Links; l++)
            if (graph.NameOf(graph.Lower[l]) == lower && graph.NameOf(graph.Upper[l]) == upper) return l;
        throw new InvalidOperationException($"no link between {lower} and {upper}");
    }

    [Fact]
    public void The_worked_example_names_the_two_cables_and_not_the_third()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 3, System = Parts.System(1, 1), Switch = Parts.Switch(4), SystemsPerUnit = 2, Tiers = 2 }));
        var built = new BuiltFabric(graph);
        built.Swap(LinkBetween(graph, "node-0-nic-0", "leaf-0"), LinkBetween(graph, "node-2-nic-0", "leaf-1"));
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Swapped, false), (difference.Kind, difference.Harmless));
        Assert.Equal(["node-0-nic-0 port 1 — leaf-0 port 1", "node-2-nic-0 port 1 — leaf-1 port 1"], difference.Designed.Select(c => c.ToString()));
        Assert.Equal(["node-0-nic-0 port 1 — leaf-1 port 1", "node-2-nic-0 port 1 — leaf-0 port 1"], difference.Built.Select(c => c.ToString()));
    }

    [Fact]
    public void A_fabric_as_designed_differs_in_nothing()
    {
        var graph = Pod();
        var verification = FabricVerifier.Verify(graph, new BuiltFabric(graph).Discover());
        Assert.True(verification.AsDesigned);
        Assert.Equal((graph.Links, graph.Links, graph.Devices), (verification.MatchingCables, verification.RatesCompared, verification.KnownByName));
    }

    [Fact]
    public void Among_thirty_thousand_cables_the_two_that_are_swapped_are_found()
    {
        var graph = FabricGraph.Of(new RailOptimized().Plan(new() { Systems = 1900, System = Parts.Dgx, Switch = Parts.Qm9700, SystemsPerUnit = 32 }));
        Assert.True(graph.Links > 30_000);
        var built = new BuiltFabric(graph);
        built.Swap(12_345, 4_321);
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal(DifferenceKind.Swapped, difference.Kind);
        Assert.Equal((2, 2), (difference.Designed.Count, difference.Built.Count));
        var names = difference.Designed.Select(c => c.Lower.Device).Order(StringComparer.Ordinal);
        Assert.Equal(new[] { graph.NameOf(graph.Lower[12_345]), graph.NameOf(graph.Lower[4_321]) }.Order(StringComparer.Ordinal), names);
    }

    // Mistakes that touch no cable twice are told one by one; mistakes on top of each other at least cable by cable.
    [Fact]
    public void Random_mistakes_on_random_fabrics_are_all_named_and_nothing_else()
    {
        var checkedFabrics = 0;
        Gen.Select(EnumerationTests.Requests, EnumerationTests.ClosNames, Gen.Int[0, int.MaxValue]).Sample((request, topology, seed) =>
        {
            if (EnumerationTests.TryPlan(topology, request) is not { LinkCount: > 8 and < 5000 } plan) return;
            var graph = FabricGraph.Of(plan);
            var random = new Random(seed);
            var built = new BuiltFabric(graph);
            for (var mistakes = random.Next(6); mistakes > 0; mistakes--)
            {
                var (x, y) = (random.Next(graph.Links), random.Next(graph.Links));
                switch (random.Next(4))
                {
                    case 0:
                        built.Removed.Add(x);
                        break;
                    case 1:
                        var device = graph.FirstSwitch + random.Next(graph.SwitchCount);
                        var port = random.Next(graph.TierOf(device).Ports);
                        if (built.IsFree(device, port) && built.Cables[x].A != device) built.Cables[x] = built.Cables[x] with { B = device, PortB = port };
                        break;
                    default:
                        if (built.Cables[x].A != built.Cables[y].B && built.Cables[y].A != built.Cables[x].B) built.Swap(x, y);
                        break;
                }
            }
            var designed = Enumerable.Range(0, graph.Links).Select(l => (Port(graph.Lower[l], graph.LowerPort[l]), Port(graph.Upper[l], graph.UpperPort[l]))).ToHashSet();
            var stands = built.Cables.Where((_, i) => !built.Removed.Contains(i)).Select(c => Ordered(Port(c.A, c.PortA), Port(c.B, c.PortB))).ToHashSet();
            var differences = FabricVerifier.Verify(graph, built.Discover(), NoRates).Differences;
            Same(designed.Except(stands), differences.SelectMany(d => d.Designed));
            Same(stands.Except(designed), differences.SelectMany(d => d.Built));
            Interlocked.Increment(ref checkedFabrics);

            (int, int) Port(int d, int p) => (d, p);
            void Same(IEnumerable<((int, int), (int, int))> expected, IEnumerable<PortPair> told) => Assert.Equal(
                expected.Select(e => $"{Label(e.Item1)} — {Label(e.Item2)}").Order(StringComparer.Ordinal), told.Select(c => c.ToString()).Order(StringComparer.Ordinal));
            string Label((int Device, int Port) at) => $"{graph.NameOf(at.Device)} port {graph.PortName(at.Device, at.Port)}";
        }, iter: 600);
        Assert.True(checkedFabrics > 100, $"only {checkedFabrics} of the random requests made a fabric to check");

        static ((int, int), (int, int)) Ordered((int, int) a, (int, int) b) => a.CompareTo(b) <= 0 ? (a, b) : (b, a);
    }

    [Fact]
    public void A_missing_cable_is_named_with_both_ends()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        built.Removed.Add(LinkBetween(graph, "node-03-nic-5", "leaf-05"));
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal(DifferenceKind.Missing, difference.Kind);
        Assert.Equal("node-03-nic-5 port 1 — leaf-05 port 4", Assert.Single(difference.Designed).ToString());
    }

    [Theory]
    [InlineData("node-00-nic-0", "node-00-nic-3", Misplacement.OtherCard)]
    [InlineData("node-00-nic-0", "node-01-nic-0", Misplacement.OtherPort)]
    [InlineData("node-00-nic-0", "node-09-nic-0", Misplacement.OtherSystem)]
    public void Two_swapped_cables_say_what_was_confused(string a, string b, Misplacement where)
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        built.Swap(LinkOf(a), LinkOf(b));
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Swapped, where, where == Misplacement.OtherPort), (difference.Kind, difference.Where, difference.Harmless));

        int LinkOf(string card)
        {
            for (var l = 0; l < graph.Links; l++)
                if (graph.NameOf(graph.Lower[l]) == card) return l;
            return -1;
        }
    }

    [Fact]
    public void A_cable_in_another_free_port_says_how_far_off_it_is()
    {
        // 31 systems leave the last port of each rail of the last unit free.
        var graph = Pod(31);
        var built = new BuiltFabric(graph);
        var link = LinkBetween(graph, "node-30-nic-2", "leaf-26");
        var (leaf, free) = (graph.Upper[link], graph.UpperPort[link] + 1);
        Assert.True(built.IsFree(leaf, free));
        built.Cables[link] = built.Cables[link] with { PortB = free };
        var harmless = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Moved, Misplacement.OtherPort, true), (harmless.Kind, harmless.Where, harmless.Harmless));
        Assert.Contains("1 port off", harmless.Cause, StringComparison.Ordinal);
        built.Cables[link] = built.Cables[link] with { B = leaf + 1, PortB = free };
        var rail = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Moved, Misplacement.OtherRail, false), (rail.Kind, rail.Where, rail.Harmless));
    }

    [Fact]
    public void A_plane_is_not_mistaken_for_a_leaf()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 5, System = Parts.System(4, 4), Switch = Parts.Switch(8), Planes = 2, SystemsPerUnit = 2, Tiers = 2 }));
        var built = new BuiltFabric(graph);
        var last = graph.Tier("leaf")!;
        var (x, y) = (LinkOfLeaf(last.Device(0, 0)), LinkOfLeaf(last.Device(1, 0)));
        built.Swap(x, y);
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        // Two cables of one system, or of two planes: the milder story is told.
        Assert.Equal((DifferenceKind.Swapped, Misplacement.OtherCard), (difference.Kind, difference.Where));
        built.Swap(x, y);
        // The last unit has one system of two, so that ports of its leaves are free in both planes.
        var moved = graph.LinksOf(last.Device(0, last.PerPlane - 1))[0];
        var other = last.Device(1, last.PerPlane - 1);
        var free = Enumerable.Range(0, last.Ports).First(p => built.IsFree(other, p));
        built.Cables[moved] = built.Cables[moved] with { B = other, PortB = free };
        difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Moved, Misplacement.OtherPlane, false), (difference.Kind, difference.Where, difference.Harmless));

        int LinkOfLeaf(int leaf) => graph.LinksOf(leaf)[0];
    }

    [Fact]
    public void A_row_of_cables_one_port_too_far_is_one_mistake()
    {
        var graph = Pod(31);
        var built = new BuiltFabric(graph);
        var leaf = graph.Tier("leaf")!.Device(0, 26);
        foreach (var l in graph.LinksOf(leaf))
            if (graph.ClassOf[l] == 0) built.Cables[l] = built.Cables[l] with { PortB = built.Cables[l].PortB + 1 };
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Shifted, true, 7), (difference.Kind, difference.Harmless, difference.Built.Count));
        Assert.Contains("shifted by 1 port", difference.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dark_switch_is_one_mistake_and_so_is_a_dark_system()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        var spine = graph.Tier("spine")!.First;
        foreach (var l in graph.LinksOf(spine)) built.Removed.Add(l);
        for (var card = 0; card < 8; card++) built.Removed.Add(graph.LinksOf(card)[0]);
        var differences = FabricVerifier.Verify(graph, built.Discover()).Differences;
        Assert.All(differences, d => Assert.Equal(DifferenceKind.MissingDevice, d.Kind));
        Assert.Equal(["node-00", graph.NameOf(spine)], differences.Select(d => d.Devices.Single()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Two_switches_in_each_others_place_are_one_mistake()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        var (a, b) = (graph.NameOf(graph.FirstSwitch), graph.NameOf(graph.FirstSwitch + 9));
        (built.Names[graph.FirstSwitch], built.Names[graph.FirstSwitch + 9]) = (b, a);
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal(DifferenceKind.ExchangedDevices, difference.Kind);
        Assert.Equal([a, b], difference.Devices);
    }

    [Fact]
    public void A_slow_cable_is_named_with_both_rates()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        built.Gigabits[77] = 200;
        var difference = Single(FabricVerifier.Verify(graph, built.Discover()));
        Assert.Equal((DifferenceKind.Slow, 400.0, 200.0), (difference.Kind, difference.DesignedRate!.Value.GigabitsPerSecond, difference.BuiltRate!.Value.GigabitsPerSecond));
        Assert.True(FabricVerifier.Verify(graph, built.Discover(), NoRates).AsDesigned);
    }

    [Fact]
    public void Switches_without_names_are_known_by_their_cables_even_with_some_of_them_wrong()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        for (var d = graph.FirstSwitch; d < graph.Devices; d++) built.Names[d] = "Quantum-2 Mellanox Technologies";
        built.Swap(10, 99);
        built.Swap(graph.Links - 1, graph.Links - 40);
        var verification = FabricVerifier.Verify(graph, built.Discover());
        Assert.Equal((graph.Cards, graph.SwitchCount), (verification.KnownByName, verification.KnownByStructure));
        Assert.Equal(2, verification.Differences.Count);
        Assert.All(verification.Differences, d => Assert.Equal(DifferenceKind.Swapped, d.Kind));
    }

    [Fact]
    public void A_fabric_without_any_name_is_known_by_its_shape()
    {
        var graph = Pod(31);
        var built = new BuiltFabric(graph);
        for (var d = 0; d < graph.Devices; d++) built.Names[d] = "";
        built.Removed.Add(55);
        var verification = FabricVerifier.Verify(graph, built.Discover());
        Assert.True(verification.KnownByStructure >= graph.Devices - 1, $"{verification.KnownByStructure} of {graph.Devices}");
        Assert.Equal(1, verification.DesignedCables - verification.MatchingCables);
    }

    [Theory]
    [InlineData("NODE-03-NIC-5", 29)]
    [InlineData("node-03 mlx5_5", 29)]
    [InlineData("node-03 HCA-6", 29)]
    [InlineData("MF0;leaf-02:MQM9700/U1", 256 + 2)]
    [InlineData("node-03 mlx5_8", -1)]
    [InlineData("node-99 mlx5_0", -1)]
    [InlineData(";", -1)]
    [InlineData("", -1)]
    public void Names_that_programs_give_are_understood(string name, int device) => Assert.Equal(device, new DesignNames(Pod()).Find(name));

    [Fact]
    public void A_file_of_another_fabric_is_an_error()
    {
        var builder = new DiscoveredFabricBuilder("other.txt", countsParts: true);
        for (var i = 0; i < 10; i++) builder.Device($"rack{i}", null, DiscoveredKind.Card, i + 1);
        var error = Assert.Throws<InputException>(() => FabricVerifier.Verify(Pod(), builder.Finish()));
        Assert.Contains("another fabric", error.Message, StringComparison.Ordinal);
        Assert.Contains("'rack0'", error.Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => FabricVerifier.Verify(Pod(), new DiscoveredFabricBuilder("empty", true).Finish()));
    }

    // A rack of a large fabric has the shape of a small one; its names say that it is none.
    [Fact]
    public void A_fabric_of_the_same_shape_under_other_names_is_another_fabric()
    {
        var graph = Pod();
        var built = new BuiltFabric(graph);
        for (var d = 0; d < graph.Devices; d++) built.Names[d] = $"{graph.NameOf(d)}.elsewhere";
        Assert.Contains("another fabric", Assert.Throws<InputException>(() => FabricVerifier.Verify(graph, built.Discover())).Message, StringComparison.Ordinal);
        // A few devices under another name are known by their cables.
        built.Names.Clear();
        built.Names[graph.FirstSwitch + 3] = "sw-x";
        Assert.Equal(1, FabricVerifier.Verify(graph, built.Discover()).KnownByStructure);
    }

    [Fact]
    public void A_device_that_the_design_does_not_have_is_named_with_its_cables()
    {
        var graph = Pod(31);
        var builder = new DiscoveredFabricBuilder("built", countsParts: true);
        for (var d = 0; d < graph.Devices; d++) builder.Device(graph.NameOf(d), null, DiscoveredKind.Unknown, d + 1);
        var stranger = builder.Device("storage-1", null, DiscoveredKind.Card, 9999);
        for (var l = 0; l < graph.Links; l++)
            builder.Link(graph.Lower[l], new(graph.LowerPort[l] + 1), graph.Upper[l], new(graph.UpperPort[l] + 1), null, l + 1);
        var leaf = graph.Upper[LinkBetween(graph, "node-30-nic-2", "leaf-26")];
        builder.Link(stranger, new(1), leaf, new(8), null, 10_000);
        var difference = Single(FabricVerifier.Verify(graph, builder.Finish()));
        Assert.Equal(DifferenceKind.ExtraDevice, difference.Kind);
        Assert.Equal("storage-1", Assert.Single(difference.Devices));
    }

    [Fact]
    public void Two_devices_of_one_identifier_and_two_cables_in_one_port_are_errors()
    {
        var builder = new DiscoveredFabricBuilder("f", countsParts: true);
        var a = builder.Device("a", 7, DiscoveredKind.Card, 1);
        var b = builder.Device("b", 8, DiscoveredKind.Switch, 2);
        builder.Link(a, new(1), b, new(1), null, 3);
        Assert.Equal("f:4:1: GUID 0x7 stands here a second time; device 'a' of line 1 has it already",
            Assert.Throws<InputException>(() => builder.Device("c", 7, DiscoveredKind.Card, 4)).Message);
        Assert.Equal("f:5:1: port 1 of 'b' has a second cable; its first stands in line 3",
            Assert.Throws<InputException>(() => builder.Link(a, new(2), b, new(1), null, 5)).Message);
        Assert.Throws<InputException>(() => builder.Link(a, new(0), b, new(2), null, 6));
    }

    [Fact]
    public void Ports_of_split_switches_are_named_by_number_and_part()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 8, System = Parts.System(4, 4), Switch = Parts.Switch(8, 800, 400), FabricRate = Parts.Gb(800), Tiers = 2 }));
        var leaf = graph.Tier("leaf")!.First;
        var links = graph.LinksOf(leaf).ToArray();
        Assert.Contains(new PortNumber(1, 2), links.Select(l => PortNumber.Of(graph, l, leaf)));
        Assert.Contains(links, l => PortNumber.Of(graph, l, leaf).Part == 0);
        foreach (var l in links) Assert.Equal(graph.PortOf(l, leaf), PortNumber.Of(graph, l, leaf).IndexOn(graph, leaf));
        Assert.Equal(-1, new PortNumber(9).IndexOn(graph, leaf));
        Assert.Equal(-1, new PortNumber(1, 3).IndexOn(graph, leaf));
    }
}
