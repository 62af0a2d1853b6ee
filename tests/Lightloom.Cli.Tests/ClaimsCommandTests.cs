namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom claims</c>.</summary>
public class ClaimsCommandTests
{
    [Fact]
    public void The_page_is_what_the_program_writes()
    {
        using var folder = new Scratch();
        var (code, text, error) = Cli.Run("claims", "--markdown", folder["claims.md"]);
        Assert.Equal((0, "", ""), (code, text, error));
        var committed = Path.Combine(Cli.Root, "docs", "claims.md");
        var written = File.ReadAllText(folder["claims.md"]);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(committed, written);
        Assert.Equal(File.ReadAllText(committed), written);
    }

    [Fact]
    public void Json_has_all_of_them()
    {
        var root = Cli.Json("claims");
        Assert.Equal(31, root.GetProperty("claims").GetInt32());
        Assert.Equal(31, root.GetProperty("verdicts").EnumerateObject().Sum(v => v.Value.GetInt32()));
        var answers = root.GetProperty("answers").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 31).Select(i => $"C{i:00}"), answers.Select(a => a.GetProperty("id").GetString()));
        var c19 = answers[18];
        Assert.Equal("does-not-hold", c19.GetProperty("verdict").GetString());
        Assert.Equal(979.4, c19.GetProperty("figures")[0].GetProperty("value").GetDouble(), 0.1);
    }

    [Fact]
    public void One_says_parts_designs_and_assumptions()
    {
        var (code, text, error) = Cli.Run("claims", "c06");
        Assert.Equal((0, ""), (code, error));
        foreach (var part in (string[])["per port", "per switch box", "per cluster", "655,360", "q3450-ld", "assumed:", "What would change it", "weakest figure"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_design_takes_the_place_of_an_example()
    {
        var own = Cli.Json("claims", "C26", "--design", Cli.Example("eight-node-roce-copper")).GetProperty("answers")[0];
        Assert.Equal("does-not-hold", own.GetProperty("verdict").GetString());
        Assert.Contains("64 H100 on RoCE over copper", own.GetProperty("on")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no claim 'C32'", "C32")]
    [InlineData("leave the id out", "C19", "--markdown", "x.md")]
    [InlineData("there is no folder", "--markdown", "no-such-folder/x.md")]
    [InlineData("no-such.yaml", "--design", "no-such.yaml")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["claims", .. options]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
