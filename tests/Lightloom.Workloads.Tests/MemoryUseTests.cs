using System.Globalization;
using Lightloom.Quantities;

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
        Assert.Equal((m.Weights + m.Gradients + m.Optimizer + m.Activations + m.Working + m.Runtime).Bytes, m.Total.Bytes);
    }
}
