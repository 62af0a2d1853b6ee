using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;
using Lightloom.Workloads.Serving;

namespace Lightloom.Workloads.Tests;

/// <summary>Layers in a pattern: Mamba-2's state spaces, attention, feed-forward layers and mixtures (Nemotron-H and Nemotron 3).</summary>
public sealed class StateSpaceTests
{
    const string Nano = "nemotron-3-nano-30b-a3b", Super = "nemotron-3-super-120b-a12b";

    /// <summary>Ideal rates, at which the scan's time is its bytes.</summary>
    static readonly ComputeRates Bytes = Examples.Ideal with { ScanMatmul = 1e30, ScanMemory = 1e12 };

    /// <summary>Ideal rates, at which the scan's time is its operations.</summary>
    static readonly ComputeRates Operations = Examples.Ideal with { ScanMatmul = 1e15, ScanMemory = 1e30 };

    static BlockWork Layer(TrainingJob job, BlockKind kind, ComputeRates? rates = null) => BlockWork.Of(job, rates ?? Operations, kind);

    static ModelSize Of(Func<TransformerModel, TransformerModel> change, string key = Nano) => new(change(PartCatalog.Default.Get<TransformerModel>(key)));

    /// <summary>Elements of all stored tensors: 42,683 of them for Super, its prediction block among them, by Megatron Bridge's conversion.</summary>
    [Theory]
    [InlineData(Super, 123_611_033_088)]
    [InlineData(Nano, 31_577_940_288)]
    public void Parameters_are_those_of_the_stored_weights(string key, long published)
    {
        var size = Examples.Model(key);
        Assert.Equal(published, size.Parameters);
        Assert.Equal(published, TensorList.Of(size.Model).Sum(t => t.Count));
    }

    [Theory]
    [InlineData(Super, 12.0, 12.77)]
    [InlineData(Nano, 3.2, 3.58)]
    public void Active_parameters_are_the_model_cards_without_and_with_the_embedding(string key, double without, double with)
    {
        var size = Examples.Model(key);
        Assert.Equal(with, size.ActiveParameters / 1e9, 0.01);
        Assert.Equal(without, (size.ActiveParameters - size.EmbeddingParameters) / 1e9, 0.3);
    }

    /// <summary>Super's layers by hand: d = 128 heads of 64, 8 groups of 128.</summary>
    [Fact]
    public void One_state_space_layer_of_Super_has_109_635_968()
    {
        const double h = 4096, d = 8192, mixed = 2 * 8 * 128, heads = 128;
        var matrices = (h * ((2 * d) + mixed + heads)) + (d * h);
        Assert.Equal(109_635_968, matrices + ((d + mixed) * 5) + (3 * heads) + d);
        Assert.Equal(109_635_968, Examples.Model(Super).StateSpaceParameters);
    }

    /// <summary>Rates that Megatron Bridge published beside tokens/s for these models in releases 26.02 to 26.08: their ratio is what Megatron-LM counts for a token.</summary>
    [Theory]
    [InlineData(Nano, 34_816, 776e12)]
    [InlineData(Nano, 37_316, 831e12)]
    [InlineData(Nano, 32_768, 725e12)]
    [InlineData(Super, 9_856, 831e12)]
    [InlineData(Super, 9_243, 783e12)]
    [InlineData(Super, 7_040, 598e12)]
    [InlineData(Super, 7_867, 667e12)]
    [InlineData(Super, 7_296, 623e12)]
    [InlineData("nemotron-3.5-lightning-30b-a3b", 28_672, 807e12)]
    public void Megatrons_operations_are_those_of_published_rates(string key, double tokens, double rate) =>
        Assert.Equal(1, FlopFormulas.MegatronLm(Examples.Model(key), 8192).Flop * tokens / rate, 0.01);

    /// <summary>Megatron's formula for such models with a single layer, term by term.</summary>
    [Fact]
    public void Megatrons_operations_of_a_state_space_take_values_of_twice_the_hidden_size()
    {
        static TransformerModel With(TransformerModel m, string pattern) => m with { Layers = pattern.Length, Pattern = pattern, Experts = null };
        double One(string pattern) => FlopFormulas.MegatronLm(Of(m => With(m, pattern)), 8192).Flop;
        const double h = 2688;
        Examples.Close(3 * ((2 * h * ((4 * h) + (2 * 8 * 128) + 64)) + (7 * 2 * h * 128) + (4 * h * h)), One("MM") - One("M"), 1e-9);
    }

    [Fact]
    public void Needed_operations_are_matrices_pairs_of_attention_layers_and_states()
    {
        var size = Examples.Model(Nano);
        var scans = 3 * 4 * 128.0 * 4096 * 23;
        Examples.Close((6 * size.MultiplyingParameters) + (6 * 6 * 2.0 * 32 * 128 * 4096.5) + scans, size.PerToken(8192, FlopConvention.Model).Flop, 1e-9);
        Assert.Equal(6 * 2 * 2 * 128 * 2, size.KeyValuePerToken(2).Bytes);
    }

    /// <summary>The example at the head of StateSpaceScan.cs: Nano's d = 4096, S = 4096, 64 heads, 8 groups of 128, pieces of 128.</summary>
    [Fact]
    public void A_scan_of_Nano_by_hand()
    {
        var job = Examples.Job(Nano, 1, 1, new());
        const double t = 8192, d = 4096, s = 4096, heads = 64, mixed = 1024, pairs = 1024, all = 2 * 128 * 4096, near = 128 * 4096, products = 2 * 128 * 1024;
        double[] again = [10 * heads, (2 * d) + (2 * mixed) + (8 * heads) + (4 * s), 6 * s, (4 * mixed) + (4 * pairs)];
        var forward = again.Sum() + (8 * d) + (2 * mixed) + (4 * pairs) + (2 * s) + (8 * heads);
        Assert.Equal(108_160, forward);
        var backward = again.Sum() + (12 * d) + (2 * d) + (2 * mixed) + (4 * heads) + (4 * s) + (10 * s) + (6 * d) + (2 * mixed) + (4 * pairs) + (2 * s) + (4 * heads) +
            (2 * ((2 * d) + (2 * s) + (6 * mixed) + (4 * heads))) + (4 * d) + (8 * pairs) + (2 * ((4 * pairs) + (8 * mixed))) + (4 * d) + (4 * pairs) + (20 * heads);
        var work = Layer(job, BlockKind.StateSpace, Bytes);
        Examples.Close(t * forward / 1e12, work.AttentionForward, 1e-9);
        Examples.Close(t * backward / 1e12, work.AttentionBackward, 1e-9);

        var counted = Layer(job, BlockKind.StateSpace);
        Examples.Close(t * (all + products + near + all) / 1e15, counted.AttentionForward, 1e-9);
        Examples.Close(t * ((5 * all) + (3 * near) + (3 * products)) / 1e15, counted.AttentionBackward, 1e-9);
        Examples.Close(2 * t * ((2688 * ((2 * d) + (2 * mixed) + heads)) + (d * 2688)) / 1e15, counted.MatmulForward, 1e-9);
        Examples.Close(2 * counted.MatmulForward, counted.MatmulBackward, 1e-9);
    }

    /// <summary>Convolution 4·(d + 2·G·N) with the norm of groups, the norm before and the residual add, and two copies once sequences must be gathered.</summary>
    [Fact]
    public void Elementwise_work_of_a_state_space_by_hand()
    {
        var rates = Examples.Ideal with { ScanMatmul = 1e30, ScanMemory = 1e30, Memory = 1e12 };
        double One(int micro) => Layer(Examples.Job(Nano, 1, micro, new() { MicroBatch = micro }), BlockKind.StateSpace, rates).ElementwiseForward / micro;
        const double t = 8192, h = 2688, d = 4096, mixed = 2048;
        var plain = (4 * (d + mixed)) + (4 * d) + (5 * h * 2);
        Examples.Close(t * plain / 1e12, One(1), 1e-9);
        Examples.Close(t * (plain + (4 * ((3 * d) + mixed + 64))) / 1e12, One(2), 1e-9);
    }

    [Fact]
    public void Tensor_ranks_divide_a_state_space_and_sequence_ranks_its_tokens()
    {
        var whole = Layer(Examples.Job(Super, 8, 8, new()), BlockKind.StateSpace, Bytes);
        foreach (var (tensor, context) in new[] { (8, 1), (1, 8), (4, 2) })
        {
            var part = Layer(Examples.Job(Super, 8, 8, new() { Tensor = tensor, Context = context }), BlockKind.StateSpace, Bytes);
            Examples.Close(whole.AttentionForward / 8, part.AttentionForward, 1e-9);
            Examples.Close(whole.AttentionBackward / 8, part.AttentionBackward, 1e-9);
            Examples.Close(whole.MatmulForward / 8, part.MatmulForward, 1e-9);
            Examples.Close(whole.ActivationBytes / 8, part.ActivationBytes, 1e-9);
        }
    }

    /// <summary>What the matrices of all layers do is what a token's weights cost.</summary>
    [Theory]
    [InlineData(Nano)]
    [InlineData(Super)]
    [InlineData("nemotron-h-8b")]
    public void All_layers_together_multiply_what_a_token_costs(string key)
    {
        var (size, job) = (Examples.Model(key), Examples.Job(key, 1, 1, new()));
        double Matrices(BlockKind kind) => Layer(job, kind) is var w ? w.MatmulForward + w.MatmulBackward : 0;
        var counts = size.Counts;
        var layers = (counts.First * Matrices(BlockKind.Attention)) + (counts.Second * (counts.Second > 0 ? Matrices(BlockKind.Experts) : 0)) + (counts.Third * Matrices(BlockKind.StateSpace)) +
            (counts.Fourth * Matrices(BlockKind.FeedForward));
        var output = 6.0 * size.Model.Vocabulary * size.Model.Hidden * job.Sequence / 1e15;
        // Norms, convolutions and scores' corrections are parameters that no matrix multiplies.
        Examples.Close(size.PerToken(job.Sequence, FlopConvention.SixTimesParameters).Flop * job.Sequence / 1e15, layers + output, 2e-3);
    }

    /// <summary>Norm input 2·t·h, the first matrix's input and result, the scan's result twice, the last matrix's input.</summary>
    [Theory]
    [InlineData(Precision.Bf16, 2)]
    [InlineData(Precision.Mxfp8, 1)]
    public void A_state_space_keeps_what_its_kernels_do_not_compute_again(Precision precision, double input)
    {
        var kept = Layer(Examples.Job(Nano, 1, 1, new()) with { Precision = precision }, BlockKind.StateSpace).Activations;
        const double t = 8192, h = 2688, d = 4096, given = (2 * d) + 2048 + 64;
        Assert.Equal(2 * t * h, kept[KeptTensor.NormInputs]);
        Assert.Equal(input * t * h, kept[KeptTensor.MatrixInputs]);
        Assert.Equal(t * ((2 * given) + (4 * d) + (input * d)), kept[KeptTensor.Scan]);
        Assert.Equal(kept[KeptTensor.NormInputs] + kept[KeptTensor.MatrixInputs] + kept[KeptTensor.Scan], kept.All);
        Assert.Equal(2 * t * h, kept.Kept(Recomputation.Full));
        Assert.Equal(kept.All, kept.Kept(Recomputation.Selective));
    }

    /// <summary>Experts in a space of 1,024 of 4,096: copies, exchange and matrices are of that size, projections of both.</summary>
    [Fact]
    public void Experts_in_a_space_of_their_own_exchange_that_size()
    {
        var (latent, plain) = (Layer(Examples.Job(Super, 64, 64, new() { Expert = 64 }), BlockKind.Experts),
            Layer(Examples.Job(Super, 64, 64, new() { Expert = 64 }) with { Model = Of(m => m with { Experts = m.Experts! with { LatentSize = null } }, Super) }, BlockKind.Experts));
        Examples.Close(plain.DispatchBytes / 4, latent.DispatchBytes);
        Assert.Equal(2.0 * 8192 * 22 * 1024, latent.DispatchBytes);
        const double t = 8192, h = 4096, f = 2688;
        var around = (h * 512) + (2 * h * 5376);
        Examples.Close(2 * t * (around + (2 * h * 1024) + (22 * 2 * 1024 * f)) / 1e15, latent.MatmulForward, 1e-9);
        Examples.Close(2 * t * (around + (22 * 2 * h * f)) / 1e15, plain.MatmulForward, 1e-9);
    }

    static readonly Gen<(string Pattern, int Stages, int Chunks)> Deals = Gen.Select(Gen.Char["M*-E"].Array[12, 12], Gen.Int[1, 4], Gen.Int[1, 3], (p, s, c) => (new string(p), s, s == 1 ? 1 : c));

    static TransformerModel Patterned(string pattern) => PartCatalog.Default.Get<TransformerModel>(Nano) is var m ? m with
    {
        Layers = pattern.Length,
        Pattern = pattern,
        Experts = pattern.Contains('E', StringComparison.Ordinal) ? m.Experts : null,
        StateSpace = pattern.Contains('M', StringComparison.Ordinal) ? m.StateSpace : null,
    } : throw new InvalidOperationException();

    [Fact]
    public void Stages_have_the_layers_that_stand_there() => Deals.Where(d => 12 % (d.Stages * d.Chunks) == 0).Sample(d =>
    {
        var job = Examples.Job(Nano, d.Stages, 12, new() { Pipeline = d.Stages, Interleave = d.Stages == 1 ? null : d.Chunks }) with { Model = new(Patterned(d.Pattern)) };
        var (stages, positions) = (new StageDeal(job, d.Chunks), new PositionDeal(job, d.Stages * d.Chunks));
        var each = 12 / (d.Stages * d.Chunks);
        for (var stage = 0; stage < d.Stages; stage++)
        {
            var expected = default(BlockCounts);
            for (var chunk = 0; chunk < d.Chunks; chunk++)
            {
                var at = ((chunk * d.Stages) + stage) * each;
                var here = BlockCounts.Of(d.Pattern.AsSpan(at, each));
                Assert.Equal(here, positions[at / each]);
                expected += here;
            }
            Assert.Equal(expected, stages[stage]);
            Assert.Equal(each * d.Chunks, expected.First + expected.Second + expected.Third + expected.Fourth);
        }
    });

    [Fact]
    public void Stages_of_different_kinds_take_the_time_of_their_own_layers()
    {
        var rates = ComputeRates.Of(Examples.H100, Precision.Bf16);
        TrainingStep Step(string pattern, int stages) => StepModel.Predict(
            Examples.Job(Nano, stages, 8, new() { Pipeline = stages, Interleave = stages == 1 ? null : 1, Recompute = Recomputation.None }) with { Model = new(Patterned(pattern)) },
            rates, Examples.Network(8), Examples.Unlimited, default);
        var (mixed, spaces, attention) = (Step("MMMM****", 2), Step("MMMMMMMM", 2), Step("********", 2));
        Examples.Close(spaces.Pipeline.FirstForward, mixed.Pipeline.FirstForward, 1e-9);
        Examples.Close(attention.Pipeline.LastForward, mixed.Pipeline.LastForward, 1e-9);
        Assert.NotEqual(spaces.Pipeline.FirstForward, attention.Pipeline.FirstForward);
        // In one stage their order is nothing.
        Examples.Close(Step("MMMM****", 1).Time.Seconds, Step("M*M*M*M*", 1).Time.Seconds, 1e-9);
        Examples.Close(Step("MMMM****", 1).Memory.Total.Bytes, Step("M*M*M*M*", 1).Memory.Total.Bytes, 1e-9);
    }

    /// <summary>One forward-backward at a time: a named schedule played out is the closed form where stages are alike.</summary>
    [Fact]
    public void A_schedule_played_out_is_the_closed_form_where_stages_are_alike()
    {
        TrainingStep Step(PipelineKind? kind) => Examples.Step(
            Examples.Job(Nano, 4, 16, new() { Pipeline = 4, Interleave = 1, Schedule = kind, Recompute = Recomputation.None, OverlapData = false }) with { Model = new(Patterned("M-*M-*M-*M-*") with { Vocabulary = 1 }) });
        Examples.Close(Step(null).Time.Seconds, Step(PipelineKind.OneForwardOneBackward).Time.Seconds, 0.02);
    }

    [Fact]
    public void A_prediction_block_that_is_repeated_costs_time_and_activations_but_no_weights()
    {
        TrainingStep Step(int blocks, int repeats) => StepModel.Predict(
            Examples.Job(Super, 64, 64, new() { Expert = 64, Recompute = Recomputation.None }) with
            {
                Model = Of(m => m with { PredictionBlocks = blocks, PredictionPattern = blocks > 0 ? "*E" : null, PredictionRepeats = repeats }, Super),
            }, ComputeRates.Of(Examples.H100, Precision.Bf16), Examples.Network(64), Examples.Unlimited, default);
        var (none, once, twice) = (Step(0, 1), Step(1, 1), Step(1, 2));
        Assert.True(once.Memory.Weights > none.Memory.Weights);
        Assert.Equal(once.Memory.Weights, twice.Memory.Weights);
        Assert.True(twice.Memory.Activations > once.Memory.Activations);
        Examples.Close(once[StepPart.Matmul].Seconds - none[StepPart.Matmul].Seconds, twice[StepPart.Matmul].Seconds - once[StepPart.Matmul].Seconds, 1e-6);
    }

    [Fact]
    public void Context_ranks_exchange_sequence_for_heads_around_a_scan()
    {
        var job = Examples.Job(Super, 8, 8, new() { Context = 8, Expert = 1 });
        var work = Layer(job, BlockKind.StateSpace);
        Assert.Equal(1024.0 * 2 * ((3 * 8192) + 2048 + 128), work.ScanExchangeBytes);
        Assert.Equal(0, work.KeyValueBytes);
        var step = Examples.Step(job with { Model = new(Patterned("MMMMMMMMMMMM")) });
        Assert.True(step[StepPart.ContextCommunication] > Duration.Zero);
    }

    [Theory]
    [InlineData(16, 1, JobRule.TensorDividesStateSpace, "tensor 16 does not divide the groups of a state space layer (8); nearest is 8")]
    [InlineData(1, 256, JobRule.ContextDividesStateSpace, "context 256 does not divide the heads of a state space layer on a tensor rank (64); nearest is 64")]
    public void Degrees_that_do_not_divide_a_state_space_are_refused(int tensor, int context, JobRule rule, string said)
    {
        var job = Examples.Job(Nano, 256, 256, new() { Tensor = tensor, Context = context });
        Assert.Equal(rule, job.Broken);
        Assert.Contains(said, Assert.Throws<JobException>(() => job.Checked()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Feed_forward_sizes_that_no_layer_has_bind_nothing() =>
        Assert.True((Examples.Job(Nano, 8, 8, new() { Tensor = 8 }) with { Model = Of(m => m with { FeedForward = 1 }) }).IsValid);

    public static TheoryData<string, string> Contradictions => new()
    {
        { "layers", "the pattern has 52 layers" },
        { "letter", "'X' is no layer that is modelled" },
        { "sizes", "state space layers (M) without sizes" },
        { "unused", "the pattern has no M" },
        { "experts", "mixtures (E) and there are no experts" },
        { "groups", "3 groups do not divide the 64 heads" },
        { "prediction", "prediction blocks have no layers" },
        { "norms", "each layer of a pattern has one norm" },
        { "alone", "state space layers have sizes and no place" },
        { "repeats", "prediction blocks are repeated and there are none" },
        { "latent", "is larger than the hidden size" },
        { "dense", "expected neither 'denseLayers' nor 'every'" },
        { "windows", "windows of a pattern's attention layers are not modelled" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Patterns_that_contradict_the_rest_are_told(string which, string said)
    {
        var m = PartCatalog.Default.Get<TransformerModel>(Nano);
        var wrong = which switch
        {
            "layers" => m with { Layers = 51 },
            "letter" => m with { Layers = 2, Pattern = "MX" },
            "sizes" => m with { StateSpace = null },
            "unused" => m with { Layers = 2, Pattern = "*E" },
            "experts" => m with { Experts = null },
            "groups" => m with { StateSpace = m.StateSpace! with { Groups = 3 } },
            "prediction" => m with { PredictionBlocks = 1 },
            "norms" => m with { BlockNorms = 4 },
            "alone" => m with { Pattern = null },
            "repeats" => m with { PredictionRepeats = 2 },
            "latent" => m with { Experts = m.Experts! with { LatentSize = 4096 } },
            "dense" => m with { Experts = m.Experts! with { Every = 2 } },
            _ => m with { Local = new() { Window = 128 } },
        };
        Assert.Contains(said, Assert.NotNull(wrong.Contradiction()).Problem, StringComparison.Ordinal);
        Assert.Null(m.Contradiction());
    }

    [Fact]
    public void Serving_such_a_model_is_refused() =>
        Assert.Contains("not modelled", Assert.Throws<JobException>(() => new ServingReplica { Model = Examples.Model(Nano), Precision = Precision.Bf16, CachePrecision = Precision.Bf16 }.Checked()).Message, StringComparison.Ordinal);
}
