using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>A coherent optical module, for lines between sites.</summary>
[PartKind("coherent-transceiver")]
public sealed record CoherentTransceiver : Part
{
    /// <summary>The agreement or standard that it follows.</summary>
    public required string Standard { get; init; }

    /// <summary>Rate on the line, error correction included.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Sourced<Bandwidth> LineRate { get; init; }

    /// <summary>Rate that its clients get.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Sourced<Bandwidth> ClientRate { get; init; }

    /// <summary>Symbols per second.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<SymbolRate> SymbolRate { get; init; }

    /// <summary>Modulation, such as DP-16QAM.</summary>
    public required string Modulation { get; init; }

    /// <summary>Forward error correction, as its agreement calls it.</summary>
    public required string Fec { get; init; }

    /// <summary>Bit error ratio before correction that it still corrects.</summary>
    [Limits(Minimum = 0, Maximum = 0.5)]
    public required Sourced<double> PreFecBer { get; init; }

    /// <summary>Least distance of wavelength channels.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e13)]
    public Sourced<Frequency>? Spacing { get; init; }

    /// <summary>Least power that it sends.</summary>
    public Sourced<DecibelMilliwatts>? TransmitMinimum { get; init; }

    /// <summary>Most power that it sends.</summary>
    public Sourced<DecibelMilliwatts>? TransmitMaximum { get; init; }

    /// <summary>Optical signal-to-noise ratio in 0.1 nm that its own transmitter leaves.</summary>
    [Limits(Minimum = 0, Maximum = 80)]
    public Sourced<Decibels>? TransmitOsnr { get; init; }

    /// <summary>Optical signal-to-noise ratio in 0.1 nm that it needs.</summary>
    [Limits(Minimum = 0, Maximum = 60)]
    public Sourced<Decibels>? RequiredOsnr { get; init; }

    /// <summary>Least power that it needs behind amplifiers.</summary>
    public Sourced<DecibelMilliwatts>? ReceiveMinimum { get; init; }

    /// <summary>Least power that it needs on a line without amplifiers.</summary>
    public Sourced<DecibelMilliwatts>? ReceiveMinimumUnamplified { get; init; }

    /// <summary>Chromatic dispersion that it bears, in ps/nm.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public Sourced<double>? DispersionTolerance { get; init; }

    /// <summary>Dispersion that costs it nothing, in ps/nm; all that it bears where <see cref="DispersionPenalty"/> isn't known.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public Sourced<double>? DispersionFree { get; init; }

    /// <summary>What the most dispersion that it bears costs of OSNR.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public Sourced<Decibels>? DispersionPenalty { get; init; }

    /// <summary>Polarization mode dispersion that it bears.</summary>
    [Limits(Minimum = 0, Maximum = 1e-9)]
    public Sourced<Duration>? PolarizationModeTolerance { get; init; }

    /// <summary>Reach that it is meant for, amplified where its agreement says so.</summary>
    [Limits(Minimum = 1, Maximum = 1e8)]
    public Sourced<Length>? Reach { get; init; }

    /// <summary>Power in use; the high end is the most that it may take.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Latency of one end, error correction included.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public Sourced<Duration>? Latency { get; init; }

    /// <summary>Price of one module.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Sourced<Money>? Price { get; init; }
}
