using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning.Validation;

namespace Lightloom.Cli;

/// <summary><c>lightloom validate KIND --data FILE|DIR</c>: published figures beside what the models predict for them.</summary>
static class ValidateCommand
{
    const int MostMisses = 50;

    static readonly IReadOnlyList<IValidationKind> Kinds = ValidationKinds.In(typeof(ValidationKinds).Assembly, typeof(AstraSimValidation).Assembly);

    public static Command Make()
    {
        var kind = new Argument<string>("kind") { Description = "what to compare: " + string.Join("; ", Kinds.Select(k => $"{k.Name} ({k.Description})")) };
        var data = new Option<string>("--data") { Description = "a table, or a folder of tables, in the columns of data/validation; of packets, a folder of htsim's matrices and times", Required = true, HelpName = "file or folder" };
        var by = new Option<string?>("--by") { Description = "only groups of one kind: band, table, system, ...", HelpName = "group" };
        var asJson = new Option<bool>("--json") { Description = "print JSON" };
        var command = new Command("validate", "Run the models on tables of published figures and print how far they are off.") { kind, data, by, asJson };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var result = ValidationKinds.Find(parsed.GetValue(kind)!, Kinds).Compare(parsed.GetValue(data)!);
            if (parsed.GetValue(by) is { } wanted)
            {
                string[] known = [.. result.Groups.Select(g => g.By).Distinct(StringComparer.Ordinal)];
                if (!known.Contains(wanted)) throw new InputException($"--by: these points are grouped by {string.Join(", ", known)}; found '{wanted}'{Nearest.Hint(wanted, known)}");
                result = result with { Groups = [.. result.Groups.Where(g => g.By == wanted)] };
            }
            if (parsed.GetValue(asJson)) output.WriteLine(ValidationJson.Write(result));
            else Write(output, result);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, ValidationResult result)
    {
        var report = new TextReport(output);
        report.Title($"Validation: {result.Kind}");
        report.Say($"{result.Rows:N0} rows of {string.Join(", ", result.Files)}: {result.Predicted:N0} predicted, {result.Skipped.Sum(s => s.Rows):N0} skipped; " +
            $"{result.Points.Count:N0} figures, {result.Misses.Count():N0} of them missed.");
        foreach (var unknown in result.Unknown) report.Say($"- not known: {unknown.File}: {unknown.Reason}", 2);
        foreach (var skipped in result.Skipped) report.Say($"- {skipped.Rows:N0} rows skipped: {skipped.Reason}", 2);
        if (result.Groups.Count == 0) return;
        report.Heading("Errors, predicted less published");
        report.Table(ValidationText.GroupColumns, ValidationText.Groups(result));
        if (result.Drifts.Count > 0)
        {
            report.Heading("Drift: error at the largest size less error at the smallest, in percentage points");
            report.Table(ValidationText.DriftColumns, ValidationText.Drifts(result));
        }
        var misses = ValidationText.Misses(result).ToList();
        if (misses.Count == 0) return;
        report.Heading("Missed, the largest errors first");
        report.Table(ValidationText.MissColumns, misses.Take(MostMisses));
        if (misses.Count > MostMisses) report.Say($"and {misses.Count - MostMisses:N0} more; --json has all");
    }
}
