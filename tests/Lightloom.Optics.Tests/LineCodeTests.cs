using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class LineCodeTests
{
    [Theory]
    [InlineData(2.4e-4, 3.4141, 17.66)]
    [InlineData(4.85e-3, 2.4856, 14.90)]
    [InlineData(1e-6, 4.6950, 20.42)]
    public void Pam4_needs_the_published_spacing_and_signal_to_noise(double ber, double spacing, double decibels)
    {
        var x = LineCode.Pam4.Spacing(ber);
        Assert.Equal(spacing, x, 4);
        Assert.Equal(decibels, LineCode.Pam4.SignalToNoise(x).Si, 2);
        Assert.Equal(ber, LineCode.Pam4.BitErrorRatio(x), ber * 1e-12);
    }

    // Reference values of the normal tail to 15 digits (Abramowitz and Stegun table 26.2 and its asymptotic series).
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.158655253931457)]
    [InlineData(2, 0.0227501319481792)]
    [InlineData(3, 0.00134989803163009)]
    [InlineData(5, 2.86651571879194e-07)]
    [InlineData(10, 7.61985302416053e-24)]
    public void The_normal_tail_is_exact(double x, double expected)
    {
        Assert.Equal(expected, GaussianTail.Q(x), expected * 2e-14);
        Assert.Equal(1 - expected, GaussianTail.Q(-x), 15);
        if (x > 0) Assert.Equal(x, GaussianTail.InverseQ(expected), 12);
    }

    [Fact]
    public void The_tail_is_smooth_where_the_series_gives_way_to_the_fraction()
    {
        var z = 2 * Math.Sqrt(2);
        Assert.Equal(GaussianTail.Q(z - 1e-9), GaussianTail.Q(z + 1e-9), GaussianTail.Q(z) * 1e-8);
        Assert.Equal(0, GaussianTail.Q(50));
        Assert.True(double.IsNaN(GaussianTail.Q(double.NaN)));
    }

    [Fact]
    public void An_optical_decibel_counts_twice_as_much_as_an_electrical_one()
    {
        var x = LineCode.Pam4.Spacing(2.4e-4);
        var optical = LineCodes.WithOpticalMargin(x, Decibels.FromDecibels(1));
        Assert.Equal(4.298, optical, 3);
        Assert.Equal(6.5e-6, LineCode.Pam4.BitErrorRatio(optical), 1e-7);
        Assert.Equal(optical, LineCodes.WithElectricalMargin(x, Decibels.FromDecibels(2)), 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1e-3)]
    [InlineData(0.4)]
    [InlineData(double.NaN)]
    public void No_spacing_gives_an_impossible_ratio(double ber) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LineCode.Pam4.Spacing(ber));
}
