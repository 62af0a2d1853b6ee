using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train</c>.</summary>
public class TrainCommandTests
{
    static string Changed(Scratch folder, string from, string to, string example = "llama3-24k-roce")
    {
        var text = File.ReadAllText(Cli.Example(example));
        Assert.Contains(from, text);
        return folder.Write(text.Replace(from, to, StringComparison.Ordinal));
    }

    static JsonElement Json(params string[] arguments) => Cli.Json(["train", .. arguments]);

    static double Seconds(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    [Fact]
    public void Json_adds_up_and_names_resources()
    {
        var json = Json(Cli.Example("llama3-24k-roce"), "--jitter", "0.1%");
        Assert.Equal(Seconds(json, "time_s"), json.GetProperty("criticalPath").EnumerateArray().Sum(p => Seconds(p, "time_s")), 1e-9);
        Assert.Equal(Seconds(json, "time_s"), Seconds(json, "pipeline_s") + Seconds(json, "data_s") + Seconds(json, "optimizer_s") + Seconds(json, "jitter_s"), 1e-9);
        Assert.Contains("scale-up", json.GetProperty("criticalPath").EnumerateArray().Select(p => p.GetProperty("resource").GetString()));
        Assert.Equal(16, json.GetProperty("stageUse").GetArrayLength());
        Assert.Equal("interleaved-1f1b", json.GetProperty("schedule").GetString());
        Assert.InRange(Seconds(json, "jitter_s") / Seconds(json, "time_s"), 0.005, 0.02);
        // The closed form of evaluate is within a tenth.
        Assert.InRange(Seconds(json, "closedForm_s") / Seconds(json, "time_s"), 0.9, 1.1);
    }

    [Fact]
    public void A_design_may_stand_behind_its_option()
    {
        var design = Cli.Example("llama3-24k-roce");
        Assert.Equal(Cli.Run("train", design), Cli.Run("train", "--design", design));
        Assert.Contains("expects a design document", Cli.Run("train").Error);
    }

    [Fact]
    public void A_named_schedule_is_what_evaluate_reports_and_train_plays_out()
    {
        using var folder = new Scratch();
        var design = Changed(folder, "pipeline: 16", "pipeline: 16, schedule: v-half");
        var json = Json(design);
        Assert.Equal("v-half", json.GetProperty("schedule").GetString());
        Assert.False(json.TryGetProperty("closedForm_s", out _));
        var (code, text, error) = Cli.Run("evaluate", design, "--json");
        Assert.Equal((0, ""), (code, error));
        using var evaluation = JsonDocument.Parse(text);
        Assert.Equal("v-half", evaluation.RootElement.GetProperty("job").GetProperty("schedule").GetString());
        Assert.Equal(Seconds(evaluation.RootElement.GetProperty("step"), "time_s"), Seconds(json, "time_s"), 1e-9);
        Assert.Contains("in v-half", Cli.Run("evaluate", design).Out);
        Assert.Contains("chosen: as many chunks as the", Cli.Run("explain", design).Out);
    }

    /// <summary>
    /// System: the 24k example, whose links up are as wide as down. Expectation: flows that spread meet nobody, so that every collective takes no more
    /// than its closed form, which allows for load balance. All else stays.
    /// </summary>
    [Fact]
    public void Collectives_of_a_step_play_on_the_fabric()
    {
        var design = Cli.Example("llama3-24k-roce");
        var (closed, spread) = (Json(design), Json(design, "--engine", "flow"));
        Assert.False(closed.TryGetProperty("engines", out _));
        var engine = Assert.Single(spread.GetProperty("engines").EnumerateArray());
        Assert.Equal(Seconds(spread, "time_s"), Seconds(engine, "time_s"));
        Assert.InRange(Seconds(spread, "time_s") / Seconds(closed, "time_s"), 0.9, 1);
        var plays = engine.GetProperty("collectives").EnumerateArray().ToDictionary(c => (c.GetProperty("group").GetString()!, c.GetProperty("collective").GetString()!));
        Assert.Equal([("data", "all-gather"), ("data", "reduce-scatter"), ("pipeline", "send-receive"), ("tensor", "all-gather"), ("tensor", "reduce-scatter")], plays.Keys.Order());
        Assert.All(plays.Values, c => Assert.InRange(Seconds(c, "time_s"), 0, Seconds(c, "closedForm_s") * 1.0001));
        var tensor = plays[("tensor", "all-gather")];
        Assert.Equal((2048, 8), (tensor.GetProperty("groups").GetInt32(), tensor.GetProperty("ranks").GetInt32()));
        // A ring inside a domain shares nothing.
        Assert.Equal(Seconds(tensor, "closedForm_s"), Seconds(tensor, "time_s"), 1e-6);
    }

    [Fact]
    public void What_is_down_is_said_not_to_be_played()
    {
        using var scratch = new Scratch();
        var whole = File.ReadAllText(Cli.Example("dragonfly-1k-h100"));
        File.WriteAllText(scratch["d.yaml"], whole.Replace("\nfabric:\n", "\nfabric:\n  failed: { rails: 1 }\n", StringComparison.Ordinal));
        Assert.Contains("what is down (fabric.failed): the closed form counts it", Unwrapped(Cli.Run("train", scratch["d.yaml"], "--engine", "flow").Out), StringComparison.Ordinal);
        Assert.DoesNotContain("what is down", Cli.Run("train", Cli.Example("dragonfly-1k-h100"), "--engine", "flow").Out, StringComparison.Ordinal);
        static string Unwrapped(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>
    /// System: a dragonfly on which data groups of neighbouring tensor groups leave a router over the same local link. Expectation: two flows share it, and
    /// the collectives take twice what one group alone takes; the report says so.
    /// </summary>
    [Fact]
    public void Groups_that_meet_on_the_fabric_lengthen_the_step()
    {
        var design = Cli.Example("dragonfly-1k-h100");
        var (closed, played) = (Json(design), Json(design, "--engine", "flow"));
        Assert.True(Seconds(played, "time_s") > Seconds(closed, "time_s"));
        Assert.True(Seconds(played, "data_s") > 2 * Seconds(closed, "data_s"));
        var crossing = played.GetProperty("engines")[0].GetProperty("collectives").EnumerateArray().First(c => c.GetProperty("group").GetString() == "data");
        Assert.Equal(2, Seconds(crossing, "played_s") / Seconds(crossing, "oneGroupAlone_s"), 1e-3);
        Assert.StartsWith("contention of groups: 2 flows at once on a local link", crossing.GetProperty("why").GetString(), StringComparison.Ordinal);
        var (code, text, error) = Cli.Run("train", design, "--engine", "flow");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Not simulated", text);
        Assert.Contains("Critical path by the flow engine", text);
    }

    const string Mixture = """
        lightloom: 1
        name: mixture
        accelerators: { system: dgx-h100, systems: 16 }
        fabric: { protocol: infiniband, topology: rail-optimized, switch: qm9700 }
        job:
          model: mixtral-8x7b
          sequence: 4096
          globalBatch: 256
          precision: bf16
          parallelism: { tensor: 2, expert: 8, pipeline: 2, sharding: zero-1 }
        """;

    /// <summary>
    /// System: experts spread over two domains, data groups and sends between stages, which all leave by the same cards. Expectation: the flow engine plays the data
    /// group's longest collective beside each of the others, and each of two takes up to twice its own time; so do packets.
    /// </summary>
    [Fact]
    public void Groups_of_different_kinds_are_played_at_once()
    {
        using var scratch = new Scratch();
        var design = scratch.Write(Mixture, "m.yaml");
        var engines = Json(design, "--engine", "all").GetProperty("engines");
        var together = engines[0].GetProperty("together").EnumerateArray().ToList();
        Assert.Equal(["expert", "pipeline"], together.Select(t => t.GetProperty("beside_group").GetString()));
        foreach (var pair in together)
        {
            Assert.InRange(pair.GetProperty("over_alone").GetDouble(), 1.2, 2.01);
            Assert.InRange(pair.GetProperty("beside_over_alone").GetDouble(), 1.2, 2.01);
        }
        // Packets say the same within a tenth.
        foreach (var (flow, packet) in together.Zip(engines[1].GetProperty("together").EnumerateArray()))
        {
            foreach (var field in (string[])["over_alone", "beside_over_alone"]) Assert.InRange(packet.GetProperty(field).GetDouble() / flow.GetProperty(field).GetDouble(), 0.9, 1.1);
        }
        var text = Cli.Run("train", design, "--engine", "flow").Out;
        Assert.Contains("Different groups at once", text, StringComparison.Ordinal);
        Assert.Contains("all-to-all by expert groups", text, StringComparison.Ordinal);
    }

    /// <summary>System: gradients summed by the fabric's switches, one copy of them over each card. Expectation: the flow engine plays the trees and agrees with the closed form.</summary>
    [Fact]
    public void Sums_in_the_switches_are_played()
    {
        using var scratch = new Scratch();
        var design = scratch.Write(Mixture.Replace("expert: 8, pipeline: 2, sharding: zero-1", "sharding: none", StringComparison.Ordinal).Replace("job:", "collectives: { fabricReduction: true }\njob:", StringComparison.Ordinal), "m.yaml");
        var play = Json(design, "--engine", "flow").GetProperty("engines")[0].GetProperty("collectives").EnumerateArray().Single(c => c.GetProperty("group").GetString() == "data");
        Assert.Equal("all-reduce", play.GetProperty("collective").GetString());
        Assert.Equal(1, Seconds(play, "time_s") / Seconds(play, "closedForm_s"), 0.01);
        Assert.True(Seconds(play, "played_s") > 0);
        // Packets go up and down the same trees, at line rate with headers.
        var packets = Json(design, "--engine", "packet").GetProperty("engines")[0].GetProperty("collectives").EnumerateArray().Single(c => c.GetProperty("group").GetString() == "data");
        Assert.InRange(Seconds(packets, "played_s") / Seconds(play, "played_s"), 0.9, 1.05);
        string[] reduced = ["simulate", "all-reduce:in-network", "--topology", "rail-optimized", "--systems", "4", "--size", "16MB"];
        Assert.Contains("infiniband, single-path", Cli.Run([.. reduced, "--engine", "all"]).Out, StringComparison.Ordinal);
        Assert.Contains("Switches add up and copy: one held at most", Cli.Run([.. reduced, "--engine", "packet", "--reduction-chunk", "64KiB", "--reduction-window", "40kB"]).Out, StringComparison.Ordinal);
        Assert.Contains("no packet of it may be lost: expected transport roce", Cli.Run([.. reduced, "--engine", "packet", "--transport", "uet-nscc"]).Error, StringComparison.Ordinal);
        Assert.Contains("no switch stands above all", Cli.Run("simulate", "all-reduce:in-network", "--topology", "dragonfly", "--systems", "64", "--engine", "flow").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fabric_too_large_for_engines_is_refused()
    {
        var (code, output, error) = Cli.Run("train", Path.Combine(Cli.Root, "bench", "designs", "one-million.yaml"), "--engine", "flow");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("too large to be played link by link", error);
    }

    [Fact]
    public void Engines_answer_side_by_side()
    {
        using var folder = new Scratch();
        // More than is played packet by packet: what is left is counted at the slope.
        var design = Changed(folder, "systems: 8", "systems: 2", "eight-node-roce-copper");
        var json = Json(design, "--engine", "all", "--seed", "3");
        Assert.Equal(["flow", "packet"], json.GetProperty("engines").EnumerateArray().Select(e => e.GetProperty("engine").GetString()));
        foreach (var play in json.GetProperty("engines").EnumerateArray().SelectMany(e => e.GetProperty("collectives").EnumerateArray()))
            Assert.InRange(Seconds(play, "time_s") / Seconds(play, "closedForm_s"), 0.85, 1.15);
        Assert.All(json.GetProperty("engines")[1].GetProperty("collectives").EnumerateArray(), c => Assert.True(c.GetProperty("playedUpTo_bytes").GetDouble() < c.GetProperty("size_bytes").GetDouble()));
    }

    [Theory]
    [InlineData("svg", "<svg")]
    [InlineData("png", "PNG")]
    public void A_trace_and_a_picture_are_whole_files(string kind, string begins)
    {
        using var folder = new Scratch();
        var design = Changed(folder, "pipeline: 16", "pipeline: 16, schedule: zb-h1");
        var (trace, plot) = (folder["step.json"], folder["step." + kind]);
        var (code, _, error) = Cli.Run("train", design, "--trace", trace, "--plot", plot);
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(File.ReadAllText(trace));
        Assert.True(json.RootElement.GetProperty("traceEvents").GetArrayLength() > 16 * 16 * 3);
        Assert.Contains(begins, File.ReadAllText(plot)[..400]);
        Assert.Equal(3, Directory.GetFiles(folder.Folder).Length);
    }

    [Theory]
    [InlineData("pipeline: 16", "pipeline: 16, schedule: dualpipe", "job.parallelism.schedule: dualpipe needs twice as many microbatches as its 16 ranks, not 16; nearest 32")]
    [InlineData("pipeline: 16", "pipeline: 16, schedule: zb-h3", "expected one of gpipe, 1f1b, interleaved-1f1b, zb-h1, zb-h2, zb-v, v-half, v-min, dualpipe, dualpipe-v; found 'zb-h3'")]
    [InlineData("pipeline: 16", "pipeline: 16, schedule: zb-v, interleave: 3", "job.parallelism.interleave: zb-v has 2 chunks on each stage, not 3")]
    [InlineData("pipeline: 16", "pipeline: 16, stageLayers: [126]", "job.parallelism.stageLayers: layers are given to the parts of a named schedule on more than one stage")]
    [InlineData("pipeline: 16", "pipeline: 16, schedule: 1f1b, stageLayers: [63, 63]", "job.parallelism.stageLayers: 1f1b on 16 stages cuts the model into 16; 2 are given")]
    [InlineData("pipeline: 16", "pipeline: 16, scheduleGroup: 3", "job.parallelism.scheduleGroup: only the schedule interleaved-1f1b takes microbatches in groups")]
    [InlineData("pipeline: 16", "pipeline: 16, schedule: interleaved-1f1b, scheduleGroup: 3", "groups of 3 microbatches are smaller than the 16 ranks of the pipeline; expected at least 16")]
    public void A_schedule_that_cannot_be_is_one_clear_message(string from, string to, string message)
    {
        using var folder = new Scratch();
        var (code, text, error) = Cli.Run("train", Changed(folder, from, to));
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("--jitter: expected a share from 0 to 100 %, found '-1%'", "--jitter", "-1%")]
    [InlineData("--jitter:", "--jitter", "soon")]
    [InlineData("--plot writes .svg or .png, and 'x.pdf' is neither", "--plot", "x.pdf")]
    [InlineData("can't be written", "--trace", "/no/such/folder/step.json")]
    public void A_wrong_option_is_one_clear_message(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["train", Cli.Example("superpod-h100-ndr"), .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.Trim().Split('\n'));
    }
}
