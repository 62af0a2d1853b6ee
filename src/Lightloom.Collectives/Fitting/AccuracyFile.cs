// How far measurements stand from predictions of systems that the fit has not seen, and what was measured: data/collectives/accuracy.yaml.
//
//   ratio     q_i = measured_i / predicted_i, predicted by the fit without the system of row i
//   band      for each class of group (one scale-up domain, several) and band of sizes, the quantiles a and 1 - a of q
//   a         the largest of 5, 4, 3, 2, 1.5 and 1 % whose bands, made without a system, hold nine in ten of that system's rows, over all
//             systems: a band is tried on rows that neither its fit nor its quantiles have seen
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Fitting;

/// <summary>Makes the bands of <see cref="CollectiveAccuracy"/> from fits that left each system out.</summary>
public static class AccuracyFile
{
    static readonly double[] Tails = [0.05, 0.04, 0.03, 0.02, 0.015, 0.01];

    /// <summary>The share of rows inside bands that were made without their system.</summary>
    public static double Inside(IReadOnlyList<CollectiveObservation> observations, LeaveOneSystemOut result) => Widths(RowsOf(observations, result)).Inside;

    /// <summary>Writes bands and ranges.</summary>
    /// <exception cref="InputException">A class or a band of sizes has no row.</exception>
    public static void Write(TextWriter output, IReadOnlyList<CollectiveObservation> observations, LeaveOneSystemOut result)
    {
        ArgumentNullException.ThrowIfNull(output);
        var rows = RowsOf(observations, result);
        var (tail, inside) = Widths(rows);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"""
            # How far measured collectives stand from predictions. Written by `lightloom collective fit`: every system's rows are predicted by a fit on
            # all others. Low and high are ratios measured / predicted, quantiles {tail * 100:0.#} and {100 - (tail * 100):0.#} %: made without a system, such bands hold {inside * 100:0.#} % of
            # that system's rows. Medians are of |predicted / measured - 1|.
            rows: {observations.Count}
            systems: {result.Without.Count}
            inside: {Quantity.Round(inside, 4)}
            bands:

            """));
        foreach (var across in new[] { false, true })
        {
            output.WriteLine(across ? "  acrossDomains:" : "  oneDomain:");
            for (var band = 0; band < CollectiveAccuracy.BandCount; band++)
            {
                var of = rows.Where(r => r.Across == across && r.Band == band).ToArray();
                if (of.Length == 0) throw new InputException($"no row of {(across ? "several domains" : "one domain")}, {CollectiveAccuracy.BandName(band)}: no band can be made of that");
                var (low, high) = Quantiles(of, tail);
                var errors = of.Select(r => Math.Abs(1 / r.Ratio - 1)).Order().ToArray();
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"    - {{ rows: {of.Length}, low: {Quantity.Round(low, 4)}, high: {Quantity.Round(high, 4)}, median: {Quantity.Round(errors[errors.Length / 2], 4)} }}"));
            }
        }
        output.WriteLine("measured:");
        var seen = observations.SelectMany(o => new[] { o.Network.ScaleUp, o.Network.Fabric }.OfType<string>().Select(k => (Key: k, Row: o)))
            .GroupBy(p => p.Key, p => p.Row, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var mechanism in seen)
        {
            var kinds = mechanism.Select(o => o.Kind).Distinct().Order().Select(k => DocumentShape.NameOf(k));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {mechanism.Key}: {{ rows: {mechanism.Count()}, systems: {mechanism.Select(o => o.Network.System).Distinct(StringComparer.Ordinal).Count()}, smallest: {mechanism.Min(o => o.Size.Bytes)} B, largest: {mechanism.Max(o => o.Size.Bytes)} B, fewestRanks: {mechanism.Min(o => o.Network.Group.Ranks)}, mostRanks: {mechanism.Max(o => o.Network.Group.Ranks)}, collectives: [{string.Join(", ", kinds)}] }}"));
        }
    }

    static Row[] RowsOf(IReadOnlyList<CollectiveObservation> observations, LeaveOneSystemOut result)
    {
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(result);
        return [.. observations.Zip(result.Predicted, (o, p) => new Row(o, o.Network.Fabric is not null, CollectiveAccuracy.BandOf(o.Size), o.Time / p.Total))];
    }

    // The narrowest bands that hold nine in ten; the widest where none does.
    static (double Tail, double Inside) Widths(Row[] rows)
    {
        var inside = 0.0;
        foreach (var tail in Tails)
        {
            inside = Coverage(rows, tail);
            if (inside >= 0.9) return (tail, inside);
        }
        return (Tails[^1], inside);
    }

    static double Coverage(Row[] rows, double tail)
    {
        var inside = 0;
        foreach (var system in rows.Select(r => r.Observation.Network.System).Distinct(StringComparer.Ordinal))
        {
            foreach (var group in rows.Where(r => r.Observation.Network.System == system).GroupBy(r => (r.Across, r.Band)))
            {
                var others = rows.Where(r => (r.Across, r.Band) == group.Key && r.Observation.Network.System != system).ToArray();
                if (others.Length == 0) continue;
                var (low, high) = Quantiles(others, tail);
                inside += group.Count(r => r.Ratio >= low && r.Ratio <= high);
            }
        }
        return (double)inside / rows.Length;
    }

    static (double Low, double High) Quantiles(Row[] rows, double tail)
    {
        var sorted = rows.Select(r => r.Ratio).Order().ToArray();
        return (At(sorted, tail), At(sorted, 1 - tail));
    }

    static double At(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    sealed record Row(CollectiveObservation Observation, bool Across, int Band, double Ratio);
}
