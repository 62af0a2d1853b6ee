using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Lightloom.Catalog.Documents;

/// <summary>
/// A table of comma-separated values (RFC 4180, UTF-8) whose first record names the columns. Strict: every record has as many cells
/// as the header, no column stands twice, and nothing grows without bound. Cells are read by <see cref="CsvRow"/>, whose messages
/// name file, line and column.
/// </summary>
public sealed class CsvTable
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaximumBytes = 256 << 20;

    /// <summary>Most records that a table may have.</summary>
    public const int MaximumRows = 2_000_000;

    /// <summary>Most columns that a table may have.</summary>
    public const int MaximumColumns = 1000;

    const int MaximumCell = 1 << 16;

    readonly string text;
    readonly Dictionary<string, int> places;

    CsvTable(string file, string text, string[] columns)
    {
        (File, this.text, Columns) = (file, text, columns);
        places = new(columns.Length, StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Trim() != columns[i] || columns[i].Length == 0)
                throw new InputException($"column {i + 1} has the name '{columns[i]}'; expected a name without spaces around it", PlaceOf(0, 1, i));
            if (!places.TryAdd(columns[i], i))
                throw new InputException($"column '{columns[i]}' stands here a second time", PlaceOf(0, 1, i));
        }
    }

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    /// <summary>The file without its folder.</summary>
    public string Name => Path.GetFileName(File);

    /// <summary>The names of the columns, in the file's order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The records below the header.</summary>
    public IReadOnlyList<CsvRow> Rows { get; private set; } = [];

    /// <summary>Whether the table has a column of this name.</summary>
    public bool Has(string column) => places.ContainsKey(column);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">The file is missing, unreadable, too large or no such table.</exception>
    public static CsvTable ReadFile(string path) => ReadFile(path, static _ => true)!;

    /// <summary>Reads a file if its columns are wanted; null where they aren't, in which case only the header is judged.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">Judges the names of the columns.</param>
    /// <exception cref="InputException">The file is missing, unreadable, too large or no such table.</exception>
    public static CsvTable? ReadFile(string path, Func<IReadOnlyList<string>, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(wanted);
        return BoundedFile.Read(path, MaximumBytes, bytes => Read(Decode(bytes, path), path, wanted));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The table.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text is no such table.</exception>
    public static CsvTable Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, file, static _ => true)!;
    }

    static string Decode(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.Contains((byte)0)) throw new InputException("the file is no text: it holds a zero byte", new(file, 1, 1));
        try
        {
            return new UTF8Encoding(false, true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new InputException("the file is not UTF-8", new(file, 1, 1));
        }
    }

    static CsvTable? Read(string text, string file, Func<IReadOnlyList<string>, bool> wanted)
    {
        using var reader = new StringReader(text);
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = ",",
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            // Quotes where none may be are told with their place below, not by the parser's own message.
            BadDataFound = null,
            MaxFieldSize = MaximumCell,
        });
        CsvTable? table = null;
        var rows = new List<CsvRow>();
        int start = 0, line = 1;
        while (Next(parser, file, line))
        {
            var cells = parser.Record!;
            var raw = parser.RawRecord;
            if (cells.Length > 1 || cells is [{ Length: > 0 }])
            {
                CheckQuotes(raw, new(file, line, 1));
                if (table is null)
                {
                    if (cells.Length > MaximumColumns) throw new InputException($"{cells.Length} columns are more than the {MaximumColumns} that are read", new(file, line, 1));
                    if (start != 0) throw new InputException("the first line is empty; expected the names of the columns", new(file, 1, 1));
                    table = new(file, text, cells);
                    if (!wanted(cells)) return null;
                }
                else
                {
                    if (cells.Length != table.Columns.Count)
                        throw new InputException($"this row has {cells.Length} cells; expected {table.Columns.Count}, one for each column", new(file, line, 1));
                    if (rows.Count == MaximumRows) throw new InputException($"the table has more than {MaximumRows:N0} rows", new(file, line, 1));
                    rows.Add(new(table, cells, start, line, rows.Count + 1));
                }
            }
            start += raw.Length;
            line += Lines(raw);
        }
        if (table is null) throw new InputException("the file is empty; expected the names of columns", new(file, 1, 1));
        table.Rows = rows;
        return table;
    }

    static bool Next(CsvParser parser, string file, int line)
    {
        try
        {
            return parser.Read();
        }
        catch (MaxFieldSizeException)
        {
            throw new InputException($"a cell has more than {MaximumCell} characters; is a quote missing?", new(file, line, 1));
        }
        catch (CsvHelperException e)
        {
            throw new InputException($"this row can't be read: {e.GetType().Name}", new(file, line, 1));
        }
    }

    /// <summary>A quote opens a cell, closes it, or is doubled inside one; anything else would be read as something that isn't there.</summary>
    static void CheckQuotes(string raw, Mark mark)
    {
        if (!raw.Contains('"', StringComparison.Ordinal)) return;
        var (quoted, begins) = (false, true);
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c != '"')
            {
                if (!quoted) begins = c is ',' or '\r' or '\n';
                continue;
            }
            if (!quoted && begins)
            {
                (quoted, begins) = (true, false);
            }
            else if (quoted && i + 1 < raw.Length && raw[i + 1] == '"')
            {
                i++;
            }
            else if (quoted && (i + 1 == raw.Length || raw[i + 1] is ',' or '\r' or '\n'))
            {
                quoted = false;
            }
            else
            {
                throw new InputException("a quote stands inside a cell; a cell with quotes is quoted and has them doubled", mark);
            }
        }
        if (quoted) throw new InputException("a quote is not closed", mark);
    }

    static int Lines(string raw)
    {
        var lines = 0;
        for (var i = 0; i < raw.Length; i++)
            if (raw[i] == '\n' || raw[i] == '\r' && !(i + 1 < raw.Length && raw[i + 1] == '\n')) lines++;
        return lines;
    }

    internal int PlaceIn(string column) => places.TryGetValue(column, out var place)
        ? place
        : throw new InputException($"column '{column}' is missing{Nearest.Hint(column, [.. Columns])}", new(File, 1, 1));

    internal bool TryPlace(string column, out int place) => places.TryGetValue(column, out place);

    /// <summary>Where a cell stands, found by reading its record again: only a message needs it.</summary>
    internal Mark PlaceOf(int start, int line, int cell)
    {
        var (quoted, column) = (false, 1);
        for (var i = start; i < text.Length && cell > 0; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            else if (text[i] == ',' && !quoted) cell--;
            if (text[i] == '\n') (line, column) = (line + 1, 1);
            else column++;
        }
        return new(File, line, column);
    }
}
