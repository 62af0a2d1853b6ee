using System.Globalization;
using CsCheck;

namespace Lightloom.Quantities.Tests;

/// <summary>Whatever is printed with all digits is read back unchanged.</summary>
public class RoundTripTests
{
    public static TheoryData<string> Names => AllQuantities.Names;

    // Evenly over magnitudes, not over values: a uniform double is nearly always huge.
    static readonly Gen<double> AnyMagnitude =
        Gen.Select(Gen.Double[1, 10], Gen.Int[-20, 24], Gen.Bool, (m, e, negative) => (negative ? -m : m) * Math.Pow(10, e));

    [Theory]
    [MemberData(nameof(Names))]
    public void All_digits_are_read_back_unchanged(string name) =>
        AllQuantities.Check(name, typeof(RoundTripTests), nameof(PrintedWithAllDigitsReadsBack));

    [Theory]
    [MemberData(nameof(Names))]
    public void Six_digits_are_read_back_to_within_half_of_the_last(string name) =>
        AllQuantities.Check(name, typeof(RoundTripTests), nameof(PrintedReadsBackNearly));

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_text_is_either_read_or_refused_with_a_reason(string name) =>
        AllQuantities.Check(name, typeof(RoundTripTests), nameof(AnyTextIsReadOrRefused));

    [Fact]
    public void Rounding_agrees_with_the_framework_on_significant_digits() =>
        Gen.Select(AnyMagnitude, Gen.Int[1, 12]).Sample((value, digits) =>
        {
            var expected = double.Parse(value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            var actual = double.Parse(Quantity.Round(value, digits), CultureInfo.InvariantCulture);
            // Binary halves may go either way in the last digit.
            Assert.True(Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected) ||
                Math.Abs(Math.Abs(value - actual) - Math.Abs(value - expected)) <= 1e-9 * Math.Abs(value), $"{value}: {actual}, {expected}");
        });

    static void PrintedWithAllDigitsReadsBack<T>()
        where T : struct, IQuantity<T> =>
        AnyMagnitude.Sample(si =>
        {
            var value = T.FromSi(si);
            return Quantity.Parse<T>(Quantity.Format(value, "R")).Equals(value);
        });

    static void PrintedReadsBackNearly<T>()
        where T : struct, IQuantity<T> =>
        AnyMagnitude.Sample(si => Math.Abs(Quantity.Parse<T>(Quantity.Format(T.FromSi(si))).Si - si) <= 5.001e-6 * Math.Abs(si));

    static void AnyTextIsReadOrRefused<T>()
        where T : struct, IQuantity<T> =>
        Gen.String["0123456789.eE+-GMkmbB/s WdJ%"].Sample(text =>
            Quantity.TryParse<T>(text, out var value, out var problem)
                ? problem.Length == 0 && double.IsFinite(value.Si)
                : problem.Length > 0 && value.Equals(default(T)));
}
