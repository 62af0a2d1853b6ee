// From logs of nccl-tests and lines of NCCL_DEBUG to measurements that the planner compares with its model. Nothing is guessed: a run
// whose operation or number of ranks can't be told is an error that names the option that tells it.
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>Makes measurements of logs.</summary>
public static class NcclMeasurements
{
    // From here on NVLS is taken wherever it is to be had.
    const long LargeMessage = 256L << 20;

    const int RingPattern = 4;

    static readonly Dictionary<string, CollectiveKind> Kinds = new(StringComparer.Ordinal)
    {
        ["all_reduce"] = CollectiveKind.AllReduce,
        ["all_gather"] = CollectiveKind.AllGather,
        ["reduce_scatter"] = CollectiveKind.ReduceScatter,
        ["alltoall"] = CollectiveKind.AllToAll,
        ["broadcast"] = CollectiveKind.Broadcast,
        ["reduce"] = CollectiveKind.Reduce,
        ["sendrecv"] = CollectiveKind.SendReceive,
    };

    /// <summary>Reads a file: text or JSON of nccl-tests, with lines of NCCL_DEBUG among it or not.</summary>
    /// <param name="text">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="claimedRanks">Ranks that the user says the run had, or null.</param>
    /// <param name="operation">What was measured, where the file doesn't say.</param>
    /// <param name="debug">Lines of NCCL_DEBUG from another file, or null.</param>
    /// <exception cref="InputException">No run can be used, or the log leaves open what was measured by how many.</exception>
    public static MeasuredLog Read(string text, string file, int? claimedRanks = null, NcclTestOperation? operation = null, NcclDebugLog? debug = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (NcclTestJson.Looks(text)) return Of(NcclTestJson.Read(text, file, operation), debug, file, claimedRanks);
        var log = NcclTestReader.Read(text, file, operation);
        return Of(log, debug ?? NcclDebugReader.Read(text, file), file, claimedRanks);
    }

    /// <summary>Makes measurements of what was read.</summary>
    /// <exception cref="InputException">No run can be used, or the log leaves open what was measured by how many.</exception>
    public static MeasuredLog Of(NcclTestLog log, NcclDebugLog? debug, string file, int? claimedRanks = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(file);
        var notes = log.Skipped.Select(s => $"{s.Lines.Count:N0} {(s.Lines.Count == 1 ? "row" : "rows")} left out: {s.Reason} (line {s.Lines[0]:N0})").ToList();
        if (debug is not null)
            notes.AddRange(debug.Skipped.Select(s => $"{s.Lines.Count:N0} {(s.Lines.Count == 1 ? "line" : "lines")} of the library left out: {s.Reason} (line {s.Lines[0]:N0})"));
        var runs = new List<MeasuredRun>();
        var contradictions = new List<RankContradiction>();
        foreach (var run in log.Runs)
        {
            if (run.Operation is not { } operation)
                throw new InputException($"{file}: the log doesn't say what was measured from line {run.Line:N0}; name it with --operation, such as all_reduce");
            if (!Kinds.TryGetValue(operation.Name, out var kind))
            {
                notes.Add($"the run of {operation.Name} at line {run.Line:N0} is left out: no published run holds what the model says of it");
                continue;
            }
            var ranks = RanksOf(run, debug, file, claimedRanks, contradictions);
            if (ranks < 2)
            {
                notes.Add($"the run of {operation.Name} at line {run.Line:N0} is left out: one rank sends nothing");
                continue;
            }
            runs.Add(new(run.Line, operation.Name, kind, ranks, operation.FactorOf(ranks), Rows(run, notes)) { PerProcess = run.PerProcess });
        }
        if (debug?.Communicators is [var told] && runs.Exists(r => r.Ranks != told.Ranks))
            notes.Add($"the library speaks of {told.Ranks:N0} ranks (line {told.Line:N0}), the rows of {string.Join(" and ", runs.Select(r => r.Ranks).Distinct().Order().Select(r => $"{r:N0}"))}");
        if (runs.Count == 0) throw new InputException($"{file}: no run can be compared; {string.Join("; ", notes)}");
        return new(file, runs, Facts(debug, runs), notes) { RankContradictions = contradictions };
    }

    // The log's own word goes before the user's; where it leaves several counts, the user's decides among them.
    static int RanksOf(NcclTestRun run, NcclDebugLog? debug, string file, int? claimed, List<RankContradiction> contradictions)
    {
        if (run.Contradictions() is [var contradiction, ..])
            throw new InputException($"{file}: the rows from line {run.Line:N0} are of different runs or were edited: {contradiction}");
        if (run.AgreedRanks() is { } agreed)
        {
            if (claimed is { } said && said != agreed)
                contradictions.Add(new(run.Line, said, agreed, string.Join("; ", run.Ranks())));
            return agreed;
        }
        var evidence = run.Ranks();
        bool Fits(int ranks) => evidence.All(e => ranks >= e.Low && ranks <= e.High);
        if (claimed is { } described && Fits(described)) return described;
        if (debug?.Communicators is [var only] && Fits(only.Ranks)) return only.Ranks;
        if (claimed is { } wrong)
            throw new InputException($"{file}: the run at line {run.Line:N0} can't be of {wrong:N0} ranks: {string.Join("; ", run.Contradictions(wrong))}");
        throw new InputException($"{file}: the run at line {run.Line:N0} doesn't tell its ranks{(evidence.Count == 0 ? "" : $" ({string.Join("; ", evidence)})")}; say how many nodes and GPUs it had");
    }

    static List<MeasuredRow> Rows(NcclTestRun run, List<string> notes)
    {
        var rows = new SortedDictionary<double, MeasuredRow>();
        var repeated = 0;
        foreach (var row in run.Rows)
        {
            var made = new MeasuredRow(row.Line, row.Size, row.OutOfPlace?.Time, row.InPlace?.Time);
            if (!rows.TryAdd(row.Size.Bytes, made))
            {
                repeated++;
                if (made.Time < rows[row.Size.Bytes].Time) rows[row.Size.Bytes] = made;
            }
        }
        if (repeated > 0) notes.Add($"{repeated:N0} rows of the run at line {run.Line:N0} repeat a size; the fastest of each stands for it");
        return [.. rows.Values];
    }

    static LogFacts Facts(NcclDebugLog? debug, List<MeasuredRun> runs)
    {
        if (debug is null || debug.Lines == 0) return LogFacts.None;
        var network = debug.Connections.Network;
        var evidence = debug.Evidence.ToDictionary(e => e.Key, e => new LogEvidence(e.Value.Line, e.Value.Text), StringComparer.Ordinal);
        var reduces = SwitchReduction(debug, evidence);
        return new()
        {
            Version = debug.Version,
            Hosts = debug.Communicators.Select(c => c.Nodes).Max(),
            Ranks = debug.Communicators.Select(c => (int?)c.Ranks).Max(),
            NetworkConnections = network.Values.Sum(),
            SocketConnections = network.GetValueOrDefault("Socket"),
            DirectConnections = debug.Connections.GpuDirect,
            RelayedConnections = debug.Connections.Relayed,
            LocalConnections = debug.Connections.Peer + debug.Connections.SharedMemory,
            SharedMemoryConnections = debug.Connections.SharedMemory,
            Cards = debug.Cards,
            SwitchReduction = reduces,
            RingBandwidth = Rings(debug, evidence),
            Network = debug.Network,
            Environment = debug.Environment,
            Choices =
            [
                .. debug.Calls.Where(c => c.Algorithm is not null && FunctionKind(c.Function) is not null)
                    .Select(c => new ChosenAlgorithm(c.Line, FunctionKind(c.Function)!.Value, DataSize.FromBytes(c.Bytes), c.Algorithm!.Value, c.Protocol!.Value)),
                .. ByTable(debug, runs),
            ],
            Evidence = evidence,
        };
    }

    static Bandwidth? Rings(NcclDebugLog debug, Dictionary<string, LogEvidence> evidence)
    {
        if (debug.Communicators is not [{ Nodes: 1 }] || debug.Patterns.FirstOrDefault(p => p.Pattern == RingPattern) is not { Channels: > 0 } ring) return null;
        evidence["rings"] = new(ring.Line, $"{ring.Channels} channels of {ring.Intra.GigabytesPerSecond} GB/s for rings, by {ring.IntraPath}");
        return ring.Intra * ring.Channels;
    }

    // What was taken counts more than what is there: NVLS may be available and yet kept out by a variable.
    static bool? SwitchReduction(NcclDebugLog debug, Dictionary<string, LogEvidence> evidence)
    {
        var large = debug.Calls.Where(c => c.Function == "AllReduce" && c.Bytes >= LargeMessage && c.Algorithm is not null).ToList();
        if (large.Count > 0)
        {
            var used = large.Find(c => c.Algorithm is NcclAlgorithm.Nvls or NcclAlgorithm.NvlsTree);
            var telling = used ?? large[^1];
            evidence["switch-reduction"] = new(telling.Line, $"AllReduce of {telling.Bytes:N0} B by {NcclTuner.Name(telling.Algorithm!.Value)}");
            return used is not null;
        }
        return debug.NvlsAvailable == false ? false : null;
    }

    // Sizes of which no call was printed, by the library's own table.
    static IEnumerable<ChosenAlgorithm> ByTable(NcclDebugLog debug, List<MeasuredRun> runs)
    {
        if (debug.Tuning.Count == 0) yield break;
        var said = debug.Calls.Select(c => (c.Function, c.Bytes)).ToHashSet();
        foreach (var run in runs)
        {
            if (Functions.FirstOrDefault(f => FunctionKind(f) == run.Kind) is not { } function) continue;
            foreach (var row in run.Rows)
            {
                var bytes = (long)row.Size.Bytes;
                if (!said.Contains((function, bytes)) && debug.Cheapest(function, bytes) is { } cell) yield return new(0, run.Kind, row.Size, cell.Algorithm, cell.Protocol);
            }
        }
    }

    static readonly string[] Functions = ["AllReduce", "AllGather", "ReduceScatter", "Broadcast", "Reduce"];

    static CollectiveKind? FunctionKind(string function) => function switch
    {
        "AllReduce" => CollectiveKind.AllReduce,
        "AllGather" => CollectiveKind.AllGather,
        "ReduceScatter" => CollectiveKind.ReduceScatter,
        "Broadcast" => CollectiveKind.Broadcast,
        "Reduce" => CollectiveKind.Reduce,
        _ => null,
    };
}
