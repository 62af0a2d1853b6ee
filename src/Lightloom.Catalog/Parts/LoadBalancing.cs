using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>How a fabric spreads traffic over links that lead to the same place.</summary>
public enum BalancingMechanism
{
    /// <summary>Each flow stays on the link that a hash of its header picks.</summary>
    HashFlows,

    /// <summary>A flow that pauses may go on over another, less loaded link.</summary>
    MoveFlowlets,

    /// <summary>A controller that knows the flows gives each its path.</summary>
    PlanPaths,

    /// <summary>Switches send each packet where queues are short.</summary>
    RouteAdaptively,

    /// <summary>Cards send packets of one flow over many paths and put them in order again.</summary>
    SprayPackets,
}

/// <summary>A way to spread traffic over equal links, with the few figures that say what it leaves of their bandwidth.</summary>
[PartKind("load-balancing")]
public sealed record LoadBalancing : Part
{
    /// <summary>What decides on which link a packet goes.</summary>
    public required BalancingMechanism Mechanism { get; init; }

    /// <summary>Queue pairs over which one connection of two cards sends; each is a flow of its own to a hash.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required Sourced<int> QueuePairs { get; init; }

    /// <summary>Connections that one port of a card sends over at once: a library's channels, or peers.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required Sourced<int> Connections { get; init; }

    /// <summary>Share of what a hash puts too much on one link that moves away before anybody waits for it.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> Rebalanced { get; init; }

    /// <summary>What the fullest link carries above the mean all the same: queues' granularity, plans that don't divide.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required Sourced<double> Residual { get; init; }

    /// <summary>What each further stage of links that traffic passes adds to <see cref="Residual"/>; nothing unless given.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public Sourced<double>? ResidualAbove { get; init; }

    /// <summary>Share of the bandwidth that disorder costs: headers that name places, packets sent twice for nothing.</summary>
    [Limits(Minimum = 0, Maximum = 0.9)]
    public required Sourced<double> Overhead { get; init; }

    /// <summary>Whether links on the far side of a switch get less where some of them are down; a plain hash doesn't know of them.</summary>
    public bool SeesFarLinks { get; init; }

    /// <summary>Whether paths are planned anew when links fail; otherwise the flows of a failed link are hashed over the others.</summary>
    public bool Replans { get; init; }

    /// <summary>Whether all tiers take the same hash, so that what met on one switch meets again on the next.</summary>
    public bool SameHash { get; init; }
}
