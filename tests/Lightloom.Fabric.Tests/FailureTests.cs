using CsCheck;

namespace Lightloom.Fabric.Tests;

public class FailureTests
{
    // 4 leaves of 2 cards and 2 uplinks under 2 spines.
    static FabricGraph Small() => FabricGraph.Of(new FatTree().Plan(new() { Systems = 8, System = Parts.System(1, 1), Switch = Parts.Switch(4), Tiers = 2 }));

    [Fact]
    public void One_uplink_of_two_is_the_worked_example()
    {
        var graph = Small();
        var analysis = new FailureAnalysis(graph);
        var uplink = Enumerable.Range(0, graph.Links).First(l => graph.ClassOf[l] == 1);
        var impact = analysis.Of(new FailedParts(graph).AddLink(uplink));
        Assert.Equal((1, 2, 0, 0), (impact.Links, impact.CardsThatLosePaths, impact.CardsThatLoseAPort, impact.CardsCutOff));
        Assert.Equal(0.5, impact.WorstPairBeforeRerouting.Si, 1e-12);
        // 2 · 2 · 6 of 56 ordered pairs are between that leaf and others, and lose a half.
        Assert.Equal(24.0 / 56 / 2, impact.LostBeforeRerouting.Si, 1e-12);
        // 2 cards send 6/7 of their traffic over the uplink that is left: 12/7 of what it carries.
        Assert.Equal(7.0 / 12, impact.ThroughputAfter.Si, 1e-12);
        Assert.Equal((1.0, 1.0), (impact.ThroughputBefore.Si, impact.WorstPairAfterRerouting.Si));
    }

    [Fact]
    public void A_leaf_takes_its_cards_with_it_and_a_spine_none()
    {
        var graph = Small();
        var analysis = new FailureAnalysis(graph);
        var leaf = analysis.Of(new FailedParts(graph).AddDevice(graph.Tier("leaf")!.First));
        Assert.Equal((2, 2, 1.0), (leaf.CardsCutOff, leaf.CardsThatLoseAPort, leaf.WorstPairAfterRerouting.Si));
        Assert.Equal(26.0 / 56, leaf.LostBeforeRerouting.Si, 1e-12); // All pairs but the 30 among the 6 others.
        var spine = analysis.Of(new FailedParts(graph).AddDevice(graph.Tier("spine")!.First));
        Assert.Equal((0, 8, 4), (spine.CardsCutOff, spine.CardsThatLosePaths, spine.Links));
        Assert.Equal(7.0 / 12, spine.ThroughputAfter.Si, 1e-12);
        var card = analysis.Of(new FailedParts(graph).AddLink(0));
        Assert.Equal((1, 1, 14.0 / 56), (card.CardsCutOff, card.CardsThatLoseAPort, card.LostBeforeRerouting.Si));
    }

    [Fact]
    public void A_plane_of_two_takes_half_of_everything()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 8, System = Parts.System(1, 1, 400, 2), Switch = Parts.Switch(4), Tiers = 2, Planes = 2 }));
        var impact = new FailureAnalysis(graph).Of(new FailedParts(graph).AddPlane(1));
        Assert.Equal((0, 8), (impact.CardsCutOff, impact.CardsThatLoseAPort));
        Assert.Equal((0.5, 0.5, 0.5, 0.5), (impact.LostBeforeRerouting.Si, impact.WorstPairBeforeRerouting.Si, impact.ThroughputAfter.Si, impact.WorstPairAfterRerouting.Si));
    }

    [Fact]
    public void One_of_a_class_speaks_for_all_of_it()
    {
        var (classes, parts) = (0, 0);
        TopologyPropertyTests.All.Sample(t =>
        {
            // Random regular graphs have no symmetry: there, equal loads are taken for it.
            if (t.Topology == "jellyfish" || EnumerationTests.TryPlan(t.Topology, t.Request) is not { } plan || plan.LinkCount > 60) return;
            var graph = FabricGraph.Of(plan);
            var analysis = new FailureAnalysis(graph);
            var links = analysis.Classes.Where(c => c.Kind == "link").ToArray();
            var managed = Enumerable.Range(0, graph.Links).Where(l => plan.Links[graph.ClassOf[l]].Lower.Tier == "management").ToArray();
            Assert.Equal(graph.Links - managed.Length, links.Sum(c => c.Count));
            Assert.Equal(graph.SwitchCount, analysis.Classes.Where(c => c.Kind == "switch").Sum(c => c.Count));
            var expected = links.SelectMany(c => Enumerable.Repeat(Text(analysis.Of(c.Failed)), c.Count)).Order(StringComparer.Ordinal);
            var tried = Enumerable.Range(0, graph.Links).Except(managed).Select(l => Text(analysis.Of(new FailedParts(graph).AddLink(l)))).Order(StringComparer.Ordinal);
            Assert.Equal(tried, expected);
            Interlocked.Add(ref classes, links.Length);
            Interlocked.Add(ref parts, graph.Links);
        }, iter: 2000);
        Assert.True(parts > 2 * classes, $"{classes} classes of {parts} links");

        static string Text(FailureImpact i) => FormattableString.Invariant(
            $"{i.CardsThatLosePaths} {i.CardsThatLoseAPort} {i.CardsCutOff} {i.LostBeforeRerouting.Si:0.000000} {i.WorstPairBeforeRerouting.Si:0.000000} {i.ThroughputAfter.Si:0.000000} {i.WorstPairAfterRerouting.Si:0.000000}");
    }

    [Fact]
    public void Random_failures_are_those_of_their_seed()
    {
        var analysis = new FailureAnalysis(Small());
        Assert.Equal(3, analysis.Random(3, 5).Links);
        Assert.Equal(Down(analysis.Random(3, 5)), Down(analysis.Random(3, 5)));
        Assert.NotEqual(Down(analysis.Random(3, 5)), Down(analysis.Random(3, 6)));
        Assert.Equal("the fabric has 16 links; expected 1 to 16 failures, not 17", Assert.Throws<FabricException>(() => analysis.Random(17, 1)).Message);

        int[] Down(FailedParts f) => [.. Enumerable.Range(0, analysis.Graph.Links).Where(f.IsDown)];
    }

    [Fact]
    public void D_mod_k_goes_round_what_is_down()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 16, System = Parts.System(1, 1), Switch = Parts.Switch(4), Tiers = 3 }));
        for (var l = 0; l < graph.Links; l++)
        {
            if (graph.ClassOf[l] == 0) continue;
            var failed = new FailedParts(graph).AddLink(l);
            var loads = LinkLoads.Of(graph, new DModK(), Traffic.AllToAll(), new() { Failed = failed });
            Assert.Equal(0, loads.Unroutable.Si);
            Assert.Equal((0, 0), (loads.Load(l, true), loads.Load(l, false)));
        }
    }
}
