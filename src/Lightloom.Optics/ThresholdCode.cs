// Codes with soft decisions, whose errors after correction have no closed form: known by the bit error ratio that they turn into
// almost none.
//
//   p_in   bit error ratio before correction that the code was specified to bear
//   p_out  bit error ratio that it then leaves (1e-15; 2.4e-4 for an inner code, KP4's own limit)
//   x(p)   half level spacing over noise at that ratio (see LineCode), of one quadrature: PAM4 for 16QAM, NRZ for QPSK
//   r      rate: data bits over line bits
//   gross coding gain = 20 log10( x(p_out)/x(p_in) )                                    dB
//   net coding gain   = gross + 10 log10 r            noise of the extra bandwidth off   dB
//
// Threshold behaviour: up to p_in the code is taken to leave p_out, above p_in to correct nothing. A real soft decoder falls over
// some tenths of a decibel there; the step is on the safe side above the limit and silent about how much better p_out is below it.
//
// Example: the concatenated code of 400ZR: p_in 1.25e-2, r = 239/255 · 119/128: net gain 10.8 dB with 16QAM. The open code: 2e-2,
// r = 111/128: 11.6 dB with 16QAM, 11.1 dB with QPSK. The inner Hamming code: 4.85e-3 to 2.4e-4 with PAM4: gross 2.76 dB, net 2.48.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A code known by the error ratio that it bears; what it leaves is a step, not a curve.</summary>
/// <remarks>OIF 400ZR (concatenated code); Open ROADM and ITU-T G.709.3 (open code); IEEE P802.3dj (inner Hamming code).</remarks>
public sealed record ThresholdCode
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Bit error ratio before correction that it bears.</summary>
    public required Sourced<double> Limit { get; init; }

    /// <summary>Bit error ratio that it leaves at its limit.</summary>
    public required double Residual { get; init; }

    /// <summary>Data bits over line bits.</summary>
    public required double Rate { get; init; }

    /// <summary>The concatenated staircase and Hamming code of 400ZR (CFEC).</summary>
    public static ThresholdCode Concatenated { get; } = new()
    {
        Name = "CFEC",
        Limit = Sourced<double>.Of(1.25e-2, "OIF 400ZR", Grade.Standard),
        Residual = 1e-15,
        Rate = 239.0 / 255 * 119 / 128,
    };

    /// <summary>The open code of OpenZR+ and 800ZR (oFEC).</summary>
    public static ThresholdCode Open { get; } = new()
    {
        Name = "oFEC",
        Limit = Sourced<double>.Of(2e-2, "OpenZR+ MSA", Grade.Standard),
        Residual = 1e-15,
        Rate = 111.0 / 128,
    };

    /// <summary>The inner Hamming(128,120) code, up to what KP4 behind it bears.</summary>
    public static ThresholdCode InnerHamming { get; } = new()
    {
        Name = "Hamming(128,120)",
        Limit = Sourced<double>.Of(4.85e-3, "IEEE P802.3dj", Grade.Standard),
        Residual = 2.4e-4,
        Rate = 120.0 / 128,
    };

    /// <summary>Line bits beyond the data's, over the data's.</summary>
    public double Overhead => 1 / Rate - 1;

    /// <summary>How much less signal to noise the code asks for than its residual ratio would without it.</summary>
    /// <param name="code">Levels of one quadrature: PAM4 also for 16QAM, NRZ also for QPSK.</param>
    public Decibels GrossCodingGain(LineCode code) => 2 * Decibels.FromRatio(code.Spacing(Residual) / code.Spacing(Limit.Value));

    /// <summary>The same at one data rate, with the noise of the bandwidth that the overhead takes.</summary>
    /// <param name="code">Levels of one quadrature: PAM4 also for 16QAM, NRZ also for QPSK.</param>
    public Decibels NetCodingGain(LineCode code) => GrossCodingGain(code) + Decibels.FromRatio(Rate);

    /// <summary>Bit error ratio after correction: the residual up to the limit, what came in above it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 0.5.</exception>
    public double BitErrorRatioAfter(double bitErrorRatio) => bitErrorRatio switch
    {
        >= 0 and <= 0.5 when bitErrorRatio <= Limit.Value => Math.Min(Residual, bitErrorRatio),
        >= 0 and <= 0.5 => bitErrorRatio,
        _ => throw new ArgumentOutOfRangeException(nameof(bitErrorRatio), bitErrorRatio, "a bit error ratio between 0 and 0.5 is needed"),
    };

    /// <summary>How much signal to noise may still be lost until the limit; negative beyond it.</summary>
    /// <param name="code">Levels of one quadrature: PAM4 also for 16QAM, NRZ also for QPSK.</param>
    /// <param name="bitErrorRatio">Bit error ratio before correction.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and what pure noise gives.</exception>
    public Decibels Margin(LineCode code, double bitErrorRatio) =>
        2 * Decibels.FromRatio(code.Spacing(bitErrorRatio) / code.Spacing(Limit.Value));
}
