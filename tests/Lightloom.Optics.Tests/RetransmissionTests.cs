using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class RetransmissionTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);
    static readonly Bandwidth Rate = Bandwidth.FromGigabitsPerSecond(800);

    static readonly EngineeredLink Link = Engineer.Best(new()
    {
        Rate = Rate,
        LaneRate = Bandwidth.FromGigabitsPerSecond(100),
        Run = Length.FromMeters(500),
        Policy = LinkPolicy.Named("800g-dr8-lro"),
    });

    // Errors that lose a share of 4 KiB frames, through KP4.
    static ErrorRatios Losing(double frames) => new(1e-4, frames / (1 + 32768 / 5120.0), frames);

    static RetransmissionCost Under(string protocol, double loss) =>
        Retransmission.Of(Link, Rate, Catalog.Get<NetworkProtocol>(protocol), Losing(loss));

    // The example at the head of the file.
    [Fact]
    public void A_link_that_sends_again_itself_loses_half_as_much()
    {
        Assert.Equal(2.58, Link.Latency.Total.Microseconds, 2);
        var link = Under("ultra-ethernet", 1e-6);
        Assert.True(link.OnTheLink);
        Assert.Equal(5.36, link.Retries.Turn.Microseconds, 2);
        Assert.Equal(1.3e-4, link.LostShare, 0.05e-4);
        Assert.Equal(24.4, link.Losses.PerSecond, 1);
        Assert.Equal(5.40, link.Stall.Microseconds, 2);
        Assert.Equal(800 * link.LostShare, link.Lost.GigabitsPerSecond, 9);
        var ends = Under("rocev2", 1e-6);
        Assert.False(ends.OnTheLink);
        Assert.Equal(10.46, ends.Retries.Turn.Microseconds, 2);
        Assert.Equal(2.56e-4, ends.LostShare, 0.01e-4);
        // 24.4 stalls a second of 5.4 us hold up 1.3e-4 of frames for half a stall each.
        Assert.Equal(24.4 * 5.4e-6 * 2.7e-6, link.AddedLatency.Seconds, 0.02 * 24.4 * 5.4e-6 * 2.7e-6);
    }

    [Fact]
    public void Nothing_lost_costs_nothing_and_everything_lost_costs_all()
    {
        foreach (var protocol in Catalog.Keys<NetworkProtocol>())
        {
            var none = Under(protocol, 0);
            Assert.Equal((0.0, 0.0, 0.0), (none.LostShare, none.Losses.PerSecond, none.AddedLatency.Seconds));
            Assert.Equal(1, Retransmission.Of(Link, Rate, Catalog.Get<NetworkProtocol>(protocol), new(0.3, 1, 1)).LostShare);
        }
    }

    [Fact]
    public void Frames_of_the_protocol_are_counted_not_those_of_the_standard() =>
        Assert.Equal(1e-6, Under("infiniband", 1e-6).FrameLoss, 12);
}
