using Lightloom.Planning;
using Lightloom.Simulation.Packets;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws completion times of flows, and loads of links over time.</summary>
static class SimulatePlot
{
    const int MostPoints = 2000;

    static readonly Color[] Colours =
    [
        Color.FromHex("#4E79A7"), Color.FromHex("#F28E2B"), Color.FromHex("#59A14F"), Color.FromHex("#E15759"), Color.FromHex("#B07AA1"), Color.FromHex("#EDC948"),
    ];

    public static void Save(string file, string title, TrafficSimulation run)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        var (unit, scale) = run.Run.Seconds switch { >= 1 => ("s", 1.0), >= 1e-3 => ("ms", 1e3), _ => ("us", 1e6) };
        Completions(multiplot.GetPlot(0), title + (run.Run.IsComplete ? "" : " (partial)"), run.Completions.Count, run.Completions.Quantile, unit, scale);
        Loads(multiplot.GetPlot(1), run, unit, scale);
        PlotFile.Save(file, multiplot);
    }

    /// <summary>Completion times of flows, and what waits in switches over time.</summary>
    public static void Save(string file, string title, PacketRun run)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        var times = run.CompletionTimes();
        Completions(multiplot.GetPlot(0), title + (run.IsComplete ? "" : " (partial)"), times.Length, share => times.Length == 0 ? 0 : PacketRun.NearestRank(times, share), "us", 1);
        var plot = multiplot.GetPlot(1);
        double[] at = [.. run.Samples.Select(s => s.Time.Picoseconds / 1e6)];
        void Line(string name, int colour, Func<PacketSample, double> of)
        {
            var curve = plot.Add.Scatter(at, run.Samples.Select(of).ToArray(), Colours[colour]);
            curve.LineWidth = 2;
            curve.MarkerSize = 0;
            curve.LegendText = name;
        }
        Line("all queues", 0, s => s.Queued.Bytes / 1e3);
        Line("the longest", 3, s => s.LongestQueue.Bytes / 1e3);
        plot.Title("Data that wait in switches");
        plot.Axes.Bottom.Label.Text = "time, us";
        plot.Axes.Left.Label.Text = "kB";
        plot.ShowLegend(Edge.Right);
        plot.Axes.SetLimits(0, at.DefaultIfEmpty(0).Max() + 1, 0, 1.05 * Math.Max(1, run.Samples.Select(s => s.Queued.Bytes / 1e3).DefaultIfEmpty(0).Max()));
        PlotFile.Save(file, multiplot);
    }

    static void Completions(Plot plot, string title, int count, Func<double, double> quantile, string unit, double scale)
    {
        var points = Math.Min(MostPoints, Math.Max(2, count));
        var (x, y) = (new double[points], new double[points]);
        for (var i = 0; i < points; i++)
        {
            y[i] = 100.0 * i / (points - 1);
            x[i] = scale * quantile(y[i] / 100);
        }
        var curve = plot.Add.Scatter(x, y, Colours[0]);
        curve.LineWidth = 2;
        curve.MarkerSize = 0;
        plot.Title(title);
        plot.Axes.Bottom.Label.Text = $"time from a flow's start to its arrival, {unit}";
        plot.Axes.Left.Label.Text = "% of flows";
        plot.Axes.SetLimits(0, Math.Max(1e-12, 1.05 * x[^1]), 0, 105);
    }

    static void Loads(Plot plot, TrafficSimulation run, string unit, double scale)
    {
        var n = 0;
        foreach (var use in SimulateReport.Loads(run).Where(u => u.Most > 0))
        {
            var values = use.OverTime;
            var width = scale * run.Links.Seconds / values.Count;
            var curve = plot.Add.Scatter(Enumerable.Range(0, values.Count).Select(b => (b + 0.5) * width).ToArray(), values.Select(v => 100 * v).ToArray(), Colours[n % Colours.Length]);
            curve.LineWidth = 2;
            curve.MarkerSize = 0;
            curve.LinePattern = n % 2 == 0 ? LinePattern.Solid : LinePattern.Dashed; // up and down are often the same
            curve.LegendText = use.Direction;
            n++;
        }
        plot.Title("Mean load of links");
        plot.Axes.Bottom.Label.Text = $"time, {unit}";
        plot.Axes.Left.Label.Text = "% of what they carry";
        plot.ShowLegend(Edge.Right);
        plot.Axes.SetLimits(0, Math.Max(1e-12, scale * run.Links.Seconds), 0, 105);
    }
}
