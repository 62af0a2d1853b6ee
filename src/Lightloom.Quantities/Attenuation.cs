using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Loss per length of a medium.</summary>
/// <remarks>
/// Kept in decibels per metre. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN
/// spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Attenuation>))]
public readonly record struct Attenuation : IAdditiveQuantity<Attenuation>
{
    Attenuation(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "attenuation";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("dB/km", 1, 1000),
        new("dB/m", 1),
        new("dB/in", 39.37007874015748) { Prints = false, Aliases = ["dB/inch"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Attenuation FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Attenuation Zero => default;

    /// <summary>Makes it from a value in decibels per metre.</summary>
    public static Attenuation FromDecibelsPerMeter(double value) => new(value);

    /// <summary>The value in decibels per metre.</summary>
    public double DecibelsPerMeter => Si;

    /// <summary>Makes it from a value in decibels per kilometre.</summary>
    public static Attenuation FromDecibelsPerKilometer(double value) => new(value / 1000);

    /// <summary>The value in decibels per kilometre.</summary>
    public double DecibelsPerKilometer => Si * 1000;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
