using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws a forecast: bus bandwidth and time over size, with the band and the limit.</summary>
static class CollectiveForecastPlot
{
    static readonly Color Expected = Color.FromHex("#4E79A7");
    static readonly Color Limit = Color.FromHex("#E15759");

    public static void Save(string file, CollectiveForecast forecast)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        double Bus(CollectiveForecastPoint p, Duration time) => (p.BusBandwidth * (p.Time.Total.Seconds / time.Seconds)).GigabytesPerSecond;
        var title = $"{DocumentShape.NameOf(forecast.Kind)}, {forecast.Network.Systems:N0} x {forecast.Network.System.Name}";
        Draw(multiplot.GetPlot(0), forecast, Bus, "bus bandwidth, GB/s", title);
        Draw(multiplot.GetPlot(1), forecast, (_, time) => Math.Log10(time.Microseconds), "time, us", "");
        var plot = multiplot.GetPlot(1);
        var limits = plot.Axes.GetLimits();
        double[] decades = [.. Enumerable.Range(-1, 12).Select(d => (double)d).Where(d => d >= limits.Bottom - 1 && d <= limits.Top + 1)];
        plot.Axes.Left.SetTicks(decades, [.. decades.Select(d => Math.Pow(10, d).ToString("#,0.###", System.Globalization.CultureInfo.InvariantCulture))]);
        PlotFile.Save(file, multiplot);
    }

    static void Draw(Plot plot, CollectiveForecast forecast, Func<CollectiveForecastPoint, Duration, double> value, string label, string title)
    {
        var points = forecast.Points;
        double[] sizes = [.. points.Select(p => Math.Log2(p.Size.Bytes))];
        var band = plot.Add.FillY(sizes, [.. points.Select(p => value(p, p.High))], [.. points.Select(p => value(p, p.Low))]);
        band.FillColor = Expected.WithAlpha(0.2);
        band.LineWidth = 0;
        band.LegendText = "where nine in ten points of unseen systems lie";
        var line = plot.Add.Scatter(sizes, points.Select(p => value(p, p.Time.Total)).ToArray(), Expected);
        (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 5, "predicted");
        var limit = plot.Add.Scatter(sizes, points.Select(p => value(p, p.Limit.Bound.Time)).ToArray(), Limit);
        (limit.LineWidth, limit.MarkerSize, limit.LinePattern, limit.LegendText) = (1.5f, 0, LinePattern.Dashed, $"limit {points[^1].Limit.Bound.Kind}");
        var step = sizes[^1] - sizes[0] > 16 ? 4 : sizes[^1] - sizes[0] > 6 ? 2 : 1;
        double[] ticks = [.. Enumerable.Range((int)Math.Ceiling(sizes[0]), (int)(sizes[^1] - Math.Ceiling(sizes[0])) + 1).Where(t => (t - (int)Math.Ceiling(sizes[0])) % step == 0).Select(t => (double)t)];
        plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(t => LogComparison.Bytes(DataSize.FromBytes(Math.Pow(2, t))))]);
        plot.Axes.Bottom.Label.Text = "size";
        plot.Axes.Left.Label.Text = label;
        if (title.Length > 0) plot.Title(title);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.AutoScale();
    }
}
