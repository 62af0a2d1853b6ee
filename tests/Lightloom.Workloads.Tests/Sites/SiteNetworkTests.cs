using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Workloads.Tests.Sites;

/// <summary>Paths, rings and chains of sites, and pipelines over them.</summary>
public class SiteNetworkTests
{
    static RouteBetweenSites Route(int from, int to, double milliseconds, double gigabits) =>
        new(from, to, Duration.FromMilliseconds(milliseconds), Bandwidth.FromGigabitsPerSecond(gigabits));

    [Fact]
    public void Two_sites_pass_their_route_once_each_way()
    {
        var network = new SiteNetwork(["a", "b"], [Route(0, 1, 4.897, 100)]);
        Assert.Equal(100, network.Ring.Bandwidth.GigabitsPerSecond, 1e-9);
        Assert.Equal(9.794, network.Ring.Passing(2).Milliseconds, 1e-9);
        Assert.Equal(4.897, network.Chain.Delay.Milliseconds, 1e-9);
    }

    [Fact]
    public void A_line_of_three_sites_carries_its_ring_back_over_the_middle()
    {
        // a - b - c: the hop from c to a passes b; each direction of each route carries one hop.
        var network = new SiteNetwork(["a", "b", "c"], [Route(0, 1, 1, 100), Route(1, 2, 2, 60)]);
        Assert.Equal(60, network.Ring.Bandwidth.GigabitsPerSecond, 1e-9);
        Assert.Equal(6, network.Ring.Delay.Milliseconds, 1e-9);
        // Four hops in a row of 1, 2 and 3 ms around: 2 + 3 + 1 + 2 or 3 + 1 + 2 + 3.
        Assert.Equal(9, network.Ring.Passing(4).Milliseconds, 1e-9);
        Assert.Equal([0, 1, 2], network.Chain.Sites[0] == 0 ? network.Chain.Sites : network.Chain.Sites.Reverse());
    }

    [Fact]
    public void A_star_is_shared_by_the_hops_that_meet_in_it()
    {
        // Three sites around a hub that is a site too: the ring passes each spoke once in each direction, or the order is worse.
        var network = new SiteNetwork(["hub", "a", "b", "c"], [Route(0, 1, 1, 90), Route(0, 2, 1, 90), Route(0, 3, 1, 90)]);
        Assert.Equal(90, network.Ring.Bandwidth.GigabitsPerSecond, 1e-9);
        Assert.Equal(6, network.Ring.Delay.Milliseconds, 1e-9);
        // A chain passes two spokes twice: a - hub - b, hub again - c.
        Assert.Equal(45, network.Chain.Bandwidth.GigabitsPerSecond, 1e-9);
    }

    [Fact]
    public void Orders_of_even_bandwidths_are_those_that_trying_again_finds()
    {
        var network = new SiteNetwork(["a", "b", "c", "d"], [Route(0, 1, 1, 10), Route(1, 2, 2, 800), Route(2, 3, 3, 100), Route(3, 0, 4, 50), Route(0, 2, 7, 100)]);
        var quick = network.With(Bandwidth.FromGigabitsPerSecond(300)).With(Bandwidth.FromGigabitsPerSecond(200));
        var again = new SiteNetwork(network.Sites, [.. network.Routes.Select(r => r with { Bandwidth = Bandwidth.FromGigabitsPerSecond(200) })]);
        foreach (var (one, other) in new[] { (quick.Ring, again.Ring), (quick.Chain, again.Chain) })
        {
            Assert.Equal(other.Bandwidth.GigabitsPerSecond, one.Bandwidth.GigabitsPerSecond, 1e-9);
            Assert.Equal(other.Delay, one.Delay);
        }
        Assert.Equal(200, quick.Routes[1].Bandwidth.GigabitsPerSecond, 1e-9);
        Assert.Throws<SiteException>(() => network.With(Bandwidth.Zero));
    }

    [Fact]
    public void The_faster_of_two_routes_is_taken()
    {
        var network = new SiteNetwork(["a", "b"], [Route(0, 1, 9, 800), Route(1, 0, 4, 100)]);
        Assert.Equal((100, 4), (network.Ring.Bandwidth.GigabitsPerSecond, network.Chain.Delay.Milliseconds));
    }

    [Fact]
    public void What_is_no_network_is_told()
    {
        string Told(IReadOnlyList<string> sites, params RouteBetweenSites[] routes) => Assert.Throws<SiteException>(() => new SiteNetwork(sites, routes)).Message;
        Assert.Contains("at least two", Told(["a"]), StringComparison.Ordinal);
        Assert.Contains("at most 8", Told([.. Enumerable.Range(0, 9).Select(i => $"{i}")]), StringComparison.Ordinal);
        Assert.Contains("no routes connect 'a' with 'c'", Told(["a", "b", "c"], Route(0, 1, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("above 0", Told(["a", "b"], Route(0, 1, 1, 0)), StringComparison.Ordinal);
        Assert.Contains("to itself", Told(["a", "b"], Route(0, 0, 1, 1)), StringComparison.Ordinal);
    }

    static SiteWork Piped(double step, int microBatches, double boundaryBits = 1) => SiteWork.Of(8e9, 8, Duration.FromSeconds(step)) with
    {
        MicroBatches = microBatches,
        Boundary = DataSize.FromBits(boundaryBits),
    };

    [Fact]
    public void Wide_lines_cost_the_bubble_and_two_delays()
    {
        // F 1 s, B 2 s, 8 microbatches, 0.5 s each way.
        var network = SiteNetwork.Alike(2, Duration.FromSeconds(0.5), Bandwidth.FromGigabitsPerSecond(1e6));
        var forecast = new PipelineAcrossSites().Predict(Piped(24, 8), network);
        Assert.Equal(28, forecast.Step.Seconds, 1e-6);
        Assert.Equal(24 / 28.0, forecast.Utilisation, 1e-6);
    }

    [Theory]
    [InlineData(3, 12, 0.7)]
    [InlineData(4, 20, 2.3)]
    [InlineData(5, 64, 0)]
    public void More_sites_add_their_bubble_and_delays(int sites, int microBatches, double delay)
    {
        var network = new SiteNetwork([.. Enumerable.Range(0, sites).Select(i => $"{i}")],
            [.. Enumerable.Range(1, sites - 1).Select(i => Route(i - 1, i, 1000 * delay, 1e6))]);
        var work = Piped(3 * microBatches, microBatches);
        var uneven = Math.Ceiling(8.0 / sites) * sites / 8;
        var length = new PipelineAcrossSites().Predict(work, network).Step.Seconds;
        Assert.Equal(((microBatches + sites - 1) * 3 * uneven) + (2 * (sites - 1) * delay), length, 1e-6);
    }

    [Fact]
    public void A_narrow_line_sets_the_pace()
    {
        // 5 s for each microbatch's activations in each direction, 3 s of work: the line is busy 5 s for each of them.
        var network = SiteNetwork.Alike(2, Duration.Zero, Bandwidth.FromGigabitsPerSecond(1));
        var forecast = new PipelineAcrossSites().Predict(Piped(300, 100, 5e9), network);
        Assert.InRange(forecast.Step.Seconds, 500, 515);
        Assert.Equal(100 * 5e9 / 8, forecast.Sent.Bytes, 1);
    }

    [Fact]
    public void Stages_of_unlike_sites_are_counted_and_what_does_not_fit_is_left_out()
    {
        var network = SiteNetwork.Alike(2, Duration.Zero, Bandwidth.FromGigabitsPerSecond(1e6));
        var method = new PipelineAcrossSites();
        Assert.Equal((8 + 3) * 3, method.Predict(Piped(24, 8) with { Stages = [3, 1] }, network).Step.Seconds, 1e-6);
        Assert.Contains("whole stages", method.Broken(Piped(24, 8) with { Stages = [] }, network)!, StringComparison.Ordinal);
        Assert.Contains("tokens of a step", method.Broken(SiteWork.Of(1, 8, Duration.FromSeconds(1)), network)!, StringComparison.Ordinal);
        Assert.Contains("9 stages", method.Broken(Piped(24, 8) with { Stages = [8, 1] }, network)!, StringComparison.Ordinal);
    }
}
