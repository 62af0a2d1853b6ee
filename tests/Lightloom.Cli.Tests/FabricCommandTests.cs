using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Cli.Tests;

/// <summary>What <c>fabric build|bom|cables</c> write, and that they write it whole or not at all.</summary>
public class FabricCommandTests
{
    [Fact]
    public void Cables_in_a_file_are_those_on_the_standard_output_and_read_back()
    {
        using var scratch = new Scratch();
        var design = Cli.Example("superpod-h100-ndr");
        var (code, output, error) = Cli.Run("fabric", "cables", design, "--output", scratch["cables.csv"]);
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("2,044 cables in", output, StringComparison.Ordinal);
        var cables = CableTable.ReadFile(scratch["cables.csv"]);
        Assert.Equal(2044, cables.Count);
        Assert.Equal(File.ReadAllText(scratch["cables.csv"]), Cli.Run("fabric", "cables", design, "--output", "-").Out);
        Assert.Equal([scratch["cables.csv"]], Directory.GetFiles(scratch.Folder));
        // Systems in row 1 hang on rail leaves of their own unit, port i of each on leaf i.
        Assert.All(cables.Where(c => c.Class == "node-leaf"), c => Assert.Equal(c.A.Port[4..].Split('/')[0], $"{int.Parse(c.B.Device[5..]) % 8}"));
    }

    [Fact]
    public void Bundles_hold_every_cable()
    {
        var rows = Cli.Run("fabric", "cables", Cli.Example("superpod-h100-ndr"), "--bundles", "--output", "-").Out;
        Assert.Equal(2044, CsvTable.Read(rows, "bundles").Rows.Sum(r => r.Count("cables")));
    }

    [Fact]
    public void A_bill_as_json_sums_to_its_total()
    {
        var (code, output, _) = Cli.Run("fabric", "bom", Cli.Example("gb200-nvl72-cpo"), "--json");
        Assert.Equal(0, code);
        var bill = JsonDocument.Parse(output).RootElement;
        var sum = bill.GetProperty("lines").EnumerateArray().Where(l => l.TryGetProperty("each_USD", out _)).Sum(l =>
            (l.GetProperty("count").GetInt64() + l.GetProperty("spares").GetInt64()) * l.GetProperty("each_USD").GetProperty("value").GetDouble());
        Assert.Equal(sum, bill.GetProperty("total_USD").GetProperty("value").GetDouble(), 1);
        Assert.Contains(bill.GetProperty("lines").EnumerateArray(), l => l.GetProperty("includedInHost").GetBoolean());
    }

    [Fact]
    public void A_bill_as_csv_is_a_table()
    {
        using var scratch = new Scratch();
        Assert.Equal(0, Cli.Run("fabric", "bom", Cli.Example("superpod-h100-ndr"), "--output", scratch["bom.csv"]).Code);
        var table = CsvTable.ReadFile(scratch["bom.csv"]);
        Assert.Equal(48, table.Rows.Single(r => r["category"] == "switches").Count("count"));
    }

    [Theory]
    [InlineData("bom")]
    [InlineData("cables")]
    public void A_file_that_can_t_be_written_is_an_error(string command)
    {
        using var scratch = new Scratch();
        foreach (var target in (string[])[scratch.Folder, scratch["no/such/folder.csv"]])
        {
            var (code, output, error) = Cli.Run("fabric", command, Cli.Example("superpod-h100-ndr"), "--output", target);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains(target, error, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.GetFiles(scratch.Folder));
    }
}
