using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Floating-point operations per second.</summary>
/// <remarks>
/// Kept in FLOP/s; say the precision and whether sparsity is counted (here it never is). The default value is zero.
/// Arithmetic follows IEEE 754: an overflow is an infinity, NaN spreads; neither can be parsed.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter<ComputeRate>))]
public readonly record struct ComputeRate : IAdditiveQuantity<ComputeRate>
{
    ComputeRate(double si) => Si = si;

    /// <inheritdoc/>
    public static string Name => "compute rate";

    /// <inheritdoc/>
    public static IReadOnlyList<Unit> Units { get; } =
    [
        new("FLOP/s", 1) { Aliases = ["FLOPS"] },
        new("GFLOP/s", 1e9) { Aliases = ["GFLOPS"] },
        new("TFLOP/s", 1e12) { Aliases = ["TFLOPS"] },
        new("PFLOP/s", 1e15) { Aliases = ["PFLOPS"] },
        new("EFLOP/s", 1e18) { Aliases = ["EFLOPS"] },
        new("ZFLOP/s", 1e21),
    ];

    /// <inheritdoc/>
    public double Si { get; }

    /// <inheritdoc/>
    public static ComputeRate FromSi(double value) => new(value);

    /// <summary>None of it: 0, as <c>default</c>.</summary>
    public static ComputeRate Zero => default;

    /// <summary>Makes it from a value in FLOP/s.</summary>
    public static ComputeRate FromFlopPerSecond(double value) => new(value);

    /// <summary>The value in FLOP/s.</summary>
    public double FlopPerSecond => Si;

    /// <summary>Makes it from a value in TFLOP/s.</summary>
    public static ComputeRate FromTeraflops(double value) => new(value * 1e12);

    /// <summary>The value in TFLOP/s.</summary>
    public double Teraflops => Si / 1e12;

    /// <summary>Prints with the unit that suits the size.</summary>
    public override string ToString() => Quantity.Format(this);

    /// <summary>Prints in a format of <see cref="Quantity.Format{T}(T, string?)"/>.</summary>
    public string ToString(string? format) => Quantity.Format(this, format);
}
