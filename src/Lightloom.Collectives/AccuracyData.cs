using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>data/collectives/accuracy.yaml.</summary>
sealed record AccuracyData
{
    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int Rows { get; init; }

    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int Systems { get; init; }

    [Limits(Minimum = 0, Maximum = 1)]
    public required double Inside { get; init; }

    public required AccuracyBands Bands { get; init; }

    public required IReadOnlyDictionary<string, MeasuredRange> Measured { get; init; }

    public static AccuracyData Read(string text, string file)
    {
        var binder = new DocumentBinder();
        var data = binder.Bind<AccuracyData>(YamlText.Read(text, file));
        foreach (var (name, bands) in new[] { ("oneDomain", data.Bands.OneDomain), ("acrossDomains", data.Bands.AcrossDomains) })
        {
            if (bands.Count != CollectiveAccuracy.BandCount)
                throw new InputException($"'bands.{name}': expected a list of {CollectiveAccuracy.BandCount}, found {bands.Count}", binder.PlaceOf($"bands.{name}"));
        }
        return data;
    }
}

sealed record AccuracyBands
{
    public required IReadOnlyList<AccuracyBand> OneDomain { get; init; }

    public required IReadOnlyList<AccuracyBand> AcrossDomains { get; init; }
}

sealed record AccuracyBand
{
    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int Rows { get; init; }

    [Limits(Minimum = 1e-3, Maximum = 1e3)]
    public required double Low { get; init; }

    [Limits(Minimum = 1e-3, Maximum = 1e3)]
    public required double High { get; init; }

    [Limits(Minimum = 0, Maximum = 1e3)]
    public required double Median { get; init; }
}

sealed record MeasuredRange
{
    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int Rows { get; init; }

    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int Systems { get; init; }

    [Limits(Minimum = 0, Maximum = 1e18)]
    public required DataSize Smallest { get; init; }

    [Limits(Minimum = 0, Maximum = 1e18)]
    public required DataSize Largest { get; init; }

    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int FewestRanks { get; init; }

    [Limits(Minimum = 1, Maximum = 1e9)]
    public required int MostRanks { get; init; }

    public required IReadOnlyList<CollectiveKind> Collectives { get; init; }
}
