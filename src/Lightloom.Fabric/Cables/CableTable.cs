using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>
/// A cable plan as comma-separated values (RFC 4180), a cable to a line, with units in the names of columns. What is written is read
/// back as it was.
/// </summary>
public static class CableTable
{
    /// <summary>The columns.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "label", "class", "medium", "rate_Gbps", "run_m", "length_m",
        "a_rack", "a_unit", "a_device", "a_port", "b_rack", "b_unit", "b_device", "b_port", "row_tray", "cross_tray",
    ];

    /// <summary>Writes cables as they come; holds one at a time.</summary>
    public static void Write(TextWriter writer, IEnumerable<Cable> cables)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(cables);
        writer.Write(string.Join(',', Columns));
        writer.Write('\n');
        foreach (var cable in cables)
        {
            Text(writer, cable.Label);
            Text(writer, cable.Class);
            Text(writer, cable.Medium);
            Number(writer, cable.Rate.GigabitsPerSecond, "0.######");
            Number(writer, cable.Run.Meters, "0.###");
            Number(writer, cable.Length.Meters, "0.###");
            End(writer, cable.A);
            End(writer, cable.B);
            Count(writer, cable.RowTray);
            writer.Write(cable.CrossTray);
            writer.Write('\n');
        }
    }

    /// <summary>Reads a file of cables.</summary>
    /// <exception cref="InputException">The file can't be read, or says what can't be; with line and column.</exception>
    public static IReadOnlyList<Cable> ReadFile(string path) => Read(CsvTable.ReadFile(path));

    /// <summary>Reads a table of cables.</summary>
    /// <exception cref="InputException">It says what can't be; with line and column.</exception>
    public static IReadOnlyList<Cable> Read(CsvTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var cables = new List<Cable>(table.Rows.Count);
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var label = row.Text("label");
            if (!labels.Add(label)) throw row.Wrong("label", $"there is another cable '{label}' above");
            cables.Add(new(label, row["class"], row["medium"],
                Bandwidth.FromGigabitsPerSecond(row.Real("rate_Gbps", 1e-3, 1e6)),
                Length.FromMeters(row.Real("run_m", 0, 1e6)), Length.FromMeters(row.Real("length_m", 0, 1e6)),
                End(row, "a_"), End(row, "b_"), (int)row.Count("row_tray"), (int)row.Count("cross_tray")));
        }
        return cables;
    }

    static CableEnd End(CsvRow row, string side) =>
        new(row[side + "rack"], (int)row.Count(side + "unit", 0, 1000), row.Text(side + "device"), row.Text(side + "port"));

    static void End(TextWriter writer, in CableEnd end)
    {
        Text(writer, end.Rack);
        Count(writer, end.Unit);
        Text(writer, end.Device);
        Text(writer, end.Port);
    }

    static void Count(TextWriter writer, int value)
    {
        writer.Write(value);
        writer.Write(',');
    }

    static void Number(TextWriter writer, double value, string format)
    {
        Span<char> digits = stackalloc char[32];
        if (value.TryFormat(digits, out var length, format, CultureInfo.InvariantCulture)) writer.Write(digits[..length]);
        else writer.Write(value.ToString(format, CultureInfo.InvariantCulture));
        writer.Write(',');
    }

    static void Text(TextWriter writer, string value)
    {
        if (value.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            writer.Write(value);
        }
        else
        {
            writer.Write('"');
            writer.Write(value.Replace("\"", "\"\"", StringComparison.Ordinal));
            writer.Write('"');
        }
        writer.Write(',');
    }
}
