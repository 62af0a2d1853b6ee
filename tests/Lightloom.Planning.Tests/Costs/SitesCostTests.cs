using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Advice;
using Lightloom.Planning.Comparisons;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Costs;

/// <summary>Routes between sites as a part of what a design costs.</summary>
public class SitesCostTests
{
    const string TwoSites = "two-sites-h100", Bandwidth = "bandwidth: 400 Gb/s";

    static readonly Evaluator Evaluator = new();

    static Evaluation Sites(string route, params (string Old, string New)[] changes) => Designs.Example(TwoSites, [(Bandwidth, route), .. changes]);

    static Evaluation OneOf(Evaluation sites) => sites.Together!.Sites[0];

    [Fact]
    public void Sites_that_nothing_is_paid_between_cost_what_each_does()
    {
        var sites = Sites(Bandwidth);
        var (all, one) = (sites.Economics, OneOf(sites).Economics);
        Assert.Equal(2, sites.Together!.Sites.Count);
        foreach (var (whole, part) in new[] { (all.TotalCapital, one.TotalCapital), (all.Yearly, one.Yearly), (all.NetworkYearly, one.NetworkYearly), (all.YearlyEnergy, one.YearlyEnergy) })
        {
            // The same figures are drawn for both, so that ends of ranges double, too.
            Assert.Equal(2 * part.Value.Dollars, whole.Value.Dollars, 1e-6 * whole.Value.Dollars);
            Assert.Equal(2 * part.Low.Dollars, whole.Low.Dollars, 1e-6 * whole.Value.Dollars);
            Assert.Equal(2 * part.High.Dollars, whole.High.Dollars, 1e-6 * whole.Value.Dollars);
        }
        Assert.Equal(one.PerAcceleratorHour.Value.Dollars, all.PerAcceleratorHour.Value.Dollars, 1e-9);
        Assert.False(all.Model.HasPricedRoutes);
        Assert.DoesNotContain(all.Model.Figures, f => f.Key is "lineLife" or "darkFibre");
    }

    [Fact]
    public void A_line_adds_its_parts_spares_huts_fibre_support_and_energy()
    {
        var sites = Sites("bandwidth: 400 Gb/s, line: { pairs: 6 }", ("distance: 600 km", "distance: 300 km"));
        var (all, one) = (sites.Economics, OneOf(sites).Economics);
        var site = sites.Build.Site;
        var defaults = PartCatalog.Default.Get<RouteDefaults>("default");
        var line = sites.Together!.Routes[0].Line!;
        var module = PartCatalog.Default.Get<CoherentTransceiver>(line.Mode.Name);
        var amplifiers = line.AmplifiersOfPair.Select(a => (Part: PartCatalog.Default.Get<Amplifier>(a.Key), Count: (double)a.Value * line.Pairs)).ToList();
        var (inUse, spare) = (line.Transceivers * module.Price!.Value.Value.Dollars, 0.0);
        var failing = 0.0;
        foreach (var (part, count) in amplifiers)
        {
            var price = part.Price!.Value.Value.Dollars;
            inUse += count * price;
            spare += BillOfMaterials.SparesOf(count * defaults.AmplifierFailures.Value.PerSecond * site.ReplacementLead.Value.Seconds) * price;
            failing += count * defaults.AmplifierFailures.Value.PerYear * price;
        }
        Assert.True(spare > 0);
        var huts = line.Huts * defaults.Hut.Value.Dollars;
        var hall = line.Transceivers * module.Power!.Value.Value.Watts; // amplifiers stand in huts
        var building = hall * site.FacilityPerWatt.Value.Dollars;
        Assert.Equal((2 * one.TotalCapital.Value.Dollars) + inUse + spare + huts + building, all.TotalCapital.Value.Dollars, 1e-3);
        Assert.Equal(inUse + spare + huts, all.RoutesCapital.Value.Dollars, 1e-3);

        var rate = site.CostOfCapital.Value;
        var fibre = 2 * line.Pairs * line.Request.Length.Meters * defaults.DarkFibre.Value.DollarsPerMeter;
        var watts = hall + amplifiers.Sum(a => a.Count * a.Part.Power!.Value.Value.Watts);
        var year = ((inUse + spare) * Annuity.Of(rate, defaults.LineLife.Value)) + (huts * Annuity.Of(rate, site.FacilityLife.Value)) + (building * Annuity.Of(rate, site.FacilityLife.Value))
            + (site.Maintenance.Value * inUse) + (failing * (1 - (site.Warranty.Value.Years / defaults.LineLife.Value.Years)))
            + (watts * site.PowerUsageEffectiveness.Value * 8.766 * site.Electricity.Value.DollarsPerKilowattHour) + fibre;
        Assert.Equal(year, all.RoutesYearly.Value.Dollars, 1e-6 * year);
        Assert.Equal((2 * one.Yearly.Value.Dollars) + year, all.Yearly.Value.Dollars, 1e-6 * year);
        Assert.Equal(fibre, all.YearlyLeased.Value.Dollars, 1e-6);
        Assert.Equal(2 * OneOf(sites).Power.InUse.Watts + watts, sites.AllPower.InUse.Watts, 1e-6);

        Assert.Equal(all.Yearly.Value.Dollars * 1e6 / (sites.EffectiveTokensPerSecond!.Value * 8766 * 3600), all.PerMillionTokens!.Value.Value.Dollars, 1e-9);
        Assert.Contains(all.HourDrivers, d => d.Figure.Key == "darkFibre" && d.High > d.Low);
        Assert.Contains(all.Capital, c => c is { IsRoute: true, Asset: AssetClass.Routes } && c.Key == module.Key && c.Count == line.Transceivers);
        Assert.Contains(all.CarriedOver, c => c.Item.Key == "hut");
    }

    [Fact]
    public void Waves_cost_by_the_year_alone_and_their_range_is_in_the_answer()
    {
        var (free, waves) = (Sites(Bandwidth).Economics, Sites("waves: { count: 3, rate: 400 Gb/s }").Economics);
        var defaults = PartCatalog.Default.Get<RouteDefaults>("default");
        var rent = 12 * (defaults.WaveEnds.Value.Dollars + (780e3 * defaults.WaveLength.Value.DollarsPerMeter));
        Assert.Equal(free.TotalCapital.Value.Dollars, waves.TotalCapital.Value.Dollars, 1e-6);
        Assert.Equal(rent, (waves.Yearly.Value - free.Yearly.Value).Dollars, 1e-3);
        Assert.Equal(rent, waves.RoutesYearly.Value.Dollars, 1e-6);
        var dearest = 12 * (defaults.WaveEnds.High.Dollars + (780e3 * defaults.WaveLength.High.DollarsPerMeter));
        Assert.InRange(waves.YearlyLeased.High.Dollars, rent, dearest);
        var premium = CostPremium.Difference(free.Model, waves.Model, p => p.Yearly);
        // All but the waves is drawn once for both: the difference is the rent and its range, whatever the rest costs.
        Assert.Equal(rent, premium.Value.Dollars, 1e-3);
        Assert.InRange(premium.Low.Dollars, 0.2 * rent, rent);
        Assert.InRange(premium.High.Dollars, rent, dearest);
    }

    [Fact]
    public void Sites_of_several_sizes_are_each_counted_with_their_own_bill()
    {
        var three = Designs.Example("three-sites-dark-fibre");
        var together = three.Together!;
        Assert.Equal([2, 1], together.Clusters.Select(c => c.Count));
        Assert.Equal(1024, three.Economics.Model.Accelerators);
        var capital = together.Sites.Sum(s => s.Economics.TotalCapital.Value.Dollars) + three.Economics.RoutesCapital.Value.Dollars
            + (together.Routes.SelectMany(r => r.Items).Where(i => i.Kind == RouteItemKind.Modules).Sum(i => i.AllPower.Watts) * three.Build.Site.FacilityPerWatt.Value.Dollars);
        Assert.Equal(capital, three.Economics.TotalCapital.Value.Dollars, 1e-3);
        Assert.Equal(together.Plan!.FastestExact!.TokensPerSecond * together.Failures!.Effective, three.EffectiveTokensPerSecond!.Value, 1e-6);
        Assert.Null(three.Economics.CapitalPerBisection);
        Assert.Equal(three.AllPower.InUse.Watts, three.AllPower.Items.Sum(i => i.InUse.Watts), 1e-6);
        var places = PowerByPlace.Of(three);
        Assert.Equal(1.2 * three.AllPower.Provisioned.Watts, places[^1].All.Watts, 1e-6);
        Assert.Equal(1.2 * (three.AllPower.Provisioned.Watts - together.Routes.Sum(r => r.Power.Watts)), places.Where(p => p.Name.EndsWith(": site at the meter, provisioned", StringComparison.Ordinal)).Sum(p => p.All.Watts), 1e-6);
    }

    [Fact]
    public void A_design_without_a_job_pays_for_its_routes_as_well()
    {
        const string Bare = """
            lightloom: 1
            name: two halls
            accelerators: { system: hgx-h100, systems: 8 }
            fabric: { protocol: rocev2, topology: fat-tree, switch: sn5600 }
            sites: [{ name: a }, { name: b, accelerators: 32 }]
            routes: [{ from: a, to: b, distance: 100 km, waves: { count: 1, rate: 400 Gb/s } }]
            """;
        var bare = Designs.Evaluate(Bare);
        Assert.Equal(96, bare.Economics.Model.Accelerators);
        Assert.True(bare.Economics.YearlyLeased.Value > Money.Zero);
        Assert.Null(bare.EffectiveTokensPerSecond);
        Assert.Null(bare.MillionTokens);
        Assert.Null(bare.Sites);
        var compared = ComparedDesign.Of(new("bare", []), DesignDocument.Parse(Bare, "d.yaml"), Evaluator);
        Assert.Equal(bare.Economics.Yearly.Value.Dollars, compared.Cost.Yearly.Value.Dollars, 1e-6);
        Assert.Contains("whole systems of 8", Assert.Throws<InputException>(() => Designs.Evaluate(Bare.Replace("accelerators: 32", "accelerators: 33", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_book_prices_fibre_and_refuses_what_the_design_says_itself()
    {
        var text = Designs.Changed(TwoSites, (Bandwidth, "bandwidth: 400 Gb/s, line: { modules: [400zr-plus-0dbm] }"), ("distance: 600 km", "distance: 300 km"));
        CostStudy Study(string book, string design)
        {
            var read = PriceBook.Parse(book);
            return CostStudy.Of(DesignDocument.Parse(design, "d.yaml", read.Catalog), read);
        }
        const string Book = "priceBook: 1\nname: b\ncurrency: EUR\nexchange: 1.1\nsource: quote\nprices: { 400zr-plus-0dbm: 1000 EUR }\nassumptions: { darkFibre: 1 EUR/m, hut: 100000 EUR, costOfCapital: 0.08 }\n";
        var study = Study(Book, text);
        Assert.Equal(2 * 390e3 * 1.1, study.Cost.YearlyLeased.Value.Dollars, 1e-3);
        Assert.Equal(1.1 * 1000 * 8, 4 * study.Cost.Capital.Single(c => c.Key == "400zr-plus-0dbm").Price.Value.Dollars, 1e-6);
        Assert.Equal("quote", study.Cost.Model.Figures.Single(f => f.Key == "hut").Source);
        Assert.Contains("'routeAssumptions.darkFibre' itself", Assert.Throws<InputException>(() => Study(Book, text + "routeAssumptions: { basedOn: default, darkFibre: 2 USD/m }\n")).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'darkFibre'", Assert.Throws<InputException>(() => PriceBook.Parse(Book.Replace("darkFibre", "darkFiber", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("expected a price per m", Assert.Throws<InputException>(() => PriceBook.Parse(Book.Replace("1 EUR/m", "1 EUR", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_shows_routes_as_lines_of_their_own()
    {
        var study = ComparisonStudy.Of([DesignDocument.Parse(Designs.Text(TwoSites), "d.yaml"), DesignDocument.Parse(Designs.Changed(TwoSites, (Bandwidth, "bandwidth: 400 Gb/s, line: {}"), ("distance: 600 km", "distance: 300 km")), "d.yaml")]);
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key);
        Assert.Null(rows["routesCapital_MUSD"].Values[0]);
        var (own, all) = (rows["routesCapital_MUSD"].Values[1]!.Value, rows["capital_MUSD"]);
        Assert.True(own.HasRange);
        Assert.InRange(all.Values[1]!.Value.Value - all.Values[0]!.Value.Value, own.Value, 1.01 * own.Value); // and the modules' part of the building
        Assert.True(rows["routesYear_MUSD"].Values[1]!.Value.Value < rows["yearlyCost_MUSD"].Values[1]!.Value.Value);
        Assert.Equal(study.Designs[1].Cost.Model.Routes[0].Power.Kilowatts, rows["routesPower_kW"].Values[1]!.Value.Value, 1e-12);
        Assert.DoesNotContain("routesCapital_MUSD", Comparison.Of([ComparedDesign.Of(Designs.Example(Designs.Copper))]).Select(r => r.Key));
    }

    [Fact]
    public void Advice_counts_all_sites_and_what_their_routes_cost()
    {
        var document = DesignDocument.Parse(Designs.Changed(TwoSites, (Bandwidth, "waves: { count: 1, rate: 400 Gb/s }")), "d.yaml");
        var before = Evaluator.Evaluate(document);
        var answer = Advisor.Of(document, new() { Question = "?", Budget = Money.FromDollars(1.2 * before.Economics.TotalCapital.Value.Dollars) });
        var more = answer.Options.Concat(answer.Refused).Single(o => o.Layer == Layer.Compute);
        Assert.EndsWith("at each site", more.Name, StringComparison.Ordinal);
        // As many systems again cost no more than as much again, and train about as much again.
        Assert.InRange(more.Capital!.Dollars, 0.9 * before.Economics.TotalCapital.Value.Dollars, 1.2 * before.Economics.TotalCapital.Value.Dollars);
        Assert.InRange(more.Buys.Value / before.EffectiveTokensPerSecond!.Value, 0.8, 1.3);

        var sites = Advisor.Of(document, new() { Question = "?", Measure = AdviceMeasure.Sites });
        var wider = sites.Options.Concat(sites.Refused).Single(o => o.Name.StartsWith("routes", StringComparison.Ordinal));
        var defaults = PartCatalog.Default.Get<RouteDefaults>("default");
        Assert.Equal(9 * 4 * (defaults.WaveEnds.Value.Dollars + (780e3 * defaults.WaveLength.Value.DollarsPerMeter)), wider.Year!.Value.Value.Dollars, 1);
        Assert.True(wider.Year.Value.Low < wider.Year.Value.Value && wider.Year.Value.Value < wider.Year.Value.High);
        Assert.False(wider.IsFree);
    }
}
