// How busy rows (ranks, or neighbours of them) are over time, whatever its length: equal bins, which are joined in pairs when time passes their end.
//
//   share of a row in a bin    time for which its members were busy in it / (bin x members)
//
// Example: two ranks in rows of their own and four bins, of 1 ns at first; rank 0 is busy from 0 to 6 us. Bins are doubled to 2.048 us: its shares
//   are 1, 1, (6 - 4.096) / 2.048 = 0.93 and 0.
using Lightloom.Quantities;

namespace Lightloom.Simulation.Traffic;

/// <summary>Shares of time in which ranks are busy, by row and bin. Not for several threads.</summary>
public sealed class ActivityMap
{
    readonly double[][] busy; // picoseconds by row and bin
    readonly int members, each;
    long bin = 1000;

    /// <summary>An idle map.</summary>
    /// <param name="members">Ranks.</param>
    /// <param name="mostRows">Rows at most; beyond that neighbours share one.</param>
    /// <param name="bins">Bins, an even number.</param>
    public ActivityMap(int members, int mostRows = 256, int bins = 256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostRows, 1);
        if (bins < 2 || bins % 2 != 0) throw new ArgumentOutOfRangeException(nameof(bins), $"expected an even number of bins, found {bins}");
        this.members = members;
        each = (members + mostRows - 1) / mostRows;
        busy = [.. Enumerable.Range(0, (members + each - 1) / each).Select(_ => new double[bins])];
    }

    /// <summary>Rows.</summary>
    public int Rows => busy.Length;

    /// <summary>Bins.</summary>
    public int Bins => busy[0].Length;

    /// <summary>How long a bin is.</summary>
    public Duration Bin => SimTime.FromPicoseconds(bin).ToDuration();

    /// <summary>Ranks of a row; the last may have fewer.</summary>
    public int RanksPerRow => each;

    /// <summary>Bins that hold anything, from the first on.</summary>
    public int Used
    {
        get
        {
            var last = Bins;
            while (last > 0 && busy.All(r => r[last - 1] == 0)) last--;
            return last;
        }
    }

    /// <summary>Someone was busy for a while.</summary>
    public void Add(int member, SimTime from, SimTime to)
    {
        var (begin, end) = (from.Picoseconds, to.Picoseconds);
        while (end > bin * (Int128)Bins) Join();
        var row = busy[member / each];
        for (var b = begin / bin; b * bin < end && b < Bins; b++) row[b] += Math.Min(end, (b + 1) * bin) - Math.Max(begin, b * bin);
    }

    /// <summary>The share of a bin in which the ranks of a row were busy.</summary>
    public double Share(int row, int at) => busy[row][at] / bin / Math.Min(each, members - (row * each));

    void Join()
    {
        foreach (var row in busy)
        {
            for (var b = 0; b < row.Length / 2; b++) row[b] = row[2 * b] + row[(2 * b) + 1];
            row.AsSpan(row.Length / 2).Clear();
        }
        bin = checked(2 * bin);
    }
}

/// <summary>How long things took, counted in bins a fortieth of an octave wide: quantiles within 2 %, whatever their number. Not for several threads.</summary>
public sealed class DurationCounts
{
    const int PerOctave = 40;

    readonly long[] counts = new long[64 * PerOctave];

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>One took so long.</summary>
    public void Add(SimTime time)
    {
        counts[time.Picoseconds < 1 ? 0 : Math.Min(counts.Length - 1, 1 + (int)(PerOctave * Math.Log2(time.Picoseconds)))]++;
        Count++;
    }

    /// <summary>The time within which a share of them ended; 0 s where there are none.</summary>
    public Duration Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var left = Math.Max(1, (long)Math.Ceiling(share * Count));
        for (var b = 0; b < counts.Length; b++)
            if ((left -= counts[b]) <= 0) return b == 0 ? Duration.Zero : Duration.FromSeconds(1e-12 * Math.Pow(2, (b - 0.5) / PerOctave));
        return Duration.Zero;
    }
}
