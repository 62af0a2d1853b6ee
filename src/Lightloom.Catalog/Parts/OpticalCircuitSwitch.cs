using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>An optical circuit switch (OCS): it connects fibres and looks at no packet.</summary>
[PartKind("ocs")]
public sealed record OpticalCircuitSwitch : Part
{
    /// <summary>How it moves light: MEMS mirrors, piezo collimators, liquid crystal, a robot.</summary>
    public required string Technology { get; init; }

    /// <summary>Inputs, and as many outputs.</summary>
    [Limits(Minimum = 2, Maximum = 100_000)]
    public required Sourced<int> Ports { get; init; }

    /// <summary>Loss through it; the high end is the most that it may have.</summary>
    [Limits(Minimum = 0, Maximum = 40)]
    public Sourced<Decibels>? Loss { get; init; }

    /// <summary>Light that it reflects; negative.</summary>
    [Limits(Minimum = -100, Maximum = 0)]
    public Sourced<Decibels>? ReturnLoss { get; init; }

    /// <summary>Time to change a connection.</summary>
    [Limits(Minimum = 0, Maximum = 3600)]
    public Sourced<Duration>? SwitchingTime { get; init; }

    /// <summary>Power in use.</summary>
    [Limits(Minimum = 0, Maximum = 1e5)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Height in rack units; 8 where it is not known.</summary>
    [Limits(Minimum = 1, Maximum = 60)]
    public Sourced<int>? RackUnits { get; init; }

    /// <summary>Price of the whole switch.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public Sourced<Money>? Price { get; init; }

    /// <summary>Price of a port.</summary>
    [Limits(Minimum = 0, Maximum = 1e5)]
    public Sourced<Money>? PricePerPort { get; init; }

    /// <summary>Whether a path carries light both ways, so that circulators halve the ports of a link.</summary>
    public required bool Bidirectional { get; init; }
}
