using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom collective bound</c>.</summary>
public class CollectiveBoundCommandTests
{
    static readonly string[] H100 = ["collective", "bound", "--system", "dgx-h100", "--nodes", "4"];

    static JsonElement Json(params string[] arguments) => Cli.Json(arguments);

    [Fact]
    public void Json_and_text_say_the_same()
    {
        var root = Json([.. H100, "--collective", "all-reduce", "--sizes", "8..32GiB", "--exact"]);
        var sizes = root.GetProperty("sizes");
        Assert.Equal((33, 32), (sizes.GetArrayLength(), root.GetProperty("ranks").GetInt32()));
        var last = sizes[32].GetProperty("lineRates");
        Assert.Equal("ports", last.GetProperty("setBy").GetString());
        // 2 * 31/32 * 32 GiB over 500 GB/s.
        Assert.Equal(2 * 31 / 32.0 * Math.Pow(2, 35) / 500e9 * 1e6, last.GetProperty("transfer_us").GetDouble(), 1);
        Assert.Equal("domain", sizes[32].GetProperty("lineRatesReducing").GetProperty("setBy").GetString());
        Assert.Equal([false, true], root.GetProperty("exact").EnumerateArray().Select(e => e.GetProperty("reducing").GetBoolean()));
        Assert.All(root.GetProperty("exact").EnumerateArray(), e => Assert.Equal(1, e.GetProperty("cutShare").GetDouble(), 1e-6));
        var text = Cli.Run([.. H100, "--collective", "all-reduce", "--sizes", "32GiB"]).Out;
        Assert.Contains("133.1 ms", text);
        Assert.Contains("out of one scale-up domain: 8 x 50 GB/s", text);
    }

    [Fact]
    public void A_dragonfly_of_a_design_is_cut_by_its_own_links()
    {
        var root = Json("collective", "bound", "--design", Cli.Example("dragonfly-1k-h100"), "--collective", "alltoall", "--sizes", "1GiB", "--exact");
        Assert.Contains("half of the groups", root.GetProperty("cuts").EnumerateArray().Select(c => c.GetProperty("cut").GetString()!.Split(':')[0]));
        Assert.InRange(root.GetProperty("exact")[0].GetProperty("cutShare").GetDouble(), 0.9, 1.000001);
    }

    [Fact]
    public void Every_collective_has_limits()
    {
        foreach (var name in new[] { "all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "gather", "scatter", "send-receive", "all_gather", "sendrecv" })
            Assert.True(Json([.. H100, "--collective", name, "--sizes", "1MiB"]).GetProperty("sizes")[0].GetProperty("lineRates").GetProperty("time_us").GetDouble() > 0);
    }

    [Theory]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '0'", "--sizes", "0")]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '-8'", "--sizes=-8")]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '1048576TiB'", "--sizes", "1048576TiB")]
    [InlineData("--sizes: '1EiB'", "--sizes", "1EiB")]
    [InlineData("expected a whole number from 2 to 32, found '33'", "--gpus", "33")]
    [InlineData("5 GPUs don't divide over 4 systems", "--gpus", "5")]
    [InlineData("expected a ratio from 1 to 100", "--oversubscription", "0.5")]
    [InlineData("expected a ratio from 1 to 100", "--oversubscription", "NaN")]
    [InlineData("there is no fabric 'infiniban'; did you mean 'infiniband'", "--fabric", "infiniban")]
    [InlineData("--switch: ", "--switch", "qm970")]
    [InlineData("--design says that already", "--design", "x.yaml")]
    public void A_wrong_input_is_one_clear_message(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run([.. H100, "--collective", "all-gather", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--system: expected a system", "--collective", "all-gather")]
    [InlineData("did you mean 'all-gather'", "--system", "dgx-h100", "--collective", "all-gathr")]
    [InlineData("--exact: what send-receive takes", "--system", "dgx-h100", "--collective", "send-receive", "--exact")]
    public void So_is_what_is_missing_or_has_no_program(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["collective", "bound", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
    }
}
