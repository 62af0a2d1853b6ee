using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A dimensionless ratio or share.</summary>
/// <remarks>
/// A plain number; 5 % is 0.05. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity,
/// NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Ratio>))]
public readonly record struct Ratio : IAdditiveQuantity<Ratio>
{
    Ratio(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "ratio";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("", 1),
        new("%", 1, 100) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Ratio FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Ratio Zero => default;

    /// <summary>Makes it from a value in per cent.</summary>
    public static Ratio FromPercent(double value) => new(value / 100);

    /// <summary>The value in per cent.</summary>
    public double Percent => Si * 100;

    /// <summary>Makes it from a plain number.</summary>
    public static Ratio From(double value) => new(value);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
