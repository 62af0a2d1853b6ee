using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Interop.Nccl;

namespace Lightloom.Interop.Tests;

/// <summary>JSON of nccl-tests, topology and graph files of NCCL.</summary>
public class NcclFormatTests
{
    const string Results = """
        {
          "version": 4,
          "args": ["/opt/build/all_reduce_perf", "-J", "a.json"],
          "config": { "nthreads": 1, "devices": [ { "rank": 0 }, { "rank": 1 }, { "rank": 2 }, { "rank": 3 }, { "rank": 4 }, { "rank": 5 }, { "rank": 6 }, { "rank": 7 } ] },
          "results": [
            { "size": 0, "count": 0, "type": "float", "redop": "sum", "root": "    -1", "out_of_place": { "time": 5.0, "alg_bw": 0, "bus_bw": 0, "nwrong": 0 }, "in_place": null },
            { "size": 1048576, "count": 262144, "type": "float", "redop": "sum", "root": "    -1",
              "out_of_place": { "time": 27.37, "alg_bw": 38.3111, "bus_bw": 67.0444, "nwrong": null },
              "out_of_place_per_iter": { "min_us": 26.1, "max_us": 30.2, "p99_us": 30.1, "cv_pct": 1.5, "times_us": [26.1, 30.2], "per_process_max_times_us": [[26.1, 30.2]] },
              "in_place": { "cpu_time": 26.93, "alg_bw": 38.9371, "bus_bw": 68.1399, "nwrong": 0 }, "actual_iterations": 20, "experiment_name": "" },
            { "size": 268435456, "count": 67108864, "type": "float", "redop": "sum", "root": "    -1",
              "out_of_place": { "time": 1112.5, "alg_bw": 241.2903, "bus_bw": 422.2580, "nwrong": 0 }, "in_place": { "time": 1113.4, "alg_bw": 241.0953, "bus_bw": 421.9167, "nwrong": 0 } }
          ],
          "out_of_bounds": { "count": 0, "okay": true }
        }
        """;

    // Half of a DGX H100: two switches with two GPUs and two cards each.
    const string Topology = """
        <system version="1" name="half">
          <cpu host_hash="0x1" numaid="0" affinity="ffff" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="143">
            <pci busid="0000:18:00.0" class="0x060400" link_speed="32.0 GT/s PCIe" link_width="16">
              <pci busid="0000:19:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
                <gpu dev="0" sm="90" rank="0" gdr="1"><nvlink target="0000:05:00.0" count="9" tclass="0x068000"/><nvlink target="0000:06:00.0" count="9" tclass="0x068000"/></gpu>
              </pci>
              <pci busid="0000:1a:00.0" class="0x020700" link_speed="32.0 GT/s PCIe" link_width="16">
                <nic><net name="mlx5_0" dev="0" latency="0" speed="400000" port="1" guid="0x1" maxconn="131072" gdr="1" coll="1" rail="0" plane="0"/></nic>
              </pci>
            </pci>
          </cpu>
          <cpu numaid="1" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="143">
            <pci busid="0000:98:00.0" class="0x060400" link_speed="32.0 GT/s PCIe" link_width="16">
              <pci busid="0000:99:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
                <gpu dev="1" sm="90" rank="1" gdr="1"><nvlink target="0000:05:00.0" count="18" tclass="0x068000"/></gpu>
              </pci>
              <pci busid="0000:9a:00.0" class="0x020700" link_speed="32.0 GT/s PCIe" link_width="16">
                <nic><net name="mlx5_1" dev="1" latency="0" speed="200000" port="1" gdr="1" coll="0" rail="1"/></nic>
              </pci>
            </pci>
          </cpu>
        </system>
        """;

    const string Graphs = """
        <graphs version="1">
          <graph id="0" pattern="4" crossnic="0" nchannels="2" speedintra="20" speedinter="20" latencyinter="0" typeintra="NVL" typeinter="PIX" samechannels="1">
            <channel><net dev="0"/><gpu dev="0" rank="0"/><gpu dev="1" rank="1"/><net dev="0"/></channel>
            <channel><net dev="1"/><gpu dev="1" rank="1"/><gpu dev="0" rank="0"/><net dev="1"/></channel>
          </graph>
          <graph id="3" pattern="5" crossnic="0" nchannels="1" speedintra="40" speedinter="40" typeintra="NVL" typeinter="PIX" samechannels="0"><channel><gpu dev="0"/></channel></graph>
        </graphs>
        """;

    [Fact]
    public void Json_is_read_as_the_printed_log_is()
    {
        var log = NcclTestJson.Read(Results, "a.json");
        var run = Assert.Single(log.Runs);
        Assert.Equal(("all_reduce", 8, 8), (run.Operation!.Name, run.Devices, run.AgreedRanks()!.Value));
        Assert.Equal([7, 11], run.Rows.Select(r => r.Line));
        Assert.Equal(26.93, run.Rows[0].InPlace!.Value.Time.Microseconds, 1e-9);
        Assert.Null(run.Rows[0].OutOfPlace!.Value.Wrong);
        Assert.Equal("size of 0: the message is smaller than one element for each rank", Assert.Single(log.Skipped).Reason);
    }

    [Theory]
    [InlineData("\"time\": 27.37", "\"time\": -1", "time")]
    [InlineData("\"results\"", "\"result\"", "expected 'results'")]
    [InlineData("\"size\": 1048576", "\"size\": \"much\"", "expected a number for 'size'")]
    [InlineData("\"type\": \"float\"", "\"type\": 4", "expected a text for 'type'")]
    public void Json_that_is_wrong_is_an_error_with_its_line(string old, string with, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => NcclTestJson.Read(Results.Replace(old, with, StringComparison.Ordinal), "a.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_topology_becomes_a_machine()
    {
        var topology = NcclTopology.Read(Topology, "t.xml");
        Assert.Equal([90, 90], topology.Gpus.Select(g => g.ComputeCapability));
        Assert.Equal([("mlx5_0", 0), ("mlx5_1", 1)], topology.Nets.Select(n => (n.Name, n.Rail!.Value)));
        var machine = topology.Machine(4);
        Assert.Equal(("hopper", 4, 2, true, true), (machine.Generation, machine.Nodes, machine.RanksPerNode, machine.Switched, machine.InSwitchReduction));
        Assert.Equal(18 * 20.6, machine.GpuBandwidth.GigabytesPerSecond, 6);
        // The slower of the two cards sets the pace.
        Assert.Equal((2, 25.0), (machine.Nics, machine.NicBandwidth.GigabytesPerSecond));
        Assert.Equal((NcclPath.Pix, NcclPath.NvLink, NcclHost.Intel), (machine.InterPath, machine.IntraPath, machine.Host));
        Assert.True(new NcclTuner(machine).Graphs.Ring.Channels > 0);
    }

    [Fact]
    public void Without_NvLink_a_machine_goes_over_PCIe()
    {
        var bare = System.Text.RegularExpressions.Regex.Replace(Topology, "<nvlink[^>]*/>", "");
        var machine = NcclTopology.Read(bare, "t.xml").Machine(1);
        Assert.Equal((NcclPath.Sys, 48.0, false), (machine.IntraPath, machine.GpuBandwidth.GigabytesPerSecond, machine.InSwitchReduction));
    }

    [Fact]
    public void A_tuner_on_a_topology_chooses_as_on_the_system_of_the_catalogue()
    {
        var gpus = string.Concat(Enumerable.Range(0, 8).Select(i => $"""
            <pci busid="0000:{i}8:00.0" class="0x060400" link_speed="32.0 GT/s PCIe" link_width="16">
              <pci busid="0000:{i}9:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16"><gpu dev="{i}" sm="90" gdr="1"><nvlink target="0000:05:00.0" count="18" tclass="0x068000"/></gpu></pci>
              <pci busid="0000:{i}a:00.0" class="0x020700" link_speed="32.0 GT/s PCIe" link_width="16"><nic><net name="mlx5_{i}" dev="{i}" speed="400000"/></nic></pci>
            </pci>
            """));
        var read = new NcclTuner(NcclTopology.Read($"<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" vendor=\"GenuineIntel\">{gpus}</cpu></system>", "t.xml").Machine(1));
        var shipped = new NcclTuner(NcclMachine.Of(Catalog.PartCatalog.Default.Get<Catalog.AcceleratorSystem>("dgx-h100"), 1));
        Assert.Equal(shipped.Ranges(NcclFunction.AllReduce, 8, 1L << 34), read.Ranges(NcclFunction.AllReduce, 8, 1L << 34));
    }

    [Theory]
    [InlineData("<!DOCTYPE system [<!ENTITY a \"b\">]><system version=\"1\"/>", "not XML that is read")]
    [InlineData("<system version=\"2\"><cpu/></system>", "expected version 1, found '2'")]
    [InlineData("<system version=\"1\"/>", "no <cpu>")]
    [InlineData("<graphs version=\"1\"/>", "expected <system>")]
    [InlineData("<system version=\"1\"><cpu>text</cpu></system>", "found text")]
    [InlineData("<system version=\"1\"><cpu><pci busid=\"1\"><gpu dev=\"0\" sm=\"x\"/></pci></cpu></system>", "expected a whole number from 10 to 999 for 'sm', found 'x'")]
    [InlineData("", "not XML that is read")]
    public void A_topology_that_is_wrong_is_an_error_with_its_place(string text, string message)
    {
        var error = Assert.Throws<InputException>(() => NcclTopology.Read(text, "t.xml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("t.xml:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_nested_or_repeated_without_end_are_refused()
    {
        string Nested(int depth) => $"<system version=\"1\"><cpu>{string.Concat(Enumerable.Repeat("<pci busid=\"1\">", depth))}{string.Concat(Enumerable.Repeat("</pci>", depth))}</cpu></system>";
        Assert.Single(NcclTopology.Read(Nested(20), "t.xml").Cpus);
        Assert.Contains("nested deeper", Assert.Throws<InputException>(() => NcclTopology.Read(Nested(100_000), "t.xml")).Message, StringComparison.Ordinal);
        var many = $"<system version=\"1\"><cpu>{string.Concat(Enumerable.Repeat("<pci busid=\"1\"/>", 250_000))}</cpu></system>";
        Assert.Contains("more than 200,000 elements", Assert.Throws<InputException>(() => NcclTopology.Read(many, "t.xml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_that_are_written_read_back_the_same()
    {
        var read = NcclGraphXml.Read(Graphs, "g.xml");
        Assert.Equal([(0, 4, 2), (3, 5, 1)], read.Select(g => (g.Id, g.Pattern, g.Channels.Count)));
        Assert.Equal([true, false, false, true], read[0].Channels[0].Select(s => s.Network));
        using var writer = new StringWriter { NewLine = "\n" };
        NcclGraphXml.Write(writer, read);
        var again = NcclGraphXml.Read(writer.ToString(), "g2.xml");
        for (var i = 0; i < read.Count; i++)
        {
            Assert.Equal(read[i] with { Channels = [] }, again[i] with { Channels = [] });
            Assert.Equal(read[i].Channels.SelectMany(c => c), again[i].Channels.SelectMany(c => c));
        }
    }

    [Theory]
    [InlineData("nchannels=\"2\"", "nchannels=\"3\"", "nchannels says 3, and 2 channels stand in it")]
    [InlineData("nchannels=\"2\"", "nchannels=\"100000\"", "100,000 channels; expected at most 1,024")]
    [InlineData("typeintra=\"NVL\"", "typeintra=\"FAST\"", "expected one of LOC")]
    [InlineData("id=\"3\"", "id=\"0\"", "graph 0 stands there a second time")]
    [InlineData("<channel><net dev=\"0\"/>", "<channel><cpu/>", "expected <net> or <gpu>")]
    [InlineData("speedintra=\"20\"", "speedintra=\"-20\"", "for 'speedintra', found '-20'")]
    public void Graphs_that_are_wrong_are_an_error_with_their_place(string old, string with, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => NcclGraphXml.Read(Graphs.Replace(old, with, StringComparison.Ordinal), "g.xml")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_graph_of_100000_channels_is_a_clear_error()
    {
        var channels = string.Concat(Enumerable.Repeat("<channel/>", 100_000));
        var text = $"<graphs version=\"1\"><graph id=\"0\" pattern=\"4\" nchannels=\"100000\" speedintra=\"1\" speedinter=\"1\" typeintra=\"NVL\" typeinter=\"PIX\">{channels}</graph></graphs>";
        Assert.Contains("100,000 channels", Assert.Throws<InputException>(() => NcclGraphXml.Read(text, "g.xml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_damaged_anywhere_are_read_or_refused_and_never_anything_else() =>
        Gen.Select(OneOf(0, 1, 2), Gen.Int[0, 4000], Gen.Int[0, 4000], OneOf("", "<", "\"", "}", "\0", "99999999999999999999", "<!ENTITY x \"y\">", "é", "&lt;", "NaN"), Gen.Bool)
            .Sample((which, at, cut, put, truncate) =>
            {
                var text = (which switch { 0 => Results, 1 => Topology, _ => Graphs }).ReplaceLineEndings("\n");
                at = Math.Min(at, text.Length);
                var damaged = truncate ? text[..at] : text[..at] + put + text[Math.Min(text.Length, at + (cut % 40))..];
                try
                {
                    switch (which)
                    {
                        case 0: NcclTestJson.Read(damaged, "f"); break;
                        case 1: NcclTopology.Read(damaged, "f").Machine(2); break;
                        default: NcclGraphXml.Read(damaged, "f"); break;
                    }
                }
                catch (InputException e)
                {
                    Assert.StartsWith("f", e.Message, StringComparison.Ordinal);
                }
            });

    static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
