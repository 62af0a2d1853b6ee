using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A span of time in a model.</summary>
/// <remarks>
/// Kept in seconds as a real number. The default value is zero. Arithmetic follows IEEE 754: an overflow is an
/// infinity, NaN spreads; neither can be parsed. For points on a simulation's clock use <see cref="SimTime"/>, an
/// integer.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<Duration>))]
public readonly record struct Duration : IAdditiveQuantity<Duration>
{
    Duration(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "time";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("ps", 1, 1e12),
        new("ns", 1, 1e9),
        new("us", 1, 1e6) { Aliases = ["µs", "μs"] },
        new("ms", 1, 1000),
        new("s", 1) { Aliases = ["sec"] },
        new("min", 60),
        new("h", 3600) { Aliases = ["hour", "hours"] },
        new("d", 86400) { Aliases = ["day", "days"] },
        new("yr", 31557600) { Aliases = ["y", "year", "years"] },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static Duration FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static Duration Zero => default;

    /// <summary>Makes it from a value in seconds.</summary>
    public static Duration FromSeconds(double value) => new(value);

    /// <summary>The value in seconds.</summary>
    public double Seconds => Si;

    /// <summary>Makes it from a value in nanoseconds.</summary>
    public static Duration FromNanoseconds(double value) => new(value / 1e9);

    /// <summary>The value in nanoseconds.</summary>
    public double Nanoseconds => Si * 1e9;

    /// <summary>Makes it from a value in microseconds.</summary>
    public static Duration FromMicroseconds(double value) => new(value / 1e6);

    /// <summary>The value in microseconds.</summary>
    public double Microseconds => Si * 1e6;

    /// <summary>Makes it from a value in milliseconds.</summary>
    public static Duration FromMilliseconds(double value) => new(value / 1000);

    /// <summary>The value in milliseconds.</summary>
    public double Milliseconds => Si * 1000;

    /// <summary>Makes it from a value in minutes.</summary>
    public static Duration FromMinutes(double value) => new(value * 60);

    /// <summary>The value in minutes.</summary>
    public double Minutes => Si / 60;

    /// <summary>Makes it from a value in hours.</summary>
    public static Duration FromHours(double value) => new(value * 3600);

    /// <summary>The value in hours.</summary>
    public double Hours => Si / 3600;

    /// <summary>Makes it from a value in days of 24 hours.</summary>
    public static Duration FromDays(double value) => new(value * 86400);

    /// <summary>The value in days of 24 hours.</summary>
    public double Days => Si / 86400;

    /// <summary>Makes it from a value in Julian years of 365.25 days.</summary>
    public static Duration FromYears(double value) => new(value * 31557600);

    /// <summary>The value in Julian years of 365.25 days.</summary>
    public double Years => Si / 31557600;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
