// What a line carries with a set of transceiver modes.
//
//   Modes that agree in symbol rate, spacing and transmitter travel as one spectrum, which fills the band from its lower end.
//   Their launch power is the one, within what they can send, that leaves the worst channel the largest margin of the least
//   demanding of them; golden-section search, for the margin has one peak over the power.
//   margin_ic = min( GSNR_i − required OSNR_c − penalties_ic , received power_i − least_c )
//   capacity of a spectrum = Σ_i  max { rate_c : margin_ic ≥ margin asked for }
//   capacity of the line   = the largest of its spectra
//
// Example: one span of 80 km (17 dB with connectors) without amplifiers, 400ZR in 4.8 THz: 64 channels are sent with −6 dBm and
// arrive with −23 dBm, 3 dB less than the −20 dBm that a receiver needs without amplifiers: nothing. With a preamplifier of
// 20 dB all 64 close: 25.6 Tb/s.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>What a capacity is asked of.</summary>
public sealed record CapacityRequest
{
    /// <summary>Lower end of the band that may be filled.</summary>
    public Frequency BandLow { get; init; } = Frequency.FromTerahertz(191.3);

    /// <summary>Upper end of the band that may be filled.</summary>
    public Frequency BandHigh { get; init; } = Frequency.FromTerahertz(196.1);

    /// <summary>The modes to choose from.</summary>
    public required IReadOnlyList<CoherentMode> Modes { get; init; }

    /// <summary>Margin that each channel must have beyond what its mode needs.</summary>
    public Decibels Margin { get; init; }

    /// <summary>The power that transceivers send, where it is not to be chosen.</summary>
    public DecibelMilliwatts? Launch { get; init; }
}

/// <summary>A channel of a filled line.</summary>
/// <param name="Quality">What it is worth at the end.</param>
/// <param name="Mode">The mode with the highest rate that works on it; null where none does.</param>
/// <param name="Margin">The margin of that mode, or of the least demanding one where none works.</param>
public sealed record FilledChannel(ChannelQuality Quality, CoherentMode? Mode, Decibels Margin);

/// <summary>One way to fill a line: channels of one symbol rate at one spacing.</summary>
/// <param name="Modes">The modes that can use it.</param>
/// <param name="Launch">Power that the transceivers send.</param>
/// <param name="Channels">Its channels.</param>
/// <param name="Capacity">Rate of all channels together, one direction.</param>
public sealed record FilledLine(IReadOnlyList<CoherentMode> Modes, DecibelMilliwatts Launch, IReadOnlyList<FilledChannel> Channels, Bandwidth Capacity)
{
    /// <summary>Number of channels that work.</summary>
    public int Working => Channels.Count(c => c.Mode is not null);
}

/// <summary>What a line carries.</summary>
/// <param name="Best">The way to fill it that carries most; where none carries anything, the one that misses least.</param>
/// <param name="Alternatives">All ways that were tried, most capacity first.</param>
public sealed record LineCapacity(FilledLine Best, IReadOnlyList<FilledLine> Alternatives)
{
    /// <summary>Rate of the line, one direction.</summary>
    public Bandwidth Capacity => Best.Capacity;

    /// <summary>Fills a line.</summary>
    /// <param name="elements">The line from the transmitters' multiplexer to the receivers.</param>
    /// <param name="request">Band, modes and margin.</param>
    /// <exception cref="InputException">No mode is given or fits into the band, or the line is impossible.</exception>
    public static LineCapacity Of(IReadOnlyList<LineElement> elements, CapacityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Modes.Count == 0) throw new InputException("the capacity of a line needs at least one transceiver mode");
        if (!double.IsFinite(request.Margin.Si)) throw new InputException($"a margin must be finite; it is {request.Margin}");
        foreach (var mode in request.Modes) mode.Check();
        var fitting = request.Modes.Where(m => m.Spacing.Hertz <= (request.BandHigh.Hertz - request.BandLow.Hertz) * (1 + 1e-12)).ToList();
        if (fitting.Count == 0) throw new InputException($"no mode fits between {request.BandLow} and {request.BandHigh}");
        var filled = fitting.GroupBy(m => (m.SymbolRate, m.Spacing, m.TransmitOsnr, m.TransmitMinimum, m.TransmitMaximum))
            .Select(g => Fill(elements, request, [.. g]))
            .OrderByDescending(f => f.Capacity.Si)
            .ThenByDescending(f => f.Channels.Min(c => c.Margin.Si))
            .ThenBy(f => f.Modes[0].Name, StringComparer.Ordinal)
            .ToList();
        return new(filled[0], filled);
    }

    static FilledLine Fill(IReadOnlyList<LineElement> elements, CapacityRequest request, List<CoherentMode> modes)
    {
        var filling = Spectrum.Filling(request.BandLow, request.BandHigh, modes[0].Spacing, modes[0].SymbolRate);
        var spectrum = modes[0].TransmitOsnr is null
            ? filling
            : new(Enumerable.Range(0, filling.Count).Select(i => filling[i] with { TransmitOsnr = modes[0].TransmitOsnr }));
        var line = new LinePropagation(spectrum, elements);
        var amplified = line.IsAmplified;
        var (low, high) = (modes[0].TransmitMinimum.Si, modes[0].TransmitMaximum.Si);
        var easiest = modes.MinBy(m => m.RequiredOsnr.Si)!;
        var launch = request.Launch is { } given ? Math.Clamp(given.Si, low, high) : GoldenSection.Maximum(low, high, 1e-3, power => WorstMargin(line, easiest, amplified, power));
        line.Propagate(DecibelMilliwatts.FromDbm(launch));
        var channels = new FilledChannel[spectrum.Count];
        var capacity = 0.0;
        for (var i = 0; i < channels.Length; i++)
        {
            channels[i] = Choose(line[i], modes, easiest, amplified, request.Margin.Si);
            capacity += channels[i].Mode?.Rate.Si ?? 0;
        }
        return new(modes, DecibelMilliwatts.FromDbm(launch), channels, Bandwidth.FromBitsPerSecond(capacity));
    }

    static FilledChannel Choose(ChannelQuality quality, List<CoherentMode> modes, CoherentMode easiest, bool amplified, double asked)
    {
        CoherentMode? best = null;
        foreach (var mode in modes)
        {
            // A nanodecibel of binary rounding must not decide.
            if (mode.Margin(quality, amplified).Si < asked - 1e-9 || mode.Rate.Si <= (best?.Rate.Si ?? 0)) continue;
            best = mode;
        }
        return new(quality, best, (best ?? easiest).Margin(quality, amplified));
    }

    static double WorstMargin(LinePropagation line, CoherentMode mode, bool amplified, double power)
    {
        line.Propagate(DecibelMilliwatts.FromDbm(power));
        var worst = double.PositiveInfinity;
        for (var i = 0; i < line.Spectrum.Count; i++) worst = Math.Min(worst, mode.Margin(line[i], amplified).Si);
        return worst;
    }
}
