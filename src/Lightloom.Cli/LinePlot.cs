using Lightloom.Optics.Lines;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws a line: what each channel is worth, and the worst channel along the way.</summary>
static class LinePlot
{
    static readonly Color Gsnr = Color.FromHex("#59A14F");
    static readonly Color Osnr = Color.FromHex("#4E79A7");
    static readonly Color Interference = Color.FromHex("#F28E2B");

    public static void Save(string file, LineAnswer answer)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Channels(multiplot.GetPlot(0), answer);
        Along(multiplot.GetPlot(1), answer.Study);
        PlotFile.Save(file, multiplot);
    }

    static void Channels(Plot plot, LineAnswer answer)
    {
        var channels = answer.Study.Channels;
        var frequencies = channels.Select(c => c.Frequency.Terahertz).ToArray();
        Add(plot, frequencies, channels.Select(c => c.Gsnr.Si), "GSNR in 0.1 nm", Gsnr);
        Add(plot, frequencies, channels.Select(c => c.Osnr.Si), "OSNR in 0.1 nm", Osnr);
        Add(plot, frequencies, channels.Select(c => c.SnrNonlinear.Si), "SNR_NLI in band", Interference);
        if (answer.Study.Best is { } best)
        {
            var needed = plot.Add.HorizontalLine(best.Mode.RequiredOsnr.Si, 1, Colors.Gray, LinePattern.Dashed);
            needed.LegendText = $"required by {best.Mode.Name}";
        }
        plot.Title(answer.Title);
        plot.Axes.Bottom.Label.Text = "THz";
        plot.Axes.Left.Label.Text = "dB";
        plot.ShowLegend(Edge.Right);
        plot.Axes.AutoScale();
    }

    static void Along(Plot plot, LineStudy study)
    {
        var places = Enumerable.Range(1, study.Stages.Count).Select(i => (double)i).ToArray();
        Add(plot, places, study.Stages.Select(s => s.Gsnr.Si), "GSNR in 0.1 nm", Gsnr);
        Add(plot, places, study.Stages.Select(s => s.Osnr.Si), "OSNR in 0.1 nm", Osnr);
        Add(plot, places, study.Stages.Select(s => s.SnrNonlinear.Si), "SNR_NLI in band", Interference);
        plot.Title($"Along the line: the worst channel, {study.Channels[study.WorstChannel].Frequency.Terahertz:0.0000} THz");
        plot.Axes.Bottom.Label.Text = "behind element";
        plot.Axes.Left.Label.Text = "dB";
        plot.ShowLegend(Edge.Right);
        plot.Axes.AutoScale();
    }

    /// <summary>A curve through what is finite: without amplifiers there is no OSNR to draw.</summary>
    static void Add(Plot plot, double[] xs, IEnumerable<double> values, string label, Color color)
    {
        var points = xs.Zip(values).Where(p => double.IsFinite(p.Second)).ToList();
        if (points.Count == 0) return;
        var curve = plot.Add.Scatter(points.Select(p => p.First).ToArray(), points.Select(p => p.Second).ToArray(), color);
        curve.LegendText = label;
        curve.LineWidth = 2;
        curve.MarkerSize = points.Count > 100 ? 0 : 5;
    }
}
