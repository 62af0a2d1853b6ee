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

    /// <summary>Whether a schedule of the kind that <see cref="Method"/> names reaches it where links that look alike are; a bound from below otherwise, which cuts may exceed.</summary>
    public bool IsTight { get; init; } = true;

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

    /// <summary>The one of some parts that takes longest; null where none has to exchange anything.</summary>
    /// <param name="name">What one part is.</param>
    /// <param name="kind">What is done; the root, where there is one, is rank 0.</param>
    /// <param name="size">Its size, B.</param>
    /// <param name="all">Ranks, all together.</param>
    /// <param name="ranks">Ranks of each part.</param>
    /// <param name="leaving">B/s out of each.</param>
    /// <param name="entering">B/s into each.</param>
    /// <param name="ofRoot">The part of rank 0, or −1.</param>
    /// <param name="reduced">Whether switches reduce and copy.</param>
    public static GraphCut? Worst(string name, CollectiveKind kind, double size, int all, ReadOnlySpan<int> ranks, ReadOnlySpan<double> leaving,
        ReadOnlySpan<double> entering, int ofRoot, bool reduced)
    {
        GraphCut? worst = null;
        var (holding, held, shared) = (0, 0, 0.0);
        for (var p = 0; p < ranks.Length; p++)
        {
            if (ranks[p] == 0) continue;
            holding++;
            held += ranks[p];
            shared += leaving[p];
            if (ranks[p] == all) continue;
            var (outward, inward) = Across(kind, size, all, ranks[p], p == ofRoot);
            Consider(ranks[p], outward, leaving[p]);
            Consider(ranks[p], inward, entering[p]);
        }
        // Parts that hold every rank share 2 (N - 1) messages of each element, where switches only forward.
        if (kind == CollectiveKind.AllReduce && !reduced && holding > 1 && held == all) Consider(all / holding, 2.0 * (holding - 1) / holding * size, shared / holding);
        return worst;

        void Consider(int inside, double volume, double rate)
        {
            if (volume > 0 && rate > 0 && (worst is null || volume / rate > worst.Transfer.Seconds * (1 + 1e-12)))
                worst = new(name, inside, DataSize.FromBytes(volume), Bandwidth.FromBytesPerSecond(rate));
        }
    }

    // Bytes that leave and enter a part of so many ranks, whatever the schedule.
    static (double Out, double In) Across(CollectiveKind kind, double size, double n, double a, bool hasRoot) => kind switch
    {
        CollectiveKind.AllReduce => (size, size),
        CollectiveKind.AllGather => (a * size / n, (n - a) * size / n),
        CollectiveKind.ReduceScatter => ((n - a) * size / n, a * size / n),
        CollectiveKind.AllToAll => (a * (n - a) * size / n, a * (n - a) * size / n),
        CollectiveKind.Broadcast => hasRoot ? (size, 0) : (0, size),
        CollectiveKind.Reduce => hasRoot ? (0, size) : (size, 0),
        CollectiveKind.Gather => hasRoot ? (0, (n - a) * size / n) : (a * size / n, 0),
        CollectiveKind.Scatter => hasRoot ? ((n - a) * size / n, 0) : (0, a * size / n),
        // Whoever stands where in the ring: someone's successor is outside.
        _ => (size, size),
    };
}

/// <summary>A way to divide the nodes of a graph: parts that are cut off in turn.</summary>
/// <param name="Name">What one part is: "one system".</param>
/// <param name="PartOf">The part of each node; −1 where it belongs to none.</param>
public sealed record GraphParts(string Name, IReadOnlyList<int> PartOf);
