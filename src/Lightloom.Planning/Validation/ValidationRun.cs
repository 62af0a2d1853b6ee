using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>Collects what a kind predicts, row by row.</summary>
public sealed class ValidationRun
{
    readonly List<ValidationPoint> points = [];
    readonly Dictionary<string, int> skipped = new(StringComparer.Ordinal); // reason -> rows
    readonly List<string> reasons = []; // in the order of their first row
    readonly HashSet<(string File, int Row)> answered = [];
    int rows, predicted;

    /// <summary>Adds a prediction. One that isn't finite, or a relative one of a figure that is 0, counts as a row that was skipped.</summary>
    /// <returns>Whether the point counts.</returns>
    public bool Add(ValidationPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (!double.IsFinite(point.Error) || point.Low is { } low && !double.IsFinite(low) || point.High is { } high && !double.IsFinite(high))
        {
            if (!answered.Contains((point.File, point.Row))) Skip(point.File, point.Row, $"the model has no finite {point.Quantity} for it");
            return false;
        }
        points.Add(point);
        if (answered.Add((point.File, point.Row))) predicted++;
        return true;
    }

    /// <summary>Says why a row has no prediction.</summary>
    public void Skip(CsvRow row, string reason)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Skip(row.Table.Name, row.Number, reason);
    }

    void Skip(string file, int row, string reason)
    {
        if (!answered.Add((file, row))) return;
        if (!skipped.ContainsKey(reason)) reasons.Add(reason);
        skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
    }

    internal void Table(CsvTable table, ValidatedTable kind)
    {
        rows += table.Rows.Count;
        kind.Predict(table, this);
        foreach (var row in table.Rows) Skip(row, "it has no figure that the models predict");
    }

    internal ValidationResult Result(string kind, IReadOnlyList<string> files, IReadOnlyList<UnknownTable> unknown) => new()
    {
        Kind = kind,
        Files = files,
        Unknown = unknown,
        Rows = rows,
        Predicted = predicted,
        Skipped = [.. reasons.Select(r => new SkippedRows(r, skipped[r]))],
        Groups = ValidationGroup.Of(points),
        Points = points,
    };
}
