using System.Globalization;

namespace Lightloom.Planning.Comparisons;

/// <summary>One site against two halves of it, at distances.</summary>
public sealed class SitesComparison : IComparisonSet
{
    const int Waves = 8, WaveGigabits = 800;

    static readonly int[] Kilometres = [10, 100, 1000];

    /// <inheritdoc/>
    public string Name => "sites";

    /// <inheritdoc/>
    public string Title => "One site against two";

    /// <inheritdoc/>
    public string Note => "Each of two sites has half of the systems and a fabric of its own; eight leased waves of 800 Gb/s join them, over fibre a fifth longer than the distance. The job is shared by the faster of the " +
        "methods that compute the same as one site does (data parallelism, a pipeline); 'train sites' has others. Power of leased waves is their owner's.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var design = document.Design;
        var variants = new List<Variant> { Variant.Of(document, "one site", new("sites", null), new("routes", null)) };
        if (design.Sites is { Count: > 1 }) return [Variant.Of(document, "as designed"), Together(document)];
        foreach (var distance in Kilometres)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"two sites, {distance:N0} km");
            if (design.Accelerators.Systems % 2 != 0)
            {
                variants.Add(Variant.Refused(name, $"{design.Accelerators.Systems:N0} systems have no halves"));
                continue;
            }
            variants.Add(Variant.Of(document, name,
            [
                new("accelerators.systems", (design.Accelerators.Systems / 2).ToString(CultureInfo.InvariantCulture)),
                new("sites", "[{ name: a }, { name: b }]"),
                new("routes", string.Create(CultureInfo.InvariantCulture, $"[{{ from: a, to: b, distance: {distance} km, routeFactor: 1.2, waves: {{ count: {Waves}, rate: {WaveGigabits} Gb/s }} }}]")),
                // A floor for all is larger than one for half.
                .. ComparisonSets.Without("site.floor.rows", "site.floor.racksPerRow", "site.floor.halls"),
            ]));
        }
        return variants;
    }

    static Variant Together(DesignDocument document)
    {
        var (design, each) = (document.Design, document.Design.Accelerators.System.Accelerators.Value);
        var all = design.Sites!.Sum(s => s.Accelerators is { } given ? given / each : (long)design.Accelerators.Systems);
        return Variant.Of(document, "one site", [new("accelerators.systems", all.ToString(CultureInfo.InvariantCulture)), new("sites", null), new("routes", null)]);
    }
}
