using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Interop.Fabric;

/// <summary>All links between two boxes: a system counts as one, with all its cards.</summary>
/// <param name="Lower">The lower device; the first card of a system.</param>
/// <param name="Upper">The upper device.</param>
/// <param name="Links">How many links.</param>
/// <param name="Rate">The rate of one of them.</param>
readonly record struct FabricBundle(int Lower, int Upper, int Links, Bandwidth Rate)
{
    /// <summary>The bundles of a fabric, by their lower box.</summary>
    public static IEnumerable<FabricBundle> Of(FabricGraph graph)
    {
        var counts = new SortedDictionary<int, (int Links, int First)>();
        for (var device = 0; device < graph.Devices;)
        {
            var next = device < graph.Cards ? device + graph.CardsPerSystem : device + 1;
            counts.Clear();
            for (var part = device; part < next; part++)
            {
                foreach (var link in graph.LinksOf(part))
                {
                    if (graph.Lower[link] != part) continue;
                    var far = graph.Upper[link];
                    counts[far] = counts.TryGetValue(far, out var seen) ? (seen.Links + 1, seen.First) : (1, link);
                }
            }
            foreach (var (far, (links, first)) in counts) yield return new(device, far, links, FabricText.RateOf(graph, first));
            device = next;
        }
    }
}
