using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>What a discovered device is.</summary>
public enum DiscoveredKind
{
    /// <summary>The source doesn't say.</summary>
    Unknown,

    /// <summary>A network card (host channel adapter) or another end of routes.</summary>
    Card,

    /// <summary>A switch.</summary>
    Switch,
}

/// <summary>A device that was found.</summary>
/// <param name="Name">Its name or description; empty when the source has none.</param>
/// <param name="GlobalId">Its global identifier; null when the source has none.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Line">Where the source first names it, from 1.</param>
public sealed record DiscoveredDevice(string Name, ulong? GlobalId, DiscoveredKind Kind, int Line);

/// <summary>A link that was found between two ports.</summary>
/// <param name="First">Number of one device in <see cref="DiscoveredFabric.Devices"/>.</param>
/// <param name="FirstPort">Its port.</param>
/// <param name="Second">Number of the other device.</param>
/// <param name="SecondPort">Its port.</param>
/// <param name="Rate">The rate at which it runs; null when the source doesn't say.</param>
/// <param name="Line">Where the source first names it, from 1.</param>
public readonly record struct DiscoveredLink(int First, PortNumber FirstPort, int Second, PortNumber SecondPort, Bandwidth? Rate, int Line);

/// <summary>
/// A fabric as it stands, whatever told of it: devices, and links between their ports. No two devices share a GUID and no two links a
/// port. Immutable; made by a <see cref="DiscoveredFabricBuilder"/>.
/// </summary>
public sealed class DiscoveredFabric
{
    internal DiscoveredFabric(string source, bool countsParts, IReadOnlyList<DiscoveredDevice> devices, IReadOnlyList<DiscoveredLink> links) =>
        (Source, CountsParts, Devices, Links) = (source, countsParts, devices, links);

    /// <summary>The file that told of it, for messages.</summary>
    public string Source { get; }

    /// <summary>
    /// Whether a port's number counts the parts of split ports one by one, as subnet managers do (a 64-port switch split in two has
    /// ports 1 to 128), or names the whole port and the part apart.
    /// </summary>
    public bool CountsParts { get; }

    /// <summary>The devices, in the order of the source.</summary>
    public IReadOnlyList<DiscoveredDevice> Devices { get; }

    /// <summary>The links, each once, in the order of the source.</summary>
    public IReadOnlyList<DiscoveredLink> Links { get; }
}

/// <summary>Takes devices and links one by one and holds them to what a fabric can be.</summary>
/// <param name="source">The file that they come from, for messages.</param>
/// <param name="countsParts">See <see cref="DiscoveredFabric.CountsParts"/>.</param>
public sealed class DiscoveredFabricBuilder(string source, bool countsParts)
{
    /// <summary>The most devices that a discovered fabric may have.</summary>
    public const int MostDevices = 4_000_000;

    /// <summary>The most links that a discovered fabric may have.</summary>
    public const int MostLinks = 4_000_000;

    /// <summary>The highest port number that is taken for one.</summary>
    public const int HighestPort = 100_000;

    readonly List<DiscoveredDevice> devices = [];
    readonly List<DiscoveredLink> links = [];
    readonly Dictionary<ulong, int> byGlobalId = [];
    readonly Dictionary<(int Device, PortNumber Port), int> byPort = [];

    /// <summary>Devices so far.</summary>
    public int Devices => devices.Count;

    /// <summary>Adds a device and returns its number.</summary>
    /// <exception cref="InputException">Its GUID stands in the source a second time, or there are too many devices.</exception>
    public int Device(string name, ulong? globalId, DiscoveredKind kind, int line)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (devices.Count == MostDevices) throw Wrong($"more than {MostDevices:N0} devices", line);
        if (globalId is { } id && !byGlobalId.TryAdd(id, devices.Count))
            throw Wrong($"GUID 0x{id:x} stands here a second time; device '{devices[byGlobalId[id]].Name}' of line {devices[byGlobalId[id]].Line} has it already", line);
        devices.Add(new(name, globalId, kind, line));
        return devices.Count - 1;
    }

    /// <summary>Adds a link.</summary>
    /// <exception cref="InputException">A port can't be one or is already in use, or there are too many links.</exception>
    public void Link(int first, PortNumber firstPort, int second, PortNumber secondPort, Bandwidth? rate, int line)
    {
        if (links.Count == MostLinks) throw Wrong($"more than {MostLinks:N0} links", line);
        Take(first, firstPort, line);
        Take(second, secondPort, line);
        links.Add(new(first, firstPort, second, secondPort, rate, line));
    }

    void Take(int device, PortNumber port, int line)
    {
        if (port.Number is < 1 or > HighestPort || port.Part is < 0 or > 64)
            throw Wrong($"expected a port number from 1 to {HighestPort:N0} for '{devices[device].Name}', found {port}", line);
        if (!byPort.TryAdd((device, port), links.Count))
            throw Wrong($"port {port} of '{devices[device].Name}' has a second cable; its first stands in line {LineOf(byPort[(device, port)], line)}", line);
    }

    // A link whose both ends are one port meets itself before it is in the list.
    int LineOf(int link, int line) => link < links.Count ? links[link].Line : line;

    /// <summary>The fabric.</summary>
    public DiscoveredFabric Finish() => new(source, countsParts, devices, links);

    InputException Wrong(string problem, int line) => new(problem, new(source, line, 1));
}
