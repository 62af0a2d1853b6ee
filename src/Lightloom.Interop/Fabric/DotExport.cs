using Lightloom.Catalog;

namespace Lightloom.Interop.Fabric;

// Graphviz' DOT (graphviz.org, "DOT Language"), in two readings:
//
//   dot      a picture: systems at the bottom, a rank for each tier of switches, one edge for each bundle with the number of its links
//   cvt-dot  a cabling list for NVIDIA's Cable Validation Tool ("Dot File" in its documentation) and Cumulus Linux' topology manager:
//              graph network {
//                "leaf-0" [ label="leaf-0" role="leaf" os="cumulus" ]
//                "leaf-0":"swp1s0" -- "node-0":"nic-0"

/// <summary>A picture of the fabric for Graphviz.</summary>
public sealed class DotExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "dot";

    /// <inheritdoc/>
    public override string Description => "picture for Graphviz, a rank for each tier, an edge for each bundle";

    /// <inheritdoc/>
    public override string FileName => "fabric.dot";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write($"graph fabric {{\n  label={Quoted(FabricText.OneLine(request.Name))};\n  rankdir=BT;\n  ranksep=2;\n  node [shape=box];\n");
        writer.Write("  { rank=same; node [style=rounded];\n");
        for (var system = 0; system < graph.Systems; system++) writer.Write($"    \"{graph.SystemName(system)}\";\n");
        foreach (var tier in graph.Tiers.Skip(1))
        {
            // Managers stand with the systems; each tier of switches has a rank of its own.
            if (tier.Switch is not null) writer.Write("  }\n  { rank=same;\n");
            for (var i = 0; i < tier.Count; i++) writer.Write($"    \"{graph.NameOf(tier.First + i)}\" [group=\"{tier.Name}\"];\n");
        }
        writer.Write("  }\n");
        foreach (var bundle in FabricBundle.Of(graph))
        {
            var links = bundle.Links == 1 ? "" : FabricText.Invariant($" [label=\"{bundle.Links}\", penwidth={FabricText.Number(Math.Min(6, Math.Sqrt(bundle.Links)))}]");
            writer.Write($"  \"{FabricText.BoxOf(graph, bundle.Lower)}\" -- \"{FabricText.BoxOf(graph, bundle.Upper)}\"{links};\n");
        }
        writer.Write("}\n");
    }

    internal static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

/// <summary>A cabling list in DOT, for NVIDIA's Cable Validation Tool on Ethernet and Cumulus Linux' topology manager.</summary>
public sealed class CablingDotExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "cvt-dot";

    /// <inheritdoc/>
    public override string Description => "cabling list in DOT for NVIDIA's Cable Validation Tool and Cumulus' PTM (Ethernet)";

    /// <inheritdoc/>
    public override string FileName => "topology.dot";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        OnlyFor(request, LinkProtocol.Ethernet, "'topo' or 'p2p'");
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write("graph network {\n");
        for (var device = graph.FirstSwitch; device < graph.Devices; device++)
        {
            var (name, role) = (graph.NameOf(device), FabricText.RoleOf(graph, device));
            writer.Write($"  \"{name}\" [ label=\"{name}\" role=\"{(role == "core" ? "super_spine" : role)}\" os=\"cumulus\" ]\n");
        }
        for (var link = 0; link < graph.Links; link++)
        {
            var (a, b) = (graph.Upper[link], graph.Lower[link]);
            writer.Write($"  \"{FabricText.BoxOf(graph, a)}\":\"{FabricText.InterfaceOf(graph, link, a)}\" -- \"{FabricText.BoxOf(graph, b)}\":\"{FabricText.InterfaceOf(graph, link, b)}\"\n");
        }
        writer.Write("}\n");
    }
}
