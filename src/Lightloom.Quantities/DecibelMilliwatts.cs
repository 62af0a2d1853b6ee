using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>An absolute optical power level: decibels above one milliwatt.</summary>
/// <remarks>
/// 10 log₁₀(P / 1 mW). Two levels have a difference (in <see cref="Decibels"/>) but no sum; the default value is 0
/// dBm, one milliwatt. Zero power is minus infinity; NaN spreads; neither can be parsed. On a linear scale use <see
/// cref="Power"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<DecibelMilliwatts>))]
public readonly record struct DecibelMilliwatts : IQuantity<DecibelMilliwatts>
{
    DecibelMilliwatts(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "power level";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("dBm", 1),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static DecibelMilliwatts FromSi(double value) => new(value);

    /// <summary>The level 0.</summary>
    public static DecibelMilliwatts Zero => default;

    /// <summary>Makes it from a value in dBm.</summary>
    public static DecibelMilliwatts FromDbm(double value) => new(value);

    /// <summary>Makes it from a linear power.</summary>
    public static DecibelMilliwatts FromPower(Power power) => new(10 * Math.Log10(power.Milliwatts));

    /// <summary>The level as linear power.</summary>
    public Power Power => Power.FromMilliwatts(Math.Pow(10, Si / 10));

    /// <summary>The level after a gain.</summary>
    public static DecibelMilliwatts operator +(DecibelMilliwatts level, Decibels gain) => new(level.Si + gain.Si);

    /// <summary>The level after a loss.</summary>
    public static DecibelMilliwatts operator -(DecibelMilliwatts level, Decibels loss) => new(level.Si - loss.Si);

    /// <summary>How far one level lies above another.</summary>
    public static Decibels operator -(DecibelMilliwatts a, DecibelMilliwatts b) => Decibels.FromSi(a.Si - b.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
