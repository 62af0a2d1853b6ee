using System.Text.Json.Serialization;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Noise of a laser's power: its variance per bandwidth over the square of the mean power, in dB/Hz.</summary>
/// <remarks>
/// 10 log₁₀ of the ratio in 1/Hz. IEEE 802.3 clause 52.9.6 for its measurement. No noise is <see cref="None"/>, minus infinity, which
/// prints but can't be parsed; the default value is 0 dB/Hz, noise that drowns everything, and never stands for "not given". Two
/// of them have no sum here: their linear values (<see cref="PerHertz"/>) do. NaN spreads.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<RelativeIntensityNoise>))]
public readonly record struct RelativeIntensityNoise : IQuantity<RelativeIntensityNoise>
{
    RelativeIntensityNoise(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "relative intensity noise";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("dB/Hz", 1),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static RelativeIntensityNoise FromSi(double value) => new(value);

    /// <summary>A laser without noise.</summary>
    public static RelativeIntensityNoise None => new(double.NegativeInfinity);

    /// <summary>Makes it from a value in dB/Hz.</summary>
    public static RelativeIntensityNoise FromDecibelsPerHertz(double value) => new(value);

    /// <summary>The value in dB/Hz.</summary>
    public double DecibelsPerHertz => Si;

    /// <summary>The linear value in 1/Hz.</summary>
    public double PerHertz => Math.Pow(10, Si / 10);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
