// Rows that stand out from their neighbours, whatever the network is: r = ln(measured / expected) along the sizes of one run.
//
//   window   3 or more rows in a row with r > r_q + ln 3, r_q the lower quartile, and at least 2 usual rows on each side
//   outlier  one row with r above each of its neighbours' by ln 1.6, which the other column (in place) doesn't share
//   cliff    bus bandwidth falls by more than a tenth from one size to a larger one and stays low for 2 rows, while the
//            expectation does not fall: r rises by ln 1.15 between the medians of 3 rows before and after
//
// Example: 13.0, 68.1, 14.9 us at 16, 32 and 64 B, in place 13.5 us at 32 B: r of the middle is ln 4.6 above its neighbours: an outlier.
namespace Lightloom.Planning.Logs;

/// <summary>Rows of a run that stand out, by their index.</summary>
/// <param name="Windows">First and last row of each stretch that is many times slow.</param>
/// <param name="Outliers">Single rows.</param>
/// <param name="Cliffs">Last row before each fall, and last row that stays below it.</param>
sealed record LocalAnomalies(IReadOnlyList<(int First, int Last)> Windows, IReadOnlyList<int> Outliers, IReadOnlyList<(int Before, int Last)> Cliffs)
{
    static readonly double Slow = Math.Log(3);
    static readonly double Single = Math.Log(1.6);
    static readonly double Rise = Math.Log(1.15);
    const double Fall = 0.9;
    const double Recovered = 0.97;

    /// <summary>Looks over a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="expected">Expected time of each row, s.</param>
    public static LocalAnomalies Of(MeasuredRun run, ReadOnlySpan<double> expected)
    {
        var rows = run.Rows;
        var r = new double[rows.Count];
        for (var i = 0; i < r.Length; i++) r[i] = Math.Log(rows[i].Time.Seconds / expected[i]);
        var windows = WindowsOf(r);
        var outliers = OutliersOf(rows, r, windows);
        return new(windows, outliers, CliffsOf(run, r, windows, outliers));
    }

    /// <summary>Whether a row speaks of the network rather than of a moment.</summary>
    public bool Usual(int row) => !Outliers.Contains(row) && !Windows.Any(w => row >= w.First && row <= w.Last);

    static List<(int, int)> WindowsOf(double[] r)
    {
        var found = new List<(int, int)>();
        if (r.Length < 7) return found;
        var sorted = r.Order().ToArray();
        var usual = sorted[sorted.Length / 4];
        for (var i = 0; i < r.Length; i++)
        {
            if (r[i] <= usual + Slow) continue;
            var last = i;
            // One row between slow ones may have been lucky.
            while (last + 1 < r.Length && (r[last + 1] > usual + Slow || (last + 2 < r.Length && r[last + 2] > usual + Slow))) last++;
            if (last - i >= 2 && i >= 2 && r.Length - 1 - last >= 2) found.Add((i, last));
            i = last;
        }
        return found;
    }

    static List<int> OutliersOf(IReadOnlyList<MeasuredRow> rows, double[] r, List<(int First, int Last)> windows)
    {
        var found = new List<int>();
        for (var i = 0; i < r.Length; i++)
        {
            if (windows.Exists(w => i >= w.First && i <= w.Last)) continue;
            var (left, right) = (i > 0 ? r[i - 1] : double.NaN, i + 1 < r.Length ? r[i + 1] : double.NaN);
            if (double.IsNaN(left) && double.IsNaN(right)) continue;
            var beside = double.IsNaN(left) ? right : double.IsNaN(right) ? left : Math.Max(left, right);
            if (r[i] <= beside + Single) continue;
            // At an end one neighbour is little to go by: the other column has to disagree too.
            var other = rows[i].OutOfPlace is not null ? rows[i].InPlace : null;
            var lone = other is { } t && t.Seconds < 0.7 * rows[i].Time.Seconds;
            if (lone || (other is null && i > 0 && i + 1 < r.Length)) found.Add(i);
        }
        return found;
    }

    static List<(int, int)> CliffsOf(MeasuredRun run, double[] r, List<(int First, int Last)> windows, List<int> outliers)
    {
        var found = new List<(int, int)>();
        var rows = run.Rows;
        double Bandwidth(int i) => rows[i].Size.Bytes / rows[i].Time.Seconds;
        for (var i = 1; i + 2 < rows.Count; i++)
        {
            if (Out(i) || Out(i + 1)) continue;
            var reached = Bandwidth(i);
            if (Bandwidth(i + 1) >= Fall * reached || Bandwidth(i + 2) >= Recovered * reached) continue;
            if (Median(r, i + 1, Math.Min(r.Length, i + 4)) - Median(r, Math.Max(0, i - 2), i + 1) < Rise) continue;
            var last = i + 2;
            while (last + 1 < rows.Count && Bandwidth(last + 1) < Recovered * reached) last++;
            found.Add((i, last));
            i = last;
        }
        return found;

        bool Out(int i) => outliers.Contains(i) || windows.Exists(w => i >= w.First - 1 && i <= w.Last + 1);
    }

    static double Median(double[] r, int start, int end)
    {
        var values = r[start..end];
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
