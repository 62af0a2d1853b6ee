using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// InfraGraph (github.com/Keysight/infragraph, artifacts/openapi.yaml, version 2.4.0): devices are kinds of boxes with components, instances
// say how many of each there are, edges join components of instances by slices of Python's notation, and links name rates.
//
//   devices:   - {name: system, components: [{name: xpu, count: 8, choice: xpu}, {name: nic, count: 8, choice: nic}, ...]}
//   instances: - {name: node, device: system, count: 32}
//   links:     - {name: node-leaf, physical: {bandwidth: {choice: gigabits_per_second, gigabits_per_second: 400}}}
//   edges:     - {ep1: {instance: "node[0]", component: "nic[0:8]"}, ep2: {instance: "leaf[0:8]", component: "port[0]"},
//                 scheme: one2one, link: node-leaf}
//
// Instances of several planes are "p0-leaf" and "p1-leaf". A card with one port is component nic; one with several is a component of its own,
// "nic-3", of ports. Successive links whose ends advance together are one edge. Inside a box only what the design knows is said: accelerators
// and cards meet at a host, and accelerators meet at the scale-up fabric. Entries are in YAML's flow style, which is JSON.

/// <summary>InfraGraph, the vendor-neutral infrastructure graph, as YAML.</summary>
public class InfraGraphExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "infragraph";

    /// <inheritdoc/>
    public override string Description => "InfraGraph 2.4 as YAML: devices, instances and edges";

    /// <inheritdoc/>
    public override string FileName => "fabric.infragraph.yaml";

    private protected virtual bool AsJson => false;

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        var list = new Lists(writer, AsJson);
        list.Field("name", NameOf(request.Name));
        list.Field("description", FabricText.OneLine(request.Name));
        list.Begin("devices");
        list.Item(SystemDevice(graph));
        if (graph.Tiers[1].Switch is null && graph.Tiers.Count > 1)
            list.Item("{\"name\": \"manager\", \"components\": [{\"name\": \"port\", \"count\": 1, \"choice\": \"port\"}], \"links\": [], \"edges\": []}");
        foreach (var tier in graph.Tiers.Where(t => t.Switch is not null)) list.Item(SwitchDevice(tier));
        list.Begin("links");
        foreach (var link in graph.Plan.Links)
            list.Item($"{{\"name\": \"{link.Name}\", {Bandwidth(link.Rate.GigabitsPerSecond)}}}");
        list.Begin("instances");
        list.Item(FabricText.Invariant($"{{\"name\": \"node\", \"device\": \"system\", \"count\": {graph.Systems}}}"));
        foreach (var tier in graph.Tiers.Skip(1))
            for (var plane = 0; plane * tier.PerPlane < tier.Count; plane++)
                list.Item(FabricText.Invariant($"{{\"name\": \"{InstanceOf(graph, tier.Device(plane, 0)).Name}\", \"device\": \"{DeviceOf(tier)}\", \"count\": {tier.PerPlane}}}"));
        list.Begin("edges");
        foreach (var edge in Edges(graph))
            list.Item($"{{\"ep1\": {edge.Lower}, \"ep2\": {edge.Upper}, \"scheme\": \"one2one\", \"link\": \"{graph.Plan.Links[edge.Class].Name}\"}}");
        list.End();
    }

    static string Bandwidth(double gigabits) =>
        $"\"physical\": {{\"bandwidth\": {{\"choice\": \"gigabits_per_second\", \"gigabits_per_second\": {FabricText.Number(gigabits)}}}}}";

    static string DeviceOf(DeviceTier tier) => tier.Switch is null ? "manager" : $"{tier.Name}-switch";

    static string SystemDevice(FabricGraph graph)
    {
        var system = graph.Plan.Request.System;
        var ports = FabricText.PortsPerCard(graph);
        var cards = ports == 1
            ? FabricText.Invariant($"{{\"name\": \"nic\", \"count\": {graph.CardsPerSystem}, \"choice\": \"nic\"}}")
            : string.Join(", ", Enumerable.Range(0, graph.CardsPerSystem).Select(c => FabricText.Invariant($"{{\"name\": \"{CardName(graph, c)}\", \"count\": {ports}, \"choice\": \"port\"}}")));
        var hostEdges = string.Join(", ", (ports == 1 ? ["nic"] : Enumerable.Range(0, graph.CardsPerSystem).Select(c => CardName(graph, c))).Append("xpu")
            .Select(c => $"{{\"ep1\": {{\"component\": \"{c}\"}}, \"ep2\": {{\"component\": \"host\"}}, \"scheme\": \"many2many\", \"link\": \"host-bus\"}}"));
        return FabricText.Invariant($"{{\"name\": \"system\", \"description\": {FabricText.Json(system.Name)}, \"components\": [") +
            FabricText.Invariant($"{{\"name\": \"xpu\", \"count\": {system.Accelerators.Value}, \"choice\": \"xpu\"}}, {cards}, ") +
            "{\"name\": \"host\", \"count\": 1, \"choice\": \"cpu\"}, {\"name\": \"scale-up\", \"count\": 1, \"choice\": \"switch\"}], " +
            $"\"links\": [{{\"name\": \"host-bus\"}}, {{\"name\": \"scale-up-link\", {Bandwidth(system.Accelerator.ScaleUpBandwidth.Value.GigabitsPerSecond)}}}], " +
            $"\"edges\": [{hostEdges}, {{\"ep1\": {{\"component\": \"xpu\"}}, \"ep2\": {{\"component\": \"scale-up\"}}, \"scheme\": \"many2many\", \"link\": \"scale-up-link\"}}]}}";
    }

    static string SwitchDevice(DeviceTier tier) => FabricText.Invariant(
        $"{{\"name\": \"{DeviceOf(tier)}\", \"description\": {FabricText.Json(tier.Switch!.Name)}, \"components\": [{{\"name\": \"asic\", \"count\": 1, \"choice\": \"switch\"}}, ") +
        FabricText.Invariant($"{{\"name\": \"port\", \"count\": {tier.Ports}, \"choice\": \"port\"}}], \"links\": [{{\"name\": \"internal\"}}], ") +
        "\"edges\": [{\"ep1\": {\"component\": \"asic\"}, \"ep2\": {\"component\": \"port\"}, \"scheme\": \"many2many\", \"link\": \"internal\"}]}";

    static string CardName(FabricGraph graph, int card) => graph.NameOf(card)[(graph.SystemName(0).Length + 1)..];

    static (string Name, int Index) InstanceOf(FabricGraph graph, int device)
    {
        if (device < graph.Cards) return ("node", device / graph.CardsPerSystem);
        var name = graph.NameOf(device);
        return (name[..name.LastIndexOf('-')], graph.TierOf(device).IndexOf(device));
    }

    // The names of a design may have letters that the schema refuses.
    static string NameOf(string name)
    {
        var letters = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || " -_()".Contains(c, StringComparison.Ordinal) ? c : '-')).Trim();
        return letters.Length == 0 ? "fabric" : letters;
    }

    // One end of a run of links: instances [i, i + n) or components [c, c + n), the other of both standing still.
    readonly record struct End(string Instance, int Index, string Component, int Number)
    {
        public static End Of(FabricGraph graph, int link, int device)
        {
            var (name, index) = InstanceOf(graph, device);
            var port = graph.PortOf(link, device);
            return device >= graph.Cards ? new(name, index, "port", port)
                : FabricText.PortsPerCard(graph) == 1 ? new(name, index, "nic", device % graph.CardsPerSystem)
                : new(name, index, CardName(graph, device % graph.CardsPerSystem), port);
        }

        // How the n-th link goes on from this one: 1 by instance, 2 by component, 0 not at all.
        public int Step(End other, int n) => Instance != other.Instance || Component != other.Component ? 0
            : other.Index == Index + n && other.Number == Number ? 1
            : other.Number == Number + n && other.Index == Index ? 2 : 0;

        public string Slice(int step, int count) => FabricText.Invariant(
            $"{{\"instance\": \"{Instance}[{Index}{(step == 1 ? FabricText.Invariant($":{Index + count}") : "")}]\", ") + FabricText.Invariant(
            $"\"component\": \"{Component}[{Number}{(step == 2 ? FabricText.Invariant($":{Number + count}") : "")}]\"}}");
    }

    static IEnumerable<(int Class, string Lower, string Upper)> Edges(FabricGraph graph)
    {
        for (var first = 0; first < graph.Links;)
        {
            var (a, b) = (End.Of(graph, first, graph.Lower[first]), End.Of(graph, first, graph.Upper[first]));
            var (stepA, stepB, count) = (0, 0, 1);
            for (; first + count < graph.Links && graph.ClassOf[first + count] == graph.ClassOf[first]; count++)
            {
                var next = first + count;
                var (toA, toB) = (a.Step(End.Of(graph, next, graph.Lower[next]), count), b.Step(End.Of(graph, next, graph.Upper[next]), count));
                if (toA == 0 || toB == 0 || (count > 1 && (toA, toB) != (stepA, stepB))) break;
                (stepA, stepB) = (toA, toB);
            }
            yield return (graph.ClassOf[first], a.Slice(stepA, count), b.Slice(stepB, count));
            first += count;
        }
    }

    // Top-level fields and lists of one-line entries, as YAML or as JSON.
    sealed class Lists(TextWriter writer, bool json)
    {
        bool fields, items, open;

        public void Field(string name, string value)
        {
            writer.Write(json ? $"{(fields ? ",\n" : "{\n")}  \"{name}\": {FabricText.Json(value)}" : $"{name}: {FabricText.Json(value)}\n");
            fields = true;
        }

        public void Begin(string name)
        {
            if (open) Close();
            writer.Write(json ? $"{(fields ? ",\n" : "{\n")}  \"{name}\": [" : $"{name}:\n");
            (fields, items, open) = (true, false, true);
        }

        public void Item(string text)
        {
            writer.Write(json ? $"{(items ? "," : "")}\n    {text}" : $"- {text}\n");
            items = true;
        }

        public void End()
        {
            Close();
            if (json) writer.Write("\n}\n");
        }

        void Close()
        {
            if (json) writer.Write("\n  ]");
        }
    }
}

/// <summary>InfraGraph as JSON.</summary>
public sealed class InfraGraphJsonExport : InfraGraphExport
{
    /// <inheritdoc/>
    public override string Name => "infragraph-json";

    /// <inheritdoc/>
    public override string Description => "InfraGraph 2.4 as JSON: devices, instances and edges";

    /// <inheritdoc/>
    public override string FileName => "fabric.infragraph.json";

    private protected override bool AsJson => true;
}
