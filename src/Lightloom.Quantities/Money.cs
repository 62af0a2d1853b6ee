using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>An amount of money in US dollars.</summary>
/// <remarks>
/// Kept in dollars. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed. Ranges are kept beside it, in <c>Sourced</c> values.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Money>))]
public readonly record struct Money : IAdditiveQuantity<Money>
{
    Money(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "price";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("USD", 1) { Aliases = ["$"] },
        new("kUSD", 1000),
        new("MUSD", 1e6),
        new("GUSD", 1e9),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Money FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Money Zero => default;

    /// <summary>Makes it from a value in US dollars.</summary>
    public static Money FromDollars(double value) => new(value);

    /// <summary>The value in US dollars.</summary>
    public double Dollars => Si;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
