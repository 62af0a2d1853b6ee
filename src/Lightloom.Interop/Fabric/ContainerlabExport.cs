using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// A topology definition of containerlab (containerlab.dev, "Topology definition"):
//
//   name: lab
//   topology:
//     kinds: { linux: { image: alpine } }      the image is a placeholder; a network operating system takes its place
//     nodes: { leaf-0: { kind: linux, group: leaf, labels: { graph-level: 2 } } }
//     links: [ { endpoints: ["node-0:eth1", "leaf-0:eth1"] } ]
//
// eth0 is containerlab's own, so ports are eth1 and on: cards in order at a system, ports counted as finely as they are split at a switch.

/// <summary>A lab of containers, wired as the fabric.</summary>
public sealed class ContainerlabExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "containerlab";

    /// <inheritdoc/>
    public override string Description => "lab of containers for containerlab, with links, roles and levels";

    /// <inheritdoc/>
    public override string FileName => "fabric.clab.yml";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write($"# {FabricText.OneLine(request.Name)}\nname: {LabName(request.Name)}\ntopology:\n  kinds:\n    linux:\n      image: alpine:latest\n  nodes:\n");
        // The level of a drawing, from the top down.
        var levels = graph.Plan.Tiers.Count + 1;
        for (var system = 0; system < graph.Systems; system++) WriteNode(graph.SystemName(system), "node", levels);
        for (var device = graph.Cards; device < graph.Devices; device++)
        {
            var role = FabricText.RoleOf(graph, device);
            var level = device < graph.FirstSwitch ? levels : graph.Tiers.Count - graph.Tiers.Index().First(t => t.Item.Has(device)).Index;
            WriteNode(graph.NameOf(device), role, level);
        }
        writer.Write("  links:\n");
        for (var link = 0; link < graph.Links; link++)
            writer.Write($"    - endpoints: [\"{EndOf(graph, link, graph.Lower[link])}\", \"{EndOf(graph, link, graph.Upper[link])}\"]\n");

        void WriteNode(string name, string role, int level) =>
            writer.Write(FabricText.Invariant($"    {name}:\n      kind: linux\n      group: {role}\n      labels:\n        graph-level: {level}\n"));
    }

    static string EndOf(FabricGraph graph, int link, int device)
    {
        var port = graph.PortOf(link, device) + (device < graph.Cards ? device % graph.CardsPerSystem * FabricText.PortsPerCard(graph) : 0);
        return FabricText.Invariant($"{FabricText.BoxOf(graph, device)}:eth{port + 1}");
    }

    // A lab's name becomes part of the names of its containers.
    static string LabName(string name)
    {
        var letters = name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').ToArray();
        var trimmed = string.Join('-', new string(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        return trimmed.Length == 0 ? "fabric" : trimmed.Length > 40 ? trimmed[..40].TrimEnd('-') : trimmed;
    }
}
