using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A distance, a cable's run or a wavelength.</summary>
/// <remarks>
/// Kept in metres. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Length>))]
public readonly record struct Length : IAdditiveQuantity<Length>
{
    Length(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "length";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("nm", 1, 1e9),
        new("um", 1, 1e6) { Aliases = ["µm", "μm"] },
        new("mm", 1, 1000),
        new("cm", 1, 100) { Prints = false },
        new("m", 1),
        new("km", 1000),
        new("in", 0.0254) { Prints = false, Aliases = ["inch"] },
        new("ft", 0.3048) { Prints = false, Aliases = ["feet"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Length FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Length Zero => default;

    /// <summary>Makes it from a value in metres.</summary>
    public static Length FromMeters(double value) => new(value);

    /// <summary>The value in metres.</summary>
    public double Meters => Si;

    /// <summary>Makes it from a value in millimetres.</summary>
    public static Length FromMillimeters(double value) => new(value / 1000);

    /// <summary>The value in millimetres.</summary>
    public double Millimeters => Si * 1000;

    /// <summary>Makes it from a value in nanometres.</summary>
    public static Length FromNanometers(double value) => new(value / 1e9);

    /// <summary>The value in nanometres.</summary>
    public double Nanometers => Si * 1e9;

    /// <summary>Makes it from a value in kilometres.</summary>
    public static Length FromKilometers(double value) => new(value * 1000);

    /// <summary>The value in kilometres.</summary>
    public double Kilometers => Si / 1000;

    /// <summary>Time that a signal takes over this length.</summary>
    public static Duration operator *(Length length, PropagationDelay delay) => Duration.FromSi(length.Si * delay.Si);

    /// <summary>Loss of a medium over this length.</summary>
    public static Decibels operator *(Length length, Attenuation attenuation) => Decibels.FromSi(length.Si * attenuation.Si);

    /// <summary>Price of this length of a cable.</summary>
    public static Money operator *(Length length, MoneyPerLength price) => Money.FromSi(length.Si * price.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
