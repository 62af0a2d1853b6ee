using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class LatencyTests
{
    [Theory]
    [InlineData(100, 88.2)]
    [InlineData(400, 62.6)]
    [InlineData(800, 62.6)]
    [InlineData(1600, 49.8)]
    public void Kp4_takes_the_published_time(double gigabits, double nanoseconds) =>
        Assert.Equal(nanoseconds, FecLatency.Of(FecScheme.Kp4, Bandwidth.FromGigabitsPerSecond(gigabits)).Nanoseconds, 6);

    [Fact]
    public void The_order_of_codes_is_that_of_their_strength()
    {
        var rate = Bandwidth.FromGigabitsPerSecond(400);
        Assert.Equal(0, FecLatency.Of(FecScheme.None, rate).Si);
        Assert.True(FecLatency.Of(FecScheme.LowLatency, rate) < FecLatency.Of(FecScheme.Kp4, rate));
        Assert.True(FecLatency.Of(FecScheme.Kp4, rate) < FecLatency.Of(FecScheme.Kp4WithHamming, rate));
    }

    [Fact]
    public void No_rate_has_no_latency() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FecLatency.Of(FecScheme.Kp4, Bandwidth.Zero));

    [Fact]
    public void Five_hundred_metres_of_fibre_take_two_and_a_half_microseconds()
    {
        var link = TestParts.Engineer().Best(TestParts.Request(500) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal(2.45, link.Latency.Propagation.Microseconds, 2);
        Assert.Equal(120, link.Latency.Modules.Nanoseconds, 9);
        Assert.Equal(62.6, link.Latency.Fec.Nanoseconds, 9);
        Assert.Equal(2448 + 120 + 62.6, link.Latency.Total.Nanoseconds, 6);
    }

    // Broadcom's scale-up Ethernet: PHY below 100 ns, switch below 250 ns, 3 m of twinax on either side of it.
    [Fact]
    public void A_path_through_a_scale_up_switch_takes_the_published_time()
    {
        var link = TestParts.Engineer().Best(TestParts.Request(3) with { Policy = LinkPolicy.Named("acc-800g") });
        var phy = Duration.FromNanoseconds(100);
        var path = 2 * (phy + link.Latency.Propagation) + Duration.FromNanoseconds(250);
        Assert.Equal(477.6, path.Nanoseconds, 6);
    }
}
