using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom reliability</c>.</summary>
public sealed class ReliabilityCommandTests
{
    static JsonElement Json(params string[] arguments) => Cli.Json(arguments);

    static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    [Fact]
    public void Json_adds_up_and_is_what_evaluate_says()
    {
        var json = Json("reliability", Cli.Example("llama3-24k-roce"), "--simulate", "--seeds", "10", "--years", "0.5", "--seed", "3");
        var shares = json.GetProperty("timeShares").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Assert.Equal(1, shares.Values.Sum(), 1e-9);
        Assert.Equal(shares["progress"], Number(json, "effectiveShare"));
        var goodput = Json("evaluate", Cli.Example("llama3-24k-roce")).GetProperty("goodput");
        Assert.Equal(Number(goodput, "effectiveShare"), Number(json, "effectiveShare"), 1e-12);
        Assert.Equal(Number(goodput, "interruptionMeanTime_h"), Number(json, "interruptionMeanTime_h"), 1e-9);
        var simulated = json.GetProperty("simulated");
        Assert.Equal(10, simulated.GetProperty("runs").GetInt32());
        Assert.InRange(Number(simulated, "closedFormError"), -0.02, 0.02);
        Assert.InRange(Number(simulated, "effectiveShare"), Number(simulated, "p5"), Number(simulated, "p95"));
        var kinds = json.GetProperty("processes").EnumerateArray().Select(p => p.GetProperty("kind").GetString()).Distinct().Order().ToArray();
        Assert.Equal("degradation flap hard-failure silent-error", string.Join(" ", kinds));
    }

    [Fact]
    public void Same_seed_same_text() =>
        Assert.Equal(
            Cli.Run("reliability", Cli.Example("superpod-h100-ndr"), "--simulate", "--seeds", "20").Out,
            Cli.Run("reliability", Cli.Example("superpod-h100-ndr"), "--simulate", "--seeds", "20").Out);

    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    public void Pictures_are_written(string kind) => Cli.Draws(kind, "reliability", Cli.Example("superpod-h100-ndr"), "--simulate", "--seeds", "5");

    [Theory]
    [InlineData("--seeds is of use with --simulate alone", "--seeds", "5")]
    [InlineData("--years is of use with --simulate alone", "--years", "5")]
    [InlineData("--seeds: expected a whole number from 1 to 1,000,000, found '0'", "--simulate", "--seeds", "0")]
    [InlineData("--years: expected a number of years above 0, at most 1,000; found '-1'", "--simulate", "--years", "-1")]
    [InlineData("--seed", "--simulate", "--seed", "x")]
    [InlineData("expected at most", "--simulate", "--seeds", "1000000", "--years", "1000")]
    [InlineData("--plot writes .svg or .png", "--plot", "r.pdf")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["reliability", Cli.Example("superpod-h100-ndr"), .. options]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_makes_no_progress_gets_an_answer()
    {
        using var folder = new Scratch();
        var text = File.ReadAllText(Cli.Example("llama3-24k-roce"));
        const string Given = "slack: 0.5 m }";
        Assert.Contains(Given, text);
        var design = folder.Write(text.Replace(Given, "slack: 0.5 m, checkpointBandwidth: 0.001 GB/s, acceleratorInterruptions: 9 /yr, otherInterruptions: 90 /yr }", StringComparison.Ordinal));
        var (code, said, error) = Cli.Run("reliability", design);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("It makes no progress: a checkpoint takes", said, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", said, StringComparison.Ordinal);
        Assert.False(Json("reliability", design).GetProperty("makesProgress").GetBoolean());
    }
}
