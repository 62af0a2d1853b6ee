using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom serve</c>.</summary>
public sealed class ServeCommandTests
{
    static readonly string Example = Cli.Example(Path.Combine("serving", "eight-node-roce-copper"));

    static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    /// <summary>The example with one line changed.</summary>
    static string Changed(Scratch folder, string line, string into)
    {
        var text = File.ReadAllText(Example);
        Assert.Contains(line, text, StringComparison.Ordinal);
        return folder.Write(text.Replace(line, into, StringComparison.Ordinal));
    }

    [Fact]
    public void Json_adds_up()
    {
        var json = Cli.Json("serve", Example, "--rate", "60");
        Assert.True(json.GetProperty("works").GetBoolean());
        var (answer, alone, played) = (json.GetProperty("atRate"), json.GetProperty("alone"), json.GetProperty("simulated"));
        Assert.Equal(60, Number(answer, "requestsPerSecond"));
        Assert.Equal(60 * 300 / 64.0, Number(answer, "outputTokensPerSecondPerAccelerator"), 1e-9);
        Assert.True(Number(answer, "firstToken_s") > Number(alone, "firstToken_s"));
        Assert.Equal(Number(answer, "firstToken_s"), Number(alone, "firstToken_s") + Number(answer, "wait_s"), 0.3 * Number(answer, "firstToken_s"));
        // The closed form says that it holds: within a tenth of what playing out finds (ServingSystemTests says why).
        Assert.True(answer.GetProperty("closedFormHolds").GetBoolean());
        Assert.InRange(Number(answer, "firstToken_s") / Number(played, "firstToken_s"), 0.9, 1.1);
        Assert.InRange(Number(answer, "perToken_s") / Number(played, "perToken_s"), 0.93, 1.07);
        Assert.True(Number(played, "firstTokenP99_s") > Number(played, "firstToken_s"));
        var pool = json.GetProperty("pool");
        Assert.Equal(64, Number(pool, "copies") * Number(pool, "acceleratorsPerCopy"));
        Assert.Equal("time per token", json.GetProperty("largestWithinObjectives").GetProperty("binds").GetString());
    }

    [Fact]
    public void Same_input_same_text() => Assert.Equal(Cli.Run("serve", Example).Out, Cli.Run("serve", Example).Out);

    [Fact]
    public void A_rate_that_it_can_not_keep_up_with_gets_an_answer()
    {
        var (code, text, error) = Cli.Run("serve", Example, "--rate", "500");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("the queue grows without bound. It takes at most", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.Equal(1, Cli.Run("serve", Example, "--rate", "500", "--strict").Code);
        var json = Cli.Json("serve", Example, "--rate", "500");
        Assert.False(json.GetProperty("works").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("atRate").GetProperty("firstToken_s").ValueKind);
        Assert.InRange(Number(json.GetProperty("limit"), "requestsPerSecond"), 20, 500);
    }

    [Theory]
    [InlineData("precision: fp8", "tensor: 1")]
    [InlineData("systems: 8", "systems: 1\n  # one server", "model: llama-3.1-70b", "model: llama-3.1-405b")]
    public void A_model_that_does_not_fit_gets_an_answer(string line, string into, string other = "output: 300", string otherInto = "output: 300")
    {
        using var folder = new Scratch();
        var text = File.ReadAllText(Changed(folder, line, into));
        Assert.Contains(other, text, StringComparison.Ordinal);
        var file = folder.Write(text.Replace(other, otherInto, StringComparison.Ordinal).Replace("precision: fp8", "precision: bf16", StringComparison.Ordinal));
        var (code, said, error) = Cli.Run("serve", file);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Nothing is served: the model doesn't fit", said, StringComparison.Ordinal);
        Assert.Equal(1, Cli.Run("serve", file, "--strict").Code);
        Assert.StartsWith("the model doesn't fit", Cli.Json("serve", file).GetProperty("problem").GetString(), StringComparison.Ordinal);
        var (plotted, _, why) = Cli.Run("serve", file, "--plot", folder["x.svg"]);
        Assert.Equal(2, plotted);
        Assert.Contains("nothing to draw", why, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["x.svg"]));
    }

    [Fact]
    public void Objectives_that_nothing_keeps_get_an_answer()
    {
        using var folder = new Scratch();
        var (code, said, error) = Cli.Run("serve", Changed(folder, "perToken: 50 ms", "perToken: 1 ms"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("No rate keeps the objectives: a request that comes alone already misses the time per token", said.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_pools_send_keys_and_values()
    {
        using var folder = new Scratch();
        var json = Cli.Json("serve", Changed(folder, "output: 300", "output: 300\n  prefill: { systems: 4 }"));
        var (prefill, decode) = (json.GetProperty("prefillPool"), json.GetProperty("decodePool"));
        Assert.Equal((32, 32), (Number(prefill, "copies") * Number(prefill, "acceleratorsPerCopy"), Number(decode, "copies") * Number(decode, "acceleratorsPerCopy")));
        // 655 MB of a prompt over at most 8 cards of 50 GB/s each, and at least over one.
        Assert.InRange(Number(json, "transfer_s"), 2000 * Number(json, "keysAndValues_bytesPerToken") / (8 * 50e9), 2000 * Number(json, "keysAndValues_bytesPerToken") / 40e9);
        // No prompt stands between two tokens of an answer.
        Assert.True(Number(json.GetProperty("atRate"), "perToken_s") < Number(Cli.Json("serve", Example).GetProperty("atRate"), "perToken_s"));
    }

    [Fact]
    public void Without_a_rate_it_answers_the_largest_within_the_objectives()
    {
        using var folder = new Scratch();
        var json = Cli.Json("serve", Changed(folder, "  requestsPerSecond: 20\n", ""));
        Assert.Equal(Number(json.GetProperty("largestWithinObjectives"), "requestsPerSecond"), Number(json.GetProperty("atRate"), "requestsPerSecond"));
        Assert.True(json.GetProperty("works").GetBoolean());
        Assert.Equal(0.05, Number(json.GetProperty("atRate"), "perToken_s"), 1e-6);
    }

    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    public void Pictures_are_written(string kind) => Cli.Draws(kind, "serve", Example);

    [Theory]
    [InlineData("--rate: expected a number of requests a second above 0", "--rate", "0")]
    [InlineData("--rate: expected a number of requests a second above 0", "--rate", "many")]
    [InlineData("--plot writes .svg or .png", "--plot", "s.pdf")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["serve", Example, .. options]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prompt: 2000", "prompt: 0", "expected a whole number from 1 to 10,000,000, found '0'")]
    [InlineData("output: 300", "output: 0", "expected a whole number from 1 to 10,000,000, found '0'")]
    [InlineData("precision: fp8", "tensor: 3", "serving.tensor: tensor 3 does not divide the model's 64 attention heads; nearest 2 and 4")]
    [InlineData("precision: fp8", "expert: 4", "serving.expert: the model 'llama-3.1-70b' has no experts to split")]
    [InlineData("precision: fp8", "precision: nvfp4", "serving.precision: the accelerator 'h100-sxm-80gb' has no")]
    [InlineData("output: 300", "output: 300\n  prefill: { systems: 8 }", "serving.prefill.systems: the pool for prompts leaves no system to decode: expected at most 7 of 8")]
    [InlineData("output: 300", "output: 300\n  prefill: { systems: 3, tensor: 16 }", "serving.prefill.tensor: copies of 16 accelerators don't fill a pool of 24; nearest 12 and 24")]
    [InlineData("requestsPerSecond: 20", "requestPerSecond: 20", "did you mean 'requestsPerSecond'?")]
    [InlineData("model: llama-3.1-70b", "model: llama-3.1-71b", "llama-3.1-70b")]
    [InlineData("  requestsPerSecond: 20\n  objectives: { firstToken: 1 s, perToken: 50 ms }", "", "serving: expected 'requestsPerSecond', or 'objectives'")]
    public void Wrong_designs_are_named_with_their_place(string line, string into, string message)
    {
        using var folder = new Scratch();
        var file = Changed(folder, line, into);
        var (code, text, error) = Cli.Run("serve", file);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Matches(@":\d+:\d+: ", error);
    }

    [Fact]
    public void A_design_that_serves_nothing_is_named()
    {
        var (code, _, error) = Cli.Run("serve", Cli.Example("superpod-h100-ndr"));
        Assert.Equal(2, code);
        Assert.Contains("serves no model; expected a section 'serving'", error, StringComparison.Ordinal);
    }
}
