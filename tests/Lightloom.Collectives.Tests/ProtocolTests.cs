using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>Two protocols, pieces in bytes, hosts that launch, rings that post.</summary>
public sealed class ProtocolTests
{
    static readonly DataSize Small = DataSize.FromBytes(1024);
    static readonly DataSize Large = DataSize.FromGigabytes(1);

    static CollectiveParameters Mechanism(string key) => PartCatalog.Default.Get<CollectiveParameters>(key);

    static NetworkLevel Inside(string key = "nvlink4", double gigabytes = 450) => NetworkLevel.ScaleUp("scale-up", Bandwidth.FromGigabytesPerSecond(gigabytes), Mechanism(key));

    static NetworkLevel Outside(string key = "infiniband", double gigabits = 400) =>
        NetworkLevel.ScaleOut("fabric", Bandwidth.FromGigabitsPerSecond(gigabits), Ratio.From(1), Duration.FromMicroseconds(1), Mechanism(key));

    static readonly GroupPlacement TwoNodes = GroupPlacement.Of(8, 16);

    [Fact]
    public void Small_messages_bring_their_flags_and_large_ones_fill_buffers()
    {
        var levels = new NetworkLevels(Inside(), Outside());
        foreach (var kind in new[] { CollectiveKind.AllReduce, CollectiveKind.AllGather, CollectiveKind.AllToAll, CollectiveKind.SendReceive })
        {
            Assert.Equal(CollectiveProtocol.LowLatency, CollectiveModel.Default.Time(kind, Small, TwoNodes, levels).Protocol);
            Assert.Equal(CollectiveProtocol.Bulk, CollectiveModel.Default.Time(kind, Large, TwoNodes, levels).Protocol);
        }
    }

    [Fact]
    public void The_faster_protocol_is_what_either_forced_would_be()
    {
        var levels = new NetworkLevels(Inside(), Outside());
        for (var size = 8L; size <= 1L << 32; size *= 4)
        {
            var bytes = DataSize.FromBytes(size);
            foreach (var algorithm in new[] { CollectiveAlgorithm.Ring, CollectiveAlgorithm.Tree })
            {
                var free = CollectiveModel.Default.Time(CollectiveKind.AllReduce, bytes, TwoNodes, levels, algorithm);
                var both = new[] { CollectiveProtocol.Bulk, CollectiveProtocol.LowLatency }.Select(p => CollectiveModel.Default.Time(CollectiveKind.AllReduce, bytes, TwoNodes, levels, algorithm, p));
                Assert.Equal(both.Min(t => t.Total), free.Total);
            }
        }
    }

    [Fact]
    public void Transports_without_order_have_no_protocol_for_small_messages()
    {
        var levels = new NetworkLevels(Inside("nvlink3", 300), Outside("efa-unordered", 50));
        Assert.Equal(CollectiveProtocol.Bulk, CollectiveModel.Default.Time(CollectiveKind.AllReduce, Small, TwoNodes, levels).Protocol);
        Assert.Throws<ArgumentException>(() => CollectiveModel.Default.Time(CollectiveKind.AllReduce, Small, TwoNodes, levels, protocol: CollectiveProtocol.LowLatency));
        var ordered = new NetworkLevels(Inside(), Outside("efa"));
        Assert.True(CollectiveModel.Default.Time(CollectiveKind.AllReduce, Small, TwoNodes, ordered).Total * 1.5 < CollectiveModel.Default.Time(CollectiveKind.AllReduce, Small, TwoNodes, levels).Total);
    }

    [Fact]
    public void Meshes_without_switches_send_large_messages_in_rings_unless_told_otherwise()
    {
        var levels = new NetworkLevels(Inside("xgmi", 537.6), Outside("rocev2"));
        Assert.Same(CollectiveAlgorithm.Ring, CollectiveModel.Default.Time(CollectiveKind.AllReduce, Large, TwoNodes, levels).Algorithm);
        Assert.Equal(CollectiveProtocol.Bulk, CollectiveModel.Default.Time(CollectiveKind.AllReduce, Large, TwoNodes, levels, CollectiveAlgorithm.Tree).Protocol);
    }

    // R = 2 sqrt(d b q V / (d q + V)) / B: with all else equal half the bandwidth doubles it.
    [Fact]
    public void Filling_the_pipeline_costs_bytes_and_so_time_by_the_bandwidth()
    {
        Duration Ramp(double gigabytes)
        {
            var level = new NetworkLevel("flat", Bandwidth.FromGigabytesPerSecond(gigabytes), Duration.Zero) { PieceOverhead = DataSize.FromBytes(2e6), PieceSaturation = DataSize.FromBytes(3e8) };
            return CollectiveModel.Default.Time(CollectiveKind.AllGather, Large, GroupPlacement.Of(8), new(level)).Ramp;
        }
        Assert.Equal(2, Ramp(100) / Ramp(200), 1e-9);
        var volume = 7e9 / 8;
        Assert.Equal(2 * Math.Sqrt(2e6 * volume * 3e8 / (volume + 3e8)) / 100e9, Ramp(100).Seconds, 1e-12);
    }

    // (r - 1) / 7 stages: a rack of 72 fills a pipeline ten times as deep as eight do.
    [Fact]
    public void A_domain_s_pipeline_is_as_deep_as_its_ranks()
    {
        var level = new NetworkLevel("flat", Bandwidth.FromGigabytesPerSecond(100), Duration.Zero) { PieceOverhead = DataSize.FromBytes(2e6), PieceSaturation = DataSize.FromBytes(3e8) };
        var size = DataSize.FromGigabytes(8);
        var volume = 8e9 * 71 / 72;
        const double Depth = 71.0 / 7;
        var ramp = CollectiveModel.Default.Time(CollectiveKind.AllGather, size, GroupPlacement.Of(72), new(level)).Ramp;
        Assert.Equal(2 * Math.Sqrt(Depth * 2e6 * volume * (Depth * 3e8) / (volume + Depth * 3e8)) / 100e9, ramp.Seconds, 1e-12);
    }

    [Fact]
    public void Hosts_that_launch_in_turn_are_a_floor_and_nothing_more()
    {
        var levels = new NetworkLevels(Inside());
        var slow = levels.LaunchedIn(Duration.FromMicroseconds(40));
        var group = GroupPlacement.Of(8);
        var small = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Small, group, slow);
        Assert.True(small.BoundByHosts && small.Total == Duration.FromMicroseconds(40) && small.Device < small.Total);
        var large = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Large, group, slow);
        Assert.False(large.BoundByHosts);
        Assert.Equal(CollectiveModel.Default.Time(CollectiveKind.AllReduce, Large, group, levels).Total, large.Total);
        Assert.Throws<ArgumentException>(() => levels.LaunchedIn(Duration.FromMicroseconds(-1)));
    }

    // 14 hops of 1 us in eight of two nodes: a ring that crosses takes each of them in 3 us, the tree doesn't.
    [Fact]
    public void A_ring_that_leaves_its_domain_steps_no_faster_than_it_posts()
    {
        var inside = new NetworkLevel("in", Bandwidth.FromGigabytesPerSecond(100), Duration.FromMicroseconds(1));
        var outside = new NetworkLevel("out", Bandwidth.FromGigabytesPerSecond(10), Duration.FromMicroseconds(10));
        double Latency(NetworkLevel level, CollectiveKind kind, CollectiveAlgorithm algorithm) =>
            CollectiveModel.Default.Time(kind, DataSize.Zero, TwoNodes, new(inside, level), algorithm).Latency.Microseconds;
        var posting = outside with { Posting = Duration.FromMicroseconds(3) };
        Assert.Equal(14 + 10, Latency(outside, CollectiveKind.AllGather, CollectiveAlgorithm.Ring), 1e-9);
        Assert.Equal(3 * 14 + 10, Latency(posting, CollectiveKind.AllGather, CollectiveAlgorithm.Ring), 1e-9);
        Assert.Equal(Latency(outside, CollectiveKind.AllReduce, CollectiveAlgorithm.Tree), Latency(posting, CollectiveKind.AllReduce, CollectiveAlgorithm.Tree), 1e-9);
    }

    [Fact]
    public void What_was_never_measured_is_said_and_widens_the_band()
    {
        var node = new NetworkLevels(Inside());
        var usual = CollectiveAccuracy.Assess(CollectiveKind.AllReduce, Large, GroupPlacement.Of(8), node);
        Assert.Empty(usual.Outside);
        Assert.Equal(CollectiveAccuracy.Of(false, Large), usual.Band);
        var far = CollectiveAccuracy.Assess(CollectiveKind.Broadcast, Large, GroupPlacement.Of(8, 4096), new(Inside(), Outside("ultra-ethernet")));
        Assert.Contains(far.Outside, o => o.Contains("broadcast", StringComparison.Ordinal));
        Assert.Contains(far.Outside, o => o.Contains("no published run of 'ultra-ethernet'", StringComparison.Ordinal));
        Assert.Contains(far.Outside, o => o.Contains("ranks of 'nvlink4'", StringComparison.Ordinal));
        var band = CollectiveAccuracy.Of(true, Large);
        Assert.True(far.Band.Low < band.Low && far.Band.High > band.High);
        Assert.Equal(Math.Pow(band.High, 1.5), far.Band.High, 1e-12);
    }
}
