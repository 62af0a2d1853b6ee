using CsCheck;

namespace Lightloom.Workloads.Tests;

public sealed class TrainingJobTests
{
    static readonly TrainingJob Llama = Examples.Job("llama-3.1-405b", 16384, 2048, new() { Tensor = 8, Pipeline = 16 });

    static void Broken(TrainingJob job, string field, string problem)
    {
        Assert.False(job.IsValid);
        var e = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal((field, problem), (e.Field, e.Message));
    }

    static TrainingJob With(TrainingJob job, Func<Parallelism, Parallelism> change) => job with { Parallelism = change(job.Parallelism) };

    [Fact]
    public void A_valid_job_passes()
    {
        Assert.Equal(Llama, Llama.Checked());
        Assert.True(Llama.IsValid);
        Assert.Equal((128, 16), (Llama.DataParallel, Llama.MicroBatches));
    }

    [Fact]
    public void A_replica_must_fit_the_accelerators() => Broken(Llama with { Accelerators = 64 }, "parallelism",
        "tensor 8 x context 1 x pipeline 16 needs 128 accelerators for one replica; the job has 64");

    [Fact]
    public void Replicas_must_divide_the_accelerators() => Broken(Llama with { Accelerators = 1000 }, "parallelism",
        "tensor 8 x context 1 x pipeline 16 = 128 does not divide the job's 1,000 accelerators; the nearest numbers that it divides are 896 and 1,024");

    [Fact]
    public void Tensor_must_divide_the_heads() => Broken(With(Llama with { Accelerators = 12288 }, p => p with { Tensor = 12 }), "parallelism.tensor",
        "tensor 12 does not divide the attention heads (128); nearest are 8 and 16");

    [Fact]
    public void Tensor_must_deal_whole_heads_of_keys_and_values()
    {
        // 96 heads on 8 key-value heads: 6 ranks would hold one and a third of them each, 12 two thirds.
        var model = Llama.Model.Model with { Heads = 96, HeadSize = 128, FeedForward = 49152 };
        var job = Llama with { Model = new(model), Accelerators = 12288 };
        Broken(With(job, p => p with { Tensor = 6 }), "parallelism.tensor",
            "tensor 6 is neither a divisor nor a multiple of the 8 key-value heads; nearest are 4 and 8");
        Broken(With(job, p => p with { Tensor = 12 }), "parallelism.tensor",
            "tensor 12 is neither a divisor nor a multiple of the 8 key-value heads; nearest are 8 and 16");
    }

    [Fact]
    public void Tensor_must_divide_the_inner_sizes()
    {
        var model = Llama.Model.Model;
        Broken(With(Llama with { Model = new(model with { FeedForward = 53248 + 4 }) }, p => p), "parallelism.tensor",
            "tensor 8 does not divide the feed-forward size (53,252); nearest are 4 and 13313");
        var mixture = Examples.Job("qwen3-30b-a3b", 64, 64, new() { Tensor = 32 });
        var odd = mixture.Model.Model with { KeyValueHeads = 32, Experts = mixture.Model.Model.Experts! with { FeedForward = 720 } };
        Broken(mixture with { Model = new(odd) }, "parallelism.tensor",
            "tensor 32 does not divide the experts' feed-forward size (720); nearest are 30 and 36");
    }

    [Fact]
    public void Context_must_divide_the_sequence() => Broken(With(Llama with { Accelerators = 128 * 48, GlobalBatch = 2048 }, p => p with { Context = 3 }), "parallelism.context",
        "context 3 does not divide the sequence (8,192); nearest are 2 and 4");

    [Fact]
    public void Stages_must_share_the_layers()
    {
        Broken(With(Llama with { Accelerators = 8192 }, p => p with { Pipeline = 512, Tensor = 1 }), "parallelism.pipeline",
            "512 pipeline stages are more than the model's 126 layers");
        Broken(With(Llama with { Accelerators = 960 }, p => p with { Pipeline = 15 }), "parallelism.pipeline",
            "15 model chunks divide neither the 126 layers nor 128 (embedding and output counted as a layer each); " +
            "the nearest numbers of chunks that do are 14 and 16");
        Broken(With(Llama, p => p with { Interleave = 3 }), "parallelism.interleave",
            "48 model chunks divide neither the 126 layers nor 128 (embedding and output counted as a layer each); " +
            "the nearest numbers of chunks that do are 42 and 63");
        Broken(With(Llama, p => p with { Pipeline = 1, Interleave = 2 }), "parallelism.interleave", "interleaving needs more than one pipeline stage");
    }

    [Fact]
    public void Interleaving_needs_whole_rounds() => Broken(With(Llama with { GlobalBatch = 128 * 20 }, p => p with { Interleave = 8 }), "parallelism.interleave",
        "interleaving needs microbatches in whole rounds of the 16 stages; a replica has 20, the nearest numbers that it divides are 16 and 32");

    [Fact]
    public void Experts_must_be_there_and_divide()
    {
        Broken(With(Llama, p => p with { Expert = 2 }), "parallelism.expert", "the model 'llama-3.1-405b' has no experts to split");
        var mixture = Examples.Job("mixtral-8x7b", 64, 64, new() { Tensor = 8 });
        Broken(With(mixture, p => p with { Expert = 3 }), "parallelism.expert", "expert 3 does not divide the experts (8); nearest are 2 and 4");
        Broken(With(mixture with { Accelerators = 96, GlobalBatch = 96 }, p => p with { Expert = 8 }), "parallelism.expert",
            "expert 8 does not divide the data-parallel degree 12; nearest are 6 and 12");
    }

    [Fact]
    public void The_batch_must_split_into_replicas_of_microbatches()
    {
        Broken(Llama with { GlobalBatch = 2000 }, "globalBatch",
            "2,000 sequences do not split into 128 replicas of microbatches of 1; the nearest numbers that it divides are 1,920 and 2,048");
        Broken(Llama with { GlobalBatch = 100 }, "globalBatch",
            "100 sequences do not split into 128 replicas of microbatches of 1; the nearest number that it divides is 128");
    }

    [Fact]
    public void Valid_and_checked_agree() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[1, 4], Gen.Int[1, 8], Gen.Int[0, 4], Gen.Int[1, 3], Gen.Int[1, 12], Gen.Int[1, 500])
            .Sample((t, p, c, e, v, b, d, batch) =>
            {
                var job = Examples.Job("mixtral-8x7b", t * p * c * d, batch,
                    new() { Tensor = t, Pipeline = p, Context = c, Expert = e, Interleave = v == 0 ? null : v, MicroBatch = b });
                var threw = false;
                try
                {
                    job.Checked();
                }
                catch (JobException x)
                {
                    threw = true;
                    Assert.NotEmpty(x.Field);
                }
                Assert.Equal(job.IsValid, !threw);
            });

    [Fact]
    public void A_valid_job_is_found_valid_without_allocation()
    {
        Assert.True(Llama.IsValid);
        Assert.Equal(0, Allocations.Of(() => Assert.True(Llama.IsValid)));
    }
}
