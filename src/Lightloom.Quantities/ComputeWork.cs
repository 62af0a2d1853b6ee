using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A number of floating-point operations.</summary>
/// <remarks>
/// Kept in FLOP: a multiplication and an addition count as two. The default value is zero. Arithmetic follows IEEE
/// 754: an overflow is an infinity, NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<ComputeWork>))]
public readonly record struct ComputeWork : IAdditiveQuantity<ComputeWork>
{
    ComputeWork(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "amount of computation";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("FLOP", 1),
        new("GFLOP", 1e9),
        new("TFLOP", 1e12),
        new("PFLOP", 1e15),
        new("EFLOP", 1e18),
        new("ZFLOP", 1e21),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static ComputeWork FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static ComputeWork Zero => default;

    /// <summary>Makes it from a value in FLOP.</summary>
    public static ComputeWork FromFlop(double value) => new(value);

    /// <summary>The value in FLOP.</summary>
    public double Flop => Si;

    /// <summary>Makes it from a value in TFLOP.</summary>
    public static ComputeWork FromTeraflop(double value) => new(value * 1e12);

    /// <summary>The value in TFLOP.</summary>
    public double Teraflop => Si / 1e12;

    /// <summary>Time that the work takes at a rate.</summary>
    public static Duration operator /(ComputeWork work, ComputeRate rate) => Duration.FromSi(work.Si / rate.Si);

    /// <summary>Rate that does the work in a time.</summary>
    public static ComputeRate operator /(ComputeWork work, Duration time) => ComputeRate.FromSi(work.Si / time.Si);

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
