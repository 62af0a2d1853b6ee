using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public sealed class CollectiveLimitsTests
{
    static readonly DataSize Size = DataSize.FromGigabytes(32);

    static CollectiveLimits Limits(int nodes, CollectiveKind kind, double oversubscription = 1, string system = "dgx-h100") =>
        new(CollectiveNetwork.Of(PartCatalog.Default.Get<AcceleratorSystem>(system), nodes, oversubscription: oversubscription), kind);

    static CollectiveLimits Design(string example, CollectiveKind kind) => new(CollectiveNetwork.Of(ClusterBuild.Of(
        DesignDocument.Load(Path.Combine(Designs.Root, "examples", example + ".yaml")), PartCatalog.Default, new LinkEngineer(PartCatalog.Default))), kind);

    [Fact]
    public void Example_an_all_gather_of_32_GiB_by_four_DGX_H100()
    {
        var limits = Limits(4, CollectiveKind.AllGather);
        var size = DataSize.FromGibibytes(32);
        var cuts = limits.Cuts(size, LimitRates.Line, SwitchReduction.None);
        Assert.Equal([("ports", 66.6), ("domain", 64.4)], cuts.Select(c => (c.Word, Math.Round(c.Transfer.Milliseconds, 1))));
        var limit = limits.At(size, LimitRates.Line, SwitchReduction.None);
        Assert.Equal("ports", limit.SetBy);
        Assert.True(limit.Time > cuts[0].Transfer);
        Assert.Equal(1, limits.Exact(size).CutShare, 1e-6);
        Assert.Equal("latency", limits.At(DataSize.FromBytes(8), LimitRates.Line, SwitchReduction.None).SetBy);
    }

    static readonly CollectiveKind[] Kinds = [CollectiveKind.AllToAll, CollectiveKind.AllGather, CollectiveKind.AllReduce, CollectiveKind.Gather, CollectiveKind.Broadcast];

    // However many systems, and so however full the last unit, cuts stay below the program on the real fabric.
    [Fact]
    public void Cuts_never_exceed_what_the_fabric_s_own_graph_says() =>
        Gen.Select(Gen.Int[2, 48], Gen.Int[1, 3], Gen.Int[0, Kinds.Length - 1].Select(i => Kinds[i]))
            .Sample((nodes, oversubscription, kind) =>
            {
                var limits = Limits(nodes, kind, oversubscription);
                var exact = limits.Exact(Size);
                Assert.True(exact.CutShare is >= 1 - 1e-5 and <= 1 + 1e-5, $"{nodes} nodes, {oversubscription}:1, {kind}: {exact.CutShare}");
                if (kind == CollectiveKind.AllReduce) Assert.True(limits.Exact(Size, reduced: true).CutShare <= 1 + 1e-5);
            }, iter: 25, threads: 1);

    [Fact]
    public void A_last_unit_that_is_not_full_has_more_links_than_it_needs()
    {
        var limits = Limits(64, CollectiveKind.AllToAll, 2);
        Assert.False(limits.Network.LevelsAreCuts);
        var unit = limits.Cuts(Size, LimitRates.Line, SwitchReduction.None).Single(c => c.Word == "leaf");
        Assert.Equal((336.0, 336 * 176 * 32.0 / 512, 8400.0), (unit.Ranks, unit.Volume.Gigabytes, unit.Bandwidth.GigabytesPerSecond));
        var sustained = limits.Cuts(Size, LimitRates.Sustained, SwitchReduction.None).Single(c => c.Word == "leaf");
        Assert.Equal(8400 * 0.96 * 0.95, sustained.Bandwidth.GigabytesPerSecond, 8400 * 0.05);
    }

    [Theory]
    [InlineData("dragonfly-1k-h100", CollectiveKind.AllToAll), InlineData("tpu-v4-torus-ocs", CollectiveKind.AllToAll), InlineData("superpod-h100-ndr", CollectiveKind.AllReduce)]
    public void Fabrics_of_designs_are_cut_along_their_own_lines(string example, CollectiveKind kind)
    {
        var limits = Design(example, kind);
        var cuts = limits.Cuts(Size, LimitRates.Line, SwitchReduction.None);
        Assert.Equal(limits.Network.Plan!.Clos is not null, cuts.All(c => c.Word is "ports" or "domain" or "leaf" or "pod"));
        var exact = limits.Exact(Size);
        Assert.InRange(exact.CutShare, 0.9, 1 + 1e-6);
        var limit = limits.At(Size, LimitRates.Line, SwitchReduction.None);
        Assert.True(limit.Time.Seconds >= cuts[0].Transfer.Seconds && limit.Time.Seconds < cuts[0].Transfer.Seconds * 1.01);
        Assert.True(limits.At(Size, LimitRates.Sustained, SwitchReduction.None).Time > limit.Time);
    }

    [Fact]
    public void Reducing_switches_are_those_that_the_ranks_reach()
    {
        Assert.True(Limits(4, CollectiveKind.AllReduce).HasReducingSwitches);
        Assert.False(Limits(1, CollectiveKind.AllReduce, system: "mi300x-platform").HasReducingSwitches);
        var h100 = Limits(4, CollectiveKind.AllReduce);
        Assert.True(h100.At(Size, LimitRates.Line, SwitchReduction.AsEquipped).Time < h100.At(Size, LimitRates.Line, SwitchReduction.None).Time);
    }

    // NVLink reduces in the nodes of this dragonfly and its routers don't: what leaves a node is not spared.
    [Fact]
    public void Switches_of_nodes_spare_nothing_beyond_them()
    {
        var limits = Design("dragonfly-1k-h100", CollectiveKind.AllReduce);
        double Bytes(string word, SwitchReduction reduction) => limits.Cuts(Size, LimitRates.Line, reduction).Single(c => c.Word == word).Volume.Gigabytes;
        Assert.Equal(2 * 127 / 128.0 * 32, Bytes("domain", SwitchReduction.AsEquipped), 1e-6);
        Assert.Equal(32, Bytes("domain", SwitchReduction.Everywhere), 1e-6);
        Assert.Equal(32, Bytes("ports", SwitchReduction.AsEquipped), 1e-6);
    }

    [Fact]
    public void What_cannot_be_says_why()
    {
        Assert.Contains("numbered", Assert.Throws<InputException>(() => Limits(4, CollectiveKind.SendReceive).Exact(Size)).Problem, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => Limits(4, CollectiveKind.AllGather).Exact(DataSize.FromBytes(double.NaN)));
        var large = new CollectiveLimits(CollectiveNetwork.Of(PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"), 100_000, @switch: PartCatalog.Default.Get<Switch>("q3400-ra")), CollectiveKind.AllGather);
        Assert.True(large.At(Size, LimitRates.Line, SwitchReduction.None).Time > Duration.Zero);
        Assert.Contains("too large", Assert.Throws<InputException>(() => large.Exact(Size)).Problem, StringComparison.Ordinal);
    }
}
