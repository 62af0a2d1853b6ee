// The parts file of fitted mechanisms, as data/catalog/collective-parameters.yaml holds it.
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Fitting;

/// <summary>Writes fitted mechanisms as parts.</summary>
public static class MechanismFile
{
    const int Digits = 4;

    /// <summary>Writes every mechanism with its ranges and what it was fitted on.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="observations">What was fitted on.</param>
    /// <param name="result">The fits.</param>
    /// <param name="priors">What they believed before.</param>
    /// <param name="year">When.</param>
    public static void Write(TextWriter output, IReadOnlyList<CollectiveObservation> observations, LeaveOneSystemOut result, MechanismPriors priors, int year)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(priors);
        var rows = observations.Zip(result.Predicted, (o, p) => (Observation: o, Error: Math.Abs(p.Total / o.Time - 1)))
            .SelectMany(r => r.Observation.Network.Fabric is { } fabric ? new[] { (Key: fabric, r), (Key: r.Observation.Network.ScaleUp, r) } : [(Key: r.Observation.Network.ScaleUp, r)])
            .ToLookup(r => r.Key, r => r.r, StringComparer.Ordinal);
        var measured = rows.Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"""
            # How collectives use one level of a network: few parameters, each physical, per mechanism (a generation of scale-up links, a class
            # of fabric), never per system. Written by `lightloom collective fit` from {observations.Count} published points of {result.Without.Count} systems and from
            # data/collectives/mechanisms.yaml, which says what was believed before. Low and high: what the figure becomes with any one system
            # left out, and half the spread of its class at least. Mechanisms that no row speaks of have what their class has, as assumptions.
            kind: collective-parameters
            parts:

            """));
        foreach (var (key, part) in result.Ranged(priors, measured)) Part(output, key, part, priors[key], [.. rows[key]], year);
    }

    static void Part(TextWriter output, string key, CollectiveParameters part, MechanismPrior prior, IReadOnlyList<(CollectiveObservation Observation, double Error)> rows, int year)
    {
        output.WriteLine($"  {key}:");
        output.WriteLine($"    name: {part.Name}");
        output.WriteLine("    note: >-");
        output.WriteLine($"      {About(rows)}");
        if (part.RingsForBulk) output.WriteLine("    ringsForBulk: true");
        foreach (var parameter in MechanismParameter.All)
        {
            if (parameter.Of(part) is not { } figure) continue;
            var grade = rows.Count == 0 || (parameter.Name.StartsWith("inNetwork", StringComparison.Ordinal) && prior.Class != "scale-up") ? Grade.Assumption : Grade.Measured;
            var source = grade == Grade.Measured ? "nccl-tests-published" : "lightloom";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"    {parameter.Name}: {{ value: {Quantity.Round(figure.Value, Digits)}{parameter.Suffix}, low: {Quantity.Round(figure.Low, Digits)}{parameter.Suffix}, high: {Quantity.Round(figure.High, Digits)}{parameter.Suffix}, year: {year}, source: {source}, grade: {DocumentShape.NameOf(grade)} }}"));
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"    concurrentPeers: {{ value: {prior.ConcurrentPeers}, low: 4, high: {Math.Max(32, prior.ConcurrentPeers)}, year: {year}, source: lightloom, grade: assumption }}"));
    }

    static string About(IReadOnlyList<(CollectiveObservation Observation, double Error)> rows)
    {
        if (rows.Count == 0) return "Fitted on nothing: as its class.";
        var errors = rows.Select(r => r.Error).Order().ToArray();
        var systems = rows.Select(r => r.Observation.Network.System).Distinct(StringComparer.Ordinal).Count();
        var median = errors[errors.Length / 2];
        return string.Create(CultureInfo.InvariantCulture,
            $"Fitted on {rows.Count} rows of {systems} system{(systems == 1 ? "" : "s")}; with each system left out of the fit, its rows are predicted to {median * 100:0.#} % (median).");
    }
}
