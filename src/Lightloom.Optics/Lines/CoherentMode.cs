using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>One way in which a coherent transceiver can work, and what it needs of a line.</summary>
public sealed record CoherentMode
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Symbols per second.</summary>
    public required SymbolRate SymbolRate { get; init; }

    /// <summary>What its clients get of it.</summary>
    public required Bandwidth Rate { get; init; }

    /// <summary>Least distance of channels.</summary>
    public required Frequency Spacing { get; init; }

    /// <summary>OSNR in 0.1 nm that it needs.</summary>
    public required Decibels RequiredOsnr { get; init; }

    /// <summary>Least power that it can be set to send.</summary>
    public required DecibelMilliwatts TransmitMinimum { get; init; }

    /// <summary>Most power that it can be set to send.</summary>
    public required DecibelMilliwatts TransmitMaximum { get; init; }

    /// <summary>OSNR in 0.1 nm that its transmitter leaves; null for a clean one.</summary>
    public Decibels? TransmitOsnr { get; init; }

    /// <summary>Penalty over chromatic dispersion in ps/nm; null where it bears any.</summary>
    public PenaltyTable? DispersionPenalty { get; init; }

    /// <summary>Penalty over polarization mode dispersion in ps; null where it bears any.</summary>
    public PenaltyTable? PolarizationModePenalty { get; init; }

    /// <summary>Penalty over polarization-dependent loss in dB; null where it bears any.</summary>
    public PenaltyTable? PolarizationLossPenalty { get; init; }

    /// <summary>Least power that it needs at the end of an amplified line; null where none is known.</summary>
    public DecibelMilliwatts? ReceiveMinimum { get; init; }

    /// <summary>Least power that it needs at the end of a line without amplifiers; null where none is known.</summary>
    public DecibelMilliwatts? ReceiveMinimumUnamplified { get; init; }

    /// <summary>Latency of one end, error correction included; null where none is known.</summary>
    public Duration? Latency { get; init; }

    /// <summary>Electrical power of one end; null where none is known.</summary>
    public Power? Power { get; init; }

    /// <summary>Price of one end; null where none is known.</summary>
    public Money? Price { get; init; }

    /// <summary>What a transceiver of the catalogue can do; null where its required OSNR, transmit power or spacing isn't known.</summary>
    public static CoherentMode? Of(CoherentTransceiver part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return part is { RequiredOsnr: { } osnr, TransmitMinimum: { } least, TransmitMaximum: { } most, Spacing: { } spacing }
            ? new()
            {
                Name = part.Key,
                SymbolRate = part.SymbolRate.Value,
                Rate = part.ClientRate.Value,
                Spacing = spacing.Value,
                RequiredOsnr = osnr.Value,
                TransmitMinimum = least.Value,
                TransmitMaximum = most.Value,
                TransmitOsnr = part.TransmitOsnr?.Value,
                DispersionPenalty = part.DispersionTolerance is { } cd ? DispersionOf(part, cd.Value) : null,
                PolarizationModePenalty = part.PolarizationModeTolerance is { } pmd ? PenaltyTable.UpTo(pmd.Value.Seconds * 1e12) : null,
                ReceiveMinimum = part.ReceiveMinimum?.Value,
                ReceiveMinimumUnamplified = part.ReceiveMinimumUnamplified?.Value,
                Latency = part.Latency?.Value,
                Power = part.Power?.Value,
                Price = part.Price?.Value,
            }
            : null;
    }

    // Nothing up to what is borne for nothing, then evenly up to the penalty of the most.
    static PenaltyTable DispersionOf(CoherentTransceiver part, double most) => part.DispersionPenalty is not { } penalty ? PenaltyTable.UpTo(most)
        : part.DispersionFree is { } free && free.Value > 0 && free.Value < most ? new([(-free.Value, Decibels.Zero), (free.Value, Decibels.Zero), (most, penalty.Value)])
        : new([(0, Decibels.Zero), (most, penalty.Value)]);

    /// <summary>Sum of the penalties of a channel.</summary>
    public Decibels Penalty(ChannelQuality channel) => Decibels.FromDecibels(
        (DispersionPenalty?.At(channel.Dispersion).Si ?? 0) +
        (PolarizationModePenalty?.At(channel.PolarizationModeDispersion.Seconds * 1e12).Si ?? 0) +
        (PolarizationLossPenalty?.At(channel.PolarizationDependentLoss.Si).Si ?? 0));

    /// <summary>What is left of GSNR after required OSNR and penalties, or of the received power after its least, whichever is less.</summary>
    /// <param name="channel">The channel at the end of its line.</param>
    /// <param name="amplified">Whether the line has amplifiers.</param>
    public Decibels Margin(ChannelQuality channel, bool amplified)
    {
        var margin = channel.Gsnr.Si - RequiredOsnr.Si - Penalty(channel).Si;
        if ((amplified ? ReceiveMinimum : ReceiveMinimumUnamplified) is { } least) margin = Math.Min(margin, channel.Power.Si - least.Si);
        return Decibels.FromDecibels(margin);
    }

    internal void Check()
    {
        if (!(TransmitMinimum.Si >= -100 && TransmitMaximum.Si <= 60 && TransmitMinimum.Si <= TransmitMaximum.Si))
            throw new InputException($"mode '{Name}' sends from {TransmitMinimum} to {TransmitMaximum}; the first must not exceed the second");
        if (!double.IsFinite(RequiredOsnr.Si)) throw new InputException($"mode '{Name}' needs an OSNR of {RequiredOsnr}");
        if (!(Rate.Si > 0 && double.IsFinite(Rate.Si))) throw new InputException($"mode '{Name}' has a rate of {Rate}");
    }
}
