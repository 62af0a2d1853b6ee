using System.Numerics;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>What the analytic engine counts, against the sends of the schedule that the other engines take.</summary>
public sealed class ScheduleFootprintTests
{
    const double Bytes = 1e6;

    public static TheoryData<string> Names => ScheduleCases.Names;

    static IEnumerable<int[]> Layouts =>
        [.. ScheduleCases.Layouts(2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 20, 24, 32), [16, 32, 64], [9, 18, 72], [4, 48, 96], [1, 10, 50], [2, 2, 62], [72, 72, 72]];

    static bool ByOnePort(CollectiveAlgorithm algorithm, CollectiveKind kind) =>
        algorithm == CollectiveAlgorithm.Binomial || (algorithm == CollectiveAlgorithm.Direct && kind != CollectiveKind.AllToAll);

    static void ForEach(string name, IEnumerable<int[]> layouts, Action<CollectiveKind, int[], CollectiveFootprint, ExpandedSchedule> check)
    {
        var algorithm = ScheduleCases.Named(name);
        foreach (var layout in layouts)
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
            {
                var (size, group) = (DataSize.FromBytes(Bytes), GroupPlacement.Of(layout));
                var footprint = CollectiveModel.Footprint(algorithm, kind, size, group, network);
                try
                {
                    check(kind, layout, footprint, algorithm.Schedule(kind, size, group, network).Expand());
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    throw new InvalidOperationException($"{name} {kind} {string.Join('/', layout)}: {e.Message}", e);
                }
            }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Volumes_are_those_of_the_busiest_rank_or_unit(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        ForEach(name, Layouts, (kind, layout, footprint, sends) =>
        {
            var wires = new ScheduleWires(sends);
            for (var l = 0; l < layout.Length; l++)
            {
                var plain = footprint.Volume(l).Bytes;
                // A pipeline's neighbour inside the domain is not what a send across it waits for.
                if (l == 0 && kind == CollectiveKind.SendReceive && layout[0] < layout[2])
                {
                    Assert.Equal(0, plain);
                    continue;
                }
                // The footprint has the mean of aligned blocks of 2^m domains; of others no more than the busiest, which at most six trees' edges cut.
                if (l > 1 && layout[l - 1] > layout[0] && algorithm.Name.EndsWith("tree", StringComparison.Ordinal) && kind == CollectiveKind.AllReduce)
                {
                    if (BitOperations.IsPow2(layout[l - 1] / layout[0])) Assert.InRange(wires.MeanByUnit(l), 0, plain * (1 + 1e-9));
                    continue;
                }
                Assert.Equal(ByOnePort(algorithm, kind) ? wires.ByRank(l) : wires.ByUnit(l), plain, 1e-3);
                // The head's second pass is a cost of NVLSTree that no wire sees.
                var second = algorithm == CollectiveAlgorithm.InSwitchTree && l == 0 ? Bytes / layout[0] : 0;
                Assert.Equal(wires.ByUnit(l, switches: true) + second, footprint.InNetworkVolume(l).Bytes, 1e-3);
            }
        });
    }

    [Theory]
    [InlineData("ring"), InlineData("hierarchical"), InlineData("recursive halving"), InlineData("Bruck"), InlineData("PAT"), InlineData("binomial tree")]
    [InlineData("tree")]
    public void Messages_are_those_of_the_longest_chain(string name)
    {
        var powersOnly = name is "tree" or "Bruck" or "PAT" or "binomial tree";
        ForEach(name, Layouts.Where(g => !powersOnly || g.All(u => BitOperations.IsPow2(u))), (kind, layout, footprint, sends) =>
        {
            var chain = ScheduleChain.Of(sends);
            Assert.Equal(footprint.Steps, chain.Length);
            // Two laps of a ring less two edges, or a ring into the root: one of the edges that are left out may be a near one.
            var slack = name is "ring" or "hierarchical" && kind is CollectiveKind.AllReduce or CollectiveKind.Reduce ? 1 : 0;
            for (var l = 0; l < layout.Length; l++) Assert.InRange(chain.Levels[l], footprint.Messages(l) - slack, footprint.Messages(l) + slack);
        });
    }

    [Fact]
    public void Between_powers_of_two_a_chain_has_the_ceiling_of_the_logarithm_where_the_library_counts_the_floor() =>
        ForEach("tree", Layouts.Where(g => g[0] < g[2]), (_, layout, footprint, sends) =>
        {
            var domains = layout[2] / layout[0];
            Assert.Equal(2 * (layout[0] - 1 + Math.Ceiling(Math.Log2(domains))), ScheduleChain.Of(sends).Length);
            Assert.InRange(ScheduleChain.Of(sends).Length - footprint.Steps, 0, 2);
        });

    [Theory]
    [InlineData("direct"), InlineData("all pairs")]
    public void Messages_without_dependencies_go_as_many_at_once_as_there_are_concurrent_peers(string name) =>
        ForEach(name, Layouts, (kind, layout, footprint, sends) =>
        {
            if (kind == CollectiveKind.SendReceive) return;
            var wires = new ScheduleWires(sends);
            var rounds = kind == CollectiveKind.AllReduce ? 2 : 1;
            for (var l = 0; l < layout.Length; l++)
                Assert.Equal(rounds * Math.Ceiling(wires.Messages(l) / rounds / 8.0), footprint.Messages(l));
        });

    [Theory]
    [InlineData("NVLS"), InlineData("NVLS tree"), InlineData("in-network"), InlineData("in-network chain")]
    public void Switches_of_every_level_reduce_once(string name) =>
        ForEach(name, Layouts, (kind, layout, footprint, sends) =>
        {
            var reductions = Enumerable.Range(0, layout.Length).Sum(footprint.InNetworkMessages);
            Assert.Equal(reductions, ScheduleChain.Of(sends).Reductions);
            if (name == "in-network") Assert.Equal(new ScheduleWires(sends).Messages(0), footprint.Messages(0));
            if (name == "in-network chain") Assert.Equal(2 * (layout[0] - 1), footprint.Messages(0));
        });
}
