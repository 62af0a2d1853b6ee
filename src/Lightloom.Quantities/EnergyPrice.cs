using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>The price of energy.</summary>
/// <remarks>
/// Kept in US dollars per joule. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity,
/// NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<EnergyPrice>))]
public readonly record struct EnergyPrice : IAdditiveQuantity<EnergyPrice>
{
    EnergyPrice(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "price of energy";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("USD/MWh", 1, 3600000000) { Prints = false },
        new("USD/kWh", 1, 3600000),
        new("USD/J", 1) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static EnergyPrice FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static EnergyPrice Zero => default;

    /// <summary>Makes it from a value in US dollars per kilowatt-hour.</summary>
    public static EnergyPrice FromDollarsPerKilowattHour(double value) => new(value / 3600000);

    /// <summary>The value in US dollars per kilowatt-hour.</summary>
    public double DollarsPerKilowattHour => Si * 3600000;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
