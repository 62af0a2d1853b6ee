using System.CommandLine;
using System.Globalization;
using System.Text;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Fitting;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective fit</c>: the parameters of mechanisms from measured tables, and how far unseen systems are off.</summary>
static class CollectiveFitCommand
{
    const int MostBelieved = 1 << 20;

    public static Command Make()
    {
        var data = new Option<string>("--data") { Description = "a table of measured collectives, in the columns of data/validation/collectives/measured.csv", Required = true, HelpName = "file" };
        var parameters = new Option<string?>("--parameters") { Description = "write the mechanisms as parts (data/catalog/collective-parameters.yaml)", HelpName = "file" };
        var accuracy = new Option<string?>("--accuracy") { Description = "write the bands of accuracy (data/collectives/accuracy.yaml)", HelpName = "file" };
        var page = new Option<string?>("--page") { Description = "write the page of accuracy, its pictures beside it (docs/accuracy.md)", HelpName = "file" };
        var beliefs = new Option<string?>("--beliefs") { Description = "what is believed before, in place of data/collectives/mechanisms.yaml", HelpName = "file" };
        var year = new Option<string>("--year") { Description = "the year that the parts are dated", DefaultValueFactory = _ => "2026", HelpName = "year" };
        var command = new Command("fit", "Fit the mechanisms of collectives on measured tables, and say how far each system is off when it is left out.") { data, beliefs, parameters, accuracy, page, year };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var dated = LinkInput.Count("--year", parsed.GetValue(year)!, 2015, 2100);
            var skipped = new List<string>();
            var file = parsed.GetValue(data)!;
            var table = CsvTable.ReadFile(file, names => MeasuredCollective.Columns.All(names.Contains))
                ?? throw new InputException($"'{file}' lacks columns of measured collectives; expected {string.Join(", ", MeasuredCollective.Columns)}");
            var rows = MeasuredCollective.Read(table, (_, reason) => skipped.Add(reason)).ToList();
            if (rows.Count == 0) throw new InputException($"'{file}': none of {table.Rows.Count:N0} rows can be used{(skipped.Count > 0 ? $": {skipped[0]}" : "")}");
            var priors = parsed.GetValue(beliefs) is { } believed
                ? BoundedFile.Read(believed, MostBelieved, bytes => MechanismPriors.Read(Encoding.UTF8.GetString(bytes), believed))
                : MechanismPriors.Default;
            List<CollectiveObservation> observations = [.. rows.Select(r => r.Observation)];
            var result = LeaveOneSystemOut.Of(observations, priors);
            // All of it before any of it is written: a table that no bands can be made of leaves nothing half-written.
            using var bands = new StringWriter { NewLine = "\n" };
            if (parsed.GetValue(accuracy) is not null) AccuracyFile.Write(bands, observations, result);
            var inside = AccuracyFile.Inside(observations, result);
            if (parsed.GetValue(parameters) is { } parts) OutputFile.Write(parts, writer => MechanismFile.Write(writer, observations, result, priors, dated));
            if (parsed.GetValue(accuracy) is { } ratios) OutputFile.Write(ratios, writer => writer.Write(bands.ToString()));
            if (parsed.GetValue(page) is { } document) AccuracyPage.Write(document, rows, result, inside);
            Write(output, rows, skipped, result, inside);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, List<MeasuredCollective> rows, List<string> skipped, LeaveOneSystemOut result, double inside)
    {
        var report = new TextReport(output);
        report.Title("Mechanisms of collectives, fitted");
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{rows.Count:N0} rows of {result.Without.Count:N0} systems; {skipped.Count:N0} rows skipped; what was minimised: {result.All.Cost:0.00}."));
        foreach (var reason in skipped.CountBy(s => s)) report.Say($"- {reason.Value:N0} rows skipped: {reason.Key}", 2);
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{inside * 100:0.#} % of the rows lie inside bands that were made without their system."));
        var errors = rows.Select((r, i) => (Row: r, Fitted: result.All.Predict(r.Observation).Total / r.Observation.Time - 1, Unseen: result.Predicted[i].Total / r.Observation.Time - 1)).ToList();
        report.Heading("Errors, predicted less measured, with the row's system in the fit and left out of it");
        report.Table(["sizes", ">rows", ">median, fitted", ">median, unseen", ">p90, unseen", ">bias, unseen"], errors.GroupBy(e => CollectiveAccuracy.BandOf(e.Row.Observation.Size)).OrderBy(g => g.Key)
            .Select(g => Line(CollectiveAccuracy.BandName(g.Key), [.. g.Select(e => e.Fitted)], [.. g.Select(e => e.Unseen)])));
        report.Heading("By table");
        report.Table(["table", ">rows", ">median, fitted", ">median, unseen", ">p90, unseen", ">bias, unseen"], errors.GroupBy(e => e.Row.Row["id"])
            .Select(g => Line(g.Key, [.. g.Select(e => e.Fitted)], [.. g.Select(e => e.Unseen)])));
        report.Heading("Mechanisms: shares of raw bandwidth, microseconds, megabytes");
        report.Table(["mechanism", .. MechanismParameter.All.Select(p => ">" + p.Name)], result.All.Mechanisms.OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => new[] { p.Key }.Concat(MechanismParameter.All.Select(m => m.Of(p.Value) is { } v ? v.Value.ToString("G3", CultureInfo.InvariantCulture) : "")).ToArray()));
    }

    static string[] Line(string name, double[] fitted, double[] unseen) =>
        [name, unseen.Length.ToString(CultureInfo.InvariantCulture), EvaluationReport.Tenths(AccuracyPage.Quantile(fitted, 0.5)), EvaluationReport.Tenths(AccuracyPage.Quantile(unseen, 0.5)), EvaluationReport.Tenths(AccuracyPage.Quantile(unseen, 0.9)), EvaluationReport.Tenths(unseen.Average())];
}
