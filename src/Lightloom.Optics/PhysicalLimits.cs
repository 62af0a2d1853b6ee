// What physics asks of a link, however well it is built.
//
//   E_p  = h c / λ                                     energy of a photon                              J
//   n    photons received per bit, on average
//   Shot noise, no other (a photodiode that counts every photon, PAM with a dark lowest level and optimal thresholds):
//     levels of l_i = 2 (i−1)/(N−1) times the mean m photons a symbol, variance l_i m:
//     x_i = √m (√l_(i+1) − √l_i),   BER = 2/(N b) Σ Q(x_i),   n = m/b
//     OMA = 2 · n b · E_p · symbol rate
//   On-off keying, photons counted:  BER = 1/2 e^(−2n)               n = −ln(2 BER)/2
//   Shannon, heterodyne, C bit/s/Hz: n = (2^C − 1)/C                  ln 2 as C → 0
//   Holevo, C bits a mode:           C = g(N) = (N+1) log2(N+1) − N log2 N,  n = N/C
//   Landauer:                        k T ln 2                         energy to erase a bit              J
//   Light in vacuum:                 1/c = 3.33564 ns/m
//
// Example: E_p is 0.152 aJ at 1311 nm, 0.128 at 1550, 0.234 at 850. PAM4 needs 71.8 photons a bit for a BER of 2.4e-4 and 33.6 for
// 4.85e-3; the first is an OMA of −26.4 dBm at 53.125 GBd and −23.3 at 106.25. On-off keying at 1e-9: 10.0 photons. Heterodyne at
// C → 0, 2, 4: 0.69, 1.5, 3.75; Holevo at C = 1, 2, 4: 0.29, 0.50, 1.35. Landauer at 300 K: 0.0029 aJ.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Limits that physics sets: photons and energy per bit, and time.</summary>
/// <remarks>
/// Shannon 1949 for the Gaussian channel; Holevo 1973 and Giovannetti and others, Nature Photonics 8 (2014), for the lossless bosonic
/// one; Landauer 1961; Agrawal, Fiber-Optic Communication Systems, section 4.5, for the quantum limit of direct detection.
/// </remarks>
public static class PhysicalLimits
{
    /// <summary>Time of light over a length of vacuum.</summary>
    public static PropagationDelay VacuumDelay { get; } = PropagationDelay.FromSecondsPerMeter(1 / PhysicalConstants.SpeedOfLight);

    /// <summary>Energy of one photon.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The wavelength is not above 0.</exception>
    public static Energy PhotonEnergy(Length wavelength) => wavelength.Meters > 0
        ? Energy.FromJoules(PhysicalConstants.Planck * PhysicalConstants.SpeedOfLight / wavelength.Meters)
        : throw new ArgumentOutOfRangeException(nameof(wavelength), wavelength, "a wavelength above 0 is needed");

    /// <summary>Energy per bit of so many photons per bit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The wavelength is not above 0.</exception>
    public static EnergyPerBit OpticalEnergy(double photonsPerBit, Length wavelength) =>
        EnergyPerBit.FromJoulesPerBit(photonsPerBit * PhotonEnergy(wavelength).Joules);

    /// <summary>Photons per bit of an average power at a bit rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The wavelength or the rate is not above 0.</exception>
    public static double PhotonsPerBit(DecibelMilliwatts average, Bandwidth rate, Length wavelength) => rate.BitsPerSecond > 0
        ? average.Power.Watts / (rate.BitsPerSecond * PhotonEnergy(wavelength).Joules)
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "a rate above 0 is needed");

    /// <summary>Mean photons per bit that shot noise alone asks for, with the lowest level dark.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and what pure noise gives.</exception>
    public static double ShotNoisePhotonsPerBit(LineCode code, double bitErrorRatio)
    {
        var levels = PamReceiver.LevelsOf(code);
        var bits = PamReceiver.BitsOf(code);
        // The lowest eye is the widest and the highest the narrowest, so that √m lies between what either would need alone.
        var spacing = code.Spacing(bitErrorRatio);
        double low = 0, high = spacing / Opening(levels - 2, levels);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            double sum = 0;
            for (var eye = 0; eye < levels - 1; eye++) sum += GaussianTail.Q(middle * Opening(eye, levels));
            if (sum * 2 / (levels * bits) > bitErrorRatio) low = middle;
            else high = middle;
        }
        return high * high / bits;
    }

    /// <summary>OMA that shot noise alone asks for, with the lowest level dark and every photon counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The error ratio, symbol rate or wavelength is out of range.</exception>
    public static DecibelMilliwatts ShotNoiseOma(LineCode code, double bitErrorRatio, SymbolRate symbolRate, Length wavelength)
    {
        if (!(symbolRate.Baud > 0)) throw new ArgumentOutOfRangeException(nameof(symbolRate), symbolRate, "a symbol rate above 0 is needed");
        var photons = ShotNoisePhotonsPerBit(code, bitErrorRatio) * PamReceiver.BitsOf(code);
        return DecibelMilliwatts.FromPower(Power.FromWatts(2 * photons * PhotonEnergy(wavelength).Joules * symbolRate.Baud));
    }

    /// <summary>Mean photons per bit of on-off keying whose photons are counted: errors come only from light that held none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and 0.5.</exception>
    public static double CountedPhotonsPerBit(double bitErrorRatio) => bitErrorRatio is > 0 and < 0.5
        ? -Math.Log(2 * bitErrorRatio) / 2
        : throw new ArgumentOutOfRangeException(nameof(bitErrorRatio), bitErrorRatio, "a bit error ratio strictly between 0 and 0.5 is needed");

    /// <summary>Photons per bit that a heterodyne receiver needs at a spectral efficiency, in bits per symbol of one mode.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The efficiency is not above 0.</exception>
    public static double ShannonPhotonsPerBit(double bitsPerSymbol)
    {
        ThrowUnlessPositive(bitsPerSymbol);
        // 2^C - 1 loses its digits for small C; the series C ln 2 (1 + C ln 2 / 2 + (C ln 2)²/6) doesn't.
        var exponent = bitsPerSymbol * Math.Log(2);
        return (exponent < 1e-4 ? exponent * (1 + exponent / 2 + exponent * exponent / 6) : Math.Exp(exponent) - 1) / bitsPerSymbol;
    }

    /// <summary>Photons per bit that any receiver at all needs at a spectral efficiency, in bits per symbol of one mode.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The efficiency is not above 0.</exception>
    public static double HolevoPhotonsPerBit(double bitsPerSymbol)
    {
        ThrowUnlessPositive(bitsPerSymbol);
        // g rises from 0 and lies above log2(1 + N), so that N lies between 0 and 2^C - 1. Halving ln N keeps small ones exact.
        double low = -700, high = Math.Min(700, bitsPerSymbol * Math.Log(2));
        for (var i = 0; i < 80; i++)
        {
            var middle = (low + high) / 2;
            if (BosonicEntropy(Math.Exp(middle)) < bitsPerSymbol) low = middle;
            else high = middle;
        }
        return Math.Exp(high) / bitsPerSymbol;
    }

    /// <summary>Energy that erasing one bit sets free as heat, at a temperature in kelvins.</summary>
    public static Energy Landauer(double kelvins = 300) => Energy.FromJoules(PhysicalConstants.Boltzmann * kelvins * Math.Log(2));

    // √l_(i+1) − √l_i for levels in parts of the mean.
    static double Opening(int eye, int levels) => Math.Sqrt(2.0 * (eye + 1) / (levels - 1)) - Math.Sqrt(2.0 * eye / (levels - 1));

    // (N+1) log2(N+1) − N log2 N, as log2(1+N) + N log2(1+1/N), which stays exact for many and for few photons.
    static double BosonicEntropy(double photons) => (LogOnePlus(photons) + photons * LogOnePlus(1 / photons)) / Math.Log(2);

    // ln(1+x) without loss for small x (Kahan).
    static double LogOnePlus(double x)
    {
        var one = 1 + x;
        return one == 1 ? x : double.IsPositiveInfinity(one) ? one : Math.Log(one) * (x / (one - 1));
    }

    static void ThrowUnlessPositive(double bitsPerSymbol)
    {
        if (!(bitsPerSymbol > 0) || !double.IsFinite(bitsPerSymbol))
            throw new ArgumentOutOfRangeException(nameof(bitsPerSymbol), bitsPerSymbol, "a number of bits above 0 is needed");
    }
}
