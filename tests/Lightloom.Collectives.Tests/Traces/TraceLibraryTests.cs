using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Tests.Traces;

/// <summary>What ranks of a trace do at once where a library does their collectives: on 32 systems of 8, cards of 50 GB/s, domains of 450 GB/s, links of 0.2 us.</summary>
public sealed class TraceLibraryTests
{
    const double Card = 50, Domain = 450; // bytes a nanosecond
    const double Way = 400;               // nanoseconds between two cards of one leaf

    static readonly FabricGraph Graph = FabricGraph.Of(new FatTree().Plan(new()
    {
        Systems = 32,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
    }));

    static readonly FabricLatency Latency = new([.. Graph.Plan.Links.Select(_ => Duration.FromNanoseconds(200))], [.. Graph.Tiers.Select(_ => Duration.Zero)]);

    static readonly double Inside = Graph.Plan.Request.System.ScaleUpLatency.Value.Nanoseconds;

    /// <summary>Rings, in one channel where a group has a rank in each system, and sends as they are; each after a time, and with a share of the links.</summary>
    sealed class Rings : ITraceLibrary
    {
        public Duration Before { get; init; }

        public Duration Least { get; init; }

        public double Share { get; init; } = 1;

        public RankPlaces Places { get; } = RankPlaces.Of(Graph, 256);

        public TraceSchedule Of(CollectiveKind kind, DataSize size, int[] ranks)
        {
            var one = ranks[0] / 8 == ranks[^1] / 8;
            var level = new NetworkLevel("", Bandwidth.FromGigabitsPerSecond(1), Duration.Zero);
            var (group, levels) = one ? (GroupPlacement.Of(ranks.Length), new NetworkLevels(level)) : (GroupPlacement.Of(1, ranks.Length), new NetworkLevels(level, level));
            return new(CollectiveAlgorithm.Ring.Schedule(kind, size, group, levels)) { Before = Before, Least = Least, Inside = Share, Outside = Share };
        }

        public (Duration Before, double Inside, double Outside) OfSend(DataSize size, int from, int to) => (Before, Share, Share);
    }

    static (TraceRun Run, Dictionary<(int Rank, ulong Node), (double Begin, double End)> Nodes) Play(ITraceLibrary library, params IReadOnlyList<TraceNode>[] ranks)
    {
        var nodes = new Dictionary<(int, ulong), (double, double)>();
        var run = FabricTrace.Run(new TraceList(ranks), new(), new([new(TraceBlock.Switch, ranks.Length, 1, 0)]), Graph, new EqualCost(), null, Latency,
            new() { Ended = (rank, node, begin, end) => nodes[(rank, node.Id)] = (begin.Picoseconds / 1e3, end.Picoseconds / 1e3) }, library).Run;
        return (run, nodes);
    }

    static IReadOnlyList<TraceNode>[] Idle(int ranks) => [.. Enumerable.Repeat<IReadOnlyList<TraceNode>>([], ranks)];

    static TraceNode Groups(params TraceGroup[] groups) => new() { Id = 0, Kind = TraceNodeKind.Metadata, Groups = groups };

    static TraceNode AllReduce(ulong id, int group, ulong bytes, params ulong[] after) => new() { Id = id, Kind = TraceNodeKind.Collective, Group = group, Bytes = bytes, After = [0, .. after] };

    static TraceNode Compute(ulong id, ulong microseconds) => new() { Id = id, Kind = TraceNodeKind.Compute, Microseconds = microseconds };

    static TraceNode Send(ulong id, int to, ulong bytes) => new() { Id = id, Kind = TraceNodeKind.Send, Peer = to, Bytes = bytes };

    static TraceNode Receive(ulong id, int from, ulong bytes) => new() { Id = id, Kind = TraceNodeKind.Receive, Peer = from, Bytes = bytes };

    // Halves go there and back: by one card each.
    static double Pair(double bytes) => (bytes / Card) + (2 * Way);

    // In two channels of one link.
    static double PairInside(double bytes) => (bytes / Domain) + (2 * Inside);

    static IReadOnlyList<TraceNode>[] Two(Func<int, IReadOnlyList<TraceNode>> nodes)
    {
        var ranks = Idle(16);
        foreach (var r in new[] { 0, 8 }) ranks[r] = [Groups(new TraceGroup(1, [0, 8])), .. nodes(r)];
        return ranks;
    }

    [Fact]
    public void Collectives_of_different_groups_run_side_by_side()
    {
        var ranks = Idle(16);
        ranks[0] = [Groups(new(1, [0, 1]), new(2, [0, 8])), AllReduce(1, 1, 90_000_000), AllReduce(2, 2, 9_000_000)];
        ranks[1] = [Groups(new TraceGroup(1, [0, 1])), AllReduce(1, 1, 90_000_000)];
        ranks[8] = [Groups(new TraceGroup(2, [8, 0])), AllReduce(1, 2, 9_000_000)];
        var (_, nodes) = Play(new Rings(), ranks);
        Assert.Equal(PairInside(90_000_000), nodes[(0, 1)].End, 0.01);
        Assert.Equal(Pair(9_000_000), nodes[(0, 2)].End, 0.01);
        Assert.Equal(0, nodes[(0, 2)].Begin);
    }

    [Fact]
    public void Those_of_one_group_come_one_after_the_other_in_the_order_of_the_file()
    {
        // The first is ready late on one rank: the second waits there, and so on the other.
        var (_, nodes) = Play(new Rings(), Two(r => r == 0 ? [Compute(1, 100), AllReduce(2, 1, 1_000_000, 1), AllReduce(3, 1, 2_000_000)] : [AllReduce(2, 1, 1_000_000), AllReduce(3, 1, 2_000_000)]));
        foreach (var r in new[] { 0, 8 })
        {
            Assert.Equal(100_000 + Pair(1_000_000), nodes[(r, 2)].End, 0.01);
            Assert.Equal((nodes[(r, 2)].End, 100_000 + Pair(1_000_000) + Pair(2_000_000)), (nodes[(r, 3)].Begin, nodes[(r, 3)].End));
        }
    }

    [Fact]
    public void Dependencies_against_the_order_of_the_file_are_kept()
    {
        var (run, nodes) = Play(new Rings(), Two(_ => [AllReduce(1, 1, 1_000_000, 2), AllReduce(2, 1, 2_000_000), AllReduce(3, 1, 3_000_000, 1)]));
        Assert.Equal(Pair(1_000_000) + Pair(2_000_000) + Pair(3_000_000), run.Time.Picoseconds / 1e3, 0.01);
        Assert.Equal(Pair(2_000_000), nodes[(0, 1)].Begin, 0.01);
    }

    [Fact]
    public void What_is_there_for_the_order_of_issue_holds_nothing_up()
    {
        IReadOnlyList<TraceNode>[] ranks = Two(_ => []);
        ranks[1] = [Groups(new TraceGroup(2, [0, 1])), AllReduce(2, 2, 90_000_000)];
        ranks[0] = [Groups(new(1, [0, 8]), new(2, [0, 1])), AllReduce(1, 1, 9_000_000), new() { Id = 2, Kind = TraceNodeKind.Collective, Group = 2, Bytes = 90_000_000, After = [0, 1], Issued = [1] }];
        ranks[8] = [Groups(new TraceGroup(1, [0, 8])), AllReduce(1, 1, 9_000_000)];
        Assert.Equal(PairInside(90_000_000), Play(new Rings(), ranks).Nodes[(0, 2)].End, 0.01);
        // Who has one message at a time waits for it.
        var alone = FabricTrace.Run(new TraceList(ranks), new()
        {
            EndpointNanoseconds = 0,
            MemoryBandwidth = 3350,
            Algorithms = new Dictionary<TraceCollective, IReadOnlyList<TraceAlgorithm>> { [TraceCollective.AllReduce] = [new(TraceMethod.Ring)] },
        }, new([new(TraceBlock.Switch, 16, 1, 0)]), Graph, new EqualCost(), null, Latency);
        Assert.True(alone.Run.Time.Picoseconds / 1e3 > PairInside(90_000_000) + Pair(9_000_000));
    }

    [Fact]
    public void Sends_to_several_ranks_share_a_card_and_those_to_one_follow_each_other()
    {
        var ranks = Idle(24);
        ranks[0] = [Send(1, 8, 1_000_000), Send(2, 16, 1_000_000), Send(3, 8, 1_000_000)];
        ranks[8] = [Receive(1, 0, 1_000_000), Receive(2, 0, 1_000_000)];
        ranks[16] = [Receive(1, 0, 1_000_000)];
        var (_, nodes) = Play(new Rings(), ranks);
        // Two share the card until both have left; the third then has it alone.
        Assert.Equal((2_000_000 / Card) + Way, nodes[(0, 1)].End, 0.01);
        Assert.Equal((2_000_000 / Card) + Way, nodes[(0, 2)].End, 0.01);
        Assert.Equal((3_000_000 / Card) + Way, nodes[(0, 3)].End, 0.01);
    }

    [Fact]
    public void Launches_and_shares_of_links_count()
    {
        var before = Duration.FromMicroseconds(7);
        var (run, _) = Play(new Rings { Before = before, Share = 0.5 }, Two(_ => [AllReduce(1, 1, 1_000_000)]));
        Assert.Equal(7000 + (2_000_000 / Card) + (2 * Way), run.Time.Picoseconds / 1e3, 0.01);
        (run, _) = Play(new Rings { Before = before, Least = Duration.FromMicroseconds(100) }, Two(_ => [AllReduce(1, 1, 1_000_000)]));
        Assert.Equal(100_000, run.Time.Picoseconds / 1e3, 0.01);
        var ranks = Idle(16);
        (ranks[0], ranks[8]) = ([Send(0, 8, 1_000_000)], [Receive(0, 0, 1_000_000)]);
        (run, _) = Play(new Rings { Before = before, Share = 0.5 }, ranks);
        Assert.Equal(7000 + (2_000_000 / Card) + Way, run.Time.Picoseconds / 1e3, 0.01);
    }

    [Fact]
    public void All_kinds_are_played_and_groups_of_one_have_nothing_to_do()
    {
        static TraceNode Node(TraceCollective what, ulong bytes) => new() { Id = 1, Kind = TraceNodeKind.Collective, Collective = what, Group = 1, Bytes = bytes, After = [0] };
        double Takes(TraceCollective what) => Play(new Rings(), Two(_ => [Node(what, 1_000_000)])).Run.Time.Picoseconds / 1e3;
        Assert.Equal((1_000_000 / Card) + Way, Takes(TraceCollective.Broadcast), 0.01);
        Assert.Equal((1_000_000 / Card) + Way, Takes(TraceCollective.Reduce), 0.01);
        Assert.Equal((1_000_000 / Card) + Way, Takes(TraceCollective.AllGather), 0.01);
        Assert.Equal((500_000 / Card) + Way, Takes(TraceCollective.ReduceScatter), 0.01);
        Assert.Equal((500_000 / Card) + Way, Takes(TraceCollective.ReduceScatterBlock), 0.01);
        Assert.Equal(Pair(1), Takes(TraceCollective.Barrier), 0.01);
        var ranks = Idle(2);
        ranks[0] = [Groups(new TraceGroup(1, [0])), AllReduce(1, 1, 1_000_000)];
        Assert.Equal(0, Play(new Rings(), ranks).Run.Time.Picoseconds);
    }

    [Fact]
    public void Packets_carry_the_same()
    {
        var ranks = Two(_ => [AllReduce(1, 1, 1_000_000)]);
        var run = PacketTrace.Run(new TraceList(ranks), new(), new([new(TraceBlock.Switch, ranks.Length, 1, 0)]), Graph, Latency, new(), new() { Stop = TestContext.Current.CancellationToken }, new Rings());
        Assert.Equal(4, run.Run.Messages);
        // Headers of 64 B for 4,086 B, and the last packet of each half is stored once more.
        Assert.InRange(run.Run.Time.Picoseconds / 1e3, Pair(1_000_000), 1.05 * Pair(1_000_000));
    }

    [Fact]
    public void What_does_not_match_is_told()
    {
        string Wrong(params IReadOnlyList<TraceNode>[] ranks) => Assert.Throws<InputException>(() => Play(new Rings(), ranks)).Message;
        Assert.Contains("rank 8: node 1: AllReduce of 2,000,000 B in group 1: other ranks have AllReduce of 1,000,000 B as collective 1 of this group", Wrong(Two(r => [AllReduce(1, 1, r == 0 ? 1_000_000UL : 2_000_000)])), StringComparison.Ordinal);
        Assert.Contains("1 nodes never end", Wrong(Two(r => r == 0 ? [AllReduce(1, 1, 1_000_000)] : [])), StringComparison.Ordinal);
        Assert.Contains("group 1 doesn't have rank 0", Wrong([[Groups(new TraceGroup(1, [1])), AllReduce(1, 1, 8)], []]), StringComparison.Ordinal);
    }
}
