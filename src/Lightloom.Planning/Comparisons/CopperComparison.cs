using static Lightloom.Planning.Comparisons.ComparisonSets;

namespace Lightloom.Planning.Comparisons;

/// <summary>Copper rows against optics.</summary>
public sealed class CopperComparison : IComparisonSet
{
    /// <inheritdoc/>
    public string Name => "copper";

    /// <inheritdoc/>
    public string Title => "Copper rows against optics";

    /// <inheritdoc/>
    public string Note => "Every cable is as long as the floor makes it; a copper row stands its switches in the middle of the row or in the racks, so that runs are short. " +
        "A variant whose links don't all close is no fabric, and is listed with the links that don't.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return
        [
            Of("optics everywhere", "optics"),
            Of("copper where it closes", null),
            Of("the same, switches in mid-row", null, "middle-of-row"),
            Of("copper alone, switches in mid-row", "copper", "middle-of-row"),
            Of("copper alone, switches in the racks", "copper", "in-rack"),
        ];

        Variant Of(string name, string? media, string? place = null) =>
            Variant.Of(document, name, [new("site.links.media", media), .. place is null ? (DesignChange[])[] : [new("site.floor.networkRacks", place)], .. WithoutNamedLinks]);
    }
}
