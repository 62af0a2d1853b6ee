namespace Lightloom.Fabric;

// A module serves the links of one cage: ports [cage · c · split, (cage + 1) · c · split) of its switch, c ports to a cage and each of
// them split. When it fails, every link that ends there is down.

/// <summary>What of a fabric is down: links, and switches or cards with all of theirs. Mutable while it is put together.</summary>
public sealed class FailedParts
{
    readonly bool[] link, device;

    /// <summary>Nothing is down.</summary>
    public FailedParts(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        (link, device) = (new bool[graph.Links], new bool[graph.Devices]);
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>Links that are down, those of devices that are down included.</summary>
    public int Links { get; private set; }

    /// <summary>Whether a link is down.</summary>
    public bool IsDown(int failed) => link[failed];

    /// <summary>Whether a device as a whole is down.</summary>
    public bool IsDeviceDown(int failed) => device[failed];

    /// <summary>Takes a link down.</summary>
    public FailedParts AddLink(int failed)
    {
        if (!link[failed])
        {
            link[failed] = true;
            Links++;
        }
        return this;
    }

    /// <summary>Takes a device down, with every link that ends at it.</summary>
    public FailedParts AddDevice(int failed)
    {
        device[failed] = true;
        foreach (var l in Graph.LinksOf(failed)) AddLink(l);
        return this;
    }

    /// <summary>Takes a whole plane down: its switches, and links between cards that belong to it.</summary>
    public FailedParts AddPlane(int plane)
    {
        for (var d = Graph.FirstSwitch; d < Graph.Devices; d++)
            if (Graph.TierOf(d).PlaneOf(d) == plane) AddDevice(d);
        for (var l = 0; l < Graph.Links; l++)
            if (FabricPlane.PlaneOf(Graph, l) == plane) AddLink(l);
        return this;
    }

    /// <summary>Takes down the module in the cage of a port, with every link of that cage.</summary>
    public FailedParts AddModule(int owner, int port)
    {
        foreach (var l in LinksOfModule(Graph, owner, port)) AddLink(l);
        return this;
    }

    /// <summary>The links that end in the cage of a port of a device.</summary>
    public static IEnumerable<int> LinksOfModule(FabricGraph graph, int owner, int port)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var tier = graph.TierOf(owner);
        var cage = Math.Max(1, (tier.Switch?.PortsPerCage?.Value ?? 1) * tier.Split);
        foreach (var l in graph.LinksOf(owner).ToArray())
            if (graph.PortOf(l, owner) / cage == port / cage) yield return l;
    }
}
