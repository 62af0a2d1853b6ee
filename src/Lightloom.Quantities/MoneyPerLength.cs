using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>The price of a cable per length.</summary>
/// <remarks>
/// Kept in US dollars per metre. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity,
/// NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<MoneyPerLength>))]
public readonly record struct MoneyPerLength : IAdditiveQuantity<MoneyPerLength>
{
    MoneyPerLength(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "price per length";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("USD/m", 1),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static MoneyPerLength FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static MoneyPerLength Zero => default;

    /// <summary>Makes it from a value in US dollars per metre.</summary>
    public static MoneyPerLength FromDollarsPerMeter(double value) => new(value);

    /// <summary>The value in US dollars per metre.</summary>
    public double DollarsPerMeter => Si;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
