using System.Collections.Concurrent;
using CsCheck;

namespace Lightloom.Fabric.Tests;

/// <summary>Routing and analysis of every topology against the slow and obvious way.</summary>
public class TopologyRoutingTests
{
    static readonly string[] Names = [.. Topologies.All.Select(t => t.Name).Where(n => n is not ("single-switch" or "fat-tree"))];

    /// <summary>Runs a check on small fabrics of every topology, and says when some topology was hardly met.</summary>
    static void OnSmallFabrics(int mostLinks, int iterations, int least, Action<FabricGraph> check)
    {
        var met = new ConcurrentDictionary<string, int>();
        TopologyPropertyTests.All.Sample(t =>
        {
            if (EnumerationTests.TryPlan(t.Topology, t.Request) is not { } plan || plan.LinkCount > mostLinks) return;
            met.AddOrUpdate(t.Topology, 1, static (_, n) => n + 1);
            check(FabricGraph.Of(plan));
        }, iter: iterations);
        // The smallest fabrics of one or two topologies are nearly as large as what is let through, and may be drawn in no run.
        var unmet = Names.Where(n => met.GetValueOrDefault(n) < least).ToList();
        Assert.True(unmet.Count <= 2, $"hardly any small fabrics of {string.Join(", ", unmet)}");
    }

    [Fact]
    public void Loads_are_those_of_every_flow_walked() => OnSmallFabrics(60, 9000, 1, graph =>
    {
        var naive = new NaiveFabric(graph);
        Same(naive.Loads(NaiveRouter.AllToAll(graph)), LinkLoads.Of(graph, new EqualCost(), Traffic.AllToAll()));
        var permutation = Traffic.Permutation(graph, 3);
        Same(naive.Loads(permutation.Flows), LinkLoads.Of(graph, new EqualCost(), permutation));
    });

    [Fact]
    public void Loads_of_what_is_left_are_those_of_every_flow_walked() => OnSmallFabrics(50, 7500, 1, graph =>
    {
        if (graph.Links == 0) return;
        var failed = new FailedParts(graph);
        for (var i = 0UL; i < 3; i++) failed.AddLink((int)(Router.Mix((ulong)graph.Links, i) % (ulong)graph.Links));
        var naive = new NaiveFabric(graph, failed);
        Same(naive.Loads(NaiveRouter.AllToAll(graph)), LinkLoads.Of(graph, new EqualCost(), Traffic.AllToAll(), new() { Failed = failed }));
    });

    [Fact]
    public void Every_routing_joins_what_it_says_and_loses_nothing() => OnSmallFabrics(100, 6000, 1, graph =>
    {
        var planes = FabricPlane.AllOf(graph);
        var traffic = Traffic.Permutation(graph, 5);
        if (traffic.Flows.Count == 0) return;
        var unroutable = LinkLoads.Of(graph, new EqualCost(), traffic).Unroutable.Si;
        foreach (var routing in Routings.All)
        {
            if (routing.Unsuited(planes[0]) is not null) continue;
            var loads = LinkLoads.Of(graph, routing, traffic);
            // One hop between groups at most: groups that aren't joined can't talk.
            if (routing is Minimal or Valiant or UgalLocal or UgalGlobal or MinimalAdaptive) Assert.True(loads.Unroutable.Si >= unroutable - 1e-12);
            else Assert.Equal(unroutable, loads.Unroutable.Si, 1e-12);
            foreach (var plane in planes)
            {
                var (router, scratch, path) = (routing.Bind(plane), new RouteScratch(), new List<int>());
                foreach (var f in traffic.Flows)
                {
                    foreach (var a in plane.EndpointsOf(f.From).ToArray())
                    {
                        foreach (var b in plane.EndpointsOf(f.To).ToArray())
                        {
                            path.Clear();
                            if (a.Ordinal != b.Ordinal || !router.Path(a, b, 7, scratch, path)) continue;
                            var at = a.Router;
                            foreach (var directed in path)
                            {
                                var (lower, upper) = (plane.RouterOf(graph.Lower[directed / 2]), plane.RouterOf(graph.Upper[directed / 2]));
                                Assert.Equal(at, directed % 2 == 0 ? lower : upper);
                                at = directed % 2 == 0 ? upper : lower;
                            }
                            Assert.Equal(b.Router, at);
                        }
                    }
                }
            }
        }
    });

    [Fact]
    public void Dimension_order_takes_shortest_paths_one_dimension_after_the_other()
    {
        var grids = 0;
        OnSmallFabrics(300, 6000, 0, graph =>
        {
            var plane = FabricPlane.AllOf(graph)[0];
            if (Grid.Of(plane) is not { } grid) return;
            Interlocked.Increment(ref grids);
            var (order, shortest) = ((TableRouter)new DimensionOrder().Bind(plane), (TableRouter)new EqualCost().Bind(plane));
            for (var t = 0; t < plane.Routers; t++)
            {
                var (hops, all) = (order.Towards(t), shortest.Towards(t));
                for (var r = 0; r < plane.Routers; r++)
                {
                    Assert.Equal(all.HopsFrom(r), hops.HopsFrom(r));
                    // All of the shortest hops in the first dimension that is wrong.
                    var edges = all.Of(r).ToArray();
                    var first = edges.Length == 0 ? 0 : edges.Min(e => grid.DimensionOf[e]);
                    Assert.Equal(edges.Where(e => grid.DimensionOf[e] == first), hops.Of(r).ToArray());
                }
            }
        });
        Assert.True(grids > 30, $"only {grids} grids");
    }

    [Fact]
    public void Distances_are_those_of_one_search_after_another() => OnSmallFabrics(100, 7500, 1, graph =>
    {
        var naive = new NaiveFabric(graph);
        var plane = FabricPlane.AllOf(graph)[0];
        var ends = Enumerable.Range(0, graph.Cards).Where(c => naive.Ports(c, 0).Count > 0).ToArray();
        var hops = HopCounts.Of(plane);
        // Between every two places where a card meets a router, each card counted once at each router.
        var at = ends.SelectMany(c => naive.Ports(c, 0).Select(p => p.Router).Distinct().Select(r => (Card: c, Router: r))).ToArray();
        var (sum, count) = (0.0, 0L);
        foreach (var a in at)
        {
            foreach (var b in at)
            {
                if (a == b || !naive.DistancesTo(0, b.Router).TryGetValue(a.Router, out var d)) continue;
                (sum, count) = (sum + d, count + 1);
            }
        }
        Assert.Equal(count == 0 ? 0 : sum / count, hops.MeanBetweenCards, 1e-9);
        var routers = at.Select(a => a.Router).Distinct().ToArray();
        var pairs = routers.SelectMany(a => routers.Where(b => b != a && naive.DistancesTo(0, b).ContainsKey(a)).Select(b => naive.DistancesTo(0, b)[a])).ToArray();
        Assert.Equal(pairs.Length == 0 ? 0 : pairs.Max(), hops.Diameter);
        Assert.Equal(pairs.Length == 0 ? 0 : pairs.Average(), hops.MeanBetweenRouters, 1e-9);
        Assert.Equal(((long)routers.Length * (routers.Length - 1)) - pairs.Length, hops.UnreachablePairs);
    });

    [Fact]
    public void A_deadlock_is_found_where_all_paths_written_out_have_one() => OnSmallFabrics(60, 9000, 1, graph =>
    {
        var plane = FabricPlane.AllOf(graph)[0];
        var verdict = DeadlockVerdict.Of(plane, new EqualCost());
        Assert.Equal(new NaiveFabric(graph).CanDeadlock(0), !verdict.IsFree);
        if (verdict.IsFree)
        {
            Assert.Equal((0, 1), (verdict.Cycle.Count, verdict.Lanes));
            return;
        }
        Assert.True(verdict.Lanes > 1);
        for (var i = 0; i < verdict.Cycle.Count; i++)
            Assert.True(plane.Edge(verdict.Cycle[i], verdict.Cycle[(i + 1) % verdict.Cycle.Count]) >= 0);
    });

    [Fact]
    public void Bounds_of_the_bisection_hold_the_thinnest_of_all_cuts()
    {
        var (exact, open) = (0, 0);
        OnSmallFabrics(100, 6000, 0, graph =>
        {
            var plane = FabricPlane.AllOf(graph)[0];
            var cut = new BalancedCut(plane);
            if (cut.Sources is < 2 or > 12 || plane.Routers > 24 || plane.Component.Distinct().Count() > 1) return;
            var structure = FabricStructure.Of(graph);
            var all = cut.TryAll();
            // What is found without trying all: the bounds themselves.
            Assert.True(cut.Best() >= all - 1e-9);
            var largest = Enumerable.Range(0, plane.Edges).SelectMany(e => plane.LinksOf(e).ToArray().Select(l => structure.Uniform.Load(l, plane.Directed(e, l) % 2 == 0))).DefaultIfEmpty(0).Max();
            if (largest > 0) Assert.True(cut.LowerBound(1 / largest) <= all * (1 + 1e-9), $"{graph.Plan.Topology}: {cut.LowerBound(1 / largest)} > {all}");
            Interlocked.Increment(ref cut.Best() - all < 1e-9 ? ref exact : ref open);
            if (structure.Bisection is { Method: "the structure of a folded Clos" } clos)
            {
                // Where leaves are filled unevenly the structure may give two bounds that don't meet; they say so.
                Assert.InRange(all, clos.Lower.Si - 1e-9, clos.Upper.Si + 1e-9);
                if (clos.IsExact) Assert.Equal(all, clos.Upper.Si, 1e-9);
            }
        });
        Assert.True(exact > 40 && open * 10 < exact, $"the best cut was found {exact} times and missed {open} times");
    }

    [Fact]
    public void Paths_without_a_common_link_are_as_many_as_links_that_part_two_routers() =>
        Gen.Select(Gen.Int[2, 5], Gen.Int[0, 4], Gen.ULong).Sample((routers, more, seed) =>
        {
            var graph = DrawnFabric.Random(routers, more, 1, seed);
            var plane = FabricPlane.AllOf(graph)[0];
            var cables = Enumerable.Range(0, graph.Links).Where(l => graph.ClassOf[l] == 1).ToArray();
            // The fewest links whose loss parts 0 and 1, by trying all sets of links.
            var fewest = cables.Length;
            for (var set = 0; set < 1 << cables.Length; set++)
            {
                if (System.Numerics.BitOperations.PopCount((uint)set) >= fewest) continue;
                var failed = new FailedParts(graph);
                for (var i = 0; i < cables.Length; i++)
                    if ((set >> i & 1) == 1) failed.AddLink(cables[i]);
                var left = FabricPlane.AllOf(graph, failed)[0];
                if (left.Component[0] != left.Component[1]) fewest = System.Numerics.BitOperations.PopCount((uint)set);
            }
            Assert.Equal(fewest, new MaxFlow(plane).Between(0, 1));
        }, iter: 100);

    static void Same((double[] Load, double Unroutable) expected, LinkLoads loads)
    {
        for (var l = 0; l < expected.Load.Length; l++) Assert.Equal(expected.Load[l], loads.Load(l / 2, l % 2 == 0), 1e-9);
        Assert.Equal(expected.Unroutable, loads.Unroutable.Si, 1e-9);
    }
}
