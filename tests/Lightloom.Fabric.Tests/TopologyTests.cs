namespace Lightloom.Fabric.Tests;

/// <summary>The worked examples of the topologies, what they refuse, and their cuts against searched ones.</summary>
public class TopologyTests
{
    static FabricRequest Hosts(int systems, int radix, TopologyParameters? parameters = null) =>
        PublishedTopologyTests.Request(systems, radix, parameters);

    static FabricPlan Plan(string topology, FabricRequest request) => Topologies.Find(topology).Plan(request);

    static void Says(string topology, FabricRequest request, string field, string message, double? below = null, double? above = null)
    {
        var e = Assert.Throws<FabricException>(() => Plan(topology, request));
        Assert.Equal(message, e.Message);
        Assert.Equal((field, below, above), (e.Field, e.NearestBelow, e.NearestAbove));
    }

    [Fact]
    public void Rails_of_their_own_need_no_spines()
    {
        var plan = Plan("rail-only", new() { Systems = 64, System = Parts.Dgx, Switch = Parts.Qm9700 });
        Assert.Equal((8L, 512L, 8), (plan.SwitchCount, plan.LinkCount, plan.Locality[1].Rails));
        var optimized = Plan("rail-optimized", new() { Systems = 64, System = Parts.Dgx, Switch = Parts.Qm9700 });
        Assert.Equal((24L, 1024L), (optimized.SwitchCount, optimized.LinkCount));
        // Port i of a system is card i, and meets its rail alone.
        var graph = FabricGraph.Of(plan);
        for (var card = 0; card < graph.Cards; card++)
            Assert.Equal(graph.Tier("leaf")!.First + (card % 8), graph.Across(graph.LinksOf(card)[0], card));
    }

    [Fact]
    public void Twin_port_cards_stand_in_both_planes()
    {
        var plan = Plan("multi-plane", new() { Systems = 128, System = Parts.System(8, 8, 400, 2), Switch = Parts.Switch(64) });
        Assert.Equal((2, 2048L, 64L, 32L), (plan.Request.Planes, plan.NicPorts, plan.Tiers[0].Count, plan.Tiers[1].Count));
        var graph = FabricGraph.Of(plan);
        var leaf = graph.Tier("leaf")!;
        for (var card = 0; card < graph.Cards; card++)
            Assert.Equal([0, 1], graph.LinksOf(card).ToArray().Select(l => leaf.PlaneOf(graph.Across(l, card))));
        Says("multi-plane", Hosts(8, 64), "planes", "a card of one port stands in one plane; expected cards of several ports, or a portRate that splits them", 1);
    }

    // OpenAI's and Azure's fabric: 131,072 cards in two tiers of 512-port switches.
    [Fact]
    public void Two_tiers_of_512_ports_join_131072_cards()
    {
        var plan = Plan("multi-plane", new() { Systems = 16384, System = Parts.System(8, 8, 100, 8), Switch = Parts.Switch(512, 100) });
        Assert.Equal((8, 2), (plan.Request.Planes, plan.Tiers.Count));
        Assert.Equal((8 * 512L, 8 * 256L), (plan.Tiers[0].Count, plan.Tiers[1].Count));
    }

    [Fact]
    public void Cards_outlive_one_of_two_leaves()
    {
        var plan = Plan("dual-tor", new() { Systems = 32, System = Parts.System(8, 8, 400, 2), Switch = Parts.Switch(128) });
        Assert.Equal((8L, 4L, 2), (plan.Tiers[0].Count, plan.Tiers[1].Count, plan.Clos!.LeavesPerUnit));
        var graph = FabricGraph.Of(plan);
        for (var card = 0; card < graph.Cards; card++)
        {
            var leaves = graph.LinksOf(card).ToArray().Select(l => graph.Across(l, card)).ToList();
            Assert.Equal(2, leaves.Distinct().Count());
        }
        Says("dual-tor", Hosts(8, 64), "planes", "a card of 1 ports has no two in each of 1 planes; expected cards of several ports, or a portRate that splits them");
        Says("dual-tor", Hosts(8, 64) with { Tiers = 1 }, "tiers", "the leaves of a card meet above them: dual-tor has 2 or 3 tiers, not 1", null, 2);
    }

    [Fact]
    public void A_random_graph_depends_on_its_seed_alone()
    {
        static int[] Ends(int? seed)
        {
            var graph = FabricGraph.Of(Plan("jellyfish", Hosts(400, 16, new() { HostsPerSwitch = 4, Degree = 12, Seed = seed })));
            return [.. graph.Lower, .. graph.Upper, .. graph.LowerPort.ToArray().Select(p => (int)p)];
        }
        Assert.Equal(Ends(7), Ends(7));
        Assert.NotEqual(Ends(7), Ends(8));
        Assert.Equal(Ends(null), Ends(TopologyParameters.UsualSeed));
    }

    // Singla et al.: 686 switches of a 14-port fat-tree; a random graph of the same switches has shorter ways.
    [Fact]
    public void Random_graphs_have_short_ways()
    {
        var found = GraphProperties.Of(FabricGraph.Of(Plan("jellyfish", Hosts(686, 14, new() { Switches = 245, HostsPerSwitch = 3, Degree = 11 }))));
        var tree = GraphProperties.Of(FabricGraph.Of(Plan("fat-tree", Hosts(686, 14) with { Tiers = 3 })));
        Assert.Equal((245, 245), (found.Devices, tree.Devices));
        Assert.True(found.Connected);
        Assert.True(found.MeanDistance < 2.6 && tree.MeanDistance > 2.9, $"{found.MeanDistance} and {tree.MeanDistance} hops");
    }

    [Fact]
    public void What_cannot_be_names_the_nearest_that_can()
    {
        Says("slim-fly", Hosts(10, 64, new() { Order = 15 }), "parameters.order",
            "slim-fly needs an order that is an odd prime power, and 15 is none; the nearest possible are 13 and 17", 13, 17);
        Says("slim-fly", Hosts(10, 64, new() { Order = 8 }), "parameters.order",
            "slim-fly needs an order that is an odd prime power, and 8 is none; the nearest possible are 7 and 9", 7, 9);
        Says("polarfly", Hosts(10, 64, new() { Order = 6 }), "parameters.order",
            "polarfly needs an order that is a prime power, and 6 is none; the nearest possible are 5 and 7", 5, 7);
        Says("slim-fly", Hosts(201, 11, new() { Order = 5 }), "systems",
            "201 systems of 1 ports don't fit slim-fly with 200 places for them; the nearest possible count is 200", 200);
        Says("slim-fly", Hosts(10, 5), "switch", "a router of '5x400G' has 5 ports; the smallest slim-fly needs 6", null, 6);
        Says("dragonfly", Hosts(10, 15, new() { Groups = 34, SwitchesPerGroup = 8, GlobalLinksPerSwitch = 4, HostsPerSwitch = 4 }), "parameters.groups",
            "34 groups of 8 routers with 4 global links each can't all be joined; the nearest possible is 33", 33);
        Says("dragonfly", Hosts(10, 14, new() { Groups = 33, SwitchesPerGroup = 8, GlobalLinksPerSwitch = 4, HostsPerSwitch = 4 }), "switch",
            "a router needs 15 ports for 4 + 7 + 4 links, and '14x400G' has 14", null, 15);
        Says("dragonfly", Hosts(10, 64, new() { Order = 7 }), "parameters.order",
            "dragonfly has no parameter 'order'; it has hostsPerSwitch, switchesPerGroup, globalLinksPerSwitch, groups, linksPerPair");
        Says("fat-tree", Hosts(10, 64, new() { Groups = 7 }), "parameters.groups", "fat-tree has no parameter 'groups'; it has none");
        Says("dragonfly", Hosts(10, 64) with { Tiers = 2 }, "tiers", "dragonfly has no tiers to choose");
        Says("hyperx", Hosts(10, 8, new() { Dimensions = [5, 5] }), "switch",
            "a router of '8x400G' has 8 ports, none for hosts beside 8 to its lines of 5 x 5", null, 9);
        Says("torus", Hosts(64, 64), "system", "a node of a torus needs 4 ports in two dimensions, 6 in three, or a multiple in each plane; the system's cards have 1 and it has 1");
        Says("torus", PublishedTopologyTests.Tpu(16, 16, 16) with { Parameters = new() { Dimensions = [16, 16, 18], Board = [4, 4, 4] } }, "parameters.dimensions",
            "18 nodes of dimension 3 aren't whole boards of 4; the nearest possible are 16 and 20", 16, 20);
        Says("torus", PublishedTopologyTests.Tpu(16, 16, 20), "parameters.opticalSwitch",
            "80 boards need 160 ports of each optical circuit switch, and '136 mirrors' has 128 to use; the nearest possible are 64 boards", 64);
        Says("hammingmesh", Hosts(64, 64), "planes", "a node of a HammingMesh has 4 ports in each plane, and a system has 1");
        Says("jellyfish", Hosts(64, 16, new() { Switches = 16, HostsPerSwitch = 4, Degree = 13 }), "parameters.degree",
            "a switch of 16 ports with 4 hosts has 12 for others, not 13; the nearest possible is 12", 12);
    }

    // A search by exchanges from many starts finds no thinner cut into halves than the structure's, and finds that one.
    [Theory]
    [InlineData("hyperx", 16, 4, 4)]
    [InlineData("hyperx", 64, 4, 4, 4)]
    [InlineData("torus", 16, 4, 4)]
    [InlineData("torus", 64, 4, 4, 4)]
    [InlineData("slim-fly", 50, 5)]
    [InlineData("slim-fly", 98, 7)]
    [InlineData("dragonfly", 24, 6)]
    public void Cuts_are_the_thinnest(string topology, int devices, params int[] sides)
    {
        var plan = topology switch
        {
            "hyperx" => Plan(topology, Hosts(devices, 64, new() { Dimensions = sides, HostsPerSwitch = 1 })),
            "torus" => Plan(topology, PublishedTopologyTests.Request(devices, 64, new() { Dimensions = sides }, 2 * sides.Length)),
            "slim-fly" => Plan(topology, Hosts(devices, 64, new() { Order = sides[0], HostsPerSwitch = 1 })),
            _ => Plan(topology, Hosts(devices, 64, new() { HostsPerSwitch = 1, SwitchesPerGroup = 4, GlobalLinksPerSwitch = 5, Groups = sides[0], LinksPerPair = 8 })),
        };
        // As links: the share of half of what the cards inject, here above 1 for all but the torus.
        var injected = devices / 2.0 * (topology == "torus" ? 2 * sides.Length : 1);
        var cut = topology switch
        {
            "hyperx" => HyperX.Cut(sides),
            "torus" => plan.BisectionShare.Si * injected,
            "slim-fly" => sides[0] * ((sides[0] * sides[0]) + 1) / 2,
            _ => 3 * 3 * 4,
        };
        Assert.Equal(Math.Min(1, cut / injected), plan.BisectionShare.Si, 12);
        Assert.Equal(cut, Searched(FabricGraph.Of(plan), devices), 9);
    }

    static int Searched(FabricGraph graph, int devices)
    {
        var first = graph.SwitchCount > 0 ? graph.FirstSwitch : 0;
        var links = Enumerable.Range(0, graph.Links).Select(l => (A: graph.Lower[l] - first, B: graph.Upper[l] - first)).Where(l => l.A >= 0 && l.B >= 0).ToArray();
        var weight = new int[devices, devices];
        foreach (var (a, b) in links)
        {
            weight[a, b]++;
            weight[b, a]++;
        }
        var random = new Random(1);
        var best = int.MaxValue;
        for (var start = 0; start < 200; start++)
        {
            var order = Enumerable.Range(0, devices).ToArray();
            random.Shuffle(order);
            var side = new bool[devices];
            for (var i = 0; i < devices / 2; i++) side[order[i]] = true;
            // Kernighan and Lin: the best sequence of exchanges, also through worse ones.
            while (Pass(weight, side, devices)) { }
            best = Math.Min(best, links.Count(l => side[l.A] != side[l.B]));
        }
        return best;
    }

    static bool Pass(int[,] weight, bool[] side, int devices)
    {
        var gain = new int[devices];
        for (var a = 0; a < devices; a++)
            for (var b = 0; b < devices; b++) gain[a] += side[a] != side[b] ? weight[a, b] : -weight[a, b];
        var done = new bool[devices];
        var swaps = new List<(int, int)>();
        var (sum, best, keep) = (0, 0, 0);
        for (var step = 0; step < devices / 2; step++)
        {
            var (most, x, y) = (int.MinValue, -1, -1);
            for (var a = 0; a < devices; a++)
            {
                if (done[a] || !side[a]) continue;
                for (var b = 0; b < devices; b++)
                {
                    if (done[b] || side[b]) continue;
                    var g = gain[a] + gain[b] - (2 * weight[a, b]);
                    if (g > most) (most, x, y) = (g, a, b);
                }
            }
            (done[x], done[y]) = (true, true);
            swaps.Add((x, y));
            sum += most;
            if (sum > best) (best, keep) = (sum, swaps.Count);
            for (var d = 0; d < devices; d++)
            {
                gain[d] += side[d] == side[x] ? 2 * weight[d, x] : -2 * weight[d, x];
                gain[d] += side[d] == side[y] ? 2 * weight[d, y] : -2 * weight[d, y];
            }
        }
        foreach (var (x, y) in swaps.Take(keep)) (side[x], side[y]) = (side[y], side[x]);
        return keep > 0;
    }

    [Theory]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(25)]
    [InlineData(27)]
    [InlineData(31)]
    public void Fields_obey_their_laws(int order)
    {
        var field = new GaloisField(order);
        var powers = Enumerable.Range(0, order - 1).Select(field.Power).ToHashSet();
        Assert.Equal(order - 1, powers.Count);
        for (var a = 0; a < order; a++)
        {
            Assert.Equal(0, field.Add(a, field.Negate(a)));
            for (var b = 0; b < order; b++)
            {
                if (b > 0) Assert.Equal(a, field.Multiply(field.Divide(a, b), b));
                for (var c = 0; c < order; c += 3)
                    Assert.Equal(field.Multiply(a, field.Add(b, c)), field.Add(field.Multiply(a, b), field.Multiply(a, c)));
            }
        }
    }

    // Twice the systems, about as much to count.
    [Theory]
    [InlineData("dragonfly")]
    [InlineData("dragonfly+")]
    [InlineData("hyperx")]
    [InlineData("slim-fly")]
    [InlineData("polarfly")]
    [InlineData("jellyfish")]
    [InlineData("hammingmesh")]
    [InlineData("torus")]
    [InlineData("rail-only")]
    public void A_million_cards_are_counted_and_not_enumerated(string topology)
    {
        long Bytes(int systems)
        {
            var ports = topology switch { "hammingmesh" => 4, "torus" => 6, _ => 1 };
            var request = new FabricRequest { Systems = systems, System = Parts.System(8, 8, 400, ports), Switch = Parts.Switch(512) };
            return Allocations.Of(() => Plan(topology, request));
        }
        // Lines of a HammingMesh and orders to try grow with the root of the systems at most.
        Assert.InRange(Bytes(131_072), 0, 64 * 1024);
    }
}
