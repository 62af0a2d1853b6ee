using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A gain or a loss: a ratio of powers on a logarithmic scale.</summary>
/// <remarks>
/// 10 log₁₀ of a ratio. Losses are positive here, as in a budget. The default value is zero. Arithmetic follows IEEE
/// 754: an overflow is an infinity, NaN spreads; neither can be parsed. An absolute level is a <see
/// cref="DecibelMilliwatts"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Decibels>))]
public readonly record struct Decibels : IAdditiveQuantity<Decibels>
{
    Decibels(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "gain or loss";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("dB", 1),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Decibels FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Decibels Zero => default;

    /// <summary>Makes it from a linear ratio of powers; a ratio of 0 is minus infinity, a negative one NaN.</summary>
    public static Decibels FromRatio(double ratio) => new(10 * Math.Log10(ratio));

    /// <summary>The linear ratio of powers.</summary>
    public double Ratio => Math.Pow(10, Si / 10);

    /// <summary>Makes it from a value in decibels.</summary>
    public static Decibels FromDecibels(double value) => new(value);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
