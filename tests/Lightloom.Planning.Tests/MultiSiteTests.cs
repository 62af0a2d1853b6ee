using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.Tests;

/// <summary>Routes, plans, splits and failures of several sites.</summary>
public class MultiSiteTests
{
    const string TwoSites = "two-sites-h100";
    static readonly Evaluator Evaluator = new();

    static DesignDocument Document(params (string Old, string New)[] changes) => DesignDocument.Parse(Designs.Changed(TwoSites, changes), "d.yaml");

    static SitesPlan Plan(params (string Old, string New)[] changes) => SitesPlan.Of(Document(changes), Evaluator);

    static RouteDefaults Defaults => PartCatalog.Default.Get<RouteDefaults>("default");

    [Fact]
    public void A_route_is_down_as_often_as_its_length_says()
    {
        // The example at the head of RoutePlan.cs: 1,000 km, 1.5 cuts a year of 12 h.
        var plan = Plan(("distance: 600 km, routeFactor: 1.3", "distance: 1000 km, routeFactor: 1"));
        Assert.Equal(1 / (1 + (1.5 * 12 / 8766)), plan.Study.Routes[0].Availability, 1e-12);
        Assert.Equal(0.002049, 1 - plan.Study.Routes[0].Availability, 1e-6);
    }

    [Fact]
    public void Leased_waves_cost_what_they_are_leased_for()
    {
        var route = Plan(("bandwidth: 400 Gb/s", "waves: { count: 3, rate: 400 Gb/s }")).Study.Routes[0];
        Assert.Equal(1200, route.Bandwidth.GigabitsPerSecond, 1e-9);
        Assert.Equal(12 * (Defaults.WaveEnds.Value.Dollars + (780e3 * Defaults.WaveLength.Value.DollarsPerMeter)), route.Yearly.Value.Dollars, 1e-6);
        Assert.Equal(Money.Zero, route.Capital.Value);
    }

    [Fact]
    public void A_line_is_priced_part_by_part()
    {
        var route = Plan(("distance: 600 km, routeFactor: 1.3", "distance: 300 km, routeFactor: 1.3"), ("bandwidth: 400 Gb/s", "bandwidth: 1.6 Tb/s, line: { modules: [400zr-plus-0dbm] }")).Study.Routes[0];
        var line = route.Line!;
        Assert.Equal((4, 8), (line.Channels, line.Transceivers));
        Assert.Equal(5, line.Spans);
        var catalog = PartCatalog.Default;
        var expected = (8 * catalog.Get<CoherentTransceiver>("400zr-plus-0dbm").Price!.Value.Value.Dollars)
            + line.AmplifiersOfPair.Sum(a => a.Value * catalog.Get<Amplifier>(a.Key).Price!.Value.Value.Dollars) + (4 * Defaults.Hut.Value.Dollars);
        Assert.Equal(expected, route.Capital.Value.Dollars, 1e-6);
        Assert.Equal(2 * 390e3 * Defaults.DarkFibre.Value.DollarsPerMeter, route.Yearly.Value.Dollars, 1e-6);
        var watts = (8 * catalog.Get<CoherentTransceiver>("400zr-plus-0dbm").Power!.Value.Value.Watts) + line.AmplifiersOfPair.Sum(a => a.Value * catalog.Get<Amplifier>(a.Key).Power!.Value.Value.Watts);
        Assert.Equal(watts, route.Power.Watts, 1e-9);
        Assert.True(route.Capital.Low < route.Capital.Value && route.Capital.Value < route.Capital.High);
    }

    [Fact]
    public void Routes_of_a_pair_are_used_together_where_that_serves_a_method()
    {
        const string Second = "bandwidth: 400 Gb/s }\n  - { name: other, from: north, to: south, distance: 600 km, routeFactor: 1.5, bandwidth: 400 Gb/s }";
        var (one, two) = (Plan(("bandwidth: 400 Gb/s }", "bandwidth: 50 Gb/s }")), Plan(("bandwidth: 400 Gb/s }", Second.Replace("400 Gb/s", "50 Gb/s", StringComparison.Ordinal))));
        var (before, after) = (one.Methods[0], two.Methods[0]);
        Assert.True(after.Together);
        // Twice the bandwidth at the longer route's delay.
        var wide = one.Study.Network.With(Duration.FromSeconds(900e3 * 4.897e-9)).With(Bandwidth.FromGigabitsPerSecond(100));
        Assert.Equal(before.Method.Predict(one.Study.Work, wide).Step.Seconds, after.Forecast!.Step.Seconds, 1e-9);
        Assert.True(after.TokensPerSecond > before.TokensPerSecond);
    }

    [Fact]
    public void Failures_keep_what_is_left()
    {
        var plan = Plan();
        var failures = SiteFailures.Of(plan, Defaults);
        Assert.Equal(1, failures.States.Sum(s => s.Share) + failures.Beyond, 1e-12);
        var (u, v) = (1 - plan.Study.Routes[0].Availability, 1 - (1 / (1 + (Defaults.SiteFailures.Value * Defaults.SiteRepair.Value))));
        // All up; the route alone; a site alone.
        Assert.Equal((1 - u) * (1 - v) * (1 - v), failures.States[0].Share, 1e-12);
        var exact = plan.FastestExact!;
        var alone = plan.Study.TokensPerStep / 2 / plan.Study.Work.Step.Seconds / plan.Methods[0].TokensPerSecond;
        // Two sites that lost their route go on as one site with half of the batch does.
        var cut = failures.OneDown.First();
        Assert.Equal(["north"], cut.Going);
        Assert.Equal(alone, cut.Left.Single(l => l.Method is SynchronousDataParallel).Kept, 1e-9);
        Assert.Equal(0, cut.Left.Single(l => l.Method is PipelineAcrossSites).Kept);
        Assert.InRange(failures.Kept("data-parallel"), failures.States[0].Share, 1);
        Assert.True(failures.Kept("pipeline") < failures.Kept("data-parallel"));
        Assert.NotNull(exact.Forecast);
    }

    [Fact]
    public void Splits_leave_the_design_as_it_is_where_they_are_its_own()
    {
        var document = Document();
        var plan = SitesPlan.Of(document, Evaluator);
        var splits = SiteSplits.Of(document, Evaluator, plan);
        var own = splits.Single(s => s.Accelerators.SequenceEqual(plan.Study.Accelerators));
        Assert.Equal(plan.FastestExact!.TokensPerSecond, own.TokensPerSecond);
        Assert.Equal(128, splits[0].Accelerators[0]);
        Assert.Equal(64, splits[1].Accelerators[0]);
        // Distance costs something, and a second site brings something.
        Assert.InRange(own.TokensPerSecond, splits[1].TokensPerSecond, splits[0].TokensPerSecond);
        Assert.All(splits.Skip(2), s => Assert.Equal(128, s.Accelerators.Sum()));
    }

    [Fact]
    public void Hollow_core_fibre_saves_delay_and_spans()
    {
        var document = Document(("distance: 600 km, routeFactor: 1.3", "distance: 300 km, routeFactor: 1.3"), ("bandwidth: 400 Gb/s", "bandwidth: 1.6 Tb/s, line: { modules: [400zr-plus-0dbm] }"));
        var fibres = FibreComparison.Of(document, SitesPlan.Of(document, Evaluator), PartCatalog.Default.Get<Fibre>(FibreComparison.HollowCore));
        Assert.Null(fibres.Reason);
        Assert.Equal(390e3 * (4.897e-9 - 3.34e-9), (fibres.Own[0].Plan.Delay - fibres.Other[0].Plan.Delay).Seconds, 1e-9);
        Assert.True(fibres.Other[0].FewestSpans < fibres.Own[0].FewestSpans);
        Assert.True(fibres.Other[0].Reach!.Reach > fibres.Own[0].Reach!.Reach);
    }

    [Fact]
    public void Evaluate_shares_the_job_over_the_sites()
    {
        var evaluation = Designs.Evaluate(Designs.Text(TwoSites));
        Assert.Equal(Plan().Methods.Select(m => m.TokensPerSecond), evaluation.Sites!.Methods.Select(m => m.TokensPerSecond));
        Assert.Null(Designs.Example(Designs.Copper).Sites);
    }

    [Fact]
    public void A_distance_that_no_line_reaches_is_an_error_that_says_the_reach()
    {
        var wrong = Assert.Throws<InputException>(() => Plan(("distance: 600 km", "distance: 5000 km"), ("bandwidth: 400 Gb/s", "line: { modules: [400zr, 400zr-plus-0dbm] }")));
        Assert.Contains("within reach are", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("400zr-plus-0dbm", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("regenerate: true", wrong.Message, StringComparison.Ordinal);
        Assert.StartsWith("d.yaml:", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_lists_what_a_line_rests_on()
    {
        var sections = Designs.Explain(Designs.Evaluate(Designs.Text("three-sites-dark-fibre"))).Select(v => v.Section).ToHashSet();
        foreach (var section in (string[])["route-defaults default", "fibre os2-1550", "coherent-transceiver openzr-plus-400", "amplifier std-medium-gain"])
            Assert.Contains(section, sections);
    }
}
