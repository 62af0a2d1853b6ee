using System.Numerics;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>Counts from classes against counts of sends, closed forms, and what a million ranks cost.</summary>
public sealed class ScheduleCountTests
{
    static readonly DataSize Megabyte = DataSize.FromBytes(1e6);

    public static TheoryData<string> Names => ScheduleCases.Names;

    static Schedule Schedule(CollectiveAlgorithm algorithm, CollectiveKind kind, bool switches, params int[] layout) =>
        algorithm.Schedule(kind, Megabyte, GroupPlacement.Of(layout), AlgorithmTests.Network(switches: switches, sharp: switches));

    [Theory]
    [MemberData(nameof(Names))]
    public void Counts_from_classes_are_counts_of_sends(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        foreach (var layout in ScheduleCases.Layouts(2, 3, 5, 8, 9, 12, 16, 18, 24))
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
            {
                var schedule = algorithm.Schedule(kind, Megabyte, GroupPlacement.Of(layout), network, 2);
                var sends = schedule.Expand();
                Assert.Equal(schedule.SendCount, sends.Count);
                Assert.Equal(2 * schedule.StepCount, sends.Steps);
                Assert.Equal(sends.Bytes.Sum(), schedule.TotalBytes.Bytes, 1e-3);
                var reduced = Enumerable.Range(0, sends.Count).Where(i => sends.Combine[i] == Combine.Reduce).ToLookup(i => sends.Destination[i] < layout[2], i => sends.Bytes[i]);
                Assert.Equal(reduced[true].Sum(), schedule.ReducedByRanks.Bytes, 1e-3);
                Assert.Equal(reduced[false].Sum(), schedule.ReducedBySwitches.Bytes, 1e-3);
                var wires = new ScheduleWires(sends);
                for (var l = 0; l < layout.Length; l++)
                    if (Math.Abs(wires.Over[l] - schedule.BytesOver(l).Bytes) > 1e-3)
                        Assert.Fail($"{schedule} {kind} {schedule.Layout}: {wires.Over[l]} B over level {l} counted, {schedule.BytesOver(l)} from classes");
            }
    }

    [Fact]
    public void Total_bytes_are_the_closed_forms()
    {
        foreach (var layout in ScheduleCases.Layouts(4, 6, 8, 12, 24))
        {
            var (g, n) = (layout[0], layout[2]);
            var full = 1 << BitOperations.Log2((uint)n);
            Check(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, 2 * (n - 1), 2 * (n - 1));
            Check(CollectiveAlgorithm.Ring, CollectiveKind.AllGather, n - 1, n - 1);
            Check(CollectiveAlgorithm.Ring, CollectiveKind.ReduceScatter, n - 1, n - 1);
            Check(CollectiveAlgorithm.Ring, CollectiveKind.Broadcast, n - 1, n - 1);
            Check(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, 2 * (n - 1), 2 * (g - 1 + BitOperations.Log2((uint)Math.Max(1, n / g - 1)) + 1));
            Check(CollectiveAlgorithm.InSwitch, CollectiveKind.AllReduce, 2 * (n + 1), 4);
            Check(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, n * ((g - 1.0) / g + (n - g) / (double)n), g - 1 + n / g - 1);
            Check(CollectiveAlgorithm.AllPairs, CollectiveKind.AllToAll, n - 1, n - 1);
            Check(CollectiveAlgorithm.AllPairs, CollectiveKind.AllReduce, 2 * (n - 1), 2 * (n - 1));
            Check(CollectiveAlgorithm.RecursiveHalving, CollectiveKind.AllReduce, 2 * (full - 1) + 2 * (n - full), 2 * BitOperations.Log2((uint)n) + (n > full ? 2 : 0));
            Check(CollectiveAlgorithm.Bruck, CollectiveKind.AllGather, n - 1, (int)Math.Ceiling(Math.Log2(n)));
            Check(CollectiveAlgorithm.Bruck, CollectiveKind.ReduceScatter, n - 1, (int)Math.Ceiling(Math.Log2(n)));
            Check(CollectiveAlgorithm.Bruck, CollectiveKind.AllToAll, Enumerable.Range(1, n - 1).Sum(q => BitOperations.PopCount((uint)q)), (int)Math.Ceiling(Math.Log2(n)));
            Check(CollectiveAlgorithm.Pat, CollectiveKind.AllGather, n - 1, (int)Math.Ceiling(Math.Log2(n)));
            Check(CollectiveAlgorithm.Binomial, CollectiveKind.Broadcast, n - 1, (int)Math.Ceiling(Math.Log2(n)));
            Check(CollectiveAlgorithm.Hierarchical, CollectiveKind.AllReduce, 2 * (n - 1), 2 * (g - 1 + n / g - 1));
            Check(CollectiveAlgorithm.Direct, CollectiveKind.Gather, (n - 1.0) / n, n - 1);
            Check(CollectiveAlgorithm.Direct, CollectiveKind.SendReceive, n, 1);

            void Check(CollectiveAlgorithm algorithm, CollectiveKind kind, double sizes, int steps)
            {
                var group = GroupPlacement.Of(layout);
                var network = AlgorithmTests.Network(switches: true);
                if (!algorithm.Supports(kind, group, network)) return;
                var schedule = algorithm.Schedule(kind, Megabyte, group, network);
                Assert.Equal(sizes * 1e6, schedule.TotalBytes.Bytes, 1e-3);
                Assert.Equal(steps, schedule.StepCount);
            }
        }
    }

    [Fact]
    public void Two_nodes_are_not_four()
    {
        double PerDomain(int domains) => new ScheduleWires(Schedule(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, false, 8, 8 * domains, 8 * domains).Expand()).ByUnit(1) * 8;
        Assert.Equal(1e6, PerDomain(2), 1e-3);
        Assert.Equal(2e6, PerDomain(4), 1e-3);
        Assert.Equal(2e6, PerDomain(16), 1e-3);
    }

    [Fact]
    public void A_hierarchy_sends_half_of_what_a_ring_does_over_two_domains()
    {
        var ring = Schedule(CollectiveAlgorithm.Ring, CollectiveKind.AllGather, false, 8, 16, 16).BytesOver(1);
        var levels = Schedule(CollectiveAlgorithm.Hierarchical, CollectiveKind.AllGather, false, 8, 16, 16).BytesOver(1);
        Assert.Equal(2 * 15.0 / 16 * 1e6, ring.Bytes, 1e-3);
        Assert.Equal(2 * 8 / 16.0 * 1e6, levels.Bytes, 1e-3);
    }

    /// <summary>Rounds until the last send, where each queue has one send under way at a time and each send takes one round.</summary>
    static int Rounds(ExpandedSchedule sends)
    {
        var gates = new int[sends.GateArrivals.Length];
        Dictionary<(int, int), int> queues = [];
        var last = 0;
        for (var i = 0; i < sends.Count; i++) // arrivals before sends that wait for them
        {
            var start = queues.GetValueOrDefault((sends.Source[i], sends.Lane[i]));
            for (var gate = sends.WaitsFor[i]; gate >= 0; gate = sends.GateAfter[gate]) start = Math.Max(start, gates[gate]);
            queues[(sends.Source[i], sends.Lane[i])] = start + 1;
            gates[sends.Feeds[i]] = Math.Max(gates[sends.Feeds[i]], start + 1);
            last = Math.Max(last, start + 1);
        }
        return last;
    }

    [Theory]
    [InlineData(2, 1), InlineData(5, 7), InlineData(16, 40)]
    public void Pieces_follow_one_another_through_a_pipeline(int n, int pieces)
    {
        ExpandedSchedule Sends(CollectiveAlgorithm algorithm, CollectiveKind kind, params int[] layout) =>
            algorithm.Schedule(kind, Megabyte, GroupPlacement.Of(layout), AlgorithmTests.Network(), pieces).Expand();
        Assert.Equal(n - 1 + pieces - 1, Rounds(Sends(CollectiveAlgorithm.Ring, CollectiveKind.Broadcast, 1, 1, n)));
        Assert.Equal(pieces * 2 * (n - 1), Rounds(Sends(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, 1, 1, n))); // full from the first step
        // Up a chain and down again: the last piece starts when those before it have left the end of the chain.
        Assert.Equal(2 * (n - 1) + 2 + pieces - 1, Rounds(Sends(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, n, 2 * n, 2 * n)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_million_ranks_have_as_few_classes_as_a_thousand(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        foreach (var layout in new int[][] { [8, 512, 1 << 20], [1, 64, 1 << 20], [1 << 20, 1 << 20, 1 << 20] })
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
            {
                var schedule = algorithm.Schedule(kind, Megabyte, GroupPlacement.Of(layout), network);
                Assert.InRange(schedule.Steps.Count, 1, 42);
                Assert.InRange(schedule.Steps.Sum(s => s.Classes.Count), 1, 42 * 6);
                Assert.InRange(schedule.SendCount, 1 << 19, long.MaxValue);
                if (schedule.SendCount <= 10_000_000) continue;
                Assert.Contains("the limit is 10,000,000", Assert.Throws<InputException>(() => schedule.Expand()).Message, StringComparison.Ordinal);
            }
    }

    [Fact]
    public void What_a_million_ranks_send_over_each_level_is_counted_without_listing_it()
    {
        var n = 1 << 20;
        var ring = Schedule(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, false, 8, 512, n);
        Assert.Equal(2.0 * (n - 1) / n * 1e6 * (n / 8), ring.BytesOver(1).Bytes, 1);
        Assert.Equal(2.0 * (n - 1) / n * 1e6 * (n / 512), ring.BytesOver(2).Bytes, 1);
        var exchange = Schedule(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, false, 8, 512, n);
        Assert.Equal((n - 512.0) * 1e6, exchange.BytesOver(2).Bytes, 1e3);
        var halving = Schedule(CollectiveAlgorithm.RecursiveHalving, CollectiveKind.AllReduce, false, 8, 512, n);
        Assert.Equal(2 * (1 / 512.0 - 1.0 / n) * n * 1e6, halving.BytesOver(2).Bytes, 1);
    }

    [Fact]
    public void Wrong_inputs_are_refused()
    {
        var network = AlgorithmTests.Network();
        CollectiveAlgorithm ring = CollectiveAlgorithm.Ring;
        Assert.Contains("filled evenly", Assert.Throws<InputException>(() => ring.Schedule(CollectiveKind.AllReduce, Megabyte, GroupPlacement.Of(8, 100, 100), network)).Message, StringComparison.Ordinal);
        Assert.Contains("at least one piece", Assert.Throws<InputException>(() => ring.Schedule(CollectiveKind.AllReduce, Megabyte, GroupPlacement.Of(8, 16, 16), network, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 0 B", Assert.Throws<InputException>(() => ring.Schedule(CollectiveKind.AllReduce, DataSize.FromBytes(-1), GroupPlacement.Of(8, 16, 16), network)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ring.Schedule(CollectiveKind.AllToAll, Megabyte, GroupPlacement.Of(8, 16, 16), network));
        Assert.Throws<ArgumentException>(() => ring.Schedule(CollectiveKind.AllReduce, Megabyte, GroupPlacement.Of(8, 16), network));
        Assert.Equal(0, ring.Schedule(CollectiveKind.AllReduce, Megabyte, GroupPlacement.Of(1, 1, 1), network).SendCount);
        Assert.Throws<InputException>(() => Schedule(ring, CollectiveKind.AllReduce, false, 8, 16, 16).Expand(limit: 100));
    }
}
