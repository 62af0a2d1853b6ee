using CsCheck;

namespace Lightloom.Simulation.Tests;

/// <summary>Counts of patterns against their sends, one by one.</summary>
public sealed class SendPatternTests
{
    static readonly Gen<RankLayout> Layouts =
        from inside in Gen.Int[1, 6]
        from domains in Gen.Int[1, 6]
        from leaves in Gen.Int[1, 6]
        where inside * domains * leaves > 1
        select RankLayout.Of(inside, inside * domains, inside * domains * leaves);

    static readonly Gen<(RankLayout Layout, RankAxis Axis)> Axes =
        from layout in Layouts
        from which in Gen.Int[0, 2]
        from turned in Gen.Bool
        from mirrored in Gen.Bool
        from rooted in Gen.Bool
        from own in Gen.Bool
        from start in Gen.Int[0, 50]
        let axis = which switch { 0 => RankAxis.Everyone(layout), 1 => RankAxis.InDomains(layout), _ => RankAxis.Rails(layout) }
        let turn = turned && which < 2 ? layout.DomainRanks : 1
        select (layout, axis with { Turn = turn, Mirrored = mirrored, Rooted = rooted && turn > 1, RailOfChannel = own && which == 2, Start = start % axis.Length });

    static void Counts(RankLayout layout, SendPattern pattern, int repeat, int channel)
    {
        var over = new long[layout.LevelCount];
        var (source, destination) = (new int[pattern.Count], new int[pattern.Count]);
        for (var i = 0; i < repeat; i++)
        {
            Array.Fill(source, -1);
            pattern.Fill(channel, i, source, destination);
            Assert.Equal(source.Length, source.Distinct().Count()); // each sends once
            for (var s = 0; s < source.Length; s++)
            {
                Assert.InRange(source[s], 0, layout.Ranks - 1);
                Assert.InRange(destination[s], 0, layout.Ranks - 1);
                var level = layout.Level(source[s], destination[s]);
                if (level == 0) over[0]++;
                for (var l = 1; l < over.Length; l++)
                    if (source[s] / layout.UnitRanks(l - 1) != destination[s] / layout.UnitRanks(l - 1)) over[l]++;
            }
        }
        Assert.Equal(over[0], pattern.Inside(layout, channel, repeat));
        for (var l = 1; l < over.Length; l++) Assert.Equal(over[l], pattern.Leaving(layout, l, channel, repeat));
    }

    [Fact]
    public void Everyone_by_a_distance_that_may_grow() => Gen.Select(Axes, Gen.Int[1, 300], Gen.Bool, Gen.Int[0, 9]).Sample((on, k, grows, channel) =>
    {
        var m = on.Axis.Length;
        if (k % m == 0) return;
        var repeat = grows ? Math.Max(1, m - k % m) : 3;
        Counts(on.Layout, ShiftSends.Everyone(on.Axis, k, grows ? 1 : 0), repeat, channel);
    });

    [Fact]
    public void Runs_by_a_distance() => Gen.Select(Axes, Gen.Int[-40, 40], Gen.Int[0, 20], Gen.Int[1, 8], Gen.Int[0, 8], Gen.Int[0, 9]).Sample((on, k, first, run, gap, channel) =>
    {
        var m = on.Axis.Length;
        if (k % m == 0 || first + run > m) return;
        var runs = (m - first - run) / (run + gap) + 1;
        Counts(on.Layout, ShiftSends.Some(on.Axis, first, run, run + gap, runs, k), 2, channel);
    });

    [Fact]
    public void Exchanges_with_rank_xor_a_power_of_two() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 8]).Sample((a, b, c, bit) =>
    {
        var layout = RankLayout.Of(1 << a, 1 << (a + b), 1 << (a + b + c));
        var d = 1 << bit;
        if (d >= layout.Ranks) return;
        var axis = RankAxis.Everyone(layout);
        var lower = ShiftSends.Some(axis, 0, d, 2 * d, layout.Ranks / (2 * d), d);
        Counts(layout, lower, 1, 0);
        Counts(layout, ShiftSends.Some(axis, d, d, 2 * d, layout.Ranks / (2 * d), -d), 1, 0);
        var (source, destination) = (new int[lower.Count], new int[lower.Count]);
        lower.Fill(0, 0, source, destination);
        Assert.All(source.Zip(destination), s => Assert.Equal(s.First ^ d, s.Second));
    });

    [Fact]
    public void One_after_the_other() => Gen.Select(Axes, Gen.Int[-30, 30], Gen.Int[-3, 3], Gen.Int[-2, 2], Gen.Int[0, 9]).Sample((on, k, advance, grow, channel) =>
    {
        var m = on.Axis.Length;
        for (var i = 0; i < 4; i++)
            if ((k + i * grow) % m == 0) return;
        Counts(on.Layout, ShiftSends.Walk(on.Axis, 5, advance, k, grow), 4, channel);
    });

    [Fact]
    public void The_example_of_a_ring_over_two_units()
    {
        var layout = RankLayout.Of(4, 8);
        Assert.Equal(2, ShiftSends.Everyone(RankAxis.Everyone(layout), 1).Leaving(layout, 1, 0, 1));
    }

    [Fact]
    public void The_example_of_switches_that_reduce()
    {
        var draft = new ScheduleDraft("example", RankLayout.Of(4, 16), default);
        var heads = draft.AddSwitches(0, 4);
        var all = SwitchSends.Ranks(draft.Layout, heads, SwitchMembers.All, up: true);
        Assert.Equal((64, 64, 0), (all.Count, all.Inside(draft.Layout, 0, 1), all.Leaving(draft.Layout, 1, 0, 1)));
        Assert.Equal(16, SwitchSends.Ranks(draft.Layout, heads, SwitchMembers.Rail, up: false).Count);
        Assert.Equal(16, SwitchSends.Ranks(draft.Layout, heads, SwitchMembers.All, up: true, ofChannel: true).Count);
        var rails = draft.AddSwitches(1, 4);
        Assert.Equal((32, 1, 16, 4, 4), (rails.First, rails.Level, rails.UnitRanks, rails.Width, rails.Count));
        Assert.Equal(36, draft.Finish().Vertices);
        var up = SwitchSends.Ranks(draft.Layout, rails, SwitchMembers.Rail, up: true);
        var (source, destination) = (new int[16], new int[16]);
        up.Fill(0, 0, source, destination);
        Assert.Equal(Enumerable.Range(0, 16), source.Order());
        Assert.All(source.Zip(destination), s => Assert.Equal(32 + s.First % 4, s.Second));
        Assert.Equal(16, up.Leaving(draft.Layout, 1, 0, 1));
        Assert.Equal(0, SwitchSends.Ranks(draft.Layout, rails, SwitchMembers.Rail, up: false).Leaving(draft.Layout, 1, 0, 1));
    }
}
