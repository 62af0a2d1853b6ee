using CsCheck;
using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Costs;

public sealed class CostSamplingTests
{
    static readonly ClusterCost Cost = Designs.Example(Designs.SuperPod).Economics;

    static CostFigure Figure(double low, double value, double high) => new("x", "x", "USD", value, low, high, null, "test", Grade.Assumption);

    /// <summary>The example at the head of CostFigure.cs.</summary>
    [Fact]
    public void Quantiles_of_the_worked_example()
    {
        var figure = Figure(80, 100, 150);
        Assert.Equal(90, figure.Quantile(0.125), 1e-9);
        Assert.Equal(125, figure.Quantile(0.875), 1e-9);
        Assert.Equal((80, 100), (figure.Quantile(0), figure.Quantile(0.5)));
    }

    [Fact]
    public void Samples_stay_in_the_range_rise_with_the_draw_and_have_the_value_as_their_median() =>
        Gen.Select(Gen.Double[0, 100], Gen.Double[0, 100], Gen.Double[0, 100], Gen.Double[0, 0.999], Gen.Double[0, 0.001]).Sample((below, value, above, u, more) =>
        {
            var figure = Figure(value - below, value, value + above);
            var at = figure.Quantile(u);
            Assert.InRange(at, figure.Low - 1e-9, figure.High + 1e-9);
            Assert.True(figure.Quantile(u + more) >= at - 1e-9);
            Assert.Equal(value, figure.Quantile(0.5), 1e-9);
        });

    [Fact]
    public void Same_seed_same_samples_another_seed_others()
    {
        var (a, b, c) = (new CostSampling(Cost.Model, 100, 7), new CostSampling(Cost.Model, 100, 7), new CostSampling(Cost.Model, 100, 8));
        Assert.Equal(a.Points, b.Points);
        Assert.NotEqual(a.Points, c.Points);
        Assert.Equal(a.Drivers(p => p.Yearly), b.Drivers(p => p.Yearly));
    }

    [Fact]
    public void A_range_holds_the_value_and_lies_within_the_worst_of_all_figures()
    {
        var model = Cost.Model;
        double[] Ends(Func<CostFigure, double> of) => [.. model.Figures.Select(of)];
        var range = Cost.TotalCapital;
        Assert.True(range.Low < range.Value && range.Value < range.High);
        // Capital rises with each price and falls with none.
        Assert.InRange(range.Low.Dollars, model.At(Ends(f => f.Low)).Capital.Dollars, range.Value.Dollars);
        Assert.InRange(range.High.Dollars, range.Value.Dollars, model.At(Ends(f => f.High)).Capital.Dollars);
        Assert.Equal(Grade.Assumption, Cost.Yearly.Weakest);
    }

    // Capital is linear in independent figures, so that each one's share of the variance is known: (coefficient x deviation)² over the sum of all. The
    // figures' own variance is integrated here; estimates of 20,000 samples are off by less than 0.02 with this seed, and would be with almost any.
    [Fact]
    public void Shares_of_variance_are_those_of_a_linear_sum()
    {
        var (model, sampling) = (Cost.Model, new CostSampling(Cost.Model, 20_000, 1));
        var drivers = sampling.Drivers(p => p.Capital);
        var variances = drivers.ToDictionary(d => d.Figure.Key, d =>
        {
            var slope = (d.High.Dollars - d.Low.Dollars) / (d.Figure.High - d.Figure.Low);
            return slope * slope * Variance(d.Figure);
        });
        var all = variances.Values.Sum();
        foreach (var driver in drivers)
        {
            Assert.Equal(variances[driver.Figure.Key] / all, driver.Total, 0.02);
            Assert.Equal(driver.Total, driver.FirstOrder, 0.03);
        }
        Assert.Equal("dgx-h100", drivers[0].Figure.Key);
        Assert.DoesNotContain(drivers, d => d.Figure.Key is "electricity" or "step time");
        Assert.Equal(model.Value.Capital, model.Value.Capital);

        static double Variance(CostFigure figure)
        {
            const int Steps = 20_000;
            double sum = 0, squares = 0;
            for (var i = 0; i < Steps; i++)
            {
                var x = figure.Quantile((i + 0.5) / Steps) - figure.Value;
                (sum, squares) = (sum + x, squares + (x * x));
            }
            return (squares / Steps) - (sum / Steps * (sum / Steps));
        }
    }

    [Fact]
    public void A_samples_step_allocates_nothing()
    {
        var model = Cost.Model;
        double[] values = [.. model.Figures.Select(f => f.Value)];
        var sum = Money.Zero;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) sum += model.At(values).Yearly;
        }));
        Assert.True(sum > Money.Zero);
    }
}
