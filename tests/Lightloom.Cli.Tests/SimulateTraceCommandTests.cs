using System.Globalization;
using System.Text.Json;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.Chakra;
using Parquet;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom simulate trace</c>, what is written for others, and engines side by side.</summary>
public class SimulateTraceCommandTests
{
    static readonly string[] Tree = ["--topology", "fat-tree", "--systems", "32"];

    static string Data(params string[] parts) => Path.Combine([Cli.Root, "data", "validation", "simulation", .. parts]);

    static readonly string[] AllReduce =
    [
        "trace", Data("astra_sim", "et", "all_reduce_8npus_1048576B"), "--network", Data("astra_sim", "net", "Ring-8-bw50.0-lat500.0.yml"), "--system-configuration", Data("astra_sim", "sys", "Ring_4chunks.json"),
    ];

    static JsonElement Json(params string[] arguments) => Cli.Json(["simulate", .. arguments]);

    [Fact]
    public void Astra_sims_inputs_give_its_cycles()
    {
        var json = Json(AllReduce);
        Assert.Equal(("analytic", 64440, 8), (json.GetProperty("engine").GetString(), json.GetProperty("time_ns").GetInt64(), json.GetProperty("rankResults").GetArrayLength()));
        Assert.True(json.GetProperty("oneForAll").GetBoolean());
        Assert.Equal(64440, json.GetProperty("rankResults")[7].GetProperty("exposed_ns").GetInt64());
        // Its own names of options, and a scale of the endpoints' delay.
        var named = Json("trace", "--workload-configuration", Data("astra_sim", "et", "all_reduce_8npus_1048576B", "all_reduce"), "--network-configuration", Data("astra_sim", "net", "Switch-8-bw50.0-lat500.0.yml"),
            "--system-configuration", Data("astra_sim", "sys", "Ring_4chunks.json"), "--congestion", "unaware", "--comm-group-configuration", "empty", "--injection-scale", "2", "--num-queues-per-dim", "1");
        Assert.Equal(92440 + 4 * 15 * 10, named.GetProperty("time_ns").GetInt64());
        Assert.Contains("rank 0 standing for all", Cli.Run(["simulate", .. AllReduce]).Out.ReplaceLineEndings(" "));
    }

    [Fact]
    public void The_same_trace_runs_on_a_fabric_and_is_written_node_by_node()
    {
        using var scratch = new Scratch();
        string[] on = [.. AllReduce, "--topology", "fat-tree", "--systems", "4", "--system", "dgx-h100"];
        var json = Json([.. on, "--csv", scratch["n.csv"], "--chrome", scratch["n.json"]]);
        Assert.Equal("flow", json.GetProperty("engine").GetString());
        var end = json.GetProperty("time_ns").GetDouble();
        // 1.75 MiB of each rank at 450 GB/s, and more for 14 steps of each of four chunks with their latencies.
        Assert.InRange(end, 1.75 * (1 << 20) / 450, 64_440);
        var lines = File.ReadAllLines(scratch["n.csv"]);
        Assert.Equal(("rank,node,name,kind,bytes,begin_ns,end_ns", 9), (lines[0], lines.Length));
        Assert.Equal(end, double.Parse(lines[^1].Split(',')[^1], CultureInfo.InvariantCulture));
        using var events = JsonDocument.Parse(File.ReadAllText(scratch["n.json"]));
        var complete = events.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X").ToList();
        Assert.Equal(8, complete.Count);
        Assert.All(complete, e => Assert.Equal(end / 1000, e.GetProperty("dur").GetDouble(), 1e-9));
    }

    [Fact]
    public async Task Parquet_holds_what_csv_does()
    {
        using var scratch = new Scratch();
        Json([.. AllReduce, "--csv", scratch["n.parquet"]]);
        Json(["ring", .. Tree, "--csv", scratch["f.parquet"]]);
        Json(["ring", .. Tree, "--csv", scratch["f.csv"]]);
        await using var file = File.OpenRead(scratch["f.parquet"]);
        await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["from", "to", "bytes", "start_s", "finish_s"], reader.Schema.GetDataFields().Select(f => f.Name));
        Assert.Equal(256, reader.Metadata!.NumRows);
        Assert.Equal(256, File.ReadAllLines(scratch["f.csv"]).Length - 1);
        Assert.True(new FileInfo(scratch["n.parquet"]).Length > 500);
    }

    // What is sent goes out in three formats, and each comes back.
    [Fact]
    public void What_is_sent_is_written_for_others_and_read_again()
    {
        using var scratch = new Scratch();
        var butterfly = Json(["butterfly", "--size", "1MB", .. Tree, "--export", scratch["b.cm"]]).GetProperty("time_s").GetDouble();
        Assert.Equal(butterfly, Json([scratch["b.cm"], .. Tree]).GetProperty("time_s").GetDouble(), 1e-12);
        string[] exchange = ["all-to-all:direct", "--size", "1MiB", "--ranks", "16", .. Tree];
        var seconds = Json([.. exchange, "--export", scratch["x.et"]]).GetProperty("time_s").GetDouble();
        // Each rank has one send at a time in a trace, and here a few: no faster than the collective.
        var flows = Json(["trace", scratch["x"], .. Tree]).GetProperty("time_ns").GetDouble();
        Assert.InRange(flows, 0.99e9 * seconds, 1e9);
        // Headers cost, and stores and forwards of packets; what is sent is the same.
        var packets = Json(["trace", scratch["x"], .. Tree, "--engine", "packet", "--transport", "swift"]);
        Assert.InRange(packets.GetProperty("time_ns").GetDouble() / flows, 1, 1.5);
        Assert.True(packets.GetProperty("packets").GetProperty("new").GetInt64() > 100);
        var sends = Json([.. exchange, "--export", scratch["x.goal"]]).GetProperty("sends").GetInt64();
        var goal = Json("goal", scratch["x.goal"], "--export", scratch["again.et"]);
        Assert.Equal(sends, goal.GetProperty("messages").GetInt64());
        Assert.Equal(File.ReadAllBytes(scratch["x.3.et"]), File.ReadAllBytes(scratch["again.3.et"]));
    }

    [Fact]
    public void Engines_stand_side_by_side()
    {
        var trace = Json([.. AllReduce, "--engine", "all", .. Tree]);
        Assert.Equal(["analytic, unaware", "analytic, aware", "flow"], trace.GetProperty("engines").EnumerateArray().Select(e => e.GetProperty("engine").GetString()));
        Assert.Equal(64440e-9, trace.GetProperty("engines")[0].GetProperty("time_s").GetDouble(), 1e-15);
        Assert.StartsWith("rank 0, node", trace.GetProperty("differences")[0].GetProperty("what").GetString(), StringComparison.Ordinal);
        var collective = Json(["all-reduce:ring", "--size", "256MB", "--ranks", "64", "--engine", "all", .. Tree]);
        var times = collective.GetProperty("engines").EnumerateArray().Select(e => e.GetProperty("time_s").GetDouble()).ToList();
        // A ring shares no link: both count the same bytes over the same links.
        Assert.Equal(1, times[0] / times[1], 0.1);
        Assert.Equal(times[0], Json(["all-reduce:ring", "--size", "256MB", "--ranks", "64", "--engine", "analytic", .. Tree]).GetProperty("engines")[0].GetProperty("time_s").GetDouble());
        Assert.Contains("engine", Cli.Run(["simulate", "all-reduce:ring", "--size", "1MB", "--ranks", "64", "--engine", "all", .. Tree]).Out);
    }

    [Fact]
    public void Links_are_coloured_by_what_they_carried()
    {
        using var scratch = new Scratch();
        Json(["incast:200", "--size", "1MB", .. Tree, "--heatmap", scratch["m.svg"]]);
        var svg = File.ReadAllText(scratch["m.svg"]);
        // The receiver's link is nearly full all the time, and no other.
        var fullest = System.Text.RegularExpressions.Regex.Matches(svg, @"the fullest ([\d.]+) %").Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).Distinct().ToList();
        Assert.InRange(fullest.Max(), 95, 100);
        Assert.True(fullest.Min() < 80, "some bundles are nearly idle");
        Assert.Contains("fullest link to 20 %", svg, StringComparison.Ordinal);
    }

    /// <summary>
    /// System: an incast on fabrics without layers, each on its own drawing. Expectation: the receiver's link is nearly full, and in a torus it is the first
    /// place's; most others are nearly idle.
    /// </summary>
    [Theory]
    [InlineData("--topology torus --systems 64", "id=\"[^\"]*cell-1-1-1\"")]
    [InlineData("--design dragonfly-1k-h100", "id=\"[^\"]*links-0-1\"")]
    public void Loads_stand_on_drawings_of_fabrics_without_layers(string fabric, string place)
    {
        using var scratch = new Scratch();
        var words = fabric.Split(' ');
        if (words[0] == "--design") words[1] = Cli.Example(words[1]);
        Json(["incast:100", "--size", "1MB", .. words, "--heatmap", scratch["m.svg"]]);
        var svg = File.ReadAllText(scratch["m.svg"]);
        var fullest = System.Text.RegularExpressions.Regex.Matches(svg, @"the fullest (?:link )?([\d.]+) %").Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(fullest.Max(), 90, 100);
        Assert.True(fullest.Min() < 40, "some are nearly idle");
        Assert.Matches(place, svg);
        Assert.Contains("fullest link to 20 %", svg, StringComparison.Ordinal);
    }

    // GOAL and Chakra traces of one exchange, told by what they are.
    [Fact]
    public void A_trace_is_known_by_what_it_holds()
    {
        using var scratch = new Scratch();
        string[] exchange = ["all-to-all:direct", "--size", "1MiB", "--ranks", "16", .. Tree];
        Json([.. exchange, "--export", scratch["x.goal"]]);
        Json([.. exchange, "--export", scratch["x.et"]]);
        File.WriteAllText(scratch["commented"], "// a trace\n/* of\nours */ " + File.ReadAllText(scratch["x.goal"]));
        Assert.Equal(Cli.Run("simulate", "goal", scratch["x.goal"]), Cli.Run("simulate", scratch["x.goal"]));
        Assert.Equal(Json("goal", scratch["x.goal"]).GetProperty("time_ns").GetDouble(), Json(scratch["commented"]).GetProperty("time_ns").GetDouble());
        Assert.Equal(Cli.Run(["simulate", "trace", scratch["x"], .. Tree]), Cli.Run(["simulate", scratch["x"], .. Tree]));
        Assert.Equal(0, Cli.Run(["simulate", scratch["x.0.et"], .. Tree]).Code);
        var simai = scratch.Write("HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 1 pp: 1 all_gpus: 8\n1\na -1 1000 ALLREDUCE 4096 1 NONE 0 1 NONE 0 1");
        Assert.Equal(Cli.Run(["simulate", "trace", simai, "--topology", "rail-optimized", "--systems", "1"]), Cli.Run(["simulate", simai, "--topology", "rail-optimized", "--systems", "1"]));
        // The same messages on the same links; here ranks post several at once and pay for each.
        var onFabric = Json([scratch["x.goal"], .. Tree, "--heatmap", scratch["loads.svg"]]);
        Assert.Equal("fat-tree of 32 systems", onFabric.GetProperty("network").GetString());
        Assert.InRange(onFabric.GetProperty("time_ns").GetDouble() / Json([scratch["x"], .. Tree]).GetProperty("time_ns").GetDouble(), 0.3, 3);
        Assert.Contains("fullest", File.ReadAllText(scratch["loads.svg"]), StringComparison.Ordinal);
        // And in packets, whose headers and stores cost.
        var inPackets = Json([scratch["x.goal"], .. Tree, "--engine", "packet", "--transport", "infiniband", "--balance", "adaptive"]);
        Assert.InRange(inPackets.GetProperty("time_ns").GetDouble() / onFabric.GetProperty("time_ns").GetDouble(), 1, 1.5);
        Assert.True(inPackets.GetProperty("packets").GetProperty("new").GetInt64() > 100);
        foreach (var trace in new[] { scratch["x.goal"], scratch["x"] })
        {
            var taken = scratch[$"{Path.GetFileName(trace)}.samples.csv"];
            var time = Json([trace, .. Tree, "--engine", "packet", "--samples", taken, "--sample-every", "10us"]).GetProperty("time_ns").GetDouble();
            var times = File.ReadLines(taken).Skip(1).Select(line => double.Parse(line.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            // Every 10 us from the first message on, and nothing behind the last.
            Assert.Equal(times.Select((_, i) => 1e-5 * (i + Math.Round(times[0] / 1e-5))), times, (a, b) => Math.Abs(a - b) < 1e-12);
            Assert.InRange(times[^1], 0.5e-9 * time, (1e-9 * time) + 1e-5);
        }
        Wrong("--sample-every is of use with --samples alone", ["goal", scratch["x.goal"], .. Tree, "--engine", "packet", "--sample-every", "10us"]);
        Wrong("--samples is of use with --engine packet alone", ["goal", scratch["x.goal"], .. Tree, "--samples", scratch["n.csv"]]);
        Wrong("--engine packet plays on a fabric", ["goal", scratch["x.goal"], "--engine", "packet"]);
        Wrong("--transport is of use with --engine packet alone", ["goal", scratch["x.goal"], .. Tree, "--transport", "roce"]);
        Wrong("--heatmap is of use with --engine flow alone", ["goal", scratch["x.goal"], .. Tree, "--engine", "packet", "--heatmap", scratch["n.svg"]]);
        Wrong("--routing is of use with --engine flow alone", ["goal", scratch["x.goal"], .. Tree, "--engine", "packet", "--routing", "minimal"]);
        Wrong("--latency is of use without a fabric alone", ["goal", scratch["x.goal"], .. Tree, "--latency", "1us"]);
        Wrong("--heatmap is of use with --design or --topology alone", ["goal", scratch["x.goal"], "--heatmap", scratch["n.svg"]]);
        Wrong("the trace has 16 ranks, and the fabric 8 accelerators", ["goal", scratch["x.goal"], "--topology", "fat-tree", "--systems", "1"]);
        File.WriteAllText(scratch["notes.txt"], "nothing of the kind");
        Wrong("is neither a pattern nor a trace: it doesn't begin as a GOAL trace", [scratch["notes.txt"], .. Tree]);
        Wrong("is neither a pattern nor a trace: there is no such file", [scratch["absent"], .. Tree]);
        Wrong("there is no pattern 'shft'; did you mean 'shift'?", ["shft:3", .. Tree]);
    }

    [Fact]
    public void Traces_are_drawn_and_written_for_viewers_and_say_how_far_they_are()
    {
        using var scratch = new Scratch();
        string[] exchange = ["all-reduce:ring", "--size", "16MiB", "--ranks", "16", .. Tree];
        var sends = Json([.. exchange, "--export", scratch["x.goal"]]).GetProperty("sends").GetInt32();
        Json([.. exchange, "--export", scratch["x.et"]]);
        Json("goal", scratch["x.goal"], "--plot", scratch["g.svg"], "--chrome", scratch["g.json"], "--progress");
        Json(["trace", scratch["x"], .. Tree, "--plot", scratch["t.png"], "--chrome", scratch["t.json"], "--progress"]);
        Assert.Contains("<svg", File.ReadAllText(scratch["g.svg"]), StringComparison.Ordinal);
        Assert.Equal("PNG", System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(scratch["t.png"]), 1, 3));
        foreach (var file in new[] { "g.json", "t.json" })
        {
            using var chrome = JsonDocument.Parse(File.ReadAllText(scratch[file]));
            var events = chrome.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X").ToList();
            Assert.Equal(2 * sends, events.Count);
            // One after the other on each thread.
            foreach (var thread in events.GroupBy(e => (e.GetProperty("pid").GetInt32(), e.GetProperty("tid").GetInt32())))
            {
                if (file == "t.json" && thread.Key.Item2 == 2) continue; // receives of a Chakra trace wait beside each other
                var end = 0.0;
                foreach (var e in thread.OrderBy(e => e.GetProperty("ts").GetDouble()))
                {
                    Assert.True(e.GetProperty("ts").GetDouble() >= end - 1e-6);
                    end = e.GetProperty("ts").GetDouble() + e.GetProperty("dur").GetDouble();
                }
            }
        }
        Wrong("--plot writes .svg or .png", ["goal", scratch["x.goal"], "--plot", scratch["g.pdf"]]);
    }

    [Fact]
    public void A_workload_of_simai_is_played()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("""
            HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 1 pp: 1 all_gpus: 8
            1
            layer -1 5000 ALLREDUCE 1048576 5000 NONE 0 5000 ALLREDUCE 4194304 100
            """, "w.txt");
        var json = Json(["trace", file, .. Tree]);
        Assert.Equal(16_000, json.GetProperty("rankResults")[3].GetProperty("compute_ns").GetInt64());
        Assert.True(json.GetProperty("time_ns").GetDouble() > 16_000);
    }

    [Theory]
    [InlineData("expected a trace: the prefix of its files", "trace")]
    [InlineData("expected a network: --network-configuration FILE", "trace", "x")]
    [InlineData("there is no trace 'none'", "trace", "none", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--engine packet plays on a fabric: expected --design FILE, or --topology NAME", "trace", "x", "--engine", "packet")]
    [InlineData("--transport is of use with --engine packet alone", "trace", "x", "--topology", "fat-tree", "--systems", "4", "--transport", "roce")]
    [InlineData("--engine all compares a network with a fabric", "trace", "x", "--engine", "all")]
    public void A_wrong_command_is_one_clear_message(string message, params string[] arguments) => Wrong(message, arguments);

    /// <summary>
    /// System: two ranks of different systems, whose group stands in a file, reduce 1 MB; two others send one, which its receiver has asked for. Expectation: groups are read without a system configuration; halves go there
    /// and back by a card of 50 GB/s; the message waits for the 8,192 B that ask for it.
    /// </summary>
    [Fact]
    public void Groups_and_handshakes_go_with_what_a_library_does()
    {
        using var scratch = new Scratch();
        for (var rank = 0; rank < 16; rank++)
        {
            TraceNode[] nodes = rank switch
            {
                0 or 8 => [new() { Id = 0, Kind = TraceNodeKind.Collective, Group = 5, Bytes = 1_000_000 }],
                1 => [new() { Id = 0, Kind = TraceNodeKind.Send, Peer = 9, Bytes = 1_000_000 }],
                9 => [new() { Id = 0, Kind = TraceNodeKind.Receive, Peer = 1, Bytes = 1_000_000 }],
                _ => [],
            };
            using var stream = File.Create(scratch[$"g.{rank}.et"]);
            ChakraWriter.Write(stream, rank, nodes);
        }
        File.WriteAllText(scratch["groups.json"], "{ \"5\": [0, 8] }");
        string[] on = ["trace", scratch["g"], .. Tree, "--groups", scratch["groups.json"]];
        double[] Ends(JsonElement json) => [.. json.GetProperty("rankResults").EnumerateArray().Select(r => r.GetProperty("end_ns").GetDouble())];
        var (plain, asked) = (Ends(Json(on)), Ends(Json([.. on, "--rendezvous-protocol", "true"])));
        Assert.InRange(plain[0], 20_000, 23_000);
        Assert.Equal(plain[0], plain[8], 0.01);
        Assert.Equal(plain[0], asked[0], 0.01);
        var way = plain[9] - 20_000;
        Assert.Equal((8192 / 50.0) + way, asked[9] - plain[9], 0.01);
        Assert.Contains("group 5", Cli.Run(["simulate", "trace", scratch["g"], .. Tree]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_files_are_one_clear_message()
    {
        using var scratch = new Scratch();
        Json(["all-reduce:ring", "--size", "1MB", "--ranks", "16", .. Tree, "--export", scratch["x.et"]]);
        Wrong("the trace has 16 ranks, and the fabric 8 accelerators", ["trace", scratch["x"], "--topology", "fat-tree", "--systems", "1"]);
        Wrong("more ranks than the 4 that are expected", ["trace", Data("astra_sim", "et", "all_reduce_8npus_1048576B"), "--network", Data("astra_sim", "net", "Ring_4npus.yml"), "--system-configuration", Data("astra_sim", "sys", "Ring_4chunks.json")]);
        Wrong("there is no file '", ["trace", Data("astra_sim", "et", "all_reduce_8npus_1048576B"), "--network", Data("astra_sim", "net", "Ring_16npus.yml"), "--system-configuration", Data("astra_sim", "sys", "Ring_4chunks.json")]);
        Wrong("--congestion: expected aware or unaware, found 'awre'; did you mean 'aware'?", [.. AllReduce, "--congestion", "awre"]);
        Wrong("--engine analytic plays on the network", [.. AllReduce, "--engine", "analytic", .. Tree]);
        Wrong("--heatmap is of use with --design or --topology alone", [.. AllReduce, "--heatmap", "x.svg"]);
        Wrong("the matrix has 300 nodes, and the fabric 256 cards", [scratch.Write("Nodes 300\n0->299 start 0 size 8", "m.cm"), .. Tree]);
        Wrong("is an execution trace; expected 'simulate trace ", [.. Tree, Data("astra_sim", "et", "all_reduce_8npus_1048576B")]);
        Wrong("--rendezvous-protocol: expected true or false, found 'maybe'", [.. AllReduce, "--rendezvous-protocol", "maybe"]);
        Wrong("this is no SimAI workload", ["trace", scratch.Write("hello", "w.txt"), .. Tree]);
    }

    static void Wrong(string message, string[] arguments)
    {
        var (code, text, error) = Cli.Run(["simulate", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Cycles_and_closed_forms_of_others_are_met()
    {
        var json = Cli.Json("validate", "simulation", "--data", Data());
        Assert.Equal((7544, 7544), (json.GetProperty("rows").GetInt32(), json.GetProperty("predicted").GetInt32()));
        foreach (var point in json.GetProperty("points").EnumerateArray())
            if (point.GetProperty("unit").GetString() == "ns") Assert.Equal(0, point.GetProperty("error").GetDouble());
    }

    // Bandwidths that a rank gets, and counts of tiers.
    [Fact]
    public void Fabrics_are_written_for_simulators()
    {
        var network = Cli.Run("fabric", "export", Cli.Example("eight-node-roce-copper"), "--format", "astra-sim").Out;
        Assert.StartsWith("topology: [ Switch, Switch ]\nnpus_count: [ 8, 8 ]\n", network, StringComparison.Ordinal);
        var (code, text, error) = Cli.Run("fabric", "export", Cli.Example("superpod-h100-ndr"), "--format", "htsim");
        Assert.Equal((2, ""), (code, text));
        Assert.Contains("the format 'htsim' holds systems whose cards meet one leaf; this fabric has 8 leaves of a unit", error);
        // 384 links down and 55 up: htsim counts in whole numbers, and would refuse it.
        Assert.Contains("tiers oversubscribed by a whole number, or not at all; this fabric has 384 links down and 55 up", Cli.Run("fabric", "export", Cli.Example("llama3-24k-roce"), "--format", "htsim").Error);
        using var scratch = new Scratch();
        File.WriteAllText(scratch["d.yaml"], "lightloom: 1\nname: t\naccelerators: { system: dgx-h100, systems: 32 }\n" +
            "fabric: { topology: fat-tree, protocol: infiniband, switch: qm9700, tiers: 2, systemsPerUnit: 4, oversubscription: { leaf: 2 } }\n");
        Assert.Equal(0, Cli.Run("fabric", "export", scratch["d.yaml"], "--format", "htsim", "--output", scratch["f.topo"]).Code);
        Assert.StartsWith("Nodes 256\nTiers 2\nPodsize 256\n\nTier 0\nDownlink_speed_Gbps 400\nRadix_Down 32\nRadix_Up 16\nOversubscribed 2\n", File.ReadAllText(scratch["f.topo"]), StringComparison.Ordinal);
        // What is written is read: a permutation plays on it.
        Assert.Equal(0, Cli.Run("simulate", "scenario", "perm128", "--engine", "packet", "--topo", scratch["f.topo"], "--failed", "1").Code);
        Assert.Contains("--failed: expected a whole number from 0 to 2, found '17'", Cli.Run("simulate", "scenario", "perm128", "--engine", "packet", "--topo", scratch["f.topo"], "--failed", "17").Error);
        Assert.Contains("--topo and --rate exclude each other", Cli.Run("simulate", "scenario", "perm128", "--engine", "packet", "--topo", scratch["f.topo"], "--rate", "100Gb/s").Error);
        Assert.Contains("has 256", Cli.Run("simulate", "scenario", "perm432", "--engine", "packet", "--topo", scratch["f.topo"]).Error);
    }
}
