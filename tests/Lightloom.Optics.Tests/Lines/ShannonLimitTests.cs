using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class ShannonLimitTests
{
    static readonly SymbolRate Rate = SymbolRate.FromGigabaud(64);

    [Fact]
    public void The_example_holds()
    {
        Assert.Equal(905.5, ShannonLimit.Capacity(Db(21.264), Rate).GigabitsPerSecond, 0.05);
        Assert.Equal(8.88, ShannonLimit.RequiredSignalToNoise(Bandwidth.FromGigabitsPerSecond(400), Rate).Si, 0.005);
        Assert.Equal(12.39, ShannonLimit.Gap(Db(21.264), Bandwidth.FromGigabitsPerSecond(400), Rate).Si, 0.005);
    }

    // Two polarizations at 0 dB carry a bit a symbol each.
    [Fact]
    public void At_a_ratio_of_one_each_polarization_carries_a_bit_a_symbol() =>
        Assert.Equal(128, ShannonLimit.Capacity(Db(0), Rate).GigabitsPerSecond, 1e-9);

    [Theory]
    [InlineData(-20)]
    [InlineData(3)]
    [InlineData(40)]
    public void The_least_ratio_of_the_most_rate_is_the_ratio(double ratio) =>
        Assert.Equal(ratio, ShannonLimit.RequiredSignalToNoise(ShannonLimit.Capacity(Db(ratio), Rate), Rate).Si, 9);
}
