using Lightloom.Optics;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws a link: its waterfall, and how the margin is spread; or the power and price of media over length.</summary>
static class LinkPlot
{
    const int Bins = 120;

    static readonly Color Gain = Color.FromHex("#4E79A7");
    static readonly Color Loss = Color.FromHex("#F28E2B");
    static readonly Color Good = Color.FromHex("#59A14F");
    static readonly Color Bad = Color.FromHex("#E15759");

    public static void Save(string file, LinkAnswer answer)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(answer.Budget is null ? 1 : 2);
        Waterfall(multiplot.GetPlot(0), answer);
        if (answer.Budget is { } budget) Histogram(multiplot.GetPlot(1), answer, budget);
        PlotFile.Save(file, multiplot);
    }

    public static void Save(string file, IReadOnlyList<LinkComparison> answers)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Ladder(multiplot.GetPlot(0), answers, "power of both ends, W", l => l.Power.Watts);
        Ladder(multiplot.GetPlot(1), answers, "price of the link, USD", l => LinkReport.PriceKnown(l) ? l.Price.Value.Dollars : double.NaN);
        PlotFile.Save(file, multiplot);
    }

    static void Waterfall(Plot plot, LinkAnswer answer)
    {
        var link = answer.Chosen;
        var bars = new List<Bar>();
        var ticks = new List<(double At, string Label)>();
        var terms = link.Waterfall;
        for (var i = 0; i < terms.Count; i++)
        {
            var (from, to) = (terms[i].Cumulative.Si - terms[i].Change.Si, terms[i].Cumulative.Si);
            Add(terms.Count - i, from, to, terms[i].Change.Si >= 0 ? Gain : Loss, $"{LinkReport.Signed(terms[i].Change.Si)}", terms[i].Name);
        }
        Add(0, 0, link.Margin.Si, link.Closes ? Good : Bad, $"{LinkReport.Signed(link.Margin.Si)}", "margin");
        var plottable = plot.Add.Bars(bars.ToArray());
        plottable.Horizontal = true;
        plot.Add.VerticalLine(0, 1, Colors.Black);
        plot.Axes.Left.SetTicks([.. ticks.Select(t => t.At)], [.. ticks.Select(t => t.Label)]);
        plot.Axes.Bottom.Label.Text = "dB";
        plot.Title($"{link.Name}, {LinkAnswer.Describe(answer.Request)}");
        var low = Math.Min(0, link.Waterfall.Min(t => t.Cumulative.Si));
        var high = Math.Max(0.1, link.Waterfall.Max(t => t.Cumulative.Si));
        plot.Axes.SetLimits(low - 0.1 * (high - low), high + 0.15 * (high - low), -0.8, terms.Count + 0.8);
        plot.HideGrid();

        void Add(double at, double from, double to, Color color, string label, string name)
        {
            bars.Add(new()
            {
                Position = at,
                ValueBase = Math.Min(from, to),
                Value = Math.Max(from, to),
                FillColor = color,
                LineWidth = 0,
                Label = label,
                Orientation = Orientation.Horizontal,
            });
            ticks.Add((at, name.Length <= 60 ? name : name[..57] + "..."));
        }
    }

    static void Histogram(Plot plot, LinkAnswer answer, StatisticalBudget budget)
    {
        var (low, high) = (budget.Quantile(1e-7).Si, budget.Quantile(1 - 1e-7).Si);
        if (high - low < 0.01) (low, high) = (low - 0.1, high + 0.1);
        var width = (high - low) / Bins;
        var bars = new Bar[Bins];
        for (var i = 0; i < Bins; i++)
        {
            var from = low + i * width;
            var share = budget.ShareBelow(Quantities.Decibels.FromDecibels(from + width)) - budget.ShareBelow(Quantities.Decibels.FromDecibels(from));
            bars[i] = new() { Position = from + width / 2, Value = share * LinkAnswer.Population, Size = width, LineWidth = 0, FillColor = from + width / 2 < 0 ? Bad : Gain };
        }
        plot.Add.Bars(bars);
        Mark(0, "0 dB", Colors.Black);
        Mark(answer.Chosen.TypicalMargin.Si, "typical losses, worst modules", Loss);
        Mark(answer.Chosen.WorstMargin.Si, "largest losses, worst modules", Bad);
        if (answer.Sampled is { } sampled)
        {
            var bins = sampled.Histogram(256);
            var scale = LinkAnswer.Population / (double)sampled.Links * width / (bins[0].To.Si - bins[0].From.Si);
            var drawn = plot.Add.Scatter(bins.Select(b => (b.From.Si + b.To.Si) / 2).ToArray(), bins.Select(b => b.Links * scale).ToArray(), Colors.Black);
            drawn.LineWidth = 1;
            drawn.MarkerSize = 0;
            drawn.LegendText = $"drawn, {sampled.Links:N0} links";
        }
        plot.Axes.Bottom.Label.Text = "margin, dB";
        plot.Axes.Left.Label.Text = $"links of {LinkAnswer.Population:N0}";
        plot.Title($"{LinkReport.Number(budget.ExpectedFailing(LinkAnswer.Population), 3)} of {LinkAnswer.Population:N0} links below 0 dB; mean {LinkReport.Signed(budget.Mean.Si)} dB, σ {budget.StandardDeviation.Si:0.00} dB");
        plot.ShowLegend(Alignment.UpperRight);
        var left = Math.Min(low, Math.Min(0, answer.Chosen.WorstMargin.Si));
        plot.Axes.SetLimits(left - 0.2, Math.Max(high, 0) + 0.2, 0, Math.Max(1, bars.Max(b => b.Value)) * 1.15);
        plot.HideGrid();

        void Mark(double at, string label, Color color)
        {
            var line = plot.Add.VerticalLine(at, 2, color, LinePattern.Dashed);
            line.LegendText = label;
        }
    }

    static void Ladder(Plot plot, IReadOnlyList<LinkComparison> answers, string label, Func<EngineeredLink, double> value)
    {
        var palette = new ScottPlot.Palettes.Category20();
        var drawn = 0;
        foreach (var answer in answers)
        {
            var kinds = answer.Rungs.SelectMany(r => r.Links).Select(l => l.Class).Distinct().Order().ToList();
            foreach (var kind in kinds)
            {
                var points = answer.Rungs.Select(r => (r.Length, Link: r.Links.FirstOrDefault(l => l.Class == kind)))
                    .Where(p => p.Link is not null && double.IsFinite(value(p.Link)) && p.Length.Meters > 0).ToList();
                if (points.Count == 0) continue;
                var line = plot.Add.Scatter(points.Select(p => Math.Log10(p.Length.Meters)).ToArray(), points.Select(p => value(p.Link!)).ToArray(), palette.GetColor(drawn++));
                line.LineWidth = 2;
                line.LegendText = $"{answer.Request.Rate}, {LinkComparisonReport.KindOf(kind)}";
            }
        }
        double[] decades = [0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
        plot.Axes.Bottom.SetTicks([.. decades.Select(Math.Log10)], [.. decades.Select(d => Quantities.Length.FromMeters(d).ToString())]);
        plot.Axes.Bottom.Label.Text = "length";
        plot.Axes.Left.Label.Text = label;
        plot.ShowLegend(Edge.Right);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, Math.Max(1, plot.Axes.GetLimits().Top));
    }
}
