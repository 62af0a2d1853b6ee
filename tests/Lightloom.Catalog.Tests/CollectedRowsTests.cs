using System.Globalization;
using System.Runtime.CompilerServices;

namespace Lightloom.Catalog.Tests;

/// <summary>
/// Every row of the collected tables (interfaces, media, modules, switches, cards, circuit switches, coherent modules, failures) is a part.
/// The rows' names and one figure of each stand in collected-rows.csv.
/// </summary>
public class CollectedRowsTests
{
    public static TheoryData<string> Tables => ["pmd", "media", "modules", "switches", "nics", "ocs", "coherent", "failures"];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_row_of_a_table_is_a_part_with_its_figure(string table)
    {
        var rows = Rows().Where(r => r[0] == table).ToList();
        Assert.NotEmpty(rows);
        var problems = new List<string>();
        foreach (var row in rows)
        {
            var type = PartCatalog.Kinds.Single(k => k.Kind == row[2]).Type;
            foreach (var key in row[3].Split(';'))
            {
                if (!PartCatalog.Default.Keys(type).Contains(key))
                {
                    problems.Add($"{row[1]}: no {row[2]} '{key}'");
                    continue;
                }
                if (row[4].Length == 0) continue;
                var expected = double.Parse(row[5], CultureInfo.InvariantCulture);
                if (Figure(PartCatalog.Default.Get(type, key, null), row[4]) is not { } found) problems.Add($"{row[1]}: '{key}' has no {row[4]}");
                else if (Math.Abs(found / expected - 1) > 1e-3) problems.Add($"{row[1]}: '{key}' has {row[4]} {found}, not {expected}");
            }
        }
        Assert.Empty(problems);
    }

    [Fact]
    public void The_tables_have_as_many_rows_as_were_collected() => Assert.Equal(
        new Dictionary<string, int> { ["pmd"] = 28, ["media"] = 15, ["modules"] = 38, ["switches"] = 14, ["nics"] = 6, ["ocs"] = 8, ["coherent"] = 7, ["failures"] = 24 },
        Rows().GroupBy(r => r[0]).ToDictionary(g => g.Key, g => g.Count()));

    [Fact]
    public void No_part_stands_for_two_rows()
    {
        var used = Rows().SelectMany(r => r[3].Split(';').Select(k => $"{r[2]} {k}")).ToList();
        Assert.Equal(used.Count, used.Distinct(StringComparer.Ordinal).Count());
    }

    static double? Figure(Part part, string property)
    {
        if (property == "RatePerYear") return (part as FailureObservation)?.Rate?.Value.PerYear;
        return (part.GetType().GetProperty(property)?.GetValue(part) as ISourced)?.Value switch
        {
            null => null,
            int count => count,
            double number => number,
            var quantity => (double)quantity.GetType().GetProperty("Si")!.GetValue(quantity)!,
        };
    }

    static IEnumerable<string[]> Rows() =>
        File.ReadLines(Path.Combine(Folder(), "collected-rows.csv")).Skip(1).Select(l => l.Split(','));

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
