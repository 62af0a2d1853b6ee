namespace Lightloom.Collectives.Tests;

public sealed class GroupPlacementTests
{
    static ReadOnlySpan<int> Spans => [8, 256, 2048];

    [Fact]
    public void Examples()
    {
        Assert.Equal("8/8/8", GroupPlacement.Strided(8, 1, Spans).ToString());
        Assert.Equal("1/32/256", GroupPlacement.Strided(256, 8, Spans).ToString());
        Assert.Equal("8/256/2048", GroupPlacement.Strided(8, 1, Spans).Repeated(256, 8, Spans).ToString());
        Assert.Equal(GroupPlacement.Of(1, 2, 16), GroupPlacement.Strided(16, 128, Spans));
    }

    [Fact]
    public void A_group_that_does_not_divide_spreads_evenly()
    {
        var group = GroupPlacement.Strided(12, 1, Spans);
        Assert.Equal((6, 12, 2), (group.Within(0), group.Within(1), group.Units(0)));
        Assert.True(group.Crosses(0) && group.Crosses(1) && !group.Crosses(2));
    }

    [Fact]
    public void Enumerated_ranks_agree_where_groups_are_aligned()
    {
        int[] spans = [8, 64, 512];
        for (var ranks = 1; ranks <= 64; ranks *= 2)
            for (var stride = 1; stride * ranks <= 512; stride *= 2)
            {
                var group = GroupPlacement.Strided(ranks, stride, spans);
                for (var l = 0; l < 3; l++)
                {
                    var most = Enumerable.Range(0, ranks).GroupBy(i => i * stride / spans[l]).Max(g => g.Count());
                    Assert.Equal(most, group.Within(l));
                }
            }
    }

    [Fact]
    public void Impossible_groups_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GroupPlacement.Strided(0, 1, Spans));
        Assert.Throws<ArgumentException>(() => GroupPlacement.Strided(8, 0, Spans));
        Assert.Throws<ArgumentException>(() => GroupPlacement.Strided(8, 1, []));
        Assert.Throws<ArgumentException>(() => GroupPlacement.Of(8, 4));
        Assert.Throws<ArgumentException>(() => GroupPlacement.Of(1, 2, 3, 4, 5, 6, 7));
    }
}
