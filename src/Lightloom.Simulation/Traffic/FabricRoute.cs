using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Simulation.Traffic;

/// <summary>
/// Finds the links of single sends over a fabric, numbered as <see cref="FabricFlows"/> has them, and how long bits take on them. Not for several
/// threads.
/// </summary>
public sealed class FabricRoute
{
    readonly FabricGraph graph;
    readonly FlowPaths paths;
    readonly RankPlaces? places;
    readonly double[] linkTime, deviceTime; // empty where nothing takes time

    /// <summary>Sends over a fabric.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="paths">How paths are chosen.</param>
    /// <param name="latency">Latencies of links and devices; null: none.</param>
    /// <param name="places">Where those who send stand; null: they are cards.</param>
    public FabricRoute(FabricGraph graph, FlowPaths paths, FabricLatency? latency, RankPlaces? places)
    {
        (this.graph, this.paths, this.places) = (graph, paths, places);
        (linkTime, deviceTime) = latency?.Of(graph) ?? ([], []);
    }

    /// <summary>Writes the links of a send and what part of it each carries.</summary>
    /// <param name="source">Who sends.</param>
    /// <param name="destination">Who receives.</param>
    /// <param name="links">Directed links, each once.</param>
    /// <param name="shares">The part of it on each.</param>
    /// <returns>Seconds from the last byte's departure to its arrival.</returns>
    /// <exception cref="InputException">They can't reach each other.</exception>
    public double Find(int source, int destination, List<int> links, List<double> shares)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(shares);
        if (places is not null && places.Domain[source] == places.Domain[destination])
        {
            links.Clear();
            shares.Clear();
            links.AddRange([2 * (graph.Links + source), (2 * (graph.Links + destination)) + 1]);
            shares.AddRange([1, 1]);
            return places.ScaleUpLatency.Seconds;
        }
        var (from, to) = places is null ? (source, destination) : (places.Card[source], places.Card[destination]);
        if (!paths.Find(from, to, ((ulong)source << 32) | (uint)destination, links, shares))
            throw new InputException($"no path leads from {graph.NameOf(from)} to {graph.NameOf(to)}");
        if (linkTime.Length == 0) return 0;
        var seconds = 0.0;
        for (var k = 0; k < links.Count; k++) seconds += shares[k] * linkTime[links[k]];
        return Math.Max(0, seconds - deviceTime[to]);
    }
}
