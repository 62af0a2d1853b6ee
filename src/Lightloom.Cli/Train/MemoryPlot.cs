using Lightloom.Quantities;
using Lightloom.Workloads;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws the memory of each pipeline stage: a bar of its classes, and what the device has.</summary>
static class MemoryPlot
{
    static readonly Color[] Colors =
    [
        Color.FromHex("#4E79A7"), Color.FromHex("#76B7B2"), Color.FromHex("#A0CBE8"), Color.FromHex("#F28E2B"), Color.FromHex("#E15759"),
        Color.FromHex("#EDC948"), Color.FromHex("#59A14F"), Color.FromHex("#B07AA1"), Color.FromHex("#D3D3D3"), Color.FromHex("#9C755F"),
    ];

    public static void Save(string file, string name, IReadOnlyList<MemoryUse> stages, DataSize capacity)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(1);
        var plot = multiplot.GetPlot(0);
        var classes = Enum.GetValues<MemoryClass>();
        var bars = new List<Bar>();
        foreach (var stage in stages)
        {
            var low = 0.0;
            for (var i = 0; i < classes.Length; i++)
            {
                var size = stage[classes[i]].Gigabytes;
                if (size <= 0) continue;
                bars.Add(new() { Position = stage.Stage, ValueBase = low, Value = low + size, FillColor = Colors[i], LineWidth = 0, Size = 0.8 });
                low += size;
            }
        }
        plot.Add.Bars(bars.ToArray());
        var line = plot.Add.HorizontalLine(capacity.Gigabytes);
        line.Color = ScottPlot.Colors.Black;
        line.LinePattern = LinePattern.Dashed;
        var highest = Math.Max(capacity.Gigabytes, stages.Max(s => s.Total.Gigabytes));
        var label = plot.Add.Text($"the device has {capacity.Gigabytes:0.0} GB", -0.5, capacity.Gigabytes);
        label.LabelAlignment = Alignment.LowerLeft;
        foreach (var kind in classes.Where(c => stages.Any(s => s[c] > DataSize.Zero)))
            plot.Legend.ManualItems.Add(new() { LabelText = MemoryNames.Name(kind), FillColor = Colors[(int)kind] });
        plot.ShowLegend(Edge.Right);
        // As many labels as stand beside each other.
        var every = Math.Max(1, (int)Math.Ceiling(stages.Count / 32.0));
        var ticks = Enumerable.Range(0, stages.Count).Where(i => i % every == 0).ToArray();
        plot.Axes.Bottom.SetTicks([.. ticks.Select(i => (double)i)], [.. ticks.Select(i => $"{i}")]);
        plot.Axes.Bottom.Label.Text = "pipeline stage";
        plot.Axes.Left.Label.Text = "memory of an accelerator, GB";
        plot.Title($"{name}: memory of a training step");
        plot.Axes.SetLimits(-0.6, stages.Count - 0.4, 0, highest * 1.08);
        plot.Grid.XAxisStyle.IsVisible = false;
        PlotFile.Save(file, multiplot);
    }
}
