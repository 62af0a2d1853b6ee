using CsCheck;
using Lightloom.Quantities;
using Lightloom.Workloads.Serving;

namespace Lightloom.Workloads.Tests.Serving;

/// <summary>One pass of a serving copy: its worked examples, and training's forward pass on the same tokens.</summary>
public sealed class ForwardPassTests
{
    /// <summary>The example at the head of RequestMix.cs.</summary>
    [Fact]
    public void Long_answers_are_met_more_often()
    {
        Assert.Equal(1100, new RequestMix(1000, 200).MeanContext);
        Assert.Equal(1200, new RequestMix(1000, 200, 1).MeanContext);
    }

    /// <summary>Lognormal moments are known: E[L] = m and E[L²] = m² (1 + c²).</summary>
    [Fact]
    public void Quadrature_finds_the_moments_of_lengths() =>
        Gen.Select(Gen.Int[10_000, 100_000], Gen.Double[0, 0.7]).Sample((prompt, c) =>
        {
            var (mean, square) = new RequestMix(prompt, 1, c).OverPrompts(p => p);
            // Seven points integrate exp(s·z), s at most 0.63, to far below the rounding of lengths to whole tokens.
            Examples.Close(prompt, mean, 1e-3);
            Examples.Close((double)prompt * prompt * (1 + (c * c)), square, 1e-3);
        });

    /// <summary>The example at the head of ServingReplica.cs.</summary>
    [Fact]
    public void Weights_and_sequences_of_8B_on_one_accelerator()
    {
        var replica = Served.Replica();
        Assert.Equal(16.06, replica.Weights.Gigabytes, 0.01);
        Assert.Equal(131_072, replica.CacheOf(1).Bytes);
        var room = DataSize.FromGigabytes(72) - replica.Weights - DataSize.FromGigabytes(2.5);
        Assert.Equal(53.4, room.Gigabytes, 0.1);
        Assert.Equal(339, Math.Floor(room.Bytes / replica.CacheOf(1200).Bytes));
    }

    /// <summary>Split weights add up to the whole model, whatever the degrees; norms alone are on every rank.</summary>
    [Theory]
    [InlineData("llama-3.1-70b", 8, 1)]
    [InlineData("mixtral-8x7b", 2, 8)]
    [InlineData("deepseek-v3", 4, 32)]
    public void Weights_of_all_ranks_are_those_of_the_model(string model, int tensor, int expert)
    {
        var replica = Served.Replica(model, tensor, expert);
        var size = replica.Model;
        var split = (replica.Weights.Bytes * replica.Accelerators) - (2 * replica.Groups * (size.Parameters - size.PredictionParameters));
        // What is too much: norms on each rank, and experts, which groups don't repeat.
        double layers = size.Model.Layers, sparse = layers - size.DenseLayers;
        var experts = sparse * (size.Model.Experts?.Experts ?? 0) * size.ExpertParameters;
        var norms = (layers * size.NormParameters) + size.FinalNormParameters;
        Examples.Close(2 * ((norms * (replica.Accelerators - replica.Groups)) - (experts * (replica.Groups - 1))), split, 1e-6);
    }

    /// <summary>Prompts that pass together are as many tokens in every multiplication, and each attends to itself alone.</summary>
    [Fact]
    public void Several_prompts_pass_as_one_of_their_length_but_for_attention()
    {
        var pass = Served.Pass(Served.Replica());
        var (one, four, apart) = (pass.Of(new(0, 0, 4096)).Total.Seconds, pass.Of(new(0, 0, 1024) { Prompts = 4 }).Total.Seconds, 4 * pass.Of(new(0, 0, 1024)).Total.Seconds);
        Assert.True(four < one && four < apart, $"{four} {one} {apart}");
        var size = Served.Replica().Model;
        // Pairs of one prompt of 4,096 less those of four of 1,024, at the rate of attention: what lies between the two passes.
        var pairs = (4096 * size.MeanPairs(4096)) - (4 * 1024 * size.MeanPairs(1024));
        var rates = ServingRates.Of(Examples.H100, Precision.Bf16);
        var exponentials = size.Model.Heads * rates.FlopPerExponential;
        Examples.Close(32 * pairs * ((2 * size.AttentionWidth) + exponentials) / rates.AttentionForward, one - four, 1e-6);
    }

    /// <summary>Groups that all have prompts ask experts for all of them; the pass takes longer and less than as many passes.</summary>
    [Fact]
    public void Groups_that_are_filled_share_their_experts()
    {
        var pass = Served.Pass(Served.Replica("mixtral-8x7b", 1, 8));
        var (alone, filled) = (pass.Of(new(0, 0, 2048)), pass.Of(new(0, 0, 2048) { Filled = 8 }));
        Assert.True(filled.Total > alone.Total && filled.Total.Seconds < 8 * alone.Total.Seconds);
        Assert.Equal(alone.Network, filled.Network); // what a rank sends
    }

    /// <summary>With no prompts to speak of, what never runs out is the step with every place taken.</summary>
    [Fact]
    public void What_never_runs_out_takes_every_place()
    {
        var system = Served.System(new(1, 4000), copies: 2);
        var (batch, _, tokens) = system.Saturated();
        Assert.Equal(system.MostSequences, batch);
        Examples.Close(2 * batch / system.Step(batch).Total.Seconds, tokens, 0.01);
        // Long prompts are bound by what a pass takes of them.
        var prompts = Served.System(new(4096, 2), copies: 1, chunk: 8192);
        Assert.Equal(2, prompts.Saturated().Batch, 1e-9);
        Examples.Close(2 * 8192 / 4096.0 / prompts.Saturated().Step.Total.Seconds, prompts.Saturated().TokensPerSecond, 1e-9);
        Assert.Equal(0, Served.System(new(1000, 100), room: DataSize.Zero).Saturated().TokensPerSecond);
    }

    /// <summary>The example at the head of ForwardPass.cs.</summary>
    [Fact]
    public void One_sequence_of_8B_reads_the_weights()
    {
        var pass = Served.Pass(Served.Replica()).Of(new(1, 1000));
        Assert.Equal("memory bandwidth", pass.Binds);
        Assert.Equal(Duration.Zero, pass.Network);
        var read = (32 * 218.1e6) + 525.3e6;
        Assert.InRange(pass.Memory.Milliseconds, 2 * read / 3.082e9, 1.02 * ((2 * read) + 131e6) / 3.082e9);
        Assert.InRange(pass.Total.Milliseconds, 6.0, 6.4);
    }

    /// <summary>A whole prompt computes what training's forward pass over it does, block by block.</summary>
    [Theory]
    [InlineData("llama-3.1-8b", 1, false)]
    [InlineData("llama-3.1-70b", 4, false)]
    [InlineData("mixtral-8x7b", 1, true)]
    [InlineData("deepseek-v3", 1, true)]
    public void A_prompt_is_a_forward_pass_of_training(string model, int tensor, bool sparse)
    {
        const int Tokens = 4096;
        var job = Examples.Job(model, 64, 64, new() { Tensor = tensor, MicroBatch = 1, SequenceParallel = false }, Tokens);
        // Servers multiply a rank's experts in one kernel.
        var rates = ComputeRates.Of(Examples.H100, Precision.Bf16) with { ExpertOverhead = 0 };
        var replica = Served.Replica(model, tensor);
        var block = BlockWork.Of(job, rates, sparse);
        var dense = BlockWork.Of(job, rates, sparse: false);
        double first = replica.Model.DenseLayers, all = replica.Model.Model.Layers;
        var expected = sparse ? (first * dense.Forward) + ((all - first) * block.Forward) : all * dense.Forward;
        var pass = Served.Pass(replica, rates).Of(new(0, 0, Tokens));
        Examples.Close(expected, (pass.Compute + pass.Memory + pass.Launch).Seconds, 1e-6);
    }

    /// <summary>Pieces of a prompt meet each pair of tokens once.</summary>
    [Fact]
    public void Chunks_add_up_to_the_whole_prompt()
    {
        var ideal = Examples.Ideal;
        var pass = Served.Pass(Served.Replica(), ideal);
        Gen.Int[2, 8000].SelectMany(n => Gen.Int[1, n - 1].Select(c => (n, c))).Sample(x =>
        {
            var whole = pass.Of(new(0, 0, x.n)).Total.Seconds;
            var parts = (pass.Of(new(0, 0, x.c)).Total + pass.Of(new(0, 0, x.n - x.c, x.c)).Total).Seconds;
            Examples.Close(whole, parts, 1e-9);
        });
    }

    /// <summary>Experts that tokens visit at random, counted: the formula within five standard errors of the count.</summary>
    [Theory]
    [InlineData(8, 2, 3)]
    [InlineData(64, 4, 10)]
    [InlineData(256, 8, 32)]
    public void Distinct_experts_are_those_that_chance_visits(int experts, int perToken, int tokens)
    {
        var (random, runs, sum, squares) = (new Random(7), 4000, 0.0, 0.0);
        for (var run = 0; run < runs; run++)
        {
            var asked = new HashSet<int>();
            for (var t = 0; t < tokens; t++)
            {
                var own = new HashSet<int>();
                while (own.Count < perToken) own.Add(random.Next(experts));
                asked.UnionWith(own);
            }
            sum += asked.Count;
            squares += (double)asked.Count * asked.Count;
        }
        var mean = sum / runs;
        var error = Math.Sqrt(Math.Max(1e-12, ((squares / runs) - (mean * mean)) / runs));
        Assert.InRange(ForwardPass.DistinctExperts(experts, perToken, tokens), mean - (5 * error), mean + (5 * error));
    }

    [Fact]
    public void Windows_bound_what_a_token_reaches()
    {
        var pass = Served.Pass(Served.Replica("gpt-oss-20b"));
        var window = pass.Replica.Model.Model.Local!.Window;
        Assert.Equal(window / 2.0, pass.Reach(window / 2.0));
        Assert.Equal(((pass.Replica.Model.FullAttentionLayers * 8000.0) + ((pass.Replica.Model.Model.Layers - pass.Replica.Model.FullAttentionLayers) * (double)window)) / pass.Replica.Model.Model.Layers, pass.Reach(8000), 1e-9);
    }

    /// <summary>More sequences never make a step shorter, nor a token dearer.</summary>
    [Theory]
    [InlineData("llama-3.1-8b", 1, 1)]
    [InlineData("llama-3.1-70b", 8, 1)]
    [InlineData("deepseek-v3", 8, 16)]
    public void Batching_pays(string model, int tensor, int expert)
    {
        var pass = Served.Pass(Served.Replica(model, tensor, expert));
        double before = 0, each = double.PositiveInfinity;
        for (var b = 1; b <= 512; b *= 2)
        {
            var time = pass.Of(new(b, b * 1000.0)).Total.Seconds;
            Assert.True(time >= before, $"{b} sequences take {time} s, half as many {before} s");
            Assert.True(time / b <= each, $"a token of {b} sequences takes {time / b} s, of half as many {each} s");
            (before, each) = (time, time / b);
        }
    }

    [Theory]
    [InlineData("llama-3.1-8b", 3, 1, "tensor", "nearest 2 and 4")]
    [InlineData("llama-3.1-8b", 1, 8, "expert", "has no experts")]
    [InlineData("mixtral-8x7b", 1, 3, "expert", "nearest 2 and 4")]
    [InlineData("deepseek-v3", 16, 8, "expert", "no multiple of tensor 16")]
    public void Degrees_that_do_not_divide_are_named(string model, int tensor, int expert, string field, string message)
    {
        var e = Assert.Throws<JobException>(() => Served.Replica(model, tensor, expert));
        Assert.Equal(field, e.Field);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Prompts that are alike are as many times one of them.</summary>
    [Fact]
    public void Work_of_prompts_adds_up()
    {
        var pass = Served.Pass(Served.Replica("deepseek-v3", 1, 8, Precision.Fp8));
        var four = pass.Of(new(16, 16000, 512, 256, true) { Prompts = 4, Filled = 8 });
        Assert.Equal(four, pass.Of(new(16, 16000) { Mixed = 4 * pass.Prompt(512, 256), MixedTokens = 8 * 4 * 512 }));
        Assert.Equal(4 * pass.Prompt(512, 256), pass.Prompt(512, 256) + pass.Prompt(512, 256) + (2 * pass.Prompt(512, 256)));
        // A prompt in two parts does the work of the whole.
        var (first, rest, whole) = (pass.Prompt(300, 0, false), pass.Prompt(700, 300), pass.Prompt(1000));
        Assert.Equal(whole.Pairs, (first + rest).Pairs, 1e-6 * whole.Pairs);
        Assert.Equal((1000, 1), ((first + rest).Tokens, (first + rest).Ended));
    }

    /// <summary>Two halves in turns are never slower than one pass, never faster than either resource alone, and help large batches whose tokens travel far.</summary>
    [Theory]
    [InlineData(64, 0)]
    [InlineData(64 * 8, 0)]
    [InlineData(64 * 128, 0)]
    [InlineData(64 * 256, 0)]
    [InlineData(0, 4096)]
    [InlineData(0, 16384)]
    public void Halves_in_turns_hide_exchanges(int sequences, int prompts)
    {
        var replica = Served.Replica("deepseek-v3", 1, 64, Precision.Fp8);
        ForwardPass plain = Served.Pass(replica, accelerators: 64), turns = new(replica, ServingRates.Of(Examples.H100, Precision.Fp8), plain.Network) { TwoBatches = true };
        PassLoad load = new(sequences, sequences * 2000.0, prompts > 0 ? 1024 : 0, 0, true) { Prompts = prompts / 1024.0, Filled = 64 };
        var (one, two) = (plain.Of(load), turns.Of(load));
        Assert.True(two.Total <= one.Total);
        Assert.True(two.Total >= Quantity.Max(one.Total - one.Network, one.Network) * 0.9);
        Assert.Equal(sequences >= 64 * 128 || prompts > 0, two.Total < one.Total * 0.9);
        // Nothing travels within one rank.
        var alone = Served.Replica("mixtral-8x7b");
        Assert.Equal(Served.Pass(alone).Of(new(64, 64000)), new ForwardPass(alone, ServingRates.Of(Examples.H100, Precision.Bf16), plain.Network) { TwoBatches = true }.Of(new(64, 64000)));
    }
}
