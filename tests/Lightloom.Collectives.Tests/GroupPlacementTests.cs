using CsCheck;

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

    // Of 12 ranks 8 and 4, or 4 and 8, sit in a domain: the four cards carry what crosses.
    [Fact]
    public void A_group_that_does_not_divide_has_the_cards_of_its_smallest_part()
    {
        var group = GroupPlacement.Strided(12, 1, Spans);
        Assert.Equal((4, 3), (group.Within(0), group.Units(0)));
        Assert.True(group.Crosses(0) && group.Crosses(1));
    }

    // The example at the head of the file: the first group of six lies in one domain, the second in two.
    [Fact]
    public void A_group_that_straddles_a_boundary_crosses_it()
    {
        Assert.Equal(GroupPlacement.Of(2, 6), GroupPlacement.Strided(6, 1, [8, 48]));
        Assert.Equal("2/3/6", GroupPlacement.Strided(6, 1, Spans).ToString());
        // Nobody straddles where there is one group, or where all of them fit one domain.
        Assert.Equal(GroupPlacement.Of(6, 6), GroupPlacement.Strided(6, 1, [8, 48], among: 6));
        Assert.Equal(GroupPlacement.Of(3, 3), GroupPlacement.Strided(3, 1, [8, 48], among: 6));
        // 64 of an NVL72's 72 GPUs: 8 and 56, 16 and 48, ...
        Assert.Equal(GroupPlacement.Of(8, 64), GroupPlacement.Strided(64, 1, [72, 576]));
    }

    /// <summary>Groups named rank by rank: in domains what all their parts are multiples of, beyond the most units that one of them touches.</summary>
    [Fact]
    public void Enumerated_groups_are_cut_as_placed() => Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 40], Gen.Int[1, 4], Gen.Int[1, 30]).Sample((domainInStrides, ranks, stride, pods, blocks) =>
    {
        var domain = domainInStrides * stride;
        var (pod, all) = (domain * pods, Math.Max(domain * pods * 2, ranks * stride * blocks));
        var placed = GroupPlacement.Strided(ranks, stride, [domain, pod, all], among: ranks * stride * blocks);
        var parts = new HashSet<int>();
        var units = 0;
        for (var b = 0; b < blocks; b++)
        {
            for (var k = 0; k < stride; k++)
            {
                int[] members = [.. Enumerable.Range(0, ranks).Select(i => (b * ranks * stride) + k + (i * stride))];
                parts.UnionWith(members.GroupBy(m => m / domain).Select(g => g.Count()));
                units = Math.Max(units, members.Select(m => m / pod).Distinct().Count());
            }
        }
        Assert.Equal(parts.Aggregate(0, (a, c) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, c)), placed.Within(0));
        Assert.Equal(Math.Max(placed.Within(0), ranks / (double)units), placed.Within(1), 1e-12);
    });

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
