using CsCheck;

namespace Lightloom.Fabric.Tests;

public class RoutingTests
{
    [Fact]
    public void Equal_cost_is_the_worked_example()
    {
        // 2 leaves under 2 spines with 2 links to each.
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 8, System = Parts.System(1, 1), Switch = Parts.Switch(8), Tiers = 2, Spine = new() { ReservedPorts = 4 } }));
        var plane = FabricPlane.AllOf(graph)[0];
        Assert.Equal((4, 8), (plane.Routers, plane.Edges));
        var hops = ((TableRouter)new EqualCost().Bind(plane)).Towards(1);
        Assert.Equal(2, hops.Of(0).Length);
        Assert.Equal(4, hops.Of(0).ToArray().Sum(plane.Width));
        var loads = LinkLoads.Of(graph, new EqualCost(), Traffic.Of(graph, "one", [new(0, 7, 1)]));
        Assert.Equal(4, Enumerable.Range(0, graph.Links).Count(l => loads.Load(l, true) == 0.25));
    }

    [Fact]
    public void Equal_cost_loads_are_those_of_all_paths_written_out() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[0, 8], Gen.Int[1, 2], Gen.ULong).Sample((routers, more, cards, seed) =>
        {
            var graph = DrawnFabric.Random(routers, more, cards, seed);
            Same(NaiveRouter.EqualCost(graph, NaiveRouter.AllToAll(graph)), LinkLoads.Of(graph, new EqualCost(), Traffic.AllToAll()));
            var some = Traffic.Permutation(graph, seed);
            Same(NaiveRouter.EqualCost(graph, some.Flows), LinkLoads.Of(graph, new EqualCost(), some));
            if (graph.Cards > 1) Same(NaiveRouter.EqualCost(graph, Traffic.Incast(graph, 1).Flows), LinkLoads.Of(graph, new EqualCost(), Traffic.Incast(graph, 1)));
        }, iter: 150);

    [Fact]
    public void All_to_all_is_the_sum_of_its_flows_under_every_routing() =>
        Gen.Select(Gen.Int[2, 7], Gen.Int[0, 6], Gen.ULong).Sample((routers, more, seed) =>
        {
            var graph = DrawnFabric.Random(routers, more, 2, seed);
            var flows = Traffic.Of(graph, "written out", [.. NaiveRouter.AllToAll(graph)]);
            foreach (var routing in new IRouting[] { new EqualCost(), new Minimal(), new Valiant() })
                Same(Enumerable.Range(0, 2 * graph.Links).Select(l => LinkLoads.Of(graph, routing, flows).Load(l / 2, l % 2 == 0)).ToArray(), LinkLoads.Of(graph, routing, Traffic.AllToAll()));
        }, iter: 40);

    [Fact]
    public void Valiant_is_two_minimal_paths_through_every_router() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[0, 6], Gen.ULong).Sample((routers, more, seed) =>
        {
            var graph = DrawnFabric.Random(routers, more, 1, seed);
            var traffic = Traffic.Permutation(graph, seed);
            // One card to a router: a detour over router m is a flow to card m and one from it, between routers.
            var detours = traffic.Flows.SelectMany(f => Enumerable.Range(0, routers)
                .SelectMany(m => new[] { new Flow(f.From, m, 1.0 / routers), new Flow(m, f.To, 1.0 / routers) })).Where(f => f.From != f.To);
            var naive = NaiveRouter.EqualCost(graph, detours);
            var loads = LinkLoads.Of(graph, new Valiant(), traffic);
            for (var l = 0; l < graph.Links; l++)
            {
                if (graph.ClassOf[l] == 0) continue;
                Assert.Equal(naive[2 * l], loads.Load(l, true), 1e-9);
                Assert.Equal(naive[(2 * l) + 1], loads.Load(l, false), 1e-9);
            }
        }, iter: 100);

    [Fact]
    public void D_mod_k_carries_every_shift_of_a_non_blocking_fat_tree_without_contention()
    {
        var three = 0;
        // Whole bundles and full leaves, pods and units; 2 and 3 tiers.
        Gen.Select(Gen.Int[2, 6].Select(h => 2 * h), Gen.Int[1, 12], Gen.Int[1, 2], Gen.Int[2, 3]).Sample((radix, units, planes, tiers) =>
        {
            var half = radix / 2;
            var systems = tiers == 2 ? units * half : Math.Max(1, units / 3) * half * half;
            FabricPlan plan;
            try
            {
                plan = new FatTree().Plan(new()
                {
                    Systems = systems,
                    System = Parts.System(1, 1, 400, planes),
                    Switch = Parts.Switch(radix),
                    Tiers = tiers,
                    Planes = planes,
                    SystemsPerPod = tiers == 3 ? half * half : null,
                });
            }
            catch (FabricException)
            {
                return;
            }
            if (tiers == 3) Interlocked.Increment(ref three);
            var graph = FabricGraph.Of(plan);
            for (var k = 1; k < graph.Cards; k += graph.Cards > 60 ? 7 : 1)
            {
                var loads = LinkLoads.Of(graph, new DModK(), Traffic.Shift(graph, k));
                Assert.Equal(1.0, loads.Max);
                Assert.Equal(0, loads.Unroutable.Si);
                Assert.Equal(1.0, loads.Throughput.Si);
            }
        }, iter: 60);
        Assert.True(three > 0, $"only {three} fabrics of three tiers");
    }

    [Fact]
    public void D_mod_k_carries_shifts_over_rails()
    {
        var graph = FabricGraph.Of(new RailOptimized().Plan(new() { Systems = 8, System = Parts.System(4, 4), Switch = Parts.Switch(8), Tiers = 2 }));
        for (var k = 1; k < graph.Cards; k++) Assert.Equal(1.0, LinkLoads.Of(graph, new DModK(), Traffic.Shift(graph, k)).Max);
    }

    [Fact]
    public void Paths_join_their_ends_and_loads_are_their_sum() =>
        Gen.Select(EnumerationTests.Requests, EnumerationTests.ClosNames, Gen.ULong).Sample((request, topology, seed) =>
        {
            if (EnumerationTests.TryPlan(topology, request) is not { } plan || plan.LinkCount > 3000) return;
            var graph = FabricGraph.Of(plan);
            var traffic = Traffic.Permutation(graph, seed);
            foreach (var routing in new IRouting[] { new DModK(), new EqualCost(), new Valiant() })
            {
                var loads = LinkLoads.Of(graph, routing, traffic, new() { HashSeed = seed });
                var planes = FabricPlane.AllOf(graph);
                var sum = new double[2 * graph.Links];
                foreach (var plane in planes)
                {
                    var (router, scratch) = (routing.Bind(plane), new RouteScratch());
                    foreach (var f in traffic.Flows)
                    {
                        foreach (var a in plane.EndpointsOf(f.From).ToArray())
                        {
                            foreach (var b in plane.EndpointsOf(f.To).ToArray())
                            {
                                if (a.Ordinal != b.Ordinal) continue;
                                var path = new List<int>();
                                Assert.True(router.Path(a, b, seed, scratch, path));
                                var at = plane.DeviceOf[a.Router];
                                foreach (var directed in path)
                                {
                                    var (from, to) = directed % 2 == 0 ? (graph.Lower[directed / 2], graph.Upper[directed / 2]) : (graph.Upper[directed / 2], graph.Lower[directed / 2]);
                                    Assert.Equal(at, from);
                                    at = to;
                                }
                                Assert.Equal(plane.DeviceOf[b.Router], at);
                                if (routing is DModK)
                                {
                                    foreach (var directed in path) sum[directed] += 1;
                                }
                            }
                        }
                    }
                }
                if (routing is not DModK) continue;
                // One path to each destination: hash or not, the loads are the count of paths.
                var fluid = LinkLoads.Of(graph, routing, traffic);
                var port = plan.Links[0].Rate.GigabitsPerSecond;
                for (var l = 0; l < graph.Links; l++)
                {
                    if (graph.ClassOf[l] == 0 || plan.Links[graph.ClassOf[l]].Name == "management-leaf") continue;
                    var rate = port / plan.Links[graph.ClassOf[l]].Rate.GigabitsPerSecond;
                    Assert.Equal(sum[2 * l] * rate, loads.Load(l, true), 1e-9);
                    Assert.Equal(loads.Load(l, true), fluid.Load(l, true), 1e-9);
                    Assert.Equal(loads.Load(l, false), fluid.Load(l, false), 1e-9);
                }
            }
        }, iter: 150);

    [Fact]
    public void Loads_don_t_depend_on_the_number_of_threads()
    {
        var graph = DrawnFabric.Random(60, 120, 3, 7);
        foreach (var routing in new IRouting[] { new EqualCost(), new Valiant() })
        {
            var (one, many) = (LinkLoads.Of(graph, routing, Traffic.AllToAll(), new() { Threads = new() { MaxDegreeOfParallelism = 1 } }),
                LinkLoads.Of(graph, routing, Traffic.AllToAll(), new() { Threads = new() { MaxDegreeOfParallelism = 4 } }));
            for (var l = 0; l < graph.Links; l++) Assert.Equal((one.Load(l, true), one.Load(l, false)), (many.Load(l, true), many.Load(l, false)));
        }
    }

    [Fact]
    public void Tables_hold_what_the_routing_says() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[0, 20], Gen.ULong).Sample((routers, more, seed) =>
        {
            var plane = FabricPlane.AllOf(DrawnFabric.Random(routers, more, 1, seed))[0];
            var router = (TableRouter)new EqualCost().Bind(plane);
            var tables = NextHopTables.Of(router);
            for (var to = 0; to < routers; to++)
            {
                var hops = router.Towards(to);
                for (var from = 0; from < routers; from++) Assert.Equal(hops.Of(from).ToArray(), tables.Of(from, to).ToArray());
            }
        }, iter: 60);

    [Fact]
    public void An_adaptive_routing_takes_detours_where_the_minimal_path_is_full()
    {
        // Every card sends to the next group, and one link leads there.
        var graph = Dragonfly(groups: 5, routers: 4, cards: 2);
        var flows = Traffic.Of(graph, "to the next group", [.. Enumerable.Range(0, graph.Cards).Select(c => new Flow(c, (c + 8) % graph.Cards, 1))]);
        var minimal = LinkLoads.Of(graph, new Minimal(), flows).Max;
        var valiant = LinkLoads.Of(graph, new Valiant(), flows).Max;
        var global = LinkLoads.Of(graph, new UgalGlobal(), flows).Max;
        Assert.Equal(8, minimal, 1e-9); // 8 cards of a group share its one link to the next.
        // Balance would be 3.2: x on the link itself, 2 hops for each of the other 8 − x over 4 links. The rule weighs by hops and stops before.
        Assert.InRange(global, 3.2, 0.7 * minimal);
        Assert.InRange(valiant, 1, 0.6 * minimal);
        // Where nothing is full, detours only cost: a uniform load goes minimally.
        var uniform = LinkLoads.Of(graph, new UgalGlobal(), Traffic.AllToAll());
        Assert.True(uniform.Mean < LinkLoads.Of(graph, new Valiant(), Traffic.AllToAll()).Mean);
        for (var l = 0; l < graph.Links; l++) Assert.True(uniform.Load(l, true) >= 0);
    }

    [Fact]
    public void Minimal_on_a_dragonfly_crosses_one_link_between_groups()
    {
        var graph = Dragonfly(groups: 5, routers: 4, cards: 1);
        var plane = FabricPlane.AllOf(graph)[0];
        var (router, scratch) = (new Minimal().Bind(plane), new RouteScratch());
        var path = new List<int>();
        foreach (var a in plane.EndpointList)
        {
            foreach (var b in plane.EndpointList)
            {
                path.Clear();
                Assert.True(router.Path(a, b, 0, scratch, path));
                Assert.InRange(path.Count, 0, 3);
                var crossed = path.Count(d => graph.GroupOf(graph.Lower[d / 2]) != graph.GroupOf(graph.Upper[d / 2]));
                Assert.Equal(graph.GroupOf(a.Card) == graph.GroupOf(b.Card) ? 0 : 1, crossed);
            }
        }
    }

    [Theory]
    [InlineData("d-mod", "there is no routing 'd-mod'; did you mean 'd-mod-k'?")]
    public void An_unknown_routing_is_told_its_nearest(string name, string message) =>
        Assert.Equal(message, Assert.Throws<FabricException>(() => Routings.Find(name)).Message);

    [Fact]
    public void A_routing_refuses_what_it_can_t_route()
    {
        var graph = DrawnFabric.Random(4, 2, 1, 1);
        Assert.Equal("d-mod-k: it needs a folded Clos, and drawn is none",
            Assert.Throws<FabricException>(() => LinkLoads.Of(graph, new DModK(), Traffic.AllToAll())).Message);
    }

    static FabricGraph Dragonfly(int groups, int routers, int cards)
    {
        var cables = new List<(int, int)>();
        for (var g = 0; g < groups; g++)
            for (var a = 0; a < routers; a++)
                for (var b = a + 1; b < routers; b++) cables.Add(((g * routers) + a, (g * routers) + b));
        // One link between each pair of groups, dealt round over routers.
        for (var g = 0; g < groups; g++)
            for (var h = g + 1; h < groups; h++) cables.Add(((g * routers) + ((h - g - 1) % routers), (h * routers) + ((groups - (h - g) - 1) % routers)));
        return DrawnFabric.Of(groups * routers, cards, cables, [.. Enumerable.Range(0, groups * routers).Select(r => r / routers)], "dragonfly");
    }

    static void Same(double[] expected, LinkLoads loads)
    {
        for (var l = 0; l < expected.Length; l++) Assert.Equal(expected[l], loads.Load(l / 2, l % 2 == 0), 1e-9);
    }
}
