using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public sealed class CostTests
{
    static CostRange Range(double value, double below, double above, Grade grade = Grade.Vendor) =>
        CostRange.Of(Money.FromDollars(value), Money.FromDollars(value - below), Money.FromDollars(value + above), grade);

    static readonly Gen<(double Value, double Below, double Above)> Ranges =
        Gen.Select(Gen.Double[0, 1e6], Gen.Double[0, 1e5], Gen.Double[0, 1e5]);

    static void Close(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));

    [Fact]
    public void Independent_prices_add_their_ranges_in_quadrature() => Gen.Select(Ranges, Ranges).Sample((a, b) =>
    {
        var sum = Range(a.Value, a.Below, a.Above) + Range(b.Value, b.Below, b.Above);
        Close(a.Value + b.Value, sum.Value.Dollars);
        Assert.Equal(a.Value + b.Value - Math.Sqrt((a.Below * a.Below) + (b.Below * b.Below)), sum.Low.Dollars, 1e-6);
        Assert.Equal(a.Value + b.Value + Math.Sqrt((a.Above * a.Above) + (b.Above * b.Above)), sum.High.Dollars, 1e-6);
    });

    [Fact]
    public void Equal_items_and_prices_that_move_together_add_linearly() => Gen.Select(Ranges, Gen.Double[0, 1000]).Sample((a, count) =>
    {
        var each = Range(a.Value, a.Below, a.Above);
        var many = count * each;
        Assert.Equal(count * (a.Value - a.Below), many.Low.Dollars, 1e-3);
        Assert.Equal(count * (a.Value + a.Above), many.High.Dollars, 1e-3);
        var twice = CostRange.Linear(each, each);
        Assert.Equal((2 * each).Low.Dollars, twice.Low.Dollars, 1e-6);
        Assert.Equal((2 * each).High.Dollars, twice.High.Dollars, 1e-6);
    });

    [Fact]
    public void The_weakest_grade_of_what_went_in_is_kept()
    {
        var sum = Range(1, 0, 0, Grade.Measured) + Range(2, 0, 0, Grade.Assumption) + Range(3, 0, 0, Grade.Vendor);
        Assert.Equal(Grade.Assumption, sum.Weakest);
        Assert.Equal(Grade.Vendor, CostRange.Linear(Range(1, 0, 0, Grade.Standard), Range(1, 0, 0)).Weakest);
        Assert.Equal(Grade.Vendor, (CostRange.Zero + Range(1, 0, 0)).Weakest);
    }

    /// <summary>The example at the head of Economics.cs.</summary>
    [Fact]
    public void A_hundred_at_ten_percent_over_five_years_is_26_38_a_year() =>
        Assert.Equal(26.38, 100 * Economics.Annuity(0.1, Duration.FromYears(5)), 0.005);

    [Fact]
    public void An_annuity_pays_back_its_price() => Gen.Select(Gen.Double[0, 0.3], Gen.Int[1, 30]).Sample((rate, years) =>
    {
        var paid = Enumerable.Range(1, years).Sum(y => Economics.Annuity(rate, Duration.FromYears(years)) / Math.Pow(1 + rate, y));
        Assert.Equal(1, paid, 1e-6);
    });

    [Fact]
    public void Without_interest_a_price_is_paid_in_equal_parts() => Assert.Equal(0.2, Economics.Annuity(0, Duration.FromYears(5)), 1e-12);

    [Fact]
    public void A_year_costs_capital_maintenance_and_energy()
    {
        var site = PartCatalog.Default.All<SiteDefaults>()[0];
        var life = Duration.FromYears(5);
        CapitalItem[] capital =
        [
            new("systems", Range(1e6, 1e5, 1e5), life, true),
            new("cables", Range(1e5, 0, 0), Duration.FromYears(10), false),
        ];
        Power used = Power.FromKilowatts(80), provisioned = Power.FromKilowatts(100);
        var cost = Economics.Of(capital, site, used, provisioned, 64, 1e6);
        var building = 1e5 * site.FacilityPerWatt.Value.Dollars;
        Close(1.1e6 + building, cost.TotalCapital.Value.Dollars);
        double Year(double price, Duration over) => price * Economics.Annuity(site.CostOfCapital, over);
        var yearly = Year(1e6, life) + Year(1e5, Duration.FromYears(10)) + Year(building, site.FacilityLife.Value);
        Close(yearly, cost.YearlyCapital.Value.Dollars);
        Close(1e6 * site.Maintenance, cost.YearlyMaintenance.Value.Dollars);
        var energy = 80 * site.PowerUsageEffectiveness * 8766 * site.Electricity.Value.DollarsPerKilowattHour;
        Close(energy, cost.YearlyEnergy.Value.Dollars);
        var all = yearly + (1e6 * site.Maintenance) + energy;
        Close(all, cost.Yearly.Value.Dollars);
        Close(all / (64 * 8766), cost.PerAcceleratorHour.Value.Dollars);
        Close(all / (1e6 * 8766 * 3600) * 1e6, cost.PerMillionTokens.Value.Dollars);
        Assert.Equal(0, Economics.Of(capital, site, used, provisioned, 64, 0).PerMillionTokens.Value.Dollars);
        Assert.True(cost.Yearly.Low < cost.Yearly.Value && cost.Yearly.Value < cost.Yearly.High);
    }
}
