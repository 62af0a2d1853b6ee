using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws the effective share against the checkpoint interval, and where the time goes.</summary>
static class ReliabilityPlot
{
    const int Points = 120;

    static readonly string[] Colors =
    [
        "#59A14F", "#9C755F", "#BAB0AC", "#E15759", "#F28E2B", "#4E79A7", "#76B7B2", "#EDC948", "#B07AA1", "#FF9DA7", "#333333",
    ];

    public static void Save(string file, ReliabilityStudy study)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Interval(multiplot.GetPlot(0), study);
        Shares(multiplot.GetPlot(1), study);
        PlotFile.Save(file, multiplot);
    }

    static void Interval(Plot plot, ReliabilityStudy study)
    {
        var (model, best) = (study.Model, CheckpointIntervals.Optimum(study.Model.Interruptions, study.Model.CheckpointWrite).Seconds);
        var (low, high) = (Math.Log10(best / 30), Math.Log10(best * 30));
        double[] logs = [.. Enumerable.Range(0, Points).Select(i => low + ((high - low) * i / (Points - 1)))];
        double[] exact = [.. logs.Select(l => 100 * (model with { CheckpointInterval = Duration.FromSeconds(Math.Pow(10, l)) }).Forecast().Effective)];
        var line = plot.Add.Scatter(logs, exact, Color.FromHex("#4E79A7"));
        (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 0, "all that costs time, closed form");
        foreach (var (choice, i) in study.Intervals.Select((c, i) => (c, i)))
        {
            var at = plot.Add.VerticalLine(Math.Log10(choice.Interval.Seconds));
            (at.LineWidth, at.Color, at.LegendText) = (1, Color.FromHex(Colors[3 + i]), $"{choice.Name}: {choice.Interval.ToString("G4")}");
        }
        if (study.Simulated is { } runs)
        {
            var point = plot.Add.Scatter(new[] { Math.Log10(study.Forecast.Interval.Seconds) }, new[] { 100 * runs.Effective }, Color.FromHex("#E15759"));
            (point.MarkerSize, point.LineWidth, point.LegendText) = (9, 0, $"simulated, {runs.Runs.Count:N0} runs");
        }
        var decades = Enumerable.Range((int)Math.Ceiling(low), Math.Max(1, (int)Math.Floor(high) - (int)Math.Ceiling(low) + 1)).Select(d => (double)d).ToArray();
        plot.Axes.Bottom.SetTicks(decades, [.. decades.Select(d => Duration.FromSeconds(Math.Pow(10, d)).ToString("G3"))]);
        plot.Axes.Bottom.Label.Text = "work between two checkpoints";
        plot.Axes.Left.Label.Text = "time that makes progress, %";
        plot.Title($"{study.Evaluation.Build.Document.Design.Name}: an interruption every {study.Forecast.AllInterruptions.MeanTime.ToString("G3")}");
        plot.ShowLegend(Alignment.LowerRight);
        plot.Axes.SetLimits(low, high, 0, 102);
    }

    static void Shares(Plot plot, ReliabilityStudy study)
    {
        var (bars, at) = (new List<Bar>(), 0.0);
        foreach (var (share, i) in study.Forecast.Shares.Select((s, i) => (s, i)))
        {
            if (share.Share <= 0) continue;
            bars.Add(new() { Position = 0, ValueBase = at, Value = at + (100 * share.Share), FillColor = Color.FromHex(Colors[i]), LineWidth = 0, Size = 0.6, Orientation = Orientation.Horizontal });
            at += 100 * share.Share;
            plot.Legend.ManualItems.Add(new() { LabelText = $"{share.Name}: {EvaluationReport.Percent(share.Share)}", FillColor = Color.FromHex(Colors[i]) });
        }
        plot.Add.Bars(bars.ToArray());
        plot.ShowLegend(Edge.Right);
        plot.Axes.Left.SetTicks([], []);
        plot.Axes.Bottom.Label.Text = "share of wall time, %";
        plot.Axes.SetLimits(0, 100, -0.6, 0.6);
    }
}
