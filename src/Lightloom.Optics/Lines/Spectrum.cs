using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>One wavelength channel as it enters a line.</summary>
public readonly record struct LineChannel
{
    /// <summary>A channel with its own slot.</summary>
    public LineChannel(Frequency frequency, SymbolRate symbolRate, Frequency slotWidth)
    {
        Frequency = frequency;
        SymbolRate = symbolRate;
        SlotWidth = slotWidth;
    }

    /// <summary>Centre frequency.</summary>
    public Frequency Frequency { get; init; }

    /// <summary>Symbols per second; the band in which its noise counts is as wide.</summary>
    public SymbolRate SymbolRate { get; init; }

    /// <summary>Width of the slot that it occupies around its centre.</summary>
    public Frequency SlotWidth { get; init; }

    /// <summary>Power with which it enters the line, unless a run says otherwise.</summary>
    public DecibelMilliwatts LaunchPower { get; init; }

    /// <summary>How far above the others' target a ROADM sets it.</summary>
    public Decibels EqualisationOffset { get; init; }

    /// <summary>OSNR in 0.1 nm that its transmitter leaves it with; null for a clean transmitter.</summary>
    public Decibels? TransmitOsnr { get; init; }
}

/// <summary>The channels of a line, by ascending frequency.</summary>
public sealed class Spectrum
{
    /// <summary>Most channels that a spectrum may have: interference is a matrix over all pairs.</summary>
    public const int MaximumChannels = 2048;

    readonly LineChannel[] channels; // channels[i].Frequency ascends strictly; slots don't overlap

    /// <summary>Makes a spectrum; the channels may come in any order.</summary>
    /// <exception cref="InputException">
    /// There is no channel, or more than <see cref="MaximumChannels"/>; slots overlap; a symbol rate exceeds its slot; a figure isn't finite.
    /// </exception>
    public Spectrum(IEnumerable<LineChannel> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        this.channels = [.. channels.Take(MaximumChannels + 1).OrderBy(c => c.Frequency.Hertz)];
        if (this.channels.Length == 0) throw new InputException("a spectrum needs at least one channel");
        if (this.channels.Length > MaximumChannels)
            throw new InputException($"a spectrum may have at most {MaximumChannels} channels");
        for (var i = 0; i < this.channels.Length; i++) Check(i);
    }

    /// <summary>Number of channels.</summary>
    public int Count => channels.Length;

    /// <summary>A channel; 0 has the lowest frequency.</summary>
    public LineChannel this[int channel] => channels[channel];

    /// <summary>Channels alike at even distances.</summary>
    /// <param name="lowest">Centre of the lowest channel.</param>
    /// <param name="spacing">Distance of centres, and the width of each slot.</param>
    /// <param name="count">How many.</param>
    /// <param name="symbolRate">Symbols per second of each.</param>
    /// <exception cref="InputException">See the constructor.</exception>
    public static Spectrum Uniform(Frequency lowest, Frequency spacing, int count, SymbolRate symbolRate) =>
        new(Enumerable.Range(0, Math.Clamp(count, 0, MaximumChannels + 1))
            .Select(i => new LineChannel(Frequency.FromHertz(lowest.Hertz + i * spacing.Hertz), symbolRate, spacing)));

    /// <summary>As many channels alike as fit between two frequencies, slots included, the first slot at the lower end.</summary>
    /// <exception cref="InputException">None fits, or more than <see cref="MaximumChannels"/> do.</exception>
    public static Spectrum Filling(Frequency low, Frequency high, Frequency spacing, SymbolRate symbolRate)
    {
        // A band of 4.8 THz holds 64 slots of 75 GHz whatever binary rounding makes of it.
        var fit = Math.Floor((high.Hertz - low.Hertz) / spacing.Hertz * (1 + 1e-12));
        if (!(fit >= 1)) throw new InputException($"no channel of {spacing} fits between {low} and {high}");
        return Uniform(Frequency.FromHertz(low.Hertz + spacing.Hertz / 2), spacing, (int)Math.Min(fit, MaximumChannels + 1), symbolRate);
    }

    void Check(int i)
    {
        var channel = channels[i];
        double f = channel.Frequency.Hertz, slot = channel.SlotWidth.Hertz, baud = channel.SymbolRate.Baud;
        if (!(f is >= 1e13 and <= 1e15))
            throw new InputException($"channel {i + 1} has the frequency {channel.Frequency}; 10 THz to 1000 THz can be");
        if (!(baud is >= 1e6 and <= 1e13))
            throw new InputException($"channel {i + 1} at {channel.Frequency} has the symbol rate {channel.SymbolRate}; 1 MBd to 10,000 GBd can be");
        if (!(slot >= baud) || slot > f)
            throw new InputException($"channel {i + 1} at {channel.Frequency} has {channel.SymbolRate} in a slot of {channel.SlotWidth}; a slot is at least as wide as the symbol rate");
        if (!(channel.LaunchPower.Si is >= -200 and <= 100) || !double.IsFinite(channel.EqualisationOffset.Si))
            throw new InputException($"channel {i + 1} at {channel.Frequency} is launched with {channel.LaunchPower}, offset {channel.EqualisationOffset}");
        if (channel.TransmitOsnr is { } osnr && !(osnr.Si > -100))
            throw new InputException($"channel {i + 1} at {channel.Frequency} has a transmitter OSNR of {osnr}");
        if (i == 0) return;
        var below = channels[i - 1];
        // Slots may touch; a hertz is below what frequencies near 2e14 are written to.
        if (below.Frequency.Hertz + below.SlotWidth.Hertz / 2 > f - slot / 2 + 1)
            throw new InputException($"the slots of channels {i} at {below.Frequency} and {i + 1} at {channel.Frequency} overlap");
    }
}
