using System.Numerics;
using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class ReedSolomonCodeTests
{
    [Theory]
    [InlineData(1e-4, 1.36e-18)]
    [InlineData(2.28e-4, 3.81e-13)]
    [InlineData(2.4e-4, 8.15e-13)]
    [InlineData(5e-4, 2.79e-8)]
    [InlineData(1e-3, 1.53e-4)]
    public void Kp4_leaves_the_published_share_of_codewords(double ber, double published)
    {
        var ratio = ReedSolomonCode.Kp4.UncorrectableRatio(ber);
        Assert.Equal(published, ratio, published * 0.005);
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1e-4)]
    [InlineData(2.28e-4)]
    [InlineData(2.4e-4)]
    [InlineData(3.7677e-4)]
    [InlineData(5e-4)]
    [InlineData(1e-3)]
    [InlineData(2e-3)]
    [InlineData(5e-3)]
    [InlineData(0.05)]
    public void The_tail_agrees_with_exact_integer_arithmetic(double ber)
    {
        foreach (var code in new[] { ReedSolomonCode.Kp4, ReedSolomonCode.LowLatency })
        {
            var exact = Exact(code.Symbols, code.Correctable, code.SymbolBits, ber);
            Assert.Equal(exact, code.UncorrectableRatio(ber), exact * 1e-10);
        }
    }

    [Fact]
    public void The_limit_of_the_low_latency_agreement_is_met()
    {
        var ratio = ReedSolomonCode.Kp4.UncorrectableRatio(3.7677e-4);
        Assert.Equal(5.59e-10, ratio, 0.005e-10);
        Assert.Equal(6.29e-10, ReedSolomonCode.Kp4.FrameLossRatio(ratio, ReedSolomonCode.ReferenceFrame), 0.005e-10);
        Assert.Equal(1.125, ReedSolomonCode.Kp4.FrameLossRatio(1e-9, ReedSolomonCode.ReferenceFrame) / 1e-9, 1e-12);
        var low = ReedSolomonCode.LowLatency.UncorrectableRatio(9.9248e-5);
        Assert.Equal(4.98e-10, low, 0.005e-10);
        Assert.Equal(6.2e-10, ReedSolomonCode.LowLatency.FrameLossRatio(low, ReedSolomonCode.ReferenceFrame), 0.05e-10);
    }

    [Fact]
    public void Longer_frames_meet_more_bad_codewords() =>
        Assert.Equal(1 + 32768 / 5120.0, ReedSolomonCode.Kp4.FrameLossRatio(1e-9, DataSize.FromBits(32768)) / 1e-9, 1e-9);

    [Fact]
    public void Its_share_is_a_ratio_and_grows_with_the_errors() => Gen.Double[0, 1].Select(Gen.Double[0, 1]).Sample((a, b) =>
    {
        var (x, y) = (ReedSolomonCode.Kp4.UncorrectableRatio(Math.Min(a, b)), ReedSolomonCode.Kp4.UncorrectableRatio(Math.Max(a, b)));
        Assert.InRange(x, 0, 1);
        Assert.True(x <= y + 1e-12);
    });

    [Fact]
    public void The_ends_of_the_scale_are_certain()
    {
        Assert.Equal(0, ReedSolomonCode.Kp4.UncorrectableRatio(0));
        Assert.Equal(1, ReedSolomonCode.Kp4.UncorrectableRatio(1));
        Assert.Equal(1, ReedSolomonCode.Kp4.UncorrectableRatio(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReedSolomonCode.Kp4.UncorrectableRatio(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReedSolomonCode.Kp4.UncorrectableRatio(-1e-9));
    }

    [Fact]
    public void An_inner_code_brings_its_stated_limit_to_the_outer_codes_limit()
    {
        var gain = ErrorCorrection.InnerGain(FecScheme.Kp4WithHamming, LineCode.Pam4, 4.85e-3, 2.4e-4);
        Assert.Equal(1.37354, gain, 5);
        Assert.Equal(2.76, 20 * Math.Log10(gain), 2);
        var errors = ErrorCorrection.At(FecScheme.Kp4WithHamming, LineCode.Pam4, LineCode.Pam4.Spacing(4.85e-3), gain);
        Assert.Equal(4.85e-3, errors.PreFecBer, 1e-12);
        Assert.Equal(8.15e-13, errors.UncorrectableCodewords, 0.005e-13);
    }

    [Fact]
    public void Without_a_code_every_wrong_bit_loses_a_frame()
    {
        var errors = ErrorCorrection.At(FecScheme.None, LineCode.Pam4, LineCode.Pam4.Spacing(1e-12));
        Assert.Equal(640e-12, errors.FrameLoss, 1e-20);
    }

    /// <summary>P[Binomial(n, 1-(1-p)^m) &gt; t] in integers: p is a double and so an exact fraction of a power of two.</summary>
    static double Exact(int n, int t, int m, double p)
    {
        const int Bits = 1600; // fixed point, with room for the smallest term
        var one = BigInteger.One << Bits;
        var right = one - (BigInteger)(p * Math.Pow(2, 200)) * (BigInteger.One << (Bits - 200));
        var kept = one;
        for (var i = 0; i < m; i++) kept = kept * right >> Bits;
        var wrong = one - kept;
        var keptPowers = new BigInteger[n + 1];
        keptPowers[0] = one;
        for (var i = 1; i <= n; i++) keptPowers[i] = keptPowers[i - 1] * kept >> Bits;
        BigInteger sum = 0, choose = 1, wrongPower = one;
        for (var j = 0; j <= n; j++)
        {
            if (j > t) sum += choose * (wrongPower * keptPowers[n - j] >> Bits);
            choose = choose * (n - j) / (j + 1);
            wrongPower = wrongPower * wrong >> Bits;
        }
        return (double)(sum >> (Bits - 300)) / Math.Pow(2, 300);
    }
}
