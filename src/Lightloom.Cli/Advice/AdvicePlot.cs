using Lightloom.Planning;
using Lightloom.Planning.Advice;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws for each question what the best option of each layer buys, over what the best of all buys, with its range.</summary>
static class AdvicePlot
{
    static readonly (Layer Layer, string Colour)[] Layers = [(Layer.Light, "#F28E2B"), (Layer.Loom, "#4E79A7"), (Layer.Compute, "#59A14F")];

    public static void Save(string file, IReadOnlyList<AdviceAnswer> answers)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(1);
        Draw(multiplot.GetPlot(0), answers);
        PlotFile.Save(file, multiplot);
    }

    static void Draw(Plot plot, IReadOnlyList<AdviceAnswer> answers)
    {
        const double Between = 0.26;
        var bars = new List<Bar>();
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i].Best is not { } best) continue;
            foreach (var (place, (layer, colour)) in Layers.Index())
            {
                if (answers[i].Options.FirstOrDefault(o => o.Layer == layer) is not { } option) continue;
                var position = -i - ((place - 1) * Between);
                var scale = 100 / best.Buys.Value;
                bars.Add(new() { Position = position, Value = scale * option.Buys.Value, FillColor = Color.FromHex(colour), LineWidth = 0, Size = Between * 0.9, Orientation = Orientation.Horizontal });
                if (option.Buys.Low == option.Buys.High) continue;
                var line = plot.Add.Line(scale * option.Buys.Low, position, scale * option.Buys.High, position);
                (line.LineWidth, line.Color) = (2, Color.FromHex("#333333"));
            }
        }
        plot.Add.Bars(bars.ToArray());
        foreach (var (layer, colour) in Layers) plot.Legend.ManualItems.Add(new() { LabelText = LayerNames.Of(layer), FillColor = Color.FromHex(colour) });
        plot.Axes.Left.SetTicks([.. answers.Select((_, i) => (double)-i)], [.. answers.Select(a => $"{a.Claim?.Id} {a.Scenario}".Trim())]);
        plot.Axes.Bottom.Label.Text = "what the best change of a layer buys, % of what the best of all buys; lines: range";
        plot.Title("Which layer pays, by question");
        plot.Axes.SetLimitsX(0, 1.05 * Math.Max(100, answers.Where(a => a.Best is not null).Max(a => 100 * a.Best!.Buys.High / a.Best.Buys.Value)));
        plot.ShowLegend(Alignment.LowerRight);
    }
}
