// All that is asked of a line at once: what its channels are worth, which modes work on it, and what its launch power does.
//
//   grid        the channels that the question is about, launched directly by ideal transmitters
//   best launch where the worst channel's GSNR is largest; P_opt = (P_ASE/2η)^(1/3) of the middle channel beside it (LaunchOptimum.cs)
//   sweep       GSNR over launch powers around the one that is used
//   modes       each fills the band that the grid occupies, by itself (ModeVerdict.cs); most capacity first
//
// Example: five spans of 80 km, NF 5 dB, 64 channels of 64 GBd every 75 GHz at 1 dBm: middle channel 21.26 dB in its band.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>The channels of a line at one launch power.</summary>
/// <param name="Offset">How far from the launch power that is used.</param>
/// <param name="Middle">GSNR of the middle channel, in 0.1 nm.</param>
/// <param name="Worst">The least GSNR of all, in 0.1 nm.</param>
public readonly record struct LaunchStep(Decibels Offset, Decibels Middle, Decibels Worst);

/// <summary>What a line is worth.</summary>
public sealed record LineStudy
{
    const int SweepReach = 3; // dB on either side
    const double MostWork = 5e8; // pairs of channels over all spans: some seconds

    /// <summary>What light passes.</summary>
    public required IReadOnlyList<LineElement> Elements { get; init; }

    /// <summary>The channels of the grid.</summary>
    public required Spectrum Spectrum { get; init; }

    /// <summary>What each of them is worth at the end.</summary>
    public required IReadOnlyList<ChannelQuality> Channels { get; init; }

    /// <summary>Launch power of a channel at the first span; null where channels have powers of their own.</summary>
    public required DecibelMilliwatts? Launch { get; init; }

    /// <summary>Whether amplifiers add noise.</summary>
    public required bool IsAmplified { get; init; }

    /// <summary>The waterfall of the channel with the least GSNR.</summary>
    public required IReadOnlyList<LineStage> Stages { get; init; }

    /// <summary>GSNR over launch powers, ascending, in steps of 1 dB around the one that is used.</summary>
    public required IReadOnlyList<LaunchStep> Sweep { get; init; }

    /// <summary>The launch power at which the worst channel's GSNR is largest; null where there is none, as without amplifiers.</summary>
    public required DecibelMilliwatts? BestLaunch { get; init; }

    /// <summary>The same of the middle channel in closed form.</summary>
    public required LaunchOptimum? ClosedForm { get; init; }

    /// <summary>What the best launch power would add to the worst channel's GSNR.</summary>
    public required Decibels GainAtBestLaunch { get; init; }

    /// <summary>The modes, most capacity first; of equal ones, the largest margin first.</summary>
    public required IReadOnlyList<ModeVerdict> Modes { get; init; }

    /// <summary>Modes that have no verdict, with the reason.</summary>
    public required IReadOnlyList<(CoherentMode Mode, string Reason)> Refused { get; init; }

    /// <summary>What a reader should know before believing the rest.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What carries most; where nothing works, what misses least.</summary>
    public ModeVerdict? Best => Modes.Count > 0 ? Modes[0] : null;

    /// <summary>Whether a mode works on every channel.</summary>
    public bool Closes => Modes.Any(m => m.Closes);

    /// <summary>Lower end of the band that the grid occupies.</summary>
    public Frequency BandLow => LowOf(Spectrum);

    /// <summary>Upper end of the band that the grid occupies.</summary>
    public Frequency BandHigh => HighOf(Spectrum);

    /// <summary>Index of the channel with the least GSNR.</summary>
    public int WorstChannel => IndexOf(Channels, (a, b) => a < b);

    /// <summary>Index of the channel with the largest GSNR.</summary>
    public int BestChannel => IndexOf(Channels, (a, b) => a > b);

    /// <summary>Most that Shannon allows the grid's channels, one direction.</summary>
    public Bandwidth ShannonCapacity =>
        Bandwidth.FromBitsPerSecond(Channels.Sum(c => ShannonLimit.Capacity(c.GsnrInBand, c.SymbolRate).BitsPerSecond));

    /// <summary>Studies a planned line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="grid">The channels.</param>
    /// <param name="launch">Launch power of a channel; null for the best one.</param>
    /// <param name="modes">The modes to judge.</param>
    /// <param name="margin">Margin that a mode must have.</param>
    /// <exception cref="InputException">The line is impossible, a channel lies where it doesn't work, or no mode fits.</exception>
    public static LineStudy Of(AmplifiedLine line, Spectrum grid, DecibelMilliwatts? launch, IReadOnlyList<CoherentMode> modes, Decibels margin)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(modes);
        var work = (double)line.Spans.Count * grid.Count * grid.Count;
        if (work > MostWork)
        {
            throw new InputException($"{grid.Count:N0} channels over {line.Spans.Count:N0} spans are more than can be studied; " +
                $"spans times channels squared may be {MostWork:N0} at most");
        }
        var core = new LinePropagation(grid, line.Core());
        DecibelMilliwatts? best = line.IsAmplified ? ModeVerdict.BestLaunch(line, grid, Sent) : null;
        // Without amplifiers nothing falls with power: then the strongest transmitter's is taken.
        var used = launch ?? best ?? DecibelMilliwatts.FromDbm(modes.Max(m => m.TransmitMaximum.Si) - line.MultiplexerLoss.Si);
        var closed = line.IsAmplified ? LaunchOptimum.Of(core, grid.Count / 2) : null;
        var whole = At(used);
        var worst = Worst(whole);
        var qualities = Qualities(whole);
        var stages = whole.Trace(Sent(used), IndexOf(qualities, (a, b) => a < b));
        var judged = Judge(modes, m => ModeVerdict.Of(line, m, LowOf(grid), HighOf(grid), margin, launch), out var refused);
        return new()
        {
            Elements = line.Elements(Sent(used), used),
            Spectrum = grid,
            Channels = qualities,
            Launch = used,
            IsAmplified = line.IsAmplified,
            Stages = stages,
            Sweep = [.. Enumerable.Range(-SweepReach, 2 * SweepReach + 1).Select(d => Step(At(DecibelMilliwatts.FromDbm(used.Si + d)), d))],
            BestLaunch = best,
            ClosedForm = closed,
            GainAtBestLaunch = Decibels.FromDecibels(best is { } b ? Math.Max(0, Worst(At(b)) - worst) : 0),
            Modes = judged,
            Refused = refused,
            Notes = NotesOf(line.Elements(Sent(used), used), grid.Count, used, judged, line.IsAmplified),
        };

        DecibelMilliwatts Sent(DecibelMilliwatts power) =>
            DecibelMilliwatts.FromDbm((line.RoadmTarget?.Si ?? power.Si) + line.MultiplexerLoss.Si);
        LinePropagation At(DecibelMilliwatts power)
        {
            var bound = new LinePropagation(grid, line.Elements(Sent(power), power));
            bound.Propagate(Sent(power));
            return bound;
        }
    }

    /// <summary>Studies a line that stands, its channels launched as the spectrum says.</summary>
    /// <param name="elements">The line.</param>
    /// <param name="grid">The channels.</param>
    /// <param name="modes">The modes to judge.</param>
    /// <param name="margin">Margin that a mode must have.</param>
    /// <exception cref="InputException">The line is impossible, a channel lies where it doesn't work, or no mode fits.</exception>
    public static LineStudy Of(IReadOnlyList<LineElement> elements, Spectrum grid, IReadOnlyList<CoherentMode> modes, Decibels margin)
    {
        ArgumentNullException.ThrowIfNull(elements);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(modes);
        var line = new LinePropagation(grid, elements);
        var powers = Enumerable.Range(0, grid.Count).Select(i => grid[i].LaunchPower).ToArray();
        var alike = powers.All(p => p == powers[0]);
        var qualities = Qualities(line);
        var stages = line.Trace(IndexOf(qualities, (a, b) => a < b));
        var worst = Worst(line);
        var sweep = Enumerable.Range(-SweepReach, 2 * SweepReach + 1).Select(d => Shifted(d, d)).ToList();
        // Where a ROADM sets the power, the transmitters' own has next to no say, and there is no best one.
        var moves = line.IsAmplified && sweep.Max(s => s.Worst.Si) - sweep.Min(s => s.Worst.Si) > 1e-3;
        double? shift = moves ? GoldenSection.Maximum(-30, 30, 1e-3, d => Shifted(d, 0).Worst.Si) : null;
        var gain = shift is { } by ? Math.Max(0, Shifted(by, 0).Worst.Si - worst) : 0;
        var judged = Judge(modes, m => ModeVerdict.Of(elements, m, LowOf(grid), HighOf(grid), margin), out var refused);
        return new()
        {
            Elements = elements,
            Spectrum = grid,
            Channels = qualities,
            Launch = alike ? powers[0] : null,
            IsAmplified = line.IsAmplified,
            Stages = stages,
            Sweep = sweep,
            BestLaunch = alike && shift is { } d ? DecibelMilliwatts.FromDbm(powers[0].Si + d) : null,
            ClosedForm = alike && moves ? LaunchOptimum.Of(line, grid.Count / 2) : null,
            GainAtBestLaunch = Decibels.FromDecibels(gain),
            Modes = judged,
            Refused = refused,
            Notes = NotesOf(elements, grid.Count, null, judged, line.IsAmplified),
        };

        LaunchStep Shifted(double decibels, int label)
        {
            line.Propagate([.. powers.Select(p => DecibelMilliwatts.FromDbm(p.Si + decibels).Power.Watts)]);
            return Step(line, label);
        }
    }

    static List<ModeVerdict> Judge(IReadOnlyList<CoherentMode> modes, Func<CoherentMode, ModeVerdict> judge, out List<(CoherentMode, string)> refused)
    {
        var verdicts = new List<ModeVerdict>();
        refused = [];
        foreach (var mode in modes)
        {
            try
            {
                verdicts.Add(judge(mode));
            }
            catch (InputException e)
            {
                // Its grid doesn't fit where another's does; that is no wrong input as long as another fits.
                refused.Add((mode, e.Problem));
            }
        }
        return [.. verdicts.OrderByDescending(v => v.Capacity.Si).ThenByDescending(v => v.Margin.Si).ThenBy(v => v.Mode.Name, StringComparer.Ordinal)];
    }

    static List<string> NotesOf(
        IReadOnlyList<LineElement> elements, int channels, DecibelMilliwatts? launch, List<ModeVerdict> judged, bool amplified)
    {
        var notes = new List<string>();
        foreach (var amplifier in elements.OfType<LineAmplifier>())
        {
            if (launch is { } power && amplifier.Model.OutputMaximum is { } most && power.Si + 10 * Math.Log10(channels) > most.Si + 1e-9)
            {
                notes.Add($"'{amplifier.Name}' gives at most {most} in all, and {channels} channels of {power.Si:0.00} dBm are " +
                    $"{power.Si + 10 * Math.Log10(channels):0.0} dBm: its gain falls");
            }
            if (amplifier.Gain.Si < amplifier.Model.GainMinimum.Si - 1e-9)
            {
                notes.Add($"'{amplifier.Name}' is set to {amplifier.Gain.Si:0.0} dB, below its least gain of {amplifier.Model.GainMinimum}: " +
                    "its input is padded, which costs as much noise figure");
            }
        }
        foreach (var span in elements.OfType<FibreSpan>().Where(s => s.Type.AccumulatedDispersion(Frequency.FromTerahertz(193.4)) < 4).DistinctBy(s => s.Type))
        {
            notes.Add($"'{span.Name}' disperses {span.Type.AccumulatedDispersion(Frequency.FromTerahertz(193.4)):0.#} ps/(nm·km); " +
                "below about 4 the Gaussian-noise model is known to be off");
        }
        foreach (var mode in judged.Select(v => v.Mode).Where(m => amplified && m.ReceiveMinimum is null))
            notes.Add($"the least power that '{mode.Name}' must receive is not known: only its GSNR and penalties are judged");
        return notes;
    }

    static LaunchStep Step(LinePropagation line, int offset) =>
        new(Decibels.FromDecibels(offset), Decibels.FromDecibels(line.GsnrDecibels[line.Spectrum.Count / 2]), Decibels.FromDecibels(Worst(line)));

    static double Worst(LinePropagation line)
    {
        var worst = double.PositiveInfinity;
        foreach (var gsnr in line.GsnrDecibels) worst = Math.Min(worst, gsnr);
        return worst;
    }

    static ChannelQuality[] Qualities(LinePropagation line) => [.. Enumerable.Range(0, line.Spectrum.Count).Select(i => line[i])];

    static int IndexOf(IReadOnlyList<ChannelQuality> channels, Func<double, double, bool> before)
    {
        var at = 0;
        for (var i = 1; i < channels.Count; i++)
            if (before(channels[i].Gsnr.Si, channels[at].Gsnr.Si)) at = i;
        return at;
    }

    static Frequency LowOf(Spectrum grid) => Frequency.FromHertz(grid[0].Frequency.Hertz - grid[0].SlotWidth.Hertz / 2);

    static Frequency HighOf(Spectrum grid) => Frequency.FromHertz(grid[grid.Count - 1].Frequency.Hertz + grid[grid.Count - 1].SlotWidth.Hertz / 2);
}
