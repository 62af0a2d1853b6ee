using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>Rows that have no prediction.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Rows">How many.</param>
public sealed record SkippedRows(string Reason, int Rows);

/// <summary>A file that a kind doesn't know.</summary>
/// <param name="File">Its name, without its folder.</param>
/// <param name="Reason">What it lacks.</param>
public sealed record UnknownTable(string File, string Reason);

/// <summary>Published figures beside what the models predict for them: one shape for all kinds.</summary>
public sealed record ValidationResult
{
    /// <summary>The kind, such as "optics".</summary>
    public required string Kind { get; init; }

    /// <summary>The files that were read, by name, without their folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The files that the kind doesn't know.</summary>
    public required IReadOnlyList<UnknownTable> Unknown { get; init; }

    /// <summary>Rows of the files that were read.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows with at least one prediction.</summary>
    public required int Predicted { get; init; }

    /// <summary>Rows without one, by reason; together with <see cref="Predicted"/> they are all rows.</summary>
    public required IReadOnlyList<SkippedRows> Skipped { get; init; }

    /// <summary>Errors by group.</summary>
    public required IReadOnlyList<ValidationGroup> Groups { get; init; }

    /// <summary>Every figure with its prediction, in the order of files and rows.</summary>
    public required IReadOnlyList<ValidationPoint> Points { get; init; }

    /// <summary>How errors change with size, for each thing that was measured at several.</summary>
    public IReadOnlyList<ValidationDrift> Drifts => ValidationDrift.Of(Points);

    /// <summary>The points that disagree by more than is allowed for.</summary>
    public IEnumerable<ValidationPoint> Misses => Points.Where(p => p.IsMiss);

    /// <summary>Runs a kind over a file, or over the .csv files of a folder (of those below it where it has none itself) that it knows by their columns.</summary>
    /// <param name="kind">What is compared.</param>
    /// <param name="path">A file or a folder.</param>
    /// <exception cref="InputException">
    /// There is no such file or folder; the kind knows none of the files; one that it knows is malformed, in which case file, line and
    /// column are named.
    /// </exception>
    public static ValidationResult Of(IValidationKind kind, string path)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(path);
        var run = new ValidationRun();
        var files = new List<string>();
        var unknown = new List<UnknownTable>();
        foreach (var file in TablesAt(path))
        {
            IReadOnlyList<string> columns = [];
            var table = CsvTable.ReadFile(file, names =>
            {
                columns = names;
                return Known(kind, names) is not null;
            });
            var name = Path.GetFileName(file);
            if (table is null)
            {
                unknown.Add(new(name, Lacks(kind, columns)));
                continue;
            }
            files.Add(name);
            run.Table(table, Known(kind, columns)!);
        }
        if (files.Count == 0)
        {
            throw new InputException(unknown.Count == 1
                ? $"'{path}' is no table that 'validate {kind.Name}' knows: {unknown[0].Reason}"
                : $"'{path}' holds no table that 'validate {kind.Name}' knows; expected the columns of one of {string.Join(", ", kind.Tables.Select(t => t.Name))}");
        }
        return run.Result(kind.Name, files, unknown);
    }

    static IReadOnlyList<string> TablesAt(string path)
    {
        if (!Directory.Exists(path)) return [path];
        try
        {
            var files = Directory.GetFiles(path, "*.csv").Order(StringComparer.Ordinal).ToList();
            // A folder of folders: all that is below it.
            if (files.Count == 0) files = [.. Directory.GetFiles(path, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            return files.Count > 0 ? files : throw new InputException($"the folder '{path}' holds no .csv file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the folder '{path}' can't be read: {e.Message}");
        }
    }

    static ValidatedTable? Known(IValidationKind kind, IReadOnlyList<string> columns) =>
        kind.Tables.Where(t => t.Columns.All(columns.Contains)).MaxBy(t => t.Columns.Count);

    static string Lacks(IValidationKind kind, IReadOnlyList<string> columns)
    {
        var nearest = kind.Tables.MaxBy(t => (double)t.Columns.Count(columns.Contains) / t.Columns.Count)!;
        var shared = nearest.Columns.Count(columns.Contains);
        var missing = nearest.Columns.Where(c => !columns.Contains(c)).ToList();
        return shared == 0
            ? $"it has none of the columns of {string.Join(", ", kind.Tables.Select(t => t.Name))}"
            : $"beside {nearest.Name} it lacks the column{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing.Select(m => $"'{m}'"))}";
    }
}
