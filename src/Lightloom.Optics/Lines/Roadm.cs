// A reconfigurable add-drop multiplexer: it attenuates each channel to a target, and never amplifies.
//
//   P → min( P · 10^(−least loss/10), target + offset of the channel )
//   target: a power per channel, a power density over the symbol rate, or a power density over the slot
//
// Adding or dropping a channel degrades it by an OSNR that is summed up at the end of the line with that of the transmitter:
//   1/OSNR = 1/OSNR_line + 1/OSNR_tx + 1/OSNR_add + 1/OSNR_drop            linear, in 0.1 nm
// A node of which only one figure is known for both, R, has OSNR_add = OSNR_drop = R + 3.01 dB.
//
// Example: R 38 dB: adding and dropping together leave 38 dB; with a transmitter of 40 dB, 35.88 dB.

using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>What a ROADM sets its output to.</summary>
public readonly record struct EqualisationTarget
{
    internal enum Kind
    {
        PerChannel,
        PerSymbolRate,
        PerSlot,
    }

    internal Kind Of { get; private init; }

    internal double Watts { get; private init; } // W, or W/Hz

    /// <summary>The same power for every channel.</summary>
    public static EqualisationTarget PerChannel(DecibelMilliwatts power) => new() { Of = Kind.PerChannel, Watts = power.Power.Watts };

    /// <summary>The same power in each gigahertz of symbol rate.</summary>
    public static EqualisationTarget PerGigabaud(Power power) => new() { Of = Kind.PerSymbolRate, Watts = power.Watts / 1e9 };

    /// <summary>The same power in each gigahertz of slot.</summary>
    public static EqualisationTarget PerGigahertzOfSlot(Power power) => new() { Of = Kind.PerSlot, Watts = power.Watts / 1e9 };

    /// <summary>The target for a channel, without its offset.</summary>
    public DecibelMilliwatts For(LineChannel channel) => DecibelMilliwatts.FromPower(Power.FromWatts(Of switch
    {
        Kind.PerSymbolRate => Watts * channel.SymbolRate.Baud,
        Kind.PerSlot => Watts * channel.SlotWidth.Hertz,
        _ => Watts,
    }));
}

/// <summary>A ROADM that a line passes, adds to or drops from.</summary>
public sealed record Roadm : LineElement
{
    /// <summary>What it sets the channels to.</summary>
    public required EqualisationTarget Target { get; init; }

    /// <summary>Loss that no channel escapes.</summary>
    public Decibels LeastLoss { get; init; }

    /// <summary>OSNR in 0.1 nm that adding or dropping here leaves a clean channel with; null where channels only pass.</summary>
    public Decibels? AddOrDropOsnr { get; init; }

    /// <summary>Polarization mode dispersion that it adds.</summary>
    public Duration PolarizationModeDispersion { get; init; }

    /// <summary>Polarization-dependent loss that it adds.</summary>
    public Decibels PolarizationDependentLoss { get; init; }

    internal void Check()
    {
        AtLeastZero(LeastLoss.Si, "the least loss");
        AtLeastZero(PolarizationModeDispersion.Si, "polarization mode dispersion");
        AtLeastZero(PolarizationDependentLoss.Si, "polarization-dependent loss");
        if (!(Target.Watts > 0 && double.IsFinite(Target.Watts))) throw Wrong("the target of a ROADM must be a finite power");
        if (AddOrDropOsnr is { } osnr) Finite(osnr.Si, "the OSNR of adding or dropping");
    }
}
