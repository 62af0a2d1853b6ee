using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>How much of the electrical signal an optical module restores, and where it sits.</summary>
public enum TransceiverClass
{
    /// <summary>A DSP or CDR retimes both directions.</summary>
    Retimed,

    /// <summary>Only the transmitter retimes (LRO, TRO).</summary>
    HalfRetimed,

    /// <summary>Nothing retimes; the host's SerDes drives the optics (LPO).</summary>
    Linear,

    /// <summary>On the switch's or accelerator's package.</summary>
    CoPackaged,

    /// <summary>On the board, beside the package.</summary>
    NearPackaged,

    /// <summary>A cable with its modules fixed on (AOC).</summary>
    ActiveCable,
}

/// <summary>An optical module or engine: one end of an optical link, or of several that share it.</summary>
[PartKind("transceiver")]
public sealed record Transceiver : Part
{
    /// <summary>What it restores and where it sits.</summary>
    public required TransceiverClass Class { get; init; }

    /// <summary>Rate of the module, all its links together, one direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e15)]
    public required Sourced<Bandwidth> Rate { get; init; }

    /// <summary>Optical lanes.</summary>
    [Limits(Minimum = 1, Maximum = 4096)]
    public Sourced<int>? Lanes { get; init; }

    /// <summary>Rate of one lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public Sourced<Bandwidth>? LaneRate { get; init; }

    /// <summary>Rate of one lane towards the host, where a gearbox makes it differ from the optical one.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public Sourced<Bandwidth>? HostLaneRate { get; init; }

    /// <summary>The interface that its optics meet; without one no budget can be drawn up.</summary>
    public OpticalInterface? Interface { get; init; }

    /// <summary>Shape: OSFP, QSFP112, ...</summary>
    public required string FormFactor { get; init; }

    /// <summary>Reach that its vendor states.</summary>
    [Limits(Minimum = 0.01, Maximum = 1e7)]
    public Sourced<Length>? Reach { get; init; }

    /// <summary>Power in use.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Energy per bit as stated, for modules whose power is not.</summary>
    [Limits(Minimum = 0, Maximum = 1e-8)]
    public Sourced<EnergyPerBit>? EnergyPerBit { get; init; }

    /// <summary>Latency of one end, without the host's FEC.</summary>
    [Limits(Minimum = 0, Maximum = 1e-4)]
    public Sourced<Duration>? Latency { get; init; }

    /// <summary>Price of one module.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Sourced<Money>? Price { get; init; }

    /// <summary>Rate of hard failures of one module.</summary>
    [Limits(Minimum = 0, Maximum = 1e-6)]
    public Sourced<FailureRate>? FailureRate { get; init; }

    /// <summary>Whether it can be replaced without its switch or cable.</summary>
    public bool FieldReplaceable { get; init; } = true;
}
