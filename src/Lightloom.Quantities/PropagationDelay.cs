using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Time that a signal takes per length of a medium.</summary>
/// <remarks>
/// Kept in seconds per metre. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN
/// spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<PropagationDelay>))]
public readonly record struct PropagationDelay : IAdditiveQuantity<PropagationDelay>
{
    PropagationDelay(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "propagation delay";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("ns/m", 1, 1e9) { Aliases = ["us/km", "µs/km"] },
        new("s/m", 1) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static PropagationDelay FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static PropagationDelay Zero => default;

    /// <summary>Makes it from a value in seconds per metre.</summary>
    public static PropagationDelay FromSecondsPerMeter(double value) => new(value);

    /// <summary>The value in seconds per metre.</summary>
    public double SecondsPerMeter => Si;

    /// <summary>Makes it from a value in nanoseconds per metre.</summary>
    public static PropagationDelay FromNanosecondsPerMeter(double value) => new(value / 1e9);

    /// <summary>The value in nanoseconds per metre.</summary>
    public double NanosecondsPerMeter => Si * 1e9;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
