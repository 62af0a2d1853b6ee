using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class ThresholdCodeTests
{
    [Fact]
    public void Net_coding_gains_are_the_published_ones()
    {
        Assert.Equal(10.8, ThresholdCode.Concatenated.NetCodingGain(LineCode.Pam4).Si, 1);
        Assert.Equal(11.6, ThresholdCode.Open.NetCodingGain(LineCode.Pam4).Si, 1);
        Assert.Equal(11.1, ThresholdCode.Open.NetCodingGain(LineCode.Nrz).Si, 1);
        Assert.Equal(0.148, ThresholdCode.Concatenated.Overhead, 3);
        Assert.Equal(0.153, ThresholdCode.Open.Overhead, 3);
        Assert.Equal(2.48, ThresholdCode.InnerHamming.NetCodingGain(LineCode.Pam4).Si, 2);
    }

    [Fact]
    public void The_inner_codes_gain_is_that_of_the_links_that_use_it()
    {
        var gain = ErrorCorrection.InnerGain(FecScheme.Kp4WithHamming, LineCode.Pam4, 4.85e-3, 2.4e-4);
        Assert.Equal(20 * Math.Log10(gain), ThresholdCode.InnerHamming.GrossCodingGain(LineCode.Pam4).Si, 1e-9);
        Assert.Equal(2.76, ThresholdCode.InnerHamming.GrossCodingGain(LineCode.Pam4).Si, 2);
    }

    [Fact]
    public void It_corrects_up_to_its_limit_and_not_beyond()
    {
        var code = ThresholdCode.Concatenated;
        Assert.Equal(1e-15, code.BitErrorRatioAfter(1.25e-2));
        Assert.Equal(1.26e-2, code.BitErrorRatioAfter(1.26e-2));
        Assert.Equal(0, code.BitErrorRatioAfter(0));
        Assert.Equal(0, code.Margin(LineCode.Pam4, 1.25e-2).Si, 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => code.BitErrorRatioAfter(0.6));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.BitErrorRatioAfter(double.NaN));
    }

    [Fact]
    public void Errors_after_it_and_its_margin_follow_the_errors_before() => Gen.Select(Gen.Double[-14, -0.5], Gen.Double[-14, -0.5]).Sample((a, b) =>
    {
        var (fewer, more) = (Math.Pow(10, Math.Min(a, b)), Math.Pow(10, Math.Max(a, b)));
        Assert.True(ThresholdCode.Open.BitErrorRatioAfter(fewer) <= ThresholdCode.Open.BitErrorRatioAfter(more));
        Assert.True(ThresholdCode.Open.Margin(LineCode.Pam4, fewer) >= ThresholdCode.Open.Margin(LineCode.Pam4, more));
        Assert.Equal(fewer <= 2e-2, ThresholdCode.Open.Margin(LineCode.Pam4, fewer).Si >= -1e-9);
    });
}
