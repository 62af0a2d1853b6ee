using System.Globalization;
using System.Text.RegularExpressions;

namespace Lightloom.Fabric.Tests;

/// <summary>The tables of data/validation/fabric, by the names of their columns.</summary>
static partial class PublishedTables
{
    public static IReadOnlyList<Dictionary<string, string>> Read(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "validation", name + ".csv"));
        var columns = Cells(lines[0]);
        return [.. lines.Skip(1).Select(line => columns.Zip(Cells(line)).ToDictionary(p => p.First, p => p.Second))];
    }

    /// <summary>The number after a name, as in "q=9,delta=1".</summary>
    public static int Number(string text, string name) =>
        int.Parse(Regex.Match(text, $@"(?<![A-Za-z]){name}=([0-9-]+)").Groups[1].Value, CultureInfo.InvariantCulture);

    public static int Int(this Dictionary<string, string> row, string column) => row[column].Length == 0 ? 0 : int.Parse(row[column], CultureInfo.InvariantCulture);

    public static double Real(this Dictionary<string, string> row, string column) => double.Parse(row[column], CultureInfo.InvariantCulture);

    static string[] Cells(string line) => [.. Cell().Matches(line).Select(m => m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value)];

    [GeneratedRegex("(?:^|,)(?:\"([^\"]*)\"|([^,\"]*))")]
    private static partial Regex Cell();
}
