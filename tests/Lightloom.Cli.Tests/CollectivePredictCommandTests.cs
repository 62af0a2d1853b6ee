using System.Text.Json;

namespace Lightloom.Cli.Tests;

public sealed class CollectivePredictCommandTests
{
    static JsonElement Json(params string[] arguments)
    {
        var (code, output, _) = Cli.Run(["collective", "predict", .. arguments, "--json"]);
        Assert.Equal(0, code);
        return JsonDocument.Parse(output).RootElement.Clone();
    }

    static double Bus(JsonElement json) => json.GetProperty("sizes").EnumerateArray().Last().GetProperty("busbw_GBps").GetDouble();

    // 480 GB/s by NVLS, 365 by rings: what the reference runs of 8 H100 print.
    [Fact]
    public void One_H100_node_prints_what_everybody_s_does()
    {
        Assert.InRange(Bus(Json("--system", "dgx-h100", "--collective", "all-reduce", "--sizes", "16GiB")), 465, 495);
        Assert.InRange(Bus(Json("--system", "dgx-h100", "--collective", "all-reduce", "--sizes", "16GiB", "--no-nvls")), 350, 375);
        Assert.InRange(Bus(Json("--system", "dgx-h100", "--collective", "all-to-all", "--sizes", "16GiB")), 330, 370);
    }

    [Fact]
    public void Two_nodes_are_not_four()
    {
        double Cards(string nodes)
        {
            var sizes = Json("--system", "dgx-b200", "--nodes", nodes, "--collective", "all-reduce", "--sizes", "8GiB").GetProperty("sizes");
            return sizes[0].GetProperty("algbw_GBps").GetDouble();
        }
        Assert.True(Cards("2") > 1.6 * Cards("4"));
    }

    [Fact]
    public void All_to_all_falls_with_every_rack_boundary()
    {
        double Rate(string racks) => Bus(Json("--system", "gb200-nvl72", "--nodes", racks, "--collective", "all-to-all", "--sizes", "8GiB"));
        Assert.InRange(Rate("1"), 560, 690);
        Assert.InRange(Rate("2"), 75, 100);
        Assert.True(Rate("2") > Rate("4") && Rate("4") > Rate("8"));
    }

    [Fact]
    public void Bands_hold_the_prediction_and_no_prediction_beats_its_bound()
    {
        foreach (var kind in new[] { "all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "gather", "scatter", "send-receive" })
        {
            foreach (var size in Json("--system", "dgx-h100", "--nodes", "4", "--collective", kind, "--sizes", "8..32GiB").GetProperty("sizes").EnumerateArray())
            {
                var time = size.GetProperty("time_us").GetDouble();
                Assert.InRange(time, size.GetProperty("low_us").GetDouble(), size.GetProperty("high_us").GetDouble());
                Assert.InRange(size.GetProperty("ofLimit").GetDouble(), 0, 1.0001);
            }
        }
    }

    [Fact]
    public void Launching_by_one_process_is_a_floor_below_which_nothing_goes()
    {
        double First(string each) => Json("--system", "dgx-h100", "--collective", "all-reduce", "--sizes", "1KiB", "--gpus-per-process", each).GetProperty("sizes")[0].GetProperty("time_us").GetDouble();
        Assert.True(First("8") > 1.5 * First("1"));
    }

    /// <summary>
    /// System: rings of four systems on a fabric that doesn't block. Expectation: nothing is shared, so that flows take what the closed form says for large
    /// messages, and less for small ones, whose ways differ; packets stay within their headers of both, but where latency is
    /// most of the time: there channels fall out of step, and each finds the domain's links idle.
    /// </summary>
    [Fact]
    public void Engines_agree_where_nothing_is_shared()
    {
        var json = Json("--system", "dgx-h100", "--nodes", "4", "--collective", "all-reduce", "--algorithm", "ring", "--sizes", "64KiB,4MiB,256MiB", "--engine", "all");
        var engines = json.GetProperty("engines").EnumerateArray().ToList();
        Assert.Equal(["flow", "packet"], engines.Select(e => e.GetProperty("engine").GetString()));
        double Ratio(int engine, int size) => engines[engine].GetProperty("sizes")[size] is var s ? s.GetProperty("time_s").GetDouble() / s.GetProperty("closedForm_s").GetDouble() : 0;
        Assert.InRange(Ratio(0, 2), 0.99, 1.001);
        Assert.InRange(Ratio(0, 0), 0.95, 1);
        for (var size = 0; size < 3; size++) Assert.InRange(Ratio(1, size), size == 0 ? 0.85 : 0.95, 1.02);
        var (code, output, error) = Cli.Run("collective", "predict", "--system", "dgx-h100", "--nodes", "4", "--collective", "all-to-all", "--sizes", "1MiB,64MiB", "--oversubscription", "2", "--engine", "flow");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Engines side by side", output);
        Assert.Contains("Where they part", output);
    }

    [Theory]
    [InlineData("1", "--engine flow", "the ranks don't leave one scale-up domain, so there is no fabric to play on; expected --nodes of 2 or more, or a design")]
    [InlineData("2", "--engine fluid", "there is no engine 'fluid'")]
    [InlineData("2", "--hash 1", "--hash is of use with --engine flow or all alone")]
    [InlineData("2", "--engine flow --transport dctcp", "--transport is of use with --engine packet or all alone")]
    [InlineData("2", "--engine flow --fabric efa-p5", "there is no fabric 'efa-p5'")]
    public void Engines_that_can_t_play_say_why(string nodes, string options, string expected)
    {
        var (code, output, error) = Cli.Run(["collective", "predict", "--system", "dgx-h100", "--nodes", nodes, "--collective", "all-reduce", "--sizes", "1MiB", .. options.Split(' ')]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error);
    }

    [Fact]
    public void A_rack_has_many_hosts_and_none_of_them_is_the_floor()
    {
        var rack = Json("--system", "gb200-nvl72", "--collective", "all-reduce", "--sizes", "1KiB");
        Assert.Equal(1, rack.GetProperty("gpusPerProcess").GetInt32());
        Assert.InRange(rack.GetProperty("sizes")[0].GetProperty("time_us").GetDouble(), 10, 100);
        Assert.Equal(8, Json("--system", "dgx-h100", "--collective", "all-reduce", "--sizes", "1KiB").GetProperty("gpusPerProcess").GetInt32());
    }

    [Fact]
    public void SHARP_is_taken_where_the_library_is_told_of_it()
    {
        JsonElement Last(params string[] more) => Json(["--system", "dgx-h100", "--nodes", "16", "--collective", "all-reduce", "--sizes", "8GiB", .. more]).GetProperty("sizes")[0];
        Assert.NotEqual("in-network", Last().GetProperty("algorithm").GetString());
        Assert.Equal("in-network", Last("--sharp").GetProperty("algorithm").GetString());
        Assert.True(Last("--sharp").GetProperty("time_us").GetDouble() < Last().GetProperty("time_us").GetDouble());
    }

    [Fact]
    public void Pictures_are_written()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("lightloom-").FullName, "predict.svg");
        var (code, _, error) = Cli.Run("collective", "predict", "--system", "dgx-h100", "--collective", "all-reduce", "--plot", file);
        Assert.True(code == 0, error);
        Assert.Contains("<svg", File.ReadAllText(file), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Theory]
    [InlineData("--sizes", "-8", "--sizes")]
    [InlineData("--sizes", "0", "--sizes")]
    [InlineData("--sizes", "1EiB", "--sizes")]
    [InlineData("--gpus", "9", "from 2 to 8")]
    [InlineData("--algorithm", "rign", "ring")]
    [InlineData("--protocol", "medium", "expected bulk or low-latency")]
    [InlineData("--gpus-per-process", "9", "--gpus-per-process")]
    [InlineData("--nodes", "0", "--nodes")]
    [InlineData("--fabric", "infinband", "infiniband")]
    public void Wrong_inputs_are_one_message_and_exit_code_2(string option, string value, string expected)
    {
        var (code, output, error) = Cli.Run("collective", "predict", "--system", "dgx-h100", "--collective", "all-reduce", option, value);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void An_algorithm_that_can_t_do_it_is_refused()
    {
        var (code, _, error) = Cli.Run("collective", "predict", "--system", "dgx-h100", "--collective", "all-to-all", "--algorithm", "ring");
        Assert.Equal(2, code);
        Assert.Contains("ring can't do", error, StringComparison.Ordinal);
    }
}
