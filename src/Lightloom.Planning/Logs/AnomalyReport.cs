using System.Globalization;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>What stands out locally, in words, with what would mend it.</summary>
sealed class AnomalyReport(LogComparison comparison, NcclTuner? tuner)
{
    // A launch that is longer by this much than the model's is worth a word.
    const double LeastFloor = 5e-6;

    // A plateau rises by a quarter at most: what measurements of one time scatter by.
    const double Level = 1.25;

    static readonly string[] Repeat = ["run it again; with -I 1 the slow iterations show", "look for other jobs, link flaps and clock changes at that time"];

    public IEnumerable<Diagnosis> Of(IReadOnlyList<LocalAnomalies> first, IReadOnlyList<LocalAnomalies> local)
    {
        if (comparison.Floor.Seconds >= LeastFloor && Small() is { Count: > 2 } small) yield return Launcher(small);
        else if (comparison.LaunchRound > Duration.Zero && Plateau() is { Count: > 2 } plateau) yield return Round(plateau);
        for (var k = 0; k < comparison.Runs.Count; k++)
        {
            var compared = comparison.Runs[k];
            foreach (var (from, to) in first[k].Windows) yield return Window(compared, from, to);
            if (first[k].Outliers.Count > 0) yield return Outliers(compared, first[k].Outliers);
            foreach (var (before, last) in local[k].Cliffs) yield return Cliff(compared, before, last);
        }
    }

    List<ComparedRow> Small() => [.. comparison.Runs.SelectMany(r => r.Rows).Where(r => r.Row.Size.Bytes <= 64 << 10 && r.Mark != "outlier")];

    // Rows that take hardly more than the quickest, and that the network alone would have done sooner by more than launches differ.
    List<ComparedRow> Plateau() => [.. comparison.Runs.SelectMany(r => r.Rows).Where(r => r.Mark != "outlier" && r.Row.Time.Seconds < Level * comparison.LaunchRound.Seconds
        && r.Expected.Total.Seconds + LeastFloor < comparison.LaunchRound.Seconds)];

    Diagnosis Round(List<ComparedRow> rows) => new()
    {
        Key = "launcher",
        What = $"no call takes less than about {LogComparison.Time(comparison.LaunchRound)}, whatever its size: " +
            (comparison.Change == NetworkChange.None ? "the hosts launch no faster, and the network has no part in it" : "how the test was launched, or what the path above takes for the first byte"),
        Confidence = Confidence.Note,
        Evidence =
        [
            $"{rows.Count} rows of {LogComparison.Bytes(rows[0].Row.Size)} to {LogComparison.Bytes(rows[^1].Row.Size)} take {LogComparison.Time(rows.Min(r => r.Row.Time))} to {LogComparison.Time(rows.Max(r => r.Row.Time))}; the network would take {LogComparison.Time(rows.Min(r => r.Expected.Device))} to {LogComparison.Time(rows.Max(r => r.Expected.Device))}",
            .. Driven(),
        ],
        Try = ["one process per GPU instead of -g 8; CUDA graphs (-G); bind processes to the socket of their GPU"],
        Cost = "nothing where collectives hide behind computation; else that time per call",
    };

    IEnumerable<string> Driven() => comparison.Log.Runs.Where(r => r.PerProcess > 1).Take(1)
        .Select(r => $"one process drives {r.PerProcess} accelerators, and launches on them in turn");

    Diagnosis Launcher(List<ComparedRow> small) => new()
    {
        Key = "launcher",
        What = $"every call takes about {LogComparison.Time(comparison.Floor)} longer than the model's launch: " +
            (comparison.Change == NetworkChange.None ? "a matter of how the test was launched, not of the network" : "how the test was launched, or what the path above adds to each message"),
        Confidence = Confidence.Note,
        Evidence =
        [
            string.Create(CultureInfo.InvariantCulture, $"{small.Count} rows of at most 64 KiB are {LogComparison.Time(LeastExcess(small))} to {LogComparison.Time(MostExcess(small))} above their expectation"),
            .. Driven(),
        ],
        Try = ["one process per GPU instead of -g 8; CUDA graphs (-G); bind processes to the socket of their GPU"],
        Cost = "nothing where collectives hide behind computation; else that time per call",
    };

    static Duration LeastExcess(List<ComparedRow> rows) => Duration.FromSeconds(rows.Min(r => r.Row.Time.Seconds - r.Expected.Total.Seconds));

    static Duration MostExcess(List<ComparedRow> rows) => Duration.FromSeconds(rows.Max(r => r.Row.Time.Seconds - r.Expected.Total.Seconds));

    static Diagnosis Window(ComparedRun compared, int from, int to)
    {
        var rows = compared.Rows.Skip(from).Take(to - from + 1).ToList();
        var worst = rows.MaxBy(r => r.Ratio)!;
        return new()
        {
            Key = "noisy-window",
            What = $"{compared.Run.Name}: {rows.Count} sizes from {LogComparison.Bytes(rows[0].Row.Size)} to {LogComparison.Bytes(rows[^1].Row.Size)} are many times slow while smaller and larger ones are not: something else was going on during the run",
            Confidence = Confidence.VeryLikely,
            Evidence = [string.Create(CultureInfo.InvariantCulture, $"lines {rows[0].Row.Line:N0} to {rows[^1].Row.Line:N0}: {LogComparison.Median(rows.Select(r => r.Ratio)):0.0} times the expected time in the median, {worst.Ratio:0.0} times at {LogComparison.Bytes(worst.Row.Size)}")],
            Try = Repeat,
            Cost = "unknown until it is measured again; these rows are left out of every other judgement",
        };
    }

    static Diagnosis Outliers(ComparedRun compared, IReadOnlyList<int> rows) => new()
    {
        Key = "outlier",
        What = $"{compared.Run.Name}: {(rows.Count == 1 ? "one row stands" : $"{rows.Count} rows stand")} out from the neighbours by a single slow measurement",
        Confidence = Confidence.Note,
        Evidence =
        [
            .. rows.Take(5).Select(i => compared.Rows[i]).Select(r =>
                $"line {r.Row.Line:N0}: {LogComparison.Bytes(r.Row.Size)} took {LogComparison.Time(r.Row.Time)}{(r.Row is { OutOfPlace: not null, InPlace: { } other } ? $", in place {LogComparison.Time(other)}" : "")}"),
        ],
        Try = Repeat,
        Cost = "nothing unless it comes back",
    };

    Diagnosis Cliff(ComparedRun compared, int before, int last)
    {
        var run = compared.Run;
        var (top, fallen, end) = (compared.Rows[before], compared.Rows[before + 1], compared.Rows[last]);
        double Bandwidth(ComparedRow row) => run.Bus(row.Row.Size, row.Row.Time).GigabytesPerSecond;
        var worst = compared.Rows.Skip(before + 1).Take(last - before).MinBy(Bandwidth)!;
        var lost = worst.Row.Time.Seconds * Bandwidth(worst) / Bandwidth(top);
        var (was, now) = (Choice(run, top.Row.Size), Choice(run, fallen.Row.Size));
        var switched = was is not null && now is not null && (was.Value.Algorithm, was.Value.Protocol) != (now.Value.Algorithm, now.Value.Protocol);
        var evidence = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"lines {top.Row.Line:N0} and {fallen.Row.Line:N0}: {Bandwidth(top):0.0} GB/s at {LogComparison.Bytes(top.Row.Size)}, {Bandwidth(fallen):0.0} GB/s at {LogComparison.Bytes(fallen.Row.Size)}; expected {run.Bus(fallen.Row.Size, fallen.Expected.Total).GigabytesPerSecond:0.0} GB/s"),
        };
        if (switched) evidence.Add($"{now!.Value.By} {was!.Value.Name} before and {now.Value.Name} after");
        var function = FunctionOf(run);
        var tuning = switched && function is not null
            ? (IReadOnlyList<NcclSizeRange>)[new((long)top.Row.Size.Bytes + 1, (long)end.Row.Size.Bytes, was!.Value.Algorithm, was.Value.Protocol)]
            : [];
        return new()
        {
            Key = "algorithm-cliff",
            What = $"{run.Name}: bandwidth falls from {LogComparison.Bytes(top.Row.Size)} to {LogComparison.Bytes(fallen.Row.Size)} and stays low to {LogComparison.Bytes(end.Row.Size)}{(switched ? ", where the algorithm changes" : "")}",
            Confidence = Bandwidth(fallen) < 0.8 * Bandwidth(top) ? switched ? Confidence.VeryLikely : Confidence.Likely : Confidence.Possible,
            Evidence = evidence,
            Try = switched
                ? [$"keep {was!.Value.Name} up to {LogComparison.Bytes(end.Row.Size)}: --tuner-csv writes NCCL's tuner configuration", "or compare with NCCL_ALGO and NCCL_PROTO set by hand"]
                : ["compare NCCL_ALGO and NCCL_PROTO set by hand around that size", "buffers: NCCL_BUFFSIZE, registration and huge pages"],
            Cost = string.Create(CultureInfo.InvariantCulture, $"{LogComparison.Bytes(worst.Row.Size)} takes {LogComparison.Time(worst.Row.Time)} and would take {LogComparison.Time(Duration.FromSeconds(lost))} at the bandwidth before: {worst.Row.Time.Seconds / lost:0.00} times"),
            Tuning = tuning,
            Function = function,
        };
    }

    (NcclAlgorithm Algorithm, NcclProtocol Protocol, string By, string Name)? Choice(MeasuredRun run, DataSize size)
    {
        var said = comparison.Log.Facts.Choices.Where(c => c.Kind == run.Kind && c.Size.Bytes == size.Bytes).LastOrDefault();
        if (said is not null) return (said.Algorithm, said.Protocol, said.Line > 0 ? "the log says" : "NCCL's own table in the log says", $"{NcclTuner.Name(said.Algorithm)}/{NcclTuner.Name(said.Protocol)}");
        if (tuner is null || FunctionOf(run) is not { } function || size.Bytes is < 1 or > NcclTuner.LargestSize) return null;
        var chosen = tuner.Choose(function, (long)size.Bytes);
        return (chosen.Algorithm, chosen.Protocol, "NCCL's cost model says", chosen.Name);
    }

    static NcclFunction? FunctionOf(MeasuredRun run) => run.Kind switch
    {
        CollectiveKind.AllReduce => NcclFunction.AllReduce,
        CollectiveKind.AllGather => NcclFunction.AllGather,
        CollectiveKind.ReduceScatter => NcclFunction.ReduceScatter,
        CollectiveKind.Broadcast => NcclFunction.Broadcast,
        CollectiveKind.Reduce => NcclFunction.Reduce,
        _ => null,
    };
}
