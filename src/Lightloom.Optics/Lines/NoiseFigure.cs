// Noise figure of an erbium-doped fibre amplifier, by what is known of it.
//
//   fixed        NF = NF₀
//   two coils    NF = NF₁ + NF₂ / g₁                          linear; g₁ gain of the first coil less the attenuator between the coils
//                g₁[dB] = G − Δp − max(G_flat − G, 0)         Δp most that the second coil's power exceeds the first's
//   OpenROADM    NF = P₅₀ − O(P₅₀) + 58 dB                    O polynomial of the OSNR in 0.1 nm over the input power P₅₀ in 50 GHz
//                                                             (58 dB ≈ −10 lg(h f · 12.5 GHz / 1 mW))
//   preamplifier of an OpenROADM node: O = min((4 P₅₀ + 275)/7, 33) ;  its booster adds no noise of its own
//
// The coils are not published; NF_max at the least gain and NF_min at the largest flat gain are, and give them:
//   with Δp = 5 dB:  g_min = G_min − (G_flat − G_min) − Δp,  g_max = G_flat − Δp
//   NF₂ = (NF_min − NF_max)/(1/g_max − 1/g_min),  NF₁ = NF_min − NF₂/g_max               linear
//   a second coil is 0.3 to 2 dB noisier than the first; if it comes out otherwise NF₂ is set to that end, and
//   g_max = NF₂/(NF_min − NF₁), Δp = G_flat − g_max follow.
//
// Below G_min the input is padded: each dB of padding adds 1 dB (NoiseFigure.WithPadding).
//
// Example: G 15 to 26 dB, NF 6 to 10 dB: NF₁ 5.958 dB, NF₂ 6.823 dB, Δp 5 dB; at 21 dB NF = 6.360 dB.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>How the noise figure of an amplifier follows from its gain and its input.</summary>
/// <remarks>
/// Two coils: as in GNPy's variable-gain amplifiers (oopt-gnpy, docs/amplifier_models_description). OpenROADM: MSA optical
/// specifications 4 and 5, the OSNR that an amplifier leaves at an input power per 50 GHz.
/// </remarks>
public abstract record NoiseFigure
{
    private protected NoiseFigure()
    {
    }

    /// <summary>The same at every gain.</summary>
    public static NoiseFigure Fixed(Decibels value) => double.IsFinite(value.Si)
        ? new FixedNoiseFigure(value)
        : throw new InputException($"a noise figure must be finite; it is {value}");

    /// <summary>An amplifier without noise of its own, as OpenROADM counts a node's booster.</summary>
    public static NoiseFigure None { get; } = new FixedNoiseFigure(Decibels.FromDecibels(double.NegativeInfinity));

    /// <summary>The preamplifier of an OpenROADM node (multi-wavelength, version 4).</summary>
    public static NoiseFigure OpenRoadmPreamplifier { get; } = new OpenRoadmPreamplifierNoiseFigure();

    /// <summary>An OpenROADM amplifier.</summary>
    /// <param name="coefficients">OSNR in dB over dBm in 50 GHz, highest power first.</param>
    /// <exception cref="InputException">There is no coefficient, or one isn't finite.</exception>
    public static NoiseFigure OpenRoadm(IReadOnlyList<double> coefficients)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        return coefficients.Count is >= 1 and <= 16 && coefficients.All(double.IsFinite)
            ? new OpenRoadmNoiseFigure([.. coefficients])
            : throw new InputException("an OSNR polynomial has 1 to 16 finite coefficients");
    }

    /// <summary>An amplifier of two coils with an attenuator between them, from what is published of it.</summary>
    /// <param name="gainMinimum">Least gain without padding.</param>
    /// <param name="gainFlatMaximum">Largest gain at which its spectrum is flat.</param>
    /// <param name="best">Noise figure at the largest flat gain.</param>
    /// <param name="worst">Noise figure at the least gain.</param>
    /// <exception cref="InputException">No pair of coils behaves so.</exception>
    public static TwoCoilNoiseFigure TwoCoils(Decibels gainMinimum, Decibels gainFlatMaximum, Decibels best, Decibels worst) =>
        TwoCoilNoiseFigure.Estimate(gainMinimum.Si, gainFlatMaximum.Si, best.Si, worst.Si);

    /// <summary>The noise figure, without padding.</summary>
    /// <param name="gain">Gain, at least the least one without padding.</param>
    /// <param name="gainFlatMaximum">Largest gain at which the spectrum is flat.</param>
    /// <param name="inputIn50GHz">Power at the input in 50 GHz.</param>
    public Decibels At(Decibels gain, Decibels gainFlatMaximum, DecibelMilliwatts inputIn50GHz) =>
        Decibels.FromDecibels(Of(gain.Si, gainFlatMaximum.Si, inputIn50GHz.Si));

    internal abstract double Of(double gain, double gainFlatMaximum, double inputIn50GHz);

    internal double WithPadding(double gain, double gainMinimum, double gainFlatMaximum, double inputIn50GHz)
    {
        var padding = Math.Max(gainMinimum - gain, 0);
        return Of(gain + padding, gainFlatMaximum, inputIn50GHz) + padding;
    }
}

sealed record FixedNoiseFigure(Decibels Value) : NoiseFigure
{
    internal override double Of(double gain, double gainFlatMaximum, double inputIn50GHz) => Value.Si;
}

sealed record OpenRoadmPreamplifierNoiseFigure : NoiseFigure
{
    internal override double Of(double gain, double gainFlatMaximum, double inputIn50GHz) =>
        inputIn50GHz - Math.Min((4 * inputIn50GHz + 275) / 7, 33) + 58;
}

sealed record OpenRoadmNoiseFigure(double[] Coefficients) : NoiseFigure
{
    internal override double Of(double gain, double gainFlatMaximum, double inputIn50GHz)
    {
        var osnr = 0.0;
        foreach (var coefficient in Coefficients) osnr = osnr * inputIn50GHz + coefficient;
        return inputIn50GHz - osnr + 58;
    }
}

/// <summary>The noise figure of an amplifier of two coils.</summary>
/// <param name="First">Noise figure of the first coil.</param>
/// <param name="Second">Noise figure of the second coil.</param>
/// <param name="PowerDifference">Most that the second coil's output exceeds the first's, Δp.</param>
public sealed record TwoCoilNoiseFigure(Decibels First, Decibels Second, Decibels PowerDifference) : NoiseFigure
{
    readonly double first = First.Ratio;
    readonly double second = Second.Ratio;

    internal override double Of(double gain, double gainFlatMaximum, double inputIn50GHz)
    {
        var firstGain = gain - PowerDifference.Si - Math.Max(gainFlatMaximum - gain, 0);
        return Decibel(first + second / Linear(firstGain));
    }

    internal static TwoCoilNoiseFigure Estimate(double gainMinimum, double gainFlatMaximum, double best, double worst)
    {
        if (!(double.IsFinite(gainMinimum) && gainFlatMaximum > gainMinimum && gainFlatMaximum <= 100))
            throw new InputException($"a gain from {gainMinimum} to {gainFlatMaximum} dB can't be: the least must be below the largest flat one");
        if (!(best >= -10 && worst > best && worst <= 100))
            throw new InputException($"noise figures of {best} dB at the largest gain and {worst} dB at the least can't be: the first must be the smaller");
        var difference = 5.0;
        double lowest = Lowest(difference), highest = gainFlatMaximum - difference;
        var second = Decibel((Linear(best) - Linear(worst)) / (1 / Linear(highest) - 1 / Linear(lowest)));
        var first = Decibel(Linear(best) - Linear(second) / Linear(highest));
        // A first coil below 4 dB is beyond what erbium gives; a NaN is one that would have to cool the signal.
        if (!(first >= 4))
            throw new InputException($"gains and noise figures call for a first coil of {first:0.##} dB; below 4 dB can't be");
        if (!(second > first + 0.3 && second < first + 2))
        {
            second = Math.Clamp(second, first + 0.3, first + 2);
            highest = Decibel(Linear(second) / (Linear(best) - Linear(first)));
            difference = gainFlatMaximum - highest;
            lowest = Lowest(difference);
            if (!(difference is > 1 and < 11))
                throw new InputException($"gains and noise figures call for a power difference of {difference:0.##} dB between the coils; 1 to 11 dB can be");
        }
        var (gotBest, gotWorst) = (Decibel(Linear(first) + Linear(second) / Linear(highest)), Decibel(Linear(first) + Linear(second) / Linear(lowest)));
        if (!(Math.Abs(gotBest - best) <= 0.01 && Math.Abs(gotWorst - worst) <= 0.01))
            throw new InputException($"no two coils give {best} dB and {worst} dB; the nearest give {gotBest:0.##} dB and {gotWorst:0.##} dB");
        return new(Decibels.FromDecibels(first), Decibels.FromDecibels(second), Decibels.FromDecibels(difference));

        double Lowest(double powerDifference) => gainMinimum - (gainFlatMaximum - gainMinimum) - powerDifference;
    }

    static double Linear(double decibels) => Math.Pow(10, decibels / 10);

    static double Decibel(double ratio) => 10 * Math.Log10(ratio);
}
