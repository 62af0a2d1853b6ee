using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Scenarios;

namespace Lightloom.Simulation.Tests;

public sealed class FlowScenarioTests
{
    static readonly Bandwidth Rate = Bandwidth.FromGigabytesPerSecond(50);

    [Fact]
    public void The_example_of_a_tree_is_four_links()
    {
        var tree = new ExtendedFatTree([8, 8], [1, 8], Rate);
        Assert.Equal((64, 2 * (64 + 64)), (tree.Hosts, tree.Links));
        var path = new int[4];
        Assert.Equal(4, tree.Route(0, 13, path));
        // Host 0's link; leaf 0's port 5; spine 5 down to leaf 1; leaf 1 down to 13.
        Assert.Equal([0, 64 + 5, 128 + 64 + 8 + 5, 128 + 13], path);
        Assert.Equal((2, 4), (tree.HopsBetween(0, 7), tree.HopsBetween(0, 8)));
    }

    // A destination has one path from everywhere, all links of a path differ, and it climbs no higher than it must.
    [Fact]
    public void Routes_reach_a_host_by_one_way_down() => Gen.Select(Gen.Int[1, 5].Array[1, 4], Gen.Int[1, 4].Array[4], Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample((children, parents, a, b) =>
    {
        var tree = new ExtendedFatTree(children, parents[..children.Length], Rate);
        var (from, to) = (a % tree.Hosts, b % tree.Hosts);
        var path = new int[2 * tree.Levels];
        var hops = tree.Route(from, to, path);
        Assert.Equal(tree.HopsBetween(from, to), hops);
        Assert.Equal(hops, path[..hops].Distinct().Count());
        Assert.All(path[..hops], l => Assert.InRange(l, 0, tree.Links - 1));
        if (hops == 0) return;
        Assert.All(path[..(hops / 2)], l => Assert.True(l < tree.Links / 2));
        for (var other = 0; other < tree.Hosts; other++)
        {
            var way = new int[2 * tree.Levels];
            var n = tree.Route(other, to, way);
            // The last links, down, are the same for all.
            for (var i = 1; i <= Math.Min(n, hops) / 2; i++) Assert.Equal(path[hops - i], way[n - i]);
        }
    }, iter: 200);

    // 2 (N - 1) floor(10^9 / N) / 50e9 s.
    [Theory]
    [InlineData(64, 0.039375)]
    [InlineData(128, 0.0396875)]
    [InlineData(256, 0.03984375)]
    [InlineData(512, 0.039921875)]
    [InlineData(1024, 0.03996091704)]
    public void A_ring_takes_its_closed_form(int hosts, double seconds)
    {
        var run = FlowScenario.Find($"ring{hosts}").Run();
        Assert.Equal(seconds, run.Seconds, 1e-13);
        Assert.Equal(2L * hosts * (hosts - 1), run.Scenario.Flows);
        Assert.Equal(seconds / (2 * (hosts - 1)), run.FinishOf(hosts - 1), 1e-13);
        Assert.Equal(seconds, run.FinishOf(run.Scenario.Flows - 1), 1e-13);
        Assert.InRange(run.Batches, 1, 20);
    }

    // Every host sends N - 1 MB over a link of 50 GB/s; through a quarter of the uplinks, those out of a leaf wait for it.
    [Theory]
    [InlineData("a2a64", 63e6 / 50e9, 63e6 / 50e9)]
    [InlineData("a2a128", 127e6 / 50e9, 127e6 / 50e9)]
    [InlineData("a2a1024", 1023e6 / 50e9, 1023e6 / 50e9)]
    [InlineData("a2a128o", 0.0004, 16 * 112 * 1e6 / (4 * 50e9))]
    public void An_all_to_all_takes_its_closed_form(string name, double first, double last)
    {
        var run = FlowScenario.Find(name).Run();
        Assert.Equal(last, run.Seconds, 1e-12);
        Assert.Equal(first, run.FinishOf(0), 1e-12);
        Assert.Equal(2, run.Classes);
    }

    [Theory]
    [InlineData("perm16384", 16383, 5515, 35, 0.14)]
    [InlineData("perm4096", 4096, 7, 6, 0.12)]
    [InlineData("shift4096", 4096, 1, 1, 0.02)]
    public void Permutations_have_the_classes_and_moments_that_others_found(string name, long flows, int classes, long moments, double seconds)
    {
        var run = FlowScenario.Find(name).Run();
        Assert.Equal((flows, classes, moments), (run.Scenario.Flows, run.Classes, run.Batches));
        Assert.Equal(seconds, run.Seconds, 1e-12);
    }

    [Theory]
    [InlineData("perm1024")]
    [InlineData("perm256o")]
    [InlineData("a2a16o")]
    [InlineData("lmm200")]
    [InlineData("shift64")]
    [InlineData("ring16")]
    public void One_by_one_or_by_class_is_the_same(string name)
    {
        var scenario = FlowScenario.Find(name);
        var (one, many) = (scenario.Run(new() { Grouping = FlowGrouping.OneByOne }), scenario.Run(new() { Grouping = FlowGrouping.ByClass }));
        for (var f = 0L; f < scenario.Flows; f++) Assert.Equal(one.FinishOf(f), many.FinishOf(f), 1e-9 * one.FinishOf(f));
    }

    [Theory]
    [InlineData("prem128", "did you mean 'perm'")]
    [InlineData("perm100", "a power of two from 4 to 1,048,576, found '100'")]
    [InlineData("perm", "expected a number behind 'perm', found ''")]
    [InlineData("ring64o", "only perm and a2a")]
    [InlineData("lmm7", "an even number of flows")]
    [InlineData("a2a16384", "would list 268,419,072 flows")]
    [InlineData("a2a4o", "no quarter of their uplinks")]
    public void Other_names_are_refused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => FlowScenario.Find(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void Twice_the_hosts_are_about_twice_the_work()
    {
        foreach (var kind in new[] { "perm", "shift" })
        {
            var (small, large) = (FlowScenario.Find($"{kind}1024").Run(), FlowScenario.Find($"{kind}4096").Run());
            Assert.InRange(large.Decisions, 0, 2 * small.Decisions); // classes of symmetric traffic don't grow
        }
    }
}
