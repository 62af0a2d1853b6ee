using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Links of one class that are engineered alike: the same medium at the same purchasable length.</summary>
/// <param name="Class">The class of links.</param>
/// <param name="Link">How one of them is engineered.</param>
/// <param name="Count">How many there are.</param>
public sealed record LinkGroup(LinkClass Class, EngineeredLink Link, long Count);

/// <summary>What a class of links amounts to: sums and means over its groups.</summary>
public sealed record LinkSummary
{
    /// <summary>The class of links.</summary>
    public required LinkClass Class { get; init; }

    /// <summary>Its groups, shortest first.</summary>
    public required IReadOnlyList<LinkGroup> Groups { get; init; }

    /// <summary>Links that don't close.</summary>
    public long Open { get; init; }

    /// <summary>The smallest margin of any of them.</summary>
    public required Decibels WorstMargin { get; init; }

    /// <summary>The shortest routed run.</summary>
    public required Length Shortest { get; init; }

    /// <summary>The mean routed run.</summary>
    public required Length Mean { get; init; }

    /// <summary>The longest routed run.</summary>
    public required Length Longest { get; init; }

    /// <summary>Power of all modules, engines and cable ends.</summary>
    public required Power Power { get; init; }

    /// <summary>The part of that power that the switches' own power doesn't include.</summary>
    public required Power AddedPower { get; init; }

    /// <summary>Mean delay of the cable.</summary>
    public required Duration Propagation { get; init; }

    /// <summary>Mean delay of modules or cable ends.</summary>
    public required Duration ModuleLatency { get; init; }

    /// <summary>Mean delay of error correction.</summary>
    public required Duration FecLatency { get; init; }

    /// <summary>Mean delay of a link, one way.</summary>
    public Duration Latency => Propagation + ModuleLatency + FecLatency;

    /// <summary>Hard failures of all of them together.</summary>
    public required FailureRate Failures { get; init; }

    /// <summary>What these failures are as uncertain as; null where no part of them has a rate.</summary>
    public RateCause? Cause { get; init; }

    /// <summary>Flaps of all of them together.</summary>
    public required FailureRate Flaps { get; init; }

    /// <summary>Mean share of frames lost after correction, of the links that close; 0 where none does.</summary>
    public required double FrameLoss { get; init; }

    /// <summary>Price of modules and copper cables.</summary>
    public required CostRange Electronics { get; init; }

    /// <summary>Price of fibre, connectors and patch cords.</summary>
    public required CostRange Plant { get; init; }
}
