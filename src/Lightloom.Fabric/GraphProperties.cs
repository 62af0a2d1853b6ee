namespace Lightloom.Fabric;

// Properties of the graph of forwarding devices, which is what papers print of a topology: its switches, or its cards where cards join
// cards without any.
//
//   degree      links of a device to others of the graph, double ones counted each
//   distance    fewest links from one device to another; diameter = the largest, mean = over all ordered pairs
//
// One breadth-first search from every device: V·(V + E) steps.
//
// Worked example: 8 × 8 × 8 cards of a torus: 512 devices, 1,536 links, degree 6, diameter 12, mean 6.0117.

/// <summary>Size, degrees and distances of the graph of switches (or of cards, in a fabric without switches) of one plane.</summary>
public sealed record GraphProperties
{
    /// <summary>The most devices whose distances are searched.</summary>
    public const int MostDevices = 50_000;

    /// <summary>Devices.</summary>
    public required int Devices { get; init; }

    /// <summary>Links between them.</summary>
    public required long Links { get; init; }

    /// <summary>Fewest links of a device.</summary>
    public required int LeastDegree { get; init; }

    /// <summary>Most links of a device.</summary>
    public required int MostDegree { get; init; }

    /// <summary>Links on the longest of all shortest paths; of what can be reached.</summary>
    public required int Diameter { get; init; }

    /// <summary>Mean links on shortest paths between different devices that reach each other.</summary>
    public required double MeanDistance { get; init; }

    /// <summary>Whether every device reaches every other.</summary>
    public required bool Connected { get; init; }

    /// <summary>Measures the first plane of a fabric.</summary>
    /// <exception cref="FabricException">It has more than <see cref="MostDevices"/> devices; the field is "systems".</exception>
    public static GraphProperties Of(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var devices = new List<int>();
        if (graph.SwitchCount == 0)
        {
            for (var card = 0; card < graph.Cards; card++) devices.Add(card);
        }
        else
        {
            foreach (var tier in graph.Tiers)
                for (var i = 0; tier.Switch is not null && i < tier.PerPlane; i++) devices.Add(tier.Device(0, i));
        }
        if (devices.Count > MostDevices)
            throw new FabricException("systems", $"distances of {devices.Count:N0} devices take too long; the most is {MostDevices:N0}", MostDevices);
        var number = new int[graph.Devices];
        Array.Fill(number, -1);
        for (var i = 0; i < devices.Count; i++) number[devices[i]] = i;

        // The neighbours of device i are next[offset[i] .. offset[i + 1]).
        var offset = new int[devices.Count + 1];
        var next = new List<int>();
        for (var i = 0; i < devices.Count; i++)
        {
            foreach (var link in graph.LinksOf(devices[i]))
                if (number[graph.Across(link, devices[i])] is >= 0 and var other) next.Add(other);
            offset[i + 1] = next.Count;
        }
        return Search(offset, [.. next]);
    }

    static GraphProperties Search(int[] offset, int[] next)
    {
        var count = offset.Length - 1;
        var (queue, seen) = (new int[count], new int[count]);
        var (diameter, sum, pairs) = (0, 0L, 0L);
        var distance = new int[count];
        Array.Fill(seen, -1);
        for (var from = 0; from < count; from++)
        {
            (queue[0], seen[from], distance[from]) = (from, from, 0);
            var end = 1;
            for (var at = 0; at < end; at++)
            {
                var device = queue[at];
                sum += distance[device];
                for (var i = offset[device]; i < offset[device + 1]; i++)
                {
                    var other = next[i];
                    if (seen[other] == from) continue;
                    (seen[other], distance[other]) = (from, distance[device] + 1);
                    queue[end++] = other;
                }
            }
            diameter = Math.Max(diameter, distance[queue[end - 1]]);
            pairs += end - 1;
        }
        var (least, most) = (int.MaxValue, 0);
        for (var i = 0; i < count; i++)
        {
            least = Math.Min(least, offset[i + 1] - offset[i]);
            most = Math.Max(most, offset[i + 1] - offset[i]);
        }
        return new()
        {
            Devices = count,
            Links = next.Length / 2,
            LeastDegree = count == 0 ? 0 : least,
            MostDegree = most,
            Diameter = diameter,
            MeanDistance = pairs == 0 ? 0 : sum / (double)pairs,
            Connected = pairs == (long)count * (count - 1),
        };
    }
}
