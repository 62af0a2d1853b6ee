// Whether a transceiver mode works on a line, and what binds it.
//
//   margin_i  = min( GSNR_i − required OSNR − penalties_i , received power_i − least )          see CoherentMode.cs
//   worst     = the channel with the least margin; the mode closes where that is at least the margin asked for
//   launch    given, or where the worst channel's GSNR is largest (golden-section search from −20 dBm to what
//               amplifiers can give all channels, +15 dBm at most; GSNR has one peak)
//
// The mode's channels fill the band from its lower end at its own spacing. Its transmitters send the most that they can; a booster or
// an attenuator makes the launch power of it (AmplifiedLine.cs).
//
// Example: 400ZR on one span of 80 km (17 dB) with a preamplifier of 20 dB: see LineCapacity.cs.

using Lightloom.Catalog.Documents;
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
    const int BoosterSteps = 10;
    const double BoosterStep = 0.2; // dB

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
    /// <exception cref="InputException">The mode doesn't fit into the band, or the line is impossible.</exception>
    public static ModeVerdict Of(AmplifiedLine line, CoherentMode mode, Frequency bandLow, Frequency bandHigh, Decibels margin, DecibelMilliwatts? launch)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(mode);
        mode.Check();
        if (!line.IsAmplified)
        {
            CheckUnamplified(mode);
            // What is launched is what is sent: the launch asked for, before the multiplexer, within what the mode can send.
            var wanted = launch is { } asked ? DecibelMilliwatts.FromDbm(asked.Si + line.MultiplexerLoss.Si) : (DecibelMilliwatts?)null;
            var alone = Fill(line.Elements(mode.TransmitMaximum, mode.TransmitMaximum), wanted);
            return new(mode, alone.Launch, line.BeforeBooster(alone.Launch), alone, margin);
        }
        var chosen = launch ?? BestLaunch(line, Spectrum.Filling(bandLow, bandHigh, mode.Spacing, mode.SymbolRate), _ => mode.TransmitMaximum);
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
    /// <exception cref="InputException">The mode doesn't fit into the band, or the line is impossible.</exception>
    public static ModeVerdict Of(IReadOnlyList<LineElement> elements, CoherentMode mode, Frequency bandLow, Frequency bandHigh, Decibels margin)
    {
        ArgumentNullException.ThrowIfNull(elements);
        ArgumentNullException.ThrowIfNull(mode);
        if (!elements.OfType<LineAmplifier>().Any()) CheckUnamplified(mode);
        var filled = LineCapacity.Of(elements, new() { BandLow = bandLow, BandHigh = bandHigh, Modes = [mode], Margin = margin }).Best;
        return new(mode, filled.Launch, filled.Launch, filled, margin);
    }

    /// <summary>The launch power at which the worst channel's GSNR is largest, of those that the line's amplifiers can give.</summary>
    /// <param name="line">The line.</param>
    /// <param name="grid">Its channels, all launched alike.</param>
    /// <param name="transmitted">Power that transmitters send for a launch power; the booster makes up for the difference.</param>
    /// <exception cref="InputException">The line is impossible, or a channel lies where it doesn't work.</exception>
    public static DecibelMilliwatts BestLaunch(AmplifiedLine line, Spectrum grid, Func<DecibelMilliwatts, DecibelMilliwatts> transmitted)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(transmitted);
        var core = line.Core();
        var all = 10 * Math.Log10(grid.Count);
        var highest = core.OfType<LineAmplifier>().Min(a => a.Model.OutputMaximum is { } most ? Math.Min(HighestLaunch, most.Si - all) : HighestLaunch);
        var lowest = Math.Min(LowestLaunch, highest - 1);
        var bound = new LinePropagation(grid, core);
        var best = GoldenSection.Maximum(lowest, highest, 1e-2, power => WorstAt(bound, power, 0));
        // Over the booster's gain its noise figure moves, and jumps where another kind is the quieter one: peaks are looked for one by one.
        var near = Enumerable.Range(-BoosterSteps, 2 * BoosterSteps + 1).Select(step =>
        {
            var launch = DecibelMilliwatts.FromDbm(Math.Clamp(best + step * BoosterStep, lowest, highest));
            return (Power: launch.Si, Noise: line.BoosterNoise(transmitted(launch), launch, grid[grid.Count / 2].Frequency));
        }).ToList();
        if (near.All(n => n.Noise == near[BoosterSteps].Noise)) return DecibelMilliwatts.FromDbm(best);
        var at = near.Select(n => (n.Power, Worst: WorstAt(bound, n.Power, n.Noise))).MaxBy(n => n.Worst).Power;
        return DecibelMilliwatts.FromDbm(at);
    }

    /// <summary>The least GSNR of all channels in dB, with noise over signal added in 0.1 nm.</summary>
    static double WorstAt(LinePropagation line, double power, double added)
    {
        line.Propagate(DecibelMilliwatts.FromDbm(power));
        var worst = double.PositiveInfinity;
        foreach (var gsnr in line.GsnrDecibels) worst = Math.Min(worst, gsnr);
        return -10 * Math.Log10(Math.Pow(10, -worst / 10) + added);
    }

    static void CheckUnamplified(CoherentMode mode)
    {
        if (mode.ReceiveMinimumUnamplified is null) throw new InputException("what it must receive without amplifiers is not known");
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
