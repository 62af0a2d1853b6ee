using Lightloom.Planning.Serving;
using Lightloom.Quantities;
using Lightloom.Workloads.Serving;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws the time to the first token and per token against the rate of requests.</summary>
static class ServePlot
{
    const int Points = 80;

    public static void Save(string file, ServingStudy study)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        var limit = study.Limit.RequestsPerSecond;
        ServingForecast[] curve = [.. Enumerable.Range(0, Points).Select(i => study.System!.At(0.98 * limit * i / (Points - 1))).Where(p => p.IsStable)];
        Draw(multiplot.GetPlot(0), study, "time to the first token, ms", curve, p => p.FirstToken, study.Section.Objectives.FirstToken, study.Simulated?.FirstToken, study.Simulated?.FirstTokenAt(0.99));
        Draw(multiplot.GetPlot(1), study, "time per token, ms", curve, p => p.PerToken, study.Section.Objectives.PerToken, study.Simulated?.PerToken, study.Simulated?.PerTokenAt(0.99));
        PlotFile.Save(file, multiplot);
    }

    static void Draw(Plot plot, ServingStudy study, string label, ServingForecast[] curve, Func<ServingForecast, Duration> of, Duration? objective, Duration? mean, Duration? tail)
    {
        var line = plot.Add.Scatter(curve.Select(p => p.RequestsPerSecond).ToArray(), curve.Select(p => of(p).Milliseconds).ToArray(), Color.FromHex("#4E79A7"));
        (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 0, "closed form");
        Mark(mean, "#59A14F", "simulated mean");
        Mark(tail, "#F28E2B", "99 % of the simulated requests");
        if (objective is { } wanted)
        {
            var level = plot.Add.HorizontalLine(wanted.Milliseconds);
            (level.LineWidth, level.Color, level.LegendText) = (1, Color.FromHex("#E15759"), $"objective, {wanted.ToString("G3")}");
        }
        plot.Axes.Bottom.Label.Text = "requests/s";
        plot.Axes.Left.Label.Text = label;
        plot.Title($"{study.Name}: at most {Quantity.Round(study.Limit.RequestsPerSecond, 4)} requests/s, by {study.Limit.Binds}");
        plot.ShowLegend(Alignment.UpperLeft);
        // Near the limit times grow without bound: what is worth seeing stays within some times those of half the load.
        var usual = curve.Length > 0 ? of(curve[curve.Length / 2]).Milliseconds : 1;
        var top = Math.Max(Math.Max(4 * usual, 1.2 * (objective?.Milliseconds ?? 0)), 1.1 * (tail?.Milliseconds ?? 0));
        plot.Axes.SetLimits(0, study.Limit.RequestsPerSecond, 0, top);

        void Mark(Duration? time, string color, string name)
        {
            if (time is not { } at) return;
            var point = plot.Add.Scatter(new[] { study.RequestsPerSecond }, new[] { at.Milliseconds }, Color.FromHex(color));
            (point.MarkerSize, point.LineWidth, point.LegendText) = (9, 0, name);
        }
    }
}
