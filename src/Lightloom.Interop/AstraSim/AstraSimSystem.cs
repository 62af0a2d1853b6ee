// ASTRA-sim's system configuration, its remote memory and its communicator groups, all JSON; TraceSystem.cs says what the keys mean.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.Chakra;

namespace Lightloom.Interop.AstraSim;

/// <summary>Reads ASTRA-sim's system, memory and group files.</summary>
public static class AstraSimSystem
{
    // Read by ASTRA-sim, or by earlier versions of it, without meaning anything for its times.
    static readonly string[] Ignored =
    [
        "boost-mode", "trace-enabled", "track-local-mem", "local-mem-trace-filename", "local-reduction-delay", "L", "o", "g", "G", "intra-dimension-scheduling", "inter-dimension-scheduling",
    ];

    static readonly string[] Known =
    [
        "scheduling-policy", "endpoint-delay", "active-chunks-per-dimension", "preferred-dataset-splits", "all-reduce-implementation", "reduce-scatter-implementation", "all-gather-implementation",
        "all-to-all-implementation", "all-reduce-implementation-custom", "reduce-scatter-implementation-custom", "all-gather-implementation-custom", "all-to-all-implementation-custom",
        "per-node-custom-implementation", "collective-optimization", "local-mem-bw", "peak-perf", "roofline-enabled", "replay-only", "model-shared-bus", .. Ignored,
    ];

    static readonly IReadOnlyDictionary<string, TraceCollective> Collectives = new Dictionary<string, TraceCollective>(StringComparer.Ordinal)
    {
        ["all-reduce"] = TraceCollective.AllReduce,
        ["reduce-scatter"] = TraceCollective.ReduceScatter,
        ["all-gather"] = TraceCollective.AllGather,
        ["all-to-all"] = TraceCollective.AllToAll,
    };

    static readonly string[] Policies = ["LIFO", "FIFO", "EXPLICIT"];
    static readonly string[] Optimizations = ["baseline", "localBWAware"];
    static readonly string[] Methods = ["ring", "oneRing", "direct", "oneDirect", "halvingDoubling", "oneHalvingDoubling", "doubleBinaryTree"];
    static readonly string[] Memories = ["NO_MEMORY_EXPANSION", "PER_NODE_MEMORY_EXPANSION", "PER_NPU_MEMORY_EXPANSION", "MEMORY_POOL"];

    /// <summary>Reads a system configuration.</summary>
    /// <param name="path">The file; the paths of custom collectives in it are from the working folder or from its own.</param>
    /// <exception cref="InputException">It is missing or malformed; file, line and column are named.</exception>
    public static TraceSystem ReadFile(string path)
    {
        var root = JsonText.ReadFile(path);
        var fields = JsonFields.Of(root, "system");
        foreach (var (key, _) in root.Entries)
        {
            // ASTRA-sim passes over what it doesn't know; a key that looks like one that it knows is refused.
            if (!Known.Contains(key.Text, StringComparer.Ordinal) && Nearest.Name(key.Text, Known) is { } near) throw fields.Wrong($"unknown key '{key.Text}'; did you mean '{near}'?", key);
        }
        if (Whole(fields, "model-shared-bus", 0, 1) == 1) throw fields.Wrong("a shared bus ('model-shared-bus') is not modelled", fields.Find("model-shared-bus"));
        var roofline = (fields.Number("roofline-enabled") ?? 0) != 0;
        var splits = Whole(fields, "preferred-dataset-splits", 1, 1 << 20) ?? throw fields.Wrong("'preferred-dataset-splits' is missing; expected the number of chunks of a collective");
        var peak = fields.Number("peak-perf", 0);
        if (roofline && peak is null) throw fields.Wrong("'roofline-enabled' needs 'peak-perf', in TFLOPS");
        return new()
        {
            Policy = Choice(fields, "scheduling-policy", Policies) switch
            {
                "FIFO" => TracePolicy.Fifo,
                "EXPLICIT" => TracePolicy.Explicit,
                _ => TracePolicy.Lifo,
            },
            EndpointNanoseconds = Whole(fields, "endpoint-delay", 0, int.MaxValue) ?? 10,
            ActiveChunks = (int)(Whole(fields, "active-chunks-per-dimension", 1, 1 << 20) ?? 1),
            Splits = (int)splits,
            Algorithms = Collectives.ToDictionary(c => c.Value, c => Algorithms(fields, c.Key, c.Value)).Where(c => c.Value.Count > 0).ToDictionary(),
            Custom = Collectives.Where(c => fields.Has($"{c.Key}-implementation-custom")).ToDictionary(c => c.Value, c => Custom(fields, $"{c.Key}-implementation-custom", path)),
            CustomNodes = CustomNodes(fields, path),
            ReducesByDimension = Choice(fields, "collective-optimization", Optimizations) == "localBWAware",
            MemoryBandwidth = fields.Number("local-mem-bw") is { } bandwidth ? bandwidth > 0 ? bandwidth : throw fields.Wrong("expected 'local-mem-bw' of more than 0 GB/s", fields.Find("local-mem-bw")) : null,
            PeakRate = roofline ? peak : null,
            ReplayOnly = (fields.Number("replay-only") ?? 0) != 0,
        };
    }

    /// <summary>Reads a remote-memory configuration.</summary>
    /// <exception cref="InputException">It is missing or malformed; file, line and column are named.</exception>
    public static TraceMemory ReadMemory(string path)
    {
        var fields = JsonFields.Of(JsonText.ReadFile(path), "remote memory");
        fields.OnlyKnown("memory-type", "remote-mem-latency", "remote-mem-bw", "num-nodes", "num-npus-per-node");
        var kind = Choice(fields, "memory-type", Memories) switch
        {
            "PER_NODE_MEMORY_EXPANSION" => TraceMemoryKind.PerNode,
            "PER_NPU_MEMORY_EXPANSION" => TraceMemoryKind.PerRank,
            "MEMORY_POOL" => TraceMemoryKind.Pool,
            "NO_MEMORY_EXPANSION" => TraceMemoryKind.None,
            _ => throw fields.Wrong($"'memory-type' is missing; expected one of {string.Join(", ", Memories)}"),
        };
        if (kind == TraceMemoryKind.None) return new(kind);
        var latency = Whole(fields, "remote-mem-latency", 0, int.MaxValue) ?? throw fields.Wrong("'remote-mem-latency' is missing; expected ns");
        var bandwidth = fields.Required("remote-mem-bw", 0);
        if (bandwidth <= 0) throw fields.Wrong("expected 'remote-mem-bw' of more than 0 GB/s", fields.Find("remote-mem-bw"));
        var each = kind == TraceMemoryKind.PerNode ? Whole(fields, "num-npus-per-node", 1, 1 << 24) ?? throw fields.Wrong("'num-npus-per-node' is missing; expected a whole number") : 1;
        return new(kind, latency, bandwidth, (int)each);
    }

    /// <summary>Reads communicator groups: an object of numbers from 1 on, each with a list of ranks.</summary>
    /// <exception cref="InputException">It is missing or malformed; file, line and column are named.</exception>
    public static IReadOnlyList<TraceGroup> ReadGroups(string path)
    {
        var groups = new List<TraceGroup>();
        foreach (var (key, value) in JsonText.ReadFile(path).Entries)
        {
            if (!int.TryParse(key.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id < 1) throw new InputException($"expected the number of a group from 1 on, found '{key.Text}'", key.Mark);
            var list = value as SequenceNode ?? throw new InputException($"group {id}: expected a list of ranks, found {value.Kind}", value.Mark);
            var ranks = new List<int>();
            foreach (var item in list.Items)
            {
                if (item is not ScalarNode { Plain: true } scalar || !int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var rank)) throw new InputException($"group {id}: expected a rank, found {item.Kind}", item.Mark);
                if (ranks.Contains(rank)) throw new InputException($"group {id} has rank {rank} a second time", item.Mark);
                ranks.Add(rank);
            }
            if (ranks.Count == 0) throw new InputException($"group {id} has no ranks", list.Mark);
            groups.Add(new(id, ranks));
        }
        return groups;
    }

    static IReadOnlyList<TraceAlgorithm> Algorithms(JsonFields fields, string collective, TraceCollective kind)
    {
        var key = $"{collective}-implementation";
        if (fields.Find(key) is not { } value) return [];
        var list = value as SequenceNode ?? throw fields.Wrong($"expected a list for '{key}', one algorithm for each dimension; found {value.Kind}", value);
        return [.. list.Items.Select(i => Algorithm(fields, key, kind, i))];
    }

    static TraceAlgorithm Algorithm(JsonFields fields, string key, TraceCollective kind, Node item)
    {
        var text = item is ScalarNode { Plain: false } scalar ? scalar.Text : throw fields.Wrong($"expected the name of an algorithm in '{key}', found {item.Kind}", item);
        var algorithm = Algorithm(text) ?? throw fields.Wrong($"there is no algorithm '{text}' for '{key}'{Nearest.Hint(text, Methods)}", item);
        return algorithm.Method == TraceMethod.DoubleBinaryTree && kind != TraceCollective.AllReduce ? throw fields.Wrong($"doubleBinaryTree does an all-reduce alone, and stands in '{key}'", item) : algorithm;
    }

    /// <summary>An algorithm by its name, such as "direct4" or "oneRing"; null: there is none.</summary>
    internal static TraceAlgorithm? Algorithm(string text)
    {
        var name = text.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        int? window = null;
        if (name.Length < text.Length)
        {
            if (name is not ("direct" or "oneDirect") || !int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var peers) || peers < 1) return null;
            window = peers;
        }
        TraceMethod? method = name switch
        {
            "ring" or "oneRing" => TraceMethod.Ring,
            "direct" or "oneDirect" => TraceMethod.Direct,
            "halvingDoubling" or "oneHalvingDoubling" => TraceMethod.HalvingDoubling,
            "doubleBinaryTree" => TraceMethod.DoubleBinaryTree,
            _ => null,
        };
        return method is { } known ? new(known, window, name.StartsWith("one", StringComparison.Ordinal)) : null;
    }

    static ITraceSource Custom(JsonFields fields, string key, string path) => fields.Find(key) is SequenceNode { Items: [ScalarNode { Plain: false } prefix] }
        ? Open(fields, prefix.Text, prefix, path)
        : throw fields.Wrong($"expected a list of one prefix of a Chakra trace for '{key}'", fields.Find(key));

    static Dictionary<ulong, ITraceSource> CustomNodes(JsonFields fields, string path)
    {
        if (fields.Text("per-node-custom-implementation") is not { } file) return [];
        var nodes = new Dictionary<ulong, ITraceSource>();
        foreach (var (key, value) in YamlText.ReadFile(File.Exists(file) ? file : Beside(path, file)).Entries)
        {
            if (!ulong.TryParse(key.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) throw new InputException($"expected the number of a node, found '{key.Text}'", key.Mark);
            nodes[id] = Open(fields, value is ScalarNode text ? text.Text : throw new InputException($"expected the prefix of a Chakra trace, found {value.Kind}", value.Mark), value, path);
        }
        return nodes;
    }

    static ITraceSource Open(JsonFields fields, string prefix, Node at, string path)
    {
        var place = ChakraTrace.Is(prefix) ? prefix : Beside(path, prefix);
        return ChakraTrace.Is(place) ? ChakraTrace.Open(place)
            : throw fields.Wrong($"there is no trace '{prefix}' of a custom collective, neither from the working folder nor from the file's own", at);
    }

    static string Beside(string path, string name) => Path.Combine(Path.GetDirectoryName(path) ?? "", name);

    static long? Whole(JsonFields fields, string key, long least, long most) => fields.Number(key, least, most) is not { } value ? null
        : value == Math.Floor(value) ? (long)value : throw fields.Wrong($"expected a whole number for '{key}', found {value}", fields.Find(key));

    static string? Choice(JsonFields fields, string key, string[] known) => fields.Text(key) is not { } text ? null
        : known.Contains(text, StringComparer.Ordinal) ? text : throw fields.Wrong($"'{key}' is '{text}'; expected {string.Join(", ", known)}{Nearest.Hint(text, known)}", fields.Find(key));
}
