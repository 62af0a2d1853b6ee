using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>One sum over all accelerators of a cluster, one rank each, on an otherwise idle fabric.</summary>
static class WholeSum
{
    /// <summary>Its time.</summary>
    /// <param name="operation">The cluster.</param>
    /// <param name="better">What is bettered.</param>
    /// <param name="size">Size of the sum.</param>
    public static Duration Time(ClusterOperation operation, in Betterment better, DataSize size)
    {
        var network = operation.Network(better);
        // All accelerators of whole domains.
        Span<int> within = stackalloc int[network.Levels.Count];
        network.Spans.CopyTo(within);
        return network.Collectives.Time(CollectiveKind.AllReduce, size, GroupPlacement.Of(within), network.Levels).Total;
    }
}
