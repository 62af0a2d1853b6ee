using CsCheck;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Workloads.Tests.Sites;

/// <summary>Exchanges played out layer by layer: the examples at the heads of the files, closed forms, and a slow simulation that was written apart.</summary>
public class LayerSimulationTests
{
    static readonly SiteNetwork Near = SiteNetwork.Alike(2, Duration.Zero, Bandwidth.FromGigabitsPerSecond(1));

    static SiteWork Billion => SiteWork.Of(1e9, 24, Duration.FromSeconds(0.1));

    static SiteNetwork At(double gigabits, double kilometres = 0) =>
        SiteNetwork.Alike(2, Duration.FromSeconds(kilometres * 1e3 * 4.897e-9), Bandwidth.FromGigabitsPerSecond(gigabits));

    [Fact]
    public void Two_layers_sent_for_two_seconds_each_take_six_seconds_a_step()
    {
        var work = SiteWork.Of(2, 2, Duration.FromSeconds(3));
        Assert.Equal(6, LayerSimulation.SteadyStep(work, ExchangeSchedule.Whole(2, 1, 0, ExchangeFormat.Bf16), 2, 0), 1e-12);
    }

    [Fact]
    public void Data_parallel_of_a_billion_at_100_gigabits()
    {
        var overlapped = new SynchronousDataParallel().Predict(Billion, At(100));
        Assert.Equal((0.1 * (1.0 / 3 + 2.0 / 72)) + 0.16, overlapped.Step.Seconds, 1e-9);
        Assert.Equal(0.51, overlapped.Utilisation, 3e-4);
        Assert.Equal(0.26, new SynchronousDataParallel { Overlap = false }.Predict(Billion, At(100)).Step.Seconds, 1e-9);
        // Delays pass twice, there and back; nothing hides them where the next step waits.
        Assert.Equal(0.26 + (2 * 0.004897), new SynchronousDataParallel { Overlap = false }.Predict(Billion, At(100, 1000)).Step.Seconds, 1e-9);
    }

    [Fact]
    public void DiLoCo_of_a_billion_at_a_gigabit()
    {
        var forecast = new DiLoCo().Predict(Billion, At(1));
        Assert.Equal(25.9361111, 100 * forecast.Step.Seconds, 1e-6);
        Assert.Equal(0.386, forecast.Utilisation, 5e-4);
        Assert.Equal(2e9 / 100, forecast.Sent.Bytes, 1);
        Assert.Equal(2e9, forecast.Burst.Bytes, 1);
    }

    [Fact]
    public void Streamed_fragments_of_a_billion_are_hidden_whole_or_cost_what_is_left()
    {
        Assert.Equal(1, new StreamingDiLoCo { Delay = 10, Format = ExchangeFormat.Bf16 }.Predict(Billion, At(2)).Utilisation, 1e-9);
        var blocking = new StreamingDiLoCo { Delay = 0, Format = ExchangeFormat.Bf16 }.Predict(Billion, At(2));
        Assert.InRange(12.5 * blocking.Exposed.Seconds, 0.93, 0.97);
    }

    [Fact]
    public void Eager_updates_need_no_more_than_the_mean_rate()
    {
        var method = new EagerUpdates { Format = ExchangeFormat.Find("fp4") };
        Assert.Equal(0.4, method.Predict(Billion, Near).Mean.GigabitsPerSecond, 1e-9);
        Assert.Equal(1, method.Predict(Billion, At(0.41)).Utilisation, 1e-9);
        // A line that carries nine tenths of the mean slows everything to nine tenths, however late results are due.
        Assert.Equal(0.9, method.Predict(Billion, At(0.36)).Utilisation, 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void DiLoCo_of_one_step_is_data_parallel_and_more_steps_spread_the_same_exchange(int steps)
    {
        var once = new SynchronousDataParallel().Predict(Billion, At(50)).Exposed.Seconds;
        Assert.Equal(once / steps, new DiLoCo { InnerSteps = steps }.Predict(Billion, At(50)).Exposed.Seconds, 1e-9);
    }

    [Fact]
    public void Inside_a_site_sums_come_before_and_gathers_after()
    {
        var work = Billion with { InsideScatter = Duration.FromSeconds(0.03), InsideGather = Duration.FromSeconds(0.01), InsideExposed = Duration.FromSeconds(0.02) };
        var alone = new SynchronousDataParallel { Overlap = false }.Predict(work, At(100));
        Assert.Equal(0.08 + 0.03 + 0.01 / 24, alone.Free.Seconds, 1e-9);
        // The last layer of the backward pass waits for its own sum inside only when the line between sites is the slower one.
        Assert.Equal(0.08 + (0.03 / 24) + 0.16 + (0.01 / 24), alone.Step.Seconds, 1e-9);
        // Local steps take the step with what is exposed inside as it is.
        Assert.Equal(0.1, new DiLoCo().Predict(work, At(100)).Free.Seconds, 1e-9);
    }

    [Fact]
    public void The_long_run_is_that_of_a_slow_simulation()
    {
        var gen =
            from layers in Gen.Int[1, 6]
            from per in Gen.Int[1, 3]
            from steps in Gen.Int[1, 9]
            from delay in Gen.Int[0, 9]
            from strided in Gen.Bool
            from seconds in Gen.Double[0.01, 3]
            from latency in Gen.Double[0, 1.5]
            from passes in Gen.Int[1, 3]
            select (Layers: layers * per, per, steps, Delay: Math.Min(delay, steps), strided, seconds, latency, passes);
        gen.Sample(c =>
        {
            var work = SiteWork.Of(1, c.Layers, Duration.FromSeconds(1)) with { Passes = c.passes };
            var schedule = ExchangeSchedule.Fragments(c.Layers, c.per, c.steps, null, c.strided, c.Delay, ExchangeFormat.Bf16);
            var expected = Slow(c.Layers, schedule, c.seconds, c.latency, c.passes);
            var made = LayerSimulation.SteadyStep(work, schedule, c.seconds, c.latency);
            return Math.Abs(made - expected) <= 2e-3 * expected;
        }, iter: 300);
    }

    /// <summary>Every layer of very many steps on its own, by recursion over what each waits for.</summary>
    static double Slow(int layers, ExchangeSchedule schedule, double seconds, double latency, int passes)
    {
        const int Steps = 3000;
        var (forward, backward, between) = (1.0 / 3 / layers / passes, 2.0 / 3 / layers / passes, 1 - (1.0 / passes));
        var due = new double[Steps + 32, layers];
        double now = 0, line = 0, half = 0;
        for (var s = 0; s < Steps; s++)
        {
            if (s == Steps / 2) half = now;
            for (var l = 0; l < layers; l++) now = Math.Max(now, due[s, l]) + forward;
            now += between;
            for (var l = layers - 1; l >= 0; l--)
            {
                now += backward;
                if (!schedule.After(s).Contains(l)) continue;
                line = Math.Max(line, now) + (seconds / layers);
                due[s + 1 + schedule.Delay, l] = line + latency;
            }
        }
        return (now - half) / (Steps - (Steps / 2));
    }

    [Fact]
    public void More_bandwidth_less_distance_and_longer_overlaps_never_cost()
    {
        var gen = from gigabits in Gen.Double[0.05, 300] from km in Gen.Double[0, 15000] from method in Gen.Int[0, 3] select (gigabits, km, method);
        gen.Sample(c =>
        {
            ISiteMethod method = c.method switch
            {
                0 => new SynchronousDataParallel(),
                1 => new DiLoCo { InnerSteps = 20 },
                2 => new StreamingDiLoCo { InnerSteps = 20 },
                _ => new EagerUpdates { InnerSteps = 20 },
            };
            var here = method.Predict(Billion, At(c.gigabits, c.km)).Utilisation;
            return here is > 0 and <= 1 + 1e-12 && method.Predict(Billion, At(c.gigabits * 1.3, c.km)).Utilisation >= here - 1e-9 &&
                method.Predict(Billion, At(c.gigabits, c.km / 2)).Utilisation >= here - 1e-9 &&
                (method is not StreamingDiLoCo streaming || c.method != 2 || (streaming with { Delay = 5 }).Predict(Billion, At(c.gigabits, c.km)).Utilisation >= here - 1e-9);
        }, iter: 60);
    }

    [Fact]
    public void The_bandwidth_for_a_utilisation_is_the_least_that_reaches_it()
    {
        var need = BandwidthNeed.For(new DiLoCo(), Billion, At(1, 500), 0.9)!.Value;
        Assert.True(new DiLoCo().Predict(Billion, At(need.GigabitsPerSecond, 500)).Utilisation >= 0.9);
        Assert.True(new DiLoCo().Predict(Billion, At(need.GigabitsPerSecond * 0.9999, 500)).Utilisation < 0.9);
        // 0.1 s steps and sums that pass the earth twice: 196 ms of delay at least.
        Assert.Null(BandwidthNeed.For(new SynchronousDataParallel(), Billion, At(1, 20000), 0.5));
    }

    [Theory]
    [InlineData("fp32", 1, 32, 2)]
    [InlineData("bf16", 1, 16, 2)]
    [InlineData("fp4", 1, 6, 4)]
    [InlineData("fp32", 0.01, 0.64, 2)]
    [InlineData("bf16", 0.5, 72, 4)]
    public void Bits_of_a_parameter(string format, double share, double expected, int sites) =>
        Assert.Equal(expected, ExchangeFormat.Find(format).Top(share).SentBits(sites), 1e-12);

    [Fact]
    public void What_cannot_be_is_told()
    {
        Assert.Contains("nearest are 4 and 6", Assert.Throws<SiteException>(() => new StreamingDiLoCo { Fragment = 5 }.Schedule(24)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 1 step", Assert.Throws<SiteException>(() => new DiLoCo { InnerSteps = 0 }.Schedule(24)).Message, StringComparison.Ordinal);
        Assert.Contains("before it is sent again", Assert.Throws<SiteException>(() => new StreamingDiLoCo { Delay = 101 }.Schedule(24)).Message, StringComparison.Ordinal);
        Assert.Contains("expected one of fp32", Assert.Throws<SiteException>(() => ExchangeFormat.Find("fp9")).Message, StringComparison.Ordinal);
        Assert.Contains("above 0 and at most 1", Assert.Throws<SiteException>(() => ExchangeFormat.Bf16.Top(0)).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'diloco'", Assert.Throws<SiteException>(() => SiteMethods.Find("diloko")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_grid_is_printed_as_the_tables_print_it()
    {
        // 86.851 -> 86.85 -> 86.8; 2.947 -> 2.95 -> 3.0; 6.2506 -> 6.25 -> 6.2; 40.949 -> 40.95 -> 41.0
        double[] printed = [0.9, 1.1, 2.4, 3.0, 6.2, 41.0, 86.8, 104.8, 323.8, 569.0, 1000];
        Assert.All(printed, p => Assert.NotNull(PublishedSimulation.Bracket(p)));
        Assert.Null(PublishedSimulation.Bracket(86.9));
        Assert.Equal(86.8, PublishedSimulation.Print(PublishedSimulation.FirstEnough(82.4)));
        Assert.Equal(double.PositiveInfinity, PublishedSimulation.Print(PublishedSimulation.FirstEnough(1000.1)));
        var schedule = ExchangeSchedule.Whole(24, 1, 0, ExchangeFormat.Bf16);
        Assert.Equal(2 - (1.0 / 3) - (2.0 / 72), PublishedSimulation.LargestRatio(schedule, 24, 1, 0.5), 1e-6);
    }
}
