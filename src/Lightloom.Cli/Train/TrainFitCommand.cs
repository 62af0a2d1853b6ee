using System.CommandLine;
using System.Globalization;
using System.Text;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Cli;

/// <summary><c>lightloom train fit --data DIR</c>: what kernels sustain, from published steps, and how far unseen models, accelerators and scales are off.</summary>
static class TrainFitCommand
{
    const int MostKernels = 1 << 20;

    public static Command Make()
    {
        var data = new Option<string[]>("--data") { Description = "a table of published steps, or a folder of them; may be given again", Required = true, HelpName = "file or folder" };
        var kernels = new Option<string?>("--kernels") { Description = "write the fitted figures into this file of parts (data/catalog/kernel-performance.yaml)", HelpName = "file" };
        var accuracyFile = new Option<string?>("--accuracy") { Description = "write how well unseen models are predicted (data/catalog/model-accuracy.yaml)", HelpName = "file" };
        var page = new Option<string?>("--page") { Description = "write the section on training of the page of accuracy (docs/accuracy.md)", HelpName = "file" };
        var others = new Option<string?>("--others") { Description = "a table of other models' errors for that page (data/validation/training/other_models.csv)", HelpName = "file" };
        var seen = new Option<bool>("--seen-only") { Description = "don't refit with each model, accelerator, scale and table left out" };
        var command = new Command("fit", "Fit what kernels sustain on published steps, and say how far each model, accelerator, scale and table is off when it is left out.") { data, kernels, accuracyFile, page, others, seen };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            // What can be wrong with the input is told before minutes are spent on it.
            foreach (var place in (Option<string?>[])[kernels, accuracyFile, page])
                if (parsed.GetValue(place) is { } target) OutputFile.CheckPlace(target);
            var compared = parsed.GetValue(others) is { } table ? TrainingAccuracyPage.ReadOthers(table) : null;
            var skipped = new List<string>();
            var rows = KernelFit.Read(parsed.GetValue(data)!.SelectMany(Tables), (_, reason) => skipped.Add(reason));
            if (rows.Count == 0) throw new InputException($"no row can be used{(skipped.Count > 0 ? $": {skipped[0]}" : "")}");
            var old = parsed.GetValue(kernels) is { } file ? BoundedFile.Read(file, MostKernels, Encoding.UTF8.GetString) : null;
            var (fits, accuracy, stopped) = CommandRunner.Interruptible(stop =>
            {
                var fits = rows.GroupBy(r => r.Step.System.Kernels.Key, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                    .AsParallel().AsOrdered().Select(g => KernelFit.Of([.. g], g.First().Step.System.Kernels, stop)).ToList();
                return (fits, TrainingAccuracy.Of(rows, fits, unseen: !parsed.GetValue(seen), stop), stop.IsCancellationRequested);
            });
            if (stopped)
            {
                // Half a fit is to look at, not to keep.
                Write(output, rows.Count, skipped, fits, accuracy, stopped);
                return CommandRunner.Success;
            }
            // All of it before any of it is written.
            var text = old is null ? null : KernelFile.With(old, fits.Where(f => f.Taught));
            var section = parsed.GetValue(page) is null ? null : TrainingAccuracyPage.Section(accuracy, rows, skipped.Count, compared);
            using var parts = new StringWriter { NewLine = "\n" };
            if (parsed.GetValue(accuracyFile) is not null) TrainingAccuracyFile.Write(parts, accuracy, rows);
            if (text is not null) OutputFile.Write(parsed.GetValue(kernels)!, writer => writer.Write(text));
            if (parsed.GetValue(accuracyFile) is { } stated) OutputFile.Write(stated, writer => writer.Write(parts.ToString()));
            if (section is not null) PageSection.Write(parsed.GetValue(page)!, TrainingAccuracyPage.Heading, section);
            Write(output, rows.Count, skipped, fits, accuracy, stopped: false);
            return CommandRunner.Success;
        }));
        return command;
    }

    static IEnumerable<CsvTable> Tables(string path)
    {
        if (!Directory.Exists(path)) return [CsvTable.ReadFile(path, names => Known(path, names))!];
        var tables = Directory.GetFiles(path, "*.csv").Order(StringComparer.Ordinal)
            .Select(f => CsvTable.ReadFile(f, names => MeasuredStep.Columns.All(names.Contains))).OfType<CsvTable>().ToList();
        return tables.Count > 0 ? tables : throw new InputException($"the folder '{path}' holds no table of training steps; expected the columns {string.Join(", ", MeasuredStep.Columns)}");
    }

    static bool Known(string file, IReadOnlyList<string> names) => MeasuredStep.Columns.All(names.Contains)
        ? true
        : throw new InputException($"'{file}' lacks columns of training steps; expected {string.Join(", ", MeasuredStep.Columns)}");

    static void Write(TextWriter output, int rows, List<string> skipped, List<KernelFit> fits, TrainingAccuracy accuracy, bool stopped)
    {
        var report = new TextReport(output);
        report.Title("Kernels, fitted on published training steps");
        if (stopped) report.Say("Stopped: figures as far as the search had come, and no file was written.");
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows of {fits.Count:N0} stacks; {skipped.Count:N0} rows skipped."));
        foreach (var reason in skipped.CountBy(s => s).OrderByDescending(r => r.Value)) report.Say($"- {reason.Value:N0} rows skipped: {reason.Key}", 2);
        report.Heading("What kernels sustain: shares, and microseconds");
        report.Table(["stack", ">rows", .. KernelParameter.All.Select(p => ">" + p.Key)], fits.Select(f => new[] { f.Kernels.Key.TrimEnd('*'), f.Rows.Count.ToString("N0", CultureInfo.InvariantCulture) }
            .Concat(KernelParameter.All.Select(p => p.Of(f.Kernels) is { } v ? v.Value.ToString("G3", CultureInfo.InvariantCulture) : "")).ToArray()));
        foreach (var axis in accuracy.Axes)
        {
            report.Heading($"Errors by {axis.Name}, with the rows in the fit and left out of it together");
            report.Table([axis.Name, ">rows", ">mean, fitted", ">median, fitted", ">mean, unseen", ">median, unseen", ">bias, unseen"], axis.Groups.Select(g => new[]
            {
                g.Name, g.Rows.ToString("N0", CultureInfo.InvariantCulture), EvaluationReport.Tenths(g.FittedMean), EvaluationReport.Tenths(g.FittedMedian), EvaluationReport.Tenths(g.UnseenMean), EvaluationReport.Tenths(g.UnseenMedian), EvaluationReport.Tenths(g.UnseenBias),
            }));
        }
    }
}
