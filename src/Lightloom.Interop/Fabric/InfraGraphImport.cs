using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Interop.Fabric;

// An InfraGraph (see InfraGraphExport) as a fabric that was found. Slices are Python's: "leaf[3]", "leaf[0:8]", "leaf[2:]", "leaf[:4]", and
// "leaf" alone is all of them; the endpoints of one end are counted by instance first, then by component. Schemes: one2one joins the n-th
// endpoints of both ends, many2many every pair, ring each of ep1's to the next.
//
// Names: instance "leaf" of 32 is leaf-00 to leaf-31, with as many digits as the last one has, as designs have it. Component "port" is a port
// of its instance; a component of choice nic is a card by itself ("node-0012-nic-3") with one port; any other component of choice port is a
// card with as many ports as it counts. Edges at anything else (accelerators, processors) are no cables and are passed over.

/// <summary>Reads an InfraGraph.</summary>
public static class InfraGraphImport
{
    /// <summary>The most endpoints that one end of an edge may have.</summary>
    const int MostEndpoints = 1_000_000;

    /// <summary>Reads a file: JSON when its name ends in .json, else YAML.</summary>
    /// <exception cref="InputException">The file can't be read or is no InfraGraph.</exception>
    public static DiscoveredFabric ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JsonText.ReadFile(path) : YamlText.ReadFile(path), path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document, YAML or JSON.</param>
    /// <param name="file">How to call it in messages; JSON when it ends in .json.</param>
    /// <exception cref="InputException">It is no InfraGraph.</exception>
    public static DiscoveredFabric Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Of(file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JsonText.Read(text, file) : YamlText.Read(text, file), file);
    }

    static DiscoveredFabric Of(MappingNode root, string file) => new Reader(root, file).Read();

    sealed record Component(string Choice, int Count);

    sealed record Instance(string Name, string Device, int Count, bool Switches);

    sealed class Reader(MappingNode root, string file)
    {
        readonly Dictionary<string, Dictionary<string, Component>> devices = new(StringComparer.Ordinal);
        readonly Dictionary<string, Instance> instances = new(StringComparer.Ordinal);
        readonly Dictionary<string, Bandwidth?> rates = new(StringComparer.Ordinal);
        readonly Dictionary<string, int> found = new(StringComparer.Ordinal);
        readonly DiscoveredFabricBuilder builder = new(file, countsParts: true);

        public DiscoveredFabric Read()
        {
            foreach (var device in Items(root, "devices"))
            {
                var components = new Dictionary<string, Component>(StringComparer.Ordinal);
                foreach (var component in Items(device, "components"))
                    if (!components.TryAdd(Text(component, "name"), new(Text(component, "choice"), Count(component))))
                        throw Wrong($"component '{Text(component, "name")}' stands here a second time", component);
                if (!devices.TryAdd(Text(device, "name"), components)) throw Wrong($"device '{Text(device, "name")}' stands here a second time", device);
            }
            foreach (var instance in Items(root, "instances"))
            {
                var (name, device) = (Text(instance, "name"), Text(instance, "device"));
                if (!devices.TryGetValue(device, out var components)) throw Wrong($"there is no device '{device}'{Nearest.Hint(device, devices.Keys)}", instance);
                var switches = components.Values.Any(c => c.Choice == "switch") && !components.Values.Any(c => c.Choice is "nic" or "xpu");
                if (!instances.TryAdd(name, new(name, device, Count(instance), switches))) throw Wrong($"instance '{name}' stands here a second time", instance);
            }
            foreach (var link in Items(root, "links")) rates[Text(link, "name")] = RateOf(link);
            foreach (var edge in Items(root, "edges")) Edge(edge);
            if (builder.Devices == 0) throw new InputException("it has no edges between cards and switches", root.Mark);
            return builder.Finish();
        }

        void Edge(MappingNode edge)
        {
            var (ends1, ends2) = (End.Of(this, edge, "ep1"), End.Of(this, edge, "ep2"));
            if (!ends1.IsCable || !ends2.IsCable) return;
            var (a, b) = (Endpoints(ends1), Endpoints(ends2));
            var name = Text(edge, "link");
            if (!rates.TryGetValue(name, out var rate)) throw Wrong($"there is no link '{name}'{Nearest.Hint(name, rates.Keys)}", edge);
            switch (edge.Find("scheme") is ScalarNode scheme ? scheme.Text : "one2one")
            {
                case "one2one":
                    if (a.Count != b.Count) throw Wrong($"one2one joins as many endpoints as there are; ep1 has {a.Count:N0} and ep2 {b.Count:N0}", edge);
                    for (var i = 0; i < a.Count; i++) Join(a[i], b[i]);
                    break;
                case "many2many":
                    foreach (var x in a)
                        foreach (var y in b)
                            if (x != y) Join(x, y);
                    break;
                case "ring":
                    for (var i = 0; i < a.Count && a.Count > 1; i++) Join(a[i], a[(i + 1) % a.Count]);
                    break;
                case var other:
                    throw Wrong($"unknown scheme '{other}'{Nearest.Hint(other, ["one2one", "many2many", "ring"])}", edge);
            }

            void Join((int Device, int Port) x, (int Device, int Port) y) => builder.Link(x.Device, new(x.Port), y.Device, new(y.Port), rate, edge.Mark.Line);
        }

        // One end of an edge: the instances [FirstInstance, LastInstance) and the components [First, Last) of each.
        sealed record End(MappingNode Node, Instance Instance, string ComponentName, Component Component, int FirstInstance, int LastInstance, int First, int Last)
        {
            public bool IsCable => Component.Choice is "port" or "nic";

            public static End Of(Reader reader, MappingNode edge, string key)
            {
                var end = edge.Find(key) as MappingNode ?? throw Wrong($"'{key}' is missing; expected an instance and a component", edge);
                var (instanceName, instanceSlice) = Slice(end, "instance");
                var (componentName, componentSlice) = Slice(end, "component");
                if (!reader.instances.TryGetValue(instanceName, out var instance))
                    throw Wrong($"there is no instance '{instanceName}'{Nearest.Hint(instanceName, reader.instances.Keys)}", end);
                var components = reader.devices[instance.Device];
                if (!components.TryGetValue(componentName, out var component))
                    throw Wrong($"device '{instance.Device}' has no component '{componentName}'{Nearest.Hint(componentName, components.Keys)}", end);
                var (firstInstance, lastInstance) = Range(instanceSlice, instance.Count, end);
                var (first, last) = Range(componentSlice, component.Count, end);
                if ((long)(lastInstance - firstInstance) * (last - first) > MostEndpoints) throw Wrong($"more than {MostEndpoints:N0} endpoints", end);
                return new(end, instance, componentName, component, firstInstance, lastInstance, first, last);
            }
        }

        List<(int Device, int Port)> Endpoints(End end)
        {
            var endpoints = new List<(int, int)>();
            for (var i = end.FirstInstance; i < end.LastInstance; i++)
            {
                var box = $"{end.Instance.Name}-{Padded(i, end.Instance.Count)}";
                for (var c = end.First; c < end.Last; c++)
                {
                    endpoints.Add(end.Component.Choice == "nic" ? (Device($"{box}-{end.ComponentName}-{Padded(c, end.Component.Count)}", DiscoveredKind.Card, end.Node), 1)
                        : end.ComponentName == "port" ? (Device(box, end.Instance.Switches ? DiscoveredKind.Switch : DiscoveredKind.Unknown, end.Node), c + 1)
                        : (Device($"{box}-{end.ComponentName}", DiscoveredKind.Card, end.Node), c + 1));
                }
            }
            return endpoints;
        }

        int Device(string name, DiscoveredKind kind, Node at)
        {
            if (!found.TryGetValue(name, out var number)) found[name] = number = builder.Device(name, null, kind, at.Mark.Line);
            return number;
        }

        static string Padded(int index, int count) =>
            index.ToString("D" + (count - 1).ToString(CultureInfo.InvariantCulture).Length, CultureInfo.InvariantCulture);

        static (string Name, string? Slice) Slice(MappingNode end, string key)
        {
            var text = Text(end, key);
            var open = text.IndexOf('[', StringComparison.Ordinal);
            return open < 0 ? (text, null) : text.EndsWith(']') ? (text[..open], text[(open + 1)..^1]) : throw Wrong($"expected '{key}' to end in ']', found '{text}'", end);
        }

        static (int First, int Last) Range(string? slice, int count, Node at)
        {
            if (slice is null) return (0, count);
            var colon = slice.IndexOf(':', StringComparison.Ordinal);
            var first = colon == 0 ? 0 : Index(colon < 0 ? slice : slice[..colon]);
            var last = colon < 0 ? first + 1 : colon == slice.Length - 1 ? count : Index(slice[(colon + 1)..]);
            return first >= 0 && first < last && last <= count ? (first, last) : throw Wrong($"slice [{slice}] doesn't lie within 0 to {count - 1}", at);

            int Index(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
                : throw Wrong($"expected a slice such as [3] or [0:8], found [{slice}]", at);
        }

        static Bandwidth? RateOf(MappingNode link)
        {
            if ((link.Find("physical") as MappingNode)?.Find("bandwidth") is not MappingNode bandwidth) return null;
            foreach (var (unit, scale) in new[] { ("gigabits_per_second", 1.0), ("gigabytes_per_second", 8.0) })
            {
                if (bandwidth.Find(unit) is not ScalarNode value) continue;
                return double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1e9
                    ? Bandwidth.FromGigabitsPerSecond(number * scale)
                    : throw Wrong($"expected a rate above 0 for '{unit}', found '{value.Text}'", value);
            }
            return null;
        }

        static IEnumerable<MappingNode> Items(MappingNode owner, string key)
        {
            switch (owner.Find(key))
            {
                case null: yield break;
                case SequenceNode list:
                    foreach (var item in list.Items) yield return item as MappingNode ?? throw Wrong($"expected an object in '{key}', found {item.Kind}", item);
                    yield break;
                case var other: throw Wrong($"expected a list for '{key}', found {other.Kind}", other);
            }
        }

        static string Text(MappingNode owner, string key) => owner.Find(key) is ScalarNode { Text.Length: > 0 } text ? text.Text
            : throw Wrong($"'{key}' is missing; expected a text", owner);

        static int Count(MappingNode owner) => owner.Find("count") is ScalarNode text &&
            int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= DiscoveredFabricBuilder.MostDevices
            ? count
            : throw Wrong($"expected a count from 1 to {DiscoveredFabricBuilder.MostDevices:N0}", owner);

        static InputException Wrong(string problem, Node at) => new(problem, at.Mark);
    }
}
