// An erbium-doped fibre amplifier of flat gain.
//
//   P      → P · 10^(−attenuator in/10)
//   G      = min( set gain, largest output − total input )          dB
//   ASE    = h f B NF                                                W     added at the input, in each channel's own band
//   P      → (P + ASE) · 10^((G − attenuator out)/10)
//
// so that the output carries h f B NF G, not h f B (NF G − 1): what a noise figure from measurement means.
//
// Example: NF 5.5 dB, 193.4 THz, 32 GBd: ASE 14.55 nW = −48.37 dBm at the input; a channel of −17 dBm leaves with an OSNR of
// 31.37 dB in its band and 35.45 dB in 0.1 nm.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>A kind of amplifier.</summary>
public sealed record AmplifierModel
{
    /// <summary>Its noise.</summary>
    public required NoiseFigure Noise { get; init; }

    /// <summary>Least gain without padding its input.</summary>
    public Decibels GainMinimum { get; init; }

    /// <summary>Largest gain at which its spectrum is flat.</summary>
    public Decibels GainFlatMaximum { get; init; } = Decibels.FromDecibels(100);

    /// <summary>Largest total output; null where nothing limits it.</summary>
    public DecibelMilliwatts? OutputMaximum { get; init; }

    /// <summary>Lower end of the band that it amplifies; null where nothing limits it.</summary>
    public Frequency? BandLow { get; init; }

    /// <summary>Upper end of the band that it amplifies; null where nothing limits it.</summary>
    public Frequency? BandHigh { get; init; }

    /// <summary>Polarization mode dispersion that it adds.</summary>
    public Duration PolarizationModeDispersion { get; init; }

    /// <summary>Polarization-dependent loss that it adds.</summary>
    public Decibels PolarizationDependentLoss { get; init; }

    /// <summary>An amplifier that is limited by its noise figure only.</summary>
    public static AmplifierModel WithNoiseFigure(Decibels noiseFigure) => new() { Noise = NoiseFigure.Fixed(noiseFigure) };

    /// <summary>An amplifier of the catalogue.</summary>
    /// <exception cref="Catalog.Documents.InputException">The figures of the part don't go together.</exception>
    public static AmplifierModel Of(Amplifier part)
    {
        ArgumentNullException.ThrowIfNull(part);
        Catalog.Documents.InputException Missing(string figure) => new($"amplifier '{part.Key}' lacks '{figure}', which its noise model needs");
        return new()
        {
            Noise = part.NoiseModel switch
            {
                AmplifierNoiseModel.Fixed => NoiseFigure.Fixed((part.NoiseFigure ?? throw Missing("noiseFigure")).Value),
                AmplifierNoiseModel.TwoCoils => NoiseFigure.TwoCoils(part.GainMinimum.Value, part.GainFlatMaximum.Value,
                    (part.NoiseFigure ?? throw Missing("noiseFigure")).Value,
                    (part.NoiseFigureAtLeastGain ?? throw Missing("noiseFigureAtLeastGain")).Value),
                AmplifierNoiseModel.OpenRoadm => NoiseFigure.OpenRoadm(part.OsnrPolynomial ?? throw Missing("osnrPolynomial")),
                AmplifierNoiseModel.OpenRoadmPreamplifier => NoiseFigure.OpenRoadmPreamplifier,
                _ => NoiseFigure.None,
            },
            GainMinimum = part.GainMinimum.Value,
            GainFlatMaximum = part.GainFlatMaximum.Value,
            OutputMaximum = part.OutputMaximum.Value,
            BandLow = part.BandLow?.Value,
            BandHigh = part.BandHigh?.Value,
        };
    }
}

/// <summary>An amplifier in a line, with its settings.</summary>
public sealed record LineAmplifier : LineElement
{
    /// <summary>What it is.</summary>
    public required AmplifierModel Model { get; init; }

    /// <summary>Gain that it is set to, before its output attenuator.</summary>
    public required Decibels Gain { get; init; }

    /// <summary>Attenuator at its input.</summary>
    public Decibels AttenuatorIn { get; init; }

    /// <summary>Attenuator at its output.</summary>
    public Decibels AttenuatorOut { get; init; }

    internal void Check(Spectrum spectrum)
    {
        if (!(Gain.Si is >= -60 and <= 100)) throw Wrong($"a gain from -60 to 100 dB can be set; it is {Gain}");
        AtLeastZero(AttenuatorIn.Si, "the input attenuator");
        AtLeastZero(AttenuatorOut.Si, "the output attenuator");
        AtLeastZero(Model.PolarizationModeDispersion.Si, "polarization mode dispersion");
        AtLeastZero(Model.PolarizationDependentLoss.Si, "polarization-dependent loss");
        Finite(Model.GainMinimum.Si, "the least gain");
        Finite(Model.GainFlatMaximum.Si, "the largest flat gain");
        if (Model.OutputMaximum is { } most) Finite(most.Si, "the largest output");
        foreach (var channel in (ReadOnlySpan<LineChannel>)[spectrum[0], spectrum[spectrum.Count - 1]])
        {
            // The hertz allows for frequencies that were summed up along a grid.
            var (low, high) = (channel.Frequency.Hertz - channel.SlotWidth.Hertz / 2 + 1, channel.Frequency.Hertz + channel.SlotWidth.Hertz / 2 - 1);
            if (low < (Model.BandLow?.Hertz ?? 0) || high > (Model.BandHigh?.Hertz ?? double.PositiveInfinity))
            {
                throw Wrong($"the channel at {channel.Frequency} with its slot of {channel.SlotWidth} lies outside the amplifier's band from " +
                    $"{Model.BandLow?.ToString("G8 THz") ?? "0 THz"} to {Model.BandHigh?.ToString("G8 THz") ?? "any"}");
            }
        }
    }
}
