using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

/// <summary>Engines with many wavelengths and a laser elsewhere: budgets from the laser's connector to the photodiode.</summary>
public class ExternalLaserBudgetTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);

    public static TheoryData<string> Inside => [.. Catalog.Keys<ExternalLaserOptics>()];

    static LinkRequest Request(string module, double meters, int connectors = 0)
    {
        var end = LinkEnd.CoPackaged(Catalog.Get<Transceiver>(module));
        return new()
        {
            Rate = Bandwidth.FromGigabitsPerSecond(800),
            LaneRate = Bandwidth.FromGigabitsPerSecond(100),
            Run = Length.FromMeters(meters),
            A = end,
            B = end,
            Connectors = connectors,
        };
    }

    // The example at the head of the file.
    [Fact]
    public void The_example_adds_up()
    {
        var given = Catalog.Get<ExternalLaserOptics>("teraphy-16x32g");
        Assert.Equal(1.65, ExternalLaserBudget.AmplitudeLoss(given).Si, 2);
        Assert.Equal(-2.65, ExternalLaserBudget.Launch(given)!.Value.Si, 2);
        Assert.Equal(-5.5, ExternalLaserBudget.Needed(given).Si, 9);
    }

    [Theory]
    [MemberData(nameof(Inside))]
    public void Steps_sum_to_the_budget_and_pass_the_launched_level(string key)
    {
        var given = Catalog.Get<ExternalLaserOptics>(key);
        var steps = ExternalLaserBudget.Steps(given, given);
        var budget = ExternalLaserBudget.Launch(given)!.Value - ExternalLaserBudget.Needed(given);
        Assert.Equal(budget.Si, steps.Sum(s => s.Change.Si), 9);
        Assert.Equal(budget.Si, steps[^1].Cumulative.Si, 9);
        Assert.Equal(ExternalLaserBudget.Launch(given)!.Value.Si, steps[^1].Level!.Value.Si, 9);
        // Nobody publishes these figures: none of the budget may look better founded than it is.
        Assert.All(steps, s => Assert.Equal(Grade.Assumption, s.Grade));
        Assert.True(ExternalLaserBudget.Spread(given, given).Si > 0.5);
    }

    [Theory]
    [InlineData("teraphy-gen3", 20, 2, true)]
    [InlineData("lightmatter-m1000", 20, 2, true)]
    [InlineData("lightmatter-l200", 100, 2, true)]
    [InlineData("lightmatter-cpo-16-lambda", 100, 2, true)]
    [InlineData("lightmatter-l20", 100, 2, true)]
    [InlineData("teraphy-gen3", 2000, 9, false)]
    [InlineData("lightmatter-m1000", 20, 9, false)]
    public void Engines_have_a_budget_that_closes_or_says_by_how_much_not(string module, double meters, int connectors, bool closes)
    {
        var request = Request(module, meters, connectors);
        var link = Engineer.Best(request);
        Assert.True(link.HasBudget);
        Assert.Equal(closes, link.Closes);
        Assert.Equal(link.Margin.Si, link.Waterfall.Sum(t => t.Change.Si), 9);
        Assert.Equal(Grade.Assumption, link.BudgetGrade);
        if (!closes) Assert.Contains("dB too much", link.Reason);
        Assert.NotNull(StatisticalBudget.Of(link, request));
    }

    [Fact]
    public void A_liquid_cooled_pluggable_is_sixteen_dr_links()
    {
        var end = LinkEnd.Cage(16);
        var link = Engineer.Best(Request("teraphy-gen3", 300, 2) with { LaneRate = Bandwidth.FromGigabitsPerSecond(200), A = end, B = end, Policy = LinkPolicy.Named("xpo-12.8t") });
        Assert.True(link.Closes);
        Assert.Equal(3.0 - 0.12 - 0.7, link.Margin.Si, 9);
        Assert.Equal(2 * 400.0 / 16, link.Power.Watts, 9);
        Assert.Equal(62.5, link.EnergyPerBit.PicojoulesPerBit, 9);
        Assert.True(link.FieldReplaceable);
    }

    [Fact]
    public void The_ignorance_of_assumed_figures_is_a_term_of_the_statistics()
    {
        var request = Request("teraphy-gen3", 20, 2);
        var budget = StatisticalBudget.Of(Engineer.Best(request), request)!;
        var term = budget.Terms.Single(t => t.Name == StatisticalBudget.UnknownEngine);
        Assert.Equal(0, term.Mean.Si, 9);
        Assert.DoesNotContain(budget.Terms, t => t.Name == "launched above the least");
        Assert.Equal(Grade.Assumption, budget.WeakestGrade);
    }

    [Fact]
    public void Levels_inside_an_engine_don_t_meet_levels_of_a_standard()
    {
        var dr = Catalog.Get<OpticalInterface>("400gbase-dr4");
        var rings = Catalog.Get<OpticalInterface>("passage-16x112g");
        Assert.Null(OpticalBudget.Between(dr, rings));
        Assert.NotNull(OpticalBudget.Between(rings, rings));
    }

    [Fact]
    public void Its_receiver_stands_above_the_limits_of_physics()
    {
        var limits = DistanceToLimit.Of(Catalog.Get<OpticalInterface>("passage-16x112g"));
        Assert.Equal(-7.5, limits.Sensitivity!.Value.Si, 9);
        Assert.InRange(limits.AboveShotLimit!.Value.Si, 15, 22);
        Assert.InRange(limits.AboveIdealReceiver!.Value.Si, 0, 6);
    }
}
