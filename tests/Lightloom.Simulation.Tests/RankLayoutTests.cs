using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Tests;

public sealed class RankLayoutTests
{
    [Fact]
    public void Example()
    {
        var layout = RankLayout.Of(4, 8, 16);
        Assert.Equal((0, 1, 2), (layout.Level(3, 2), layout.Level(3, 4), layout.Level(3, 8)));
        Assert.Equal((16, 4, 4), (layout.Ranks, layout.DomainRanks, layout.Domains));
        Assert.Equal("4/8/16", layout.ToString());
    }

    [Fact]
    public void The_example_of_an_axis_is_turned_by_the_channel()
    {
        var layout = RankLayout.Of(4, 8);
        Assert.Equal([1, 2, 3, 0, 5, 6, 7, 4], Ranks(RankAxis.Everyone(layout) with { Turn = 4 }, 1));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Ranks(RankAxis.Everyone(layout), 1));
        Assert.Equal([0, 4, 5, 6, 7, 1, 2, 3], [.. Ranks(RankAxis.Everyone(layout) with { Turn = 4, Rooted = true }, 0)[..1], 4, 5, 6, 7, 1, 2, 3]);
        Assert.Equal([5, 1], Ranks(RankAxis.Rails(layout) with { RailOfChannel = true, Mirrored = true }, 1));
        Assert.Equal([6, 2], Ranks(RankAxis.Rails(layout) with { RailOfChannel = true, Start = 1 }, 2));
    }

    [Fact]
    public void A_rooted_ring_begins_at_rank_0_on_every_channel() => Gen.Select(Gen.Int[1, 8], Gen.Int[1, 8], Gen.Int[0, 20]).Sample((inside, domains, channel) =>
    {
        if (inside * domains < 2) return;
        var ranks = Ranks(RankAxis.Everyone(RankLayout.Of(inside, inside * domains)) with { Turn = inside, Rooted = true }, channel);
        Assert.Equal(0, ranks[0]);
        Assert.Equal(ranks.Length, ranks.Distinct().Count());
    });

    /// <summary>The ranks in the order of their positions, on the first line that the channel uses.</summary>
    static int[] Ranks(RankAxis axis, int channel) =>
    [
        .. Enumerable.Range(0, axis.Length).Select(x =>
        {
            var pattern = ShiftSends.Walk(axis, x, 0, 1);
            var (source, destination) = (new int[pattern.Count], new int[pattern.Count]);
            pattern.Fill(channel, 0, source, destination);
            return source[0];
        }),
    ];

    [Fact]
    public void Units_that_do_not_nest_are_refused()
    {
        Assert.Contains("not a multiple", Assert.Throws<InputException>(() => RankLayout.Of(4, 6, 12)).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => RankLayout.Of());
        Assert.Throws<InputException>(() => RankLayout.Of(0, 4));
        Assert.Throws<InputException>(() => new RankAxis(12, 5, 2));
        Assert.Throws<InputException>(() => ShiftSends.Everyone(RankAxis.Everyone(RankLayout.Of(4)), 8));
        Assert.Throws<InputException>(() => ShiftSends.Some(RankAxis.Everyone(RankLayout.Of(8)), 1, 1, 4, 3, 1));
        Assert.Throws<InputException>(() => new ListedSends([1], [1], [5.0]));
        Assert.Throws<InputException>(() => new ListedSends([1], [2, 3], [5.0]));
    }
}
