using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

public sealed class CutBoundTests
{
    const double Slack = 1 - 1e-9;

    internal static readonly Gen<GroupPlacement> Groups =
        from inside in Gen.Int[1, 72]
        from domains in Gen.Int[1, 64]
        from pods in Gen.Int[1, 32]
        select GroupPlacement.Of(inside, inside * domains, inside * domains * pods);

    static readonly Gen<NetworkLevels> Networks =
        from inside in Gen.Double[20, 1000]
        from outside in Gen.Double[1, 1000]
        from spine in Gen.Double[1, 1000]
        from equipped in Gen.Int[0, 7]
        from peers in Gen.Int[1, 16]
        from launch in Gen.Double[0, 30]
        select new NetworkLevels(
            Level("scale-up", inside, 1, (equipped & 1) != 0, 10, peers, launch),
            Level("rail", outside, 5, (equipped & 2) != 0, 20, peers, launch),
            Level("spine", spine, 7, (equipped & 4) != 0, 2, 8, launch / 2));

    static NetworkLevel Level(string name, double rate, double latency, bool reduces, double reduction, int peers, double launch) =>
        new(name, Bandwidth.FromGigabytesPerSecond(rate), Duration.FromMicroseconds(latency))
        {
            InNetworkBandwidth = Bandwidth.FromGigabytesPerSecond(reduces ? rate : 0),
            InNetworkLatency = Duration.FromMicroseconds(reduction),
            ConcurrentPeers = peers,
            Launch = Duration.FromMicroseconds(launch),
        };

    static readonly Gen<DataSize> Sizes = Gen.Double[0, 11].Select(e => DataSize.FromBytes(Math.Pow(10, e)));

    [Fact]
    public void No_algorithm_that_only_forwards_beats_the_bound_of_forwarding() =>
        Gen.Select(Groups, Networks, Gen.Enum<CollectiveKind>(), Sizes).Sample((group, network, kind, size) =>
        {
            var bound = CollectiveBounds.Of(kind, size, group, network);
            var cut = CollectiveBounds.Cut(kind, size, group, network);
            if (group.Ranks > 1) Assert.True(bound.Time.Seconds > cut.Seconds || network[0].Launch == Duration.Zero);
            foreach (var answer in CollectiveModel.Default.Explain(kind, size, group, network))
                if (!answer.Algorithm.ReducesInNetwork) Assert.True(answer.Time.Total.Seconds >= bound.Time.Seconds * Slack, $"{kind} {size} {group}: {bound.Time} {answer}");
        }, iter: 3000);

    [Fact]
    public void No_algorithm_at_all_beats_the_bound_of_the_reducing_switches_that_there_are() =>
        Gen.Select(Groups, Networks, Gen.Enum<CollectiveKind>(), Sizes).Sample((group, network, kind, size) =>
        {
            var equipped = CollectiveBounds.Of(kind, size, group, network, SwitchReduction.AsEquipped);
            var everywhere = CollectiveBounds.Of(kind, size, group, network, SwitchReduction.Everywhere);
            var none = CollectiveBounds.Of(kind, size, group, network);
            Assert.True(everywhere.Time.Seconds <= equipped.Time.Seconds / Slack && equipped.Time.Seconds <= none.Time.Seconds / Slack);
            foreach (var answer in CollectiveModel.Default.Explain(kind, size, group, network))
                Assert.True(answer.Time.Total.Seconds >= equipped.Time.Seconds * Slack, $"{kind} {size} {group}: {equipped.Time} {answer}");
        }, iter: 3000);

    [Fact]
    public void Time_never_falls_with_size() =>
        Gen.Select(Groups, Networks, Gen.Enum<CollectiveKind>(), Gen.Double[0, 1e9], Gen.Double[0, 1e9]).Sample((group, network, kind, a, b) =>
        {
            var small = CollectiveModel.Default.Time(kind, DataSize.FromBytes(Math.Min(a, b)), group, network).Total;
            var large = CollectiveModel.Default.Time(kind, DataSize.FromBytes(Math.Max(a, b)), group, network).Total;
            Assert.True(small.Seconds <= large.Seconds * (1 + 1e-12));
        });

    [Fact]
    public void Example()
    {
        var (group, network) = (GroupPlacement.Of(8, 16, 16), AlgorithmTests.Network());
        var bound = CollectiveBounds.Cut(CollectiveKind.AllGather, DataSize.FromGigabytes(1), group, network);
        Assert.Equal(2.0833, bound.Milliseconds, 1e-3);
        var cuts = CollectiveBounds.Cuts(CollectiveKind.AllGather, DataSize.FromGigabytes(1), group, network);
        Assert.Equal(["one rank's ports: 400 + 50 GB/s", "out of one scale-up domain: 8 x 50 GB/s"], cuts.Select(c => c.Say(network, group)));
        Assert.Equal([2.0833, 1.25], cuts.Select(c => Math.Round(c.Transfer.Milliseconds, 4)));
    }

    // What has to pass, counted from the collectives' definitions: who holds what at first, who wants what at last.
    [Fact]
    public void Volumes_of_units_are_those_of_the_definitions()
    {
        foreach (var (n, u) in new[] { (2, 1), (16, 8), (24, 8), (64, 4) })
        {
            var shard = 1.0 / n;
            double Into(CollectiveKind kind) => CollectiveBounds.Volume(kind, 1, n, u, false);
            var outside = Enumerable.Range(u, n - u).ToArray();
            Assert.Equal(outside.Sum(_ => shard), Into(CollectiveKind.AllGather), 1e-12);
            Assert.Equal(outside.Sum(_ => shard), Into(CollectiveKind.Gather), 1e-12);
            Assert.Equal(Enumerable.Range(0, u).Sum(_ => outside.Sum(_ => shard)), Into(CollectiveKind.AllToAll), 1e-12);
            Assert.Equal(2.0 * (n / u - 1) / (n / u), Into(CollectiveKind.AllReduce), 1e-12);
            Assert.Equal(1, CollectiveBounds.Volume(CollectiveKind.AllReduce, 1, n, u, true), 1e-12);
        }
    }

    [Theory]
    [InlineData(2, 1, 1), InlineData(3, 1, 2), InlineData(8, 1, 3), InlineData(9, 1, 4), InlineData(1024, 1, 10), InlineData(8, 7, 1), InlineData(9, 7, 2), InlineData(64, 7, 2)]
    public void Messages_inform_at_most_so_many_more_at_a_time(int ranks, int peers, int rounds)
    {
        var level = new NetworkLevel("flat", Bandwidth.FromGigabytesPerSecond(100), Duration.FromMicroseconds(3)) { ConcurrentPeers = peers };
        foreach (var kind in Enum.GetValues<CollectiveKind>())
        {
            var latency = CollectiveBounds.Latency(kind, GroupPlacement.Of(ranks), new(level));
            Assert.Equal(kind == CollectiveKind.SendReceive ? 3 : 3 * rounds, latency.Microseconds, 1e-9);
            if (peers == 1) Assert.Equal(kind == CollectiveKind.SendReceive ? 1 : rounds, CollectiveSteps.Least(kind, ranks));
        }
    }

    // A naive flood: every rank that knows informs `ports` others each round; the least number of rounds is what the formula says.
    [Fact]
    public void Steps_are_those_of_a_flood()
    {
        for (var n = 1; n <= 200; n++)
        {
            var (reached, rounds) = (1, 0);
            while (reached < n)
            {
                reached += reached;
                rounds++;
            }
            Assert.Equal(rounds, CollectiveSteps.Least(CollectiveKind.Broadcast, n));
            Assert.Equal(2 * rounds, CollectiveSteps.WithLeastBytes(CollectiveKind.AllReduce, n));
            Assert.Equal(n - 1, CollectiveSteps.WithLeastBytes(CollectiveKind.AllToAll, n));
        }
    }

    [Fact]
    public void A_fabric_that_reduces_spares_the_boundaries_below_it_and_switches_inside_do_not_spare_the_fabric()
    {
        var (size, group) = (DataSize.FromGigabytes(1), GroupPlacement.Of(8, 64, 512));
        double Domain(NetworkLevels levels) =>
            CollectiveBounds.Cuts(CollectiveKind.AllReduce, size, group, levels, SwitchReduction.AsEquipped).Single(c => c.Level == 1).Volume.Gigabytes;
        Assert.Equal(2.0 * 63 / 64, Domain(AlgorithmTests.Network(switches: true)), 1e-9);
        Assert.Equal(1, Domain(AlgorithmTests.Network(sharp: true)), 1e-9);
    }

    [Fact]
    public void A_prediction_is_beside_the_bound_that_holds_for_its_algorithm()
    {
        var (size, group, network) = (DataSize.FromGigabytes(1), GroupPlacement.Of(8, 16, 16), AlgorithmTests.Network(switches: true));
        var time = CollectiveModel.Default.Time(CollectiveKind.AllReduce, size, group, network, CollectiveAlgorithm.InSwitchTree);
        var beside = BoundedTime.Of(time, CollectiveKind.AllReduce, size, group, network);
        Assert.Equal(SwitchReduction.AsEquipped, beside.Bound.Reduction);
        Assert.Equal(1 / beside.TimesLimit, beside.OfLimit.Si, 1e-12);
        Assert.StartsWith($"{beside.OfLimit.Si * 100:0.#} % of the limit with the reducing switches that it has, set by out of one scale-up domain: 8 x 50 GB/s",
            beside.Say(network, group), StringComparison.Ordinal);
        var ring = CollectiveModel.Default.Time(CollectiveKind.AllReduce, size, group, network, CollectiveAlgorithm.Ring);
        Assert.Equal(SwitchReduction.None, BoundedTime.Of(ring, CollectiveKind.AllReduce, size, group, network).Bound.Reduction);
    }

    [Fact]
    public void Bounds_allocate_nothing()
    {
        var network = AlgorithmTests.Network(switches: true);
        var sum = 0.0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 1; i <= 2000; i++)
            {
                var group = GroupPlacement.Of(8, 64, 64 * (1 + (i % 20)));
                foreach (var kind in Kinds)
                {
                    var time = CollectiveModel.Default.Time(kind, DataSize.FromBytes(i * 1e4), group, network);
                    sum += BoundedTime.Of(time, kind, DataSize.FromBytes(i * 1e4), group, network).TimesLimit;
                }
            }
        }));
        Assert.True(sum > 0);
    }

    [Fact]
    public void What_cannot_be_says_why()
    {
        var network = AlgorithmTests.Network();
        Assert.Throws<ArgumentException>(() => CollectiveBounds.Of(CollectiveKind.AllReduce, DataSize.FromBytes(-1), GroupPlacement.Of(8, 8, 8), network));
        Assert.Throws<ArgumentException>(() => CollectiveBounds.Of(CollectiveKind.AllReduce, DataSize.FromBytes(double.NaN), GroupPlacement.Of(8, 8, 8), network));
        Assert.Throws<ArgumentException>(() => CollectiveBounds.Cuts(CollectiveKind.AllReduce, DataSize.FromBytes(1), GroupPlacement.Of(8, 8), network));
        Assert.Equal(Duration.Zero, CollectiveBounds.Of(CollectiveKind.AllReduce, DataSize.FromBytes(1), GroupPlacement.Of(1, 1, 1), network).Time);
        Assert.Empty(CollectiveBounds.Cuts(CollectiveKind.AllReduce, DataSize.FromBytes(1), GroupPlacement.Of(1, 1, 1), network));
    }

    static readonly CollectiveKind[] Kinds = Enum.GetValues<CollectiveKind>();
}
