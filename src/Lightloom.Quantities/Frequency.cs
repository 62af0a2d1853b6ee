using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A frequency.</summary>
/// <remarks>
/// Kept in hertz. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed. A modulation rate is a <see cref="SymbolRate"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Frequency>))]
public readonly record struct Frequency : IAdditiveQuantity<Frequency>
{
    Frequency(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "frequency";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("Hz", 1),
        new("kHz", 1000),
        new("MHz", 1e6),
        new("GHz", 1e9),
        new("THz", 1e12),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Frequency FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Frequency Zero => default;

    /// <summary>Makes it from a value in hertz.</summary>
    public static Frequency FromHertz(double value) => new(value);

    /// <summary>The value in hertz.</summary>
    public double Hertz => Si;

    /// <summary>Makes it from a value in gigahertz.</summary>
    public static Frequency FromGigahertz(double value) => new(value * 1e9);

    /// <summary>The value in gigahertz.</summary>
    public double Gigahertz => Si / 1e9;

    /// <summary>Makes it from a value in terahertz.</summary>
    public static Frequency FromTerahertz(double value) => new(value * 1e12);

    /// <summary>The value in terahertz.</summary>
    public double Terahertz => Si / 1e12;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
