using Lightloom.Planning.Logs;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws bus bandwidth over size: measured, expected with its band, explained, bound.</summary>
static class CollectiveComparePlot
{
    static readonly Color Expected = Color.FromHex("#4E79A7");
    static readonly Color Explained = Color.FromHex("#F28E2B");
    static readonly Color Usual = Color.FromHex("#59A14F");
    static readonly Color Odd = Color.FromHex("#E15759");

    public static void Save(string file, LogComparison comparison)
    {
        var multiplot = new Multiplot();
        var runs = comparison.Runs.Take(6).ToList();
        multiplot.AddPlots(runs.Count);
        for (var i = 0; i < runs.Count; i++) Draw(multiplot.GetPlot(i), comparison, runs[i]);
        PlotFile.Save(file, multiplot);
    }

    static void Draw(Plot plot, LogComparison comparison, ComparedRun compared)
    {
        var run = compared.Run;
        var rows = compared.Rows;
        double[] sizes = [.. rows.Select(r => Math.Log2(r.Row.Size.Bytes))];
        double[] Bandwidth(Func<ComparedRow, Duration> time) => [.. rows.Select(r => run.Bus(r.Row.Size, time(r)).GigabytesPerSecond)];
        var band = plot.Add.FillY(sizes, Bandwidth(r => r.High), Bandwidth(r => r.Low));
        band.FillColor = Expected.WithAlpha(0.15);
        band.LineWidth = 0;
        band.LegendText = "where nine in ten published points lie";
        Line(Bandwidth(r => r.Expected.Total), Expected, "expected");
        if (comparison.Diagnoses.Any(d => d.Probability is not null)) Line(Bandwidth(r => r.Explained), Explained, "expected with the causes found");
        var bound = rows.Where(r => r.Bound.Seconds > 0).ToList();
        if (bound.Count > 0)
        {
            var level = plot.Add.HorizontalLine(run.Bus(bound[^1].Row.Size, bound[^1].Bound).GigabytesPerSecond, 1, Colors.Black);
            level.LegendText = "bound by bandwidth";
        }
        Points(r => r.Inside && r.Mark.Length == 0, Usual, "measured, as usual");
        Points(r => !r.Inside || r.Mark.Length > 0, Odd, "measured, not as usual");
        plot.Axes.Bottom.SetTicks([.. Ticks(sizes)], [.. Ticks(sizes).Select(t => LogComparison.Bytes(DataSize.FromBytes(Math.Pow(2, t))))]);
        plot.Axes.Bottom.Label.Text = "size";
        plot.Axes.Left.Label.Text = "bus bandwidth, GB/s";
        plot.Title($"{run.Name} on {comparison.Cluster.Name}, {run.Ranks:N0} ranks");
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, Math.Max(1e-3, plot.Axes.GetLimits().Top));

        void Line(double[] values, Color color, string name)
        {
            var line = plot.Add.Scatter(sizes, values, color);
            (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 0, name);
        }

        void Points(Func<ComparedRow, bool> which, Color color, string name)
        {
            var chosen = rows.Where(which).ToList();
            if (chosen.Count == 0) return;
            var points = plot.Add.ScatterPoints(chosen.Select(r => Math.Log2(r.Row.Size.Bytes)).ToArray(), chosen.Select(r => run.Bus(r.Row.Size, r.Row.Time).GigabytesPerSecond).ToArray(), color);
            (points.MarkerSize, points.LegendText) = (7, name);
        }
    }

    static IEnumerable<double> Ticks(double[] sizes)
    {
        var step = sizes[^1] - sizes[0] > 16 ? 4 : sizes[^1] - sizes[0] > 6 ? 2 : 1;
        for (var t = Math.Ceiling(sizes[0]); t <= sizes[^1]; t += step) yield return t;
    }
}
