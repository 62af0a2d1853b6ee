using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>The figures of one row of a table of fabrics beside their predictions.</summary>
sealed partial class FabricPoints(ValidationRun run, CsvRow row)
{
    /// <summary>What the table calls the row.</summary>
    public string Id { get; set; } = "";

    /// <summary>The topologies that it counts with.</summary>
    public string Family { get; set; } = "";

    /// <summary>A cell that is a count, whatever words come after it; none where the cell is empty or the column missing.</summary>
    public void Count(string column, double predicted, string note = "")
    {
        if (!row.Has(column)) return;
        if (Leading().Match(row[column]) is not { Success: true } match)
            throw row.Wrong(column, $"expected a count, found '{row[column]}'");
        Add(column, double.Parse(match.ValueSpan, CultureInfo.InvariantCulture), predicted, note);
    }

    /// <summary>A count that is said elsewhere.</summary>
    public void Add(string quantity, double published, double predicted, string note = "") =>
        Point(quantity, published, predicted, "count", "count", 0, note);

    /// <summary>A cell that is a quantity.</summary>
    public void Relative(string column, double predicted, string unit, double tolerance, string note = "")
    {
        if (row.NumberOrNull(column) is { } published) Point(column, published, predicted, unit, null, tolerance, note);
    }

    /// <summary>A cell that is a quantity and whose error is one, too.</summary>
    public void Absolute(string column, double predicted, string unit, double tolerance)
    {
        if (row.NumberOrNull(column) is { } published) Point(column, published, predicted, unit, unit, tolerance, "");
    }

    /// <summary>A cell that is printed to its last digit: agreement is to half of that.</summary>
    public void Printed(string column, double predicted, string unit, string note = "")
    {
        if (row.NumberOrNull(column) is { } published) Point(column, published, predicted, unit, unit, ValidationPoint.HalfDigit(row[column]), note);
    }

    /// <summary>Says why the row has no prediction.</summary>
    public void Skip(string reason) => run.Skip(row, reason);

    void Point(string quantity, double published, double predicted, string unit, string? errorUnit, double tolerance, string note) => run.Add(new()
    {
        File = row.Table.Name,
        Row = row.Number,
        Id = Id,
        Quantity = quantity,
        Published = published,
        Predicted = predicted,
        Unit = unit,
        ErrorUnit = errorUnit,
        Tolerance = tolerance,
        Note = note,
        Tags = [new("quantity", quantity), new("fabric", Family)],
    });

    [GeneratedRegex(@"^\s*\d+(?:\.0+)?(?![\d.,])")]
    private static partial Regex Leading();
}
