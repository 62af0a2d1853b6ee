using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws compute utilisation over the bandwidth between sites, one line for each method.</summary>
static class SitesPlot
{
    public static void Save(string file, SitesAnswer answer)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(1);
        var plot = multiplot.GetPlot(0);
        var palette = new ScottPlot.Palettes.Category10();
        double[] bandwidths = [.. answer.Sweep.Select(b => Math.Log10(b.GigabitsPerSecond))];
        var drawn = 0;
        foreach (var method in answer.Methods.Where(m => m.Here is not null))
        {
            var line = plot.Add.Scatter(bandwidths, method.Swept.Select(u => 100 * u).ToArray(), palette.GetColor(drawn++));
            (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 0, method.Method.Title);
        }
        var decades = Enumerable.Range((int)Math.Floor(bandwidths[0]), (int)(Math.Ceiling(bandwidths[^1]) - Math.Floor(bandwidths[0])) + 1).Select(d => (double)d).ToArray();
        plot.Axes.Bottom.SetTicks(decades, [.. decades.Select(d => Bandwidth.FromGigabitsPerSecond(Math.Pow(10, d)).ToString("G3"))]);
        plot.Axes.Bottom.Label.Text = "bandwidth of each route, in each direction";
        plot.Axes.Left.Label.Text = "compute utilisation, %";
        plot.Title($"{answer.Study.Name}: {string.Join(", ", answer.Study.Network.Ring.Hops.Select(h => h.ToString("G3")).Distinct())} one way");
        plot.ShowLegend(Alignment.LowerRight);
        plot.Axes.SetLimits(bandwidths[0], bandwidths[^1], 0, 102);
        PlotFile.Save(file, multiplot);
    }
}
