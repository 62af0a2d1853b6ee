using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Costs;

public sealed class CostModelTests
{
    static ClusterCost CostOf(string example, params (string, string)[] changes) => Designs.Example(example, changes).Economics;

    // The sums written out by hand, from the bill and the site: nothing of the model is used but its answer.
    [Fact]
    public void A_year_is_capital_support_replacements_and_energy()
    {
        var e = Designs.Example(Designs.SuperPod);
        var (site, at) = (e.Build.Site, e.Economics.Model.Value);
        double capital = 0, yearly = 0, support = 0, replaced = 0, network = 0;
        foreach (var line in e.Bill.Lines.Where(l => !l.IncludedInHost))
        {
            var each = line.Prices.Sum(p => p.Count * p.Price.Value.Dollars);
            var (life, resale) = line.Category switch
            {
                MaterialCategory.Systems => (site.ServerLife.Value, site.ServerResale.Value),
                MaterialCategory.Switches => (site.NetworkLife.Value, site.NetworkResale.Value),
                MaterialCategory.Fibre => (site.CablePlantLife.Value, 0),
                _ => (site.OpticsLife.Value, site.OpticsResale.Value),
            };
            var bought = (line.Count + line.Spares) * each;
            capital += bought;
            if (line.Category != MaterialCategory.Systems) network += bought;
            yearly += bought * Annuity.Of(site.CostOfCapital, life, resale);
            if (line.Category != MaterialCategory.Fibre) support += site.Maintenance * line.Count * each;
            replaced += line.Failures.PerYear * each * Math.Max(0, 1 - (site.Warranty.Value / life));
        }
        var building = e.Power.Provisioned.Watts * site.FacilityPerWatt.Value.Dollars;
        Close(capital + building, at.Capital);
        Close(capital, at.Equipment);
        Close(network, at.NetworkCapital);
        Close(yearly + (building * Annuity.Of(site.CostOfCapital, site.FacilityLife.Value)), at.YearlyCapital);
        Close(support, at.Support);
        Close(replaced, at.Replaced);
        Close(e.Power.InUse.Kilowatts * site.PowerUsageEffectiveness * 8766 * site.Electricity.Value.DollarsPerKilowattHour, at.Energy);
        var all = at.YearlyCapital + at.Support + at.Replaced + at.Energy;
        Close(all.Dollars / (1016 * 8766), e.Economics.PerAcceleratorHour.Value);
        Close(all.Dollars / (e.Outcome!.Value.EffectiveTokensPerSecond * 8766 * 3600) * 1e6, e.Economics.PerMillionTokens!.Value.Value);
        Close(e.Economics.PerMillionTokens.Value.Value.Dollars * 15e6, e.Economics.TrainingRun!.Value.Value);
        Assert.InRange(at.NetworkYearly.Dollars, 0.01 * all.Dollars, 0.3 * all.Dollars);

        static void Close(double expected, Money actual) => Assert.Equal(expected, actual.Dollars, 1e-9 * Math.Abs(expected));
    }

    [Fact]
    public void Present_worth_of_a_horizon_is_the_sum_of_discounted_years()
    {
        var cost = CostOf(Designs.SuperPod);
        var (rate, yearly) = (0.13, cost.Model.Value.Yearly.Dollars);
        var today = Enumerable.Range(1, 5).Sum(y => yearly / Math.Pow(1 + rate, y));
        Assert.Equal(today, cost.OwnershipToday.Value.Dollars, 1e-9 * today);
        Assert.Equal(5 * yearly, cost.Ownership.Value.Dollars, 1e-9 * yearly);
    }

    [Fact]
    public void Fibre_outlives_what_it_joins_and_is_carried_over()
    {
        var carried = CostOf(Designs.SuperPod).CarriedOver;
        Assert.Equal([AssetClass.FibrePlant, AssetClass.Building], carried.Select(c => c.Item.Asset));
        Assert.All(carried, c => Assert.InRange(c.Left / c.Item.Price.Value, 0.5, 1));
        Assert.Equal(20, carried[0].Item.Life.Years, 1e-9);
    }

    [Fact]
    public void Capital_items_are_the_bill_of_materials_and_the_building()
    {
        var e = Designs.Example(Designs.Llama);
        var items = e.Economics.Capital;
        Assert.Equal(e.Bill.Total.Value.Dollars, items.Where(i => i.Asset != AssetClass.Building).Sum(i => i.Price.Value.Dollars), 1e-6 * e.Bill.Total.Value.Dollars);
        Assert.Equal(e.Bill.Lines.Where(l => !l.IncludedInHost).Sum(l => l.Count + l.Spares), items.Where(i => i.Asset != AssetClass.Building).Sum(i => i.Count + i.Spares));
        Assert.All(items, i => Assert.NotEmpty(i.Prices));
    }

    [Fact]
    public void Each_assumption_of_money_can_be_set_in_the_design()
    {
        var usual = CostOf(Designs.SuperPod).Model.Value;
        Changed("costOfCapital: 0.01", p => p.YearlyCapital);
        Changed("maintenance: 0.01", p => p.Support);
        Changed("warranty: 1 yr", p => p.Replaced);
        Changed("serverLife: 9 yr", p => p.YearlyCapital);
        Changed("networkLife: 9 yr", p => p.YearlyCapital);
        Changed("opticsLife: 9 yr", p => p.YearlyCapital);
        Changed("cablePlantLife: 9 yr", p => p.YearlyCapital);
        Changed("facilityLife: 9 yr", p => p.YearlyCapital);
        Changed("serverResale: 0.4", p => p.YearlyCapital);
        Changed("networkResale: 0.4", p => p.YearlyCapital);
        Changed("opticsResale: 0.4", p => p.YearlyCapital);
        Changed("facilityPerWatt: 1 USD", p => p.Capital);

        void Changed(string assumption, Func<CostPoint, Money> what) =>
            Assert.NotEqual(what(usual), what(CostOf(Designs.SuperPod, ("electricity: 0.08 USD/kWh", $"assumptions: {{ basedOn: default, {assumption} }}")).Model.Value));
    }

    [Fact]
    public void A_premium_of_the_network_may_have_a_range_and_then_moves_the_cost()
    {
        CostPoint At(string premium) => CostOf(Designs.SuperPod, ("switch: qm9700", $"switch: qm9700\n  priceFactor: {premium}")).Model.Value;
        var (usual, dearer) = (At("1"), At("2"));
        var fibre = Designs.Example(Designs.SuperPod).Bill.TotalOf(MaterialCategory.Fibre).Value;
        Assert.Equal((2 * (usual.NetworkCapital - fibre)).Dollars, (dearer.NetworkCapital - fibre).Dollars, 1e-3);
        Assert.Equal(dearer, At("{ value: 2, low: 1.1, high: 2.5 }"));

        var ranged = CostOf(Designs.SuperPod, ("switch: qm9700", "switch: qm9700\n  priceFactor: { value: 1.5, low: 1.1, high: 2.5 }"));
        var driver = ranged.HourDrivers.Single(d => d.Figure.Key == "priceFactor");
        Assert.Equal((1.1, 1.5, 2.5), (driver.Figure.Low, driver.Figure.Value, driver.Figure.High));
        Assert.True(driver.Low < ranged.PerAcceleratorHour.Value && driver.High > ranged.PerAcceleratorHour.Value);
        Assert.DoesNotContain(CostOf(Designs.SuperPod).Model.Figures, f => f.Key == "priceFactor");
        var (item, price) = (ranged.Capital.Single(c => c.Key == "qm9700"), PartCatalog.Default.Get<Switch>("qm9700").Price!.Value);
        Assert.Equal(2.5 * price.High.Dollars / (1.5 * price.Value.Dollars), item.Price.High / item.Price.Value, 1e-9);
    }

    [Fact]
    public void Places_add_up_to_the_meter()
    {
        var e = Designs.Example(Designs.SuperPod);
        var places = PowerByPlace.Of(e.Build, e.Power).ToDictionary(p => p.Name);
        Assert.Equal(e.Power.Provisioned.Watts, places["hall"].All.Watts, 1e-6);
        Assert.Equal(places["site at the meter, in use"].All.Watts, places["site, IT in use"].All.Watts + places["cooling and conversion"].All.Watts, 1e-6);
        Assert.Equal(1.2 * e.Power.InUse.Watts, places["site at the meter, in use"].All.Watts, 1e-6);
        Assert.Equal(e.Build.Floor.SystemRacks, places["rack of systems"].Count);
    }

    // A SemiAnalysis model, as relayed, has the network at 11.3 % of a GB300 rack on two tiers. Lightloom's own bill has no front end and no management, and every
    // price is its own: the same order, not the same number.
    [Fact]
    public void A_GB300_rack_on_two_tiers_has_about_the_published_network_share()
    {
        var cost = Designs.Evaluate("""
            lightloom: 1
            name: GB300 NVL72 racks on XDR
            accelerators: { system: gb300-nvl72, systems: 128 }
            fabric: { protocol: infiniband, topology: rail-optimized, switch: q3400-ra }
            site: { floor: { systemsPerRack: 1 }, links: { media: optics } }
            """).Economics;
        var share = cost.NetworkShareOfEquipment;
        Assert.InRange(0.113, share.Low, share.High);
    }
}
