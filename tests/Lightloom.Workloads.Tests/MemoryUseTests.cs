using System.Globalization;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests;

public sealed class MemoryUseTests
{
    static MemoryUse Memory(TrainingJob job, bool fused = true) => StepModel.Predict(
        job, ComputeRates.Of(Examples.H100, Precision.Bf16) with { FusedAttention = fused }, Examples.Network(job.Accelerators),
        Examples.Unlimited, default).Memory;

    static MemoryUse Llama(Sharding sharding, int replicas) => Memory(Examples.Job("llama-3.1-8b", replicas, replicas,
        new() { Sharding = sharding, Recompute = Recomputation.None }));

    [Fact]
    public void States_take_18_bytes_a_parameter_or_what_sharding_leaves_of_them()
    {
        const double n = 8_030_261_248;
        double States(Sharding sharding, int d) => Llama(sharding, d) is var m ? (m.Weights + m.Gradients + m.Optimizer).Bytes / n : 0;
        Examples.Close(18, States(Sharding.None, 8));
        Examples.Close(6 + (12 / 8.0), States(Sharding.Optimizer, 8));
        Examples.Close(2 + (16 / 8.0), States(Sharding.Gradients, 8));
        Examples.Close(18 / 8.0, States(Sharding.Weights, 8));
        Examples.Close(18, States(Sharding.Optimizer, 1));
    }

    [Fact]
    public void Tensor_and_pipeline_ranks_divide_weights_and_expert_ranks_divide_experts()
    {
        var whole = Memory(Examples.Job("llama-3.1-8b", 16, 16, new() { Sharding = Sharding.None }));
        var half = Memory(Examples.Job("llama-3.1-8b", 16, 16, new() { Tensor = 2, Sharding = Sharding.None }));
        Examples.Close(whole.Weights.Bytes, 2 * half.Weights.Bytes);
        var model = Examples.Model("qwen3-30b-a3b");
        var experts = 48.0 * 128 * model.ExpertParameters;
        var split = Memory(Examples.Job("qwen3-30b-a3b", 16, 16, new() { Expert = 8, Sharding = Sharding.Optimizer }));
        Examples.Close(2 * (model.Parameters - experts + (experts / 8)), split.Weights.Bytes);
        Examples.Close(12 * (((model.Parameters - experts) / 16) + (experts / 8 / 2)), split.Optimizer.Bytes);
    }

    // Model of the catalogue, tensor 8, and the pipeline, interleaving and microbatch of Korthikanti's table 3.
    static TrainingJob Korthikanti(string model, bool sequenceParallel, Recomputation recompute)
    {
        var (key, stages, chunks, micro) = model switch
        {
            "megatron-22B" => ("megatron-22b", 1, 1, 4),
            "gpt3-175B" => ("gpt3-175b", 8, 3, 1),
            "turing-530B" => ("turing-530b", 35, 3, 1),
            "megatron-1T" => ("megatron-1t", 64, 1, 1),
            _ => throw new InvalidDataException(model),
        };
        return Examples.Job(key, 8 * stages, micro * stages * 8, new()
        {
            Tensor = 8,
            Pipeline = stages,
            Interleave = stages > 1 ? chunks : null,
            MicroBatch = micro,
            SequenceParallel = sequenceParallel,
            Sharding = Sharding.None,
            Recompute = recompute,
        });
    }

    static IEnumerable<string[]> Rows(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "validation", file)).Skip(1).Select(l => l.Split(','));

    static double Activations(string model, string mode)
    {
        var (sequenceParallel, recompute) = mode switch
        {
            "none" => (false, Recomputation.None),
            "seq" => (true, Recomputation.None),
            "sel" => (false, Recomputation.Selective),
            "seqsel" => (true, Recomputation.Selective),
            _ => (false, Recomputation.Full),
        };
        var job = Korthikanti(model, sequenceParallel, recompute);
        // 530B on 35 stages of 3 chunks and 1T on 64 of one: their first stage is the one that holds most.
        return Memory(job, fused: false).Activations.Gibibytes;
    }

    [Fact]
    public void Activations_are_those_of_Korthikantis_figure_1()
    {
        foreach (var row in Rows("korthikanti2022_memory.csv"))
        {
            // The paper's model of a trillion parameters has 160 heads on 64 stages of one chunk.
            var published = double.Parse(row[4], CultureInfo.InvariantCulture);
            Assert.Equal(published, Activations(row[1], row[2]), published * 0.001);
        }
    }

    [Fact]
    public void Relative_activations_are_those_of_Korthikantis_figure_7()
    {
        foreach (var row in Rows("korthikanti2022_fig7_relative_activation.csv"))
        {
            var published = double.Parse(row[2], CultureInfo.InvariantCulture);
            Assert.Equal(published, 100 * Activations(row[0], row[1]) / Activations(row[0], "none"), 0.15);
        }
    }

    [Fact]
    public void Parameters_and_optimizer_are_those_of_Korthikantis_figure_1_and_the_embedding()
    {
        foreach (var row in Rows("korthikanti2022_memory.csv"))
        {
            var job = Korthikanti(row[1], true, Recomputation.Selective);
            var memory = Memory(job, fused: false);
            var (l, h, v) = ((double)job.Model.Model.Layers, (double)job.Model.Model.Hidden, job.Model.Model.Vocabulary);
            // The paper counts 12·l·h² parameters, 18 B each, and leaves out the embedding.
            Assert.Equal(double.Parse(row[3], CultureInfo.InvariantCulture), 18 * 12 * l * h * h / 8 / job.Parallelism.Pipeline / (1 << 30), 0.001);
            var states = (memory.Weights + memory.Gradients + memory.Optimizer).Bytes;
            var embedding = (v + (job.Parallelism.Pipeline == 1 ? 2048 : 0)) * h;
            var blocks = 12 * l * h * h / job.Parallelism.Pipeline;
            Assert.Equal(18 * (blocks + embedding) / 8, states, states * 0.005);
        }
    }

    [Fact]
    public void The_last_stage_of_an_interleaved_pipeline_holds_many_microbatches_too()
    {
        // 16 stages of 8 chunks: on the last stage still 16 - 15/8 microbatches.
        var job = Examples.Job("llama-3.1-405b", 8192, 2048, new() { Tensor = 8, Pipeline = 16, Interleave = 8, Recompute = Recomputation.Full });
        var memory = Memory(job);
        var block = BlockWork.Of(job, ComputeRates.Of(Examples.H100, Precision.Bf16), sparse: false);
        if (memory.Stage == 15) Examples.Close((16 - (15 / 8.0)) * 7 * block.InputBytes, memory.Activations.Bytes);
        else Examples.Close((16 + ((15 - (2.0 * memory.Stage)) / 8)) * (memory.Stage == 0 ? 7 : 8) * block.InputBytes, memory.Activations.Bytes);
    }

    [Fact]
    public void All_classes_add_up()
    {
        var m = Llama(Sharding.Optimizer, 8);
        Examples.Close(m.Total.Bytes, (m.Weights + m.Gradients + m.Optimizer + m.Activations + m.Working + m.Fragmentation + m.Runtime).Bytes);
        Examples.Close(m.Total.Bytes, Enum.GetValues<MemoryClass>().Sum(c => m[c].Bytes));
    }

    static MemoryUse Of(TrainingJob job, Recomputation recompute = Recomputation.None, int interleave = 1, int stage = 0) =>
        TrainingMemory.Stages(job.Checked(), interleave, recompute, fusedAttention: true, default)[stage];

    // Rajbhandari et al. 2020, figure 1: 7.5 billion parameters on 64 ranks, FP16 gradients: 120, 31.4, 16.6 and 1.9 GB.
    [Fact]
    public void States_of_ZeRO_are_those_of_its_paper()
    {
        const double n = 8_030_261_248;
        double States(Sharding sharding)
        {
            var m = Of(Examples.Job("llama-3.1-8b", 64, 64, new() { Sharding = sharding, GradientBytes = 2 }));
            return (m.Weights + m.Gradients + m.Optimizer).Bytes / n * 7.5;
        }
        Assert.Equal(120, States(Sharding.None), 0.05);
        Assert.Equal(31.4, States(Sharding.Optimizer), 0.05);
        Assert.Equal(16.6, States(Sharding.Gradients), 0.05);
        Assert.Equal(1.9, States(Sharding.Weights), 0.05);
    }

    [Fact]
    public void Fsdp_keeps_16_bytes_a_parameter_in_shards_and_gathers_blocks()
    {
        const double n = 8_030_261_248, block = 218_112_000, table = 128256.0 * 4096;
        var m = Of(Examples.Job("llama-3.1-8b", 8, 8, new() { Sharding = Sharding.Weights }) with { Memory = new() { Stack = TrainingStack.TorchFsdp } });
        Examples.Close(4 * n / 8, m.Weights.Bytes);
        Examples.Close(4 * n / 8, m.Gradients.Bytes);
        Examples.Close(8 * n / 8, m.Optimizer.Bytes);
        // Two blocks in BF16, embedding and output layer, and a block's gradients in BF16 and FP32; the final norm is spread over the blocks.
        Examples.Close((10 * block) + (2 * 2 * table), m[MemoryClass.Gathered].Bytes, 1e-5);
    }

    [Fact]
    public void States_of_lower_precision_take_what_their_formats_take()
    {
        const double n = 8_030_261_248;
        double Optimizer(int master, int moment) => Of(Examples.Job("llama-3.1-8b", 8, 8, new()) with { Memory = new() { MasterBytes = master, MomentBytes = moment } }).Optimizer.Bytes / n * 8;
        Examples.Close(12, Optimizer(4, 4));
        Examples.Close(8, Optimizer(4, 2));
        Examples.Close(6, Optimizer(2, 2));
        Examples.Close(4, Optimizer(2, 1));
    }

    [Fact]
    public void Fp8_keeps_two_copies_of_the_blocks_matrices()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new());
        var more = Of(job with { Precision = Precision.Fp8 }).Weights - Of(job).Weights;
        Examples.Close(2 * (8_030_261_248 - (2 * 128256.0 * 4096)), more.Bytes);
        Assert.Equal(Of(job).Weights, Of(job with { Precision = Precision.Fp8, Memory = new() { Fp8Weights = true } }).Weights);
    }

    [Fact]
    public void Prediction_blocks_count_on_the_last_stage()
    {
        var job = Examples.Job("deepseek-v3", 512, 512, new() { Pipeline = 4, StageLayers = [16, 15, 15, 15], Schedule = PipelineKind.OneForwardOneBackward, Expert = 64 });
        var model = job.Model.Model;
        var without = job with { Model = new(model with { PredictionBlocks = 0 }) };
        Assert.Equal(Of(without), Of(job));
        var (with, bare) = (Of(job, stage: 3), Of(without, stage: 3));
        var experts = 256 * job.Model.ExpertParameters;
        // The block's own, its projection and norms, and a copy of the embedding.
        var own = job.Model.PredictionParameters - experts + (129280.0 * 7168) + (experts / 64);
        Examples.Close(2 * own, (with.Weights - bare.Weights).Bytes, 1e-9);
        Assert.True(with.Activations > bare.Activations);
        Assert.True(with[MemoryClass.Loss] > bare[MemoryClass.Loss]);
    }

    [Theory]
    [InlineData(LossKernel.InPlace, 6)]
    [InlineData(LossKernel.Eager, 12)]
    [InlineData(LossKernel.Fused, 4)]
    public void A_loss_needs_what_its_kernel_stores(LossKernel kernel, double bytes)
    {
        // A short model, so that the loss is the fullest moment; the final norm's input and output besides.
        var small = Examples.Model("llama-3.1-8b").Model with { Layers = 1, Vocabulary = 1_000_000 };
        var m = Of(Examples.Job("llama-3.1-8b", 8, 8, new()) with { Model = new(small), Memory = new() { Loss = kernel } });
        if (m.Moment == MemoryMoment.Loss) Examples.Close(8192.0 * ((bytes * 1_000_000) + (4 * 4096)), m[MemoryClass.Loss].Bytes);
        else Assert.Equal((MemoryMoment.Output, LossKernel.Fused), (m.Moment, kernel));
    }

    [Fact]
    public void Recomputing_some_blocks_keeps_a_part_of_each_kind()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new() { Recompute = Recomputation.Full });
        var block = BlockActivations.Of(job, true, false);
        foreach (var some in new[] { 0, 1, 7, 31, 32 })
        {
            var m = Of(job with { Memory = new() { RecomputeBlocks = some } }, Recomputation.Full);
            Examples.Close((some * block.Input) + ((32 - some) * block.All), m.Activations.Bytes);
        }
    }

    [Fact]
    public void Recomputing_some_blocks_takes_a_part_of_the_time()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 64, new() { Recompute = Recomputation.Full });
        double Time(int? some) => Examples.Step(job with { Memory = new() { RecomputeBlocks = some } })[StepPart.Recompute].Seconds;
        Examples.Close(Time(null) / 4, Time(8), 1e-9);
        Assert.Equal(0, Time(0));
        Assert.Equal(Time(null), Time(32));
    }

    [Fact]
    public void What_the_host_keeps_is_gone_from_the_device()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 64, new());
        var all = Of(job);
        var states = Of(job with { Memory = new() { OffloadOptimizer = Ratio.From(0.25) } });
        Examples.Close(all.Optimizer.Bytes / 4, states.Host.Bytes);
        Examples.Close(all.Optimizer.Bytes, (states.Optimizer + states.Host).Bytes);
        var block = BlockActivations.Of(job, true, false).All;
        var activations = Of(job with { Memory = new() { OffloadBlocks = 10 } });
        // Two blocks are on their way.
        Examples.Close(8 * block, activations.Host.Bytes);
        Examples.Close(24 * block, activations.Activations.Bytes);
    }

    [Fact]
    public void An_allocator_holds_more_where_there_is_room_and_gives_it_back_where_there_is_none()
    {
        var m = Of(Examples.Job("llama-3.1-8b", 8, 8, new()));
        var allocated = CachingAllocator.Measured(m, MemoryMeasure.PeakAllocated, Examples.Unlimited);
        DataSize Reserved(double times) => CachingAllocator.Measured(m, MemoryMeasure.PeakReserved, allocated * times);
        Examples.Close(1.12, Reserved(2) / allocated);
        Examples.Close(1.07, Reserved(1.07) / allocated);
        Examples.Close(1.03, Reserved(1) / allocated);
        Examples.Close(m.Total.Bytes, (allocated + m.Fragmentation + m.Runtime).Bytes);
    }

    [Theory]
    [InlineData("memory.momentBytes", "no format has 3 bytes; the nearest are 2 (BF16) and 4 (FP32)")]
    [InlineData("memory.masterBytes", "no copy of a weight has 1 bytes; the nearest are 0 and 2 of 0 (none), 2 (what BF16 lacks of FP32) and 4 (FP32)")]
    [InlineData("memory.recomputeBlocks", "blocks are computed again only with 'parallelism.recompute: full'; expected that, or no 'recomputeBlocks'")]
    [InlineData("memory.offloadBlocks", "a stage has at most 16 of the 32 layers on 2 stages, not 17")]
    public void A_plan_that_cannot_be_is_an_error_with_the_nearest_that_can(string field, string problem)
    {
        MemoryPlan plan = field switch
        {
            "memory.momentBytes" => new() { MomentBytes = 3 },
            "memory.masterBytes" => new() { MasterBytes = 1 },
            "memory.recomputeBlocks" => new() { RecomputeBlocks = 2 },
            _ => new() { OffloadBlocks = 17 },
        };
        var wrong = Assert.Throws<JobException>(() => (Examples.Job("llama-3.1-8b", 8, 8, new() { Pipeline = 2 }) with { Memory = plan }).Checked());
        Assert.Equal((field, problem), (wrong.Field, wrong.Message));
    }

    // Llama 405B reduced to four layers, tensor 2, 4,096 tokens: the head of MemoryUse.cs, multiplied out.
    [Fact]
    public void The_fullest_moment_of_a_short_wide_model_is_the_backward_pass_of_the_output_layer()
    {
        var job = Examples.Job("llama-3.1-405b", 8, 16, new() { Tensor = 2 }, 4096);
        job = job with { Model = new(job.Model.Model with { Layers = 4 }) };
        var m = Of(job);
        const double t = 4096, h = 16384, v = 128256, f = 53248, k = 1024;
        Assert.Equal(MemoryMoment.Output, m.Moment);
        // Gradients of logits, the output weight's gradient, the gathered input and its gradient, and the final norm's two tensors.
        Examples.Close((2 * t * v / 2) + (2 * v * h / 2) + (2 * 2 * t * h) + (2 * 2 * t * h / 2), m[MemoryClass.Loss].Bytes, 1e-9);
        // A stand-in for each matrix of a block: queries, keys, values, output, gate, up, down.
        Examples.Close(2 * ((h * (h + k + k)) + (h * h) + (3 * h * f)) / 2, m[MemoryClass.Passing].Bytes, 1e-9);
        Examples.Close(4 * BlockActivations.Of(job, true, false).All, m.Activations.Bytes);
    }

    [Fact]
    public void A_first_stage_of_many_microbatches_is_fullest_in_a_block_and_a_long_vocabulary_at_the_loss()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 64, new() { Pipeline = 4 });
        Assert.Equal(MemoryMoment.Block, Of(job).Moment);
        Assert.Equal(MemoryMoment.Loss, Of(job, stage: 3).Moment);
        // Receive buffers of the residual stream, one in each direction.
        Assert.Equal(2 * 2 * 8192.0 * 4096, Of(job, stage: 1)[MemoryClass.Buffers].Bytes);
        Assert.Equal(0, Of(job, stage: 1)[MemoryClass.Loss].Bytes);
    }

    [Fact]
    public void An_update_of_gradients_in_BF16_may_be_the_fullest_moment()
    {
        // One short sequence: states are all there is.
        var job = Examples.Job("llama-3.1-8b", 1, 1, new() { GradientBytes = 2, Recompute = Recomputation.Full }, 128);
        var m = Of(job, Recomputation.Full);
        Assert.Equal(MemoryMoment.Optimizer, m.Moment);
        Assert.Equal(0, m.Activations.Bytes);
        Examples.Close((2 + 2 + 12 + 4) * 8_030_261_248.0, (m.Weights + m.Gradients + m.Optimizer + m[MemoryClass.Passing]).Bytes, 0.01);
    }

    [Fact]
    public void Pipelines_of_torch_keep_all_gathered_and_sum_gradients_in_FP32()
    {
        var job = Examples.Job("llama-3.1-405b", 512, 64, new() { Tensor = 8, Pipeline = 8, Sharding = Sharding.Weights, Schedule = PipelineKind.OneForwardOneBackward });
        job = job with { Precision = Precision.Fp8, Memory = new() { Stack = TrainingStack.TorchFsdp } };
        var m = Of(job, Recomputation.Full, stage: 3);
        // 16 blocks of 3,187,703,808 parameters on 8 tensor ranks: FP8 weights, FP32 gradients.
        Examples.Close(16 * 3_187_703_808.0 / 8 * (1 + 4), m[MemoryClass.Gathered].Bytes, 1e-9);
        // Eight microbatches received each way, and those in flight kept as they were sent on.
        var input = 2 * 8192.0 * 16384 / 8;
        Examples.Close(((2 * 8) + 5) * input, m[MemoryClass.Buffers].Bytes);
        Examples.Close(5 * 16 * input, m.Activations.Bytes);
    }

    [Fact]
    public void Both_directions_of_DualPipe_share_states_of_two_positions()
    {
        DataSize States(PipelineKind kind)
        {
            var m = Of(Examples.Job("gpt3-175b", 512, 1024, new() { Tensor = 8, Pipeline = 8, Schedule = kind }), Recomputation.Full, kind == PipelineKind.DualPipe ? 2 : 1, 3);
            return m.Optimizer;
        }
        // Twice the weights, updated by twice the ranks.
        Examples.Close(States(PipelineKind.OneForwardOneBackward).Bytes, States(PipelineKind.DualPipe).Bytes, 1e-9);
    }

    [Fact]
    public void There_is_no_stage_beyond_the_last() => Assert.Throws<ArgumentOutOfRangeException>(() =>
        TrainingMemory.Measured(TrainingMemory.Stages(Examples.Job("llama-3.1-8b", 8, 8, new()), 1, Recomputation.None, true, default), MemoryMeasure.PeakUsed, Examples.Unlimited, 1));
}
