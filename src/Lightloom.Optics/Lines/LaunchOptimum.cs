// The launch power at which a channel's GSNR is largest.
//
//   GSNR(P) = 1 / (N/P + η P² + X)        N amplifier noise referred to the launch, η efficiency of all spans together, X what
//                                         transmitter and ROADMs add whatever the power
//   dGSNR/dP = 0   ⇒   P_opt = (N / (2 η))^(1/3),  where the interference is half the amplifier noise: SNR_NLI = SNR_ASE + 3.01 dB
//
// N and η are taken from a run at P_opt itself, found by repeating, for noise that travels along interferes too and interference
// takes from the signal. All channels are launched alike. It holds where gains are set and not where a ROADM sets the power or
// an amplifier saturates.
//
// Example: five spans of 80 km (17 dB each, NF 5 dB), 64 channels of 64 GBd every 75 GHz: P_opt = 1.18 dBm for the middle
// channel; a sweep in steps of 1 dB finds 1 dBm.

using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>The best launch power of a channel, in closed form.</summary>
/// <param name="Launch">Power of each channel at the line's input.</param>
/// <param name="AmplifierNoise">Amplifier noise in the signal's band, referred to the line's input.</param>
/// <param name="Efficiency">Nonlinear efficiency η of the line, in 1/W².</param>
/// <remarks>P. Poggiolini et al., arXiv:1209.0394, section X.</remarks>
public readonly record struct LaunchOptimum(DecibelMilliwatts Launch, Power AmplifierNoise, double Efficiency)
{
    /// <summary>The best launch power of a channel; null where the line has no amplifier noise or no fibre, which leaves no optimum.</summary>
    /// <param name="line">The line; the state of its last run is replaced.</param>
    /// <param name="channel">The channel.</param>
    public static LaunchOptimum? Of(LinePropagation line, int channel)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)line.Spectrum.Count, nameof(channel));
        // The ratio of the two noises goes with the cube of power, so that one step all but reaches the end.
        var watts = 1e-3;
        for (var step = 0; ; step++)
        {
            line.Propagate(DecibelMilliwatts.FromPower(Power.FromWatts(watts)));
            var (ase, interference) = line.NoiseToSignal(channel);
            if (!(ase > 0 && interference > 0)) return null;
            var factor = Math.Cbrt(ase / (2 * interference));
            if (step == 50 || Math.Abs(factor - 1) < 1e-9)
                return new(DecibelMilliwatts.FromPower(Power.FromWatts(watts)), Power.FromWatts(ase * watts), interference / (watts * watts));
            watts *= factor;
        }
    }
}
