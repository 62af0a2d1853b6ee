using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class MarginWanderTests
{
    static readonly MarginWander Wander = MarginWander.Default;

    [Theory]
    [InlineData(1.2, 9.87e-10, 0.031)]
    [InlineData(1, 2.87e-7, 9.0)]
    [InlineData(0, 0.5, 15778800)]
    public void A_margin_flaps_as_often_as_in_the_example(double margin, double share, double perYear)
    {
        Assert.Equal(share, Wander.ShareBelow(Decibels.FromDecibels(margin)), share * 0.01);
        Assert.Equal(perYear, Wander.Flaps(Decibels.FromDecibels(margin)).PerYear, perYear * 0.01);
    }

    [Fact]
    public void More_margin_flaps_less_and_a_rate_gives_back_its_margin() => Gen.Select(Gen.Double[-0.4, 2.4], Gen.Double[0, 0.8]).Sample((margin, more) =>
    {
        var flaps = Wander.Flaps(Decibels.FromDecibels(margin));
        Assert.True(Wander.Flaps(Decibels.FromDecibels(margin + more)) <= flaps);
        Assert.InRange(Wander.ShareDown(Decibels.FromDecibels(margin)), Wander.ShareBelow(Decibels.FromDecibels(margin)), 1);
        Assert.Equal(margin, Wander.MarginFor(flaps).Si, 1e-6);
    });

    [Fact]
    public void Impossible_wanders_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Wander.MarginFor(FailureRate.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wander.MarginFor(FailureRate.FromPerSecond(2)));
        Assert.Throws<InvalidOperationException>(() => (Wander with { Deviation = default }).Flaps(Decibels.Zero));
        Assert.Throws<InvalidOperationException>(() => (Wander with { Excursion = default }).Flaps(Decibels.Zero));
    }

    [Fact]
    public void Its_assumptions_can_be_listed() =>
        Assert.Equal(typeof(MarginWander).GetProperties().Count(p => p.PropertyType.IsAssignableTo(typeof(ISourced))), Wander.All.Count);
}
