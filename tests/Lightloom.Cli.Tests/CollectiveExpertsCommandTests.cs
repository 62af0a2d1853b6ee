using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom collective experts</c>.</summary>
public class CollectiveExpertsCommandTests
{
    static readonly string[] H100 = ["collective", "experts", "--system", "dgx-h100"];

    static JsonDocument Run(params string[] arguments)
    {
        var (code, text, error) = Cli.Run([.. H100, .. arguments, "--json"]);
        Assert.Equal((0, ""), (code, error));
        return JsonDocument.Parse(text);
    }

    [Fact]
    public void Json_says_in_units_what_each_mode_takes_and_what_a_limit_buys()
    {
        using var json = Run("--nodes", "8", "--model", "deepseek-v3", "--node-limit", "4");
        var root = json.RootElement;
        Assert.Equal((64, 256, 8, 4), (root.GetProperty("ranks").GetInt32(), root.GetProperty("experts").GetInt32(), root.GetProperty("perToken").GetInt32(),
            root.GetProperty("domainLimit").GetInt32()));
        var modes = root.GetProperty("modes").EnumerateArray().ToList();
        Assert.Equal(["throughput", "low-latency"], modes.Select(m => m.GetProperty("mode").GetString()));
        var dispatch = modes[0].GetProperty("dispatch");
        Assert.True(dispatch.GetProperty("mean_us").GetDouble() < dispatch.GetProperty("mostLoaded_us").GetDouble());
        Assert.Equal(2, dispatch.GetProperty("levels").GetArrayLength());
        var limits = modes[0].GetProperty("limits").EnumerateArray().ToList();
        Assert.Equal([1, 2, 4], limits.SkipLast(1).Select(l => l.GetProperty("domainLimit").GetInt32()));
        Assert.Equal(limits.Select(l => l.GetProperty("dispatchAndCombine_us").GetDouble()).Order(), limits.Select(l => l.GetProperty("dispatchAndCombine_us").GetDouble()));
        Assert.Empty(modes[1].GetProperty("limits").EnumerateArray());
    }

    [Fact]
    public void One_system_has_no_fabric_and_no_limit_to_try()
    {
        using var json = Run("--hidden", "7168", "--top-k", "8", "--mode", "throughput");
        var mode = Assert.Single(json.RootElement.GetProperty("modes").EnumerateArray());
        Assert.Equal("scale-up", Assert.Single(mode.GetProperty("combine").GetProperty("levels").EnumerateArray()).GetProperty("name").GetString());
        Assert.Empty(mode.GetProperty("limits").EnumerateArray());
    }

    [Fact]
    public void The_fabric_that_loses_across_rails_is_slower_for_low_latency()
    {
        double Mean(string fabric)
        {
            using var json = Run("--nodes", "2", "--hidden", "7168", "--top-k", "8", "--tokens", "128", "--mode", "low-latency", "--fabric", fabric);
            return json.RootElement.GetProperty("modes")[0].GetProperty("dispatch").GetProperty("mean_us").GetDouble();
        }
        Assert.True(Mean("efa") > 2 * Mean("infiniband"));
    }

    [Theory]
    [InlineData("--hidden: expected a whole number from 1 to 1,000,000, or --model", "--top-k", "8")]
    [InlineData("--top-k: expected a whole number from 1 to 64, found '65'", "--hidden", "7168", "--top-k", "65")]
    [InlineData("256 experts don't divide over 72 ranks; expected a multiple, such as 288", "--nodes", "9", "--model", "deepseek-v3")]
    [InlineData("--node-limit: expected a whole number from 1 to 2, found '3'", "--nodes", "2", "--model", "deepseek-v3", "--node-limit", "3")]
    [InlineData("fewer than the 64 of a token", "--nodes", "8", "--hidden", "7168", "--top-k", "64", "--node-limit", "1")]
    [InlineData("a token can't visit 16 of 8 experts", "--hidden", "7168", "--top-k", "16", "--experts", "8")]
    [InlineData("has no experts", "--model", "llama-3.1-70b")]
    [InlineData("--mode: expected throughput or low-latency, found 'low'", "--model", "deepseek-v3", "--mode", "low")]
    [InlineData("--dispatch: expected fp8 or bf16, found 'fp9'; did you mean", "--model", "deepseek-v3", "--dispatch", "fp9")]
    [InlineData("--skew: expected a number from 1 to 1000, found '0.5'", "--model", "deepseek-v3", "--skew", "0.5")]
    [InlineData("--fabric", "--model", "deepseek-v3", "--fabric", "infinband")]
    [InlineData("--tokens: expected a whole number from 1 to 100,000,000, found '0'", "--model", "deepseek-v3", "--tokens", "0")]
    public void A_wrong_input_is_one_clear_message(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run([.. H100, .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.Trim().Split('\n'));
    }
}
