using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Data carried per unit of time in one direction.</summary>
/// <remarks>
/// Kept in bits per second; a collective's GB/s and a link's Gb/s are readings of the same type, so they cannot be
/// confused. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither
/// can be parsed. For a quantity of data use <see cref="DataSize"/>; for a modulation rate <see cref="SymbolRate"/>.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Bandwidth>))]
public readonly record struct Bandwidth : IAdditiveQuantity<Bandwidth>
{
    Bandwidth(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "bandwidth";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("b/s", 1) { Aliases = ["bps", "bit/s"] },
        new("kb/s", 1000) { Aliases = ["kbps", "kbit/s"] },
        new("Mb/s", 1e6) { Aliases = ["Mbps", "Mbit/s"] },
        new("Gb/s", 1e9) { Aliases = ["Gbps", "Gbit/s"] },
        new("Tb/s", 1e12) { Aliases = ["Tbps", "Tbit/s"] },
        new("Pb/s", 1e15) { Aliases = ["Pbps", "Pbit/s"] },
        new("B/s", 8) { Prints = false },
        new("kB/s", 8000) { Prints = false },
        new("MB/s", 8000000.0) { Prints = false },
        new("GB/s", 8000000000.0) { Prints = false },
        new("TB/s", 8000000000000.0) { Prints = false },
        new("PB/s", 8000000000000000.0) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Bandwidth FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Bandwidth Zero => default;

    /// <summary>Makes it from a value in bits per second.</summary>
    public static Bandwidth FromBitsPerSecond(double value) => new(value);

    /// <summary>The value in bits per second.</summary>
    public double BitsPerSecond => Si;

    /// <summary>Makes it from a value in gigabits (10⁹) per second.</summary>
    public static Bandwidth FromGigabitsPerSecond(double value) => new(value * 1e9);

    /// <summary>The value in gigabits (10⁹) per second.</summary>
    public double GigabitsPerSecond => Si / 1e9;

    /// <summary>Makes it from a value in bytes per second.</summary>
    public static Bandwidth FromBytesPerSecond(double value) => new(value * 8);

    /// <summary>The value in bytes per second.</summary>
    public double BytesPerSecond => Si / 8;

    /// <summary>Makes it from a value in gigabytes (10⁹) per second.</summary>
    public static Bandwidth FromGigabytesPerSecond(double value) => new(value * 8000000000.0);

    /// <summary>The value in gigabytes (10⁹) per second.</summary>
    public double GigabytesPerSecond => Si / 8000000000.0;

    /// <summary>Time to move this much data at this bandwidth.</summary>
    public static Duration operator /(DataSize data, Bandwidth bandwidth) => Duration.FromSi(data.Bits / bandwidth.Si);

    /// <summary>Data moved in a time.</summary>
    public static DataSize operator *(Bandwidth bandwidth, Duration time) => DataSize.FromBits(bandwidth.Si * time.Si);

    /// <summary>Power of a link that spends this energy on each bit.</summary>
    public static Power operator *(Bandwidth bandwidth, EnergyPerBit energy) => Power.FromSi(bandwidth.Si * energy.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
