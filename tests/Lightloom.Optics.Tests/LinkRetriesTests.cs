using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class LinkRetriesTests
{
    static readonly LinkRetries Example = new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(800),
        Frame = DataSize.FromBytes(4096),
        Turn = Duration.FromMicroseconds(5.4),
    };

    static readonly Gen<LinkRetries> Loops = Gen.Select(Gen.Double[10, 1600], Gen.Double[64, 9000], Gen.Double[0.05, 1000], Gen.Bool, Gen.Double[0.1, 5],
        (rate, frame, turn, selective, window) =>
        {
            var loop = new LinkRetries
            {
                Rate = Bandwidth.FromGigabitsPerSecond(rate),
                Frame = DataSize.FromBytes(frame),
                Turn = Duration.FromMicroseconds(turn),
                Policy = selective ? OnLoss.RetransmitSelectively : OnLoss.GoBackN,
            };
            return window > 4 ? loop : loop with { Window = loop.ReplayBuffer * window };
        });

    [Fact]
    public void A_lossy_link_of_500_metres_costs_as_in_the_example()
    {
        Assert.Equal(540e3, Example.BandwidthDelayProduct.Bytes, 3);
        Assert.Equal(132.8, Example.FramesPerLoss, 1);
        Assert.Equal(0.9869, Example.GoodputShare(1e-4), 4);
        Assert.Equal(800 * (1 - Example.GoodputShare(1e-4)), Example.Lost(1e-4).GigabitsPerSecond, 1e-9);
        Assert.Equal(2410, Example.Retries(1e-4).PerSecond, 0);
        Assert.Equal(5.44, Example.StallPerLoss(1e-4).Microseconds, 2);
        Assert.Equal(2410 * 5.44e-6, Example.StalledShare(1e-4), 4);
        var selective = Example with { Policy = OnLoss.RetransmitSelectively };
        Assert.Equal(0.9999, selective.GoodputShare(1e-4), 1e-12);
        Assert.Equal(2441, selective.Retries(1e-4).PerSecond, 0);
    }

    [Fact]
    public void Closed_forms_of_the_textbook_hold() => Gen.Select(Loops, Gen.Double[0, 0.99]).Sample((loop, f) =>
    {
        var n = 1 + loop.BandwidthDelayProduct / loop.Frame;
        Assert.Equal((1 - f) / (1 - f + n * f), (loop with { Policy = OnLoss.GoBackN, Window = null }).GoodputShare(f), 1e-12);
        Assert.Equal(1 - f, (loop with { Policy = OnLoss.RetransmitSelectively, Window = null }).GoodputShare(f), 1e-12);
    });

    [Fact]
    public void Goodput_falls_with_loss_turn_and_a_smaller_window() => Gen.Select(Loops, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[1.01, 3]).Sample((loop, a, b, more) =>
    {
        var share = loop.GoodputShare(Math.Min(a, b));
        Assert.InRange(share, 0, 1 + 1e-12);
        Assert.True(loop.GoodputShare(Math.Max(a, b)) <= share + 1e-12);
        Assert.True((loop with { Turn = loop.Turn * more }).GoodputShare(Math.Min(a, b)) <= share + 1e-12);
        if (loop.Window is { } window) Assert.True((loop with { Window = window / more }).GoodputShare(Math.Min(a, b)) <= share + 1e-12);
        Assert.True((loop with { Policy = OnLoss.RetransmitSelectively }).GoodputShare(a) >= (loop with { Policy = OnLoss.GoBackN }).GoodputShare(a) - 1e-12);
        Assert.InRange(loop.StalledShare(a), 0, 1);
    });

    [Fact]
    public void A_share_gives_back_its_loss() => Gen.Select(Loops, Gen.Double[0, 0.9]).Sample((loop, f) =>
        Assert.Equal(f, loop.FrameLossAt(loop.GoodputShare(f)), 1e-9));

    // Frame by frame: go-back-N with a turn of a whole number of frames.
    [Theory]
    [InlineData(0.01, 5)]
    [InlineData(0.1, 20)]
    [InlineData(0.5, 3)]
    public void Frames_that_are_sent_one_by_one_get_through_as_often(double f, int turn)
    {
        var random = new Random(20260725);
        const int Slots = 2_000_000;
        long delivered = 0;
        for (long slot = 0; slot < Slots;)
        {
            if (random.NextDouble() < f) slot += 1 + turn;
            else
            {
                delivered++;
                slot++;
            }
        }
        var loop = new LinkRetries { Rate = Bandwidth.FromBitsPerSecond(1), Frame = DataSize.FromBits(1), Turn = Duration.FromSeconds(turn) };
        var expected = loop.GoodputShare(f) * Slots;
        Assert.Equal(expected, delivered, expected * 0.02);
    }

    [Fact]
    public void A_window_below_the_bandwidth_delay_product_throttles()
    {
        var half = Example with { Window = Example.ReplayBuffer / 2 };
        Assert.Equal(0.5, half.GoodputShare(0), 1e-12);
        Assert.Equal(0, half.FrameLossAt(0.6));
        var selective = Example with { Policy = OnLoss.RetransmitSelectively };
        Assert.Equal(Example.FramesPerLoss, (selective with { Window = Example.ReplayBuffer }).FramesPerLoss, 1e-9);
        Assert.Equal(1, (selective with { Window = 2 * Example.ReplayBuffer }).FramesPerLoss, 1e-9);
    }

    [Fact]
    public void Losses_add_over_links()
    {
        Assert.Equal(5e-12, LinkRetries.FrameLossOver(5, 1e-12), 1e-22);
        Assert.Equal(1 - Math.Pow(0.9, 4), LinkRetries.FrameLossOver(4, 0.1), 1e-12);
        Assert.Equal(1, LinkRetries.FrameLossOver(3, 1));
    }

    [Fact]
    public void An_engineered_link_gives_its_turn()
    {
        var link = TestParts.Engineer().Best(TestParts.Request(500) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        var loop = LinkRetries.Over(link, Bandwidth.FromGigabitsPerSecond(400), DataSize.FromBytes(4200), Duration.FromNanoseconds(100), OnLoss.GoBackN);
        Assert.Equal(2 * link.Latency.Total.Nanoseconds + 100, loop.Turn.Nanoseconds, 1e-9);
        Assert.True(loop.GoodputShare(link.FrameLossRatio(loop.Frame)) > 0.999999);
    }

    [Fact]
    public void Nothing_arrives_where_all_is_lost()
    {
        Assert.Equal(0, Example.GoodputShare(1));
        Assert.Equal(1, Example.StalledShare(1));
        Assert.Equal(double.PositiveInfinity, Example.StallPerLoss(1).Si);
        Assert.Equal(1 / (5.4e-6 + 32768 / 800e9), Example.Retries(1).PerSecond, 3);
        Assert.Equal(Example.Retries(1 - 1e-9).PerSecond, Example.Retries(1).PerSecond, 1);
    }

    [Fact]
    public void Nothing_allocates()
    {
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 1000; i++) _ = Example.StalledShare(1e-4) + Example.FrameLossAt(0.9);
        }));
    }

    [Fact]
    public void Impossible_links_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Example.GoodputShare(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Example.GoodputShare(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Example.FrameLossAt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LinkRetries.FrameLossOver(0, 0.1));
        Assert.Throws<InvalidOperationException>(() => default(LinkRetries).GoodputShare(0.1));
        Assert.Throws<InvalidOperationException>(() => (Example with { Window = DataSize.Zero }).GoodputShare(0.1));
    }
}
