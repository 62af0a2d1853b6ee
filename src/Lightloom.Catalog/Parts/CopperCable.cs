using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What a copper cable does to the signal.</summary>
public enum CopperClass
{
    /// <summary>Nothing (DAC).</summary>
    Passive,

    /// <summary>A linear amplifier at the ends (ACC).</summary>
    Linear,

    /// <summary>Retimers at the ends (AEC).</summary>
    Retimed,

    /// <summary>Nothing, and it is no cable that a port takes: pairs of a backplane cartridge, from die to die through blind-mate connectors.</summary>
    Cartridge,
}

/// <summary>A copper cable with its connectors.</summary>
[PartKind("copper-cable")]
public sealed record CopperCable : Part
{
    /// <summary>What it does to the signal.</summary>
    public required CopperClass Class { get; init; }

    /// <summary>Rate, one direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Sourced<Bandwidth> Rate { get; init; }

    /// <summary>Rate of one lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>The pair inside.</summary>
    public required Twinax Twinax { get; init; }

    /// <summary>The electrical interface whose loss budget it must keep, for a passive cable.</summary>
    public ElectricalInterface? Interface { get; init; }

    /// <summary>Shape: OSFP, QSFP112, ...</summary>
    public required string FormFactor { get; init; }

    /// <summary>Longest that is sold.</summary>
    [Limits(Minimum = 0.1, Maximum = 100)]
    public required Sourced<Length> Reach { get; init; }

    /// <summary>Power of one end.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public required Sourced<Power> Power { get; init; }

    /// <summary>Latency of one end.</summary>
    [Limits(Minimum = 0, Maximum = 1e-5)]
    public Sourced<Duration>? Latency { get; init; }

    /// <summary>Price of the cable with both ends.</summary>
    [Limits(Minimum = 0, Maximum = 1e5)]
    public Sourced<Money>? Price { get; init; }

    /// <summary>Rate of hard failures of the whole cable.</summary>
    [Limits(Minimum = 0, Maximum = 1e-6)]
    public Sourced<FailureRate>? FailureRate { get; init; }
}
