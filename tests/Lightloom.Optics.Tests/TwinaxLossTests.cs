using Lightloom.Quantities;
using static Lightloom.Optics.Tests.TestParts;

namespace Lightloom.Optics.Tests;

public class TwinaxLossTests
{
    [Theory]
    [InlineData(0.785, 26.56, 4.84)]
    [InlineData(0.990, 26.56, 5.90)]
    [InlineData(1.249, 26.56, 7.23)]
    [InlineData(1.572, 26.56, 8.90)]
    [InlineData(0.785, 53.125, 7.32)]
    [InlineData(0.990, 53.125, 8.81)]
    [InlineData(1.249, 53.125, 10.70)]
    [InlineData(1.572, 53.125, 13.05)]
    public void A_pair_loses_the_published_decibels_per_metre(double skin, double gigahertz, double expected)
    {
        var loss = TwinaxLoss.PerLength(Awg26 with { SkinLoss = Of(skin) }, Frequency.FromGigahertz(gigahertz));
        Assert.Equal(expected, loss.DecibelsPerMeter, 2);
    }

    [Fact]
    public void Passive_copper_reaches_the_published_lengths()
    {
        Assert.Equal(1.77, TwinaxLoss.Reach(Awg30, Cr4).Meters, 2);
        Assert.Equal(2.67, TwinaxLoss.Reach(Awg26, Cr4).Meters, 2);
        Assert.Equal(0.92, TwinaxLoss.Reach(Awg30, Cr4At200).Meters, 2);
        Assert.Equal(1.36, TwinaxLoss.Reach(Awg26, Cr4At200).Meters, 2);
    }

    [Fact]
    public void Connectors_that_eat_the_budget_leave_no_reach() =>
        Assert.Equal(0, TwinaxLoss.Reach(Awg26, Cr4 with { ConnectorLoss = Of(Decibels.FromDecibels(20)) }).Meters);
}
