using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train sites</c>.</summary>
public class TrainSitesCommandTests
{
    static readonly string[] Model = ["train", "sites", "--model", "llama-3.1-8b", "--step-time", "2 s"];

    static JsonElement Json(params string[] arguments) => Cli.Json(arguments);

    static JsonElement Method(JsonElement root, string name) => root.GetProperty("methods").EnumerateArray().Single(m => m.GetProperty("method").GetString() == name);

    static string Changed(params (string Old, string New)[] changes)
    {
        var text = File.ReadAllText(Cli.Example("two-sites-h100"));
        foreach (var (old, with) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, with, StringComparison.Ordinal);
        }
        return text;
    }

    [Fact]
    public void Figures_are_those_of_the_equations()
    {
        var root = Json([.. Model, "--no-overlap", "--bandwidth", "100", "--distance", "1000km", "--route-factor", "1.5"]);
        var delay = 1.5e6 * 4.897e-9;
        Assert.Equal(delay, root.GetProperty("ring").GetProperty("hops_s")[0].GetDouble(), 1e-9);
        // 8,030,261,248 parameters of 16 bits over 100 Gb/s, there and back.
        Assert.Equal(2 + (8_030_261_248 * 16 / 100e9) + (2 * delay), Method(root, "data-parallel").GetProperty("step_s").GetDouble(), 1e-6);
        Assert.Equal(((8_030_261_248 * 16 / 100e9) + (2 * delay)) / 100, Method(root, "diloco").GetProperty("exposed_s").GetDouble(), 1e-6);
        Assert.Contains("tokens of a step", Method(root, "pipeline").GetProperty("leftOut").GetString());
        Assert.Equal(49, root.GetProperty("bandwidths_Gbps").GetArrayLength());
        var needs = Method(root, "streaming-diloco").GetProperty("needs").EnumerateArray().Select(n => n.GetProperty("bandwidth_Gbps").GetDouble()).ToList();
        Assert.Equal(needs.Order(), needs);
    }

    [Fact]
    public void Hollow_core_fibre_shortens_the_delays()
    {
        string[] far = [.. Model, "--distance", "5000km", "--batch-tokens", "4194304", "--bandwidth", "800"];
        foreach (var method in new[] { "data-parallel", "pipeline" })
            Assert.True(Method(Json([.. far, "--fibre", "hollow-core-1550"]), method).GetProperty("utilisation").GetDouble() > Method(Json(far), method).GetProperty("utilisation").GetDouble());
    }

    [Fact]
    public void A_design_gives_sites_and_routes_and_its_step_is_that_of_evaluate()
    {
        using var scratch = new Scratch();
        var root = Json("train", "sites", Cli.Example("two-sites-h100"));
        var alone = scratch.Write(Changed(("globalBatch: 512", "globalBatch: 256")));
        using var evaluated = JsonDocument.Parse(Cli.Run("evaluate", alone, "--json").Out);
        Assert.Equal(evaluated.RootElement.GetProperty("step").GetProperty("time_s").GetDouble(), root.GetProperty("siteStep_s").GetDouble(), 1e-9);
        Assert.Equal(1.3 * 600e3 * 4.897e-9, root.GetProperty("chain").GetProperty("hops_s")[0].GetDouble(), 1e-9);
        Assert.Equal(5, root.GetProperty("methods").EnumerateArray().Count(m => m.TryGetProperty("utilisation", out _)));
        Assert.Contains("one of 2 sites", Cli.Run("evaluate", Cli.Example("two-sites-h100")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Unlike_sites_share_the_batch_in_proportion_and_the_pipeline_by_stages()
    {
        using var scratch = new Scratch();
        var text = Changed(("{ name: south }", "{ name: south, accelerators: 192 }"));
        var root = Json("train", "sites", scratch.Write(text));
        Assert.Contains("8 stages", Method(root, "pipeline").GetProperty("note").GetString());
        var (code, _, error) = Cli.Run("train", "sites", scratch.Write(text.Replace("globalBatch: 512", "globalBatch: 510", StringComparison.Ordinal)));
        Assert.Equal(2, code);
        Assert.Contains("job.globalBatch: 510 sequences don't split over the sites in proportion to their accelerators ('north' has 64 of 256); nearest are 508 and 512", error);
    }

    [Fact]
    public void A_picture_is_drawn_and_text_names_what_is_published()
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run([.. Model, "--method", "diloco,eager-updates", "--bandwidth", "0.01..10", "--plot", scratch["s.svg"]]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("<svg", File.ReadAllText(scratch["s.svg"]));
        Assert.Contains("arXiv:2502.12996", text);
        Assert.DoesNotContain("data-parallel", text);
    }

    [Theory]
    [InlineData("--distance: expected 0 to 20,004 km, half of the earth's circumference, found '30000km'", "--distance", "30000km")]
    [InlineData("--distance: expected 0 to 20,004 km", "--distance=-1km")]
    [InlineData("--distance: ", "--distance", "5 s")]
    [InlineData("--sites: expected a whole number from 2 to 8, found '1'", "--sites", "1")]
    [InlineData("--bandwidth: expected 0.001 to 100,000,000 Gb/s, found '0'", "--bandwidth", "0")]
    [InlineData("--bandwidth: the range '1000..1' has to rise", "--bandwidth", "1000..1")]
    [InlineData("--bandwidth: expected '100' or '1..1000'", "--bandwidth", "1..2..3")]
    [InlineData("--inner-steps: expected a whole number from 1 to 10,000, found '0'", "--inner-steps", "0")]
    [InlineData("--fragment: fragments of 5 layers don't divide the 32 layers; nearest are 4 and 8", "--fragment", "5")]
    [InlineData("--delay: a fragment is merged 0 to 100 steps after it is sent", "--delay", "101")]
    [InlineData("--format: expected one of fp32, bf16, fp8, int8, fp4, found 'fp5'", "--format", "fp5")]
    [InlineData("--method: expected one of data-parallel, pipeline, diloco, streaming-diloco, eager-updates, found 'diloko'; did you mean 'diloco'?", "--method", "diloko")]
    [InlineData("--top-k: expected a number above 0 and at most 1, found '0'", "--top-k", "0")]
    [InlineData("--route-factor: expected a number from 1 to 10, found '0.5'", "--route-factor", "0.5")]
    [InlineData("--fibre: there is no fibre 'os3'", "--fibre", "os3")]
    [InlineData("--microbatches: the tokens of a step are needed as well", "--microbatches", "8")]
    [InlineData("--step-time: expected a time above 0", "--step-time", "0 s")]
    public void A_wrong_argument_is_one_clear_message_and_no_file(string message, params string[] arguments)
    {
        using var scratch = new Scratch();
        string[] rest = arguments[0] == "--step-time" ? ["train", "sites", "--model", "llama-3.1-8b"] : Model;
        var (code, text, error) = Cli.Run([.. rest, .. arguments, "--plot", scratch["s.svg"]]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.GetFiles(scratch.Folder));
    }

    [Theory]
    [InlineData("expects a design with sites, or --model")]
    [InlineData("--step-time: expected the time of a step", "--model", "llama-3.1-8b")]
    [InlineData("--model: a design has its own model", "DESIGN", "--model", "llama-3.1-8b")]
    [InlineData("--distance: a design says it itself", "DESIGN", "--distance", "1km")]
    public void A_design_or_a_model_is_needed_and_not_both(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["train", "sites", .. arguments.Select(a => a == "DESIGN" ? Cli.Example("two-sites-h100") : a)]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
    }

    [Theory]
    [InlineData("distance: 600 km", "distance: 60000 km", "d.yaml:21:41: expected")]
    [InlineData("bandwidth: 400 Gb/s", "bandwidth: 0 Gb/s", "d.yaml:21:78: expected")]
    [InlineData("to: south", "to: sauth", "d.yaml:21:24: routes.0.to: there is no site 'sauth'; did you mean 'south'?")]
    [InlineData("to: south", "to: north", "routes.0.to: the route leads from 'north' to itself")]
    [InlineData("  - { name: south }\n", "", "sites: training over several sites needs at least two, found 1")]
    [InlineData("{ name: south }", "{ name: north }", "sites.1.name: two sites are called 'north'")]
    [InlineData("{ name: south }", "{ name: south }\n  - east", "routes: no routes connect 'north' with 'east'")]
    [InlineData("{ name: south }", "{ name: south, accelerators: 12 }", "sites.1.accelerators: a site has whole systems of 8 accelerators; nearest are 8 and 16")]
    [InlineData("{ name: south }", "{ nam: south }", "did you mean 'name'")]
    [InlineData("precision: bf16", "precision: bf16\n  accelerators: 32", "job.accelerators: every site trains on all of its accelerators")]
    public void A_wrong_design_is_told_where_it_stands(string old, string with, string message)
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run("train", "sites", scratch.Write(Changed((old, with))));
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("d.yaml:", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
