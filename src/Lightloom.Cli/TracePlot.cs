using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws what became of a trace: how long its parts took, and when its ranks were at work. Keeps counts, not the parts.</summary>
sealed class TracePlot(int ranks)
{
    const int Points = 400;

    static readonly Color[] Colours = [Color.FromHex("#4E79A7"), Color.FromHex("#F28E2B"), Color.FromHex("#59A14F"), Color.FromHex("#E15759"), Color.FromHex("#B07AA1")];

    readonly SortedDictionary<string, DurationCounts> kinds = new(StringComparer.Ordinal);
    readonly ActivityMap activity = new(ranks);

    /// <summary>Says on the error output how far a trace is.</summary>
    public static void Tell(SimTime time, long nodes) => Console.Error.WriteLine(FormattableString.Invariant($"{time.ToDuration()}: {nodes:N0} nodes have ended"));

    /// <summary>Something ended.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="kind">What it was, for the legend.</param>
    /// <param name="busy">Whether it counts as work.</param>
    /// <param name="begin">When it began.</param>
    /// <param name="end">When it ended.</param>
    public void Add(int rank, string kind, bool busy, SimTime begin, SimTime end)
    {
        if (!kinds.TryGetValue(kind, out var counts)) kinds[kind] = counts = new();
        counts.Add(end - begin);
        if (busy) activity.Add(rank, begin, end);
    }

    public void Save(string file, string title, string work)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Durations(multiplot.GetPlot(0), title);
        Activity(multiplot.GetPlot(1), work);
        PlotFile.Save(file, multiplot);
    }

    void Durations(Plot plot, string title)
    {
        var n = 0;
        foreach (var (kind, counts) in kinds)
        {
            var (x, y) = (new double[Points], new double[Points]);
            for (var i = 0; i < Points; i++)
            {
                y[i] = 100.0 * i / (Points - 1);
                x[i] = Math.Log10(Math.Max(1e-3, counts.Quantile(y[i] / 100).Microseconds));
            }
            var curve = plot.Add.Scatter(x, y, Colours[n++ % Colours.Length]);
            curve.LineWidth = 2;
            curve.MarkerSize = 0;
            curve.LegendText = FormattableString.Invariant($"{kind} ({counts.Count:N0})");
        }
        plot.Title(title);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = v => FormattableString.Invariant($"{Math.Pow(10, v):G3}"), IntegerTicksOnly = true };
        plot.Axes.Bottom.Label.Text = "time from begin to end, us";
        plot.Axes.Left.Label.Text = "% of them";
        plot.Axes.SetLimitsY(0, 105);
        plot.ShowLegend(Edge.Right);
    }

    void Activity(Plot plot, string work)
    {
        var (rows, used) = (activity.Rows, Math.Max(1, activity.Used));
        var shares = new double[rows, used];
        for (var r = 0; r < rows; r++)
            for (var b = 0; b < used; b++) shares[r, b] = 100 * activity.Share(r, b);
        var whole = activity.Bin.Seconds * used;
        var (unit, scale) = whole switch { >= 1 => ("s", 1.0), >= 1e-3 => ("ms", 1e3), _ => ("us", 1e6) };
        var map = plot.Add.Heatmap(shares);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        map.ManualRange = new(0, 100);
        // Rank 0 at the top.
        map.Extent = new(0, whole * scale, 0, ranks);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = v => FormattableString.Invariant($"{ranks - v:0}"), IntegerTicksOnly = true };
        plot.Add.ColorBar(map).Label = "%";
        plot.Title($"% of the time {work}");
        plot.Axes.Bottom.Label.Text = $"time, {unit}";
        plot.Axes.Left.Label.Text = activity.RanksPerRow == 1 ? "rank" : $"rank, {activity.RanksPerRow} in a row";
        plot.Axes.SetLimits(0, whole * scale, 0, ranks);
    }
}
