using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>An amount of data.</summary>
/// <remarks>
/// Kept in bytes; bits and bytes are readings of the same type. The default value is zero. Arithmetic follows IEEE
/// 754: an overflow is an infinity, NaN spreads; neither can be parsed. For data per time use <see cref="Bandwidth"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<DataSize>))]
public readonly record struct DataSize : IAdditiveQuantity<DataSize>
{
    DataSize(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "data size";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("B", 1) { Aliases = ["byte", "bytes"] },
        new("kB", 1000),
        new("MB", 1e6),
        new("GB", 1e9),
        new("TB", 1e12),
        new("PB", 1e15),
        new("KiB", 1024) { Prints = false },
        new("MiB", 1048576) { Prints = false },
        new("GiB", 1073741824) { Prints = false },
        new("TiB", 1099511627776) { Prints = false },
        new("bit", 1, 8) { Prints = false, Aliases = ["b"] },
        new("kbit", 125) { Prints = false, Aliases = ["kb"] },
        new("Mbit", 125000) { Prints = false, Aliases = ["Mb"] },
        new("Gbit", 125000000) { Prints = false, Aliases = ["Gb"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static DataSize FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static DataSize Zero => default;

    /// <summary>Makes it from a value in bytes.</summary>
    public static DataSize FromBytes(double value) => new(value);

    /// <summary>The value in bytes.</summary>
    public double Bytes => Si;

    /// <summary>Makes it from a value in bits.</summary>
    public static DataSize FromBits(double value) => new(value / 8);

    /// <summary>The value in bits.</summary>
    public double Bits => Si * 8;

    /// <summary>Makes it from a value in gigabytes (10⁹).</summary>
    public static DataSize FromGigabytes(double value) => new(value * 1e9);

    /// <summary>The value in gigabytes (10⁹).</summary>
    public double Gigabytes => Si / 1e9;

    /// <summary>Makes it from a value in gibibytes (2³⁰).</summary>
    public static DataSize FromGibibytes(double value) => new(value * 1073741824);

    /// <summary>The value in gibibytes (2³⁰).</summary>
    public double Gibibytes => Si / 1073741824;

    /// <summary>Bandwidth that moves this much data in a time.</summary>
    public static Bandwidth operator /(DataSize data, Duration time) => Bandwidth.FromSi(data.Bits / time.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
