// Bit error ratio of a directly detected signal under white noise at the receiver.
//
//   x      distance of a level from its decision threshold over the noise's standard deviation (no unit)
//   PAM4, Gray coded:  BER = 3/4 · Q(x)      6 of 8 level sides can err, one of two bits is wrong then
//   NRZ:               BER = Q(x)
//   mean-power SNR of PAM4 = 5 x²            levels at ±1x, ±3x: (1 + 9)/2 = 5
//
// Margin of m dB: received optical power, and with it x, grows by 10^(m/10) over noise that stays (thermal noise of the
// receiver); an electrical insertion loss is a ratio of powers whose amplitude is its root, so x grows by 10^(m/20).
// Relative intensity noise and equalised crosstalk grow with the signal: above the limit the estimate is optimistic.
//
// Example: KP4 works to a BER of 2.4e-4, x = 3.4141, SNR 17.66 dB. One optical decibel more gives x = 4.298 and 6.5e-6.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>How bits become levels on a lane, and what bit error ratio a distance between levels gives.</summary>
/// <remarks>White Gaussian noise, Gray coding, equidistant levels; IEEE 802.3 clause 120 for the coding.</remarks>
public enum LineCode
{
    /// <summary>Four levels, two bits a symbol.</summary>
    Pam4,

    /// <summary>Two levels, one bit a symbol.</summary>
    Nrz,
}

/// <summary>Bit error ratios of the line codes.</summary>
public static class LineCodes
{
    /// <summary>Bit error ratio, at a half level spacing of <paramref name="spacing"/> standard deviations of the noise.</summary>
    public static double BitErrorRatio(this LineCode code, double spacing) =>
        code == LineCode.Nrz ? GaussianTail.Q(spacing) : 0.75 * GaussianTail.Q(spacing);

    /// <summary>Half the level spacing, in standard deviations of the noise, that gives a bit error ratio.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and what pure noise gives.</exception>
    public static double Spacing(this LineCode code, double bitErrorRatio)
    {
        var worst = code == LineCode.Nrz ? 0.5 : 0.375;
        if (!(bitErrorRatio > 0 && bitErrorRatio < worst))
        {
            throw new ArgumentOutOfRangeException(
                nameof(bitErrorRatio), bitErrorRatio, $"a bit error ratio strictly between 0 and {worst} is needed");
        }
        return GaussianTail.InverseQ(code == LineCode.Nrz ? bitErrorRatio : bitErrorRatio / 0.75);
    }

    /// <summary>Ratio of mean signal power to noise power, at a half level spacing.</summary>
    public static Decibels SignalToNoise(this LineCode code, double spacing) =>
        Decibels.FromRatio((code == LineCode.Nrz ? 1 : 5) * spacing * spacing);

    /// <summary>The half level spacing after the optical power has grown by a margin.</summary>
    public static double WithOpticalMargin(double spacing, Decibels margin) => spacing * Math.Pow(10, margin.Si / 10);

    /// <summary>The half level spacing after the electrical loss has shrunk by a margin.</summary>
    public static double WithElectricalMargin(double spacing, Decibels margin) => spacing * Math.Pow(10, margin.Si / 20);
}
