using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws what designs give against what they cost, with the ranges of both.</summary>
static class ComparisonPlot
{
    /// <summary>Draws tokens/s and cost of a million tokens; of designs without jobs the bandwidth of a large all-reduce and the capital.</summary>
    /// <exception cref="InputException">No design has both figures.</exception>
    public static void Save(string file, ComparisonStudy study)
    {
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key, StringComparer.Ordinal);
        var (across, up) = study.Designs.All(d => d.MillionTokens is not null)
            ? (rows["effectiveTokensPerSecond"], rows["millionTokens_USD"])
            : (rows["allReduce_GBps"], rows["capital_MUSD"]);
        var drawn = Enumerable.Range(0, study.Designs.Count).Where(i => across.Values[i] is not null && up.Values[i] is not null).ToList();
        if (drawn.Count == 0) throw new InputException($"--plot draws {up.Name} over {across.Name}, and no design has both");
        var multiplot = new Multiplot();
        multiplot.AddPlots(study.Designs.Count > 1 ? 2 : 1);
        TradeOff(multiplot.GetPlot(0), study, across, up, drawn);
        if (study.Designs.Count > 1) Premiums(multiplot.GetPlot(1), study, rows[up.Key == "capital_MUSD" ? "networkPremium_share" : "millionTokensPremium_share"]);
        PlotFile.Save(file, multiplot);
    }

    static void TradeOff(Plot plot, ComparisonStudy study, ComparisonRow across, ComparisonRow up, List<int> drawn)
    {
        foreach (var i in drawn)
        {
            var (x, y, color) = (across.Values[i]!.Value, up.Values[i]!.Value, ColorOf(i));
            Bar(plot, color, x.Low, y.Value, x.High, y.Value);
            Bar(plot, color, x.Value, y.Low, x.Value, y.High);
            var marker = plot.Add.Marker(x.Value, y.Value, MarkerShape.FilledCircle, 11, color);
            marker.LegendText = study.Designs[i].Name;
        }
        plot.Axes.Bottom.Label.Text = Label(across);
        plot.Axes.Left.Label.Text = Label(up);
        plot.Title($"{study.Title}; lines: ranges");
        plot.ShowLegend(Alignment.UpperRight);
    }

    // Ranges of two designs overlap, for they share most of what is uncertain: what is left of it between them.
    static void Premiums(Plot plot, ComparisonStudy study, ComparisonRow premiums)
    {
        for (var i = 1; i < study.Designs.Count; i++)
        {
            if (premiums.Values[i] is not { } premium) continue;
            Bar(plot, ColorOf(i), 100 * premium.Low, -i, 100 * premium.High, -i);
            plot.Add.Marker(100 * premium.Value, -i, MarkerShape.FilledCircle, 11, ColorOf(i));
        }
        plot.Add.VerticalLine(0, 1, Color.FromHex("#333333"));
        plot.Axes.Left.SetTicks([.. study.Designs.Select((_, i) => (double)-i)], [.. study.Designs.Select(d => d.Name)]);
        plot.Axes.SetLimitsY(0.5 - study.Designs.Count, 0.5);
        plot.Axes.Bottom.Label.Text = $"{premiums.Name[..^" over A's".Length]} over those of {study.Designs[0].Name}, %; what both buy at one price counts once";
    }

    static Color ColorOf(int design) => new ScottPlot.Palettes.Category10().GetColor(design % 10);

    static void Bar(Plot plot, Color color, double fromX, double fromY, double toX, double toY)
    {
        var line = plot.Add.Line(fromX, fromY, toX, toY);
        (line.LineWidth, line.Color) = (2, color);
    }

    static string Label(ComparisonRow row) => row.Unit.Length == 0 ? row.Name : $"{row.Name}, {row.Unit}";
}
