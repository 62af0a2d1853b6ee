// Light that two reflections send round once more arrives late and beats with the light that came straight.
//
//   R_i    power that connector i reflects = 10^(−return loss/10)
//   r_ij = √(R_i R_j)                 amplitude of what connectors i < j reflect twice, over the straight light's
//   rho  = Σ_(i<j) r_ij · T_ij        T_ij the power that the path between i and j lets through in one pass; 1 at worst
//   beat of a level P_i with an echo of the highest: at most ± 2 rho √(P_i P_L) ≤ ± 2 rho P_L
//   an eye of OMA/(L−1) closes from both sides, and P_L = OMA · e/(e−1):
//   penalty = −10 log10( 1 − 4 rho (L−1) e/(e−1) )                                      dB
//
//   L      levels (4 or 2);   e  extinction ratio
//
// The amplitude of a reflected wave is the root of its power, and the echo passes the path between the two twice more than the
// straight light does: √(T_ij²) = T_ij.
//
// This is the worst case: all echoes in phase and polarisation with the signal, each of the highest level. Over links of several
// pairs it is very unlikely, and standards set aside less (0.1 to 0.5 dB).
//
// Example: one pair of −26 dB each at an extinction ratio of 3.5 dB: rho = 0.00251, 1 − 4 · 0.00251 · 3 · 1.8073 = 0.9455: 0.24 dB.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Multipath interference between reflections of connectors, at worst.</summary>
/// <remarks>
/// Bound on the eye closure of PAM with echoes in phase; Gimlett and Cheung, Journal of Lightwave Technology 7 (1989), for the beat
/// itself. Return losses are positive decibels. Nothing here allocates.
/// </remarks>
public static class MultipathInterference
{
    /// <summary>Sum over all pairs of reflections of their echo's amplitude over the straight light's, without loss between them.</summary>
    /// <param name="returnLosses">Return loss of each connector, along the path; infinite for one that reflects nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A return loss is negative or not a number.</exception>
    public static double EchoAmplitude(ReadOnlySpan<Decibels> returnLosses) => EchoAmplitude(returnLosses, []);

    /// <summary>The same with the loss of the path between them, which an echo passes twice more.</summary>
    /// <param name="returnLosses">Return loss of each connector, along the path.</param>
    /// <param name="between">Loss from each connector to the next, one fewer than connectors; empty for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A loss is negative or not a number.</exception>
    /// <exception cref="ArgumentException">The counts don't match.</exception>
    public static double EchoAmplitude(ReadOnlySpan<Decibels> returnLosses, ReadOnlySpan<Decibels> between)
    {
        if (between.Length != 0 && between.Length != returnLosses.Length - 1)
            throw new ArgumentException($"{returnLosses.Length} connectors have {returnLosses.Length - 1} losses between them, not {between.Length}", nameof(between));
        double sum = 0, upstream = 0; // upstream: Σ √R_i T_ij over the connectors before j
        for (var j = 0; j < returnLosses.Length; j++)
        {
            if (j > 0 && between.Length != 0) upstream /= Checked(between[j - 1], nameof(between)).Ratio;
            var amplitude = Math.Sqrt(1 / Checked(returnLosses[j], nameof(returnLosses)).Ratio);
            sum += upstream * amplitude;
            upstream += amplitude;
        }
        return sum;
    }

    /// <summary>Penalty at worst, in OMA; infinite where the echoes can close the eye.</summary>
    /// <param name="code">How bits become levels.</param>
    /// <param name="extinctionRatio">Power of the highest level over that of the lowest.</param>
    /// <param name="echoAmplitude">Sum of the echoes' amplitudes, as <see cref="EchoAmplitude(ReadOnlySpan{Decibels})"/> gives it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The extinction ratio is not above 0 dB, or the amplitude negative.</exception>
    public static Decibels Penalty(LineCode code, Decibels extinctionRatio, double echoAmplitude)
    {
        if (!(extinctionRatio.Si > 0))
            throw new ArgumentOutOfRangeException(nameof(extinctionRatio), extinctionRatio, "an extinction ratio above 0 dB is needed");
        if (!(echoAmplitude >= 0))
            throw new ArgumentOutOfRangeException(nameof(echoAmplitude), echoAmplitude, "an amplitude of 0 or more is needed");
        var open = 1 - 4 * echoAmplitude * (PamReceiver.LevelsOf(code) - 1) / (1 - 1 / extinctionRatio.Ratio);
        return open > 0 ? -Decibels.FromRatio(open) : Decibels.FromDecibels(double.PositiveInfinity);
    }

    /// <summary>Penalty at worst of a path's connectors.</summary>
    /// <param name="code">How bits become levels.</param>
    /// <param name="extinctionRatio">Power of the highest level over that of the lowest.</param>
    /// <param name="returnLosses">Return loss of each connector, along the path.</param>
    /// <exception cref="ArgumentOutOfRangeException">A loss is negative, or the extinction ratio not above 0 dB.</exception>
    public static Decibels Penalty(LineCode code, Decibels extinctionRatio, params ReadOnlySpan<Decibels> returnLosses) =>
        Penalty(code, extinctionRatio, EchoAmplitude(returnLosses));

    static Decibels Checked(Decibels loss, string name) =>
        loss.Si >= 0 ? loss : throw new ArgumentOutOfRangeException(name, loss, "a loss of 0 dB or more is needed");
}
