using System.Globalization;
using System.Text;
using Lightloom.Catalog.Documents;
using Parquet;
using Parquet.Schema;

namespace Lightloom.Cli;

/// <summary>A table of results as it grows, written as CSV or, where the file's name ends in .parquet, as Parquet; no more than a block of rows is kept.</summary>
sealed class ResultTable : IDisposable
{
    const int BlockRows = 1 << 16;

    readonly (string Name, Type Type)[] columns;
    readonly StreamWriter? csv;
    readonly ParquetWriter? parquet;
    readonly DataField[] fields;
    readonly List<object?>[] block;
    readonly StringBuilder line = new();

    ResultTable(Stream stream, bool asParquet, (string Name, Type Type)[] columns)
    {
        this.columns = columns;
        fields = [.. columns.Select(c => new DataField(c.Name, c.Type, c.Type == typeof(double)))];
        block = [.. columns.Select(_ => new List<object?>())];
        if (asParquet)
        {
            parquet = ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).GetAwaiter().GetResult();
            return;
        }
        csv = new(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        csv.WriteLine(string.Join(',', columns.Select(c => c.Name)));
    }

    /// <summary>Writes a table whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Names, and types: string, long, or double, which is empty where it is NaN.</param>
    /// <param name="fill">Adds the rows.</param>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string path, (string Name, Type Type)[] columns, Action<ResultTable> fill) => OutputFile.Stream(path, stream =>
    {
        using var table = new ResultTable(stream, path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase), columns);
        fill(table);
    });

    /// <summary>Adds a row.</summary>
    public void Add(params ReadOnlySpan<object> cells)
    {
        if (csv is not null)
        {
            line.Clear();
            for (var c = 0; c < cells.Length; c++)
            {
                if (c > 0) line.Append(',');
                Append(cells[c]);
            }
            csv.WriteLine(line);
            return;
        }
        for (var c = 0; c < cells.Length; c++) block[c].Add(cells[c] is double.NaN ? null : cells[c]);
        if (block[0].Count >= BlockRows) Flush();
    }

    /// <summary>Ends the table.</summary>
    public void Dispose()
    {
        csv?.Dispose();
        if (parquet is null) return;
        Flush();
        parquet.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    void Append(object cell)
    {
        switch (cell)
        {
            case double number:
                line.Append(SimulateCommand.Seconds(number));
                break;
            case string text when text.AsSpan().IndexOfAny(",\"\n\r") >= 0:
                line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
                break;
            default:
                line.Append(CultureInfo.InvariantCulture, $"{cell}");
                break;
        }
    }

    void Flush()
    {
        if (block[0].Count == 0) return;
        using var group = parquet!.CreateRowGroup();
        for (var c = 0; c < columns.Length; c++)
        {
            var written = columns[c].Type == typeof(string) ? group.WriteAsync(fields[c], block[c].Select(v => (string)v!).ToList())
                : columns[c].Type == typeof(long) ? group.WriteAsync<long>(fields[c], block[c].Select(v => (long)v!).ToArray())
                : group.WriteAsync<double>(fields[c], block[c].Select(v => (double?)v).ToArray());
            written.GetAwaiter().GetResult();
            block[c].Clear();
        }
        group.CompleteValidate();
    }
}
