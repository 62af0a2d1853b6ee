using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Electrical or optical power on a linear scale.</summary>
/// <remarks>
/// Kept in watts. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed. An optical level in dBm is a <see cref="DecibelMilliwatts"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Power>))]
public readonly record struct Power : IAdditiveQuantity<Power>
{
    Power(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "power";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("pW", 1, 1e12),
        new("nW", 1, 1e9),
        new("uW", 1, 1e6) { Aliases = ["µW", "μW"] },
        new("mW", 1, 1000),
        new("W", 1),
        new("kW", 1000),
        new("MW", 1e6),
        new("GW", 1e9),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Power FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Power Zero => default;

    /// <summary>Makes it from a value in watts.</summary>
    public static Power FromWatts(double value) => new(value);

    /// <summary>The value in watts.</summary>
    public double Watts => Si;

    /// <summary>Makes it from a value in milliwatts.</summary>
    public static Power FromMilliwatts(double value) => new(value / 1000);

    /// <summary>The value in milliwatts.</summary>
    public double Milliwatts => Si * 1000;

    /// <summary>Makes it from a value in kilowatts.</summary>
    public static Power FromKilowatts(double value) => new(value * 1000);

    /// <summary>The value in kilowatts.</summary>
    public double Kilowatts => Si / 1000;

    /// <summary>Makes it from a value in megawatts.</summary>
    public static Power FromMegawatts(double value) => new(value * 1e6);

    /// <summary>The value in megawatts.</summary>
    public double Megawatts => Si / 1e6;

    /// <summary>Energy spent in a time.</summary>
    public static Energy operator *(Power power, Duration time) => Energy.FromSi(power.Si * time.Si);

    /// <summary>Energy spent on each bit at a bandwidth.</summary>
    public static EnergyPerBit operator /(Power power, Bandwidth bandwidth) => EnergyPerBit.FromSi(power.Si / bandwidth.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
