namespace Lightloom.Fabric;

// Which optical circuit switch, and which two of its ports, each link of a switched class passes.
//
// The switches are shared out over the switched classes in proportion to their links: F of them for a class. Link k of a class (counted
// within its plane, in the graph's order) passes switch k mod F and takes the next two of its ports. A full torus of boards lists the
// links that leave a face board by board, F a board, so that switch f joins place f of the faces of all boards, as a TPU pod is built.
//
// Worked example: a 16 × 16 × 16 torus of 4 × 4 × 4 boards: 3 classes of 1,024 links, 48 switches, F = 16; every switch carries 64 links.

/// <summary>The connections that a fabric's optical circuit switches hold.</summary>
public sealed class OpticalConnections
{
    readonly FabricGraph graph;
    readonly int[] ofSwitch, port; // of each link of a switched class, by its place among them; the link's second port follows the first
    readonly int[] place; // of each link among the switched ones, or -1

    OpticalConnections(FabricGraph graph)
    {
        this.graph = graph;
        var layer = graph.Plan.OpticalSwitches!;
        var planes = graph.Plan.Request.Planes;
        var classes = graph.Plan.Links;
        Switches = (int)layer.Count;
        var perPlane = Switches / planes;
        var all = classes.Where(c => c.Switched).Sum(c => c.Count);
        var (first, share) = (new int[classes.Count], new int[classes.Count]);
        var seen = 0L;
        for (var c = 0; c < classes.Count; c++)
        {
            if (!classes[c].Switched) continue;
            first[c] = (int)(seen * perPlane / all);
            seen += classes[c].Count;
            share[c] = Math.Max(1, (int)(seen * perPlane / all) - first[c]);
        }
        place = new int[graph.Links];
        var counted = new long[classes.Count];
        var next = new int[Switches];
        var (switches, ports) = (new List<int>(), new List<int>());
        for (var link = 0; link < graph.Links; link++)
        {
            var c = graph.ClassOf[link];
            place[link] = -1;
            if (!classes[c].Switched) continue;
            var plane = (int)(counted[c] * planes / classes[c].Count);
            var k = counted[c]++ - (classes[c].Count / planes * plane);
            var at = (plane * perPlane) + first[c] + (int)(k % share[c]);
            place[link] = switches.Count;
            switches.Add(at);
            ports.Add(next[at]);
            next[at] += 2;
        }
        (ofSwitch, port) = ([.. switches], [.. ports]);
        MostPorts = next.Max();
    }

    /// <summary>Optical circuit switches.</summary>
    public int Switches { get; }

    /// <summary>Ports in use at the fullest of them.</summary>
    public int MostPorts { get; }

    /// <summary>Links that pass one.</summary>
    public int Links => ofSwitch.Length;

    /// <summary>The connections of a fabric, or null where it has no optical circuit switch.</summary>
    public static OpticalConnections? Of(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Plan.OpticalSwitches is { Count: > 0 } && graph.Plan.Links.Any(l => l is { Switched: true, Count: > 0 }) ? new(graph) : null;
    }

    /// <summary>The name of an optical circuit switch: "ocs-07".</summary>
    public string NameOf(int index) => $"ocs-{FabricGraph.Padded(index, Switches)}";

    /// <summary>The switch that a link passes, with the ports of its lower and upper end, from 0; null for a link that passes none.</summary>
    public (int Switch, int LowerPort, int UpperPort)? Of(int link) =>
        place[link] is >= 0 and var at ? (ofSwitch[at], port[at], port[at] + 1) : null;
}
