// From the distance of the levels to lost frames, through whichever code the link runs.
//
//   x      half level spacing over noise at the receiver (see LineCode)
//   KP4 and low-latency code:  BER = code(x),  UCR and FLR by ReedSolomonCode
//   KP4 behind an inner Hamming(128,120): the interface states the BER p_i that the inner code brings to KP4's own limit p_o
//   = 2.4e-4. Its gain is taken as constant in x: what KP4 sees is a channel with x · x(p_o)/x(p_i).
//   CFEC and oFEC of coherent modules: a step at what they were specified to bear, by ThresholdCode
//   in bursts:  UCR by BurstErrors at the same BER; an inner code's interleaver breaks bursts, so KP4 behind it sees random errors
//
// Example: p_i = 4.85e-3 has x = 2.4856, p_o = 2.4e-4 has x = 3.4141: a gain of 1.37354 in x, 2.76 dB in electrical SNR.

using Lightloom.Catalog;

namespace Lightloom.Optics;

/// <summary>Error ratios of a link before and after correction.</summary>
/// <param name="PreFecBer">Bit error ratio before any correction.</param>
/// <param name="UncorrectableCodewords">Share of codewords that can't be corrected; without a code the bit error ratio.</param>
/// <param name="FrameLoss">Share of lost frames of 64 octets.</param>
public readonly record struct ErrorRatios(double PreFecBer, double UncorrectableCodewords, double FrameLoss);

/// <summary>What a code leaves of a link's bit errors.</summary>
/// <remarks>IEEE 802.3 clause 119 (KP4); P802.3dj (inner code); constant inner coding gain.</remarks>
public static class ErrorCorrection
{
    /// <summary>Error ratios at a half level spacing.</summary>
    /// <param name="scheme">The correction.</param>
    /// <param name="code">How bits become levels.</param>
    /// <param name="spacing">Half the level spacing in standard deviations of the noise.</param>
    /// <param name="innerGain">What the inner code multiplies the spacing by for the outer one; 1 without an inner code.</param>
    public static ErrorRatios At(FecScheme scheme, LineCode code, double spacing, double innerGain = 1)
    {
        var before = code.BitErrorRatio(spacing);
        if (scheme == FecScheme.None)
        {
            var bits = ReedSolomonCode.ReferenceFrame.Bits;
            return new(before, before, before < 1e-9 ? before * bits : 1 - Math.Pow(1 - before, bits));
        }
        if (Outer(scheme) is not { } outer)
        {
            var after = SoftDecision(scheme)!.BitErrorRatioAfter(Math.Min(0.5, before));
            return new(before, after, Math.Min(1, after * ReedSolomonCode.ReferenceFrame.Bits));
        }
        var uncorrectable = outer.UncorrectableRatio(innerGain == 1 ? before : code.BitErrorRatio(spacing * innerGain));
        return new(before, uncorrectable, outer.FrameLossRatio(uncorrectable, ReedSolomonCode.ReferenceFrame));
    }

    /// <summary>
    /// Error ratios at a half level spacing where a wrong decision makes the next one wrong. The bit error ratio before correction is the
    /// same, all errors of all bursts counted; what bursts change is what the code leaves. Schemes with an inner code or soft decisions,
    /// and none, are as <see cref="At"/>.
    /// </summary>
    /// <param name="scheme">The correction.</param>
    /// <param name="code">How bits become levels.</param>
    /// <param name="spacing">Half the level spacing in standard deviations of the noise.</param>
    /// <param name="propagation">How errors follow each other.</param>
    /// <param name="innerGain">What the inner code multiplies the spacing by for the outer one; 1 without an inner code.</param>
    /// <exception cref="ArgumentOutOfRangeException">The propagation is none.</exception>
    public static ErrorRatios InBursts(FecScheme scheme, LineCode code, double spacing, ErrorPropagation propagation, double innerGain = 1)
    {
        var random = At(scheme, code, spacing, innerGain);
        if (scheme is not (FecScheme.Kp4 or FecScheme.LowLatency)) return random;
        var outer = Outer(scheme)!;
        // Where every decision errs there are more errors than such bursts can hold; the code is lost either way.
        var uncorrectable = random.PreFecBer > BurstErrors.Most(propagation)
            ? 1
            : BurstErrors.UncorrectableRatio(outer, random.PreFecBer, propagation);
        return new(random.PreFecBer, uncorrectable, outer.FrameLossRatio(uncorrectable, ReedSolomonCode.ReferenceFrame));
    }

    /// <summary>Bit error ratio before correction at which a scheme loses a share of frames of 64 octets, each error alone.</summary>
    /// <param name="scheme">KP4 or the low-latency code.</param>
    /// <param name="frameLoss">The share, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">The scheme has no Reed-Solomon code, or an inner one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1.</exception>
    public static double LimitFor(FecScheme scheme, double frameLoss)
    {
        if (!(frameLoss is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(frameLoss), frameLoss, "a share strictly between 0 and 1 is needed");
        if (scheme is not (FecScheme.Kp4 or FecScheme.LowLatency))
            throw new ArgumentException($"no limit follows from a frame loss ratio for {scheme}", nameof(scheme));
        var code = Outer(scheme)!;
        double low = Math.Log(1e-30), high = Math.Log(0.3);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (code.FrameLossRatio(code.UncorrectableRatio(Math.Exp(middle)), ReedSolomonCode.ReferenceFrame) > frameLoss) high = middle;
            else low = middle;
        }
        return Math.Exp(low);
    }

    /// <summary>The code with soft decisions of a scheme of coherent modules; null for the others.</summary>
    public static ThresholdCode? SoftDecision(FecScheme scheme) => scheme switch
    {
        FecScheme.Concatenated => ThresholdCode.Concatenated,
        FecScheme.Open => ThresholdCode.Open,
        _ => null,
    };

    /// <summary>The Reed-Solomon code of a scheme, behind an inner one where it has it; null without one.</summary>
    public static ReedSolomonCode? Outer(FecScheme scheme) => scheme switch
    {
        FecScheme.LowLatency => ReedSolomonCode.LowLatency,
        FecScheme.Kp4 or FecScheme.Kp4WithHamming => ReedSolomonCode.Kp4,
        _ => null,
    };

    /// <summary>What an inner code multiplies the level spacing by: 1 for schemes without one.</summary>
    /// <param name="scheme">The correction.</param>
    /// <param name="code">How bits become levels.</param>
    /// <param name="limit">Bit error ratio that the interface allows before all correction.</param>
    /// <param name="outerLimit">Bit error ratio that the outer code works to.</param>
    public static double InnerGain(FecScheme scheme, LineCode code, double limit, double outerLimit) =>
        scheme == FecScheme.Kp4WithHamming ? code.Spacing(outerLimit) / code.Spacing(limit) : 1;
}
