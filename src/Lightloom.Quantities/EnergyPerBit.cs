using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Energy that a link spends on each bit.</summary>
/// <remarks>
/// Kept in joules per bit. Say at which rate and which parts are counted when comparing two. The default value is
/// zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<EnergyPerBit>))]
public readonly record struct EnergyPerBit : IAdditiveQuantity<EnergyPerBit>
{
    EnergyPerBit(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "energy per bit";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("aJ/bit", 1, 1e18) { Aliases = ["aJ/b"] },
        new("fJ/bit", 1, 1e15) { Aliases = ["fJ/b"] },
        new("pJ/bit", 1, 1e12) { Aliases = ["pJ/b"] },
        new("nJ/bit", 1, 1e9) { Aliases = ["nJ/b"] },
        new("J/bit", 1) { Prints = false, Aliases = ["J/b"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static EnergyPerBit FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static EnergyPerBit Zero => default;

    /// <summary>Makes it from a value in joules per bit.</summary>
    public static EnergyPerBit FromJoulesPerBit(double value) => new(value);

    /// <summary>The value in joules per bit.</summary>
    public double JoulesPerBit => Si;

    /// <summary>Makes it from a value in picojoules per bit.</summary>
    public static EnergyPerBit FromPicojoulesPerBit(double value) => new(value / 1e12);

    /// <summary>The value in picojoules per bit.</summary>
    public double PicojoulesPerBit => Si * 1e12;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
