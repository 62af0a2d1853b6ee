using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public sealed class CostTests
{
    static CostRange Range(double value, double below, double above, Grade grade = Grade.Vendor) =>
        CostRange.Of(Money.FromDollars(value), Money.FromDollars(value - below), Money.FromDollars(value + above), grade);

    static readonly Gen<(double Value, double Below, double Above)> Ranges =
        Gen.Select(Gen.Double[0, 1e6], Gen.Double[0, 1e5], Gen.Double[0, 1e5]);

    static void Close(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));

    [Fact]
    public void Independent_prices_add_their_ranges_in_quadrature() => Gen.Select(Ranges, Ranges).Sample((a, b) =>
    {
        var sum = Range(a.Value, a.Below, a.Above) + Range(b.Value, b.Below, b.Above);
        Close(a.Value + b.Value, sum.Value.Dollars);
        Assert.Equal(a.Value + b.Value - Math.Sqrt((a.Below * a.Below) + (b.Below * b.Below)), sum.Low.Dollars, 1e-6);
        Assert.Equal(a.Value + b.Value + Math.Sqrt((a.Above * a.Above) + (b.Above * b.Above)), sum.High.Dollars, 1e-6);
    });

    [Fact]
    public void Equal_items_and_prices_that_move_together_add_linearly() => Gen.Select(Ranges, Gen.Double[0, 1000]).Sample((a, count) =>
    {
        var each = Range(a.Value, a.Below, a.Above);
        var many = count * each;
        Assert.Equal(count * (a.Value - a.Below), many.Low.Dollars, 1e-3);
        Assert.Equal(count * (a.Value + a.Above), many.High.Dollars, 1e-3);
        var twice = CostRange.Linear(each, each);
        Assert.Equal((2 * each).Low.Dollars, twice.Low.Dollars, 1e-6);
        Assert.Equal((2 * each).High.Dollars, twice.High.Dollars, 1e-6);
    });

    [Fact]
    public void The_weakest_grade_of_what_went_in_is_kept()
    {
        var sum = Range(1, 0, 0, Grade.Measured) + Range(2, 0, 0, Grade.Assumption) + Range(3, 0, 0, Grade.Vendor);
        Assert.Equal(Grade.Assumption, sum.Weakest);
        Assert.Equal(Grade.Vendor, CostRange.Linear(Range(1, 0, 0, Grade.Standard), Range(1, 0, 0)).Weakest);
        Assert.Equal(Grade.Vendor, (CostRange.Zero + Range(1, 0, 0)).Weakest);
    }
}
