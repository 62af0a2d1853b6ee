using CsCheck;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Reliability;

public sealed class SparePoolTests
{
    static DrainClass Class(double meanTimeHours, int systems, double repairHours) =>
        new(FailureRate.FromPerHour(1 / meanTimeHours), systems, Duration.FromHours(repairHours));

    // Erlang's loss formula by its recursion.
    static double Erlang(int servers, double load)
    {
        var b = 1.0;
        for (var n = 1; n <= servers; n++) b = load * b / (n + (load * b));
        return b;
    }

    /// <summary>The example at the head of SparePool.cs.</summary>
    [Fact]
    public void The_example_at_the_head()
    {
        var drain = Class(54 * 24 / 419.0, 1, 24);
        Assert.Equal(7.76, new SparePool([drain], 8).MeanOut, 0.005);
        Assert.Equal(0.161, new SparePool([drain], 8).Waiting, 0.0005);
        Assert.Equal(0.00161, new SparePool([drain], 16).Waiting, 0.000005);
        Assert.Equal(0.9971, new SparePool([drain], 8).Shrinking(128, 16).Pace, 0.00005);
    }

    [Fact]
    public void Waiting_for_single_systems_is_Erlangs_loss_formula() =>
        Gen.Select(Gen.Double[0.1, 50], Gen.Int[0, 60]).Sample((load, spares) =>
            Assert.Equal(Erlang(spares + 1, load), new SparePool([Class(1, 1, load)], spares).Waiting, 1e-9));

    [Fact]
    public void Systems_out_are_a_convolution_of_Poisson_distributions() =>
        Gen.Select(Gen.Double[0.1, 5], Gen.Double[0.1, 2], Gen.Int[2, 5], Gen.Int[0, 30]).Sample((one, many, systems, spares) =>
        {
            double Poisson(double mean, int n)
            {
                var p = Math.Exp(-mean);
                for (var i = 1; i <= n; i++) p *= mean / i;
                return p;
            }
            var within = 0.0;
            for (var groups = 0; groups * systems <= spares; groups++)
                for (var singles = 0; singles + (groups * systems) <= spares; singles++) within += Poisson(one, singles) * Poisson(many, groups);
            Assert.Equal(1 - within, new SparePool([Class(1, 1, one), Class(1, systems, many)], spares).Exceeded, 1e-9);
        });

    [Fact]
    public void Large_pools_keep_their_digits()
    {
        var pool = new SparePool([Class(0.01, 1, 100)], 10_300);
        Assert.Equal(10_000, pool.MeanOut, 1e-6);
        Assert.Equal(Erlang(10_301, 10_000), pool.Waiting, 1e-7);
        Assert.Equal(1, new SparePool([Class(0.001, 1, 1000)], 3).Waiting, 1e-3);
    }

    [Fact]
    public void Enough_is_the_fewest_that_do()
    {
        DrainClass[] drains = [Class(3, 1, 24), Class(100, 4, 6)];
        var enough = SparePool.Enough(drains, 0.001)!.Value;
        Assert.True(new SparePool(drains, enough).Waiting <= 0.001);
        Assert.True(new SparePool(drains, enough - 1).Waiting > 0.001);
        Assert.Equal(0, SparePool.Enough([], 0.001));
    }

    [Theory]
    [InlineData(0, 4, 2, 0)]
    [InlineData(1, 4, 2, 0.25)]
    [InlineData(3, 4, 2, 0.5)]
    [InlineData(9, 4, 2, 1)]
    [InlineData(1, 16, 0.5, 0.125)]
    public void Missing_systems_cost_whole_replicas(int missing, int replicas, double each, double lost) =>
        Assert.Equal(lost, SparePool.Lost(missing, replicas, each), 1e-12);
}
