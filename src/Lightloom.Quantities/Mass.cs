using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A mass.</summary>
/// <remarks>
/// Kept in kilograms. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Mass>))]
public readonly record struct Mass : IAdditiveQuantity<Mass>
{
    Mass(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "mass";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("g", 1, 1000),
        new("kg", 1),
        new("t", 1000),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Mass FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Mass Zero => default;

    /// <summary>Makes it from a value in kilograms.</summary>
    public static Mass FromKilograms(double value) => new(value);

    /// <summary>The value in kilograms.</summary>
    public double Kilograms => Si;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
