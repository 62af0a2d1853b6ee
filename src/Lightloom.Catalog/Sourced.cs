namespace Lightloom.Catalog;

/// <summary>How far a figure can be trusted, best first.</summary>
public enum Grade
{
    /// <summary>Fixed by a standard or an exact property of the design.</summary>
    Standard,

    /// <summary>Measured and published by somebody, or counted.</summary>
    Measured,

    /// <summary>Stated by the part's vendor.</summary>
    Vendor,

    /// <summary>Simulated by Lightloom's own engines, from seeds that are named.</summary>
    Simulated,

    /// <summary>Estimated by an analyst, a reseller or from comparable parts.</summary>
    Estimate,

    /// <summary>Recalled or chosen without a citable source; an editable assumption.</summary>
    Assumption,
}

/// <summary>A figure with its range, year, source and grade.</summary>
/// <typeparam name="T">The quantity, or a count.</typeparam>
/// <param name="Value">The figure that is used.</param>
/// <param name="Low">The lowest plausible figure; the value itself where no range is known.</param>
/// <param name="High">The highest plausible figure; the value itself where no range is known.</param>
/// <param name="Year">The year that the figure speaks of, or null.</param>
/// <param name="Source">Key of a source in the catalogue, or a place in the user's own document.</param>
/// <param name="Grade">How far it can be trusted.</param>
/// <param name="Note">What else a reader should know.</param>
public readonly record struct Sourced<T>(T Value, T Low, T High, int? Year, string Source, Grade Grade, string? Note = null)
    : ISourced
{
    /// <summary>The figure that is used.</summary>
    public static implicit operator T(Sourced<T> figure) => figure.Value;

    /// <summary>A figure that is neither ranged nor dated.</summary>
    public static Sourced<T> Of(T value, string source, Grade grade) => new(value, value, value, null, source, grade);

    object? ISourced.Value => Value;

    object? ISourced.Low => Low;

    object? ISourced.High => High;

    /// <summary>Prints the value, and the range where there is one.</summary>
    public override string ToString() =>
        EqualityComparer<T>.Default.Equals(Low, High) ? $"{Value}" : $"{Value} ({Low} to {High})";
}

/// <summary>A <see cref="Sourced{T}"/> of whatever type, for listing.</summary>
public interface ISourced
{
    /// <summary>The figure that is used.</summary>
    object? Value { get; }

    /// <summary>The lowest plausible figure.</summary>
    object? Low { get; }

    /// <summary>The highest plausible figure.</summary>
    object? High { get; }

    /// <summary>The year that the figure speaks of.</summary>
    int? Year { get; }

    /// <summary>Where the figure comes from.</summary>
    string Source { get; }

    /// <summary>How far it can be trusted.</summary>
    Grade Grade { get; }

    /// <summary>What else a reader should know.</summary>
    string? Note { get; }
}
