using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>One of several sites that train a job together: its name, and what it has of its own.</summary>
[Shorthand(nameof(Name))]
public sealed record TrainingSiteSection
{
    /// <summary>What it is called; routes name it.</summary>
    public required string Name { get; init; }

    /// <summary>Accelerators that stand there, in whole systems; as many as the design says unless given.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? Accelerators { get; init; }
}

/// <summary>A route between two sites, whatever lights it.</summary>
public sealed record SiteRouteSection
{
    /// <summary>The site at one end.</summary>
    public required string From { get; init; }

    /// <summary>The site at the other end.</summary>
    public required string To { get; init; }

    /// <summary>Distance between the two; half of the earth's circumference at most.</summary>
    [Limits(Minimum = 0, Maximum = SiteStudy.LongestMeters)]
    public required Length Distance { get; init; }

    /// <summary>Length of the fibre over the distance: 1 where the distance is the fibre's.</summary>
    [Limits(Minimum = 1, Maximum = 10)]
    public double RouteFactor { get; init; } = 1;

    /// <summary>Bandwidth in each direction.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e17)]
    public required Bandwidth Bandwidth { get; init; }

    /// <summary>The fibre, for its delay; ordinary single-mode fibre at 1550 nm unless given.</summary>
    public Fibre? Fibre { get; init; }
}
