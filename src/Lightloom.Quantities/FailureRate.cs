using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>How often one part fails.</summary>
/// <remarks>
/// Kept in failures per second. One FIT is one failure in 10⁹ hours; a year has 365.25 days. Rates of independent
/// parts add. The default value is zero. Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither
/// can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<FailureRate>))]
public readonly record struct FailureRate : IAdditiveQuantity<FailureRate>
{
    FailureRate(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "failure rate";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("FIT", 1, 3600000000000),
        new("/h", 1, 3600) { Prints = false, Aliases = ["per hour"] },
        new("/yr", 1, 31557600) { Prints = false, Aliases = ["per year", "/year"] },
        new("/s", 1) { Prints = false },
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static FailureRate FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static FailureRate Zero => default;

    /// <summary>Makes it from a value in failures per second.</summary>
    public static FailureRate FromPerSecond(double value) => new(value);

    /// <summary>The value in failures per second.</summary>
    public double PerSecond => Si;

    /// <summary>Makes it from a value in FIT.</summary>
    public static FailureRate FromFit(double value) => new(value / 3600000000000);

    /// <summary>The value in FIT.</summary>
    public double Fit => Si * 3600000000000;

    /// <summary>Makes it from a value in failures per year.</summary>
    public static FailureRate FromPerYear(double value) => new(value / 31557600);

    /// <summary>The value in failures per year.</summary>
    public double PerYear => Si * 31557600;

    /// <summary>Makes it from a value in failures per hour.</summary>
    public static FailureRate FromPerHour(double value) => new(value / 3600);

    /// <summary>The value in failures per hour.</summary>
    public double PerHour => Si * 3600;

    /// <summary>Makes it from a mean time between failures.</summary>
    public static FailureRate FromMeanTime(Duration meanTimeBetweenFailures) => new(1 / meanTimeBetweenFailures.Si);

    /// <summary>The mean time between failures; infinite for a part that never fails.</summary>
    public Duration MeanTime => Duration.FromSi(1 / Si);

    /// <summary>Failures expected in a time.</summary>
    public static double operator *(FailureRate rate, Duration time) => rate.Si * time.Si;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
