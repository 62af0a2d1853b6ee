namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train --export</c>: a step as execution traces, and what <c>simulate trace</c> makes of it.</summary>
public class StepTraceCommandTests
{
    // Eight servers of the example become two, with another split of the job.
    static string Design(Scratch folder, string parallelism, string model = "llama-3.1-8b", int batch = 16)
    {
        var text = File.ReadAllText(Cli.Example("eight-node-roce-copper"));
        foreach (var (from, to) in new[] { ("systems: 8", "systems: 2"), ("llama-3.1-8b", model), ("globalBatch: 512", $"globalBatch: {batch}"), ("tensor: 1, sharding: zero-1, microBatch: 1", parallelism) })
        {
            Assert.Contains(from, text);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }
        return folder.Write(text);
    }

    static (double Step, double Played, double Computing) Play(string parallelism, string model = "llama-3.1-8b", int batch = 16, params string[] more)
    {
        using var folder = new Scratch();
        var design = Design(folder, parallelism, model, batch);
        var step = Cli.Json("train", design, "--export", folder["step.et"]);
        var played = Cli.Json(["simulate", "trace", folder["step"], "--design", design, .. more]);
        Assert.Equal(more.Contains("ring") ? "ring" : "auto", played.GetProperty("collectives").GetString());
        Assert.Equal(more.Contains("--sustained"), played.GetProperty("sustained").GetBoolean());
        Assert.Equal((16, "flow", true), (played.GetProperty("ranks").GetInt32(), played.GetProperty("engine").GetString(), played.GetProperty("complete").GetBoolean()));
        var ranks = played.GetProperty("rankResults").EnumerateArray().ToList();
        Assert.Equal(step.GetProperty("traceNodes").GetInt64(), ranks.Sum(r => r.GetProperty("nodes").GetInt64()));
        return (step.GetProperty("time_s").GetDouble(), played.GetProperty("time_ns").GetDouble() / 1e9, ranks.Max(r => r.GetProperty("compute_ns").GetDouble()) / 1e9);
    }

    /// <summary>
    /// System: 16 accelerators, tensor 2, pipeline 2, data 4 (all four in one of two places of a card's own), nothing beside anything. Expectation: the trace on the fabric
    /// takes what the step model says, but for what software takes of messages and links.
    /// </summary>
    [Theory]
    [InlineData("tensor: 2, pipeline: 2, schedule: 1f1b, overlapData: false, recompute: none, sharding: zero-1, microBatch: 1", "llama-3.1-8b")]
    [InlineData("tensor: 2, pipeline: 2, schedule: gpipe, overlapData: false, recompute: full, sharding: none, microBatch: 1", "llama-3.1-8b")]
    [InlineData("pipeline: 2, expert: 8, overlapData: false, recompute: full, sharding: zero-1, microBatch: 1", "mixtral-8x7b")]
    public void A_step_plays_as_long_as_the_model_says(string parallelism, string model)
    {
        var (step, played, computing) = Play(parallelism, model, 64);
        Assert.InRange(played / step, 0.97, 1.03);
        Assert.True(computing < played);
    }

    /// <summary>
    /// System: dense steps split three ways, weights in shards over all or some ranks, mixtures of experts, with and without overlap. Expectation: their traces, with what libraries sustain of links, and
    /// with launches and software of messages, take what 'train' says, to 5 %; what is left is computing's rate beside hidden communication, which no trace has, and launches of kernels.
    /// </summary>
    [Theory]
    [InlineData("tensor: 2, pipeline: 2, schedule: 1f1b, overlapData: false, recompute: none, sharding: zero-1, microBatch: 1", "llama-3.1-8b")]
    [InlineData("tensor: 4, pipeline: 2, sharding: zero-2, microBatch: 1, recompute: none", "llama-3.1-8b")]
    [InlineData("tensor: 2, context: 2, pipeline: 2, interleave: 2, sharding: zero-2, shardGroup: 2, microBatch: 1, recompute: full", "llama-3.1-8b")]
    [InlineData("sharding: zero-3, microBatch: 1, recompute: none", "llama-3.1-8b")]
    [InlineData("sharding: zero-3, microBatch: 1, recompute: none, overlapData: false", "llama-3.1-8b")]
    [InlineData("pipeline: 2, expert: 8, overlapData: false, recompute: full, sharding: zero-1, microBatch: 1", "mixtral-8x7b")]
    [InlineData("pipeline: 1, expert: 8, recompute: full, sharding: zero-1, microBatch: 1", "mixtral-8x7b")]
    [InlineData("tensor: 2, pipeline: 4, schedule: dualpipe, sharding: zero-1, microBatch: 1, recompute: none", "llama-3.1-8b")]
    [InlineData("pipeline: 2, expert: 8, schedule: dualpipe-v, overlapExpert: true, sharding: zero-1, microBatch: 1, recompute: full", "mixtral-8x7b")]
    [InlineData("tensor: 2, pipeline: 2, schedule: 1f1b, sharding: zero-1, microBatch: 1, recompute: none", "nemotron-h-8b")]
    [InlineData("context: 2, sharding: zero-3, microBatch: 1, recompute: full", "nemotron-h-8b")]
    public void A_step_as_a_library_does_it_takes_what_train_says(string parallelism, string model)
    {
        var (step, played, computing) = Play(parallelism, model, 64, "--sustained");
        Assert.InRange(played / step, 0.95, 1.05);
        Assert.True(computing < played);
    }

    /// <summary>Expectation: a ring through one card of each system takes weights in shards half as long again as all cards do; links alone are the lower bound of what libraries sustain.</summary>
    [Fact]
    public void Rings_of_one_card_are_slower_than_what_a_library_does()
    {
        double Of(params string[] more) => Play("sharding: zero-3, microBatch: 1, recompute: none", batch: 64, more: more).Played;
        var (plain, sustained, ring) = (Of(), Of("--sustained"), Of("--collectives", "ring"));
        Assert.True(plain <= sustained);
        Assert.True(ring > 1.5 * sustained);
    }

    /// <summary>Expectation: the flow engine's own step of the design is met too.</summary>
    [Fact]
    public void A_trace_takes_what_the_flow_engine_says_of_its_step()
    {
        using var folder = new Scratch();
        var design = Design(folder, "tensor: 4, pipeline: 2, sharding: zero-1, microBatch: 1, recompute: none", batch: 32);
        var step = Cli.Json("train", design, "--engine", "flow").GetProperty("engines")[0].GetProperty("time_s").GetDouble();
        Cli.Json("train", design, "--export", folder["step.et"]);
        var played = Cli.Json("simulate", "trace", folder["step"], "--design", design, "--sustained").GetProperty("time_ns").GetDouble() / 1e9;
        Assert.InRange(played / step, 0.95, 1.05);
    }

    [Fact]
    public void Wrong_ways_of_collectives_are_told()
    {
        using var folder = new Scratch();
        var design = Design(folder, "tensor: 8, pipeline: 2, schedule: 1f1b, microBatch: 1", batch: 2);
        Cli.Json("train", design, "--export", folder["step.et"]);
        void Refused(string what, params string[] more)
        {
            var (code, _, error) = Cli.Run(["simulate", "trace", folder["step"], .. more]);
            Assert.Equal(2, code);
            Assert.Contains(what, error.ReplaceLineEndings(" "));
        }
        Refused("there is no way 'rngs' to do them; did you mean 'rings'?", "--design", design, "--collectives", "rngs");
        Refused("--sustained goes with collectives as a library does them", "--design", design, "--collectives", "ring", "--sustained");
        Refused("what mechanisms sustain is of use to flows alone", "--design", design, "--engine", "packet", "--sustained");
        Refused("those of a trace in packets only forward", "--design", design, "--engine", "packet", "--collectives", "in-network");
        Refused("--collectives is of use on a fabric alone", "--collectives", "auto", "--network", folder["none.yml"]);
        Refused("the trace has 16 ranks, and the fabric 8 accelerators", "--topology", "fat-tree", "--systems", "1");
    }

    /// <summary>Expectation: what overlaps ends between the busiest rank's computation and the same without overlap.</summary>
    [Theory]
    [InlineData("tensor: 2, pipeline: 2, schedule: 1f1b, recompute: none, sharding: zero-1, microBatch: 1")]
    [InlineData("tensor: 1, pipeline: 1, recompute: none, sharding: zero-1, microBatch: 1")]
    [InlineData("tensor: 2, pipeline: 2, interleave: 2, recompute: none, sharding: none, microBatch: 1")]
    public void What_overlaps_takes_no_longer_than_what_does_not(string parallelism)
    {
        var (_, beside, computing) = Play(parallelism);
        var (_, behind, _) = Play(parallelism + ", overlapData: false");
        Assert.InRange(beside, computing, behind);
    }

    /// <summary>Expectation: a ring of all ranks, whose flows end within half a tick of each other, comes to its end too; so do schedules that part the backward pass, and rings of keys and values.</summary>
    [Theory]
    [InlineData("sharding: zero-3, microBatch: 1, recompute: none, overlapData: false", 32)]
    [InlineData("tensor: 2, pipeline: 4, schedule: zb-v, sharding: zero-2, microBatch: 1, recompute: none", 32)]
    [InlineData("tensor: 2, context: 2, pipeline: 2, interleave: 2, sharding: zero-2, shardGroup: 2, microBatch: 1, recompute: full", 16)]
    public void Other_splits_play_to_their_end(string parallelism, int batch)
    {
        var (_, played, computing) = Play(parallelism, batch: batch);
        Assert.True(computing < played);
    }

    [Fact]
    public void The_same_design_gives_the_same_bytes_and_delays_come_from_the_seed()
    {
        using var folder = new Scratch();
        var design = Design(folder, "tensor: 4, pipeline: 2, sharding: zero-1, microBatch: 1");
        string[] Written(string name, params string[] more)
        {
            var (code, text, error) = Cli.Run(["train", design, "--export", folder[name + ".et"], .. more]);
            Assert.Equal((0, ""), (code, error));
            Assert.Contains("Written as 16 traces", text);
            return [.. Enumerable.Range(0, 16).Select(r => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder[$"{name}.{r}.et"]))))];
        }
        var first = Written("a");
        Assert.Equal(first, Written("a"));
        Assert.Equal(first, Written("b"));
        var late = Written("c", "--jitter", "1%", "--seed", "7");
        Assert.NotEqual(first, late);
        Assert.Equal(late, Written("d", "--jitter", "1%", "--seed", "7"));
        Assert.NotEqual(late, Written("e", "--jitter", "1%"));
    }

    /// <summary>System: two stages of eight that split every matrix, short sequences. Expectation: the packets of the engine take the step's time but for what software takes of each collective.</summary>
    [Fact]
    public void A_step_plays_in_packets_too()
    {
        using var folder = new Scratch();
        var design = Design(folder, "tensor: 8, pipeline: 2, schedule: 1f1b, recompute: none, microBatch: 1", batch: 2);
        File.WriteAllText(design, File.ReadAllText(design).Replace("sequence: 8192", "sequence: 128", StringComparison.Ordinal));
        var step = Cli.Json("train", design, "--export", folder["step.et"]).GetProperty("time_s").GetDouble();
        var json = Cli.Json("simulate", "trace", folder["step"], "--design", design, "--engine", "packet");
        Assert.Equal(("packet", true), (json.GetProperty("engine").GetString(), json.GetProperty("complete").GetBoolean()));
        Assert.InRange(json.GetProperty("time_ns").GetDouble() / 1e9, json.GetProperty("rankResults").EnumerateArray().Max(r => r.GetProperty("compute_ns").GetDouble()) / 1e9, step);
    }

    [Fact]
    public void What_cannot_be_written_is_told_and_leaves_nothing()
    {
        using var folder = new Scratch();
        void Refused(string what, params string[] arguments)
        {
            var before = Directory.GetFiles(folder["."]).Length;
            var (code, _, error) = Cli.Run(["train", .. arguments]);
            Assert.Equal(2, code);
            Assert.Contains(what, error.ReplaceLineEndings(" "));
            Assert.Equal(before, Directory.GetFiles(folder["."]).Length);
        }
        var design = Design(folder, "pipeline: 2, microBatch: 1");
        Refused("execution traces, NAME.et", design, "--export", folder["step.goal"]);
        Refused("--seed is of use with", design, "--seed", "3");
        Refused("more than 10,000,000 nodes", Cli.Example("llama3-24k-roce"), "--export", folder["step.et"]);
        Refused("there is no folder", Design(folder, "tensor: 8, pipeline: 2, microBatch: 1"), "--export", folder[Path.Combine("nowhere", "step.et")]);
        File.WriteAllText(folder["step.16.et"], "");
        Refused("a trace of more ranks", Design(folder, "tensor: 8, pipeline: 2, microBatch: 1"), "--export", folder["step.et"]);
    }
}
