using System.Globalization;

namespace Lightloom.Fabric;

// Names under which the devices of a design are found again:
//
//   leaf-07                     the design's own name, whatever its case
//   MF0;leaf-07:MQM9700/U1      a managed NVIDIA switch: the name between ';' and ':'
//   node-0012 mlx5_3            a card as Linux describes it: host, then the RDMA device, counted from 0
//   node-0012 HCA-4             the same under older drivers, counted from 1
//   node-0012 nic-3             host and the design's own number of the card

/// <summary>Finds the devices of a design by the names that programs give them.</summary>
sealed class DesignNames
{
    static readonly (string Prefix, int First)[] CardNames = [("mlx5_", 0), ("HCA-", 1), ("nic-", 0)];

    readonly FabricGraph graph;
    readonly Dictionary<string, int> devices, systems;

    public DesignNames(FabricGraph graph)
    {
        this.graph = graph;
        devices = new(graph.Devices, StringComparer.OrdinalIgnoreCase);
        systems = new(graph.Systems, StringComparer.OrdinalIgnoreCase);
        for (var d = 0; d < graph.Devices; d++) devices[graph.NameOf(d)] = d;
        for (var s = 0; s < graph.Systems; s++) systems[graph.SystemName(s)] = s;
    }

    /// <summary>The device of a name, or −1.</summary>
    public int Find(string name)
    {
        var trimmed = name.AsSpan().Trim();
        if (Device(trimmed) is >= 0 and var device) return device;
        var begin = trimmed.IndexOf(';');
        var end = trimmed.LastIndexOf(':');
        if (begin >= 0 && end > begin) return Device(trimmed[(begin + 1)..end]);
        var space = trimmed.IndexOf(' ');
        return space < 0 ? -1 : Card(trimmed[..space], trimmed[(space + 1)..].Trim());
    }

    int Device(ReadOnlySpan<char> name) => devices.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var device) ? device : -1;

    int Card(ReadOnlySpan<char> host, ReadOnlySpan<char> card)
    {
        if (!systems.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(host, out var system)) return -1;
        foreach (var (prefix, first) in CardNames)
        {
            if (!card.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            if (!int.TryParse(card[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            var index = number - first;
            if ((uint)index < (uint)graph.CardsPerSystem) return (system * graph.CardsPerSystem) + index;
        }
        return -1;
    }
}
