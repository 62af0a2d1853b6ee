using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public sealed class CollectiveNetworkTests
{
    static AcceleratorSystem System(string key) => PartCatalog.Default.Get<AcceleratorSystem>(key);

    static string Problem(Action action) => Assert.Throws<InputException>(action).Problem;

    [Fact]
    public void Example_four_DGX_H100_on_InfiniBand()
    {
        var network = CollectiveNetwork.Of(System("dgx-h100"), 4);
        Assert.Equal(GroupPlacement.Of(8, 32), network.Group);
        Assert.Equal([450.0, 50], network.LineRates.Select(l => l.Bandwidth.GigabytesPerSecond));
        Assert.Equal(450 * 0.795, network.Sustained[0].Bandwidth.GigabytesPerSecond, 1e-9 + 0.02 * 450);
        Assert.Equal("infiniband", network.Mechanism.Key);
    }

    [Fact]
    public void Example_sixty_four_of_them_fill_two_rail_groups_and_oversubscription_thins_what_joins_these()
    {
        var network = CollectiveNetwork.Of(System("dgx-h100"), 64);
        Assert.Equal(GroupPlacement.Of(8, 256, 512), network.Group);
        Assert.Equal([450.0, 50, 50], network.LineRates.Select(l => l.Bandwidth.GigabytesPerSecond));
        var thin = CollectiveNetwork.Of(System("dgx-h100"), 128, oversubscription: 2);
        Assert.Equal(25, thin.LineRates[2].Bandwidth.GigabytesPerSecond, 1);
        Assert.True(thin.Group.Within(1) >= 256);
        Assert.True(thin.Sustained[2].Bandwidth < thin.LineRates[2].Bandwidth);
    }

    [Fact]
    public void One_system_has_one_level_and_a_part_of_each_may_take_part()
    {
        var one = CollectiveNetwork.Of(System("gb200-nvl72"), 1);
        Assert.Equal((1, 72), (one.Sustained.Count, one.Group.Ranks));
        var half = CollectiveNetwork.Of(System("dgx-h100"), 2, gpus: 8);
        Assert.Equal(GroupPlacement.Of(4, 8), half.Group);
    }

    [Fact]
    public void Every_system_makes_a_network_on_every_fabric_that_its_card_speaks()
    {
        var made = 0;
        foreach (var system in PartCatalog.Default.All<AcceleratorSystem>().Where(s => s.Accelerators.Value > 1))
        {
            foreach (var fabric in CollectiveNetwork.FabricNames().Append(null))
            {
                if (fabric is not null && PartCatalog.Default.Keys<NetworkProtocol>().Contains(fabric)
                    && !system.Nic.Protocols.Contains(PartCatalog.Default.Get<NetworkProtocol>(fabric).Link)) continue;
                foreach (var count in new[] { 1, 2, 9, 100 })
                {
                    var network = CollectiveNetwork.Of(system, count, fabric: fabric);
                    Assert.Equal(count * system.Accelerators.Value, network.Group.Ranks);
                    Assert.Equal((network.Sustained.Count, network.LineRates.Count), (network.Group.LevelCount, network.Group.LevelCount));
                    for (var l = 0; l < network.Sustained.Count; l++)
                        Assert.True(network.Sustained[l].Bandwidth <= network.LineRates[l].Bandwidth && network.LineRates[l].Latency <= network.Sustained[l].Latency, $"{system.Key} {fabric} {l}");
                    made++;
                }
            }
        }
        Assert.True(made > 100, $"{made}");
    }

    public static TheoryData<string, string> DesignsWithFabrics => new([
        .. Designs.Examples.Select(e => (e.Data, "")),
        (Designs.Llama, "fabric:\n  loadBalancing: ecmp"), (Designs.Llama, "fabric:\n  failed: { leafSpine: 0.01 }"), (Designs.Llama, "fabric:\n  failed: { rails: 1 }"),
        (Designs.SuperPod, "collectives: { fabricShare: 0.875, scaleUpShare: 0.9, fabric: { basedOn: infiniband, sustained: 0.8 } }\nfabric:"),
    ]);

    // What 'collective bound' takes as sustained is what 'evaluate' runs the job on, but for frames that are lost.
    [Theory]
    [MemberData(nameof(DesignsWithFabrics))]
    public void A_design_s_levels_sustain_what_its_job_gets(string example, string more)
    {
        var evaluation = more.Length == 0 ? Designs.Example(example) : Designs.Example(example, ("fabric:\n", more + "\n"));
        var network = CollectiveNetwork.Of(evaluation.Build);
        var levels = evaluation.Operation!.Network(new()).Levels;
        foreach (var level in network.Sustained)
        {
            var same = levels.Single(l => l.Name == level.Name);
            Assert.Equal(same.Bandwidth.Si, level.Bandwidth.Si, same.Bandwidth.Si * 1e-4);
            Assert.Equal(same.InNetworkBandwidth.Si, level.InNetworkBandwidth.Si, same.InNetworkBandwidth.Si * 1e-4);
            Assert.Equal(same.Latency.Nanoseconds, level.Latency.Nanoseconds, 1e-3);
        }
    }

    [Fact]
    public void What_cannot_be_says_why()
    {
        var h100 = System("dgx-h100");
        Assert.Contains("don't divide", Problem(() => CollectiveNetwork.Of(h100, 3, gpus: 8)), StringComparison.Ordinal);
        Assert.Contains("expected 2 to 16 GPUs", Problem(() => CollectiveNetwork.Of(h100, 2, gpus: 17)), StringComparison.Ordinal);
        Assert.Contains("infiniband", Problem(() => CollectiveNetwork.Of(h100, 2, fabric: "infinband")), StringComparison.Ordinal);
        Assert.Contains("infiniband", Problem(() => CollectiveNetwork.Of(h100, 1, fabric: "infinband")), StringComparison.Ordinal);
        Assert.Contains("efa", Problem(() => CollectiveNetwork.Of(h100, 2, fabric: "efa", oversubscription: 2)), StringComparison.Ordinal);
        Assert.Contains("qm9700", Problem(() => CollectiveNetwork.Of(h100, 1_000_000)), StringComparison.Ordinal);
        foreach (var bad in new[] { 0, 0.5, double.NaN, double.PositiveInfinity })
            Assert.Contains("oversubscription", Problem(() => CollectiveNetwork.Of(h100, 2, oversubscription: bad)), StringComparison.Ordinal);
        foreach (var bad in new[] { 0, -1, int.MaxValue })
            Assert.Contains("systems", Problem(() => CollectiveNetwork.Of(h100, bad)), StringComparison.Ordinal);
    }
}
