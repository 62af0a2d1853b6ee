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

/// <summary>A route between two sites: a bandwidth whatever lights it, a line of its own on dark fibre, or waves that somebody leases out.</summary>
public sealed record SiteRouteSection
{
    /// <summary>The site at one end.</summary>
    public required string From { get; init; }

    /// <summary>The site at the other end.</summary>
    public required string To { get; init; }

    /// <summary>What it is called; its ends unless given.</summary>
    public string? Name { get; init; }

    /// <summary>Distance between the two; half of the earth's circumference at most.</summary>
    [Limits(Minimum = 0, Maximum = SiteStudy.LongestMeters)]
    public required Length Distance { get; init; }

    /// <summary>Length of the fibre over the distance: 1 where the distance is the fibre's.</summary>
    [Limits(Minimum = 1, Maximum = 10)]
    public double RouteFactor { get; init; } = 1;

    /// <summary>Bandwidth in each direction; with a line what it is to carry, and all that it can unless given.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e17)]
    public Bandwidth? Bandwidth { get; init; }

    /// <summary>The fibre; ordinary single-mode fibre at 1550 nm unless given.</summary>
    public Fibre? Fibre { get; init; }

    /// <summary>A line system on dark fibre.</summary>
    public RouteLineSection? Line { get; init; }

    /// <summary>Leased waves.</summary>
    public RouteWavesSection? Waves { get; init; }

    /// <summary>Length of the fibre.</summary>
    public Length FibreLength => Distance * RouteFactor;
}

/// <summary>A line system on dark fibre, designed by the Gaussian-noise model.</summary>
public sealed record RouteLineSection
{
    /// <summary>Fibre pairs; as many as the bandwidth needs unless given.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public int? Pairs { get; init; }

    /// <summary>Longest distance of two amplifiers.</summary>
    [Limits(Minimum = 1e3, Maximum = 1e6)]
    public Length? Span { get; init; }

    /// <summary>The amplifier at every place: auto for the quietest, none, or a part of the catalogue.</summary>
    public string Amplifier { get; init; } = "auto";

    /// <summary>Coherent modules to choose from; all of the catalogue unless given.</summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>Margin that every channel must have.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public Decibels? Margin { get; init; }

    /// <summary>Whether transceivers may stand back to back where no module reaches the other end.</summary>
    public bool Regenerate { get; init; }
}

/// <summary>Waves that are leased from somebody who owns the line.</summary>
public sealed record RouteWavesSection
{
    /// <summary>How many.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int Count { get; init; }

    /// <summary>Rate of one, in each direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Bandwidth Rate { get; init; }
}
