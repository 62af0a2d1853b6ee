// Cycles of ASTRA-sim's analytical backends beside ours: whole nanoseconds, which have to be the same.
//
//   inputs of a row    net/TOPO-N-bwB-latL.yml, sys/SYS and et/COLL_Nnpus_SIZEB/COLL.R.et beside the table, or in a folder astra_sim beside it;
//                      what isn't there is made of the row: TOPO, N, B and L of several dimensions joined by "_" (N also by "x"), a trace of one
//                      collective on every rank, and SYS by its name ALG-a2a_ALG-sSPLITS-aACTIVE-eENDPOINT-mMEMORY-OPTIMIZATION.json
//   examples           "COLL Nnpus SIZEMB, NETWORK.yml, SYSTEM.json", with these files in net and sys, or as ASTRA-sim ships them: rings of 50 GB/s and
//                      500 ns, H100 on a switch of 400 GB/s and 936.25 ns, and its regression test
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.Chakra;
using Lightloom.Planning.Validation;

namespace Lightloom.Interop.AstraSim;

/// <summary>ASTRA-sim's cycles beside ours; the tables are those of <c>data/validation/simulation</c>.</summary>
public sealed partial class AstraSimValidation : IValidationKind
{
    static readonly IReadOnlyDictionary<string, TraceCollective> Collectives = new Dictionary<string, TraceCollective>(StringComparer.Ordinal)
    {
        ["all_reduce"] = TraceCollective.AllReduce,
        ["all_gather"] = TraceCollective.AllGather,
        ["reduce_scatter"] = TraceCollective.ReduceScatter,
        ["all_to_all"] = TraceCollective.AllToAll,
    };

    /// <inheritdoc/>
    public string Name => "simulation";

    /// <inheritdoc/>
    public string Description => "cycles of ASTRA-sim's runs";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("astra_sim_cycles", ["backend", "coll", "topo", "npus", "n", "comm_size", "alg", "bw", "lat", "sys", "cycles_max"], Sweeps),
        new("astra_sim_examples", ["backend", "example", "cycles_max"], Examples),
    ];

    static void Sweeps(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            if (row.Text("cycles_max") is not { Length: > 0 }) continue;
            var ranks = (int)row.Count("n", 2, 1 << 20);
            var (topology, size) = (row.Text("topo"), row.Count("comm_size", 1, long.MaxValue));
            var collective = Collective(row, "coll", row.Text("coll"));
            var network = File(table, "net", $"{topology}-{ranks}-bw{row.Text("bw")}-lat{row.Text("lat")}.yml") is { } yaml ? AstraSimNetwork.ReadFile(yaml) : Network(row);
            if (network.Ranks != ranks) throw row.Wrong("n", $"its network has {network.Ranks:N0} ranks, and the row {ranks:N0}");
            var system = File(table, "sys", row.Text("sys")) is { } json ? AstraSimSystem.ReadFile(json) : System(row, network);
            var folder = Folder(table, $"{row.Text("coll")}_{ranks}npus_{size}B");
            ITraceSource trace = folder is null ? Alone(collective, (ulong)size, ranks) : ChakraTrace.Open(folder, ranks);
            Add(table, row, run, $"{row.Text("coll")} of {size} B on {topology} {row.Text("npus")}", trace, system, network, [new("topology", topology), new("collective", row.Text("coll")), new("algorithm", row.Text("alg"))]);
        }
    }

    static void Examples(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var text = row.Text("example");
            var meant = text.StartsWith("HGX-H100-validated:", StringComparison.Ordinal) ? "all_reduce 8npus 1MB, HGX-H100-validated.yml, HGX-H100-validated.json"
                : text.StartsWith("tests/rt_template", StringComparison.Ordinal) ? "all_reduce 8npus 1MB, Ring_8npus.yml, Ring_slow_memory.json" : text;
            if (Example().Match(meant) is not { Success: true } match)
            {
                run.Skip(row, "the example names no collective, network and system");
                continue;
            }
            var (yaml, json) = (match.Groups["net"].Value, match.Groups["sys"].Value);
            var network = File(table, "net", yaml) is { } there ? AstraSimNetwork.ReadFile(there) : Shipped(yaml);
            var system = File(table, "sys", json) is { } beside ? AstraSimSystem.ReadFile(beside) : ShippedSystem(json);
            if (network is null || system is null)
            {
                run.Skip(row, $"there is no {(network is null ? $"net/{yaml}" : $"sys/{json}")}");
                continue;
            }
            var collective = Collective(row, "example", match.Groups["coll"].Value);
            var ranks = int.Parse(match.Groups["n"].Value, NumberStyles.None, CultureInfo.InvariantCulture);
            var size = ulong.Parse(match.Groups["size"].Value, NumberStyles.None, CultureInfo.InvariantCulture) << 20;
            Add(table, row, run, text, Alone(collective, size, ranks), system, network, [new("example", match.Groups["coll"].Value)]);
        }
    }

    static TraceNetwork? Shipped(string name) => name switch
    {
        "Ring_4npus.yml" => new([new(TraceBlock.Ring, 4, 50, 500)]),
        "Ring_8npus.yml" => new([new(TraceBlock.Ring, 8, 50, 500)]),
        "Ring_16npus.yml" => new([new(TraceBlock.Ring, 16, 50, 500)]),
        "HGX-H100-validated.yml" => new([new(TraceBlock.Switch, 8, 400, 936.25)]),
        _ => null,
    };

    static TraceSystem? ShippedSystem(string name) => name switch
    {
        "Ring_4chunks.json" => Rings(1600, 1),
        "Ring_slow_memory.json" => Rings(50, 1),
        "HGX-H100-validated.json" => Rings(3350, 2),
        _ => null,
    };

    static TraceSystem Rings(double memory, int active) => new()
    {
        Splits = 4,
        ActiveChunks = active,
        MemoryBandwidth = memory,
        ReducesByDimension = true,
        Algorithms = Collectives.Values.ToDictionary(c => c, _ => (IReadOnlyList<TraceAlgorithm>)[new TraceAlgorithm(TraceMethod.Ring)]),
    };

    static void Add(CsvTable table, CsvRow row, ValidationRun run, string id, ITraceSource trace, TraceSystem system, TraceNetwork network, ValidationTag[] tags)
    {
        var backend = row.Text("backend");
        var sharing = backend switch
        {
            "aware" => TraceSharing.Aware,
            "unaware" => TraceSharing.Unaware,
            _ => throw row.Wrong("backend", $"expected aware or unaware, found '{backend}'"),
        };
        TraceRun played;
        try
        {
            played = TraceSimulation.Run(trace, system, network, sharing);
        }
        catch (InputException e) when (e.Mark is null)
        {
            run.Skip(row, e.Problem);
            return;
        }
        run.Add(new()
        {
            File = table.Name,
            Row = row.Number,
            Id = id,
            Quantity = "cycles",
            Published = row.Real("cycles_max", 1, 1e18),
            Predicted = played.Time.Picoseconds / 1000,
            Unit = "ns",
            Tolerance = 0,
            Tags = [new("backend", backend), .. tags],
        });
    }

    static TraceCollective Collective(CsvRow row, string column, string name) => Collectives.TryGetValue(name, out var collective) ? collective
        : throw row.Wrong(column, $"expected one of {string.Join(", ", Collectives.Keys)}, found '{name}'{Nearest.Hint(name, [.. Collectives.Keys])}");

    // One collective among all, alike on every rank.
    static TraceList Alone(TraceCollective collective, ulong bytes, int ranks)
    {
        TraceNode[] nodes = [new() { Id = 1, Kind = TraceNodeKind.Collective, Collective = collective, Bytes = bytes }];
        return new([.. Enumerable.Repeat(nodes, ranks)]);
    }

    static TraceNetwork Network(CsvRow row)
    {
        var blocks = row.Text("topo").Split('_');
        double[] Numbers(string column)
        {
            var parts = row.Text(column).Split('_', 'x');
            if (parts.Length != blocks.Length && parts.Length != 1) throw row.Wrong(column, $"expected {blocks.Length} numbers, one for each dimension of '{row.Text("topo")}'");
            return [.. Enumerable.Range(0, blocks.Length).Select(d => double.TryParse(parts[parts.Length == 1 ? 0 : d], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
                : throw row.Wrong(column, $"expected numbers joined by '_', found '{row.Text(column)}'"))];
        }
        var (ranks, bandwidths, latencies) = (Numbers("npus"), Numbers("bw"), Numbers("lat"));
        try
        {
            return new([.. blocks.Select((b, d) => new TraceDimension(
                Enum.GetNames<TraceBlock>().Contains(b, StringComparer.Ordinal) ? Enum.Parse<TraceBlock>(b) : throw row.Wrong("topo", $"there is no topology '{b}'{Nearest.Hint(b, Enum.GetNames<TraceBlock>())}"),
                (int)ranks[d], bandwidths[d], latencies[d]))]);
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw row.Wrong(e.Problem);
        }
    }

    static TraceSystem System(CsvRow row, TraceNetwork network)
    {
        if (SystemName().Match(row.Text("sys")) is not { Success: true } match)
            throw row.Wrong("sys", "there is no such file, and its name isn't ALG-a2a_ALG-sSPLITS-aACTIVE-eENDPOINT-mMEMORY-OPTIMIZATION.json");
        IReadOnlyList<TraceAlgorithm> Algorithms(string text)
        {
            var parts = text.Split('_');
            if (parts.Length > network.Dimensions.Count) throw row.Wrong("sys", $"it has {parts.Length} algorithms, and the network {network.Dimensions.Count} dimensions");
            var count = parts.Length == 1 && !parts[0].StartsWith("one", StringComparison.Ordinal) ? network.Dimensions.Count : parts.Length;
            return [.. Enumerable.Range(0, count).Select(d => AstraSimSystem.Algorithm(parts[parts.Length == 1 ? 0 : d]) ?? throw row.Wrong("sys", $"there is no algorithm '{parts[d]}'"))];
        }
        int Whole(string name) => int.TryParse(match.Groups[name].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw row.Wrong("sys", "a number in its name is too large");
        var (all, exchange) = (Algorithms(match.Groups["alg"].Value), Algorithms(match.Groups["a2a"].Value));
        return new()
        {
            Splits = Whole("s"),
            ActiveChunks = Whole("a"),
            EndpointNanoseconds = Whole("e"),
            MemoryBandwidth = Whole("m"),
            ReducesByDimension = match.Groups["opt"].Value == "localBWAware",
            Algorithms = Collectives.Values.ToDictionary(c => c, c => c == TraceCollective.AllToAll ? exchange : all),
        };
    }

    static string? File(CsvTable table, string folder, string name) => Beside(table).Select(b => Path.Combine(b, folder, name)).FirstOrDefault(global::System.IO.File.Exists);

    static string? Folder(CsvTable table, string name) => Beside(table).Select(b => Path.Combine(b, "et", name)).FirstOrDefault(Directory.Exists);

    static string[] Beside(CsvTable table)
    {
        var own = Path.GetDirectoryName(table.File) ?? "";
        return [own, Path.Combine(own, "astra_sim")];
    }

    [GeneratedRegex(@"^(?<alg>\w+)-a2a_(?<a2a>\w+)-s(?<s>\d+)-a(?<a>\d+)-e(?<e>\d+)-m(?<m>\d+)-(?<opt>baseline|localBWAware)\.json$")]
    private static partial Regex SystemName();

    [GeneratedRegex(@"^(?<coll>\w+) (?<n>\d{1,6})npus (?<size>\d{1,6})MB, (?<net>[\w.-]+\.yml), (?<sys>[\w.-]+\.json)$")]
    private static partial Regex Example();
}
