using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws utilisation against the length of every route, on its own fibre and on another, and what single failures leave.</summary>
static class SitesPlanPlot
{
    const int Points = 41;
    const double Nearest = 10, Farthest = 20_000; // km

    public static void Save(string file, SitesPlan plan, SiteFailures failures, FibreComparison fibres)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Distances(multiplot.GetPlot(0), plan, fibres);
        Left(multiplot.GetPlot(1), failures);
        PlotFile.Save(file, multiplot);
    }

    static void Distances(Plot plot, SitesPlan plan, FibreComparison fibres)
    {
        var palette = new ScottPlot.Palettes.Category10();
        var kilometers = Enumerable.Range(0, Points).Select(i => Nearest * Math.Pow(Farthest / Nearest, i / (Points - 1.0))).ToArray();
        double[] places = [.. kilometers.Select(Math.Log10)];
        var able = plan.Methods.Where(m => m.Forecast is not null).ToList();
        for (var i = 0; i < able.Count; i++)
        {
            Line(able[i], plan.Study.Routes[0].Fibre, LinePattern.Solid, able[i].Method.Name);
            Line(able[i], fibres.Fibre, LinePattern.Dotted, "");

            void Line(MethodPlan method, Catalog.Fibre fibre, LinePattern pattern, string name)
            {
                double[] shares = [.. kilometers.Select(d => 100 * method.Method.Predict(plan.Study.Work, plan.Study.Network.With(Length.FromKilometers(d) * fibre.Delay.Value)).Utilisation)];
                var line = plot.Add.Scatter(places, shares, palette.GetColor(i));
                (line.LineWidth, line.MarkerSize, line.LinePattern, line.LegendText) = (2, 0, pattern, name);
            }
        }
        double[] ticks = [1, 2, 3, 4];
        plot.Axes.Bottom.SetTicks(ticks, ["10 km", "100 km", "1,000 km", "10,000 km"]);
        plot.Axes.Bottom.Label.Text = $"length of every route, at its bandwidth; dotted: {fibres.Fibre.Key}";
        plot.Axes.Left.Label.Text = "compute utilisation, %";
        plot.Title(plan.Study.Name);
        plot.ShowLegend(Alignment.LowerLeft);
        plot.Axes.SetLimits(places[0], places[^1], 0, 102);
    }

    static void Left(Plot plot, SiteFailures failures)
    {
        var palette = new ScottPlot.Palettes.Category10();
        var states = failures.OneDown.ToList();
        var methods = failures.States[0].Left.Count;
        for (var m = 0; m < methods; m++)
        {
            var bars = states.Select((s, i) => new Bar { Position = i + ((m - ((methods - 1) / 2.0)) * 0.8 / methods), Value = 100 * s.Left[m].Kept, Size = 0.8 / methods, FillColor = palette.GetColor(m) }).ToArray();
            plot.Add.Bars(bars);
        }
        plot.Axes.Bottom.SetTicks([.. states.Select((_, i) => (double)i)], [.. states.Select(s => s.Down[0])]);
        plot.Axes.Bottom.Label.Text = "down";
        plot.Axes.Left.Label.Text = "rate kept, %";
        plot.Title("When a route or a site fails; methods in the colours above");
        plot.Axes.Margins(bottom: 0);
    }
}
