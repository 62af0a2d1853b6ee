// What nccl-tests and rccl-tests write with -J:
//
//   { "version": 4, "args": [".../all_reduce_perf", ...], "config": { ..., "devices": [ { "rank": 0, ... } ] },
//     "results": [ { "size", "count", "type", "redop", "root", "out_of_place": { "time" | "cpu_time", "alg_bw", "bus_bw", "nwrong" },
//                    "out_of_place_per_iter": { "min_us", "max_us", "p99_us", "cv_pct", "times_us": [...] }, "in_place": ... } ],
//     "out_of_bounds": {...}, "average_bus_bandwidth": {...} }
//
// A run that was cut short leaves an unfinished document, which is an error with its line; a row without a time is counted with its
// reason. Figures have all their digits here, so that ranks follow from the factor exactly.
// Source: nccl-tests 2.18, writeBenchmarkLinePreamble and its neighbours.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>Reads what nccl-tests writes as JSON.</summary>
public static class NcclTestJson
{
    /// <summary>Whether a text looks like such a document rather than a log.</summary>
    public static bool Looks(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().TrimStart("\uFEFF \t\r\n").StartsWith("{", StringComparison.Ordinal);
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="operation">What was measured, where the document doesn't say.</param>
    /// <exception cref="InputException">It is no such document, or has no row that can be used.</exception>
    public static NcclTestLog Read(string text, string file, NcclTestOperation? operation = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > NcclTestReader.MostCharacters) throw new InputException($"{file}: longer than {NcclTestReader.MostCharacters >> 20} Mi characters; expected the results of one test");
        var document = JsonFields.Of(JsonText.Read(text, file), "results of nccl-tests");
        if (!document.Has("results")) throw document.Wrong("expected 'results', as nccl-tests writes them with -J");
        operation = Program(document) ?? operation;
        var config = document.Object("config");
        var devices = config?.Objects("devices").Count ?? 0;
        int? perProcess = config?.Number("nthreads", 1, 10_000) is { } threads && config.Number("ngpus", 1, 10_000) is { } gpus ? (int)threads * (int)gpus : null;
        var rows = new List<NcclTestRow>();
        var skipped = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var result in document.Objects("results"))
        {
            if (Row(result, operation, out var row) is not { } reason) rows.Add(row!);
            else if (skipped.TryGetValue(reason, out var lines)) lines.Add(result.Mark.Line);
            else skipped[reason] = [result.Mark.Line];
        }
        var skips = skipped.Select(s => new NcclTestSkip(s.Key, s.Value)).ToList();
        if (rows.Count > 0) return new([new(rows[0].Line, operation, devices, rows) { PerProcess = perProcess }], skips);
        throw new InputException(skips.Count == 0 ? $"{file}: no results; the test ended before its first size"
            : $"{file}: none of {skips.Sum(s => s.Lines.Count):N0} results can be used; {string.Join("; ", skips.Select(s => $"{s.Reason} (line {s.Lines[0]})"))}");
    }

    static NcclTestOperation? Program(JsonFields document)
    {
        if (document.Find("args") is not SequenceNode { Items: [ScalarNode program, ..] }) return null;
        return NcclTestOperation.Find(program.Text[(program.Text.LastIndexOf('/') + 1)..]);
    }

    // null when the row can be used, else why not.
    static string? Row(JsonFields result, NcclTestOperation? operation, out NcclTestRow? row)
    {
        row = null;
        var size = result.Required("size", 0, 1e18);
        var count = result.Required("count", 0, 1e18);
        var type = result.RequiredText("type");
        if (size != Math.Floor(size) || count != Math.Floor(count)) throw result.Wrong("size and count are whole numbers");
        if (NcclTestReader.BytesOf(type) is not { } width) return $"unknown type '{(type.Length > 20 ? type[..20] : type)}'";
        if (NcclTestReader.Impossible((long)size, (long)count, width) is { } impossible) return impossible;
        if (Timing(result.Object("out_of_place"), (long)size, operation, out var outOfPlace) is { } wrong) return wrong;
        if (Timing(result.Object("in_place"), (long)size, operation, out var inPlace) is { } problem) return problem;
        if (outOfPlace is null && inPlace is null) return "no time was measured";
        row = new(result.Mark.Line, DataSize.FromBytes(size), (long)count, type, outOfPlace, inPlace);
        return null;
    }

    static string? Timing(JsonFields? fields, long size, NcclTestOperation? operation, out NcclTestTiming? timing)
    {
        timing = null;
        if (fields is null) return null;
        var time = fields.Number("time", 0, 1e15) ?? fields.Number("cpu_time", 0, 1e15);
        if (time is not { } microseconds) return null;
        var (algorithm, bus) = (fields.Required("alg_bw", 0, 1e12), fields.Required("bus_bw", 0, 1e12));
        if (NcclTestReader.Contradiction(size, microseconds, algorithm, bus, operation) is { } reason) return reason;
        timing = new(Duration.FromMicroseconds(microseconds), Bandwidth.FromGigabytesPerSecond(algorithm), Bandwidth.FromGigabytesPerSecond(bus),
            fields.Number("nwrong", 0, 9e18) is { } wrong ? (long)wrong : null);
        return null;
    }
}
