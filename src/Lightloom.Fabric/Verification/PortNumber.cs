using System.Globalization;

namespace Lightloom.Fabric;

// A switch port of rate R that is split into k ports of R / k. The graph counts ports from 0, as finely as the tier splits any of them
// (S parts); people and programs count from 1 and name the part:
//
//   index p of the graph   ->   number ⌊p / S⌋ + 1, part ((p mod S) · k / S) + 1, no part where k = 1
//
// Worked example: a tier with S = 2. Index 5 is number 3, part 2 ("3/2"); the unsplit uplink at index 6 is number 4 ("4").

/// <summary>A port as people and other programs name it: its number from 1, and which part of it where it is split.</summary>
/// <param name="Number">The number, from 1.</param>
/// <param name="Part">The part, from 1; 0 for a port that is not split.</param>
public readonly record struct PortNumber(int Number, int Part = 0)
{
    /// <summary>The port at one end of a link.</summary>
    public static PortNumber Of(FabricGraph graph, int link, int device)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var tier = graph.TierOf(device);
        var (number, rest) = Math.DivRem(graph.PortOf(link, device), tier.Split);
        var parts = PartsAt(graph, tier, link);
        return new(number + 1, parts == 1 ? 0 : (rest * parts / tier.Split) + 1);
    }

    /// <summary>
    /// The index in the graph of a port named by number and part, or −1 when the device has none. A part is one of those into which the
    /// design splits this very port; a port without a cable in the design is split as finely as its tier splits any.
    /// </summary>
    public int IndexOn(FabricGraph graph, int device)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var tier = graph.TierOf(device);
        if (Number < 1 || Part < 0 || Number > tier.Ports / tier.Split) return -1;
        var first = (Number - 1) * tier.Split;
        if (Part == 0) return first;
        var parts = tier.Split;
        foreach (var link in graph.LinksOf(device))
        {
            if (graph.PortOf(link, device) / tier.Split != Number - 1) continue;
            parts = PartsAt(graph, tier, link);
            break;
        }
        return Part > parts ? -1 : first + ((Part - 1) * tier.Split / parts);
    }

    // Ports into which the port of a link is split: its full rate over the link's, and never finer than its tier.
    static int PartsAt(FabricGraph graph, DeviceTier tier, int link)
    {
        if (tier.Split == 1 || tier.Switch is null) return 1;
        var parts = Math.Round(tier.Switch.PortRate.Value.Si / graph.Plan.Links[graph.ClassOf[link]].Rate.Si);
        return (int)Math.Clamp(parts, 1, tier.Split);
    }

    /// <summary>"12", or "12/2" for the second part of a split port.</summary>
    public override string ToString() => Part == 0
        ? Number.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Number}/{Part}");
}
