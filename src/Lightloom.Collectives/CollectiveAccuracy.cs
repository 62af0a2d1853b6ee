// How far measurements stand from predictions, and what was measured at all. The figures are in data/collectives/accuracy.yaml, which
// Fitting/AccuracyFile.cs writes: for each class of group and band of sizes the ratios measured / predicted that nine in ten points of a
// system stay within that neither the fit nor the band has seen.
//
// Example: an all-reduce of 1 GiB across domains predicted at 4 ms, with a band of 0.92 to 1.22, took 3.68 to 4.88 ms in nine of ten cases.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A band of sizes with the ratios measured/predicted that nine in ten points of unseen systems of a class stay within.</summary>
/// <param name="Name">The sizes, as people read them.</param>
/// <param name="Low">Lower ratio.</param>
/// <param name="High">Upper ratio.</param>
/// <param name="Median">Median of |predicted / measured - 1| on systems that the fit hasn't seen.</param>
public readonly record struct CollectiveAccuracyBand(string Name, double Low, double High, double Median)
{
    /// <summary>The band around a prediction that lies outside what was measured: its logarithms times <see cref="CollectiveAccuracy.OutsideFactor"/>.</summary>
    public CollectiveAccuracyBand Widened => this with { Low = Math.Pow(Low, CollectiveAccuracy.OutsideFactor), High = Math.Pow(High, CollectiveAccuracy.OutsideFactor) };
}

/// <summary>A band, and what of the case was never measured.</summary>
/// <param name="Band">The band; already widened where something lies outside.</param>
/// <param name="Outside">What lies outside of what was measured, in words; empty where nothing.</param>
public sealed record CollectiveAssessment(CollectiveAccuracyBand Band, IReadOnlyList<string> Outside);

/// <summary>What the collective model reached on published measurements, by class of network and size.</summary>
public static class CollectiveAccuracy
{
    /// <summary>What the logarithm of a band is multiplied by outside of what was measured: an assumption.</summary>
    public const double OutsideFactor = 1.5;

    const double KiB = 1024, MiB = 1024 * KiB;

    // A group many times larger than any that was measured, or a size many times out of range, is another regime.
    const double Beyond = 2;

    static readonly double[] Limits = [64 * KiB, MiB, 32 * MiB, 512 * MiB, double.PositiveInfinity];

    static readonly string[] Names = ["<= 64 KiB", "64 KiB to 1 MiB", "1 to 32 MiB", "32 to 512 MiB", "> 512 MiB"];

    static readonly Lazy<AccuracyData> Shipped = new(static () =>
    {
        const string name = "collectives/accuracy.yaml";
        return AccuracyData.Read(ShippedData.Text(name), name);
    });

    /// <summary>Bands of sizes.</summary>
    public static int BandCount => Limits.Length;

    /// <summary>Published points behind the bands.</summary>
    public static int Rows => Shipped.Value.Rows;

    /// <summary>Systems behind the bands.</summary>
    public static int Systems => Shipped.Value.Systems;

    /// <summary>Share of published points inside bands that were made without their system.</summary>
    public static Ratio Inside => Ratio.From(Shipped.Value.Inside);

    /// <summary>The band of sizes that a size belongs to, from the smallest.</summary>
    public static int BandOf(DataSize size)
    {
        var i = 0;
        while (size.Bytes > Limits[i]) i++;
        return i;
    }

    /// <summary>The sizes of a band, as people read them.</summary>
    public static string BandName(int band) => Names[band];

    /// <summary>The band of a collective of this size.</summary>
    /// <param name="acrossDomains">Whether the group reaches beyond one scale-up domain.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    public static CollectiveAccuracyBand Of(bool acrossDomains, DataSize size)
    {
        var band = BandOf(size);
        var data = Shipped.Value;
        var entry = (acrossDomains ? data.Bands.AcrossDomains : data.Bands.OneDomain)[band];
        return new(Names[band], entry.Low, entry.High, entry.Median);
    }

    /// <summary>The band of a collective, and what of it was never measured.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network.</param>
    public static CollectiveAssessment Assess(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var across = group.LevelCount > 1 && group.Crosses(1);
        var outside = new List<string>();
        for (var l = 0; l < (across ? 2 : 1); l++)
        {
            if (group.Crosses(l)) Outside(levels[l].Mechanism, kind, size, group.Ranks, outside);
        }
        if (group.LevelCount > 2 && group.Crosses(2)) outside.Add("more than one leaf or rail group: no published run tells of the tiers that it crossed");
        var band = Of(across, size);
        return new(outside.Count > 0 ? band.Widened : band, outside);
    }

    static void Outside(string mechanism, CollectiveKind kind, DataSize size, int ranks, List<string> outside)
    {
        var key = mechanism.TrimEnd('*');
        if (!Shipped.Value.Measured.TryGetValue(key, out var range))
        {
            outside.Add(key.Length == 0 ? "a level whose figures somebody gave" : $"no published run of '{key}'");
            return;
        }
        if (!range.Collectives.Contains(kind)) outside.Add($"no published {DocumentShape.NameOf(kind)} of '{key}'");
        if (size < range.Smallest / Beyond || size > range.Largest * Beyond) outside.Add($"sizes of '{key}' were published from {range.Smallest} to {range.Largest}");
        if (ranks > range.MostRanks * Beyond) outside.Add($"at most {range.MostRanks:N0} ranks of '{key}' were published");
    }
}
