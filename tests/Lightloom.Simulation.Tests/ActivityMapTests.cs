using CsCheck;
using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Tests;

public sealed class ActivityMapTests
{
    static SimTime Microseconds(double us) => SimTime.FromPicoseconds((long)(us * 1e6));

    /// <summary>The example at the head of ActivityMap.cs.</summary>
    [Fact]
    public void Bins_are_joined_when_time_passes_their_end()
    {
        var map = new ActivityMap(2, bins: 4);
        map.Add(0, Microseconds(0), Microseconds(3));
        map.Add(0, Microseconds(3), Microseconds(6));
        // A nanosecond, doubled until four hold six microseconds.
        Assert.Equal(2.048, map.Bin.Microseconds, 1e-9);
        double[] shares = [1, 1, (6 - 4.096) / 2.048, 0];
        for (var b = 0; b < 4; b++) Assert.Equal(shares[b], map.Share(0, b), 1e-9);
        Assert.All(Enumerable.Range(0, 4), b => Assert.Equal(0, map.Share(1, b)));
        Assert.Equal(3, map.Used);
    }

    /// <summary>Whatever is added, in whatever order, the map holds all of that time, and what ranks of a row do counts for each.</summary>
    [Fact]
    public void No_time_is_lost() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 8], Gen.Select(Gen.Int[0, 19], Gen.Int[0, 1_000_000], Gen.Int[0, 100_000]).Array[1, 60]).Sample((members, rows, spans) =>
    {
        var map = new ActivityMap(members, rows, 16);
        var all = new double[members];
        foreach (var (who, from, length) in spans)
        {
            map.Add(who % members, SimTime.FromPicoseconds(from), SimTime.FromPicoseconds(from + length));
            all[who % members] += length;
        }
        for (var r = 0; r < map.Rows; r++)
        {
            int[] own = [.. Enumerable.Range(r * map.RanksPerRow, Math.Min(map.RanksPerRow, members - (r * map.RanksPerRow)))];
            var held = Enumerable.Range(0, map.Bins).Sum(b => map.Share(r, b)) * own.Length * map.Bin.Seconds * 1e12;
            Assert.Equal(own.Sum(m => all[m]), held, 1e-3 + (1e-9 * held));
        }
    });

    [Fact]
    public void Quantiles_are_within_two_percent() => Gen.Int[1, 2_000_000_000].Array[1, 300].Sample(times =>
    {
        var counts = new DurationCounts();
        foreach (var t in times) counts.Add(SimTime.FromPicoseconds(t));
        var sorted = times.Order().ToArray();
        foreach (var share in (double[])[0, 0.25, 0.5, 0.9, 1])
        {
            var exact = sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
            Assert.InRange(counts.Quantile(share).Seconds * 1e12 / exact, 0.98, 1.02);
        }
        Assert.Equal(times.Length, counts.Count);
    });
}
