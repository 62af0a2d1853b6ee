using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Planning.Tests;

/// <summary>What packets leave of a fabric, and what the catalogue takes of it.</summary>
public class MeasuredBalanceTests
{
    static PacketFabric LeafSpine(int leaves, int cards)
    {
        var builder = new PacketFabricBuilder("leaves and spines", leaves * cards, leaves + cards);
        var (rate, wire) = (Bandwidth.FromGigabitsPerSecond(400), Duration.FromNanoseconds(500));
        for (var card = 0; card < leaves * cards; card++) builder.Link(card, (leaves * cards) + (card / cards), rate, wire);
        for (var leaf = 0; leaf < leaves; leaf++)
            for (var spine = 0; spine < cards; spine++) builder.Link((leaves * cards) + leaf, (leaves * cards) + leaves + spine, rate, wire);
        return builder.Build();
    }

    static LoadBalancing Policy(string key) => PartCatalog.Default.Get<LoadBalancing>(key);

    // The law of the fullest link is exact, and packets that are hashed obey it: their last card waits for the fullest link of eight leaves, up and down.
    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 4)]
    public void Hashed_packets_obey_the_law_of_the_fullest_link(int pairs, int connections)
    {
        var policy = Policy("ecmp") with { QueuePairs = Sourced<int>.Of(pairs, "test", Grade.Assumption), Connections = Sourced<int>.Of(connections, "test", Grade.Assumption) };
        var law = new FabricBalance(policy, new LinkStage("leaf-spine", 8, 8, 8)).Share.Expected;
        var packets = MeasuredBalance.Of(LeafSpine(8, 8), policy, DataSize.FromBytes(4e6), 6, stop: TestContext.Current.CancellationToken)!;
        Assert.Equal((64, connections, pairs, "single-path"), (packets.Cards, packets.Connections, packets.QueuePairs, packets.Balance));
        Assert.InRange(packets.LastCard, law * 0.9, law * 1.15);
        Assert.True(packets.Least <= packets.LastCard && packets.LastCard <= packets.Most && packets.Most < packets.MeanCard);
    }

    [Fact]
    public void Ways_of_spreading_come_in_the_order_of_the_catalogue()
    {
        var fabric = LeafSpine(8, 8);
        double Last(string key) => MeasuredBalance.Of(fabric, Policy(key), DataSize.FromBytes(4e6), 2, stop: TestContext.Current.CancellationToken)!.LastCard;
        double[] shares = [Last("ecmp"), Last("enhanced-ecmp"), Last("packet-spraying"), Last("adaptive-routing")];
        Assert.Equal(shares.Order(), shares);
        Assert.Contains("a controller plans its paths", Assert.Throws<InputException>(() => Last("planned-paths")).Message);
    }

    // The catalogue's figures are those of the record: e = 1 / s_2 - 1, and e' what a third tier adds; values of the mean card, high ends of the last.
    [Theory]
    [InlineData("adaptive-routing")]
    [InlineData("packet-spraying")]
    public void The_catalogue_has_what_the_record_says(string key)
    {
        var policy = Policy(key);
        var rows = File.ReadLines(Path.Combine(Designs.Root, "data", "simulated", "load-balancing.csv")).Skip(1).Select(l => l.Split(','))
            .Where(r => r[2] == key && r[3] == MeasuredBalance.BalanceOf(policy) && r[4] == "uet-nscc" && r[5] == "4").ToDictionary(r => r[0]);
        double Excess(string tiers, int column) => (1 / double.Parse(rows[tiers][column], CultureInfo.InvariantCulture)) - 1;
        Assert.Equal(Excess("2", 9), policy.Residual.Value, 6e-4);
        Assert.Equal(Excess("2", 10), policy.Residual.High, 6e-4);
        Assert.Equal(Excess("3", 9) - Excess("2", 9), policy.ResidualAbove!.Value.Value, 6e-4);
        Assert.Equal(Grade.Simulated, policy.Residual.Grade);
    }

    [Fact]
    public void A_stage_further_up_leaves_less_by_what_the_record_adds()
    {
        var policy = Policy("packet-spraying");
        LinkStage[] stages = [new("leaf-spine", 16, 16, 64), new("spine-core", 16, 16, 64)];
        Assert.Equal(1 / (1 + policy.Residual.Value), new FabricBalance(policy, stages[0]).Share.Expected, 1e-9);
        Assert.Equal(1 / (1 + policy.Residual.Value + policy.ResidualAbove!.Value.Value), new FabricBalance(policy, stages).Share.Expected, 1e-9);
    }
}
