using Lightloom.Catalog;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// The topology file of NVIDIA's ibdiagnet, UFM's topology comparison and the UFM Cable Validation Tool ("Topo File" in its documentation):
//
//   MQM9700 leaf-07                                       type and name of a system
//       P1 -4x-100G-> HCA_mlx5_8 node-0012 mlx5_3/P1      port, lanes x rate of a lane, the other system and its port
//       P33 -4x-100G-> MQM9700 spine-02 P5
//
// Switches have a record each; hosts stand only at the far ends. The type of a switch is "M" and its model in capitals. The documentation
// doesn't say what the number in a host's type HCA_mlx5_N means; its example has N cards in such a host, and so has this file.

/// <summary>The topology file of ibdiagnet and NVIDIA's cable validation (.topo).</summary>
public sealed class TopoExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "topo";

    /// <inheritdoc/>
    public override string Description => "topology file of ibdiagnet, UFM and NVIDIA's Cable Validation Tool (InfiniBand)";

    /// <inheritdoc/>
    public override string FileName => "fabric.topo";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        OnlyFor(request, LinkProtocol.Infiniband, "'cvt-dot' or 'p2p'");
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        for (var device = graph.FirstSwitch; device < graph.Devices; device++)
        {
            if (device > graph.FirstSwitch) writer.Write('\n');
            writer.Write($"{TypeOf(graph, device)} {graph.NameOf(device)}\n");
            foreach (var link in graph.LinksOf(device))
            {
                var far = graph.Across(link, device);
                var (lanes, lane) = FabricText.LanesOf(graph, link);
                writer.Write(FabricText.Invariant($"    P{graph.PortOf(link, device) + 1} -{lanes}x-{FabricText.Number(lane.GigabitsPerSecond)}G-> "));
                writer.Write(far < graph.Cards
                    ? FabricText.Invariant($"{TypeOf(graph, far)} {FabricText.BoxOf(graph, far)} mlx5_{far % graph.CardsPerSystem}/P{graph.PortOf(link, far) + 1}\n")
                    : FabricText.Invariant($"{TypeOf(graph, far)} {graph.NameOf(far)} P{graph.PortOf(link, far) + 1}\n"));
            }
        }
    }

    static string TypeOf(FabricGraph graph, int device)
    {
        if (device < graph.Cards) return FabricText.Invariant($"HCA_mlx5_{graph.CardsPerSystem}");
        if (graph.TierOf(device).Switch is not { } part) return "HCA_mlx5_1";
        var model = (part.Key.Length > 0 ? part.Key : part.Name.Replace(' ', '-')).ToUpperInvariant();
        return model.StartsWith("QM", StringComparison.Ordinal) ? $"M{model}" : model;
    }
}
