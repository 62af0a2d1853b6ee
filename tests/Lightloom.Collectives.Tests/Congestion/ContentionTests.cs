using CsCheck;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests.Congestion;

/// <summary>Concurrent groups against the same groups rank by rank and link by link.</summary>
public sealed class ContentionTests
{
    static NetworkLevels Levels(params double[] gigabytes) =>
        new([.. gigabytes.Select((g, i) => new NetworkLevel($"l{i}", Bandwidth.FromGigabytesPerSecond(g), Duration.FromMicroseconds(1)))]);

    static ConcurrentTraffic Traffic(string name, long first, long accelerators, long ranks, params double[] volumes) => new(name, first, accelerators, ranks) { Volumes = volumes };

    [Fact]
    public void The_example_is_two_jobs_across_two_pods()
    {
        var levels = Levels(400, 48, 12);
        int[] spans = [8, 512, 1024];
        var one = Traffic("one", 0, 1024, 512, 0, 1e9, 1e9);
        var alone = Assert.Single(Contention.Share(levels, spans, one));
        Assert.Equal(41.7, alone.Time.Milliseconds, 0.05);
        Assert.Equal(24, alone.Rates[2].GigabytesPerSecond, 1e-9);
        var both = Contention.Share(levels, spans, one, one with { Name = "two" });
        Assert.All(both, s => Assert.Equal(83.3, s.Time.Milliseconds, 0.05));
        Assert.All(both, s => Assert.Equal(2, s.BindingLevel));
        Assert.All(both, s => Assert.Equal(2, s.Slowdown, 1e-9));
    }

    [Fact]
    public void Jobs_that_meet_nowhere_do_not_wait_for_each_other()
    {
        var shares = Contention.Share(Levels(400, 48, 24), [8, 256, 1024], Traffic("a", 0, 512, 512, 1e9, 1e9, 0.5e9), Traffic("b", 512, 512, 512, 2e9, 1e9, 1e9));
        Assert.All(shares, s => Assert.Equal(1, s.Slowdown, 1e-9));
    }

    [Fact]
    public void What_one_is_held_back_by_leaves_more_to_the_other()
    {
        // Both share the leaf's 256 * 48; one is held to a fourth by the spine.
        var shares = Contention.Share(Levels(400, 48, 6), [8, 256, 1024], Traffic("far", 0, 1024, 512, 0, 1e9, 1e9), Traffic("near", 0, 1024, 512, 0, 1e9, 0));
        Assert.Equal(12, shares[0].Rates[1].GigabytesPerSecond, 1e-9);
        Assert.Equal(84, shares[1].Rates[1].GigabytesPerSecond, 1e-9);
    }

    static readonly Gen<(double First, double Size, double[] Volumes, double Weight)> Jobs =
        from first in Gen.Double[0, 0.8]
        from size in Gen.Double[0.1, 1]
        from volumes in Gen.Double[0, 3].Array[3]
        from weight in Gen.Double[0.5, 2]
        select (first, size, volumes, weight);

    static readonly Gen<(int[] Spans, double[] Rates, ConcurrentTraffic[] Traffic)> Clusters =
        from inside in Gen.Int[1, 4]
        from systems in Gen.Int[1, 4]
        from leaves in Gen.Int[2, 4]
        from rates in Gen.Double[1, 50].Array[3]
        from jobs in Jobs.Array[1, 4]
        let spans = new[] { inside, inside * systems, inside * systems * leaves }
        select (spans, rates, jobs.Select((j, i) =>
        {
            // Whole ranges with a rank on each accelerator: then every unit's ranks are whole and can be expanded.
            var first = (int)(j.First * (spans[2] - 1));
            var count = Math.Max(1, (int)(j.Size * (spans[2] - first)));
            return new ConcurrentTraffic($"j{i}", first, count, count) { Volumes = [.. j.Volumes.Select(v => (v + 0.01) * 1e9)], Weight = j.Weight };
        }).ToArray());

    [Fact]
    public void Filling_every_link_with_every_rank_gives_the_same_rates() => Clusters.Sample(c =>
    {
        var shares = Contention.Share(Levels(c.Rates), c.Spans, c.Traffic);
        var expected = Expanded(c.Spans, c.Rates, c.Traffic);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], 1 / shares[i].Time.Seconds, expected[i] * 1e-9);
    }, iter: 300);

    /// <summary>Rates of classes by raising all in small steps of exact events, over one link for each port and each unit.</summary>
    static double[] Expanded(int[] spans, double[] gigabytes, ConcurrentTraffic[] traffic)
    {
        // users[link] = ranks on it, by class and level.
        var links = new List<(double Capacity, int Level, List<int> Ranks)>();
        for (var l = 0; l < 3; l++)
        {
            var span = l == 0 ? 1 : spans[l - 1];
            for (var from = 0; from < spans[2]; from += span)
            {
                var ranks = new List<int>();
                for (var accelerator = from; accelerator < from + span; accelerator++)
                    for (var t = 0; t < traffic.Length; t++)
                        if (accelerator >= traffic[t].First && accelerator < traffic[t].First + traffic[t].Accelerators) ranks.Add(t);
                links.Add((span * gigabytes[l] * 1e9, l, ranks));
            }
        }
        var rates = new double[traffic.Length];
        var going = Enumerable.Range(0, traffic.Length).ToHashSet();
        while (going.Count > 0)
        {
            double Pace(int t) => traffic[t].Weight / traffic[t].Volumes.Max();
            double Growth(int level, List<int> ranks) => ranks.Where(going.Contains).Sum(t => traffic[t].Volumes[level] * Pace(t));
            var busy = links.Where(l => Growth(l.Level, l.Ranks) > 0).ToList();
            double Room((double Capacity, int Level, List<int> Ranks) l) => (l.Capacity - l.Ranks.Sum(t => traffic[t].Volumes[l.Level] * rates[t])) / Growth(l.Level, l.Ranks);
            var first = busy.MinBy(Room);
            var step = Room(first);
            foreach (var t in going) rates[t] += step * Pace(t);
            going.ExceptWith(first.Ranks);
        }
        return rates;
    }

    [Fact]
    public void A_million_accelerators_take_as_many_units_as_a_thousand()
    {
        var levels = Levels(400, 48, 24);
        var small = Contention.Share(levels, [8, 256, 1024], Traffic("a", 0, 1024, 1024, 1e9, 1e9, 1e9), Traffic("b", 0, 512, 64, 1e9, 0, 1e9));
        var large = Contention.Share(levels, [8, 256, 1 << 20], Traffic("a", 0, 1 << 20, 1 << 20, 1e9, 1e9, 1e9), Traffic("b", 0, 1 << 19, 1 << 16, 1e9, 0, 1e9));
        for (var i = 0; i < 2; i++) Assert.Equal(small[i].Time.Seconds, large[i].Time.Seconds, 1e-12);
    }

    [Fact]
    public void Traffic_that_cannot_be_is_refused()
    {
        var levels = Levels(400, 48);
        foreach (var wrong in (ConcurrentTraffic[])[Traffic("w", -1, 4, 4, 1, 1), Traffic("w", 0, 4, 5, 1, 1), Traffic("w", 0, 4, 4, 1), Traffic("w", 0, 4, 4, 0, 0), Traffic("w", 0, 4, 4, 1, double.NaN)])
            Assert.Throws<ArgumentException>(() => Contention.Share(levels, [8, 64], wrong));
        Assert.Throws<ArgumentException>(() => Contention.Share(levels, [8], Traffic("w", 0, 4, 4, 1, 1)));
    }
}
