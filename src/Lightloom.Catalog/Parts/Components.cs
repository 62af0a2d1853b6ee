using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>Something that optical modules are made of.</summary>
[PartKind("component")]
public sealed record Component : Part
{
    /// <summary>Rate of hard failures of one.</summary>
    [Limits(Minimum = 0, Maximum = 1e-6)]
    public required Sourced<FailureRate> FailureRate { get; init; }
}

/// <summary>A serialiser and deserialiser: the electrical end of a lane on a chip.</summary>
[PartKind("serdes")]
public sealed record SerDes : Part
{
    /// <summary>Rate of the lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>Energy of sender and receiver of one end, per bit of one direction.</summary>
    [Limits(Minimum = 0, Maximum = 1e-9)]
    public required Sourced<EnergyPerBit> EnergyPerBit { get; init; }

    /// <summary>Latency of one end.</summary>
    [Limits(Minimum = 0, Maximum = 1e-6)]
    public Sourced<Duration>? Latency { get; init; }
}

/// <summary>A trace on a printed circuit board.</summary>
[PartKind("printed-circuit")]
public sealed record PrintedCircuit : Part
{
    /// <summary>The frequency that the loss is given at.</summary>
    [Limits(Minimum = 1e8, Maximum = 1e12)]
    public required Sourced<Frequency> Frequency { get; init; }

    /// <summary>Loss per length at that frequency.</summary>
    [Limits(Minimum = 0, Maximum = 1000)]
    public required Sourced<Attenuation> Attenuation { get; init; }

    /// <summary>Delay per length.</summary>
    [Limits(Minimum = 3.3e-9, Maximum = 2e-8)]
    public required Sourced<PropagationDelay> Delay { get; init; }
}
