using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws what designs give against what they cost, with the ranges of both.</summary>
static class ComparisonPlot
{
    const int Most = 20;

    /// <summary>Draws tokens/s and cost of a million tokens; of designs without jobs the bandwidth of a large all-reduce and the capital.</summary>
    /// <exception cref="InputException">Fewer than two designs have both figures.</exception>
    public static void Save(string file, ComparisonStudy study)
    {
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key, StringComparer.Ordinal);
        var (across, up) = study.Designs.All(d => d.MillionTokens is not null)
            ? (rows["effectiveTokensPerSecond"], rows["millionTokens_USD"])
            : (rows["allReduce_GBps"], rows["capital_MUSD"]);
        var drawn = Enumerable.Range(0, study.Designs.Count).Where(i => across.Values[i] is not null && up.Values[i] is not null).ToList();
        if (drawn.Count == 0) throw new InputException($"--plot draws {up.Name} over {across.Name}, and no design has both");
        var multiplot = new Multiplot();
        multiplot.AddPlots(1);
        var plot = multiplot.GetPlot(0);
        var palette = new ScottPlot.Palettes.Category20();
        foreach (var i in drawn)
        {
            var (x, y, color) = (across.Values[i]!.Value, up.Values[i]!.Value, palette.GetColor(i % Most));
            Bar(x.Low, y.Value, x.High, y.Value);
            Bar(x.Value, y.Low, x.Value, y.High);
            var marker = plot.Add.Marker(x.Value, y.Value, MarkerShape.FilledCircle, 11, color);
            marker.LegendText = study.Designs[i].Name;

            void Bar(double fromX, double fromY, double toX, double toY)
            {
                var line = plot.Add.Line(fromX, fromY, toX, toY);
                (line.LineWidth, line.Color) = (2, color);
            }
        }
        plot.Axes.Bottom.Label.Text = Label(across);
        plot.Axes.Left.Label.Text = Label(up);
        plot.Title($"{study.Title}; lines: ranges");
        plot.ShowLegend(Alignment.UpperRight);
        PlotFile.Save(file, multiplot);
    }

    static string Label(ComparisonRow row) => row.Unit.Length == 0 ? row.Name : $"{row.Name}, {row.Unit}";
}
