using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public sealed class GoodputTests
{
    static void Close(double expected, double actual, double relative = 1e-12) =>
        Assert.InRange(actual, expected - (Math.Abs(expected) * relative), expected + (Math.Abs(expected) * relative));

    /// <summary>Llama 3 405B: 419 unexpected interruptions in 54 days on 16,384 GPUs of 2,048 servers.</summary>
    static readonly FailureRate Llama = FailureRate.FromPerSecond(419 / (54 * 86400.0));

    /// <summary>The example at the head of Goodput.cs.</summary>
    [Fact]
    public void Llama_3_ran_3_09_hours_between_interruptions() =>
        Assert.Equal(3.09, Duration.FromSeconds(1 / Llama.PerSecond).Hours, 0.005);

    [Fact]
    public void Llama_3_had_3_79_interruptions_in_a_thousand_server_days()
    {
        var perServer = FailureRate.FromPerSecond(Llama.PerSecond / 2048);
        Assert.Equal(3.79, perServer.PerSecond * 86400 * 1000, 0.005);
        Close(Llama.PerSecond, new InterruptionSource("server", 2048, perServer).Total.PerSecond);
    }

    [Fact]
    public void Youngs_interval_is_the_root_of_twice_the_write_time_over_the_rate()
    {
        // √(2 · 60 s · 3.09 h) = 1156 s.
        Assert.Equal(1156, Goodput.YoungInterval(Llama, Duration.FromSeconds(60)).Seconds, 0.5);
        Gen.Select(Gen.Double[1e-7, 1e-2], Gen.Double[0.1, 1000]).Sample((rate, write) =>
            Close(Math.Sqrt(2 * write / rate), Goodput.YoungInterval(FailureRate.FromPerSecond(rate), Duration.FromSeconds(write)).Seconds));
    }

    /// <summary>
    /// Renewal, played out: tries of τ + w, each preceded by R after a failure, until one survives. With failures without memory a try
    /// of length x survives with e^(-λx) and else takes 1/λ - x·e^(-λx)/(1 - e^(-λx)) on average; a restart is a try of length R of its own.
    /// </summary>
    [Fact]
    public void The_exact_share_is_that_of_expected_tries() =>
        Gen.Select(Gen.Double[1e-6, 1e-3], Gen.Double[1, 300], Gen.Double[0, 1000], Gen.Double[60, 5000]).Sample((rate, write, restart, interval) =>
        {
            // Expected time to get through a stretch of x when each failure costs a restart that can fail too (Daly 2006).
            double Stretch(double x) => Math.Exp(rate * restart) * (Math.Exp(rate * x) - 1) / rate;
            var share = Goodput.Exact(FailureRate.FromPerSecond(rate), Duration.FromSeconds(write), Duration.FromSeconds(restart), Duration.FromSeconds(interval));
            Close(interval / Stretch(interval + write), share, 1e-9);
            Assert.InRange(share, 0, 1);
        });

    [Fact]
    public void The_exact_share_is_that_of_a_simulated_job()
    {
        double rate = 1 / 3000.0, write = 60, restart = 300, interval = 600;
        var random = new Random(7);
        double clock = 0, left = Exponential(), done = 0;
        double Exponential() => -Math.Log(1 - random.NextDouble()) / rate;
        bool Survives(double x)
        {
            if (left > x)
            {
                left -= x;
                clock += x;
                return true;
            }
            clock += left;
            left = Exponential();
            return false;
        }
        for (var i = 0; i < 200_000; i++)
        {
            while (!Survives(interval + write))
                while (!Survives(restart)) { }
            done += interval;
        }
        // Daly's form charges the restart to every stretch as e^(λR); a restart only after a failure costs a little less.
        var exact = Goodput.Exact(FailureRate.FromPerSecond(rate), Duration.FromSeconds(write), Duration.FromSeconds(restart), Duration.FromSeconds(interval));
        Assert.Equal(done / clock, exact, 0.01);
    }

    [Fact]
    public void The_first_order_formula_holds_where_failures_are_rare_and_not_for_131072_accelerators()
    {
        (double Exact, double First) On(int accelerators)
        {
            var rate = FailureRate.FromPerSecond(Llama.PerSecond / 16384 * accelerators);
            Duration write = Duration.FromSeconds(60), recovery = Duration.FromMinutes(15);
            var interval = Goodput.YoungInterval(rate, write);
            return (Goodput.Exact(rate, write, recovery, interval), Goodput.FirstOrder(rate, write, recovery, interval));
        }
        var small = On(1024);
        Assert.Equal(small.Exact, small.First, 0.002);
        // An interruption every 23 minutes, and 15 minutes to recover from each: the line falls below the exponential.
        var large = On(131072);
        Assert.True(large.Exact - large.First > 0.1, $"{large}");
        Assert.InRange(large.Exact, 0.2, 0.6);
    }

    [Fact]
    public void The_first_order_formula_is_the_limit_of_rare_failures() =>
        Gen.Select(Gen.Double[1, 100], Gen.Double[1, 500], Gen.Double[300, 3000]).Sample((write, restart, interval) =>
        {
            const double rate = 1e-9;
            Duration w = Duration.FromSeconds(write), r = Duration.FromSeconds(restart), t = Duration.FromSeconds(interval);
            var exact = Goodput.Exact(FailureRate.FromPerSecond(rate), w, r, t);
            Assert.Equal(Goodput.FirstOrder(FailureRate.FromPerSecond(rate), w, r, t), exact, 1e-5);
        });

    [Fact]
    public void The_chosen_interval_is_the_best_one() =>
        Gen.Select(Gen.Double[-8, -1.5], Gen.Double[-1, 3], Gen.Double[0, 2000], Gen.Double[0.05, 20]).Sample((logRate, logWrite, restart, factor) =>
        {
            var rate = FailureRate.FromPerSecond(Math.Pow(10, logRate));
            Duration write = Duration.FromSeconds(Math.Pow(10, logWrite)), recovery = Duration.FromSeconds(restart);
            var best = Goodput.Of(rate, write, recovery, 0);
            var other = Goodput.Of(rate, write, recovery, 0, Duration.FromSeconds(best.CheckpointInterval.Seconds * factor));
            Assert.True(best.CheckpointInterval.Seconds > 0);
            Assert.True(other.EffectiveShare <= best.EffectiveShare * (1 + 1e-12), $"{other} beats {best}");
        });

    [Fact]
    public void The_best_interval_is_near_Youngs_where_failures_are_rare()
    {
        var write = Duration.FromSeconds(10);
        var rate = FailureRate.FromPerSecond(1e-7);
        Close(Goodput.YoungInterval(rate, write).Seconds, Goodput.Of(rate, write, Duration.FromSeconds(600), 0).CheckpointInterval.Seconds, 1e-3);
    }

    [Fact]
    public void Without_failures_only_checkpoints_and_stalls_cost()
    {
        var goodput = Goodput.Of(FailureRate.FromPerSecond(0), Duration.FromSeconds(100), Duration.FromSeconds(600), 0.25, Duration.FromSeconds(900));
        Close(0.9 * 0.75, goodput.EffectiveShare);
        Assert.Equal(0, Goodput.Of(Llama, Duration.FromSeconds(60), Duration.FromSeconds(600), 1.5).EffectiveShare);
    }

    [Fact]
    public void More_failures_longer_recovery_or_slower_checkpoints_are_never_better() =>
        Gen.Select(Gen.Double[1e-7, 1e-3], Gen.Double[1, 300], Gen.Double[0, 2000], Gen.Double[1, 5]).Sample((rate, write, restart, factor) =>
        {
            double Share(double r, double w, double s) =>
                Goodput.Of(FailureRate.FromPerSecond(r), Duration.FromSeconds(w), Duration.FromSeconds(s), 0).EffectiveShare;
            var here = Share(rate, write, restart) * (1 + 1e-12);
            Assert.True(Share(rate * factor, write, restart) <= here);
            Assert.True(Share(rate, write * factor, restart) <= here);
            Assert.True(Share(rate, write, restart * factor) <= here);
        });
}
