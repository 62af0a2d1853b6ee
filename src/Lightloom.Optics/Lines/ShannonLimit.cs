// The most that channels of a signal-to-noise ratio can carry, and how far a mode stays from it.
//
//   C      = 2 B log₂(1 + SNR)                    b/s     two polarizations of symbol rate B; SNR in the signal's band
//   SNR_R  = 2^(R / 2B) − 1                               the least at which a rate R is possible
//   gap    = SNR / SNR_R                          dB
//   spectral efficiency = rate / width of the band        b/s/Hz
//
// Interference counts as noise. That makes C what receivers that don't undo it can reach, and a lower bound of what is possible.
//
// Example: 64 GBd at a GSNR of 21.264 dB: 905.5 Gb/s. 400 Gb/s need 8.88 dB: a gap of 12.39 dB.

using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>Shannon's limit of a polarization-multiplexed channel.</summary>
/// <remarks>C. E. Shannon, BSTJ 27 (1948) 379; P. Poggiolini et al., arXiv:1209.0394, for interference as Gaussian noise.</remarks>
public static class ShannonLimit
{
    /// <summary>Most that a channel can carry.</summary>
    /// <param name="signalToNoise">Signal over all noise in the signal's own band.</param>
    /// <param name="symbolRate">Its symbol rate.</param>
    public static Bandwidth Capacity(Decibels signalToNoise, SymbolRate symbolRate) =>
        Bandwidth.FromBitsPerSecond(2 * symbolRate.Baud * Math.Log2(1 + signalToNoise.Ratio));

    /// <summary>Least ratio of signal to noise, in the signal's own band, at which a rate is possible.</summary>
    public static Decibels RequiredSignalToNoise(Bandwidth rate, SymbolRate symbolRate) =>
        Decibels.FromRatio(Math.Pow(2, rate.BitsPerSecond / (2 * symbolRate.Baud)) - 1);

    /// <summary>How far above the least a channel is.</summary>
    public static Decibels Gap(Decibels signalToNoise, Bandwidth rate, SymbolRate symbolRate) =>
        signalToNoise - RequiredSignalToNoise(rate, symbolRate);
}
