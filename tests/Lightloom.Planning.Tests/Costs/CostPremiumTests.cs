using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Tests.Costs;

public class CostPremiumTests
{
    static CostModel Model(params (string Old, string New)[] changes) => Designs.Example(Designs.SuperPod, changes).Economics.Model;

    [Fact]
    public void A_design_has_no_premium_over_itself()
    {
        var model = Model();
        Assert.Equal(new ShareRange(0, 0, 0), CostPremium.Of(model, model, p => p.Capital.Dollars, p => p.Capital.Dollars));
    }

    // Twice the cost at every draw: what both buy at one price has no range.
    [Fact]
    public void What_both_buy_is_drawn_once()
    {
        var premium = CostPremium.Of(Model(), Model(), p => p.Yearly.Dollars, p => 2 * p.Yearly.Dollars)!.Value;
        Assert.Equal((1.0, 1.0, 1.0), (Math.Round(premium.Value, 12), Math.Round(premium.Low, 12), Math.Round(premium.High, 12)));
    }

    // A factor on all prices of the network, from 1.1 to 2.3, is what the premium of its equipment is: the fifth and 95th of a hundred of that triangle.
    [Fact]
    public void A_factor_with_a_range_comes_out_as_the_premium()
    {
        var premium = CostPremium.Of(
            Model(), Model(("managementLinks: 4", "managementLinks: 4\n  priceFactor: { value: 1.5, low: 1.1, high: 2.3, source: quotes, grade: estimate }")),
            p => p.NetworkCapital.Dollars, p => p.NetworkCapital.Dollars, samples: 20_000)!.Value;
        var plant = 0.06; // fibre, which the factor leaves alone, is a few per cent of the network
        Assert.InRange(premium.Value, 0.5 - plant, 0.5);
        Assert.InRange(premium.Low, (1.5 - (0.4 * (1 - Math.Sqrt(0.1))) - 1) - plant, 1.5 - (0.4 * (1 - Math.Sqrt(0.1))) - 1 + 0.01);
        Assert.InRange(premium.High, (1.5 + (0.8 * (1 - Math.Sqrt(0.1))) - 1) - plant - 0.02, 1.5 + (0.8 * (1 - Math.Sqrt(0.1))) - 1 + 0.01);
    }

    [Fact]
    public void The_same_seed_gives_the_same_range()
    {
        var (a, b) = (Model(), Model(("switch: qm9700", "switch: { basedOn: qm9700, price: { value: 40000 USD, low: 20000 USD, high: 90000 USD } }")));
        Assert.Equal(CostPremium.Of(a, b, p => p.Capital.Dollars, p => p.Capital.Dollars, seed: 7), CostPremium.Of(a, b, p => p.Capital.Dollars, p => p.Capital.Dollars, seed: 7));
        Assert.NotEqual(CostPremium.Of(a, b, p => p.Capital.Dollars, p => p.Capital.Dollars, seed: 7), CostPremium.Of(a, b, p => p.Capital.Dollars, p => p.Capital.Dollars, seed: 8));
    }
}
