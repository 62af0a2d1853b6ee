using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>Something that was observed, claimed or projected of failures.</summary>
[PartKind("failure-observation")]
public sealed record FailureObservation : Part
{
    /// <summary>The figure as it was published, in <see cref="Unit"/>.</summary>
    [Limits(Minimum = 0, Maximum = 1e12)]
    public required Sourced<double> Figure { get; init; }

    /// <summary>What the figure counts.</summary>
    public required string Unit { get; init; }

    /// <summary>The rate that follows from it for one of <see cref="Of"/>; null where none follows.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public Sourced<FailureRate>? Rate { get; init; }

    /// <summary>Events that were counted for the rate; null where it is no count.</summary>
    [Limits(Minimum = 0, Maximum = 1e9)]
    public Sourced<double>? Events { get; init; }

    /// <summary>The assumption of <c>site-defaults</c> that is this rate; null where none is.</summary>
    public string? Assumption { get; init; }

    /// <summary>What the rate holds for: accelerator, link, device, laser, switch, kilometre of fibre.</summary>
    public string? Of { get; init; }

    /// <summary>Where it was observed.</summary>
    public required string Scope { get; init; }
}
