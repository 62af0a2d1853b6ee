using Lightloom.Planning.Comparisons;

namespace Lightloom.Cli.Tests;

public class CompareCommandTests
{
    public static TheoryData<string> Sets => [.. ComparisonSets.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Each_comparison_prints_a_report_that_fits_and_the_same_as_json(string set)
    {
        var (code, text, error) = Cli.Run("compare", "--over", set, Cli.Example("superpod-h100-ndr"));
        Assert.Equal((0, ""), (code, error));
        Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 100, l));
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        var json = Cli.Json("compare", "--over", set, Cli.Example("superpod-h100-ndr"));
        var designs = json.GetProperty("designs").GetArrayLength();
        Assert.All(json.GetProperty("figures").EnumerateObject(), f => Assert.Equal(designs, f.Value.GetArrayLength()));
        Assert.All(json.GetProperty("ranges").EnumerateObject(), f => Assert.Equal(designs, f.Value.GetArrayLength()));
        foreach (var design in json.GetProperty("designs").EnumerateArray()) Assert.Contains(design.GetProperty("variant").GetString()!, text, StringComparison.Ordinal);
        foreach (var variant in json.GetProperty("notPossible").EnumerateArray()) Assert.Contains(variant.GetProperty("variant").GetString() + ": ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Written_variants_evaluate_to_what_the_table_says()
    {
        using var folder = new Scratch();
        var json = Cli.Json("compare", "--over", "fabric", Cli.Example("superpod-h100-ndr"), "--write", folder.Folder);
        var tokens = json.GetProperty("figures").GetProperty("effectiveTokensPerSecond");
        string[] files = ["roce", "ultra-ethernet", "infiniband", "infiniband-switches-reduce"];
        Assert.Equal(files.Select(f => $"superpod-h100-ndr-{f}.yaml").Order(StringComparer.Ordinal), Directory.GetFiles(folder.Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        for (var i = 0; i < files.Length; i++)
        {
            var evaluated = Cli.Json("evaluate", folder[$"superpod-h100-ndr-{files[i]}.yaml"]);
            Assert.Equal(json.GetProperty("designs")[i].GetProperty("id").GetString(), evaluated.GetProperty("id").GetString());
            Assert.Equal(tokens[i].GetDouble(), evaluated.GetProperty("goodput").GetProperty("effectiveTokensPerSecond").GetDouble());
        }
    }

    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    public void Pictures_are_written(string kind) => Cli.Draws(kind, "compare", "--over", "copper", Cli.Example("eight-node-roce-copper"));

    [Fact]
    public void Every_design_can_have_the_parallelism_that_is_best_for_it()
    {
        double[] Tokens(params string[] more) =>
        [
            .. Cli.Json(["compare", "--over", "copper", Cli.Example("eight-node-roce-copper"), .. more]).GetProperty("figures").GetProperty("tokensPerSecond")
                .EnumerateArray().Select(v => v.GetDouble()),
        ];
        Assert.All(Tokens().Zip(Tokens("--auto")), t => Assert.True(t.Second >= t.First * (1 - 1e-9), $"{t}"));
    }

    [Theory]
    [InlineData("there is no comparison 'fabrics'; did you mean 'fabric'?", "--over", "fabrics")]
    [InlineData("compare needs two designs or more, or one with --over and one of fabric, optics, copper, topology, domain, sites")]
    [InlineData("--write writes the variants of --over", "--write", "x", "examples/superpod-h100-ndr.yaml")]
    [InlineData("--write: there is no folder 'none'", "--over", "copper", "--write", "none")]
    [InlineData("--plot writes .svg or .png", "--over", "copper", "--plot", "c.pdf")]
    [InlineData("there is no file 'none.yaml'", "--over", "copper", "--prices", "none.yaml")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["compare", Cli.Example("eight-node-roce-copper"), .. options.Select(o => o.StartsWith("examples/", StringComparison.Ordinal) ? Path.Combine(Cli.Root, o) : o)]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_designs_are_not_what_over_takes()
    {
        var (code, text, error) = Cli.Run("compare", "--over", "fabric", Cli.Example("superpod-h100-ndr"), Cli.Example("eight-node-roce-copper"));
        Assert.Equal((2, ""), (code, text));
        Assert.Contains("--over compares ways to build one design; found 2", error, StringComparison.Ordinal);
    }
}
