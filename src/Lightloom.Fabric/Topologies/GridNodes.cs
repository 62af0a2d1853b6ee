namespace Lightloom.Fabric;

/// <summary>The nodes of a topology whose cards forward: a card where it has ports for every direction, else a whole system.</summary>
readonly struct GridNodes
{
    readonly int perSystem, portsPerNode;

    GridNodes(int perSystem, int portsPerNode, int count, int cardsPerNode) =>
        (this.perSystem, this.portsPerNode, Count, CardsPerNode) = (perSystem, portsPerNode, count, cardsPerNode);

    /// <summary>Nodes of all systems.</summary>
    public int Count { get; }

    /// <summary>Nodes of one system.</summary>
    public int PerSystem => perSystem;

    /// <summary>Cards of one node: 1, or all of a system's.</summary>
    public int CardsPerNode { get; }

    /// <summary>Ports of a node in one plane.</summary>
    public int Ports => portsPerNode;

    /// <summary>The system of a node.</summary>
    public int System(int node) => node / perSystem;

    /// <summary>The port of its system in the plane that is a node's port.</summary>
    public int Port(int node, int port) => (node % perSystem * portsPerNode) + port;

    /// <summary>The nodes, or null where neither card nor system has a number of ports that will do.</summary>
    public static GridNodes? Of(FabricCounter counter, Func<int, bool> suits)
    {
        var (planes, nics) = (counter.Request.Planes, counter.Request.System.Nics.Value);
        var perCard = counter.PortsPerNic % planes == 0 ? counter.PortsPerNic / planes : 0;
        if (perCard > 0 && suits(perCard)) return Make(counter, nics, perCard);
        return suits(counter.PortsPerSystem) ? Make(counter, 1, counter.PortsPerSystem) : null;
    }

    static GridNodes Make(FabricCounter counter, int perSystem, int ports)
    {
        var count = (long)counter.Systems * perSystem;
        if (count > int.MaxValue / 8) throw counter.TooMany(int.MaxValue / 8 / perSystem * (long)counter.PortsPerSystem);
        return new(perSystem, ports, (int)count, counter.Request.System.Nics.Value / perSystem);
    }
}
