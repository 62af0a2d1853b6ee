using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Tests;

public sealed class ScheduleTests
{
    static readonly DataSize Megabytes8 = DataSize.FromBytes(8e6);

    static Schedule Ring(int inside, int ranks, int pieces = 1)
    {
        var draft = new ScheduleDraft("ring", RankLayout.Of(inside, ranks), Megabytes8, pieces);
        draft.Divide(1, ranks);
        var around = ShiftSends.Everyone(RankAxis.Everyone(draft.Layout), 1);
        draft.Step(ranks - 1, draft.Send(around, Combine.Reduce, 1, (in SendPlace s, Span<int> b) => b[0] = (s.Source - 1 - s.Repetition + 2 * ranks) % ranks));
        draft.Step(ranks - 1, draft.Send(around, Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = (s.Source - s.Repetition + ranks) % ranks));
        return draft.Finish();
    }

    [Fact]
    public void Example_is_a_ring_over_two_domains()
    {
        var ring = Ring(4, 8);
        Assert.Equal((14, 112, 28), (ring.StepCount, ring.SendCount, ring.SendsOver(1)));
        Assert.Equal(28e6, ring.BytesOver(1).Bytes, 1e-3);
        Assert.Equal(84e6, ring.BytesOver(0).Bytes, 1e-3);
        Assert.Equal(112e6, ring.TotalBytes.Bytes, 1e-3);
        Assert.Equal(56e6, ring.ReducedByRanks.Bytes, 1e-3);
        Assert.Equal("ring: 8 ranks, 14 steps, 112 sends, 112 MB", ring.ToString());
    }

    [Fact]
    public void The_example_of_an_expansion_waits_for_the_arrival_before()
    {
        var draft = new ScheduleDraft("ring", RankLayout.Of(3), default);
        draft.Divide(1, 3);
        draft.Step(2, draft.Send(ShiftSends.Everyone(RankAxis.Everyone(draft.Layout), 1), Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = (s.Source - s.Repetition + 3) % 3));
        var sends = draft.Finish().Expand(withBlocks: true);
        Assert.Equal([0, 3, 6], sends.StepOffset);
        Assert.Equal([-1, -1, -1], sends.WaitsFor[..3]);
        for (var i = 3; i < 6; i++)
        {
            var feeder = Enumerable.Range(0, 3).Single(j => sends.Feeds[j] == sends.WaitsFor[i]);
            Assert.Equal(sends.Source[i], sends.Destination[feeder]);
            Assert.Equal(1, sends.GateArrivals[sends.WaitsFor[i]]);
        }
        Assert.Equal([0, 1, 2, 2, 0, 1], sends.Blocks!);
    }

    /// <summary>Random sends on random channels, some of which wait, some not.</summary>
    static readonly Gen<Schedule> Random =
        from ranks in Gen.Int[2, 8]
        from channels in Gen.Int[1, 3]
        from pieces in Gen.Int[1, 2]
        from steps in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 7], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 1]).List[1, 8]
        select Draw(ranks, channels, pieces, steps);

    static Schedule Draw(int ranks, int channels, int pieces, List<(int Repeat, int Offset, int First, int Count, bool Waits, int Track)> steps)
    {
        var draft = new ScheduleDraft("random", RankLayout.Of(ranks), Megabytes8, pieces);
        draft.Divide(channels, 1);
        var axis = RankAxis.Everyone(draft.Layout);
        foreach (var step in steps)
        {
            if (step.Offset % ranks == 0) continue;
            var first = step.First % channels;
            var count = Math.Min(step.Count, channels - first);
            draft.Step(step.Repeat,
                draft.Send(ShiftSends.Walk(axis, step.First % ranks, 1, step.Offset), Combine.Copy, 1, ScheduleDraft.OnlyBlock, first, count, step.Waits, step.Track),
                draft.Send(ShiftSends.Everyone(axis, step.Offset), Combine.Copy, 1, ScheduleDraft.OnlyBlock, 0, 1, !step.Waits));
        }
        return draft.Finish();
    }

    [Fact]
    public void Behind_a_gate_is_all_that_its_sender_received_in_earlier_steps_and_nothing_else() => Random.Sample(schedule =>
    {
        var sends = schedule.Expand();
        var tracks = schedule.Steps.SelectMany(s => s.Classes).Select(c => c.Track + 1).DefaultIfEmpty(1).Max();
        var step = new int[sends.Count];
        var piece = new long[sends.Count];
        var waits = new bool[sends.Count];
        var classes = schedule.Steps.SelectMany(s => Enumerable.Repeat(s.Classes, s.Repeat)).ToList();
        for (var t = 0; t < sends.Steps; t++)
        {
            var i = sends.StepOffset[t];
            foreach (var c in classes[(int)(t % schedule.StepCount)])
                for (var n = 0; n < c.ChannelCount * c.Pattern.Count; n++, i++) (step[i], piece[i], waits[i]) = (t, t / schedule.StepCount, c.Waits);
            Assert.Equal(sends.StepOffset[t + 1], i);
        }
        for (var i = 0; i < sends.Count; i++)
        {
            var expected = waits[i]
                ? Enumerable.Range(0, i).Where(j => sends.Destination[j] == sends.Source[i] && sends.Lane[j] / tracks == sends.Lane[i] / tracks && piece[j] == piece[i] && step[j] < step[i])
                : [];
            HashSet<int> gates = [];
            for (var gate = sends.WaitsFor[i]; gate >= 0; gate = sends.GateAfter[gate]) Assert.True(gates.Add(gate));
            Assert.Equal(expected, Enumerable.Range(0, sends.Count).Where(j => gates.Contains(sends.Feeds[j])));
        }
        for (var gate = 0; gate < sends.GateArrivals.Length; gate++) Assert.Equal(sends.Feeds.Count(f => f == gate), sends.GateArrivals[gate]);
    }, iter: 300);

    [Fact]
    public void An_expansion_over_its_limit_says_so_before_it_takes_memory()
    {
        var ring = Ring(8, 1 << 20);
        Assert.Equal(2L * ((1 << 20) - 1) << 20, ring.SendCount);
        var message = Assert.Throws<InputException>(() => ring.Expand()).Message;
        Assert.Contains("2,199,021,158,400 sends, and the limit is 10,000,000", message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => ring.Expand(long.MaxValue));
        Assert.Throws<InputException>(() => Ring(4, 8).Expand(111));
        Assert.Equal(112, Ring(4, 8).Expand(112).Count);
        Assert.Throws<InputException>(() => Ring(8, 1 << 20, int.MaxValue).Expand());
    }

    [Fact]
    public void A_schedule_without_sends_has_no_steps()
    {
        var draft = new ScheduleDraft("nothing", RankLayout.Of(1), Megabytes8);
        draft.Step(0);
        var sends = draft.Finish().Expand(withBlocks: true);
        Assert.Equal((0, 0), (sends.Count, sends.Steps));
        Assert.Throws<ArgumentOutOfRangeException>(() => draft.Finish().BytesOver(1));
        Assert.Throws<InputException>(() => new ScheduleDraft("x", RankLayout.Of(2), DataSize.FromBytes(double.NaN)));
        Assert.Throws<InputException>(() => new ScheduleDraft("x", RankLayout.Of(2), Megabytes8, 0));
    }

    [Fact]
    public void Sends_of_ranks_switches_or_channels_that_are_not_there_are_refused()
    {
        var draft = new ScheduleDraft("four", RankLayout.Of(2, 4), Megabytes8);
        var others = ShiftSends.Everyone(RankAxis.Everyone(RankLayout.Of(8)), 1);
        Assert.Contains("the 4 ranks of 'four'", Assert.Throws<InputException>(() => draft.Step(1, draft.Send(others, Combine.Copy, 1, ScheduleDraft.OnlyBlock))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => draft.Step(1, ScheduleDraft.Send(new([0], [4], [1]))));
        var own = ShiftSends.Everyone(RankAxis.Everyone(draft.Layout), 1);
        Assert.Contains("found 1 to 1", Assert.Throws<InputException>(() => draft.Step(1, draft.Send(own, Combine.Copy, 1, ScheduleDraft.OnlyBlock, 1, 1))).Message, StringComparison.Ordinal);
        var other = new ScheduleDraft("other", RankLayout.Of(2, 4), Megabytes8);
        var up = SwitchSends.Ranks(other.Layout, other.AddSwitches(0, 2), SwitchMembers.All, up: true);
        Assert.Throws<InputException>(() => draft.Step(1, draft.Send(up, Combine.Reduce, 1, ScheduleDraft.OnlyBlock)));
        Assert.Throws<InputException>(() => new ListedSends([0], [1], [-1.0]));
    }

    [Fact]
    public void Listed_sends_keep_their_bytes()
    {
        var draft = new ScheduleDraft("listed", RankLayout.Of(2, 4), default);
        draft.Step(2, ScheduleDraft.Send(new([0, 1, 3], [1, 2, 0], [10, 20, 40])));
        var schedule = draft.Finish();
        Assert.Equal((6, 140.0, 20.0, 120.0), (schedule.SendCount, schedule.TotalBytes.Bytes, schedule.BytesOver(0).Bytes, schedule.BytesOver(1).Bytes));
        Assert.Equal([10, 20, 40, 10, 20, 40], schedule.Expand().Bytes);
    }
}
