using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Cli;

/// <summary>The section of <c>docs/accuracy.md</c> on training steps.</summary>
static class TrainingAccuracyPage
{
    public const string Heading = "Training steps";

    public static string Section(TrainingAccuracy accuracy, IReadOnlyList<KernelRow> rows, int skipped, CsvTable? others)
    {
        using var output = new StringWriter { NewLine = "\n" };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Written by `lightloom train fit --page`. {rows.Count:N0} published steps of {rows.Select(r => r.Step.Row["model"]).Distinct(StringComparer.Ordinal).Count()} models on {rows.Select(r => r.Step.System.Key).Distinct(StringComparer.Ordinal).Count()} accelerators ({skipped:N0} rows skipped);"));
        output.WriteLine("two tables of them, `vtrain_single` and `vtrain_multi`, are not in the project. *Fitted*: the rows took part in the fit of what kernels sustain, at");
        output.WriteLine("most eleven figures for each chip generation and software stack. *Unseen*: all rows of a model (or table, accelerator, scale) predicted by");
        output.WriteLine("fits that never saw one of them. Errors are of the row's own figure, means and medians of absolute errors; the bias is positive where predictions");
        output.WriteLine("are too slow. What rows of NVIDIA's recipes leave out (recomputation, how experts are reached, what is fused) stands in `data/recipes`.");
        output.WriteLine();
        Table(output, "class, each model left out", accuracy.Classes);
        foreach (var axis in accuracy.Axes) Table(output, axis.Name, axis.Groups);
        if (others is not null) Others(output, others, accuracy);
        return output.ToString();
    }

    static void Table(TextWriter output, string head, IEnumerable<AccuracyGroup> groups)
    {
        output.WriteLine($"| {head} | rows | mean, fitted | median, fitted | mean, unseen | median, unseen | bias, unseen |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var g in groups)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {g.Name} | {g.Rows} | {EvaluationReport.Tenths(g.FittedMean)} | {EvaluationReport.Tenths(g.FittedMedian)} | {EvaluationReport.Tenths(g.UnseenMean)} | {EvaluationReport.Tenths(g.UnseenMedian)} | {(g.UnseenBias is { } b ? (100 * b).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " %" : "")} |"));
        output.WriteLine();
    }

    static readonly string[] OtherColumns = ["table", "model", "rows", "mean_abs_error_pct", "note"];

    /// <summary>Reads a table of other models' errors.</summary>
    /// <exception cref="InputException">It can't be read, or lacks a column.</exception>
    public static CsvTable ReadOthers(string file) => CsvTable.ReadFile(file, names => OtherColumns.All(names.Contains))
        ?? throw new InputException($"'{file}' is no table of other models' errors; expected {string.Join(", ", OtherColumns)}");

    static void Others(TextWriter output, CsvTable table, TrainingAccuracy accuracy)
    {
        output.WriteLine("Other models on the same tables, as published or as measured by running them:");
        output.WriteLine();
        output.WriteLine("| table | model | rows | mean error | here, fitted | here, unseen | |");
        output.WriteLine("|---|---|---:|---:|---:|---:|---|");
        var own = accuracy.Axes.First(a => a.Name == "table").Groups.ToDictionary(g => g.Name, StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var here = own.GetValueOrDefault(row["table"]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {row["table"]} | {row["model"]} | {row["rows"]} | {row["mean_abs_error_pct"]} % | {EvaluationReport.Tenths(here?.FittedMean)} | {EvaluationReport.Tenths(here?.UnseenMean)} | {row["note"]} |"));
        }
        output.WriteLine();
    }
}
