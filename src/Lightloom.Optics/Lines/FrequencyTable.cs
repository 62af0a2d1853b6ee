using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>
/// A figure that depends on optical frequency: linear between its points. It says nothing beyond its ends, so a spectrum that
/// reaches further is refused and not extrapolated.
/// </summary>
public sealed class FrequencyTable : IEquatable<FrequencyTable>
{
    readonly double[] hertz; // strictly ascending
    readonly double[] values;

    /// <summary>Makes a table; the points may come in any order.</summary>
    /// <exception cref="InputException">There is no point, a frequency stands twice or isn't positive, or a value isn't finite.</exception>
    public FrequencyTable(IReadOnlyList<(Frequency Frequency, double Value)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Count == 0) throw new InputException("a table over frequency needs at least one point");
        var sorted = points.OrderBy(p => p.Frequency.Hertz).ToArray();
        hertz = [.. sorted.Select(p => p.Frequency.Hertz)];
        values = [.. sorted.Select(p => p.Value)];
        for (var i = 0; i < hertz.Length; i++)
        {
            if (!(double.IsFinite(hertz[i]) && hertz[i] > 0 && double.IsFinite(values[i])))
                throw new InputException($"a table over frequency has the point ({hertz[i]} Hz, {values[i]}); both must be finite and the first positive");
            if (i > 0 && hertz[i] == hertz[i - 1]) throw new InputException($"a table over frequency has {sorted[i].Frequency} twice");
        }
    }

    /// <summary>The lowest frequency that the table knows.</summary>
    public Frequency Lowest => Frequency.FromHertz(hertz[0]);

    /// <summary>The highest frequency that the table knows.</summary>
    public Frequency Highest => Frequency.FromHertz(hertz[^1]);

    /// <summary>The values, by ascending frequency.</summary>
    public IReadOnlyList<double> Values => values;

    /// <summary>The value at a frequency.</summary>
    /// <exception cref="InputException">The frequency lies beyond the table.</exception>
    public double At(Frequency frequency)
    {
        var f = frequency.Hertz;
        if (!(f >= hertz[0] && f <= hertz[^1]))
            throw new InputException($"{frequency} lies outside the table, which goes from {Lowest} to {Highest}");
        var at = Array.BinarySearch(hertz, f);
        if (at >= 0) return values[at];
        at = ~at;
        return values[at - 1] + (f - hertz[at - 1]) / (hertz[at] - hertz[at - 1]) * (values[at] - values[at - 1]);
    }

    /// <inheritdoc/>
    public bool Equals(FrequencyTable? other) =>
        other is not null && hertz.AsSpan().SequenceEqual(other.hertz) && values.AsSpan().SequenceEqual(other.values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FrequencyTable);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(hertz.Length, hertz[0], values[0], values[^1]);
}
