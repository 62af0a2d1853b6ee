using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>Every schedule is carried out on data, in orders that only its own dependencies restrict.</summary>
public sealed class ScheduleSemanticsTests
{
    static readonly DataSize Size = DataSize.FromBytes(1e6);

    public static TheoryData<string> Names => ScheduleCases.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_rank_ends_with_what_the_collective_promises(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        var cases = 0;
        foreach (var layout in ScheduleCases.Layouts(Enumerable.Range(2, 12).Concat([15, 16, 17, 20, 24])))
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
            {
                cases++;
                Run(algorithm, kind, layout, network, 1 + cases % 2, new Random(cases));
            }
        Assert.InRange(cases, 10, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Many_ranks_do_as_few(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        foreach (var layout in new int[][] { [1, 1, 31], [1, 8, 32], [8, 16, 32], [6, 12, 36], [1, 37, 37], [1, 1, 37], [5, 20, 40], [8, 40, 40], [4, 8, 40], [12, 12, 36], [32, 32, 32] })
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout)) Run(algorithm, kind, layout, network, 1, new Random(layout[0]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_number_of_ranks_up_to_forty_works(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        for (var n = 14; n <= 40; n++) // fewer: above, in every layout
        {
            var d = ScheduleCases.Divisors(n).Last(d => d * d <= n);
            foreach (var layout in new int[][] { [1, 1, n], [n, n, n], [d, n, n], [1, d, n] }.DistinctBy(l => (l[0], l[1])))
                foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
                    ScheduleInterpreter.Run(kind, algorithm.Schedule(kind, Size, GroupPlacement.Of(layout), network).Expand(withBlocks: true), new Random(n).Next);
        }
    }

    static void Run(CollectiveAlgorithm algorithm, CollectiveKind kind, int[] layout, NetworkLevels network, int pieces, Random random)
    {
        var sends = algorithm.Schedule(kind, Size, GroupPlacement.Of(layout), network, pieces).Expand(withBlocks: true);
        ScheduleInterpreter.Run(kind, sends, random.Next);
        ScheduleInterpreter.Run(kind, sends, count => count - 1); // the newest first: queues run ahead of each other
        ScheduleInterpreter.Run(kind, sends, _ => 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_send_carries_the_bytes_of_its_blocks_and_never_waits_for_a_later_one(string name)
    {
        var algorithm = ScheduleCases.Named(name);
        foreach (var layout in ScheduleCases.Layouts(2, 3, 8, 12))
            foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
            {
                var schedule = algorithm.Schedule(kind, Size, GroupPlacement.Of(layout), network, 2);
                var sends = schedule.Expand(withBlocks: true);
                var fed = new int[sends.GateArrivals.Length];
                var lastFeeder = new int[fed.Length];
                for (var i = 0; i < sends.Count; i++)
                {
                    Assert.NotEqual(sends.Source[i], sends.Destination[i]);
                    var carried = sends.Blocks![sends.BlockOffset![i]..sends.BlockOffset[i + 1]];
                    Assert.Equal(carried.Length, carried.Distinct().Count());
                    Assert.Equal(carried.Length * schedule.BlockSize.Bytes, sends.Bytes[i], 1e-6);
                    fed[sends.Feeds[i]]++;
                    lastFeeder[sends.Feeds[i]] = i;
                }
                Assert.Equal(sends.GateArrivals, fed);
                var step = new int[sends.Count];
                for (var t = 0; t < sends.Steps; t++)
                    for (var i = sends.StepOffset[t]; i < sends.StepOffset[t + 1]; i++) step[i] = t;
                for (var i = 0; i < sends.Count; i++)
                    for (var gate = sends.WaitsFor[i]; gate >= 0; gate = sends.GateAfter[gate])
                        Assert.True(step[lastFeeder[gate]] < step[i]);
            }
    }

    [Fact]
    public void Switches_are_reached_by_their_own_members_only()
    {
        foreach (var algorithm in CollectiveAlgorithm.All.Where(a => a.ReducesInNetwork))
            foreach (var layout in ScheduleCases.Layouts(8, 12, 24))
                foreach (var (kind, network) in ScheduleCases.Of(algorithm, layout))
                {
                    var schedule = algorithm.Schedule(kind, Size, GroupPlacement.Of(layout), network);
                    var sends = schedule.Expand();
                    var reduces = 0;
                    for (var i = 0; i < sends.Count; i++)
                    {
                        var (low, high) = (Math.Min(sends.Source[i], sends.Destination[i]), Math.Max(sends.Source[i], sends.Destination[i]));
                        if (high < schedule.Layout.Ranks) continue;
                        var tier = schedule.Tiers.Single(t => high >= t.First && high < t.End);
                        Assert.Equal(ScheduleCases.Unit(schedule, high, tier.Level), ScheduleCases.Unit(schedule, low, tier.Level));
                        if (tier.Level > 0) Assert.Equal((high - tier.First) % tier.Width, low < schedule.Layout.Ranks ? low % layout[0] : (low - schedule.Layout.Ranks) % layout[0]);
                        if (sends.Combine[i] == Combine.Reduce && sends.Destination[i] == high) reduces++;
                    }
                    Assert.Equal(kind != CollectiveKind.AllGather, reduces > 0);
                }
    }

    [Fact]
    public void The_interpreter_sees_a_schedule_that_lacks_a_dependency()
    {
        var layout = RankLayout.Of(3);
        var draft = new ScheduleDraft("broken", layout, Size);
        draft.Divide(1, 3);
        var pattern = ShiftSends.Everyone(RankAxis.Everyone(layout), 1);
        draft.Step(2, draft.Send(pattern, Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = (s.Source - s.Repetition + 3) % 3, waits: false));
        var sends = draft.Finish().Expand(withBlocks: true);
        // The second step first: rank 1 passes on what rank 0 has not sent it yet.
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => ScheduleInterpreter.Run(CollectiveKind.AllGather, sends, count => count - 1));
    }
}
