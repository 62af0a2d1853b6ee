namespace Lightloom.Fabric;

/// <summary>The ports of a design, numbered through, each with the port that its cable leads to.</summary>
sealed class FabricPorts
{
    readonly FabricGraph graph;
    readonly bool countsParts;
    readonly int[] tierBase;

    public FabricPorts(FabricGraph graph, bool countsParts)
    {
        (this.graph, this.countsParts) = (graph, countsParts);
        tierBase = new int[graph.Tiers.Count];
        var next = 0;
        for (var t = 0; t < tierBase.Length; t++)
        {
            tierBase[t] = next;
            next = checked(next + (graph.Tiers[t].Count * graph.Tiers[t].Ports));
        }
        Count = next;
        Peer = new int[next];
        LinkOf = new int[next];
        Array.Fill(Peer, -1);
        Array.Fill(LinkOf, -1);
        for (var l = 0; l < graph.Links; l++)
        {
            var (a, b) = (Port(graph.Lower[l], graph.LowerPort[l]), Port(graph.Upper[l], graph.UpperPort[l]));
            (Peer[a], Peer[b], LinkOf[a], LinkOf[b]) = (b, a, l, l);
        }
    }

    /// <summary>Ports, all devices together.</summary>
    public int Count { get; }

    /// <summary>The port at the other end of each port's cable; −1 where the design has none.</summary>
    public int[] Peer { get; }

    /// <summary>The link of each port; −1 where the design has none.</summary>
    public int[] LinkOf { get; }

    /// <summary>The number of a port of a device.</summary>
    public int Port(int device, int index)
    {
        var tier = TierOf(device);
        return tierBase[tier] + ((device - graph.Tiers[tier].First) * graph.Tiers[tier].Ports) + index;
    }

    /// <summary>The device and the index of a port.</summary>
    public (int Device, int Index) At(int port)
    {
        var t = tierBase.Length - 1;
        while (port < tierBase[t]) t--;
        var (device, index) = Math.DivRem(port - tierBase[t], graph.Tiers[t].Ports);
        return (graph.Tiers[t].First + device, index);
    }

    /// <summary>The index of a port that a source names, or −1 when the device has no such port.</summary>
    public int IndexOf(int device, PortNumber port)
    {
        if (!countsParts) return port.IndexOn(graph, device);
        return port.Part == 0 && port.Number <= graph.Tiers[TierOf(device)].Ports ? port.Number - 1 : -1;
    }

    /// <summary>The port that a source names on a discovered device, or −1 when the device is unknown or has no such port.</summary>
    public int Of(int[] matching, int discovered, PortNumber port)
    {
        if (matching[discovered] is not (>= 0 and var device)) return -1;
        var index = IndexOf(device, port);
        return index < 0 ? -1 : Port(device, index);
    }

    int TierOf(int device)
    {
        for (var t = graph.Tiers.Count - 1; t > 0; t--)
            if (device >= graph.Tiers[t].First) return t;
        return 0;
    }
}
