using CsCheck;

namespace Lightloom.Workloads.Tests;

/// <summary>Divisors near a number, against every number tried.</summary>
public class DivisorsTests
{
    [Fact]
    public void They_are_those_that_trying_every_number_finds() => Gen.Select(Gen.Int[1, 500], Gen.Int[1, 700]).Sample((whole, number) =>
    {
        var all = Enumerable.Range(1, whole).Where(d => whole % d == 0).ToList();
        var (below, above) = (all.Last(d => d <= number), all.FirstOrDefault(d => d >= number, whole));
        Assert.Equal((below, above), Divisors.Nearest(whole, number));
    });

    // The largest prime of 31 bits, and 46,340 squared.
    [Theory]
    [InlineData(int.MaxValue, 2, 1, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(2_147_395_600, 46_340, 46_340, 46_340)]
    [InlineData(2_147_395_600, 2_147_395_599, 1_073_697_800, 2_147_395_600)]
    public void Large_numbers_have_them_as_well(int whole, int number, int below, int above) => Assert.Equal((below, above), Divisors.Nearest(whole, number));

    [Fact]
    public void Nothing_is_divided_by_less_than_one()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Divisors.Nearest(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Divisors.Nearest(1, 0));
    }
}
