// Whether a transceiver mode works on a line, and what binds it.
//
//   margin_i  = min( GSNR_i − required OSNR − penalties_i , received power_i − least )          see CoherentMode.cs
//   worst     = the channel with the least margin; the mode closes where that is at least the margin asked for
//   launch    given, or where the worst channel's GSNR is largest (golden-section search over −20 … +15 dBm, for GSNR has one peak)
//
// The mode's channels fill the band from its lower end at its own spacing. Its transmitters send the most that they can; a booster or
// an attenuator makes the launch power of it (AmplifiedLine.cs).
//
// Example: 400ZR on one span of 80 km (17 dB) with a preamplifier of 20 dB: see LineCapacity.cs.

using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>What binds a mode on its worst channel.</summary>
public enum ModeLimit
{
    /// <summary>Noise: GSNR less the required OSNR.</summary>
    Noise,

    /// <summary>Power at the receiver.</summary>
    ReceivedPower,

    /// <summary>Chromatic dispersion beyond what it bears.</summary>
    ChromaticDispersion,

    /// <summary>Polarization mode dispersion beyond what it bears.</summary>
    PolarizationModeDispersion,

    /// <summary>Polarization-dependent loss beyond what it bears.</summary>
    PolarizationDependentLoss,
}

/// <summary>A mode on a line.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Transmitted">Power that its transmitters send.</param>
/// <param name="Launch">Power of a channel at the input of the first span.</param>
/// <param name="Fill">The band filled with it.</param>
/// <param name="Asked">Margin that was asked for.</param>
public sealed record ModeVerdict(CoherentMode Mode, DecibelMilliwatts Transmitted, DecibelMilliwatts Launch, FilledLine Fill, Decibels Asked)
{
    const double LowestLaunch = -20; // dBm
    const double HighestLaunch = 15;

    /// <summary>The channel with the least margin.</summary>
    public FilledChannel Worst => Fill.Channels.MinBy(c => c.Margin.Si)!;

    /// <summary>Margin of the worst channel.</summary>
    public Decibels Margin => Worst.Margin;

    /// <summary>Whether every channel has the margin that was asked for.</summary>
    public bool Closes => Fill.Working == Fill.Channels.Count;

    /// <summary>Rate of all channels that work, one direction.</summary>
    public Bandwidth Capacity => Fill.Capacity;

    /// <summary>Most that Shannon allows these channels at their GSNR, one direction.</summary>
    public Bandwidth ShannonCapacity => Bandwidth.FromBitsPerSecond(
        Fill.Channels.Sum(c => ShannonLimit.Capacity(c.Quality.GsnrInBand, c.Quality.SymbolRate).BitsPerSecond));

    /// <summary>Rate over the width of its slots, in b/s/Hz.</summary>
    public double SpectralEfficiency => Capacity.BitsPerSecond / (Fill.Channels.Count * Mode.Spacing.Hertz);

    /// <summary>How far the worst channel's GSNR is above the least at which its rate is possible at all.</summary>
    public Decibels ShannonGap => ShannonLimit.Gap(Worst.Quality.GsnrInBand, Mode.Rate, Mode.SymbolRate);

    /// <summary>What binds the worst channel.</summary>
    public ModeLimit Limit { get; } = LimitOf(Mode, Fill);

    /// <summary>Puts a mode on a planned line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="bandLow">Lower end of the band.</param>
    /// <param name="bandHigh">Upper end of the band.</param>
    /// <param name="margin">Margin asked for.</param>
    /// <param name="launch">Launch power; null for the best one.</param>
    /// <exception cref="Catalog.Documents.InputException">The mode doesn't fit into the band, or the line is impossible.</exception>
    public static ModeVerdict Of(AmplifiedLine line, CoherentMode mode, Frequency bandLow, Frequency bandHigh, Decibels margin, DecibelMilliwatts? launch)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(mode);
        mode.Check();
        if (!line.IsAmplified)
        {
            // What is launched is what is sent: the launch asked for, before the multiplexer, within what the mode can send.
            var wanted = launch is { } asked ? DecibelMilliwatts.FromDbm(asked.Si + line.MultiplexerLoss.Si) : (DecibelMilliwatts?)null;
            var alone = Fill(line.Elements(mode.TransmitMaximum, mode.TransmitMaximum), wanted);
            return new(mode, alone.Launch, line.BeforeBooster(alone.Launch), alone, margin);
        }
        var chosen = launch ?? BestLaunch(new(Spectrum.Filling(bandLow, bandHigh, mode.Spacing, mode.SymbolRate), line.Core()));
        return new(mode, mode.TransmitMaximum, chosen, Fill(line.Elements(mode.TransmitMaximum, chosen), mode.TransmitMaximum), margin);

        FilledLine Fill(IReadOnlyList<LineElement> elements, DecibelMilliwatts? transmitted) => LineCapacity.Of(
            elements, new() { BandLow = bandLow, BandHigh = bandHigh, Modes = [mode], Margin = margin, Launch = transmitted }).Best;
    }

    /// <summary>Puts a mode on a line that stands, its transmitters at the line's first element.</summary>
    /// <param name="elements">The line.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="bandLow">Lower end of the band.</param>
    /// <param name="bandHigh">Upper end of the band.</param>
    /// <param name="margin">Margin asked for.</param>
    /// <exception cref="Catalog.Documents.InputException">The mode doesn't fit into the band, or the line is impossible.</exception>
    public static ModeVerdict Of(IReadOnlyList<LineElement> elements, CoherentMode mode, Frequency bandLow, Frequency bandHigh, Decibels margin)
    {
        ArgumentNullException.ThrowIfNull(mode);
        var filled = LineCapacity.Of(elements, new() { BandLow = bandLow, BandHigh = bandHigh, Modes = [mode], Margin = margin }).Best;
        return new(mode, filled.Launch, filled.Launch, filled, margin);
    }

    /// <summary>The launch power at which the worst channel's GSNR is largest.</summary>
    /// <param name="line">Spans and amplifiers, entered with the launch power; the state of its last run is replaced.</param>
    public static DecibelMilliwatts BestLaunch(LinePropagation line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return DecibelMilliwatts.FromDbm(GoldenSection.Maximum(LowestLaunch, HighestLaunch, 1e-3, power =>
        {
            line.Propagate(DecibelMilliwatts.FromDbm(power));
            var worst = double.PositiveInfinity;
            foreach (var gsnr in line.GsnrDecibels) worst = Math.Min(worst, gsnr);
            return worst;
        }));
    }

    static ModeLimit LimitOf(CoherentMode mode, FilledLine fill)
    {
        var channel = fill.Channels.MinBy(c => c.Margin.Si)!;
        var quality = channel.Quality;
        if (Beyond(mode.DispersionPenalty?.At(quality.Dispersion))) return ModeLimit.ChromaticDispersion;
        if (Beyond(mode.PolarizationModePenalty?.At(quality.PolarizationModeDispersion.Seconds * 1e12))) return ModeLimit.PolarizationModeDispersion;
        if (Beyond(mode.PolarizationLossPenalty?.At(quality.PolarizationDependentLoss.Si))) return ModeLimit.PolarizationDependentLoss;
        return channel.Margin.Si < quality.Gsnr.Si - mode.RequiredOsnr.Si - mode.Penalty(quality).Si - 1e-9 ? ModeLimit.ReceivedPower : ModeLimit.Noise;

        static bool Beyond(Decibels? penalty) => penalty is { } value && double.IsPositiveInfinity(value.Si);
    }
}
