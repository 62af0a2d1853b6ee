namespace Lightloom.Catalog;

/// <summary>A document, page or data set that figures are taken from.</summary>
[PartKind("source")]
public sealed record Source : Part
{
    /// <summary>Where it can be read.</summary>
    public string? Url { get; init; }

    /// <summary>When it was published or last seen.</summary>
    public int? Year { get; init; }
}
