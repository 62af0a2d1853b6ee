using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>What rails are worth.</summary>
public class RailAlignmentTests
{
    static readonly PointToPointParameters Efa = PartCatalog.Default.Get<PointToPointParameters>("efa");
    static readonly Bandwidth Sustained = Bandwidth.FromGigabytesPerSecond(43.05);

    static double Through(double bytes, bool aligned) =>
        RailAlignment.Throughput(Sustained, DataSize.FromBytes(bytes), aligned, 8, Efa).GigabytesPerSecond;

    [Fact]
    public void The_worked_example()
    {
        Assert.Equal(0.432, RailAlignment.UniformShare(8, Efa), 5e-4);
        Assert.Equal((14.4, 6.2), (Math.Round(Through(8192, true), 1), Math.Round(Through(8192, false), 1)));
        Assert.Equal((42.9, 18.5), (Math.Round(Through(4 << 20, true), 1), Math.Round(Through(4 << 20, false), 1)));
    }

    [Fact]
    public void Rails_are_worth_about_two_at_every_size_and_messages_ramp_up()
    {
        double before = 0;
        for (var size = 1024.0; size <= 64 << 20; size *= 2)
        {
            Assert.InRange(Through(size, true) / Through(size, false), 1.7, 2.7);
            Assert.InRange(Through(size, true), before, Sustained.GigabytesPerSecond);
            before = Through(size, true);
        }
    }

    // Senders that each pick one of eight receivers, every way that eight can pick.
    [Fact]
    public void Random_receivers_are_busy_as_often_as_counting_all_picks_says()
    {
        const int n = 5;
        double busy = 0, ways = Math.Pow(n, n);
        for (var code = 0; code < ways; code++)
        {
            var (rest, picked) = (code, 0);
            for (var s = 0; s < n; s++, rest /= n) picked |= 1 << rest % n;
            busy += System.Numerics.BitOperations.PopCount((uint)picked) / (double)n;
        }
        Assert.Equal(busy / ways, RailAlignment.RandomShare(n), 1e-12);
    }

    [Fact]
    public void An_all_to_all_that_does_not_relay_to_the_rail_is_slowed_on_the_fabric_alone()
    {
        var levels = AlgorithmTests.Network();
        var group = GroupPlacement.Of(8, 64, 64);
        var crossed = RailAlignment.Unaligned(levels, group, Efa);
        Assert.Equal(levels[0].Bandwidth, crossed[0].Bandwidth);
        Duration Wire(NetworkLevels network, CollectiveKind kind) =>
            CollectiveModel.Default.Time(kind, DataSize.FromBytes(1e9), group, network, CollectiveAlgorithm.Direct).Transfer;
        Assert.InRange(Wire(crossed, CollectiveKind.AllToAll) / Wire(levels, CollectiveKind.AllToAll), 1.7, 2.5);
        Assert.Equal(1, RailAlignment.UniformShare(1, Efa), 1e-12);
    }

    [Fact]
    public void Nothing_is_refused()
    {
        Assert.Throws<ArgumentException>(() => RailAlignment.Throughput(Sustained, DataSize.Zero, true, 8, Efa));
        Assert.Throws<ArgumentException>(() => RailAlignment.UniformShare(0.5, Efa));
    }
}
