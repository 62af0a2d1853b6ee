using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Symbols per second on one lane.</summary>
/// <remarks>
/// Kept in baud. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads;
/// neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<SymbolRate>))]
public readonly record struct SymbolRate : IAdditiveQuantity<SymbolRate>
{
    SymbolRate(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "symbol rate";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("Bd", 1),
        new("kBd", 1000),
        new("MBd", 1e6),
        new("GBd", 1e9),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static SymbolRate FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static SymbolRate Zero => default;

    /// <summary>Makes it from a value in baud.</summary>
    public static SymbolRate FromBaud(double value) => new(value);

    /// <summary>The value in baud.</summary>
    public double Baud => Si;

    /// <summary>Makes it from a value in gigabaud.</summary>
    public static SymbolRate FromGigabaud(double value) => new(value * 1e9);

    /// <summary>The value in gigabaud.</summary>
    public double Gigabaud => Si / 1e9;

    /// <summary>Half the symbol rate: where a channel's insertion loss is specified.</summary>
    public Frequency Nyquist => Frequency.FromHertz(Si / 2);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
