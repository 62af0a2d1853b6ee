using System.Globalization;

namespace Lightloom.Catalog.Documents;

/// <summary>A record of a <see cref="CsvTable"/>: cells by the name of their column. An empty cell is something that isn't said.</summary>
public sealed class CsvRow
{
    readonly CsvTable table;
    readonly string[] cells; // cells[i] belongs to table.Columns[i]
    readonly int start; // where the record begins in the text

    internal CsvRow(CsvTable table, string[] cells, int start, int line, int number) =>
        (this.table, this.cells, this.start, Line, Number) = (table, cells, start, line, number);

    /// <summary>The table that it belongs to.</summary>
    public CsvTable Table => table;

    /// <summary>Its place among the records: 1 is the first below the header.</summary>
    public int Number { get; }

    /// <summary>The line of the file on which it begins; the header's is 1.</summary>
    public int Line { get; }

    /// <summary>The text of a cell; empty where the table lacks the column.</summary>
    public string this[string column] => table.TryPlace(column, out var place) ? cells[place] : "";

    /// <summary>Whether the table has the column and the cell says something.</summary>
    public bool Has(string column) => this[column].Length > 0;

    /// <summary>The text of a cell that must say something.</summary>
    /// <exception cref="InputException">The cell is empty or the column is missing.</exception>
    public string Text(string column) => cells[table.PlaceIn(column)] is { Length: > 0 } text ? text : throw Wrong(column, "the cell is empty; expected a text");

    /// <summary>A number that must be there.</summary>
    /// <param name="column">The column.</param>
    /// <param name="least">Least value that can be.</param>
    /// <param name="most">Largest value that can be.</param>
    /// <exception cref="InputException">The column is missing; the cell is empty, no finite number or beyond its limits.</exception>
    public double Real(string column, double least = double.MinValue, double most = double.MaxValue)
    {
        var text = cells[table.PlaceIn(column)];
        if (text.Length == 0) throw Wrong(column, "the cell is empty; expected a number");
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw Wrong(column, $"expected a number, found '{Shorten(text)}'");
        return number >= least && number <= most ? number : throw Wrong(column, $"{Expected("a number", least, most)}, found '{Shorten(text)}'");
    }

    /// <summary>A number, or null where the cell is empty or the table lacks the column.</summary>
    /// <inheritdoc cref="Real"/>
    public double? NumberOrNull(string column, double least = double.MinValue, double most = double.MaxValue) =>
        Has(column) ? Real(column, least, most) : null;

    /// <summary>A whole number that must be there; 1e3 and 64.0 are whole, too.</summary>
    /// <inheritdoc cref="Real"/>
    public long Count(string column, long least = 0, long most = int.MaxValue)
    {
        var number = Real(column);
        return number == Math.Floor(number) && number >= least && number <= most
            ? (long)number
            : throw Wrong(column, $"{Expected("a whole number", least, most)}, found '{Shorten(this[column])}'");
    }

    /// <summary>A whole number, or null where the cell is empty or the table lacks the column.</summary>
    /// <inheritdoc cref="Real"/>
    public long? CountOrNull(string column, long least = 0, long most = int.MaxValue) => Has(column) ? Count(column, least, most) : null;

    /// <summary>A message about a cell, with file, line and column.</summary>
    public InputException Wrong(string column, string problem) => table.TryPlace(column, out var place)
        ? new($"row {Number}, column '{column}': {problem}", table.PlaceOf(start, Line, place))
        : Wrong(problem);

    /// <summary>A message about the whole record, with file and line.</summary>
    public InputException Wrong(string problem) => new($"row {Number}: {problem}", new(table.File, Line, 1));

    static string Expected(string what, double least, double most) => (least == double.MinValue, most == double.MaxValue) switch
    {
        (true, true) => $"expected {what}",
        (true, false) => FormattableString.Invariant($"expected {what} of at most {most}"),
        (false, true) => FormattableString.Invariant($"expected {what} of at least {least}"),
        _ => FormattableString.Invariant($"expected {what} from {least} to {most}"),
    };

    static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
