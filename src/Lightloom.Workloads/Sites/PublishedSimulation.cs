// The simulation behind the published tables of bandwidth against compute utilisation (arXiv:2501.18512 table 4, arXiv:2502.12996 table 5,
// arXiv:2503.09799 table 6), as far as its results show it.
//
//   stated        a graph of forward, backward and reduce of each layer; backward twice the forward; 60 % of peak; fragments of 3 layers
//   line          one exchange after another, no delay: only r = (time to send the model once in BF16) / (time of a step) matters
//   window        H + max(11, τ) steps from the start, until what the next step needs is there. Inferred: one exchange in 50 steps doesn't give the
//                 printed bandwidths, one in 60 or 61 does; likewise of 111, of 311, and of 2·H for exchanges that take an outer step
//   fragments     strided, one after every H/P steps, rounded, beginning with the first step. Inferred: P = 8 and 36 of H = 100
//   H = 30        one fragment after every step, whatever P. Inferred: both models of the table
//   bandwidths    0.1 to 1,000 Gb/s, 50 of them evenly in the logarithm: the first that reaches the utilisation, rounded to hundredths, then tenths
//
// Worked example: data parallel, r·W = 135 Gb/s, L = 24. Half of the steps' time: (1/3 + 2/72) + r = 2, r = 1.639, 82.4 Gb/s; the grid has 71.97 and
// 86.85: "86.8".

using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>The published simulation of training over two sites; see the equations at the head of this file.</summary>
public static class PublishedSimulation
{
    const int GridPoints = 50;
    const int LeastAfter = 11;

    /// <summary>Bandwidths that were tried, in Gb/s.</summary>
    public static IReadOnlyList<double> Grid { get; } = [.. Enumerable.Range(0, GridPoints).Select(i => Math.Pow(10, -1 + (4.0 * i / (GridPoints - 1))))];

    /// <summary>The schedule of fragments as simulated.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="fragment">Layers of a fragment.</param>
    /// <param name="steps">H.</param>
    /// <param name="delay">τ.</param>
    /// <param name="format">What is sent.</param>
    public static ExchangeSchedule Fragments(int layers, int fragment, int steps, int delay, ExchangeFormat format)
    {
        var count = Math.Max(1, layers / fragment);
        var interval = steps == 30 ? 1 : Math.Max(1, (int)Math.Round((double)steps / count, MidpointRounding.ToEven));
        return ExchangeSchedule.Fragments(layers, fragment, steps, interval, strided: true, delay, format);
    }

    /// <summary>Compute utilisation in the window.</summary>
    /// <param name="schedule">What is exchanged; its format counts.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="steps">H.</param>
    /// <param name="ratio">Time to send the model once in BF16 over the time of a step.</param>
    public static double Utilisation(ExchangeSchedule schedule, int layers, int steps, double ratio)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var window = steps + Math.Max(LeastAfter, schedule.Delay);
        var work = SiteWork.Of(1, layers, Duration.FromSeconds(1));
        var simulation = new LayerSimulation(work, schedule, ratio * schedule.Format.SentBits(2) / ExchangeFormat.Bf16.SentBits(2), 0);
        simulation.Play(window);
        return window / simulation.Settled;
    }

    /// <summary>The largest ratio of sending to computing with which a utilisation is reached, to 10⁻⁹ of it.</summary>
    /// <param name="schedule">What is exchanged.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="steps">H.</param>
    /// <param name="utilisation">Above 0 and below 1.</param>
    public static double LargestRatio(ExchangeSchedule schedule, int layers, int steps, double utilisation)
    {
        double low = 0, high = 1;
        while (Utilisation(schedule, layers, steps, high) >= utilisation) (low, high) = (high, high * 2);
        while (high - low > 1e-9 * high)
        {
            var middle = (low + high) / 2;
            if (Utilisation(schedule, layers, steps, middle) >= utilisation) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>The first bandwidth of the grid that is enough, in Gb/s; infinite where none is.</summary>
    /// <param name="needed">What is needed, in Gb/s.</param>
    public static double FirstEnough(double needed)
    {
        foreach (var bandwidth in Grid)
            if (bandwidth >= needed * (1 - 1e-9)) return bandwidth;
        return double.PositiveInfinity;
    }

    /// <summary>The bandwidths of the grid, in Gb/s, between which a need lies that is printed so: above the first, at most the second.</summary>
    /// <param name="printed">The printed bandwidth; infinite where none was enough.</param>
    /// <returns>Null where the grid has none that is printed so.</returns>
    public static (double Above, double AtMost)? Bracket(double printed)
    {
        if (double.IsPositiveInfinity(printed)) return (Grid[^1], double.PositiveInfinity);
        var (first, last) = (-1, -1);
        for (var i = 0; i < Grid.Count; i++)
        {
            if (Math.Abs(Print(Grid[i]) - printed) > 1e-9) continue;
            if (first < 0) first = i;
            last = i;
        }
        return first < 0 ? null : (first == 0 ? 0 : Grid[first - 1], Grid[last]);
    }

    /// <summary>A bandwidth as the tables print it: to hundredths, then to tenths. Halves go to the even digit, of the exact value that a double has.</summary>
    /// <param name="bandwidth">In Gb/s; infinite stays so.</param>
    public static double Print(double bandwidth) => double.IsFinite(bandwidth) ? Round(Round(bandwidth, 2), 1) : bandwidth;

    static double Round(double value, int digits) =>
        (double)decimal.Round(decimal.Parse(value.ToString("F20", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), digits, MidpointRounding.ToEven);
}
