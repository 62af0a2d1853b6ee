using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

public sealed class AlgorithmTests
{
    static readonly DataSize Gigabyte = DataSize.FromGigabytes(1);

    internal static NetworkLevels Network(double inside = 400, double outside = 50, double spine = 25, bool switches = false, bool sharp = false) => new(
        new NetworkLevel("scale-up", Bandwidth.FromGigabytesPerSecond(inside), Duration.FromMicroseconds(1))
        {
            InNetworkBandwidth = Bandwidth.FromGigabytesPerSecond(switches ? inside : 0),
            InNetworkLatency = Duration.FromMicroseconds(10),
        },
        new NetworkLevel("rail", Bandwidth.FromGigabytesPerSecond(outside), Duration.FromMicroseconds(5))
        {
            InNetworkBandwidth = Bandwidth.FromGigabytesPerSecond(sharp ? outside : 0),
            InNetworkLatency = Duration.FromMicroseconds(20),
        },
        new NetworkLevel("spine", Bandwidth.FromGigabytesPerSecond(spine), Duration.FromMicroseconds(7))
        {
            InNetworkBandwidth = Bandwidth.FromGigabytesPerSecond(sharp ? spine : 0),
            InNetworkLatency = Duration.FromMicroseconds(25),
        });

    static CollectiveFootprint Footprint(CollectiveAlgorithm algorithm, CollectiveKind kind, bool switches, params ReadOnlySpan<int> within) =>
        CollectiveModel.Footprint(algorithm, kind, Gigabyte, GroupPlacement.Of(within), Network(switches: switches, sharp: switches));

    static void Gigabytes(double expected, DataSize actual) => Assert.Equal(expected, actual.Gigabytes, 1e-9);

    [Fact]
    public void Example_of_the_model_is_a_ring_of_eight_in_5_107_ms()
    {
        var network = new NetworkLevels(new NetworkLevel("scale-up", Bandwidth.FromGigabytesPerSecond(360), Duration.FromMicroseconds(1))
        {
            Launch = Duration.FromMicroseconds(10),
            PieceOverhead = DataSize.FromBytes(1.8e6),
            PieceSaturation = DataSize.FromGigabytes(1.8),
        });
        var time = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, GroupPlacement.Of(8), network);
        Assert.Equal(24, time.Latency.Microseconds, 1e-9);
        Assert.Equal(0.222, time.Ramp.Milliseconds, 1e-3);
        Assert.Equal(5.107, time.Total.Milliseconds, 1e-3);
        Assert.Same(CollectiveAlgorithm.Ring, time.Algorithm);
        Assert.Equal(14, time.Steps);
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(8), InlineData(100)]
    public void A_ring_all_reduce_is_2_n_minus_1_alpha_plus_2_n_minus_1_over_n_S_over_B(int n)
    {
        var level = new NetworkLevel("flat", Bandwidth.FromGigabytesPerSecond(100), Duration.FromMicroseconds(3));
        var time = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, GroupPlacement.Of(n), new(level), CollectiveAlgorithm.Ring);
        Assert.Equal(2 * (n - 1) * 3e-6 + 2.0 * (n - 1) / n * 0.01, time.Total.Seconds, 1e-12);
        var half = CollectiveModel.Default.Time(CollectiveKind.AllGather, Gigabyte, GroupPlacement.Of(n), new(level));
        Assert.Equal(time.Total.Seconds / 2, half.Total.Seconds, 1e-12);
        Assert.Equal(half.Total, CollectiveModel.Default.Time(CollectiveKind.ReduceScatter, Gigabyte, GroupPlacement.Of(n), new(level)).Total);
    }

    [Fact]
    public void Example_of_the_ring()
    {
        var f = Footprint(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, false, 8, 16, 16);
        Gigabytes(1.640625, f.Volume(0));
        Gigabytes(0.234375, f.Volume(1));
        Assert.Equal((30, 28, 2, false), (f.Steps, f.Messages(0), f.Messages(1), f.Uses(2)));
    }

    [Fact]
    public void Example_of_the_tree_two_domains_are_not_four()
    {
        var four = Footprint(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, false, 8, 32, 32);
        Gigabytes(1.75, four.Volume(0));
        Gigabytes(0.25, four.Volume(1));
        Assert.Equal(18, four.Steps);
        Gigabytes(0.125, Footprint(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, false, 8, 16, 16).Volume(1));
        Gigabytes(0.1875, Footprint(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, false, 8, 24, 24).Volume(1));
    }

    [Fact]
    public void Examples_of_reduction_in_switches()
    {
        Gigabytes(1.125, Footprint(CollectiveAlgorithm.InSwitch, CollectiveKind.AllReduce, true, 8, 8, 8).InNetworkVolume(0));
        var tree = Footprint(CollectiveAlgorithm.InSwitchTree, CollectiveKind.AllReduce, true, 8, 16, 16);
        Gigabytes(1.25, tree.InNetworkVolume(0));
        Gigabytes(0.125, tree.Volume(1));
        Gigabytes(0.25, Footprint(CollectiveAlgorithm.InSwitchTree, CollectiveKind.AllReduce, true, 8, 32, 32).Volume(1));
        var sharp = Footprint(CollectiveAlgorithm.InNetwork, CollectiveKind.AllReduce, true, 8, 256, 1024);
        Gigabytes(0.125, sharp.InNetworkVolume(1));
        Gigabytes(1.0 / 256, sharp.InNetworkVolume(2));
        Assert.Equal(3, sharp.Steps);
    }

    [Fact]
    public void Examples_of_all_to_all_and_hierarchical_all_gather()
    {
        var exchange = Footprint(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, false, 8, 16, 16);
        Gigabytes(0.875, exchange.Volume(0));
        Gigabytes(0.5, exchange.Volume(1));
        var gather = Footprint(CollectiveAlgorithm.Hierarchical, CollectiveKind.AllGather, false, 8, 16, 16);
        Gigabytes(0.875, gather.Volume(0));
        Gigabytes(0.0625, gather.Volume(1));
        Gigabytes(0.1171875, Footprint(CollectiveAlgorithm.Ring, CollectiveKind.AllGather, false, 8, 16, 16).Volume(1));
    }

    [Fact]
    public void An_all_to_all_slows_at_every_boundary_that_the_group_crosses()
    {
        var rates = new[] { GroupPlacement.Of(8, 8, 8), GroupPlacement.Of(8, 64, 64), GroupPlacement.Of(8, 64, 512) }
            .Select(g => (Gigabyte / CollectiveModel.Default.Time(CollectiveKind.AllToAll, Gigabyte, g, Network()).Total).GigabytesPerSecond)
            .ToArray();
        Assert.True(rates[0] > 4 * rates[1] && rates[1] > 1.5 * rates[2], string.Join(", ", rates));
    }

    [Fact]
    public void The_latency_of_a_tree_grows_with_the_logarithm_and_that_of_a_ring_with_the_ranks()
    {
        var small = DataSize.FromBytes(1024);
        Duration Latency(CollectiveAlgorithm a, int n) =>
            CollectiveModel.Default.Time(CollectiveKind.AllReduce, small, GroupPlacement.Of(8, n, n), Network(), a).Latency;
        Assert.Equal(10e-6, Latency(CollectiveAlgorithm.Tree, 8192).Seconds - Latency(CollectiveAlgorithm.Tree, 4096).Seconds, 1e-12);
        Assert.True(Latency(CollectiveAlgorithm.Ring, 8192) > Latency(CollectiveAlgorithm.Ring, 4096) * 1.9);
        Assert.Same(CollectiveAlgorithm.Tree,
            CollectiveModel.Default.Time(CollectiveKind.AllReduce, small, GroupPlacement.Of(8, 8192, 8192), Network()).Algorithm);
    }

    [Fact]
    public void Switches_that_reduce_win_where_they_are_and_help_at_every_size_that_counts()
    {
        var group = GroupPlacement.Of(8, 256, 1024);
        var plain = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, group, Network());
        var nvls = CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, group, Network(switches: true));
        var sharp = CollectiveModel.WithFabricReduction.Time(CollectiveKind.AllReduce, Gigabyte, group, Network(switches: true, sharp: true));
        Assert.Same(CollectiveAlgorithm.InNetwork, sharp.Algorithm);
        Assert.True(sharp.Total < nvls.Total && nvls.Total <= plain.Total);
    }

    [Fact]
    public void One_rank_has_nothing_to_do_and_no_data_costs_the_latency()
    {
        foreach (var kind in Enum.GetValues<CollectiveKind>())
        {
            var one = CollectiveModel.Default.Time(kind, Gigabyte, GroupPlacement.Of(1, 1, 1), Network());
            Assert.Equal((Duration.Zero, null), (one.Total, one.Algorithm));
            var empty = CollectiveModel.Default.Time(kind, DataSize.Zero, GroupPlacement.Of(8, 16, 16), Network());
            Assert.True(empty.Total == empty.Latency && empty.Latency > Duration.Zero);
            Assert.Equal(Duration.Zero, empty.Transfer);
        }
    }

    [Fact]
    public void A_group_with_one_rank_per_domain_still_pays_the_launch_of_a_kernel()
    {
        var network = new NetworkLevels(
            new NetworkLevel("scale-up", Bandwidth.FromGigabytesPerSecond(400), Duration.Zero) { Launch = Duration.FromMicroseconds(9) },
            new NetworkLevel("rail", Bandwidth.FromGigabytesPerSecond(50), Duration.FromMicroseconds(5)));
        var time = CollectiveModel.Default.Time(CollectiveKind.SendReceive, Gigabyte, GroupPlacement.Of(1, 2), network);
        Assert.Equal(14, time.Latency.Microseconds, 1e-9);
        Assert.Equal(20, time.Transfer.Milliseconds, 1e-9);
        Assert.Equal(1, time.BindingLevel);
    }

    [Fact]
    public void The_launch_of_the_fabric_counts_once_however_many_levels_are_crossed()
    {
        NetworkLevel Level(string name, double launch) => new(name, Bandwidth.FromGigabytesPerSecond(50), Duration.FromMicroseconds(5))
        {
            Launch = Duration.FromMicroseconds(launch),
        };
        var network = new NetworkLevels(Level("scale-up", 9), Level("rail", 8), Level("spine", 8));
        var time = CollectiveModel.Default.Time(CollectiveKind.SendReceive, Gigabyte, GroupPlacement.Of(1, 1, 2), network);
        Assert.Equal(22, time.Latency.Microseconds, 1e-9);
    }

    [Fact]
    public void What_cannot_be_done_says_why()
    {
        var network = Network();
        var group = GroupPlacement.Of(8, 16, 16);
        Assert.Contains("3", Assert.Throws<ArgumentException>(() =>
            CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, GroupPlacement.Of(8, 16), network)).Message, StringComparison.Ordinal);
        Assert.Contains("NVLS", Assert.Throws<ArgumentException>(() =>
            CollectiveModel.Default.Time(CollectiveKind.AllReduce, Gigabyte, group, network, CollectiveAlgorithm.InSwitch)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            CollectiveModel.Default.Time(CollectiveKind.AllReduce, DataSize.FromBytes(double.NaN), group, network));
        Assert.Throws<ArgumentException>(() => CollectiveModel.Default.Without(CollectiveAlgorithm.Direct)
            .Time(CollectiveKind.AllToAll, Gigabyte, group, network));
        Assert.Throws<ArgumentException>(() => new NetworkLevels());
        Assert.Throws<ArgumentException>(() => new NetworkLevels(new NetworkLevel("none", Bandwidth.Zero, Duration.Zero)));
    }

    [Fact]
    public void An_explanation_lists_every_algorithm_that_could_and_sums_to_its_time()
    {
        var group = GroupPlacement.Of(8, 256, 1024);
        var network = Network(switches: true, sharp: true);
        var all = CollectiveModel.WithFabricReduction.Explain(CollectiveKind.AllReduce, Gigabyte, group, network);
        Assert.Equal(["NVLS tree", "all pairs", "hierarchical", "in-network", "in-network chain", "recursive halving", "ring", "tree"], all.Select(e => e.Algorithm.Name).Order(StringComparer.Ordinal));
        Assert.Equal(all.OrderBy(e => e.Time.Total.Seconds), all);
        var best = CollectiveModel.WithFabricReduction.Time(CollectiveKind.AllReduce, Gigabyte, group, network);
        Assert.Equal(best.Total, all[0].Time.Total);
        Assert.Equal(["all pairs", "hierarchical", "in-network chain", "recursive halving"], all.Where(e => !e.Enabled).Select(e => e.Algorithm.Name).Order(StringComparer.Ordinal));
        Assert.All(all, e => Assert.Equal(e.Time.Transfer.Seconds, e.Use.Max(u => u.Wire.Seconds) + e.Time.Ramp.Seconds, 1e-12));
        Assert.Contains("bound by", all[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Timing_a_collective_allocates_nothing()
    {
        var network = Network(switches: true, sharp: true);
        int[] spans = [8, 256, 4096];
        var sum = 0.0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 1; i <= 2000; i++)
            {
                var group = GroupPlacement.Strided(1 + i % 64, 1 + i % 16, spans).Repeated(2, 512, spans);
                foreach (var kind in Kinds) sum += CollectiveModel.Default.Time(kind, DataSize.FromBytes(i * 1000.0), group, network).Total.Seconds;
            }
        }));
        Assert.True(sum > 0);
    }

    [Fact]
    public void Describing_any_algorithm_allocates_nothing()
    {
        var network = Network(switches: true, sharp: true);
        GroupPlacement[] groups = [GroupPlacement.Of(8, 64, 512), GroupPlacement.Of(1, 16, 24), GroupPlacement.Of(72, 72, 72), GroupPlacement.Of(8, 100, 1000)];
        var list = CollectiveAlgorithm.All;
        var sum = 0.0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var a = 0; a < list.Count; a++)
                foreach (var kind in Kinds)
                    foreach (var group in groups)
                        if (list[a].Supports(kind, group, network)) sum += CollectiveModel.Footprint(list[a], kind, Gigabyte, group, network).Steps;
        }));
        Assert.True(sum > 0);
    }

    static readonly CollectiveKind[] Kinds = Enum.GetValues<CollectiveKind>();
}
