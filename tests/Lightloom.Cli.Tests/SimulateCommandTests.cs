using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom simulate</c>.</summary>
public class SimulateCommandTests
{
    static readonly string[] Tree = ["--topology", "fat-tree", "--systems", "32"];

    static JsonElement Json(params string[] arguments) => Cli.Json(["simulate", .. arguments]);

    [Fact]
    public void A_scenario_is_written_as_others_write_it()
    {
        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Folder, "perm128.csv");
        var (code, text, error) = Cli.Run("simulate", "scenario", "perm128", "--csv", file, "--engine", "flow");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("127 of 127 flows arrived", text.ReplaceLineEndings(" "));
        var (mine, theirs) = (File.ReadAllLines(file), File.ReadAllLines(Path.Combine(Cli.Root, "data", "validation", "simulation", "perm128.csv")));
        Assert.Equal((theirs.Length, theirs[0]), (mine.Length, mine[0]));
        for (var i = 1; i < mine.Length; i++)
        {
            var (a, b) = (mine[i].Split(','), theirs[i].Split(','));
            Assert.Equal(b[..3], a[..3]);
            Assert.Equal(1, double.Parse(a[3], CultureInfo.InvariantCulture) / double.Parse(b[3], CultureInfo.InvariantCulture), 1e-12);
        }
        // What was written is what validation reads.
        Assert.Contains("0 of them missed", Cli.Run("validate", "simulation", "--data", file).Out.ReplaceLineEndings(" "));
        var json = Json("scenario", "ring1024");
        Assert.Equal(0.03996091704, json.GetProperty("lastCompletion_s").GetDouble(), 1e-13);
        Assert.Equal(2_095_104, json.GetProperty("flows").GetInt64());
    }

    // 16 senders of 1 MB into 50 GB/s, and what bits take on their way.
    [Fact]
    public void A_pattern_says_what_limits_it()
    {
        var json = Json(["incast:16", "--size", "1MB", .. Tree]);
        Assert.InRange(json.GetProperty("time_s").GetDouble(), 320e-6, 322e-6);
        var bottleneck = json.GetProperty("bottlenecks")[0];
        Assert.Equal("node-00-nic-0", bottleneck.GetProperty("to").GetString());
        Assert.Equal((16, 1.0), (bottleneck.GetProperty("flowsAtOnce").GetInt32(), bottleneck.GetProperty("flowTimeShare").GetDouble()));
        Assert.Equal(25, bottleneck.GetProperty("leastRate_Gbps").GetDouble(), 1e-9);
        var text = Cli.Run(["simulate", "incast:16", "--size", "1MB", .. Tree]).Out;
        Assert.Contains("a card can't receive more than its 400 Gb/s", text.ReplaceLineEndings(" ").Replace("   ", " "));
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void One_by_one_or_by_class_and_with_starts_over_time()
    {
        string[] pattern = ["hotspot:10:4", "--size", "1MB", "--over", "100us", "--seed", "3", .. Tree];
        var (one, many) = (Json([.. pattern, "--one-by-one"]), Json(pattern));
        Assert.Equal(one.GetProperty("time_s").GetDouble(), many.GetProperty("time_s").GetDouble(), 1e-12);
        Assert.Equal(one.GetProperty("completion").GetProperty("mean_s").GetDouble(), many.GetProperty("completion").GetProperty("mean_s").GetDouble(), 1e-12);
        var (whole, hashed) = (Json(["permutation:3", "--hash", "1", .. Tree]), Json(["permutation:3", .. Tree]));
        Assert.True(whole.GetProperty("time_s").GetDouble() > 1.5 * hashed.GetProperty("time_s").GetDouble(), "hashed flows meet");
    }

    [Fact]
    public void A_failure_on_the_way_costs_until_it_is_noticed()
    {
        double Time(params string[] more) => Json(["shift:64", "--size", "50MB", .. Tree, .. more]).GetProperty("time_s").GetDouble();
        var whole = Time();
        Assert.True(Time("--fail", "leaf-0:spine-0@100us", "--notice", "300us") > whole + 300e-6);
        Assert.InRange(Time("--fail", "leaf-0:spine-0@100us..200us"), whole, whole + 110e-6);
    }

    // Ring over 256 ranks in systems of 8: every rank's domain link carries 8 channels' parts, every card one: bytes of the bound.
    [Fact]
    public void A_collective_is_played_step_by_step()
    {
        var json = Json(["all-reduce:ring", "--size", "1GB", "--ranks", "64", .. Tree]);
        Assert.Equal((64, 126), (json.GetProperty("ranks").GetInt32(), json.GetProperty("steps").GetInt32()));
        Assert.InRange(json.GetProperty("skippedSteps").GetInt32(), 100, 126);
        // Each card sends 2 x 63/64 of an eighth of the data, less what pipelining over the steps leaves idle: never faster than that.
        Assert.InRange(json.GetProperty("time_s").GetDouble(), 2 * 63.0 / 64 / 8 / 50, 1);
        Assert.True(Json(["all-to-all:direct", "--size", "1GB", "--ranks", "16", .. Tree]).GetProperty("complete").GetBoolean());
    }

    // 2 o + L + 7 G for each of two steps, and what the parameters make of them.
    [Fact]
    public void A_goal_trace_is_played_message_by_message()
    {
        const string trace = """
            num_ranks 2
            rank 0 {
            a: send 8b to 1
            b: recv 8b from 1
            c: send 8b to 1
            c requires b
            }
            rank 1 {
            a: send 8b to 0
            b: recv 8b from 0
            c: recv 8b from 0
            }
            """;
        using var scratch = new Scratch();
        var file = scratch.Write(trace, "two.goal");
        Assert.Equal(11084, Json("goal", file).GetProperty("time_ns").GetDouble());
        Assert.Equal(2 * (2 * 200 + 3700 + 7 * 0.04), Json("goal", file, "--latency", "3700ns", "--overhead", "200ns", "--gap", "5ns", "--gap-per-byte", "0.04ns").GetProperty("time_ns").GetDouble(), 1e-9);
        var csv = Path.Combine(scratch.Folder, "ends.csv");
        Assert.Equal(0, Cli.Run("simulate", "goal", file, "--csv", csv).Code);
        Assert.Equal(["rank,end_ns", "0,7042", "1,11084"], File.ReadAllLines(csv));
        var (code, _, error) = Cli.Run("simulate", "goal", scratch.Write(trace.Replace("c: recv 8b from 0", "c: recv 8b from 0 tag 1", StringComparison.Ordinal), "three.goal"));
        Assert.Equal(2, code);
        Assert.Contains("rank 1, operation 2: receive 8 B from rank 0, tag 1", error);
        Assert.Contains("there is no file 'none.goal'", Cli.Run("simulate", "goal", "none.goal").Error);
        Assert.Contains("--eager: expected whole bytes", Cli.Run("simulate", "goal", file, "--eager", "x").Error);
    }

    [Fact]
    public void Flows_and_a_picture_are_written()
    {
        using var scratch = new Scratch();
        var (csv, plot) = (Path.Combine(scratch.Folder, "flows.csv"), Path.Combine(scratch.Folder, "flows.svg"));
        Assert.Equal(0, Cli.Run(["simulate", "ring", "--csv", csv, "--plot", plot, .. Tree]).Code);
        var lines = File.ReadAllLines(csv);
        Assert.Equal(("from,to,bytes,start_s,finish_s", 257), (lines[0], lines.Length));
        Assert.StartsWith("node-00-nic-0,node-00-nic-1,1048576,0,2.", lines[1], StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(plot));
    }

    [Theory]
    [InlineData("expects a pattern and a fabric")]
    [InlineData("expected a fabric: --design FILE, or --topology NAME", "ring")]
    [InlineData("there is no pattern 'rings'; did you mean 'ring'?", "rings", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("there is no algorithm 'rign'; did you mean 'ring'?", "all-reduce:rign", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--engine: there is no engine 'flows'; did you mean 'flow'?", "ring", "--engine", "flows", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--engine analytic: it doesn't play 'ring', a pattern among cards; expected flow or packet", "ring", "--engine", "analytic", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--transport is of use with --engine packet alone", "ring", "--engine", "all", "--transport", "swift", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--routing is of use with --engine flow alone", "all-reduce", "--engine", "packet", "--routing", "minimal", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--export writes .cm, .goal, .bin, .et, and 'x.txt' is none of these", "ring", "--export", "x.txt", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("there is no file 'none.cm'", "none.cm", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--heatmap writes .svg or .png", "ring", "--heatmap", "x.txt", "--topology", "fat-tree", "--systems", "4")]
    [InlineData("--topology goes with --systems", "ring", "--topology", "fat-tree")]
    [InlineData("there is no topology 'fat-tre'", "ring", "--topology", "fat-tre", "--systems", "4")]
    [InlineData("--size: expected more than 0 B", "ring", "--topology", "fat-tree", "--systems", "4", "--size", "0")]
    [InlineData("--ranks: expected a whole number from 2 to 32", "all-reduce", "--topology", "fat-tree", "--systems", "4", "--ranks", "99")]
    [InlineData("fill systems of 8, found 12", "all-reduce", "--topology", "fat-tree", "--systems", "4", "--ranks", "12")]
    [InlineData("--csv is of use with patterns", "all-reduce", "--topology", "fat-tree", "--systems", "4", "--csv", "x")]
    [InlineData("--notice is of use with --fail", "ring", "--topology", "fat-tree", "--systems", "4", "--notice", "1us")]
    [InlineData("there is no device 'leaf-9'", "ring", "--topology", "fat-tree", "--systems", "32", "--fail", "leaf-9:spine-0@1us")]
    [InlineData("can't be back at", "ring", "--topology", "fat-tree", "--systems", "32", "--fail", "leaf-0:spine-0@2us..1us")]
    [InlineData("it needs a folded Clos", "ring", "--topology", "torus", "--systems", "64", "--routing", "d-mod-k")]
    [InlineData("there is no scenario 'prem64'; did you mean 'perm'?", "scenario", "prem64")]
    [InlineData("--transport: there is no 'hpc'; did you mean 'hpcc'?", "scenario", "one", "--engine", "packet", "--transport", "hpc")]
    [InlineData("--ber: expected a rate of 0 or more and below 1, such as 1e-12, or 'optics', found '1.5'", "scenario", "one", "--engine", "packet", "--ber", "1.5")]
    [InlineData("--ber optics takes the links of a design: expected --design", "scenario", "one", "--engine", "packet", "--ber", "optics")]
    [InlineData("--link-retry is of use with --ber alone", "scenario", "one", "--engine", "packet", "--link-retry")]
    [InlineData("--classes: expected a whole number from 1 to 8, found '0'", "scenario", "one", "--engine", "packet", "--classes", "0")]
    [InlineData("expected transport infiniband, found 'uet-nscc'", "scenario", "one", "--engine", "packet", "--virtual-lanes", "2")]
    [InlineData("--alpha is of use with --shared-buffer alone", "scenario", "one", "--engine", "packet", "--alpha", "2")]
    [InlineData("a shared buffer of 1 kB can't hold one packet", "scenario", "one", "--engine", "packet", "--shared-buffer", "1kB")]
    [InlineData("expected --balance single-path, found 'ugal'", "scenario", "one", "--engine", "packet", "--transport", "hpcc", "--balance", "ugal")]
    [InlineData("--flap: expected two devices, from when to when", "ring", "--topology", "fat-tree", "--systems", "32", "--engine", "packet", "--flap", "leaf-0:spine-0@2us")]
    [InlineData("--flap: expected a link that is down for less than the time", "ring", "--topology", "fat-tree", "--systems", "32", "--engine", "packet", "--flap", "leaf-0:spine-0@2us..9us=3us/2us")]
    [InlineData("--degrade: expected a share above 0 % and below 100 %, found '120%'", "ring", "--topology", "fat-tree", "--systems", "32", "--engine", "packet", "--degrade", "leaf-0:spine-0=120%@2us")]
    [InlineData("--degrade is of use with --engine packet alone", "ring", "--topology", "fat-tree", "--systems", "32", "--degrade", "leaf-0:spine-0=50%@2us")]
    [InlineData("packets can't go by dimensions: it needs a grid", "ring", "--topology", "fat-tree", "--systems", "32", "--engine", "packet", "--routing", "dimension-order")]
    public void A_wrong_command_is_one_clear_message(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["simulate", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    // F1 of the reference: 176.1995 us.
    [Fact]
    public void A_matrix_is_played_packet_by_packet()
    {
        using var scratch = new Scratch();
        var folder = Path.Combine(Cli.Root, "data", "validation", "packets");
        var csv = Path.Combine(scratch.Folder, "one.csv");
        var json = Json("scenario", Path.Combine(folder, "one.cm"), "--engine", "packet", "--csv", csv);
        Assert.Equal(176.1995, json.GetProperty("time_us").GetDouble(), 0.0005);
        Assert.Equal("0,13,2000000,0,0.00017619952", File.ReadAllLines(csv)[1]);
        var over = Path.Combine(scratch.Folder, "samples.csv");
        Assert.Equal(0, Cli.Run("simulate", "scenario", "incast4", "--engine", "packet", "--samples", over, "--sample-every", "10us").Code);
        Assert.True(File.ReadAllLines(over).Length > 60);
        Assert.Contains("--samples", Cli.Run("simulate", "scenario", "one", "--engine", "packet", "--sample-every", "10us").Error);
        var text = Cli.Run("simulate", "scenario", "perm16", "--engine", "packet", "--transport", "uet-rccc", "--balance", "reps", "--rate", "400Gb/s", "--tiers", "3").Out;
        Assert.Contains("16 of 16 flows arrived", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    // Threads change nothing but the time that it takes; where there can't be as many as asked for, the report says why.
    [Fact]
    public void Packets_are_played_on_threads_with_the_same_result()
    {
        string[][] commands = [["simulate", "scenario", "perm54", "--engine", "packet", "--balance", "adaptive"], ["simulate", "shift:33", "--size", "1MB", "--engine", "packet", "--topology", "dragonfly", "--systems", "64"]];
        // How often queues are looked at differs, and nothing else.
        static string Happened(string text) => Regex.Replace(text, @"[\d,]+ events, [\d.]+ for each packet\s+and link", "");
        foreach (var command in commands) Assert.Equal(Happened(Cli.Run(command).Out), Happened(Cli.Run([.. command, "--threads", "3"]).Out));
        Assert.Contains("- played on 8 threads: all hosts are in 8 groups", Cli.Run("simulate", "scenario", "perm16", "--engine", "packet", "--threads", "9").Out);
        Assert.Contains("--threads: expected a whole number from 1 to 256", Cli.Run("simulate", "scenario", "perm16", "--engine", "packet", "--threads", "0").Error);
        Assert.Contains("--threads is of use with --engine packet alone", Cli.Run("simulate", "scenario", "perm16", "--threads", "2").Error);
    }

    [Fact]
    public void A_pattern_is_played_packet_by_packet_on_any_fabric()
    {
        foreach (var topology in new[] { "fat-tree", "rail-optimized", "dragonfly" })
        {
            string[] pattern = ["shift:1", "--size", "100kB", "--topology", topology, "--systems", "32"];
            var (packet, flow) = (Json([.. pattern, "--engine", "packet"]), Json(pattern));
            Assert.Equal(packet.GetProperty("flows").GetInt32(), packet.GetProperty("arrived").GetInt32());
            // Headers, queues and acknowledgements cost; nothing is free.
            Assert.InRange(packet.GetProperty("time_us").GetDouble() / 1e6 / flow.GetProperty("time_s").GetDouble(), 1, 20);
        }
        string[] broken = ["shift:64", "--size", "1MB", "--engine", "packet", "--balance", "oblivious", "--fail", "leaf-0:spine-0@10us", .. Tree];
        var (seen, unseen) = (Json([.. broken, "--notice", "5us"]), Json([.. broken, "--notice", "5ms"]));
        Assert.True(seen.GetProperty("packets").GetProperty("dropped").GetInt32() > 0);
        Assert.True(unseen.GetProperty("packets").GetProperty("dropped").GetInt32() > seen.GetProperty("packets").GetProperty("dropped").GetInt32());
        // Files as flows have them.
        using var scratch = new Scratch();
        string[] drawn = ["shift:64", "--size", "100kB", "--engine", "packet", .. Tree, "--chrome", scratch["flows.json"], "--plot", scratch["times.svg"], "--heatmap", scratch["loads.svg"], "--csv", scratch["flows.parquet"]];
        var all = Json(drawn);
        Assert.Equal(Json(drawn[..^8]).GetProperty("time_us").GetDouble(), all.GetProperty("time_us").GetDouble());
        using var trace = JsonDocument.Parse(File.ReadAllText(scratch["flows.json"]));
        Assert.Equal(all.GetProperty("flows").GetInt32(), trace.RootElement.GetProperty("traceEvents").EnumerateArray().Count(e => e.GetProperty("ph").GetString() == "X"));
        Assert.Contains("Data that wait in switches", File.ReadAllText(scratch["times.svg"]), StringComparison.Ordinal);
        Assert.Contains("fullest", File.ReadAllText(scratch["loads.svg"]), StringComparison.Ordinal);
        Assert.Equal("PAR1"u8.ToArray(), File.ReadAllBytes(scratch["flows.parquet"])[..4]);
        string[] collective = ["all-reduce", "--size", "1MB", "--ranks", "16", .. Tree, "--chrome", scratch["collective.json"], "--csv", scratch["collective.csv"]];
        var reduced = Json([.. collective, "--engine", "packet"]);
        Assert.Equal(reduced.GetProperty("flows").GetInt32(), File.ReadLines(scratch["collective.csv"]).Count() - 1);
        Assert.Contains("rank-3,rank-4", File.ReadAllText(scratch["collective.csv"]), StringComparison.Ordinal);
        Assert.Contains("\"to rank-4\"", File.ReadAllText(scratch["collective.json"]), StringComparison.Ordinal);
        Assert.Contains("is a collective; --export x.et", Cli.Run(["simulate", .. collective]).Error);
        Assert.Contains("--export is of use with --engine flow alone", Cli.Run(["simulate", "shift:1", "--engine", "packet", "--export", "x.cm", .. Tree]).Error);
        Assert.Contains("--transport is of use with --engine packet alone", Cli.Run(["simulate", "shift:1", "--transport", "swift", .. Tree]).Error);
        Assert.Contains("--routing is of use with --engine flow alone", Cli.Run(["simulate", "shift:1", "--engine", "packet", "--routing", "minimal", .. Tree]).Error);
        Assert.Contains("did you mean 'swift'", Cli.Run(["simulate", "shift:1", "--engine", "packet", "--transport", "swifd", .. Tree]).Error);
    }

    // What links, switches and routes do on the way, each by what it changes.
    [Fact]
    public void Links_and_switches_are_what_is_asked_for()
    {
        string[] shift = ["shift:64", "--size", "1MB", "--engine", "packet", "--balance", "oblivious", .. Tree];
        JsonElement Packets(params string[] more) => Json([.. shift, .. more]).GetProperty("packets");
        double Time(params string[] more) => Json([.. shift, .. more]).GetProperty("time_us").GetDouble();
        long Of(JsonElement packets, string field) => packets.GetProperty(field).GetInt64();
        var (lost, retried) = (Packets("--ber", "1e-8"), Packets("--ber", "1e-8", "--link-retry"));
        Assert.True(Of(lost, "spoiled") > 5 && Of(lost, "dropped") >= Of(lost, "spoiled") && Of(lost, "again") > 0);
        Assert.True(Of(retried, "spoiled") > 5 && Of(retried, "linkRetries") == Of(retried, "spoiled") && Of(retried, "dropped") == 0);
        Assert.True(Of(Packets("--flap", "leaf-0:spine-0@5us..2ms=5us/20us"), "dropped") > 0);
        Assert.True(Time("--degrade", "leaf-0:spine-0=10%@1us") > Time());
        Assert.True(Time("--cut-through") < Time());
        string[] far = ["shift:33", "--topology", "dragonfly", "--systems", "128", "--engine", "packet", "--size", "200kB"];
        Assert.True(Json([.. far, "--balance", "ugal"]).GetProperty("time_us").GetDouble() < 0.5 * Json([.. far, "--balance", "adaptive"]).GetProperty("time_us").GetDouble());
        var torus = Json("shift:9", "--topology", "torus", "--systems", "8", "--engine", "packet", "--size", "200kB", "--routing", "dimension-order");
        Assert.Equal(torus.GetProperty("flows").GetInt32(), torus.GetProperty("arrived").GetInt32());
    }

    // The flow whose prio is 0 takes what it takes alone, 176.2 us; the report says so by class.
    [Fact]
    public void Classes_of_a_matrix_are_reported()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("Nodes 16\nConnections 3\n4->0 id 1 start 0 size 2000000 prio 1\n8->0 id 2 start 0 size 2000000\n12->0 id 3 start 0 size 2000000 prio 1\n", "c.cm");
        string[] arguments = ["scenario", file, "--engine", "packet", "--transport", "roce", "--classes", "2"];
        var classes = Json(arguments).GetProperty("classes");
        Assert.Equal((1, 2), (classes[0].GetProperty("arrived").GetInt32(), classes[1].GetProperty("arrived").GetInt32()));
        Assert.InRange(classes[0].GetProperty("max_us").GetDouble(), 176.19, 178);
        Assert.InRange(classes[1].GetProperty("max_us").GetDouble(), 487, 510);
        Assert.Contains("Classes ---", Cli.Run(["simulate", .. arguments]).Out);
    }

    // Three engines on one question. Packets are never faster than a card's bytes with their headers, 2 x 15/16 of an eighth of the data at 50 GB/s; but than flows
    // they may be, whose eight channels are always in step, so that nobody sends while all wait.
    [Fact]
    public void A_collective_is_answered_by_three_engines()
    {
        string[] ring = ["all-reduce:ring", "--size", "4MB", "--ranks", "16", "--topology", "fat-tree", "--systems", "4"];
        var answers = Json([.. ring, "--engine", "all"]).GetProperty("engines").EnumerateArray().ToList();
        Assert.Equal(["analytic", "flow", "packet"], answers.Select(a => a.GetProperty("engine").GetString()));
        var times = answers.Select(a => a.GetProperty("time_s").GetDouble()).ToList();
        Assert.All(times, t => Assert.True(t > 0));
        Assert.InRange(times[2], 2 * 15.0 / 16 * 4e6 / 8 / 50e9 * 4150 / 4086, 1.1 * times[1]);
        var alone = Json([.. ring, "--engine", "packet", "--seed", "1"]);
        Assert.Equal(times[2], alone.GetProperty("time_s").GetDouble());
        Assert.Equal(alone.GetProperty("flows").GetInt32(), alone.GetProperty("arrived").GetInt32());
        Assert.Equal(4e6, alone.GetProperty("size_bytes").GetDouble());
        Assert.Equal("swift", Json([.. ring, "--engine", "packet", "--transport", "swift"]).GetProperty("transport").GetString());
        Assert.Contains("size over time", Cli.Run(["simulate", .. ring, "--engine", "packet"]).Out);
    }

    // Every figure of htsim's that ships lies within its tolerance.
    [Fact]
    public void Packets_agree_with_htsim()
    {
        var json = Cli.Json("validate", "packets", "--data", Path.Combine(Cli.Root, "data", "validation", "packets"));
        Assert.Equal(14, json.GetProperty("files").GetArrayLength());
        Assert.All(json.GetProperty("groups").EnumerateArray(), g => Assert.Equal(0, g.GetProperty("misses").GetInt32()));
    }
}
