using Lightloom.Quantities;
using Lightloom.Workloads.Serving;

namespace Lightloom.Workloads.Tests.Serving;

/// <summary>Answers against load: limits in closed form, and the closed form against the cluster played out.</summary>
public sealed class ServingSystemTests
{
    static readonly RequestMix Mix = new(1500, 200, 0.5);

    /// <summary>A request that comes alone takes its passes and nothing more, in the closed form and played out.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Without_load_times_are_those_of_service(int prefill)
    {
        var mix = new RequestMix(3000, 100);
        var system = Served.System(mix, prefill: prefill);
        var alone = system.At(0);
        Examples.Close(system.PromptTime(3000).Seconds, alone.FirstToken.Seconds);
        var pass = Served.Pass(Served.Replica());
        var steps = Enumerable.Range(1, 99).Sum(i => pass.Of(new(1, 3000 + i)).Total.Seconds);
        var moved = system.TransferOf(3000).Seconds;
        Assert.Equal(prefill > 0, moved > 0);
        Examples.Close((steps + moved) / 99, alone.PerToken.Seconds, 1e-4);
        // Gaps of a thousand hours: two requests never meet.
        var played = ServingSimulation.Run(system, 1 / 3.6e6, requests: 50);
        Examples.Close(alone.FirstToken.Seconds, played.FirstToken.Seconds, 1e-6);
        Examples.Close((steps + moved) / 99, played.PerToken.Seconds, 1e-6);
        Assert.Equal(1, played.Batch, 1e-9);
    }

    /// <summary>
    /// The closed form where it says that it holds. Its tolerance is what it leaves out: the batch's swings about its mean, and the wait at the ends of
    /// steps, a few per cent each at these loads; the simulation's own error is about 1 %, with a seed that is given.
    /// </summary>
    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(0, 0.4)]
    [InlineData(0, 0.6)]
    [InlineData(0, 0.7)]
    [InlineData(2, 0.2)]
    [InlineData(2, 0.5)]
    [InlineData(2, 0.7)]
    public void The_closed_form_is_what_playing_out_finds(int prefill, double load)
    {
        var system = Served.System(Mix, prefill: prefill);
        var answer = system.At(load * system.Limit().RequestsPerSecond);
        Assert.True(answer.IsStable);
        Assert.True(answer.Holds);
        var played = ServingSimulation.Run(system, answer.RequestsPerSecond, 8000);
        Assert.InRange(answer.FirstToken / played.FirstToken, 0.9, 1.1);
        Assert.InRange(answer.PerToken / played.PerToken, 0.93, 1.07);
        Assert.InRange(answer.Batch / played.Batch, 0.85, 1.1);
    }

    /// <summary>Just below the limit the simulated queue comes to rest, above it waiting grows with the length of the run.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public void The_limit_is_where_the_queue_starts_to_grow(int prefill, bool little)
    {
        var system = Served.System(new(1000, 200), copies: 1, prefill: prefill, room: little ? DataSize.FromGigabytes(2) : null);
        var limit = system.Limit();
        Assert.Equal(little, limit.Binds.StartsWith("memory", StringComparison.Ordinal));
        Assert.False(system.At(limit.RequestsPerSecond * 1.001).IsStable);
        Assert.True(system.At(limit.RequestsPerSecond * 0.9).IsStable);
        double Wait(double load, int requests) => ServingSimulation.Run(system, load * limit.RequestsPerSecond, requests).FirstToken.Seconds;
        // Above, a queue grows by (load - 1) of what arrives: four times the requests wait four times as long.
        if (prefill == 0) Assert.InRange(Wait(1.5, 8000) / Wait(1.5, 2000), 3, 5);
        Assert.True(Wait(1.3, 6000) > 3 * Wait(0.8, 6000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void More_load_is_never_faster(int prefill)
    {
        var system = Served.System(Mix, prefill: prefill);
        var limit = system.Limit().RequestsPerSecond;
        var before = system.At(0);
        for (var i = 1; i < 20; i++)
        {
            var answer = system.At(limit * i / 20);
            Assert.True(answer.FirstToken >= before.FirstToken && answer.PerToken >= before.PerToken && answer.Batch >= before.Batch, $"{i}/20 of the limit");
            before = answer;
        }
    }

    [Fact]
    public void The_largest_rate_keeps_the_objectives_and_no_larger_one_does()
    {
        var system = Served.System(Mix);
        var (first, each) = (Duration.FromMilliseconds(300), Duration.FromMilliseconds(15));
        var largest = system.LargestRate(first, each);
        var within = system.At(largest.RequestsPerSecond * 0.999);
        Assert.True(within.FirstToken <= first && within.PerToken <= each);
        var beyond = system.At(largest.RequestsPerSecond * 1.001);
        Assert.True(beyond.FirstToken > first || beyond.PerToken > each);
        Assert.Equal(beyond.FirstToken > first ? "time to first token" : "time per token", largest.Binds);
        Assert.Equal(new(0, "time per token"), system.LargestRate(null, Duration.FromMicroseconds(10)));
        Assert.Equal(system.Limit().RequestsPerSecond, system.LargestRate(null, null).RequestsPerSecond, 1e-6 * system.Limit().RequestsPerSecond);
    }

    [Fact]
    public void Same_seed_same_answer_another_seed_another()
    {
        var system = Served.System(Mix);
        Duration First(int seed) => ServingSimulation.Run(system, 10, 500, seed).FirstToken;
        Assert.Equal(First(3), First(3));
        Assert.NotEqual(First(3), First(4));
    }

    /// <summary>With places for about as many sequences as there are on the mean requests wait for one: the closed form doesn't know, and says so.</summary>
    [Fact]
    public void Where_requests_wait_for_a_place_it_says_that_it_does_not_hold()
    {
        var system = Served.System(Mix, copies: 1, room: DataSize.FromGigabytes(4));
        var answer = system.At(0.9 * system.Limit().RequestsPerSecond);
        Assert.True(answer.IsStable);
        Assert.False(answer.Holds);
        Assert.True(ServingSimulation.Run(system, answer.RequestsPerSecond).FirstToken > 1.5 * answer.FirstToken);
    }

    /// <summary>The example at the head of ServingSystem.cs: what its fixed point comes to.</summary>
    [Fact]
    public void The_fixed_point_of_the_worked_example()
    {
        double step = 10.1e-3, rate = 2, steps = 100;
        for (var i = 0; i < 200; i++)
        {
            var plain = 10e-3 + (0.1e-3 * (1 + (rate * steps * step)));
            var share = rate * step;
            step = ((1 - share) * plain) + (share * (plain + 50e-3));
        }
        Examples.Close(10.1e-3 / (1 - 0.02 - 0.1), step, 1e-9);
        Assert.Equal((2.30, 0.023), (Math.Round(rate * steps * step, 2), Math.Round(rate * step, 3)));
    }

    /// <summary>Nobody is let in without a place, and everybody is served at last.</summary>
    [Fact]
    public void With_room_for_three_no_more_than_three_are_in_work()
    {
        var mix = new RequestMix(1000, 50);
        var sequence = Served.Replica().CacheOf(1050);
        var system = Served.System(mix, copies: 1, room: sequence * 3.5);
        Assert.Equal(3, system.MostSequences);
        var played = ServingSimulation.Run(system, 100, 500);
        Assert.Equal(400, played.Requests);
        Assert.InRange(played.Batch, 2, 3);
    }

    [Fact]
    public void Nothing_fits_nothing_is_served()
    {
        var system = Served.System(Mix, room: DataSize.FromGigabytes(-1));
        Assert.Equal(0, system.MostSequences);
        Assert.Equal(0, system.Limit().RequestsPerSecond);
        Assert.False(system.At(1).IsStable);
        Assert.Throws<ArgumentOutOfRangeException>(() => ServingSimulation.Run(system, 1));
    }
}
