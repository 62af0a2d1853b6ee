using System.Diagnostics;
using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.TestParts;

namespace Lightloom.Optics.Tests;

public class StatisticalBudgetTests
{
    static readonly LinkRequest Hall = Request(300, 4) with
    {
        Connector = Mpo,
        Elements = [Ocs(1.5, 2.0)],
        Policy = LinkPolicy.Named("800g-2xdr4"),
    };

    static StatisticalBudget OfHall(double? years = null) => StatisticalBudget.Of(Engineer().Best(Hall), Hall, null, years)!;

    static StatisticalTerm Term(int count, double center, double spread, double low, double high, bool gain = false) =>
        new(gain ? "gain" : "loss", count, new(center, spread, low, high), gain, "test", Grade.Assumption);

    static StatisticalBudget Budget(double available, params StatisticalTerm[] terms) => new(Decibels.FromDecibels(available), terms);

    static readonly Gen<StatisticalTerm> Terms =
        from count in Gen.Int[1, 5]
        from center in Gen.Double[0, 1]
        from spread in Gen.Double[0.02, 0.5]
        from high in Gen.Double[0.2, 2]
        from gain in Gen.Bool
        select Term(count, center, spread, 0, Math.Max(high, center), gain);

    // 400GBASE-DR4 over 300 m, four MPO and a switch: the worked example of StatisticalBudget.cs.
    [Fact]
    public void A_hall_has_the_margins_of_the_worked_example()
    {
        var link = Engineer().Best(Hall);
        Assert.Equal(-0.02, link.TypicalMargin.Si, 1e-9);
        Assert.Equal(-2.12, link.WorstMargin.Si, 1e-9);
        var budget = OfHall();
        Assert.Equal(1.51, budget.Mean.Si, 2);
        Assert.Equal(0.826, budget.StandardDeviation.Si, 3);
        Assert.Equal(8, budget.Lanes);
        Assert.InRange(budget.FailingShare, 0.02, 0.06);
        Assert.True(budget.NormalIsValid);
        Assert.Equal(budget.FailingShare, budget.NormalFailingShare, 0.1 * budget.FailingShare);
        Assert.InRange(budget.FailingShareOfIndependentLanes, budget.FailingShare, 8 * budget.FailingShare);
        Assert.Equal(100_000 * budget.FailingShare, budget.ExpectedFailing(100_000), 6);
        Assert.True(OfHall(0).FailingShare < budget.FailingShare);
        Assert.Equal(Grade.Assumption, budget.WeakestGrade);
    }

    [Fact]
    public void A_truncated_normal_has_its_published_moments()
    {
        // Half a standard normal: mean √(2/π), variance 1 − 2/π, skewness 0.9953.
        var half = new TruncatedNormal(0, 1, 0, 40);
        Assert.Equal(Math.Sqrt(2 / Math.PI), half.Mean, 1e-12);
        Assert.Equal(1 - 2 / Math.PI, half.Variance, 1e-12);
        Assert.Equal(0.9952717, half.ThirdMoment / Math.Pow(half.Variance, 1.5), 6);
        // Cut a long way out it is the normal itself; cut narrowly it is nearly uniform.
        var whole = new TruncatedNormal(3, 0.5, -5, 11);
        Assert.Equal(3, whole.Mean, 1e-12);
        Assert.Equal(0.25, whole.Variance, 1e-12);
        Assert.Equal(0.01 / 12, new TruncatedNormal(0, 100, 0, 0.1).Variance, 8);
        Assert.Equal(0.5, half.Cdf(half.Quantile(0.5)), 1e-12);
        var pair = new TruncatedNormal(0.35, 0.4 / 1.8808, 0, 0.75);
        Assert.Equal(0.358, pair.Mean, 3);
        Assert.Equal(0.175, Math.Sqrt(pair.Variance), 3);
    }

    [Theory]
    [InlineData(double.NaN, 1, 0, 1)]
    [InlineData(0, -1, 0, 1)]
    [InlineData(0, 1, 1, 0)]
    [InlineData(0, 0.01, 5, 6)]
    public void What_is_no_distribution_is_refused(double center, double spread, double low, double high) =>
        Assert.Throws<ArgumentException>(() => new TruncatedNormal(center, spread, low, high));

    [Fact]
    public void The_exact_tail_is_the_normal_one_where_terms_are_normal()
    {
        // One wide and uncut term: Q(m/σ) to the resolution of the grid.
        foreach (var x in new[] { 0.5, 1, 2, 3, 4, 5 })
        {
            var budget = Budget(x, Term(1, 0, 1, -7, 7));
            Assert.Equal(GaussianTail.Q(x), budget.FailingShare, 2e-3 * GaussianTail.Q(x));
        }
        // Sum of two uniform terms is a triangle: P(u1 + u2 > 1.5) = 1/8.
        Assert.Equal(0.125, Budget(1.5, Term(2, 0, 1000, 0, 1)).FailingShare, 3);
    }

    [Fact]
    public void Means_and_variances_and_skewness_add() => Terms.Array[1, 5].Sample(terms =>
    {
        var budget = Budget(1, terms);
        double mean = 1, variance = 0;
        foreach (var t in terms)
        {
            mean += (t.IsGain ? 1 : -1) * t.Count * t.Each.Mean;
            variance += t.Count * t.Each.Variance;
        }
        Assert.Equal(mean, budget.Mean.Si, 1e-9);
        Assert.Equal(Math.Sqrt(variance), budget.StandardDeviation.Si, 1e-9);
        // The convolution agrees: half of a symmetric-enough sum lies below its mean, all of it within its bounds.
        Assert.Equal(0, budget.ShareBelow(budget.Least - Decibels.FromDecibels(0.05)), 1e-12);
        Assert.Equal(1, budget.ShareBelow(budget.Most + Decibels.FromDecibels(0.05)), 1e-9);
        foreach (var share in new[] { 1e-3, 0.1, 0.5, 0.9 }) Assert.Equal(share, budget.ShareBelow(budget.Quantile(share)), 6);
    }, iter: 50);

    [Fact]
    public void The_sampler_agrees_with_a_naive_one_and_with_the_convolution() => Gen.Select(Terms.Array[1, 4], Gen.ULong).Sample((terms, seed) =>
    {
        var around = Budget(0, terms);
        var budget = new StatisticalBudget(Decibels.FromDecibels(around.StandardDeviation.Si * 1.5 - around.Mean.Si), terms);
        const int links = 40_000;
        var sampled = budget.Sample(links, seed, 1);
        var random = new Random((int)seed);
        var naive = 0;
        for (var i = 0; i < links; i++)
        {
            var margin = budget.Available.Si;
            foreach (var term in terms)
                for (var j = 0; j < term.Count; j++)
                    margin += (term.IsGain ? 1 : -1) * Rejected(term.Each, random);
            if (margin < 0) naive++;
        }
        var error = Math.Sqrt(budget.FailingShare * (1 - budget.FailingShare) / links);
        // Each term is rounded to a grid of 0.005 dB, which shows where the margin stands at the edge of one that is cut.
        var grid = Decibels.FromDecibels(0.005 * terms.Sum(t => t.Count));
        var rounded = budget.ShareBelow(grid) - budget.ShareBelow(-grid);
        Assert.InRange(sampled.FailingShare - budget.FailingShare, (-5.5 * error) - rounded, (5.5 * error) + rounded);
        Assert.InRange((double)naive / links - budget.FailingShare, (-5.5 * error) - rounded, (5.5 * error) + rounded);
        // The two that draw know no grid.
        var drawn = 6 * Math.Sqrt(2 * Math.Max((double)naive / links, 4.0 / links) / links);
        Assert.InRange(sampled.FailingShare - (double)naive / links, -drawn, drawn);
        var spread = budget.StandardDeviation.Si;
        Assert.Equal(budget.Mean.Si, sampled.Mean.Si, 5.5 * spread / Math.Sqrt(links));
        Assert.Equal(spread, sampled.StandardDeviation.Si, 0.03 * spread);
        Assert.Equal(budget.Quantile(0.1).Si, sampled.Quantile(0.1).Si, 0.06 * spread);
        Assert.Equal(links, sampled.Histogram().Sum(b => b.Links));
    }, iter: 20);

    static double Rejected(TruncatedNormal given, Random random)
    {
        while (true)
        {
            var z = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var x = given.Center + given.Spread * z;
            if (x >= given.Minimum && x <= given.Maximum) return x;
        }
    }

    [Fact]
    public void The_far_tail_is_sampled_as_often_as_the_convolution_says()
    {
        var link = Engineer().Best(Hall with { Elements = [Ocs(0.5, 1)] });
        var budget = StatisticalBudget.Of(link, Hall with { Elements = [Ocs(0.5, 1)] })!;
        Assert.InRange(budget.FailingShare, 1e-5, 3e-3);
        var sampled = budget.Sample(2_000_000, 1);
        Assert.InRange(sampled.FailingShare - budget.FailingShare, -5 * sampled.StandardError, 5 * sampled.StandardError);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void Threads_change_nothing(int workers)
    {
        var budget = OfHall();
        var (one, many) = (budget.Sample(500_001, 42, 1), budget.Sample(500_001, 42, workers));
        Assert.Equal(one.Failing, many.Failing);
        Assert.Equal(one.Mean.Si, many.Mean.Si);
        Assert.Equal(one.StandardDeviation.Si, many.StandardDeviation.Si);
        Assert.Equal(one.Worst.Si, many.Worst.Si);
        Assert.Equal(one.Histogram(4096), many.Histogram(4096));
        Assert.NotEqual(one.Mean.Si, budget.Sample(500_001, 43, workers).Mean.Si);
    }

    [Fact]
    public void A_link_has_its_margin_whichever_links_are_drawn_with_it()
    {
        var sampler = new MarginSampler(OfHall(), 7);
        var all = new double[1000];
        sampler.Fill(0, all);
        var some = new double[10];
        sampler.Fill(500, some);
        Assert.Equal(all[500..510], some);
        Assert.InRange(all.Distinct().Count(), 999, 1000);
    }

    [Fact]
    public void Drawing_links_allocates_nothing()
    {
        var budget = OfHall();
        var sampler = new MarginSampler(budget, 7);
        var margins = new double[10_000];
        Assert.Equal(0, Allocations.Of(() => sampler.Fill(10_000, margins)));

        long Run(long links) => Allocations.Of(() => sampler.Run(links, 1));
        // One tally for each 65,536 links.
        Assert.InRange(Run(1 << 20) - Run(1 << 16), 0, 15 * 40);
    }

    [Fact]
    public void Levers_say_what_to_change()
    {
        var budget = OfHall();
        var levers = budget.Levers();
        Assert.Equal(levers.OrderByDescending(l => l.Avoided).Select(l => l.Change), levers.Select(l => l.Change));
        Assert.Equal("optical circuit switch", levers[0].Term);
        Assert.Equal("without it", levers[0].Change);
        var fewer = levers.Single(l => l is { Term: "MPO", Change: "one fewer" });
        Assert.Equal(0.36, fewer.MeanGain.Si, 2);
        Assert.True(fewer.Avoided > 0);
        var again = StatisticalBudget.Of(Engineer().Best(Hall with { Connectors = 3 }), Hall with { Connectors = 3 })!;
        Assert.Equal(again.FailingShare, fewer.FailingShare, 1e-9);
    }

    [Fact]
    public void A_plant_without_scatter_has_one_margin()
    {
        var budget = Budget(1, Term(2, 0.5, 0, 0, 1));
        Assert.Equal(0, budget.FailingShare);
        Assert.Equal(0, budget.NormalFailingShare);
        Assert.Equal(0, budget.Sample(1000, 1).Failing);
        Assert.Equal(1, Budget(0.9, Term(2, 0.5, 0, 0, 1)).FailingShare);
    }

    [Fact]
    public void Copper_and_cables_in_one_piece_have_no_statistics()
    {
        foreach (var meters in new[] { 2.0, 4 })
        {
            var request = Request(meters) with { Policy = LinkPolicy.CopperOnly };
            Assert.Null(StatisticalBudget.Of(Engineer().Best(request), request));
        }
        var aoc = Request(20) with { Policy = LinkPolicy.Named("aoc-800g") };
        Assert.Null(StatisticalBudget.Of(Engineer().Best(aoc), aoc));
    }

    [Fact]
    public void What_is_no_population_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OfHall().Sample(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OfHall().Sample(10, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OfHall().Quantile(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => OfHall(double.NaN));
        Assert.Throws<ArgumentException>(() => Budget(1, Term(0, 0.1, 0.1, 0, 1)));
    }

    // Not an assertion: what it took is in the output of the test.
    [Fact]
    public void Links_a_second_on_one_core()
    {
        var budget = OfHall();
        budget.Sample(1 << 20, 1, 1);
        var watch = Stopwatch.StartNew();
        budget.Sample(1 << 22, 1, 1);
        TestContext.Current.SendDiagnosticMessage($"{(1 << 22) / watch.Elapsed.TotalSeconds / 1e6:0.0} million links a second");
    }
}
