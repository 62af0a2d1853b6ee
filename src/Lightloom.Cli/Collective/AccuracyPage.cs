using System.Globalization;
using Lightloom.Collectives;
using Lightloom.Collectives.Fitting;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Writes <c>docs/accuracy.md</c>: how far predictions of collectives are off, by size and class, for systems in the fit and left out of it.</summary>
static class AccuracyPage
{
    /// <summary>Classes of systems, by the mechanism that sets the class.</summary>
    static readonly (string Name, string[] Mechanisms)[] Classes =
    [
        ("One NVSwitch node", ["nvlink3", "nvlink4", "nvlink5"]),
        ("One rack of NVLink", ["nvlink5-rack"]),
        ("One node of xGMI", ["xgmi"]),
        ("InfiniBand", ["infiniband"]),
        ("RoCEv2", ["rocev2"]),
        ("EFA, TCPXO, Slingshot", ["efa", "efa-unordered", "tcpxo", "slingshot"]),
    ];

    static readonly Color[] Colours = [.. new[] { "#4E79A7", "#F28E2B", "#59A14F", "#E15759", "#76B7B2", "#B07AA1", "#9C755F", "#EDC948" }.Select(Color.FromHex)];

    public static void Write(string file, IReadOnlyList<MeasuredCollective> rows, LeaveOneSystemOut result, double inside)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "accuracy");
        Directory.CreateDirectory(folder);
        var errors = rows.Select((r, i) => new Error(r, result.All.Predict(r.Observation).Total / r.Observation.Time - 1, result.Predicted[i].Total / r.Observation.Time - 1)).ToList();
        Draw(Path.Combine(folder, "collectives.svg"), errors);
        using var section = new StringWriter { NewLine = "\n" };
        Text(section, errors, result, inside);
        PageSection.Write(file, "Collectives", section.ToString());
    }

    static void Text(TextWriter output, List<Error> errors, LeaveOneSystemOut result, double inside)
    {
        output.WriteLine("Written by `lightloom collective fit --page`.");
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{errors.Count} published points of {result.Without.Count} systems (`data/validation/collectives/measured.csv`). *Fitted*: the system's rows took part in the fit."));
        output.WriteLine("*Unseen*: every system predicted by a fit on all others, which is what to expect of a system that is not in the tables. Errors are");
        output.WriteLine("predicted / published - 1 of the time; medians and nine-in-ten are of absolute errors.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inside * 100:0.#} % of the points lie inside bands that were made without their system."));
        output.WriteLine();
        Table(output, "size", errors.GroupBy(e => CollectiveAccuracy.BandOf(e.Row.Observation.Size)).OrderBy(g => g.Key).Select(g => (CollectiveAccuracy.BandName(g.Key), g.AsEnumerable())));
        Table(output, "class of system", Classes.Select(c => (c.Name, errors.Where(e => c.Mechanisms.Contains(e.Row.Cluster.Mechanism)))).Where(g => g.Item2.Any()));
        output.WriteLine("![Errors of unseen systems by size and class](accuracy/collectives.svg)");
        output.WriteLine();
        Table(output, "published table", errors.GroupBy(e => e.Row.Row["id"]).Select(g => (g.Key, g.AsEnumerable())));
        output.WriteLine("What the tables don't say costs most below 1 MiB: how the test was launched. One process that launches on eight GPUs in turn takes about");
        output.WriteLine("40 us a round whatever the size, one process for each GPU 10 to 20 us; single nodes are taken for the former, which is how the programs'");
        output.WriteLine("own instructions run them, several nodes for the latter. `vultr-b200-1n-sr-v2` has a plateau from 16 to 512 MiB that no mechanism here");
        output.WriteLine("makes; rows of a cloud's tuner plugin (`stas-p6b200-1n-ar`) are predicted but teach the fit nothing.");
    }

    static void Table(TextWriter output, string head, IEnumerable<(string Name, IEnumerable<Error> Errors)> groups)
    {
        output.WriteLine($"| {head} | rows | median, fitted | median, unseen | nine in ten, unseen | bias, unseen |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var (name, of) in groups)
        {
            Error[] group = [.. of];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {group.Length} | {Quantile(group.Select(e => e.Fitted), 0.5) * 100:0.0} % | {Quantile(group.Select(e => e.Unseen), 0.5) * 100:0.0} % | {Quantile(group.Select(e => e.Unseen), 0.9) * 100:0.0} % | {group.Average(e => e.Unseen) * 100:+0.0;-0.0} % |"));
        }
        output.WriteLine();
    }

    static void Draw(string file, List<Error> errors)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(Classes.Length);
        multiplot.Layout = new ScottPlot.MultiplotLayouts.Grid(3, 2);
        for (var i = 0; i < Classes.Length; i++)
        {
            var plot = multiplot.GetPlot(i);
            var colour = 0;
            var of = errors.Where(e => Classes[i].Mechanisms.Contains(e.Row.Cluster.Mechanism)).ToList();
            foreach (var table in of.GroupBy(e => e.Row.Row["id"]).OrderByDescending(g => g.Count()))
            {
                var points = plot.Add.ScatterPoints(table.Select(e => Math.Log2(e.Row.Observation.Size.Bytes)).ToArray(), table.Select(e => 100 * Math.Clamp(e.Unseen, -1, 2)).ToArray(), Colours[colour % Colours.Length]);
                points.MarkerSize = 5;
                if (colour < 7) points.LegendText = table.Key;
                colour++;
            }
            plot.Add.HorizontalLine(0, 1, Colors.Black);
            double[] ticks = [3, 10, 20, 30];
            plot.Axes.Bottom.SetTicks(ticks, ["8 B", "1 KiB", "1 MiB", "1 GiB"]);
            plot.Axes.Left.Label.Text = "unseen error, %";
            plot.Title(Classes[i].Name);
            plot.Legend.FontSize = 10;
            plot.ShowLegend(Edge.Right);
            plot.Axes.SetLimits(2, 36, -100, 200);
        }
        PlotFile.Save(file, multiplot);
    }

    /// <summary>The absolute error that a share of them stays within.</summary>
    public static double Quantile(IEnumerable<double> errors, double share)
    {
        var sorted = errors.Select(Math.Abs).Order().ToArray();
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }

    sealed record Error(MeasuredCollective Row, double Fitted, double Unseen);
}
