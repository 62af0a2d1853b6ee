using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Tests.Costs;

public sealed class PublishedSplitTests
{
    static readonly CsvTable Table = CsvTable.ReadFile(Path.Combine(Designs.Root, "data", "validation", "economics", "gb300_rack_network_cost.csv"));

    static Evaluation Racks(int systems) => Designs.Evaluate($$"""
        lightloom: 1
        name: GB300 NVL72 racks on XDR
        accelerators: { system: gb300-nvl72, systems: {{systems}} }
        fabric: { protocol: infiniband, topology: rail-optimized, switch: q3400-ra }
        site: { floor: { systemsPerRack: 1 }, links: { media: optics } }
        """);

    /// <summary>The example at the head: 836,944 - 499,925 less 589,529 - 363,125, over one switch a layer.</summary>
    [Fact]
    public void Lines_account_for_the_whole_difference_of_three_tiers()
    {
        var evaluation = Racks(1024);
        var split = PublishedSplit.Of(evaluation, Table);
        Assert.Equal(evaluation.Economics.NetworkShareOfEquipment.Value, split.OwnShare, 1e-9);
        Assert.Equal(836944.0 / 5464039, split.Row.Share, 1e-6);
        Assert.Equal(100 * (split.Row.Share - split.OwnShare), split.Steps.Sum(s => s.Points), 1e-9);
        SplitStep Step(string line) => split.Steps.Single(s => s.Line == line);
        var price = Step("the price of a switch");
        Assert.Contains("150,000 USD here; a layer more is 110,615 USD", price.Note, StringComparison.Ordinal);
        Assert.Equal(110615.0 / 150000, price.Published / price.Own, 1e-9);
        // What both sides count alike: modules within half a per cent. The price of a switch and the rack's other parts are most of what lies between.
        var optics = Step("modules and cables in use");
        Assert.InRange(optics.Own / optics.Published, 0.99, 1.01);
        Assert.InRange((price.Points + Step("all else in the rack").Points) / split.Steps.Sum(s => s.Points), 0.9, 1);
        // 72 cards of a rack need a leaf, a spine and half a core where every port is taken.
        Assert.InRange(price.Own / 150000, 2.5, 2.6);
        Assert.Equal(evaluation.Build.Plan.SwitchCount / 1024.0, (price.Own + Step("switches for ports that stand empty").Own) / 150000, 1e-9);
    }

    [Fact]
    public void Without_a_row_of_one_layer_less_switches_and_fibre_are_one_line()
    {
        var split = PublishedSplit.Of(Racks(128), Table);
        Assert.Equal(2, split.Row.Layers);
        Assert.DoesNotContain(split.Steps, s => s.Line == "the price of a switch");
        Assert.Equal(100 * (split.Row.Share - split.OwnShare), split.Steps.Sum(s => s.Points), 1e-9);
        Assert.Equal(589529 - 363125, split.Steps.Single(s => s.Line == "switches and fibre").Published, 1e-6);
    }

    [Theory]
    [InlineData("network_layers,server_usd,networking_usd\n3,100,50\n", "no row of 2 layers, which the design has; it has 3")]
    [InlineData("network_layers,server_usd\n2,100\n", "missing: networking_usd")]
    [InlineData("network_layers,server_usd,networking_usd,optical_transceivers_usd\n2,100,50,60\n", "optics are part of the network and cost more than it")]
    public void Tables_that_don_t_fit_are_told(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => PublishedSplit.Of(Racks(128), CsvTable.Read(text, "t.csv"))).Message, StringComparison.Ordinal);
}
