using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// NetBox's bulk import of cables (github.com/netbox-community/netbox, the form CableImportForm; JSON and YAML since 3.4):
//
//   side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,type,status,label,color,length,length_unit
//   node-0012,dcim.interface,nic-3,leaf-07,dcim.interface,swp12,,planned,,,3,m
//
// A is the end nearer to the systems. The interfaces must exist: "nic-0" and on at systems, "swp1" and on at switches, "swp1s0" and on for
// the parts of a split port. In CSV every link is a cable of its own, which every version of NetBox takes. In YAML the links that share a
// split port are one breakout cable with several terminations, joined by commas: one device for all or one for each. NetBox takes that
// since its change #22641 (July 2026, issue #18645).

/// <summary>Cables for NetBox, one for each link.</summary>
public sealed class NetBoxExport : FabricExport
{
    /// <summary>The columns, in order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name", "type", "status", "label", "color", "length", "length_unit"];

    /// <inheritdoc/>
    public override string Name => "netbox";

    /// <inheritdoc/>
    public override string Description => "cables for NetBox's bulk import, as CSV, each link a cable";

    /// <inheritdoc/>
    public override string FileName => "cables.csv";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write(string.Join(',', Columns));
        writer.Write('\n');
        for (var link = 0; link < graph.Links; link++)
        {
            var (a, b) = (graph.Lower[link], graph.Upper[link]);
            writer.Write(FabricText.BoxOf(graph, a));
            writer.Write(",dcim.interface,");
            writer.Write(FabricText.InterfaceOf(graph, link, a));
            writer.Write(',');
            writer.Write(FabricText.BoxOf(graph, b));
            writer.Write(",dcim.interface,");
            writer.Write(FabricText.InterfaceOf(graph, link, b));
            writer.Write(",,planned,");
            writer.Write(FabricText.Csv(request.Locations?.LabelOf(link)));
            writer.Write(request.Locations?.LengthOf(link) is { } length ? FabricText.Invariant($",,{FabricText.Number(length.Meters)},m\n") : ",,,\n");
        }
    }
}

/// <summary>Cables for NetBox, with breakout cables as one.</summary>
public sealed class NetBoxYamlExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "netbox-yaml";

    /// <inheritdoc/>
    public override string Description => "cables for NetBox's bulk import, as YAML, links of one split port in one breakout cable";

    /// <inheritdoc/>
    public override string FileName => "cables.yaml";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        var links = new List<int>();
        for (var link = 0; link < graph.Links; link++)
        {
            links.Clear();
            var trunk = TrunkOf(graph, link);
            if (trunk < 0) links.Add(link);
            else if (!Gather(graph, link, trunk, links)) continue;
            // Side B is where all links share a port.
            var upsideDown = trunk == graph.Lower[link];
            writer.Write($"- side_a_device: {Devices(graph, links, upsideDown)}\n  side_a_type: dcim.interface\n  side_a_name: {Interfaces(graph, links, upsideDown)}\n");
            writer.Write($"  side_b_device: {Devices(graph, links, !upsideDown)}\n  side_b_type: dcim.interface\n  side_b_name: {Interfaces(graph, links, !upsideDown)}\n  status: planned\n");
            if (request.Locations?.LabelOf(link) is { } label) writer.Write($"  label: {FabricText.Json(label)}\n");
            if (request.Locations?.LengthOf(link) is { } length) writer.Write($"  length: {FabricText.Number(length.Meters)}\n  length_unit: m\n");
        }
    }

    // The switch whose split port a link shares with others: its upper end where both are split.
    static int TrunkOf(FabricGraph graph, int link) =>
        PortNumber.Of(graph, link, graph.Upper[link]).Part > 0 ? graph.Upper[link]
        : PortNumber.Of(graph, link, graph.Lower[link]).Part > 0 ? graph.Lower[link] : -1;

    // The links of the split port of a link, if it is their first.
    static bool Gather(FabricGraph graph, int link, int trunk, List<int> links)
    {
        var number = PortNumber.Of(graph, link, trunk).Number;
        var split = graph.TierOf(trunk).Split;
        foreach (var other in graph.LinksOf(trunk))
            if (graph.PortOf(other, trunk) / split == number - 1 && TrunkOf(graph, other) == trunk) links.Add(other);
        return links.Min() == link;
    }

    static int End(FabricGraph graph, int link, bool upper) => upper ? graph.Upper[link] : graph.Lower[link];

    static string Devices(FabricGraph graph, List<int> links, bool upper)
    {
        var first = FabricText.BoxOf(graph, End(graph, links[0], upper));
        List<string> all = [first];
        for (var i = 1; i < links.Count; i++) all.Add(FabricText.BoxOf(graph, End(graph, links[i], upper)));
        return all.TrueForAll(d => d == first) ? first : string.Join(',', all);
    }

    static string Interfaces(FabricGraph graph, List<int> links, bool upper)
    {
        var all = new string[links.Count];
        for (var i = 0; i < all.Length; i++) all[i] = FabricText.InterfaceOf(graph, links[i], End(graph, links[i], upper));
        return string.Join(',', all);
    }
}
