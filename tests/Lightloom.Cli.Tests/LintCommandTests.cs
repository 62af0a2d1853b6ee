namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom lint</c>.</summary>
public sealed class LintCommandTests
{
    static readonly string Published = Path.Combine(Cli.Root, "data", "validation", "fabric", "superpod_counts.csv");

    const string Wrong = "nodes,gpus,leaf,spine,switch_radix_ports\n128,1024,32,15,64\n256,2048,64,32,64\n";

    [Fact]
    public void The_published_table_fits()
    {
        var (code, text, error) = Cli.Run("lint", Published, "--strict");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("9 rows, 69 cells; every cell fits.", text, StringComparison.Ordinal);
        Assert.Empty(Cli.Json("lint", Published).GetProperty("findings").EnumerateArray());
    }

    [Fact]
    public void A_wrong_cell_is_named_with_what_fits()
    {
        using var folder = new Scratch();
        var table = folder.Write(Wrong, "t.csv");
        var (code, text, _) = Cli.Run("lint", table);
        Assert.Equal(0, code);
        Assert.Contains("15 spines have 960 ports, and 1,024 cables", text, StringComparison.Ordinal);
        Assert.Equal(1, Cli.Run("lint", table, "--strict").Code);
        var json = Cli.Json("lint", table);
        Assert.Equal(64, Cli.Json("lint", folder.Write(Wrong.Replace(",switch_radix_ports", "", StringComparison.Ordinal).Replace(",64\n", "\n", StringComparison.Ordinal), "r.csv")).GetProperty("rules").GetProperty("radix").GetInt32());
        var finding = Assert.Single(json.GetProperty("findings").EnumerateArray());
        Assert.Equal((1, 2, "spine", "15", 16, "impossible"), (finding.GetProperty("row").GetInt32(), finding.GetProperty("line").GetInt32(),
            finding.GetProperty("column").GetString(), finding.GetProperty("printed").GetString(), finding.GetProperty("fits").GetInt32(), finding.GetProperty("fault").GetString()));
    }

    [Fact]
    public void The_radix_may_be_given_and_not_twice()
    {
        using var folder = new Scratch();
        var table = folder.Write("nodes,gpus,leaf,spine\n128,1024,16,8\n", "t.csv");
        Assert.Empty(Cli.Json("lint", table, "--radix", "128").GetProperty("findings").EnumerateArray());
        Assert.NotEmpty(Cli.Json("lint", table, "--radix", "64").GetProperty("findings").EnumerateArray());
        var (code, text, error) = Cli.Run("lint", Published, "--radix", "64");
        Assert.Equal((2, ""), (code, text));
        Assert.Contains("the table's column 'switch_radix_ports' says it already", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "the table has no column of nodes or accelerators")]
    [InlineData("nodes,leaf\n1,x\n", "t.csv:2:3: row 1, column 'leaf': expected a number, found 'x'")]
    [InlineData("", "t.csv")]
    public void Tables_that_are_none_exit_with_2(string content, string message)
    {
        using var folder = new Scratch();
        var (code, text, error) = Cli.Run("lint", folder.Write(content, "t.csv"));
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
