using System.Text.Json;
using System.Xml.Linq;

namespace Lightloom.Cli.Tests;

/// <summary>Commands that work: what they print, draw and return.</summary>
public class CommandTests
{
    const string Small = "eight-node-roce-copper";

    public static TheoryData<string> Examples => [.. Cli.Examples.Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Reports_fit_a_hundred_columns_and_carry_no_escape_codes(string example)
    {
        foreach (var command in new[] { "evaluate", "explain" })
        {
            var text = Printed(command, Cli.Example(example));
            Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 100, l));
            Assert.All(text.Split('\n'), l => Assert.Equal(l.TrimEnd(), l));
            Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_report_of_an_infeasible_or_strange_design_fits_too()
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        foreach (var (old, with) in new[]
        {
            ("switch: qm9700", "switch: { basedOn: qm9700, laneRate: 1 Gb/s }"),
            ("cheapest-feasible", "{ media: copper }"),
            ("tensor: 4, pipeline: 2", "tensor: 1, pipeline: 1"),
            ("electricity: 0.08 USD/kWh", "assumptions: { basedOn: default, acceleratorInterruptions: 31000 /yr }"),
            ("electricity: 0.08 USD/kWh", "assumptions: { basedOn: default, electricity: 0 USD/kWh, costOfCapital: 0, facilityPerWatt: 0 USD, maintenance: 0 }"),
            ("name: 1,016", "name: " + new string('x', 250) + " [red]markup[/] & <b> 1,016"),
            ("Four scalable", new string('y', 250) + " four scalable"),
            ("rows: 8, racksPerRow: 8, systemsPerRack: 4", "rows: 1, racksPerRow: 1, systemsPerRack: 100"),
        })
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            var file = scratch.Write(text.Replace(old, with, StringComparison.Ordinal));
            var report = Printed("evaluate", file) + Printed("compare", file, Cli.Example(Small));
            Assert.All(report.Split('\n'), l => Assert.True(l.Length <= 100, l));
            Assert.DoesNotContain("NaN", report, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Many_designs_side_by_side_fit_too()
    {
        var text = Printed(["compare", .. Cli.Examples]);
        Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 100, l));
        text = Printed(["compare", .. Enumerable.Repeat(Cli.Example(Small), 20)]);
        Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 100, l));
    }

    [Fact]
    public void Evaluate_prints_a_report_or_json()
    {
        var report = Printed("evaluate", Cli.Example("superpod-h100-ndr"));
        foreach (var heading in new[] { "Summary", "Fabric", "Links", "Step", "Goodput", "Power", "Cost", "Bottleneck ledger", "How far to trust this" })
            Assert.Contains($"\n{heading}", report, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Printed("evaluate", Cli.Example("superpod-h100-ndr"), "--json"));
        Assert.Contains(json.RootElement.GetProperty("id").GetString()!, report, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_explain_catalog_and_schema_print_what_they_say()
    {
        string[] designs = [Cli.Example("gb200-nvl72-pluggable"), Cli.Example("gb200-nvl72-cpo")];
        Assert.Contains("power of modules and cables", Printed(["compare", .. designs]), StringComparison.Ordinal);
        using var comparison = JsonDocument.Parse(Printed(["compare", .. designs, "--json"]));
        var optics = comparison.RootElement.GetProperty("figures").GetProperty("opticsPower_kW");
        Assert.True(optics[1].GetDouble() < 0.75 * optics[0].GetDouble());

        Assert.Contains("default of the document format", Printed("explain", Cli.Example(Small)), StringComparison.Ordinal);
        using var values = JsonDocument.Parse(Printed("explain", Cli.Example(Small), "--json"));
        Assert.True(values.RootElement.GetArrayLength() > 100);
        Assert.All(values.RootElement.EnumerateArray(), v => Assert.NotEqual("", v.GetProperty("source").GetString()));

        Assert.Contains("transceiver", Printed("catalog"), StringComparison.Ordinal);
        Assert.Contains("qm9700", Printed("catalog", "switch"), StringComparison.Ordinal);
        Assert.Contains("Sources", Printed("catalog", "switch", "qm9700"), StringComparison.Ordinal);
        using var part = JsonDocument.Parse(Printed("catalog", "switch", "qm9700", "--json"));
        Assert.True(part.RootElement.GetArrayLength() > 3);

        Assert.Equal(File.ReadAllText(Path.Combine(Cli.Root, "schema", "design.schema.json")), Printed("schema"));
    }

    [Fact]
    public void Every_part_of_the_catalogue_can_be_shown()
    {
        foreach (var (kind, type) in Catalog.PartCatalog.Kinds)
        {
            var list = Printed("catalog", kind);
            Assert.All(list.Split('\n'), l => Assert.True(l.Length <= 100, l));
            foreach (var key in Catalog.PartCatalog.Default.Keys(type))
            {
                var shown = Printed("catalog", kind, key);
                // An address stays whole, to be copied.
                Assert.All(shown.Split('\n'), l => Assert.True(l.Length <= 100 || l.Contains("://", StringComparison.Ordinal), l));
            }
        }
    }

    [Theory]
    [InlineData("--json")]
    [InlineData(null)]
    public void Strict_returns_1_for_what_does_not_work_and_prints_it_all_the_same(string? json)
    {
        using var scratch = new Scratch();
        var file = scratch.Write(File.ReadAllText(Cli.Example(Small)).Replace("zero-1", "none", StringComparison.Ordinal));
        string[] more = json is null ? [] : [json];
        var usual = Cli.Run(["evaluate", file, .. more]);
        var strict = Cli.Run(["evaluate", file, "--strict", .. more]);
        Assert.Equal((0, ""), (usual.Code, usual.Error));
        Assert.Equal((1, usual.Out, ""), strict);
        Assert.Contains("infeasible", usual.Out, StringComparison.Ordinal);
        Assert.All(Cli.Examples, e => Assert.Equal(0, Cli.Run(["evaluate", e, "--strict", .. more]).Code));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Plots_are_well_formed(string example)
    {
        using var scratch = new Scratch();
        var report = Printed("evaluate", Cli.Example(example));
        Assert.Equal(report, Printed("evaluate", Cli.Example(example), "--plot", scratch["p.svg"]));
        var drawing = XDocument.Load(scratch["p.svg"]);
        Assert.Equal("svg", drawing.Root!.Name.LocalName);
        Assert.True(drawing.Descendants().Count() > 50);
        Printed("evaluate", Cli.Example(example), "--plot", scratch["P.PNG"]);
        var png = File.ReadAllBytes(scratch["P.PNG"]);
        Assert.Equal([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], png[..8]);
        Assert.True(png.Length > 10_000);
        Assert.Equal(["P.PNG", "p.svg"], Directory.GetFiles(scratch.Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        // A second run replaces the first.
        File.WriteAllText(scratch["p.svg"], "old");
        Printed("evaluate", Cli.Example(example), "--plot", scratch["p.svg"]);
        Assert.StartsWith("<?xml", File.ReadAllText(scratch["p.svg"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_prints_the_same_as_this_one()
    {
        Assert.Equal(Cli.Run("evaluate", Cli.Example(Small)), Cli.Process("evaluate", Cli.Example(Small)));
        var wrong = Cli.Process("evaluate", "none.yaml");
        Assert.Equal((2, "", "error: there is no file 'none.yaml'\n"), wrong);
        Assert.Equal(0, Cli.Process("--help").Code);
        Assert.Equal(0, Cli.Process("--version").Code);
    }

    static string Printed(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        Assert.NotEqual("", output);
        return output;
    }
}
