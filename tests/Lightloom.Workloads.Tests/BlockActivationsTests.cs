using CsCheck;

namespace Lightloom.Workloads.Tests;

public sealed class BlockActivationsTests
{
    static BlockActivations Of(TrainingJob job, bool fused = true, bool sparse = false) => BlockActivations.Of(job, fused, sparse);

    static TrainingJob Gpt(Parallelism parallelism, int? sequence = null) => Examples.Job("gpt3-175b", 4096, 4096, parallelism, sequence);

    /// <summary>The example at the head of BlockActivations.cs.</summary>
    [Fact]
    public void Gpt_3_on_eight_tensor_ranks() =>
        Assert.Equal(578_813_952, Of(Gpt(new() { Tensor = 8, SequenceParallel = false }), fused: false).All);

    // Korthikanti et al. 2022, equations 1, 2 and 4, and 2sbh of full recomputation, to the byte.
    [Fact]
    public void Blocks_of_GPT_keep_what_Korthikanti_says() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[8, 12]).Select((t, b, s) => (Tensor: 1 << t, MicroBatch: 1 << b, Sequence: 1 << s)).Sample(x =>
        {
            double s = x.Sequence, b = x.MicroBatch, h = 12288, a = 96, tp = x.Tensor, sbh = s * b * h;
            var p = new Parallelism { Tensor = x.Tensor, MicroBatch = x.MicroBatch, SequenceParallel = false };
            var plain = Of(Gpt(p, x.Sequence), fused: false);
            var split = Of(Gpt(p with { SequenceParallel = true }, x.Sequence), fused: false);
            Assert.Equal(sbh * (10 + (24 / tp) + (5 * a * s / (h * tp))), plain.All);
            Assert.Equal(sbh / tp * (34 + (5 * a * s / h)), split.All);
            Assert.Equal(sbh * 34 / tp, split.Selective);
            Assert.Equal(2 * sbh, plain.Input);
            Assert.Equal(2 * sbh / tp, split.Input);
            Assert.Equal(plain.Kept(Recomputation.Full), plain.Input);
        });

    [Fact]
    public void Kinds_add_up()
    {
        foreach (var key in new[] { "gpt3-175b", "llama-3.1-70b", "deepseek-v3", "qwen3-30b-a3b", "mixtral-8x7b" })
        {
            foreach (var sparse in new[] { false, true })
            {
                var block = Of(Examples.Job(key, 8, 8, new() { Tensor = 2 }), sparse: sparse);
                Examples.Close(block.All, Enum.GetValues<KeptTensor>().Sum(k => block[k]));
                Assert.True(block.Input < block.Selective && block.Selective < block.All, key);
            }
        }
    }

    /// <summary>Llama 3.1 8B with adapters: what attention, norms and the gates differentiate stays, and the input of the adapters on queries, keys and values.</summary>
    [Theory]
    [InlineData(Precision.Bf16)]
    [InlineData(Precision.Fp8)]
    public void Weights_that_stand_still_keep_no_inputs(Precision precision)
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new() { Recompute = Recomputation.None }) with { Precision = precision };
        var (all, frozen) = (Of(job), Of(job with { FrozenWeights = true }));
        const double t = 8192;
        Assert.Equal(t * ((2 * 2 * 4096) + (2 * 4096) + (2 * (4096 + 2048)) + ((2 * 4096) + (4 * 32)) + (2 * 2 * 14336)), frozen.All);
        Assert.Equal(0, frozen[KeptTensor.Activation]);
        foreach (var same in new[] { KeptTensor.NormInputs, KeptTensor.QueriesKeysValues, KeptTensor.FeedForward }) Assert.Equal(all[same], frozen[same]);
        // No stand-in of a weight's gradient, and nothing of the optimiser's, passes either.
        DataSizes(job, out var whole);
        DataSizes(job with { FrozenWeights = true }, out var part);
        Assert.Equal(whole[MemoryClass.Weights], part[MemoryClass.Weights]);
        Assert.True(part[MemoryClass.Passing].Bytes < whole[MemoryClass.Passing].Bytes);
        Assert.Equal(0, part[MemoryClass.Gradients].Bytes + part[MemoryClass.Optimizer].Bytes);

        static void DataSizes(TrainingJob job, out MemoryUse use) => use = TrainingMemory.Stages(job, 1, Recomputation.None, true, default)[0];
    }

    [Fact]
    public void Copies_on_experts_that_stand_still_are_not_kept()
    {
        foreach (var (key, kind) in new[] { ("qwen3-30b-a3b", BlockKind.Sparse), ("nemotron-3-super-120b-a12b", BlockKind.Experts), ("nemotron-3-super-120b-a12b", BlockKind.StateSpace) })
        {
            var job = Examples.Job(key, 64, 64, new() { Expert = 64 });
            var (all, frozen) = (BlockActivations.Of(job, true, kind), BlockActivations.Of(job with { FrozenWeights = true }, true, kind));
            Assert.Equal(0, frozen[KeptTensor.ExpertInputs] + frozen[KeptTensor.Activation]);
            Assert.Equal(all[KeptTensor.Router] + all[KeptTensor.FeedForward], frozen[KeptTensor.Router] + frozen[KeptTensor.FeedForward]);
            Assert.True(frozen.All < all.All);
        }
    }

    [Fact]
    public void Llama_keeps_grouped_keys_and_gated_feed_forward_tensors()
    {
        var block = Of(Examples.Job("llama-3.1-8b", 1, 1, new()));
        const double t = 8192;
        // Two norms of 4096, queries 4096, keys and values 1024 each, output 4096 with 32 statistics, gate and up 14336 each, product 14336.
        Assert.Equal(t * 2 * 2 * 4096, block[KeptTensor.NormInputs]);
        Assert.Equal(t * 2 * 2 * 4096, block[KeptTensor.MatrixInputs]);
        Assert.Equal(t * 2 * (4096 + 2048), block[KeptTensor.QueriesKeysValues]);
        Assert.Equal(t * ((2 * 4096) + (4 * 32)), block[KeptTensor.AttentionOutput]);
        Assert.Equal(t * 2 * 2 * 14336, block[KeptTensor.FeedForward]);
        Assert.Equal(t * 2 * 14336, block[KeptTensor.Activation]);
        Assert.Equal(0, block[KeptTensor.DropoutMasks] + block[KeptTensor.Router] + block[KeptTensor.LatentRanks] + block[KeptTensor.ExpertInputs]);
    }

    [Fact]
    public void Latent_attention_keeps_its_ranks_and_full_heads()
    {
        var block = Of(Examples.Job("deepseek-v3", 8, 8, new() { Expert = 8 }), sparse: true);
        const double t = 4096;
        Assert.Equal(t * 2 * ((2 * 1536) + (2 * 512) + 64), block[KeptTensor.LatentRanks]);
        Assert.Equal(t * 2 * 128 * (192 + 192 + 128), block[KeptTensor.QueriesKeysValues]);
        Assert.Equal(t * 128 * ((2 * 128) + 4), block[KeptTensor.AttentionOutput]);
        Assert.Equal(t * 8 * 7168 * 2, block[KeptTensor.ExpertInputs]);
        Assert.Equal(t * 256 * 9, block[KeptTensor.Router]);
        // Eight experts and a shared one of 2048.
        Assert.Equal(t * 9 * 2048 * 4, block[KeptTensor.FeedForward]);
    }

    [Fact]
    public void Norms_of_queries_and_keys_keep_their_inputs()
    {
        var job = Examples.Job("qwen3-30b-a3b", 8, 8, new());
        var model = job.Model.Model;
        var without = job with { Model = new(model with { QueryKeyNorms = false }) };
        var normed = job.Sequence * 2.0 * (model.Heads + job.Model.KeyValueHeads) * job.Model.HeadSize;
        Assert.True(model.QueryKeyNorms);
        Assert.Equal(normed, Of(job)[KeptTensor.NormInputs] - Of(without)[KeptTensor.NormInputs]);
    }

    [Fact]
    public void Fp8_halves_the_inputs_of_matrices_and_keeps_attentions_output_twice()
    {
        var job = Examples.Job("llama-3.1-8b", 1, 1, new());
        var (bf16, fp8) = (Of(job), Of(job with { Precision = Precision.Fp8 }));
        Assert.Equal(bf16[KeptTensor.MatrixInputs], 2 * fp8[KeptTensor.MatrixInputs]);
        Assert.Equal(bf16[KeptTensor.Activation], 2 * fp8[KeptTensor.Activation]);
        Assert.Equal(8192.0 * 4096, fp8[KeptTensor.AttentionOutput] - bf16[KeptTensor.AttentionOutput]);
        Assert.Equal(bf16[KeptTensor.FeedForward], fp8[KeptTensor.FeedForward]);
    }

    // torchtitan's rule of each second matrix multiplication, multiplied out for Llama: input 4096, queries 4096, values 1024, gate 14336, down 4096.
    [Fact]
    public void Selective_recomputation_of_torch_keeps_each_second_matrix_result()
    {
        var eager = Examples.Job("llama-3.1-8b", 8, 8, new()) with { Memory = new() { Stack = TrainingStack.TorchFsdp } };
        var compiled = eager with { Memory = eager.Memory with { Compiled = true } };
        const double t = 8192, attention = (2 * 4096) + (4 * 32);
        Assert.Equal(t * ((2 * (4096 + 4096 + 1024 + 14336 + 4096)) + attention), Of(eager).Selective);
        Assert.Equal(t * ((2 * (4096 + 4096 + 1024 + 14336)) + attention), Of(compiled).Selective);
    }

    [Fact]
    public void Torch_keeps_gathered_what_Megatron_gathers_again()
    {
        var megatron = Examples.Job("llama-3.1-8b", 8, 8, new() { Tensor = 8 });
        var torch = megatron with { Memory = new() { Stack = TrainingStack.TorchFsdp } };
        Assert.Equal(8 * Of(megatron)[KeptTensor.MatrixInputs], Of(torch)[KeptTensor.MatrixInputs]);
        Assert.Equal(Of(megatron)[KeptTensor.NormInputs], Of(torch)[KeptTensor.NormInputs]);
    }

    [Fact]
    public void A_rank_whose_experts_are_loaded_more_keeps_as_much_more_of_them()
    {
        var job = Examples.Job("deepseek-v3", 8, 8, new() { Expert = 8 });
        var (even, uneven) = (Of(job, sparse: true), Of(job with { Parallelism = job.Parallelism with { ExpertImbalance = 1.5 } }, sparse: true));
        Examples.Close(1.5 * even[KeptTensor.ExpertInputs], uneven[KeptTensor.ExpertInputs]);
        // Eight routed experts of 2048 and a shared one, which every token visits everywhere.
        Examples.Close(even[KeptTensor.FeedForward] * ((1.5 * 8) + 1) / 9, uneven[KeptTensor.FeedForward]);
        Assert.Equal(even[KeptTensor.Router], uneven[KeptTensor.Router]);
        Assert.True(uneven.Passing > even.Passing);
        Assert.Equal(Of(job), Of(job with { Parallelism = job.Parallelism with { ExpertImbalance = 1.5 } }));
    }

    [Fact]
    public void Parts_that_are_computed_again_by_name_are_not_kept()
    {
        var job = Examples.Job("deepseek-v3", 8, 8, new() { Expert = 8 });
        double Dropped(bool sparse, params RecomputedModule[] modules)
        {
            var block = BlockActivations.Of(job with { Memory = new() { RecomputeModules = modules } }, fusedAttention: true, sparse);
            return block.All - block.Selective;
        }
        var (dense, mixed) = (BlockActivations.Of(job, true, false), BlockActivations.Of(job, true, true));
        Examples.Close(4.0 * 4096 * 128, Dropped(true, RecomputedModule.CoreAttention));
        Examples.Close(mixed[KeptTensor.MatrixInputs], Dropped(true, RecomputedModule.Norms));
        Examples.Close(mixed[KeptTensor.QueriesKeysValues], Dropped(true, RecomputedModule.LatentProjection));
        Examples.Close(dense[KeptTensor.FeedForward] + dense[KeptTensor.Activation], Dropped(false, RecomputedModule.FeedForward));
        Assert.Equal(0, Dropped(true, RecomputedModule.FeedForward));
        Assert.Equal(0, Dropped(false, RecomputedModule.Experts, RecomputedModule.SharedExperts, RecomputedModule.ExpertActivation));
        // Eight routed experts beside one shared.
        Examples.Close(8.0 / 9 * mixed[KeptTensor.Activation], Dropped(true, RecomputedModule.ExpertActivation));
        Examples.Close((mixed[KeptTensor.FeedForward] + mixed[KeptTensor.Activation]) / 9, Dropped(true, RecomputedModule.SharedExperts));
        Examples.Close(mixed[KeptTensor.Router] + mixed[KeptTensor.ExpertInputs] + mixed[KeptTensor.FeedForward] + mixed[KeptTensor.Activation],
            Dropped(true, RecomputedModule.ExpertActivation, RecomputedModule.SharedExperts, RecomputedModule.Experts));
    }

    [Theory]
    [InlineData(Recomputation.Full, TrainingStack.Megatron, "only with 'parallelism.recompute: selective'")]
    [InlineData(Recomputation.None, TrainingStack.Megatron, "only with 'parallelism.recompute: selective'")]
    [InlineData(Recomputation.Selective, TrainingStack.TorchFsdp, "torch-fsdp has no parts")]
    public void Parts_by_name_need_selective_recomputation(Recomputation recompute, TrainingStack stack, string message)
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new() { Recompute = recompute }) with { Memory = new() { Stack = stack, RecomputeModules = [RecomputedModule.Norms] } };
        var wrong = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal("memory.recomputeModules", wrong.Field);
        Assert.Contains(message, wrong.Message);
    }
}
