using System.Text.Json.Serialization;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Current of a photodiode per received optical power.</summary>
/// <remarks>
/// Kept in amperes per watt. At most q·λ/(h·c), one electron a photon: <see cref="Of"/>. The default value is zero, a receiver
/// that sees nothing. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Responsivity>))]
public readonly record struct Responsivity : IAdditiveQuantity<Responsivity>
{
    Responsivity(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "responsivity";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("mA/W", 1, 1000) { Prints = false },
        new("A/W", 1),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Responsivity FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Responsivity Zero => default;

    /// <summary>Makes it from a value in amperes per watt.</summary>
    public static Responsivity FromAmperesPerWatt(double value) => new(value);

    /// <summary>The value in amperes per watt.</summary>
    public double AmperesPerWatt => Si;

    /// <summary>Responsivity at a wavelength where a share of the photons (1 for all) frees an electron: η·q·λ/(h·c).</summary>
    public static Responsivity Of(Length wavelength, double quantumEfficiency = 1) =>
        new(quantumEfficiency * PhysicalConstants.ElementaryCharge * wavelength.Meters / (PhysicalConstants.Planck * PhysicalConstants.SpeedOfLight));

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
