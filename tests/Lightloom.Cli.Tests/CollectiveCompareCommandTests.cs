using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom collective compare</c>.</summary>
public class CollectiveCompareCommandTests
{
    static string Log(string name) => Path.Combine(Cli.Root, "examples", "logs", name + ".log");

    static string[] Compare(string log, params string[] arguments) => ["collective", "compare", Log(log), .. arguments];

    [Fact]
    public void A_fitted_system_is_used_by_evaluate()
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run(Compare("h100-2n-socket", "--nodes", "2", "--design", Cli.Example("superpod-h100-ndr"), "--refit", scratch["fit.yaml"], "--json"));
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(text);
        var measured = json.RootElement.GetProperty("step").EnumerateArray().Single(s => s.GetProperty("network").GetString() == "as measured").GetProperty("step_s").GetDouble();
        var evaluated = Cli.Run("evaluate", Cli.Example("superpod-h100-ndr"), "--with", scratch["fit.yaml"], "--json");
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        using var report = JsonDocument.Parse(evaluated.Out);
        // The file keeps five digits of each figure.
        Assert.Equal(measured, report.RootElement.GetProperty("step").GetProperty("time_s").GetDouble(), measured * 0.002);
    }

    [Fact]
    public void A_log_of_another_fabric_prices_no_design()
    {
        var (code, output, error) = Cli.Run(Compare("h100-2n-socket", "--nodes", "2", "--fabric", "efa", "--design", Cli.Example("superpod-h100-ndr")));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("works as 'infiniband' and the log's as 'efa'", error);
    }

    [Fact]
    public void Json_has_rows_diagnoses_and_units()
    {
        var (code, text, error) = Cli.Run(Compare("h100-node-no-nvls", "--system", "dgx-h100", "--json"));
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(text);
        Assert.Equal(8, json.RootElement.GetProperty("ranks").GetInt32());
        var row = json.RootElement.GetProperty("runs")[0].GetProperty("rows").EnumerateArray().Last();
        Assert.Equal(17179869184, row.GetProperty("size_B").GetDouble());
        Assert.InRange(row.GetProperty("busBandwidth_GBps").GetDouble(), 350, 365);
        Assert.False(row.GetProperty("inside").GetBoolean());
        var diagnosis = json.RootElement.GetProperty("diagnoses")[0];
        Assert.Equal(("no-switch-reduction", false), (diagnosis.GetProperty("key").GetString(), diagnosis.GetProperty("change").GetProperty("switchReduction").GetBoolean()));
    }

    [Fact]
    public void A_cliff_becomes_a_tuner_configuration_and_a_healthy_log_none()
    {
        using var scratch = new Scratch();
        var (code, _, error) = Cli.Run(Compare("h100-2n-cliff", "--system", "hgx-h100", "--tuner-csv", scratch["t.csv"]));
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("allreduce,33554433,268435456,nvls_tree,simple,-1,2,16,-1,-1", Assert.Single(File.ReadAllLines(scratch["t.csv"]), l => l[0] != '#'));
        var healthy = Cli.Run(Compare("h100-node", "--system", "dgx-h100", "--tuner-csv", scratch["u.csv"]));
        Assert.Equal(2, healthy.Code);
        Assert.Contains("nothing to tell NCCL", healthy.Error);
        Assert.False(File.Exists(scratch["u.csv"]));
    }

    [Theory]
    [InlineData("a.svg")]
    [InlineData("a.png")]
    public void A_plot_is_drawn(string name)
    {
        using var scratch = new Scratch();
        Assert.Equal(0, Cli.Run(Compare("h100-node-no-nvls", "--system", "dgx-h100", "--plot", scratch[name])).Code);
        Assert.True(new FileInfo(scratch[name]).Length > 5000);
    }

    [Fact]
    public void Other_cards_than_the_systems_own_can_be_described()
    {
        double PerRank(params string[] options)
        {
            var output = Cli.Run(Compare("b200-2n-card-lost", ["--system", "hgx-b200", .. options])).Out;
            return double.Parse(Regex.Match(output, @"fabric ([0-9.]+) GB/s per rank").Groups[1].Value, CultureInfo.InvariantCulture);
        }
        // The system's own are 8 of 400 Gb/s, of which collectives sustain most.
        var own = PerRank();
        Assert.InRange(own, 40, 50);
        Assert.Equal(2 * own, PerRank("--nic-rate", "800"), 0.1);
        Assert.Equal(own / 2, PerRank("--nics", "4"), 0.1);
    }

    [Fact]
    public void Lines_of_the_library_may_stand_in_a_file_of_their_own()
    {
        using var scratch = new Scratch();
        var lines = scratch.Write("n1:7:9 [0] NCCL INFO NCCL version 2.28.7+cuda13.0\nn1:7:9 [0] NCCL INFO comm 0x1 rank 0 nRanks 16 nNodes 4 localRanks 4 localRank 0\n" +
            "n1:7:9 [0] NCCL INFO NCCL_NET set by environment to Socket\nn1:7:9 [0] NCCL INFO Channel 00/0 : 0[0] -> 8[0] [send] via NET/So\n", "debug.log");
        var (code, output, error) = Cli.Run(Compare("h100-2n-socket", "--system", "hgx-h100", "--debug", lines));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Certain: traffic between nodes runs over TCP sockets", output);
        Assert.Contains("line 3: NCCL_NET set by environment to Socket", output);
        // The library counts the nodes, and the line that was cut off is counted too.
        Assert.Contains("4 x HGX H100", output);
        Assert.Contains("1 line of the library left out", output);
    }

    [Fact]
    public void A_topology_stands_for_the_system_in_NCCLs_choices()
    {
        using var scratch = new Scratch();
        var topology = scratch.Write("<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" vendor=\"GenuineIntel\">" +
            "<pci busid=\"1\"><gpu dev=\"0\" sm=\"90\"><nvlink target=\"2\" count=\"18\" tclass=\"0x068000\"/></gpu></pci>" +
            "<pci busid=\"2\"><gpu dev=\"1\" sm=\"90\"><nvlink target=\"1\" count=\"18\" tclass=\"0x068000\"/></gpu></pci></cpu></system>", "t.xml");
        var (code, output, error) = Cli.Run(Compare("h100-node", "--system", "dgx-h100", "--topology", topology));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--topology describes 2 GPUs of a node and the log has 8", output);
        var wrong = Cli.Run(Compare("h100-node", "--system", "dgx-h100", "--topology", Log("h100-node")));
        Assert.Equal(2, wrong.Code);
        Assert.Contains("not XML that is read", wrong.Error);
    }

    [Fact]
    public void Part_of_each_node_is_no_contradiction()
    {
        var (code, output, _) = Cli.Run(Compare("h100-2n-socket", "--system", "hgx-h100", "--nodes", "4"));
        Assert.Equal(0, code);
        Assert.Contains("4 of 8 GPUs of each node took part", output);
        Assert.DoesNotContain("as described", output);
        Assert.Contains("is of 16 ranks, not of 32 as described", Cli.Run(Compare("h100-2n-socket", "--system", "hgx-h100", "--gpus", "32")).Out);
    }

    [Theory]
    [InlineData("--nics: expected a whole number", "--system", "dgx-h100", "--nics", "0")]
    [InlineData("--nic-rate: expected a rate", "--system", "dgx-h100", "--nic-rate", "-4")]
    [InlineData("say what the log is of")]
    [InlineData("there is no system 'dgx-h10'", "--system", "dgx-h10")]
    [InlineData("--nodes: expected a whole number", "--system", "dgx-h100", "--nodes", "0")]
    [InlineData("there is no collective-parameters 'infinband'", "--system", "dgx-h100", "--fabric", "infinband")]
    [InlineData("found 'allreduce'", "--system", "dgx-h100", "--operation", "allreduce")]
    [InlineData("there is no file", "--system", "dgx-h100", "--debug", "/nowhere/a.log")]
    [InlineData("the design has no job", "--design", "JOBLESS")]
    [InlineData("a log prices designs of the same accelerators", "--system", "dgx-b200", "--design", "SUPERPOD")]
    [InlineData("--plot writes .svg or .png", "--system", "dgx-h100", "--plot", "a.gif")]
    public void A_wrong_input_is_one_clear_message_and_no_file(string message, params string[] arguments)
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        var jobless = scratch.Write(text[..text.IndexOf("job:", StringComparison.Ordinal)]);
        var (code, output, error) = Cli.Run(Compare("h100-node", [.. arguments.Select(a => a == "JOBLESS" ? jobless : a == "SUPERPOD" ? Cli.Example("superpod-h100-ndr") : a), "--refit", scratch["fit.yaml"]]));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error);
        Assert.False(File.Exists(scratch["fit.yaml"]));
    }

    [Theory]
    [InlineData("", "no row of nccl-tests")]
    [InlineData("{ \"results\": [", "not valid JSON")]
    [InlineData("{ \"version\": 4 }", "expected 'results'")]
    [InlineData("# all_reduce_perf\n 1048576 262144 float sum -1 XX.XX XX.XX XX.XX 0 XX.XX XX.XX XX.XX 0\n", "redacted")]
    [InlineData("# all_reduce_perf\n 268435456 67108864 float sum -1 1112.5 241.29 422.25 0\n", "fewer columns")]
    public void A_log_without_a_usable_row_is_an_error(string log, string message)
    {
        using var scratch = new Scratch();
        var (code, output, error) = Cli.Run("collective", "compare", scratch.Write(log, "a.log"), "--system", "dgx-h100");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error);
    }

    [Fact]
    public void Runs_of_different_ranks_in_one_file_have_to_be_chosen_from()
    {
        using var scratch = new Scratch();
        var both = scratch.Write(File.ReadAllText(Log("h100-node")) + File.ReadAllText(Log("h100-2n-socket")), "both.log");
        var (code, _, error) = Cli.Run("collective", "compare", both, "--system", "dgx-h100");
        Assert.Equal(2, code);
        Assert.Contains("runs of 8 and 16 ranks in one file", error);
        var chosen = Cli.Run("collective", "compare", both, "--system", "dgx-h100", "--gpus", "8");
        Assert.Equal((0, ""), (chosen.Code, chosen.Error));
        Assert.Contains("1 of 2 runs left out", chosen.Out);
    }
}
