namespace Lightloom.Interop.Fabric;

// Lightloom's own listing, for scripts. One device and one link a line; units stand in the fields' names; ports are called as in the
// cable plan. docs/exports.md describes the fields.

/// <summary>Every device and link as JSON, for scripts.</summary>
public sealed class JsonExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "json";

    /// <inheritdoc/>
    public override string Description => "every device and link as JSON, one a line, for scripts";

    /// <inheritdoc/>
    public override string FileName => "fabric.json";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write(FabricText.Invariant($"{{\n  \"lightloom\": 1,\n  \"name\": {FabricText.Json(request.Name)},\n"));
        writer.Write(FabricText.Invariant($"  \"topology\": {FabricText.Json(graph.Plan.Topology)},\n  \"planes\": {graph.Plan.Request.Planes},\n  \"devices\": [\n"));
        foreach (var tier in graph.Tiers)
        {
            for (var i = 0; i < tier.Count; i++)
            {
                var device = tier.First + i;
                writer.Write($"    {{ \"name\": \"{graph.NameOf(device)}\", \"kind\": \"{tier.Name}\"");
                if (device < graph.Cards) writer.Write($", \"system\": \"{FabricText.BoxOf(graph, device)}\"");
                if (tier.Switch is { } part) writer.Write($", \"switch\": {FabricText.Json(part.Key)}");
                if (tier.PerPlane != tier.Count) writer.Write(FabricText.Invariant($", \"plane\": {tier.PlaneOf(device)}"));
                if (graph.GroupOf(device) is >= 0 and var group) writer.Write(FabricText.Invariant($", \"group\": {group}"));
                writer.Write(FabricText.Invariant($", \"ports\": {tier.Ports}"));
                if (request.Locations?.Of(device) is { } at) writer.Write(FabricText.Invariant($", \"rack\": {FabricText.Json(at.Rack)}, \"rackUnit\": {at.Unit}"));
                writer.Write(device == graph.Devices - 1 ? " }\n" : " },\n");
            }
        }
        writer.Write("  ],\n  \"links\": [\n");
        for (var link = 0; link < graph.Links; link++)
        {
            var (a, b) = (graph.Lower[link], graph.Upper[link]);
            writer.Write(FabricText.Invariant($"    {{ \"class\": \"{graph.Plan.Links[graph.ClassOf[link]].Name}\", \"rate_Gbps\": {FabricText.Number(FabricText.RateOf(graph, link).GigabitsPerSecond)}, "));
            writer.Write($"\"lower\": \"{graph.NameOf(a)}\", \"lowerPort\": \"{graph.PortName(a, graph.PortOf(link, a))}\", \"upper\": \"{graph.NameOf(b)}\", \"upperPort\": \"{graph.PortName(b, graph.PortOf(link, b))}\"");
            if (request.Locations?.LengthOf(link) is { } length) writer.Write($", \"length_m\": {FabricText.Number(length.Meters)}");
            if (request.Locations?.LabelOf(link) is { } label) writer.Write($", \"label\": {FabricText.Json(label)}");
            writer.Write(link == graph.Links - 1 ? " }\n" : " },\n");
        }
        writer.Write("  ]\n}\n");
    }
}
