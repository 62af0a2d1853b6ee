namespace Lightloom.Fabric;

/// <summary>Names ports and cables, those of the design and others, for differences.</summary>
/// <param name="graph">The design.</param>
/// <param name="ports">Its ports.</param>
/// <param name="found">The building.</param>
/// <param name="foreign">Ports that the design doesn't have; port <c>ports.Count + i</c> is the i-th.</param>
/// <param name="matching">The device of the design that each discovered one is, or −1.</param>
sealed class CableNames(FabricGraph graph, FabricPorts ports, DiscoveredFabric found, List<(int Device, PortNumber Port)> foreign, int[] matching)
{
    /// <summary>Whether a discovered device is none of the design's.</summary>
    public bool IsUnknown(int discovered) => matching[discovered] < 0;

    /// <summary>The device of the design that a port belongs to, or −1.</summary>
    public int DeviceOf(int port) => port < ports.Count ? ports.At(port).Device : -1;

    /// <summary>The discovered device of a port that the design doesn't have.</summary>
    public int ForeignDeviceOf(int port) => foreign[port - ports.Count].Device;

    /// <summary>What a discovered device is called.</summary>
    public string NameOf(int discovered) => matching[discovered] is >= 0 and var known ? graph.NameOf(known) : found.Devices[discovered] is var device && device.Name.Length > 0 ? device.Name
        : device.GlobalId is { } guid ? $"0x{guid:x16}" : $"the device of line {device.Line}";

    /// <summary>A port.</summary>
    public DevicePort Port(int port)
    {
        if (port >= ports.Count) return new(NameOf(ForeignDeviceOf(port)), foreign[port - ports.Count].Port.ToString());
        var (device, index) = ports.At(port);
        return new(graph.NameOf(device), graph.PortName(device, index));
    }

    /// <summary>Two ports, the one nearer to the systems first.</summary>
    public PortPair Pair(int a, int b)
    {
        var (lower, upper) = a <= b ? (a, b) : (b, a);
        return new(Port(lower), Port(upper), lower < ports.Count && ports.Peer[lower] == upper ? ports.LinkOf[lower] : -1);
    }
}
