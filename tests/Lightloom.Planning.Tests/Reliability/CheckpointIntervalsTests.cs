using CsCheck;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Reliability;

public sealed class CheckpointIntervalsTests
{
    static readonly FailureRate Llama = FailureRate.FromPerSecond(419 / (54 * 86400.0));
    static readonly Duration Minute = Duration.FromSeconds(60);

    static double LambertW(double x)
    {
        var w = -0.5;
        for (var i = 0; i < 200; i++) w -= ((w * Math.Exp(w)) - x) / (Math.Exp(w) * (w + 1));
        return w;
    }

    /// <summary>The example at the head of CheckpointIntervals.cs.</summary>
    [Fact]
    public void The_example_at_the_head()
    {
        Assert.Equal(1155.95, CheckpointIntervals.Young(Llama, Minute).Seconds, 0.005);
        Assert.Equal(1116.29, CheckpointIntervals.Daly(Llama, Minute).Seconds, 0.005);
        var best = CheckpointIntervals.Optimum(Llama, Minute);
        Assert.Equal(1116.30, best.Seconds, 0.005);
        var recovered = CheckpointIntervals.Recovered([(Llama, Duration.FromMinutes(10))]);
        Assert.Equal(0.85255, CheckpointIntervals.Share(Llama, Minute, best, recovered), 5e-6);
        Assert.Equal(0.85029, Goodput.FirstOrder(Llama, Minute, Duration.FromMinutes(10), best), 5e-6);
    }

    [Fact]
    public void The_best_interval_is_that_of_Lamberts_function() =>
        Gen.Select(Gen.Double[-8, -2], Gen.Double[-1, 4]).Sample((logRate, logWrite) =>
        {
            var (rate, write) = (Math.Pow(10, logRate), Math.Pow(10, logWrite));
            if (rate * write is < 1e-4 or > 20) return;
            var closed = (1 + LambertW(-Math.Exp(-1 - (rate * write)))) / rate;
            Assert.Equal(1, CheckpointIntervals.Optimum(FailureRate.FromPerSecond(rate), Duration.FromSeconds(write)).Seconds / closed, 1e-6);
        });

    [Fact]
    public void Dalys_interval_keeps_all_but_a_thousandth_of_what_the_best_keeps() =>
        Gen.Select(Gen.Double[-7, -2], Gen.Double[0, 3]).Sample((logRate, logWrite) =>
        {
            var (rate, write) = (FailureRate.FromPerSecond(Math.Pow(10, logRate)), Duration.FromSeconds(Math.Pow(10, logWrite)));
            if (rate * write > 0.5) return;
            var best = CheckpointIntervals.Share(rate, write, CheckpointIntervals.Optimum(rate, write), 1);
            Assert.InRange(CheckpointIntervals.Share(rate, write, CheckpointIntervals.Daly(rate, write), 1) / best, 0.998, 1 + 1e-12);
        });

    [Fact]
    public void One_kind_of_recovery_is_Dalys_exact_form() =>
        Gen.Select(Gen.Double[1e-7, 1e-3], Gen.Double[1, 300], Gen.Double[0, 2000], Gen.Double[60, 5000]).Sample((rate, write, restart, interval) =>
        {
            var (l, w, r, t) = (FailureRate.FromPerSecond(rate), Duration.FromSeconds(write), Duration.FromSeconds(restart), Duration.FromSeconds(interval));
            Assert.Equal(1, CheckpointIntervals.Share(l, w, t, CheckpointIntervals.Recovered([(l, r)])) / Goodput.Exact(l, w, r, t), 1e-9);
        });

    [Fact]
    public void Recoveries_of_several_lengths_are_those_of_expected_tries() =>
        // V_i = (1 - e^(-λR_i))(1/λ + V), V = Σ p_i V_i, solved by iteration; a stretch then takes (e^(λx) - 1)(1/λ + V).
        Gen.Select(Gen.Double[1e-5, 5e-4], Gen.Double[1e-5, 5e-4], Gen.Double[0, 1500], Gen.Double[0, 1500]).Sample((first, second, a, b) =>
        {
            double all = first + second, mean = 0;
            for (var i = 0; i < 5000; i++)
                mean = ((first * (1 - Math.Exp(-all * a))) + (second * (1 - Math.Exp(-all * b)))) / all * ((1 / all) + mean);
            const double write = 20, interval = 900;
            var stretch = (Math.Exp(all * (interval + write)) - 1) * ((1 / all) + mean);
            var recovered = CheckpointIntervals.Recovered(
                [(FailureRate.FromPerSecond(first), Duration.FromSeconds(a)), (FailureRate.FromPerSecond(second), Duration.FromSeconds(b))]);
            Assert.Equal(1, CheckpointIntervals.Share(FailureRate.FromPerSecond(all), Duration.FromSeconds(write), Duration.FromSeconds(interval), recovered) / (interval / stretch), 1e-6);
        });

    /// <summary>Failures of 6.50 in a thousand node-days (arXiv:2410.21680): 1.8 h between interruptions on 16,384 accelerators and 0.23 h on 131,072.</summary>
    [Theory]
    [InlineData(16384, 1.8, 0.05)]
    [InlineData(131072, 0.23, 0.005)]
    public void Projections_of_mean_times_come_out(int accelerators, double hours, double within) =>
        Assert.Equal(hours, FailureRate.FromPerSecond(6.5 / 1000 / 86400 * accelerators / 8).MeanTime.Hours, within);
}
