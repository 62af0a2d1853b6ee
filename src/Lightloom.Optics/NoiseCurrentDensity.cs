// Noise that a receiver's amplifier adds, referred to its input.
//
//   i_n² = 4 k T / R_f       thermal noise of the feedback resistor                A²/Hz
//   i_n² = i_1² + i_2²       sources that know nothing of each other, as the transistors' noise
//
//   k     1.380649e-23 J/K;   T  temperature, K;   R_f  feedback resistor, Ω
//
// Example: 300 Ω at 300 K: i_n = √(4 · 1.380649e-23 · 300 / 300) = 7.43 pA/√Hz, the floor of an amplifier with that resistor;
// with 16.4 pA/√Hz of transistor noise it is one of 18 pA/√Hz.

using System.Text.Json.Serialization;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Noise current of an amplifier's input per root of the bandwidth.</summary>
/// <remarks>
/// Kept in A/√Hz. The default value is zero, a noiseless amplifier. Two of them add as powers: <see cref="With"/>. Nyquist, Physical
/// Review 32 (1928) for the resistor. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<NoiseCurrentDensity>))]
public readonly record struct NoiseCurrentDensity : IQuantity<NoiseCurrentDensity>
{
    NoiseCurrentDensity(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "noise current density";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("pA/rtHz", 1, 1e12) { Aliases = ["pA/√Hz"] },
        new("nA/rtHz", 1, 1e9) { Aliases = ["nA/√Hz"] },
        new("A/rtHz", 1) { Prints = false, Aliases = ["A/√Hz"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static NoiseCurrentDensity FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static NoiseCurrentDensity Zero => default;

    /// <summary>Makes it from a value in picoamperes per root hertz.</summary>
    public static NoiseCurrentDensity FromPicoamperesPerRootHertz(double value) => new(value / 1e12);

    /// <summary>The value in picoamperes per root hertz.</summary>
    public double PicoamperesPerRootHertz => Si * 1e12;

    /// <summary>Thermal noise of a resistor of so many ohms, at a temperature in kelvins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The resistance is not above zero, or the temperature below zero.</exception>
    public static NoiseCurrentDensity FromResistorOhms(double ohms, double kelvins = 300)
    {
        if (!(ohms > 0)) throw new ArgumentOutOfRangeException(nameof(ohms), ohms, "a resistance above 0 is needed");
        if (!(kelvins >= 0)) throw new ArgumentOutOfRangeException(nameof(kelvins), kelvins, "a temperature of 0 K or more is needed");
        return new(Math.Sqrt(4 * PhysicalConstants.Boltzmann * kelvins / ohms));
    }

    /// <summary>This noise and that of an independent source together.</summary>
    public NoiseCurrentDensity With(NoiseCurrentDensity other) => new(Math.Sqrt(Si * Si + other.Si * other.Si));

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
