using Lightloom.Catalog;
using Lightloom.Planning;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws what each way of spreading leaves, by the queue pairs of a connection.</summary>
static class BalancePlot
{
    static readonly int[] QueuePairs = [1, 2, 4, 8, 16, 32, 64];

    static readonly Color[] Colours =
    [
        Color.FromHex("#E15759"), Color.FromHex("#F28E2B"), Color.FromHex("#EDC948"), Color.FromHex("#59A14F"), Color.FromHex("#4E79A7"), Color.FromHex("#B07AA1"),
    ];

    public static void Save(string file, string title, IReadOnlyList<LoadBalancing> policies, Func<IReadOnlyList<LoadBalancing>, BalanceStudy> study)
    {
        // Two that differ in queue pairs alone are one curve.
        var curves = policies.DistinctBy(p => p.Mechanism).ToList();
        var points = QueuePairs.Select(q => study([.. curves.Select(p => p with { QueuePairs = Sourced<int>.Of(q, "plot", Grade.Assumption) })])).ToList();
        var multiplot = new Multiplot();
        var levels = points[0].Levels;
        multiplot.AddPlots(Math.Max(1, levels.Count));
        for (var l = 0; l < levels.Count; l++)
        {
            var plot = multiplot.GetPlot(l);
            for (var c = 0; c < curves.Count; c++)
            {
                var name = curves[c].Mechanism is BalancingMechanism.HashFlows ? "hashed flows" : curves[c].Key;
                double[] Values(Func<BalanceEntry, double> value) => [.. points.Select(p => 100 * value(p.Entries.First(e => e.Level == levels[l] && ReferenceEquals(e.Policy, p.Policies[c]))))];
                double[] places = [.. QueuePairs.Select(q => Math.Log2(q))];
                var expected = plot.Add.Scatter(places, Values(e => (e.Damaged ?? e.Whole).Expected), Colours[c % Colours.Length]);
                expected.LegendText = name;
                expected.LineWidth = 2;
                var likely = plot.Add.Scatter(places, Values(e => (e.Damaged ?? e.Whole).AtLeast95), Colours[c % Colours.Length]);
                likely.LinePattern = LinePattern.Dotted;
                likely.MarkerSize = 0;
            }
            plot.Title(levels.Count == 1 ? title : $"{title}: across the {levels[l]}");
            plot.Axes.Bottom.SetTicks([.. QueuePairs.Select(q => Math.Log2(q))], [.. QueuePairs.Select(q => $"{q}")]);
            plot.Axes.Bottom.Label.Text = "queue pairs of a connection";
            plot.Axes.Left.Label.Text = "% of balanced links (dotted: in 95 of 100)";
            plot.ShowLegend(Edge.Right);
            plot.Axes.AutoScale();
            plot.Axes.SetLimitsY(0, 105);
        }
        PlotFile.Save(file, multiplot);
    }
}
