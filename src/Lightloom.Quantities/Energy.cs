using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Energy.</summary>
/// <remarks>
/// Kept in joules. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed. Per bit it is an <see cref="EnergyPerBit"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Energy>))]
public readonly record struct Energy : IAdditiveQuantity<Energy>
{
    Energy(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "energy";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("pJ", 1, 1e12),
        new("nJ", 1, 1e9),
        new("uJ", 1, 1e6) { Aliases = ["µJ", "μJ"] },
        new("mJ", 1, 1000),
        new("J", 1),
        new("kJ", 1000),
        new("MJ", 1e6),
        new("GJ", 1e9),
        new("Wh", 3600) { Prints = false },
        new("kWh", 3600000) { Prints = false },
        new("MWh", 3600000000) { Prints = false },
        new("GWh", 3600000000000) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Energy FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Energy Zero => default;

    /// <summary>Makes it from a value in joules.</summary>
    public static Energy FromJoules(double value) => new(value);

    /// <summary>The value in joules.</summary>
    public double Joules => Si;

    /// <summary>Makes it from a value in kilowatt-hours.</summary>
    public static Energy FromKilowattHours(double value) => new(value * 3600000);

    /// <summary>The value in kilowatt-hours.</summary>
    public double KilowattHours => Si / 3600000;

    /// <summary>What this energy costs.</summary>
    public static Money operator *(Energy energy, EnergyPrice price) => Money.FromSi(energy.Si * price.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
