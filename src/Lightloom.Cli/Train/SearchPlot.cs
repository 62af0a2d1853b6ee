using Lightloom.Planning;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws what a search of the parallelism found: time against memory.</summary>
static class SearchPlot
{
    static readonly Color Frontier = Color.FromHex("#4E79A7");
    static readonly Color Top = Color.FromHex("#F28E2B");
    static readonly Color Capacity = Color.FromHex("#E15759");

    public static void Save(string file, DesignSearch search)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(1);
        var plot = multiplot.GetPlot(0);
        var (result, capacity) = (search.Result, search.Operation.Capacity.Gigabytes);
        var frontier = result.Frontier;
        var times = frontier.Select(s => s.Time.Seconds).ToArray();
        var sizes = frontier.Select(s => s.Memory.Total.Gigabytes).ToArray();
        if (frontier.Count > 0)
        {
            var line = plot.Add.Scatter(times, sizes, Frontier);
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.MarkerSize = 8;
            line.LegendText = "nothing is as fast in less memory (closed form)";
        }
        var top = plot.Add.ScatterPoints(result.Top.Select(s => s.Time.Seconds).ToArray(), result.Top.Select(s => s.Memory.Total.Gigabytes).ToArray(), Top);
        top.MarkerShape = MarkerShape.FilledDiamond;
        top.MarkerSize = 11;
        top.LegendText = "the fastest that fit, played out";
        var limit = plot.Add.HorizontalLine(capacity, 2, Capacity, LinePattern.Dashed);
        limit.LegendText = $"memory of an accelerator, {capacity:0.0} GB";
        var p = result.Best;
        plot.Title($"{search.Build.Document.Design.Name}: a step of {p.Time.ToString("G4")}");
        plot.Axes.Bottom.Label.Text = "time of a step, s";
        plot.Axes.Left.Label.Text = "memory of the fullest accelerator, GB";
        var all = times.Concat(result.Top.Select(s => s.Time.Seconds)).ToArray();
        // What needs many times the memory of an accelerator would flatten the rest.
        var highest = sizes.Concat(result.Top.Select(s => s.Memory.Total.Gigabytes)).Where(y => y <= 4 * capacity).Append(capacity).Max();
        double span = Math.Max(all.Max() - all.Min(), 0.02 * all.Max());
        plot.Axes.SetLimits(all.Min() - (0.05 * span), all.Max() + (0.08 * span), 0, 1.1 * highest);
        plot.ShowLegend(Alignment.UpperRight);
        PlotFile.Save(file, multiplot);
    }
}
