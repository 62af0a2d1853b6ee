using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>The forward error correction that a link runs under.</summary>
public enum FecScheme
{
    /// <summary>None.</summary>
    None,

    /// <summary>RS(544,514) over 10-bit symbols, end to end.</summary>
    Kp4,

    /// <summary>RS(544,514) with an inner Hamming(128,120) code in the module.</summary>
    Kp4WithHamming,

    /// <summary>RS(272,258), the low-latency code.</summary>
    LowLatency,

    /// <summary>The concatenated staircase and Hamming code of 400ZR (CFEC).</summary>
    Concatenated,

    /// <summary>The open code of OpenZR+ and 800ZR (oFEC).</summary>
    Open,
}

/// <summary>An optical physical medium dependent (PMD) interface: what a standard demands of transmitter, channel and receiver.</summary>
[PartKind("optical-interface")]
public sealed record OpticalInterface : Part
{
    /// <summary>The standard or agreement, with its clause.</summary>
    public required string Standard { get; init; }

    /// <summary>Rate of one lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>Lanes of one link.</summary>
    [Limits(Minimum = 1, Maximum = 64)]
    public required Sourced<int> Lanes { get; init; }

    /// <summary>Symbols per second on a lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<SymbolRate> SymbolRate { get; init; }

    /// <summary>Modulation: PAM4 or NRZ.</summary>
    public required string Modulation { get; init; }

    /// <summary>Wavelengths, as the standard writes them, in nm.</summary>
    public required string Wavelengths { get; init; }

    /// <summary>The fibre that it is specified on.</summary>
    public required Fibre Fibre { get; init; }

    /// <summary>The connector that it is specified with.</summary>
    public required Connector Connector { get; init; }

    /// <summary>Fibres of one link, both directions.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required Sourced<int> Fibres { get; init; }

    /// <summary>What lies inside its engines, for one that no standard describes at the fibre; its levels follow from it.</summary>
    public ExternalLaserOptics? ExternalLaser { get; init; }

    /// <summary>Reach that the standard gives.</summary>
    [Limits(Minimum = 1, Maximum = 1e6)]
    public required Sourced<Length> Reach { get; init; }

    /// <summary>Channel insertion loss that is allowed.</summary>
    [Limits(Minimum = 0, Maximum = 60)]
    public Sourced<Decibels>? ChannelLoss { get; init; }

    /// <summary>Smallest outer optical modulation amplitude sent, each lane.</summary>
    public Sourced<DecibelMilliwatts>? TransmitOmaMinimum { get; init; }

    /// <summary>Largest outer optical modulation amplitude sent, each lane.</summary>
    public Sourced<DecibelMilliwatts>? TransmitOmaMaximum { get; init; }

    /// <summary>Smallest OMA less TDECQ sent, each lane.</summary>
    public Sourced<DecibelMilliwatts>? TransmitOmaLessTdecq { get; init; }

    /// <summary>Largest transmitter and dispersion eye closure (TDECQ).</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public Sourced<Decibels>? TdecqMaximum { get; init; }

    /// <summary>Smallest average power sent, each lane.</summary>
    public Sourced<DecibelMilliwatts>? TransmitAverageMinimum { get; init; }

    /// <summary>Largest average power sent, each lane.</summary>
    public Sourced<DecibelMilliwatts>? TransmitAverageMaximum { get; init; }

    /// <summary>Smallest extinction ratio.</summary>
    [Limits(Minimum = 0, Maximum = 40)]
    public Sourced<Decibels>? ExtinctionRatio { get; init; }

    /// <summary>Largest relative intensity noise, in dB/Hz.</summary>
    [Limits(Minimum = -200, Maximum = -100)]
    public Sourced<double>? RelativeIntensityNoise { get; init; }

    /// <summary>Receiver sensitivity (OMA, outer) for a clean transmitter.</summary>
    public Sourced<DecibelMilliwatts>? Sensitivity { get; init; }

    /// <summary>Stressed receiver sensitivity (OMA, outer).</summary>
    public Sourced<DecibelMilliwatts>? StressedSensitivity { get; init; }

    /// <summary>Stressed eye closure at which that holds.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public Sourced<Decibels>? SecqMaximum { get; init; }

    /// <summary>Smallest average power received, each lane.</summary>
    public Sourced<DecibelMilliwatts>? ReceiveAverageMinimum { get; init; }

    /// <summary>Multipath interference and other penalties that the standard sets aside.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public Sourced<Decibels>? Penalties { get; init; }

    /// <summary>The error correction that it relies on.</summary>
    public required FecScheme Fec { get; init; }

    /// <summary>Bit error ratio before correction at which it is specified.</summary>
    [Limits(Minimum = 0, Maximum = 0.5)]
    public required Sourced<double> PreFecBer { get; init; }
}

/// <summary>An electrical interface over copper: how much insertion loss at which frequency.</summary>
[PartKind("electrical-interface")]
public sealed record ElectricalInterface : Part
{
    /// <summary>The standard or agreement, with its clause.</summary>
    public required string Standard { get; init; }

    /// <summary>Rate of one lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>Symbols per second on a lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<SymbolRate> SymbolRate { get; init; }

    /// <summary>Loss that the channel may have at <see cref="Frequency"/>: a cable assembly's with its connectors, or die to die.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public required Sourced<Decibels> ChannelLoss { get; init; }

    /// <summary>The frequency that the loss is given at.</summary>
    [Limits(Minimum = 1e8, Maximum = 1e12)]
    public required Sourced<Frequency> Frequency { get; init; }

    /// <summary>Share of the loss that the host boards at both ends take before the cable assembly begins; 0 where the loss is the assembly's.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public Sourced<Decibels>? HostLoss { get; init; }

    /// <summary>Loss of both connectors at that frequency.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public Sourced<Decibels>? ConnectorLoss { get; init; }

    /// <summary>Reach that the standard aims at.</summary>
    [Limits(Minimum = 0.01, Maximum = 100)]
    public required Sourced<Length> Reach { get; init; }

    /// <summary>The error correction that it relies on.</summary>
    public required FecScheme Fec { get; init; }

    /// <summary>Bit error ratio before correction at which it is specified.</summary>
    [Limits(Minimum = 0, Maximum = 0.5)]
    public Sourced<double>? PreFecBer { get; init; }
}
