using System.Globalization;
using System.Text;

namespace Lightloom.Validation;

/// <summary>A row of a table of published figures: cells by the name of their column.</summary>
sealed class PublishedRow(string[] header, string[] cells)
{
    public string this[string column] => Array.IndexOf(header, column) is var i && i >= 0 && i < cells.Length ? cells[i] : "";

    public bool Has(string column) => this[column].Length > 0;

    public int? Count(string column) => int.TryParse(this[column], NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? count : null;

    public double Number(string column) => double.Parse(this[column], CultureInfo.InvariantCulture);

    public bool Says(string column, string text) => this[column].Contains(text, StringComparison.OrdinalIgnoreCase);

    public static IEnumerable<PublishedRow> Read(string file)
    {
        string[]? header = null;
        foreach (var line in File.ReadLines(file))
        {
            var cells = Cells(line);
            if (header is null) header = cells;
            else yield return new(header, cells);
        }
    }

    static string[] Cells(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }
        cells.Add(cell.ToString());
        return [.. cells];
    }
}
