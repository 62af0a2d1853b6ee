using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Tests;

/// <summary>The design's own parameters of a topology.</summary>
public class FabricParametersTests
{
    const string Dragonfly = "dragonfly-1k-h100";

    [Theory]
    [InlineData("linksPerPair: 8 }", "order: 7 }", "dragonfly has no parameter 'order'; it has hostsPerSwitch, switchesPerGroup, globalLinksPerSwitch, groups, linksPerPair")]
    [InlineData("linksPerPair: 8 }", "groups: 290 }", "290 groups of 8 routers with 36 global links each can't all be joined; the nearest possible is 289")]
    [InlineData("globalLinksPerSwitch: 36", "globalLinksPerSwitch: 0", "expected a whole number from 1 to 65,000")]
    [InlineData("linksPerPair: 8 }", "linksPerPear: 8 }", "did you mean 'linksPerPair'?")]
    public void What_cannot_be_is_an_error_with_its_place(string old, string with, string problem)
    {
        var e = Assert.Throws<InputException>(() => Designs.Example(Dragonfly, (old, with)));
        Assert.Contains(problem, e.Problem, StringComparison.Ordinal);
        Assert.Equal(14, e.Mark!.Value.Line);
    }

    [Fact]
    public void A_pod_of_optical_circuit_switches_is_priced_and_powered_with_them()
    {
        var evaluation = Designs.Example("tpu-v4-torus-ocs");
        Assert.Equal((48L, 6144L), (evaluation.Build.Plan.OpticalSwitches!.Count, evaluation.Build.Plan.OpticalSwitches.UsedPorts));
        Assert.Equal(48 * 108, evaluation.Power.Items.Single(i => i.Name == "optical circuit switches").InUse.Watts, 6);
        Assert.Contains(evaluation.Economics.Capital, i => i.Key == "palomar" && i.Price.Value.Dollars == (48 + i.Spares) * 50_000);
    }

    [Fact]
    public void Ways_through_a_dragonfly_grow_with_its_levels()
    {
        var evaluation = Designs.Example(Dragonfly);
        var network = evaluation.Operation!.Network(new());
        Assert.Equal([0, 1, 2, 3], evaluation.Build.Plan.Locality.Select(l => l.SwitchHops));
        Assert.True(network.Levels[1].Latency.Si < network.Levels[2].Latency.Si && network.Levels[2].Latency.Si < network.Levels[3].Latency.Si);
    }
}
