using Lightloom.Planning.Costs;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Comparisons;

/// <summary>A figure, with its range where it has one.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Low">The low end of its range; the figure itself where it has none.</param>
/// <param name="High">The high end of its range.</param>
public readonly record struct ComparedFigure(double Value, double Low, double High)
{
    /// <summary>Whether it has a range.</summary>
    public bool HasRange => High > Low;
}

/// <summary>One figure of several designs.</summary>
/// <param name="Key">Its name in JSON, with the unit.</param>
/// <param name="Name">Its name in a report.</param>
/// <param name="Unit">Its unit in a report.</param>
/// <param name="Values">The figure of each design; null where a design has none.</param>
/// <param name="IsDifference">Whether it is a difference from the first design already.</param>
public sealed record ComparisonRow(string Key, string Name, string Unit, IReadOnlyList<ComparedFigure?> Values, bool IsDifference = false)
{
    /// <summary>Relative difference of a design's figure from the first design's, or null where that has no meaning.</summary>
    public double? Difference(int index) => !IsDifference && Values[index] is { } value && Values[0] is { Value: not 0 } first ? (value.Value / first.Value) - 1 : null;
}

/// <summary>Puts designs side by side.</summary>
public static class Comparison
{
    const double Micro = 1e6;

    /// <summary>The figures of the field for each design.</summary>
    public static IReadOnlyList<ComparisonRow> Of(IReadOnlyList<ComparedDesign> designs)
    {
        ArgumentNullException.ThrowIfNull(designs);
        var rows = new List<ComparisonRow>();
        Scope();
        Network();
        Job();
        Power();
        Cost();
        return rows;

        void Scope()
        {
            Add("accelerators", "accelerators", "", d => d.Sum(e => e.Build.Plan.AcceleratorCount));
            if (designs.Any(d => d.Sites.Count > 1)) Add("sites", "sites", "", d => d.Sites.Count);
            Add("domainAccelerators", "accelerators of a scale-up domain", "", d => d.Evaluation.Build.Plan.Request.System.Accelerators.Value);
            Add("switches", "switches", "", d => d.Sum(e => e.Build.Plan.SwitchCount));
            Add("links", "links", "", d => d.Sum(e => e.Build.Plan.LinkCount));
            Add("openLinks", "links that do not close", "", d => d.Sum(e => e.Build.Links.Sum(l => l.Open)));
            Add("longestRun_m", "longest run of a cable", "m", d => Ends(d, l => l.Longest.Meters).Max());
            Add("reach_m", "least reach of its media", "m", d => Finite(Ends(d, l => l.Groups.Min(g => g.Link.Reach.Meters)).Min()));
            Add("worstMargin_dB", "worst link margin", "dB", d => Finite(d.Sites.Min(e => e.Build.Links.Min(l => l.WorstMargin.Si))));
        }

        void Network()
        {
            Add("scaleUp_GBps", "scale-up bandwidth per accelerator", "GB/s", d => d.Evaluation.Build.Plan.Request.System.Accelerator.ScaleUpBandwidth.Value.GigabytesPerSecond);
            Add("fabric_GBps", "fabric bandwidth per accelerator", "GB/s", d => d.Evaluation.Build.Plan.InjectionPerAccelerator.GigabytesPerSecond);
            Add("link_Gbps", "bandwidth of a link", "Gb/s", d => d.Evaluation.Build.Plan.Links.Where(l => !l.OnBoard).Select(l => (double?)l.Rate.GigabitsPerSecond).Min());
            Add("bisectionShare", "bisection over injection", "", d => d.Evaluation.Build.Plan.BisectionShare.Si);
            Add("diameter_hops", "switches on the longest path", "", d => d.Evaluation.Build.Plan.Diameter);
            Add("pathLatency_us", "latency across the fabric", "us", d => d.AllReduce?.Network.LineRates is { Count: > 1 } levels ? levels[levels.Count - 1].Latency.Seconds * Micro : null);
            if (designs.Any(d => d.BetweenSites is not null)) Add("betweenSites_us", "latency between sites", "us", d => d.BetweenSites?.Seconds * Micro);
            Forecast("smallAllReduce_us", "all-reduce of 1 KiB", "us", 0, p => new(p.Time.Total.Seconds * Micro, p.Low.Seconds * Micro, p.High.Seconds * Micro));
            Forecast("allReduce_GBps", "all-reduce of 1 GiB, busbw", "GB/s", 1, p =>
            {
                var rate = p.BusBandwidth.GigabytesPerSecond;
                return new(rate, rate * (p.Time.Total / p.High), rate * (p.Time.Total / p.Low));
            });
            Ranged("fewestVendors", "vendors of what fewest make", "", d => DesignFacts.Of(d).Supply.Vendors is var v ? new(v.Value, v.Low, v.High) : null);
        }

        void Job()
        {
            Ranged("stepTime_s", "step", "s", d => d.Step?.Seconds is { } step ? new(step, step * (1 - Band(d)), step * (1 + Band(d))) : null);
            Add("exposedCommunication_s", "exposed communication", "s", d => d.Evaluation.Outcome?.Step.ExposedCommunication.Seconds + (d.Shared?.Exposed.Seconds ?? 0));
            Add("tokensPerSecond", "tokens/s", "", d => d.TokensPerSecond);
            Add("rate_TFLOPs", "rate per accelerator", "TFLOP/s", d => d.Evaluation.Outcome is { } o ? o.Step.RatePerAccelerator(FlopConvention.Model).Teraflops * (o.Step.Time / d.Step!.Value) : null);
            Add("memory_GB", "memory per accelerator", "GB", d => d.Evaluation.Outcome?.Step.Memory.Total.Gigabytes);
            Add("interruptionMeanTime_h", "mean time between interruptions", "h", d => Finite(d.Interruptions?.MeanTime.Hours));
            Add("effectiveShare", "effective share of time", "", d => d.EffectiveShare);
            Ranged("effectiveTokensPerSecond", "tokens/s with failures", "", d => d.EffectiveTokensPerSecond is { } t ? new(t, t / (1 + Band(d)), t / (1 - Band(d))) : null);
        }

        void Power()
        {
            Add("link_pJPerBit", "energy of a link, both ends", "pJ/bit", d => EnergyOf(d));
            Add("opticsPower_kW", "power of modules and cables", "kW", d => Layered(d, Layer.Light));
            Add("fabricPower_kW", "power of switches and cards", "kW", d => Layered(d, Layer.Loom));
            Add("power_kW", "IT power in use", "kW", d => d.Power.InUse.Kilowatts);
            if (designs.Any(d => d.Cost.Model.HasPricedRoutes)) Add("routesPower_kW", "of it routes between sites", "kW", d => d.Cost.Model.Routes.Sum(r => r.Power.Kilowatts));
        }

        void Cost()
        {
            Priced("opticsCapital_MUSD", "capital: modules and cables", "MUSD", 1e6, d => d.Sum(e => e.Build.Links.Aggregate(CostRange.Zero, (sum, l) => sum + l.Electronics + l.Plant)));
            Priced("networkCapital_MUSD", "capital: network", "MUSD", 1e6, d => d.Cost.NetworkCapital);
            Premium("networkPremium_share", "network over A's", d => d.Premium(designs[0], p => p.NetworkCapital));
            Priced("capital_MUSD", "capital", "MUSD", 1e6, d => d.Cost.TotalCapital);
            Routes("routesCapital_MUSD", "of it routes between sites", d => d.Cost.RoutesCapital);
            Priced("yearlyCost_MUSD", "cost of a year", "MUSD", 1e6, d => d.Cost.Yearly);
            Routes("routesYear_MUSD", "of it routes between sites", d => d.Cost.RoutesYearly);
            Priced("acceleratorHour_USD", "accelerator-hour", "USD", 1, d => d.Cost.PerAcceleratorHour);
            Priced("millionTokens_USD", "million tokens", "USD", 1, d => d.MillionTokens);
            Premium("millionTokensPremium_share", "million tokens over A's", d => d.Premium(designs[0], p => p.Yearly, tokens: true));
        }

        void Ranged(string key, string name, string unit, Func<ComparedDesign, ComparedFigure?> value) => rows.Add(new(key, name, unit, [.. designs.Select(value)]));

        void Add(string key, string name, string unit, Func<ComparedDesign, double?> value) =>
            Ranged(key, name, unit, d => value(d) is { } figure ? new(figure, figure, figure) : null);

        void Priced(string key, string name, string unit, double scale, Func<ComparedDesign, CostRange?> value) =>
            Ranged(key, name, unit, d => value(d) is { } cost ? new(cost.Value.Dollars / scale, cost.Low.Dollars / scale, cost.High.Dollars / scale) : null);

        void Routes(string key, string name, Func<ComparedDesign, CostRange> value)
        {
            if (designs.Any(d => d.Cost.Model.HasPricedRoutes)) Priced(key, name, "MUSD", 1e6, d => d.Cost.Model.HasPricedRoutes ? value(d) : null);
        }

        void Premium(string key, string name, Func<ComparedDesign, ShareRange?> value)
        {
            if (designs.Count > 1) rows.Add(new(key, name, "share", [.. designs.Select((d, i) => i > 0 && value(d) is { } share ? new ComparedFigure(share.Value, share.Low, share.High) : (ComparedFigure?)null)], IsDifference: true));
        }

        void Forecast(string key, string name, string unit, int size, Func<CollectiveForecastPoint, ComparedFigure> value) =>
            Ranged(key, name, unit, d => d.AllReduce is { } forecast ? value(forecast.Points[size]) : null);
    }

    // Failures that never come have no mean time, a link that nothing fits has no margin.
    static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    // Below one, so that the fast end of a step stays a time.
    static double Band(ComparedDesign design) => Math.Min(0.95, design.Evaluation.Accuracy?.Band ?? 0);

    static IEnumerable<double> Ends(ComparedDesign design, Func<LinkSummary, double> of) =>
        design.Sites.SelectMany(s => s.Build.Links).Where(l => l.Groups.Count > 0).Select(of).DefaultIfEmpty(double.NaN);

    /// <summary>Mean over all links, by their rates: watts over bits.</summary>
    static double? EnergyOf(ComparedDesign design)
    {
        double watts = 0, bits = 0;
        foreach (var links in design.Sites.SelectMany(s => s.Build.Links))
        {
            watts += links.Groups.Sum(g => g.Count * g.Link.EnergyPerBit.JoulesPerBit * links.Class.Rate.BitsPerSecond);
            bits += links.Groups.Sum(g => g.Count) * links.Class.Rate.BitsPerSecond;
        }
        return bits > 0 ? EnergyPerBit.FromJoulesPerBit(watts / bits).PicojoulesPerBit : null;
    }

    static double Layered(ComparedDesign design, Layer layer) => design.Power.Items.Where(i => i.Layer == layer).Sum(i => i.InUse).Kilowatts;
}
