using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

public sealed class BlockWorkTests
{
    static BlockWork Dense(TrainingJob job) => BlockWork.Of(job, Examples.Ideal, sparse: false);

    static readonly Gen<(int Sequence, int Tensor, int MicroBatch, int Context)> Splits =
        Gen.Select(Gen.Int[8, 13], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], (s, t, b, c) => (1 << s, 1 << t, 1 << b, 1 << c));

    /// <summary>The example at the head of BlockWork.cs.</summary>
    [Fact]
    public void Llama_3_1_8B()
    {
        var work = Dense(Examples.Job("llama-3.1-8b", 1, 1, new()));
        var matrices = 2.0 * 8192 * ((2 * 4096.0 * 4096) + (2 * 4096 * 1024) + (3 * 4096.0 * 14336));
        Assert.Equal(3.573e12, matrices, 0.001e12);
        Examples.Close(matrices / 1e15, work.MatmulForward, 1e-9);
        Examples.Close(2 * matrices / 1e15, work.MatmulBackward, 1e-9);
        var attention = 2 * 8192 * 4096.5 * 8192;
        Assert.Equal(5.498e11, attention, 0.001e11);
        Examples.Close(attention / 1e15, work.AttentionForward);
        Examples.Close(2.5 * attention / 1e15, work.AttentionBackward);
    }

    [Fact]
    public void Twice_the_microbatch_is_twice_the_work_and_memory() => Splits.Sample(s =>
    {
        var job = Examples.Job("llama-3.1-8b", 64, 64, new() { Tensor = s.Tensor, Context = s.Context, MicroBatch = s.MicroBatch }, s.Sequence);
        var one = Dense(job);
        var two = Dense(job with { Parallelism = job.Parallelism with { MicroBatch = 2 * s.MicroBatch } });
        Examples.Close(2 * one.MatmulForward, two.MatmulForward, 1e-9);
        Examples.Close(2 * one.AttentionBackward, two.AttentionBackward, 1e-9);
        Examples.Close(2 * one.ActivationBytes, two.ActivationBytes);
        Examples.Close(2 * one.ResidualBytes, two.ResidualBytes);
    });

    [Fact]
    public void Tensor_ranks_divide_matrices_attention_and_activations() => Splits.Sample(s =>
    {
        var job = Examples.Job("llama-3.1-8b", 64, 64, new() { Context = s.Context, MicroBatch = s.MicroBatch }, s.Sequence);
        var whole = Dense(job);
        var part = Dense(job with { Parallelism = job.Parallelism with { Tensor = s.Tensor } });
        Examples.Close(whole.MatmulForward, s.Tensor * part.MatmulForward, 1e-9);
        Examples.Close(whole.AttentionForward, s.Tensor * part.AttentionForward, 1e-9);
        Examples.Close(whole.ActivationBytes, s.Tensor * part.ActivationBytes, 1e-9);
        Assert.Equal(whole.ResidualBytes, part.ResidualBytes);
    });

    [Fact]
    public void Context_ranks_divide_all_work() => Splits.Sample(s =>
    {
        var job = Examples.Job("llama-3.1-8b", 64, 64, new() { Tensor = s.Tensor, MicroBatch = s.MicroBatch }, s.Sequence);
        var whole = Dense(job);
        var part = Dense(job with { Parallelism = job.Parallelism with { Context = s.Context } });
        Examples.Close(whole.MatmulForward, s.Context * part.MatmulForward, 1e-9);
        Examples.Close(whole.AttentionForward, s.Context * part.AttentionForward, 1e-9);
        Examples.Close(whole.ActivationBytes, s.Context * part.ActivationBytes);
    });

    [Fact]
    public void Twice_the_sequence_is_four_times_the_attention()
    {
        var one = Dense(Examples.Job("llama-3.1-8b", 1, 1, new(), 4096));
        var two = Dense(Examples.Job("llama-3.1-8b", 1, 1, new(), 8192));
        Examples.Close(4, two.AttentionForward / one.AttentionForward, 2e-4);
        Examples.Close(2 * one.MatmulForward, two.MatmulForward, 1e-9);
    }

    [Fact]
    public void All_work_of_all_blocks_is_what_a_token_costs()
    {
        foreach (var key in new[]
        {
            "llama-3.1-8b", "gpt3-175b", "deepseek-v3", "mixtral-8x7b", "qwen3-30b-a3b", "llama-4-maverick", "llama-4-scout", "gemma-3-27b", "falcon-7b", "qwen2.5-7b", "kimi-k2",
        })
        {
            var model = Examples.Model(key);
            var job = Examples.Job(key, 1, 1, new());
            var dense = Dense(job);
            var sparse = BlockWork.Of(job, Examples.Ideal, sparse: true);
            double Matrices(BlockWork w) => w.MatmulForward + w.MatmulBackward;
            var blocks = (model.DenseLayers * Matrices(dense)) + ((model.Model.Layers - model.DenseLayers) * Matrices(sparse));
            var output = 6.0 * model.Model.Vocabulary * model.Model.Hidden * job.Sequence / 1e15;
            var perToken = model.PerToken(job.Sequence, FlopConvention.SixTimesParameters).Flop;
            // Norms, biases and sinks are parameters that multiply nothing.
            Examples.Close(perToken * job.Sequence / 1e15, blocks + output, 1e-3);
        }
    }

    [Fact]
    public void Attention_of_all_blocks_is_what_a_token_costs_whatever_its_windows()
    {
        foreach (var key in new[] { "llama-3.1-8b", "gemma-2-9b", "gemma-3-27b", "gpt-oss-20b", "llama-4-scout", "phi-3-mini", "deepseek-v3", "falcon-7b" })
        {
            var model = Examples.Model(key);
            const int sequence = 16384;
            var work = Dense(Examples.Job(key, 1, 1, new(), sequence));
            var perToken = model.PerToken(sequence, FlopConvention.Model).Flop - model.PerToken(sequence, FlopConvention.SixTimesParameters).Flop;
            // Forward is a third of what is needed; the fused backward computes the scores again, 2.5 times forward instead of 2.
            Examples.Close(perToken / 3 * sequence / 1e15, model.Model.Layers * work.AttentionForward, 1e-9);
            Examples.Close(2.5 * work.AttentionForward, work.AttentionBackward, 1e-9);
        }
    }

    [Fact]
    public void Norms_and_rotation_are_element_wise_work_where_a_model_has_them()
    {
        var rates = Examples.Ideal with { Memory = 1e12 };
        double Time(Func<TransformerModel, TransformerModel> change)
        {
            var job = Examples.Job("llama-3.1-8b", 1, 1, new());
            return BlockWork.Of(job with { Model = new(change(job.Model.Model)) }, rates, sparse: false).ElementwiseForward;
        }
        const double stream = 8192.0 * 4096 * 2 / 1e12;
        var two = Time(m => m);
        // Each norm reads and writes the residual stream.
        Assert.Equal(2 * 2 * stream, Time(m => m with { BlockNorms = 4 }) - two, 1e-9);
        Assert.Equal(2 * stream, two - Time(m => m with { BlockNorms = 1 }), 1e-9);
        // Queries are as wide as the stream, keys a quarter of it.
        Assert.Equal(2 * 1.25 * stream, two - Time(m => m with { Rotary = false }), 1e-9);
        Assert.Equal(two, Time(m => m with { Rotary = true }));
    }

    [Fact]
    public void A_shared_expert_of_its_own_size_is_multiplied_as_large_as_it_is()
    {
        var job = Examples.Job("qwen3-30b-a3b", 1, 1, new());
        double Matmul(ExpertLayers experts) => BlockWork.Of(job with { Model = new(job.Model.Model with { Experts = experts }) }, Examples.Ideal, sparse: true).MatmulForward;
        var e = job.Model.Model.Experts!;
        Assert.Equal(2.0 * 4096 * 3 * 2048 * 5632 / 1e15, Matmul(e with { Shared = 1, SharedFeedForward = 5632 }) - Matmul(e), 1e-12);
        Assert.Equal(Matmul(e with { Shared = 2 }), Matmul(e with { Shared = 1, SharedFeedForward = 2 * e.FeedForward }), 1e-12);
    }

    [Fact]
    public void Experts_matrices_are_divided_by_tensor_ranks_and_not_by_expert_ranks()
    {
        // Each rank of an expert group holds fewer experts, and each of them gets tokens of more ranks.
        var job = Examples.Job("qwen3-30b-a3b", 64, 64, new());
        double Matmul(Parallelism p) => BlockWork.Of(job with { Parallelism = p }, Examples.Ideal, sparse: true).MatmulForward;
        Examples.Close(Matmul(new()), Matmul(new() { Expert = 16 }), 1e-9);
        Examples.Close(Matmul(new() { Tensor = 1 }), 4 * Matmul(new() { Tensor = 4 }), 1e-9);
        // What is read of their matrices is divided.
        var slow = Examples.Ideal with { Matmul = 1e30, Memory = 1e12 };
        double Read(int expert) => BlockWork.Of(job with { Parallelism = new() { Expert = expert } }, slow, sparse: true).MatmulForward;
        var matrices = job.Model.Model.Experts!.Experts * job.Model.ExpertParameters * 2 / 1e12;
        Assert.Equal(matrices / 2, Read(1) - Read(2), matrices * 1e-9);
    }

    [Fact]
    public void Tokens_are_dispatched_once_for_each_expert_that_they_visit()
    {
        var work = BlockWork.Of(Examples.Job("qwen3-30b-a3b", 64, 64, new() { Expert = 8, Tensor = 2 }), Examples.Ideal, sparse: true);
        Assert.Equal(4096.0 / 2 * 8 * 2048 * 2, work.DispatchBytes);
    }

    [Fact]
    public void A_short_inner_dimension_costs_efficiency_by_filling_the_pipeline_of_each_tile()
    {
        // Of Llama's 405B on 8 tensor ranks, attention's output has the shortest inner dimension.
        var job = Examples.Job("llama-3.1-405b", 8, 1, new() { Tensor = 8 });
        var work = BlockWork.Of(job, Examples.Ideal with { MatmulFill = 256 }, sparse: false);
        var results = 8192.0 * (((128 + 16) * 128 / 8) + 16384 + (2 * 53248 / 8) + 16384); // a fill for each element of a result
        Assert.Equal(Dense(job).MatmulForward + (2 * 256 * results / 1e15), work.MatmulForward, 1e-12);
    }

    [Fact]
    public void A_multiplication_takes_as_long_as_its_arithmetic_or_its_bytes()
    {
        var job = Examples.Job("llama-3.1-405b", 8, 1, new() { Tensor = 8 });
        var slow = BlockWork.Of(job, Examples.Ideal with { Memory = 1e9 }, sparse: false);
        (double M, double K, double N)[] all = [(8192, 16384, (128 + 16) * 128 / 8), (8192, 16384 / 8, 16384), (8192, 16384, 2 * 53248 / 8), (8192, 53248 / 8, 16384)];
        Examples.Close(all.Sum(x => 2 * ((x.M * x.K) + (x.K * x.N) + (x.M * x.N)) / 1e9), slow.MatmulForward, 1e-9);
    }

    [Fact]
    public void Kernels_wait_for_a_slow_host()
    {
        var job = Examples.Job("llama-3.1-8b", 1, 1, new() { Recompute = Recomputation.None });
        var network = Examples.Network(8);
        TrainingStep At(double launch) => StepModel.Predict(job, Examples.Ideal with { HostLaunch = launch }, network, DataSize.FromGigabytes(1e6), DataSize.Zero);
        var work = BlockWork.Of(job, Examples.Ideal, sparse: false);
        Assert.Equal(0, At(1e-9)[StepPart.HostWait].Seconds);
        // Twice as slow a host takes as much longer as it has kernels to launch, half as much for those of the backward pass.
        Examples.Close(32 * (work.KernelsForward + (0.5 * work.KernelsBackward)), At(2)[StepPart.HostWait].Seconds - At(1)[StepPart.HostWait].Seconds, 1e-9);
    }

    [Fact]
    public void Attention_that_is_not_fused_stores_its_scores()
    {
        var job = Examples.Job("gpt3-175b", 8, 1, new() { Tensor = 8 });
        var fused = Dense(job);
        var unfused = BlockWork.Of(job, Examples.Ideal with { FusedAttention = false }, sparse: false);
        var scores = 2048.0 * 2048 * 96 / 8;
        // Fused attention keeps a statistic for each head and token instead.
        var statistics = 4.0 * 2048 * 96 / 8;
        Assert.Equal(fused.ActivationBytes - statistics + (5 * scores), unfused.ActivationBytes);
        Assert.Equal(fused.ActivationBytes - statistics, unfused.SelectiveActivationBytes);
        // All pairs instead of half of them; four matrix multiplications backward instead of five halves of the causal forward.
        Examples.Close(2 * 2 * scores * 256 / 2 / 1e15, unfused.AttentionForward, 1e-9);
        Examples.Close(2 * unfused.AttentionForward, unfused.AttentionBackward, 1e-9);
    }

    /// <summary>Megatron's kernel for mask and softmax takes heads in fours (fused_softmax.py); of six a rank it takes none, of twelve all.</summary>
    [Theory]
    [InlineData(8, 1, true)]
    [InlineData(16, 1, false)]
    [InlineData(16, 2, true)]
    public void Softmax_is_one_kernel_where_heads_come_in_fours(int tensor, int sequences, bool fours)
    {
        var job = Examples.Job("gpt3-175b", tensor, sequences, new() { Tensor = tensor, MicroBatch = sequences });
        var rates = Examples.Ideal with { FusedAttention = false };
        BlockWork At(double memory) => BlockWork.Of(job, rates with { Memory = memory }, sparse: false);
        var scores = 2048.0 * 2048 * 96 / tensor * sequences;
        var (kernels, forward, backward) = fours ? (1, 4, 6) : (5, 36, 40);
        // Multiplications hide what they move behind their arithmetic at such a rate, the kernels between them nothing.
        var (fast, slow) = (At(1e30), At(1e15));
        Examples.Close((forward + 5) * scores / 1e15, slow.AttentionForward - fast.AttentionForward, 1e-6);
        Examples.Close((backward + 5) * scores / 1e15, slow.AttentionBackward - fast.AttentionBackward, 1e-6);
        // Two multiplications, dropout, and what the block has without attention's core.
        Assert.Equal(Dense(job).KernelsForward - 1 + 3 + kernels, slow.KernelsForward);
    }

    [Fact]
    public void Fp8_halves_what_matrices_read_and_leaves_attention_alone()
    {
        var h100 = PartCatalog.Default.Get<Accelerator>("h100-sxm-80gb");
        var bf16 = ComputeRates.Of(h100, Precision.Bf16);
        var fp8 = ComputeRates.Of(h100, Precision.Fp8);
        Assert.True(fp8.Matmul > bf16.Matmul);
        Assert.Equal(bf16.MatmulBf16, fp8.MatmulBf16);
        Assert.Equal(bf16.Matmul, bf16.MatmulBf16);
        Assert.Equal(bf16.AttentionForward, fp8.AttentionForward);
        var a100 = PartCatalog.Default.Get<Accelerator>("a100-sxm-80gb");
        Assert.Contains("no Fp8 matrix rate", Assert.Throws<JobException>(() => ComputeRates.Of(a100, Precision.Fp8)).Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// FlashAttention-3 on an H100 (Shah et al. 2024, arXiv:2407.08608, figure 5, forward, no mask, 16k): 497 TFLOP/s with heads of 64, 648 with heads of 128.
    /// Exponentials are as many in both, matrices twice as large in the latter.
    /// </summary>
    [Fact]
    public void Exponentials_make_attention_of_small_heads_slower()
    {
        var rates = ComputeRates.Of(Examples.H100, Precision.Bf16);
        Examples.Close(989e12 / 4.5e12, rates.FlopPerExponential, 0.01);
        double Rate(int head)
        {
            var job = Examples.Job("llama-3.1-8b", 8, 8, new());
            var model = job.Model.Model with { HeadSize = head };
            var work = BlockWork.Of(job with { Model = new(model) }, rates with { LaunchOverhead = 0 }, sparse: false);
            return head / work.AttentionForward;
        }
        Assert.InRange(Rate(64) / Rate(128), 0.98 * 497 / 648, 1.02 * 497 / 648);
        // Without a known rate there are none.
        Assert.Equal(0, ComputeRates.Of(PartCatalog.Default.Get<Accelerator>("mi300x"), Precision.Bf16).FlopPerExponential);
    }

    /// <summary>B300's special function units are twice as many, so that the same attention is faster there than on a B200 at the same clocks.</summary>
    [Fact]
    public void More_special_function_units_make_attention_faster()
    {
        BlockWork On(string key)
        {
            var accelerator = PartCatalog.Default.Get<Accelerator>(key);
            var kernels = accelerator.Kernels with { PowerExponent = null };
            return BlockWork.Of(Examples.Job("llama-3.1-8b", 8, 8, new()), ComputeRates.Of(accelerator with { Kernels = kernels }, Precision.Bf16), sparse: false);
        }
        var (old, ultra) = (On("b200-sxm"), On("b300-sxm"));
        Assert.InRange(old.AttentionForward / ultra.AttentionForward, 1.25, 1.5); // matrices and exponentials take as long on a B200
        Assert.InRange(old.AttentionBackward / ultra.AttentionBackward, 1.05, 1.25);
    }

    /// <summary>What is sustained grows with a power of the accelerator's power; at the reference power it is what the shares say.</summary>
    [Fact]
    public void Power_sets_the_clocks_under_load()
    {
        var gb200 = PartCatalog.Default.Get<Accelerator>("gb200");
        double Matmul(double watts) => ComputeRates.Of(gb200 with { Power = Sourced<Power>.Of(Power.FromWatts(watts), "test", Grade.Assumption) }, Precision.Bf16).Matmul;
        Examples.Close(gb200.Bf16Ceiling!.Value.Value.FlopPerSecond * gb200.Kernels.MatmulSustained, Matmul(1200), 1e-12);
        Examples.Close(Math.Pow(1400.0 / 1200, gb200.Kernels.PowerExponent!.Value), Matmul(1400) / Matmul(1200), 1e-12);
        Assert.Equal(ComputeRates.Of(gb200 with { Power = null }, Precision.Bf16).Matmul, Matmul(1200));
    }

    /// <summary>Around a plain all-to-all eight passes permute each copy of a token, around fused kernels four; gradients take the same way.</summary>
    [Fact]
    public void A_plain_all_to_all_permutes_in_kernels_of_its_own()
    {
        var rates = Examples.Ideal with { Memory = 1e12 };
        BlockWork Of(ExpertDispatch dispatch) => BlockWork.Of(Examples.Job("qwen3-30b-a3b", 64, 64, new() { Expert = 8, ExpertDispatch = dispatch }), rates, sparse: true);
        var (plain, fused) = (Of(ExpertDispatch.AllToAll), Of(ExpertDispatch.Fused));
        var more = 4.0 * 4096 * 8 * 2048 * 2 / 1e12;
        Examples.Close(more, plain.ElementwiseForward - fused.ElementwiseForward, 1e-9);
        Examples.Close(more, plain.ElementwiseBackward - fused.ElementwiseBackward, 1e-9);
    }

    /// <summary>Each expert of a rank but one adds its overhead to each of a layer's multiplications: two forward, four backward, two of them for weights.</summary>
    [Theory]
    [InlineData(8, false)]
    [InlineData(64, false)]
    [InlineData(128, false)]
    [InlineData(8, true)]
    public void Experts_that_are_multiplied_one_after_the_other_lose_time_each(int expert, bool frozen)
    {
        const double Overhead = 7e-6;
        var job = Examples.Job("qwen3-30b-a3b", 128, 128, new() { Expert = expert }) with { FrozenWeights = frozen };
        BlockWork Of(double overhead, bool sparse = true) => BlockWork.Of(job, Examples.Ideal with { ExpertOverhead = overhead }, sparse);
        var further = (128 / expert) - 1;
        Examples.Close(2 * further * Overhead, Of(Overhead).MatmulForward - Of(0).MatmulForward, 1e-9);
        Examples.Close((frozen ? 2 : 4) * further * Overhead, Of(Overhead).MatmulBackward - Of(0).MatmulBackward, 1e-9);
        Assert.Equal(Of(0, sparse: false).MatmulForward, Of(Overhead, sparse: false).MatmulForward);
    }

    /// <summary>Limited gates with biases: 20 passes of the inner activations where a SwiGLU has 3, and the bias behind reads and writes each copy.</summary>
    [Fact]
    public void Limited_gates_pass_through_memory_step_by_step()
    {
        var job = Examples.Job("gpt-oss-120b", 8, 8, new() { Expert = 8 });
        var rates = Examples.Ideal with { Memory = 1e12 };
        double Elementwise(bool limited) => BlockWork.Of(job with { Model = new(job.Model.Model with { LimitedGates = limited }) }, rates, sparse: true).ElementwiseForward;
        Assert.True(job.Model.Model.LimitedGates);
        double tokens = 4096, copies = 4, inner = 2880, hidden = 2880;
        Examples.Close(2 * tokens * copies * ((17 * inner) + (2 * hidden)) / 1e12, Elementwise(true) - Elementwise(false), 1e-9);
    }

    /// <summary>What selective recomputation computes again by name, where rates count multiplications alone.</summary>
    [Fact]
    public void Parts_of_a_block_are_computed_again_by_name()
    {
        var llama = Examples.Job("llama-3.1-8b", 1, 1, new());
        var deepSeek = Examples.Job("deepseek-v3", 8, 8, new() { Expert = 8 });
        BlockWork Of(TrainingJob job, bool sparse, params RecomputedModule[] modules) => BlockWork.Of(job with { Memory = new() { RecomputeModules = modules } }, Examples.Ideal, sparse);
        Examples.Close(Of(llama, false).AttentionForward, Of(llama, false, RecomputedModule.CoreAttention).SelectiveAgain);
        Examples.Close(2.0 * 8192 * 3 * 4096 * 14336 / 1e15, Of(llama, false, RecomputedModule.FeedForward).SelectiveAgain, 1e-9);
        Assert.Equal(0, Of(llama, false, RecomputedModule.LatentProjection, RecomputedModule.Experts).SelectiveAgain);
        var up = 2.0 * 4096 * ((1536 * 128 * 192.0) + (512 * 128 * 256.0)) / 1e15;
        Examples.Close(up, Of(deepSeek, true, RecomputedModule.LatentProjection).SelectiveAgain, 1e-9);
        // Router 256, 8 of 256 experts and one shared of 2048; the latter is in the former.
        var (shared, all) = (2.0 * 4096 * 3 * 7168 * 2048 / 1e15, 2.0 * 4096 * 7168 * (256 + (9 * 3 * 2048.0)) / 1e15);
        Examples.Close(shared, Of(deepSeek, true, RecomputedModule.SharedExperts).SelectiveAgain, 1e-9);
        var experts = Of(deepSeek, true, RecomputedModule.Experts, RecomputedModule.SharedExperts, RecomputedModule.ExpertActivation);
        Examples.Close(all, experts.SelectiveAgain, 1e-9);
        Assert.True(experts.ExchangeAgain);
        Assert.False(Of(deepSeek, true, RecomputedModule.SharedExperts).ExchangeAgain);
    }
}
