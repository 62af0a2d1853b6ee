using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>One figure of several designs.</summary>
/// <param name="Key">Its name in JSON, with the unit.</param>
/// <param name="Name">Its name in a report.</param>
/// <param name="Unit">Its unit in a report.</param>
/// <param name="Values">The figure of each design; null where a design has none.</param>
public sealed record ComparisonRow(string Key, string Name, string Unit, IReadOnlyList<double?> Values)
{
    /// <summary>Relative difference of a design's figure from the first design's, or null where that has no meaning.</summary>
    public double? Difference(int index) => Values[index] is { } value && Values[0] is { } first && first != 0 ? (value / first) - 1 : null;
}

/// <summary>Puts evaluations side by side.</summary>
public static class Comparison
{
    /// <summary>The figures of the field for each design.</summary>
    public static IReadOnlyList<ComparisonRow> Of(IReadOnlyList<Evaluation> evaluations)
    {
        ArgumentNullException.ThrowIfNull(evaluations);
        var rows = new List<ComparisonRow>();
        Add("accelerators", "accelerators", "", e => e.Build.Plan.AcceleratorCount);
        Add("switches", "switches", "", e => e.Build.Plan.SwitchCount);
        Add("links", "links", "", e => e.Build.Plan.LinkCount);
        Add("openLinks", "links that do not close", "", e => e.Build.Links.Sum(l => l.Open));
        Add("worstMargin_dB", "worst link margin", "dB", e => Finite(e.Build.Links.Min(l => l.WorstMargin.Si)));
        Add("bisectionShare", "bisection over injection", "", e => e.Build.Plan.BisectionShare.Si);
        Add("diameter_hops", "switches on the longest path", "", e => e.Build.Plan.Diameter);
        Add("stepTime_s", "step", "s", e => e.Outcome?.Step.Time.Seconds);
        Add("exposedCommunication_s", "exposed communication", "s", e => e.Outcome?.Step.ExposedCommunication.Seconds);
        Add("tokensPerSecond", "tokens/s", "", e => e.Outcome?.Step.TokensPerSecond);
        Add("rate_TFLOPs", "rate per accelerator", "TFLOP/s", e => e.Outcome?.Step.RatePerAccelerator(FlopConvention.Model).Teraflops);
        Add("memory_GB", "memory per accelerator", "GB", e => e.Outcome?.Step.Memory.Total.Gigabytes);
        Add("interruptionMeanTime_h", "mean time between interruptions", "h", e => Finite(e.Outcome?.Goodput.Interruptions.MeanTime.Hours));
        Add("effectiveShare", "effective share of time", "", e => e.Outcome?.Goodput.EffectiveShare);
        Add("effectiveTokensPerSecond", "tokens/s with failures", "", e => e.Outcome?.EffectiveTokensPerSecond);
        Add("opticsPower_kW", "power of modules and cables", "kW", e => Layered(e, Layer.Light));
        Add("fabricPower_kW", "power of switches and cards", "kW", e => Layered(e, Layer.Loom));
        Add("power_kW", "IT power in use", "kW", e => e.Power.InUse.Kilowatts);
        Add("opticsCapital_MUSD", "capital: modules and cables", "MUSD", e => e.Build.Links.Sum(l => l.Electronics.Value.Dollars + l.Plant.Value.Dollars) / 1e6);
        Add("capital_MUSD", "capital", "MUSD", e => e.Economics.TotalCapital.Value.Dollars / 1e6);
        Add("yearlyCost_MUSD", "cost of a year", "MUSD", e => e.Economics.Yearly.Value.Dollars / 1e6);
        Add("acceleratorHour_USD", "accelerator-hour", "USD", e => e.Economics.PerAcceleratorHour.Value.Dollars);
        Add("millionTokens_USD", "million tokens", "USD", e => e.MillionTokens?.Value.Dollars);
        return rows;

        void Add(string key, string name, string unit, Func<Evaluation, double?> value) =>
            rows.Add(new(key, name, unit, [.. evaluations.Select(value)]));
    }

    // Failures that never come have no mean time, a link that nothing fits has no margin.
    static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    static double Layered(Evaluation evaluation, Layer layer) => evaluation.Power.Items.Where(i => i.Layer == layer).Sum(i => i.InUse).Kilowatts;
}
