using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>A log beside its expectation, for people.</summary>
static class CollectiveCompareReport
{
    const int MostRows = 100;

    public static void Write(TextWriter output, LogComparison comparison, ClusterRefit? refit, StepCost? cost, IReadOnlyList<string> notes)
    {
        var report = new TextReport(output);
        var cluster = comparison.Cluster;
        report.Title($"{comparison.Log.Name} beside {cluster.Name}");
        var (inside, all) = comparison.Counts;
        report.Say($"{cluster.Group.Ranks:N0} ranks, {Number(cluster.RanksPerDomain)} per domain; {string.Join("; ", cluster.Levels.Select(l => $"{l.Name} {Number(l.Bandwidth.GigabytesPerSecond)} GB/s per rank{(l.InNetworkReduction ? ", reducing" : "")}"))}. " +
            $"{inside:N0} of {all:N0} rows lie where nine in ten published ones do.");
        foreach (var run in comparison.Runs) Rows(report, run);
        Diagnoses(report, comparison);
        Unseen(report, comparison);
        if (cost is not null) Cost(report, cost);
        if (refit is not null) Refit(report, refit);
        if (notes.Count == 0) return;
        report.Heading("What was left out or assumed");
        foreach (var note in notes) report.Say($"- {note}", 2);
    }

    static void Rows(TextReport report, ComparedRun compared)
    {
        var run = compared.Run;
        report.Heading($"{run.Name}, line {run.Line:N0}");
        // Two decimals, as the test prints them.
        string Bus(DataSize size, Duration time) => run.Bus(size, time).GigabytesPerSecond.ToString("0.00", CultureInfo.InvariantCulture);
        report.Say("Time in us, bus bandwidth in GB/s; usual is where nine in ten published points lie, bound what no algorithm beats.");
        report.Table([">size", ">time", ">expected", ">ratio", ">busbw", ">expected", ">usual", ">of bound", "by", ""], compared.Rows.Take(MostRows).Select(row => (IReadOnlyList<string>)
        [
            LogComparison.Bytes(row.Row.Size), Number(row.Row.Time.Microseconds), Number(row.Expected.Total.Microseconds), row.Ratio.ToString("0.00", CultureInfo.InvariantCulture),
            Bus(row.Row.Size, row.Row.Time), Bus(row.Row.Size, row.Expected.Total), $"{Bus(row.Row.Size, row.High)} to {Bus(row.Row.Size, row.Low)}",
            $"{100 * (row.Bound / row.Row.Time):0} %", row.Expected.Algorithm?.Name ?? "", row.Mark,
        ]));
        if (compared.Rows.Count > MostRows) report.Say($"... and {compared.Rows.Count - MostRows:N0} more rows, in --json");
    }

    static void Diagnoses(TextReport report, LogComparison comparison)
    {
        report.Heading("What stands behind it");
        if (comparison.Diagnoses.Count == 0) report.Say("Nothing stands out: the log is what such a cluster is expected to print.");
        foreach (var diagnosis in comparison.Diagnoses)
        {
            report.Say($"{Sure(diagnosis)}: {diagnosis.What}.");
            foreach (var evidence in diagnosis.Evidence) report.Say($"- seen: {evidence}", 2);
            report.Say($"- costs: {diagnosis.Cost}", 2);
            foreach (var step in diagnosis.Try) report.Say($"- try: {step}", 2);
            foreach (var range in diagnosis.Tuning)
                report.Say($"- tuner: {Collectives.NcclTuner.Name(range.Algorithm)}/{Collectives.NcclTuner.Name(range.Protocol)} from {range.From:N0} to {range.To:N0} B", 2);
            foreach (var other in diagnosis.Alternatives) report.Say($"- or, {Percent(other.Probability)}: {other.What}", 2);
        }
    }

    static void Unseen(TextReport report, LogComparison comparison)
    {
        if (comparison.Unseen.Count == 0) return;
        report.Say("These rows could not have shown, since healthy clusters differ by more (lines of NCCL_DEBUG=INFO would):");
        foreach (var unseen in comparison.Unseen)
        {
            var most = unseen.MostRatio < 1.005 ? "no row would take longer" : $"rows would take up to {unseen.MostRatio.ToString("0.00", CultureInfo.InvariantCulture)} times as long";
            report.Say($"- {unseen.What}: {most}", 2);
        }
    }

    static string Sure(Diagnosis diagnosis)
    {
        var word = DocumentShape.NameOf(diagnosis.Confidence).Replace('-', ' ');
        word = $"{char.ToUpperInvariant(word[0])}{word[1..]}";
        return diagnosis is { FaultProbability: { } fault, Probability: { } cause } && diagnosis.Confidence != Confidence.Certain
            ? $"{word} ({Percent(fault)} that something is wrong, {Percent(cause)} that it is this)"
            : word;
    }

    static void Cost(TextReport report, StepCost cost)
    {
        report.Heading("What it costs the training step");
        report.Table(["network", ">step", ">tokens/s", ">USD per million tokens", ">step longer by"],
            cost.Causes.Select(c => c with { Name = $"with {c.Name}" }).Prepend(cost.Predicted).Concat(cost.Measured is { } measured ? [measured] : []).Select(v => (IReadOnlyList<string>)
            [
                v.Name, v.Step.ToString("G4"), v.TokensPerSecond.ToString("N0", CultureInfo.InvariantCulture), v.MillionTokens is { } dollars ? Number(dollars) : "none",
                $"{100 * (v.Step / cost.Predicted.Step - 1):0.0} %",
            ]));
        if (cost.Measured is not { } with) return;
        var lost = cost.Predicted.TokensPerSecond - with.TokensPerSecond;
        report.Say(lost >= 0
            ? $"As measured the job trains {lost:N0} tokens/s less ({100 * lost / cost.Predicted.TokensPerSecond:0.0} %)."
            : $"As measured the job trains {-lost:N0} tokens/s more ({-100 * lost / cost.Predicted.TokensPerSecond:0.0} %).");
    }

    static void Refit(TextReport report, ClusterRefit refit)
    {
        report.Heading("Fitted to this log");
        report.Say($"{refit.Rows:N0} rows; median error {100 * refit.ErrorBefore:0.0} % as described, {100 * refit.ErrorAfter:0.0} % fitted.");
        report.Table(["level", "parameter", ">catalogue", ">fitted", ">as good", ""], refit.Parameters.Select(p => (IReadOnlyList<string>)
        [
            p.Level, p.Key, With(p.Before, p.Unit), With(p.Value, p.Unit), $"{Number(p.Low)} to {Number(p.High)}", p.AtLimit ? "at the end of what is physical" : p.High > 3 * p.Low ? "left open by the log" : "",
        ]));
    }

    static string With(double value, string unit) => unit.Length == 0 ? Number(value) : $"{Number(value)} {unit}";

    static string Percent(double share) => $"{(100 * share).ToString(share > 0.99 ? "0.0" : "0", CultureInfo.InvariantCulture)} %";

    static string Number(double value) => Quantity.Round(value, 4);
}
