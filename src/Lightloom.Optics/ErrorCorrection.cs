// From the distance of the levels to lost frames, through whichever code the link runs.
//
//   x      half level spacing over noise at the receiver (see LineCode)
//   KP4 and low-latency code:  BER = code(x),  UCR and FLR by ReedSolomonCode
//   KP4 behind an inner Hamming(128,120): the interface states the BER p_i that the inner code brings to KP4's own limit p_o
//   = 2.4e-4. Its gain is taken as constant in x: what KP4 sees is a channel with x · x(p_o)/x(p_i).
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
        var outer = Outer(scheme)!;
        var uncorrectable = outer.UncorrectableRatio(innerGain == 1 ? before : code.BitErrorRatio(spacing * innerGain));
        return new(before, uncorrectable, outer.FrameLossRatio(uncorrectable, ReedSolomonCode.ReferenceFrame));
    }

    /// <summary>The outer code of a scheme; null without one.</summary>
    public static ReedSolomonCode? Outer(FecScheme scheme) => scheme switch
    {
        FecScheme.None => null,
        FecScheme.LowLatency => ReedSolomonCode.LowLatency,
        _ => ReedSolomonCode.Kp4,
    };

    /// <summary>What an inner code multiplies the level spacing by: 1 for schemes without one.</summary>
    /// <param name="scheme">The correction.</param>
    /// <param name="code">How bits become levels.</param>
    /// <param name="limit">Bit error ratio that the interface allows before all correction.</param>
    /// <param name="outerLimit">Bit error ratio that the outer code works to.</param>
    public static double InnerGain(FecScheme scheme, LineCode code, double limit, double outerLimit) =>
        scheme == FecScheme.Kp4WithHamming ? code.Spacing(outerLimit) / code.Spacing(limit) : 1;
}
