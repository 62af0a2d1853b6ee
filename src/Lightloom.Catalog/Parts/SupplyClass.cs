using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>A class of things that are bought, with how many vendors can supply it: what a second source is worth asking for.</summary>
[PartKind("supply-class")]
public sealed record SupplyClass : Part
{
    /// <summary>Vendors that make parts of the class that work in each other's place.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public required Sourced<int> Vendors { get; init; }
}
