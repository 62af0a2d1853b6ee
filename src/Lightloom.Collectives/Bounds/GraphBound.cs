using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A lower bound on a graph of any shape, found by linear programs.</summary>
public sealed record GraphBound
{
    /// <summary>What is done.</summary>
    public required CollectiveKind Kind { get; init; }

    /// <summary>Time of the bytes: no schedule of the kind that <see cref="Method"/> names is faster.</summary>
    public required Duration Time { get; init; }

    /// <summary>Whether switches were taken to reduce and copy.</summary>
    public required bool Reduced { get; init; }

    /// <summary>What was solved.</summary>
    public required string Method { get; init; }

    /// <summary>What binds: the ranks on one side of a cut and what it carries, or the links that are full.</summary>
    public required string Binding { get; init; }

    /// <summary>Whether each rank was looked at, or one of each kind stood for its like.</summary>
    public required bool EachRankSeen { get; init; }
}

/// <summary>The thinnest cut of one kind through a graph.</summary>
/// <param name="Name">What is cut off: "one accelerator", "one system", "one leaf".</param>
/// <param name="Ranks">Ranks on the inner side of the one that takes longest.</param>
/// <param name="Volume">Bytes that have to cross it in the busier direction.</param>
/// <param name="Bandwidth">Bandwidth of that direction.</param>
public sealed record GraphCut(string Name, int Ranks, DataSize Volume, Bandwidth Bandwidth)
{
    /// <summary>Time of the bytes.</summary>
    public Duration Transfer => Volume / Bandwidth;
}

/// <summary>A way to divide the nodes of a graph: parts that are cut off in turn.</summary>
/// <param name="Name">What one part is: "one system".</param>
/// <param name="PartOf">The part of each node; −1 where it belongs to none.</param>
public sealed record GraphParts(string Name, IReadOnlyList<int> PartOf);
