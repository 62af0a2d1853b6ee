using System.Numerics;
using CsCheck;

namespace Lightloom.Optics.Tests;

public class BurstErrorsTests
{
    static readonly Gen<ErrorPropagation> Propagations = Gen.Select(Gen.Double[0, 0.95], Gen.Bool, Gen.Int[1, 4], Gen.Bool,
        (a, nrz, interleaved, precoded) => new ErrorPropagation(a, nrz ? LineCode.Nrz : LineCode.Pam4, interleaved, precoded));

    // The low-latency agreement's limit: 3.7677e-4 random or 5.79e-5 in bursts of a = 0.75 for the same loss. Counted as separate
    // bursts, as such tables are, the model comes within a thousandth; the exact chain, which lets bursts share a symbol, bears 2.3 %
    // more errors, 0.05 dB.
    [Fact]
    public void Kp4_bears_the_published_bursts()
    {
        var limit = ReedSolomonCode.Kp4.UncorrectableRatio(3.7677e-4);
        Assert.Equal(limit, BurstErrors.UncorrectableRatioOfSeparateBursts(ReedSolomonCode.Kp4, 5.785e-5, 0.75), limit * 0.002);
        Assert.Equal(5.92e-5, BurstErrors.BitErrorRatio(ReedSolomonCode.Kp4, limit, new(0.75)), 0.005e-5);
        Assert.Equal(1.60e-4, BurstErrors.BitErrorRatio(ReedSolomonCode.Kp4, limit, new(0.75, Precoded: true)), 0.005e-4);
        Assert.Equal(5.59e-4, BurstErrors.BitErrorRatio(ReedSolomonCode.Kp4, limit, new(0.75, InterleavedCodewords: 2)), 0.005e-4);
    }

    [Fact]
    public void One_long_burst_beats_the_low_latency_code()
    {
        Assert.Equal(9.2e-9, Bears(new(0.75)), 0.05e-9);
        // Codewords that take turns, or precoding, bring it back.
        Assert.Equal(3.15e-5, Bears(new(0.75, InterleavedCodewords: 2)), 0.005e-5);
        Assert.True(Bears(new(0.75, Precoded: true)) > 1e-5);

        static double Bears(ErrorPropagation propagation) => BurstErrors.BitErrorRatio(ReedSolomonCode.LowLatency, 4.98e-10, propagation);
    }

    [Theory]
    [InlineData(1e-5)]
    [InlineData(3.7677e-4)]
    [InlineData(5e-3)]
    public void Errors_that_know_nothing_of_each_other_are_the_binomial_case(double ber) =>
        Assert.All([ReedSolomonCode.Kp4, ReedSolomonCode.LowLatency], code =>
        {
            var random = code.UncorrectableRatio(ber);
            Assert.Equal(random, BurstErrors.UncorrectableRatio(code, ber, new(ber, LineCode.Nrz)), random * 1e-9);
        });

    // Every pattern of right and wrong decisions of a small code, with its probability.
    [Fact]
    public void The_chain_agrees_with_listing_every_pattern() => Gen.Select(Propagations, Gen.Double[0, 1]).Sample((propagation, share) =>
    {
        var code = new ReedSolomonCode(4, 2, 2, 4);
        var bits = propagation.Code == LineCode.Nrz ? 1 : 2;
        var steps = 2 / bits;
        var stay = 1 - propagation.Continuation;
        var most = (propagation.Precoded ? 2 * stay : 1) / (1 + stay) / bits;
        var ber = share * most * 0.999;
        var wrong = ber * bits;
        var start = wrong * stay / (propagation.Precoded ? 2 * stay - wrong : 1 - wrong);

        // One codeword of the interleaved ones is looked at: line symbols of others pass between its own.
        var length = ((4 - 1) * propagation.InterleavedCodewords + 1) * steps;
        if (length > 14) return;
        double expected = 0, errors = 0;
        for (var pattern = 0; pattern < 2 << length; pattern++) // bit 0 is the decision before the first
        {
            var probability = (pattern & 1) == 1 ? start / (stay + start) : stay / (stay + start);
            var hit = 0;
            for (var i = 1; i <= length; i++)
            {
                var (before, now) = (pattern >> (i - 1) & 1, pattern >> i & 1);
                probability *= before == 1 ? (now == 1 ? 1 - stay : stay) : (now == 1 ? start : 1 - start);
                var error = propagation.Precoded ? before != now : now == 1;
                var symbol = (i - 1) / steps;
                if (error && symbol % propagation.InterleavedCodewords == 0) hit |= 1 << symbol / propagation.InterleavedCodewords;
            }
            var first = propagation.Precoded ? (pattern & 1) != (pattern >> 1 & 1) : (pattern >> 1 & 1) == 1;
            if (first) errors += probability;
            if (BitOperations.PopCount((uint)hit) > 1) expected += probability;
        }
        Assert.Equal(wrong, errors, 1e-12); // the chain keeps to the error ratio that was asked for
        Assert.Equal(expected, BurstErrors.UncorrectableRatio(code, ber, propagation), 1e-12);
    });

    [Fact]
    public void More_errors_lose_more_codewords() => Gen.Select(Propagations, Gen.Double[-9, -2], Gen.Double[0, 1]).Sample((propagation, exponent, more) =>
    {
        var (ber, worse) = (Math.Pow(10, exponent), Math.Pow(10, exponent + more));
        if (worse > 0.02) return;
        var ratio = BurstErrors.UncorrectableRatio(ReedSolomonCode.LowLatency, ber, propagation);
        Assert.InRange(ratio, 0, 1);
        Assert.True(ratio <= BurstErrors.UncorrectableRatio(ReedSolomonCode.LowLatency, worse, propagation) * (1 + 1e-12));
    });

    [Fact]
    public void Turns_help_and_separate_bursts_are_pessimistic() => Gen.Select(Gen.Double[0.3, 0.9], Gen.Double[-6, -4.3]).Sample((a, exponent) =>
    {
        var ber = Math.Pow(10, exponent);
        var exact = BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, ber, new(a));
        Assert.True(BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, ber, new(a, InterleavedCodewords: 2)) <= exact);
        Assert.True(BurstErrors.UncorrectableRatioOfSeparateBursts(ReedSolomonCode.Kp4, ber, a) >= exact * 0.999);
    });

    [Fact]
    public void A_bit_error_ratio_gives_back_its_share() => Gen.Select(Propagations, Gen.Double[-15, -1]).Sample((propagation, exponent) =>
    {
        var share = Math.Pow(10, exponent);
        var ber = BurstErrors.BitErrorRatio(ReedSolomonCode.Kp4, share, propagation);
        Assert.Equal(share, BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, ber, propagation), share * 1e-6);
    }, iter: 10);

    [Fact]
    public void Nothing_allocates()
    {
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 20; i++) _ = BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 1e-4, new(0.5));
        }));
    }

    [Fact]
    public void Impossible_bursts_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 1e-4, new(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 0.6, new(0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 1e-4, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => BurstErrors.BitErrorRatio(ReedSolomonCode.Kp4, 0, new(0.5)));
        Assert.Throws<ArgumentException>(() => BurstErrors.UncorrectableRatio(new ReedSolomonCode(31, 27, 5, 100), 1e-4, new(0.5)));
        Assert.Equal(0, BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 0, new(0.5)));
        Assert.Equal(0, BurstErrors.UncorrectableRatioOfSeparateBursts(ReedSolomonCode.Kp4, 0, 0.5));
    }
}
