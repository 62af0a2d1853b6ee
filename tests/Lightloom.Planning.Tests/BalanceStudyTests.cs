using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Collectives.Congestion;

namespace Lightloom.Planning.Tests;

/// <summary>Ways of spreading side by side.</summary>
public sealed class BalanceStudyTests
{
    static LoadBalancing Hash(int flows) => PartCatalog.Default.Get<LoadBalancing>("ecmp") with
    {
        QueuePairs = Sourced<int>.Of(flows, "test", Grade.Assumption),
        Connections = Sourced<int>.Of(1, "test", Grade.Assumption),
    };

    static double Card(LinkStage stage, LoadBalancing policy, CollectiveKind kind, CollectiveAlgorithm algorithm) =>
        BalanceStudy.Of(stage, [policy]).Collectives.Single(c => c.Collective == kind && c.Algorithm == algorithm).Cards[0];

    // One card for each system: a ring leaves a leaf with one card's flows, an all-to-all with those of all.
    [Fact]
    public void A_ring_crosses_with_one_cards_flows_and_an_all_to_all_with_a_part_of_all()
    {
        var stage = new LinkStage("leaf-spine", 8, 8, 16);
        var ring = Card(stage, Hash(4), CollectiveKind.AllReduce, CollectiveAlgorithm.Ring);
        // However four flows of one card meet, a link carries no more than the card.
        Assert.Equal(1, ring, 1e-9);
        // On links of half the card's rate, three of four on one link make it wait for 3/2.
        var thin = Card(stage with { Load = 2 }, Hash(4), CollectiveKind.AllReduce, CollectiveAlgorithm.Ring);
        var law = MostLoadedLink.Of(8, 4);
        var wait = 0.0;
        for (var k = 1; k <= 4; k++) wait += Math.Max(1, k / 2.0) * (Math.Pow(law.AtMost(k), 32) - Math.Pow(law.AtMost(k - 1), 32));
        Assert.Equal(1 / wait, thin, 1e-6);
        var exchange = Card(stage, Hash(4), CollectiveKind.AllToAll, CollectiveAlgorithm.Direct);
        var crossing = (128 - 8) / 127.0;
        Assert.Equal(new FabricBalance(Hash(4), stage with { Load = crossing }).Share.Expected, exchange, 1e-9);
    }

    [Fact]
    public void A_design_is_studied_on_each_level_that_is_spread_over_and_its_own_way_gives_its_own_share()
    {
        var build = Designs.Example(Designs.Llama).Build;
        var study = BalanceStudy.Of(build, BalanceStudy.PoliciesOf(PartCatalog.Default));
        Assert.Equal(["pod", "core"], study.Levels);
        Assert.Equal(study.Policies.Count * 2, study.Entries.Count);
        Assert.Equal(build.Balance.Share(2), study.Entries.Single(e => e.Policy.Key == build.Protocol.LoadBalancing.Key && e.Level == "pod").Whole);
        Assert.All(study.Entries, e => Assert.Null(e.Damaged));
        // Seven to one: an all-to-all over everything can't have more than a seventh across pods.
        var exchange = study.Collectives.Single(c => c.Collective == CollectiveKind.AllToAll);
        Assert.All(exchange.Cards, c => Assert.InRange(c, 0.05, 1 / 7.0 / exchange.Crossing[1] * 1.12));
        Assert.Equal(["ecmp", "enhanced-ecmp", "flowlets", "planned-paths", "adaptive-routing", "packet-spraying"], study.Policies.Select(p => p.Key));
    }
}
