using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What a port speaks.</summary>
public enum LinkProtocol
{
    /// <summary>InfiniBand.</summary>
    Infiniband,

    /// <summary>Ethernet, with RoCEv2 or Ultra Ethernet above it.</summary>
    Ethernet,
}

/// <summary>A network card of the training fabric.</summary>
[PartKind("nic")]
public sealed record NetworkInterface : Part
{
    /// <summary>What its ports can speak.</summary>
    public required IReadOnlyList<LinkProtocol> Protocols { get; init; }

    /// <summary>Rate of the card, all ports together, one direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Sourced<Bandwidth> Rate { get; init; }

    /// <summary>Ports that share that rate.</summary>
    [Limits(Minimum = 1, Maximum = 16)]
    public required Sourced<int> Ports { get; init; }

    /// <summary>Rate of one electrical lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>Power in use, without a module.</summary>
    [Limits(Minimum = 0, Maximum = 1e3)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Latency of one card, host memory to wire.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public Sourced<Duration>? Latency { get; init; }

    /// <summary>Price of the card alone.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Sourced<Money>? Price { get; init; }

    /// <summary>Host interface.</summary>
    public string? Host { get; init; }
}
