using Lightloom.Planning;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws a year's cost by part with its range, and what moves the cost of an accelerator-hour.</summary>
static class CostPlot
{
    const int MostDrivers = 10;

    public static void Save(string file, CostStudy study)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Year(multiplot.GetPlot(0), study);
        Drivers(multiplot.GetPlot(1), study);
        PlotFile.Save(file, multiplot);
    }

    static void Year(Plot plot, CostStudy study)
    {
        var cost = study.Cost;
        (string Name, CostRange Range)[] parts =
        [
            ("all", cost.Yearly), ("capital", cost.YearlyCapital), ("support", cost.YearlySupport), ("replaced", cost.YearlyReplaced), ("energy", cost.YearlyEnergy), ("network in all", cost.NetworkYearly),
            .. cost.Model.HasPricedRoutes ? ((string, CostRange)[])[("routes in all", cost.RoutesYearly)] : [],
        ];
        double Millions(Money money) => study.Currency.Of(money) / 1e6;
        var bars = parts.Select((p, i) => new Bar { Position = -i, Value = Millions(p.Range.Value), FillColor = Color.FromHex("#4E79A7"), LineWidth = 0, Size = 0.6, Orientation = Orientation.Horizontal }).ToArray();
        plot.Add.Bars(bars);
        foreach (var (part, i) in parts.Select((p, i) => (p, i)))
        {
            var line = plot.Add.Line(Millions(part.Range.Low), -i, Millions(part.Range.High), -i);
            (line.LineWidth, line.Color) = (3, Color.FromHex("#333333"));
        }
        plot.Axes.Left.SetTicks([.. parts.Select((_, i) => (double)-i)], [.. parts.Select(p => p.Name)]);
        plot.Axes.Bottom.Label.Text = $"M{study.Currency.Code} a year; lines: nine in ten samples";
        plot.Title($"{study.Evaluation.Build.Document.Design.Name}: {study.Currency.Print(cost.PerAcceleratorHour.Value, "G3")} an accelerator-hour");
        plot.Axes.SetLimitsX(0, 1.1 * Millions(cost.Yearly.High));
    }

    static void Drivers(Plot plot, CostStudy study)
    {
        var drivers = study.Cost.HourDrivers.Take(MostDrivers).ToList();
        var value = study.Currency.Of(study.Cost.PerAcceleratorHour.Value);
        plot.Add.Bars(drivers.SelectMany((d, i) => new[] { BarTo(i, d.Low, "#59A14F"), BarTo(i, d.High, "#E15759") }).ToArray());
        plot.Legend.ManualItems.Add(new() { LabelText = "figure at its low end", FillColor = Color.FromHex("#59A14F") });
        plot.Legend.ManualItems.Add(new() { LabelText = "figure at its high end", FillColor = Color.FromHex("#E15759") });
        plot.Axes.Left.SetTicks([.. drivers.Select((_, i) => (double)-i)], [.. drivers.Select(d => d.Figure.Key)]);
        plot.Axes.Bottom.Label.Text = $"{study.Currency.Code} an accelerator-hour, one figure changed at a time";
        plot.ShowLegend(Alignment.LowerRight);

        Bar BarTo(int place, Money end, string color) => new()
        {
            Position = -place,
            ValueBase = value,
            Value = study.Currency.Of(end),
            FillColor = Color.FromHex(color),
            LineWidth = 0,
            Size = 0.6,
            Orientation = Orientation.Horizontal,
        };
    }
}
