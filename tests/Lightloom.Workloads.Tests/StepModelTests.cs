using CsCheck;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

public sealed class StepModelTests
{
    static readonly Gen<TrainingJob> Jobs =
        from model in Gen.OneOf("llama-3.1-8b", "llama-3.1-70b", "gpt3-175b", "mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v3")
        from tensor in Gen.OneOf(1, 2, 4, 8)
        from pipeline in Gen.OneOf(1, 2, 3, 4, 7, 8)
        from interleave in Gen.OneOf<int?>(null, 2, 3)
        from context in Gen.OneOf(1, 2)
        from expert in Gen.OneOf(1, 2, 4)
        from micro in Gen.OneOf(1, 2)
        from replicas in Gen.OneOf(4, 8)
        from batches in Gen.Int[1, 24]
        from sharding in Gen.Enum<Sharding>()
        from recompute in Gen.OneOf<Recomputation?>(null, Recomputation.None, Recomputation.Selective, Recomputation.Full)
        from overlaps in Gen.Bool.Array[4]
        let job = Examples.Job(model, tensor * pipeline * context * replicas, replicas * micro * batches, new()
        {
            Tensor = tensor,
            Pipeline = pipeline,
            Interleave = interleave,
            Context = context,
            Expert = expert,
            MicroBatch = micro,
            Sharding = sharding,
            Recompute = recompute,
            SequenceParallel = overlaps[0],
            OverlapData = overlaps[1],
            OverlapTensor = overlaps[2],
            OverlapPipeline = overlaps[3],
        })
        where job.IsValid
        select job;

    static TrainingStep Step(TrainingJob job, StepNetwork network, DataSize? capacity = null) => StepModel.Predict(
        job, ComputeRates.Of(Examples.H100, job.Precision), network, capacity ?? Examples.H100.Memory.Value, Examples.H100.Kernels.RuntimeMemory.Value);

    static double Sum(in TrainingStep step)
    {
        var sum = 0.0;
        foreach (var part in Enum.GetValues<StepPart>()) sum += step[part].Seconds;
        return sum;
    }

    [Fact]
    public void Parts_are_not_negative_and_add_up_to_the_step() => Jobs.Sample(job =>
    {
        var step = Examples.Step(job);
        foreach (var part in Enum.GetValues<StepPart>()) Assert.True(step[part].Seconds >= 0, part.ToString());
        Examples.Close(step.Time.Seconds, Sum(step), 1e-12);
    });

    /// <summary>The example at the head of StepModel.cs, without overheads.</summary>
    [Fact]
    public void One_accelerator_computes_what_its_tokens_cost()
    {
        var job = Examples.Job("llama-3.1-8b", 1, 1, new() { Recompute = Recomputation.None, Sharding = Sharding.None });
        var step = StepModel.Predict(job, Examples.Ideal, Examples.Network(1), Examples.Unlimited, DataSize.FromBytes(0));
        var size = job.Model;
        var matrices = size.PerToken(8192, FlopConvention.SixTimesParameters).Flop * 8192 / 1e15;
        Examples.Close(matrices, step[StepPart.Matmul].Seconds, 1e-4);
        // Attention's backward pass computes scores again: 3.5 times the forward pass instead of 3.
        var attention = size.PerToken(8192, FlopConvention.Model).Flop * 8192 / 1e15 - matrices;
        Examples.Close(attention * 3.5 / 3, step[StepPart.Attention].Seconds, 1e-3);
        Assert.Equal(0, step.ExposedCommunication.Seconds);
        Assert.Equal(0, step[StepPart.PipelineBubble].Seconds);
    }

    [Fact]
    public void The_closed_form_is_the_schedule_played_out_where_stages_are_equal() => Jobs.Sample(job =>
    {
        var step = Examples.Step(job);
        var t = step.Pipeline;
        if (t.Stages < 2) return;
        double forward = t.FirstForward, backward = t.FirstBackward;
        var equal = t with { MiddleForward = forward, MiddleBackward = backward, LastForward = forward, LastBackward = backward };
        var closed = (t.MicroBatches + ((t.Stages - 1.0) / t.Interleave)) * (forward + backward);
        Examples.Close(closed, PipelineSchedule.Play(equal).Max(s => s[^1].End), 1e-9);
    });

    [Fact]
    public void The_closed_form_is_within_a_tenth_of_the_schedule_played_out() => Jobs.Sample(job =>
    {
        var step = Examples.Step(job);
        var t = step.Pipeline;
        if (t.Stages < 2 || t.MicroBatches < 2 * t.Stages) return;
        var closed = Sum(step) - step[StepPart.PipelineCommunication].Seconds - t.DataCommunication - t.Optimizer;
        Assert.InRange(PipelineSchedule.Play(t).Max(s => s[^1].End) / closed, 0.9, 1.1);
    });

    [Fact]
    public void A_faster_network_is_never_slower() => Gen.Select(Jobs, Gen.Double[1, 10], Gen.Double[1, 10]).Sample((job, up, outwards) =>
    {
        var slow = Step(job, Examples.Network(job.Accelerators, 100));
        var fast = Step(job, Examples.Network(job.Accelerators, 100 * outwards, up));
        Assert.True(fast.Time.Seconds <= slow.Time.Seconds * (1 + 1e-12));
    });

    [Fact]
    public void More_memory_is_never_slower() => Gen.Select(Jobs, Gen.Double[5, 200], Gen.Double[1, 5]).Sample((job, gigabytes, factor) =>
    {
        var network = Examples.Network(job.Accelerators);
        var small = Step(job, network, DataSize.FromGigabytes(gigabytes));
        var large = Step(job, network, DataSize.FromGigabytes(gigabytes * factor));
        if (small.Memory.Total.Gigabytes <= gigabytes) Assert.True(large.Time <= small.Time);
    });

    [Fact]
    public void Faster_chips_are_never_slower() => Gen.Select(Jobs, Gen.Double[1, 4], Gen.Double[1, 4]).Sample((job, compute, memory) =>
    {
        var network = Examples.Network(job.Accelerators);
        var rates = ComputeRates.Of(Examples.H100, job.Precision);
        // What a step is made of is fixed, because more speed may choose another interleaving.
        var fixedJob = job with
        {
            Parallelism = job.Parallelism with { Recompute = job.Parallelism.Recompute ?? Recomputation.Selective, OverlapData = false, OverlapTensor = false },
        };
        var slow = StepModel.Predict(fixedJob, rates, network, Examples.Unlimited, default);
        var fast = StepModel.Predict(fixedJob, rates.WithComputeScaled(compute).WithMemoryScaled(memory), network, Examples.Unlimited, default);
        Assert.True(fast.Time.Seconds <= slow.Time.Seconds * (1 + 1e-12));
    });

    [Fact]
    public void What_is_left_open_is_the_fastest_that_fits() => Jobs.Sample(job =>
    {
        var open = job with { Parallelism = job.Parallelism with { Interleave = null, Recompute = null } };
        var step = Examples.Step(open);
        var capacity = Examples.H100.Memory.Value;
        foreach (var recompute in Enum.GetValues<Recomputation>())
            for (var interleave = 1; interleave <= 8; interleave++)
            {
                var given = open with { Parallelism = open.Parallelism with { Interleave = interleave, Recompute = recompute } };
                if (!given.IsValid) continue;
                var other = Examples.Step(given);
                if (other.Memory.Total <= capacity) Assert.True(step.Memory.Total <= capacity && step.Time <= other.Time);
                else if (step.Memory.Total > capacity) Assert.True(step.Memory.Total <= other.Memory.Total);
            }
    }, iter: 50);

    [Theory]
    [InlineData(Recomputation.None, 8)]
    [InlineData(Recomputation.Selective, 4)]
    [InlineData(Recomputation.Full, 1)]
    [InlineData(null, null)]
    public void A_prediction_allocates_nothing(Recomputation? recompute, int? interleave)
    {
        var job = Examples.Job("llama-3.1-405b", 8192, 2048, new() { Tensor = 8, Pipeline = 16, Interleave = interleave, Recompute = recompute });
        AssertNoAllocation(job.Checked());
        AssertNoAllocation(Examples.Job("deepseek-v3", 1024, 1024, new() { Pipeline = 7, Expert = 8, Tensor = 2, Recompute = recompute }) with { Accelerators = 896, GlobalBatch = 896 });
    }

    static void AssertNoAllocation(TrainingJob job)
    {
        var rates = ComputeRates.Of(Examples.H100, job.Precision);
        var network = Examples.Network(job.Accelerators);
        var total = 0.0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10; i++) total += StepModel.Predict(job, rates, network, Examples.H100.Memory.Value, default).Time.Seconds;
        }));
        Assert.True(total > 0);
    }

    [Fact]
    public void Recomputation_costs_what_it_computes_again()
    {
        TrainingStep Of(Recomputation r) => StepModel.Predict(
            Examples.Job("llama-3.1-8b", 8, 8, new() { Recompute = r }), ComputeRates.Of(Examples.H100, Precision.Bf16), Examples.Network(8),
            Examples.Unlimited, default);
        Assert.Equal(0, Of(Recomputation.None)[StepPart.Recompute].Seconds);
        var selective = Of(Recomputation.Selective)[StepPart.Recompute].Seconds;
        var full = Of(Recomputation.Full);
        Assert.InRange(selective, 1e-9, full[StepPart.Recompute].Seconds / 5);
        // A forward pass of the blocks is a third of their matrices; the output layer is not computed again.
        var block = BlockWork.Of(full.Job, ComputeRates.Of(Examples.H100, Precision.Bf16), sparse: false);
        Examples.Close(32 * block.Forward, full[StepPart.Recompute].Seconds, 1e-9);
    }

    [Fact]
    public void Weights_shared_by_all_are_gathered_for_every_microbatch()
    {
        double Data(Sharding sharding, int batch) => Step(
            Examples.Job("llama-3.1-8b", 64, batch, new() { Sharding = sharding, OverlapData = false, Recompute = Recomputation.Full }),
            Examples.Network(64), Examples.Unlimited)[StepPart.DataCommunication].Seconds;
        Examples.Close(Data(Sharding.Optimizer, 64), Data(Sharding.Optimizer, 256));
        Examples.Close(4 * Data(Sharding.Weights, 64), Data(Sharding.Weights, 256));
        // Two gathers of the weights in place of one.
        Assert.InRange(Data(Sharding.Weights, 64) / Data(Sharding.Gradients, 64), 1.2, 1.5);
    }

    [Fact]
    public void A_tied_embedding_is_summed_over_the_ends_of_the_pipeline()
    {
        var job = Examples.Job("gpt3-175b", 64, 64, new() { Tensor = 8, Pipeline = 8, Interleave = 1, Recompute = Recomputation.Full });
        double Data(bool tied, int pipeline) => Examples.Step(job with
        {
            Model = new(job.Model.Model with { TiedEmbeddings = tied }),
            Parallelism = job.Parallelism with { Pipeline = pipeline },
        })[StepPart.DataCommunication].Seconds;
        var network = Examples.Network(64);
        var bytes = DataSize.FromBytes(51200.0 * 12288 / 8 * 4);
        var sum = CollectiveModel.Default.Time(CollectiveKind.AllReduce, bytes, GroupPlacement.Of(1, 2), network.Levels).Total.Seconds;
        Assert.Equal(sum, Data(true, 8) - Data(false, 8), 1e-12);
    }

    [Fact]
    public void A_tensor_group_of_experts_gathers_every_copy_of_a_token()
    {
        double Tensor(int expert) => Examples.Step(Examples.Job("qwen3-30b-a3b", 64, 64, new() { Tensor = 4, Expert = expert, Recompute = Recomputation.None }))
            [StepPart.TensorCommunication].Seconds;
        Assert.InRange(Tensor(4) / Tensor(1), 3, 5);
    }

    // 48 layers, forward and backward, a microbatch of 4,096 tokens: each exchanges twice, there and back. Eight ranks that hold 16 experts each are reached by 5.3
    // copies of a token instead of 8.
    [Theory]
    [InlineData(8, ExpertDispatch.Fused)]
    [InlineData(64, ExpertDispatch.Fused)]
    [InlineData(8, ExpertDispatch.AllToAll)]
    [InlineData(64, ExpertDispatch.AllToAll)]
    public void Experts_get_a_copy_for_each_domain_and_rank_unless_an_all_to_all_is_asked_for(int ranks, ExpertDispatch dispatch)
    {
        var job = Examples.Job("qwen3-30b-a3b", 64, 64, new() { Expert = ranks, ExpertDispatch = dispatch, Recompute = Recomputation.None });
        var network = Examples.Network(64);
        var group = GroupPlacement.Strided(ranks, 1, network.Spans);
        const double tokens = 4096, hidden = 2048, perToken = 8;
        var exchange = new ExpertExchange { Experts = 128, PerToken = (int)perToken, Tokens = tokens, Hidden = hidden, Dispatch = ExpertPrecision.Bf16 };
        var copies = 2 * CollectiveModel.Default.Time(CollectiveKind.AllToAll, DataSize.FromBytes(tokens * hidden * perToken * 2), group, network.Levels).Total.Seconds;
        var deduplicated = (network.Experts.Time(exchange, ExpertPhase.Dispatch, group).MostLoaded + network.Experts.Time(exchange, ExpertPhase.Combine, group).MostLoaded).Seconds;
        Assert.True(deduplicated < copies);
        Examples.Close(2 * 48 * (dispatch == ExpertDispatch.Fused ? deduplicated : copies), Examples.Step(job)[StepPart.ExpertCommunication].Seconds, 1e-9);
    }

    [Fact]
    public void Fp8_is_faster_and_its_output_layer_is_not()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new());
        Assert.True(Examples.Step(job with { Precision = Precision.Fp8 }).Time < Examples.Step(job).Time);
        var rates = Examples.Ideal with { Matmul = 1e30 };
        var step = StepModel.Predict(job with { Precision = Precision.Fp8 }, rates, Examples.Network(8), Examples.Unlimited, default);
        Examples.Close(6.0 * 8192 * 4096 * 128256 / 1e15, step[StepPart.Matmul].Seconds, 1e-6);
    }

    [Fact]
    public void Dense_blocks_at_a_mixtures_start_are_on_the_first_chunks()
    {
        // 61 layers and the two ends are 63, in 21 chunks of 3: the dense three are chunk 0 (less one) and a part of chunk 1.
        var three = new StageDeal(Examples.Job("deepseek-v3", 3, 3, new() { Pipeline = 3 }), 7);
        Assert.Equal([new(20, 2), new(21, 1), new(20, 0)], Enumerable.Range(0, 3).Select(i => three[i]));
        var plain = new StageDeal(Examples.Job("deepseek-v3", 3, 3, new() { Pipeline = 3 }), 1);
        Assert.Equal([new(20, 3), new(21, 0), new(20, 0)], Enumerable.Range(0, 3).Select(i => plain[i]));
        var dense = new StageDeal(Examples.Job("llama-3.1-405b", 16, 16, new() { Pipeline = 16 }), 8);
        Assert.Equal(new(7, 7), dense[0]);
        Assert.Equal(new(8, 8), dense[7]);
    }

    [Fact]
    public void All_stages_together_hold_all_layers() => Jobs.Sample(job =>
    {
        var deal = new StageDeal(job, job.Parallelism.Interleave ?? 1);
        var stages = Enumerable.Range(0, job.Parallelism.Pipeline).Select(i => deal[i]).ToList();
        Assert.Equal(job.Model.Model.Layers, stages.Sum(s => s.Blocks));
        Assert.Equal(job.Model.DenseLayers, stages.Sum(s => s.First));
    });

    [Fact]
    public void Zero_2_sums_the_gradients_of_each_microbatch_or_run_through_a_chunk()
    {
        double Data(Sharding sharding, int batch, int pipeline = 1, int chunks = 1) => Examples.Step(Examples.Job(
            "llama-3.1-8b", 16, batch, new() { Tensor = 8 / pipeline, Pipeline = pipeline, Interleave = chunks, Sharding = sharding, OverlapData = false }))[StepPart.DataCommunication].Seconds;
        var sum = (Data(Sharding.Gradients, 16) - Data(Sharding.Gradients, 8)) / 4; // 2 replicas: 8 microbatches and 4
        Assert.True(sum > 0);
        Examples.Close(3 * sum, Data(Sharding.Gradients, 8) - Data(Sharding.Optimizer, 8), 1e-9);
        Examples.Close(Data(Sharding.Optimizer, 8), Data(Sharding.Optimizer, 16), 1e-9);
        // Through one chunk all microbatches run in turn, through two chunks two at a time: 4 are two runs, 8 are four.
        Assert.Equal(Data(Sharding.Optimizer, 8, pipeline: 2), Data(Sharding.Gradients, 8, pipeline: 2));
        var runs = (Data(Sharding.Gradients, 16, pipeline: 2, chunks: 2) - Data(Sharding.Gradients, 8, pipeline: 2, chunks: 2)) / 2;
        Assert.True(runs > 0);
        Examples.Close(runs, Data(Sharding.Gradients, 8, pipeline: 2, chunks: 2) - Data(Sharding.Optimizer, 8, pipeline: 2, chunks: 2), 1e-9);
        Examples.Close(Data(Sharding.Weights, 8, pipeline: 2), Data(Sharding.Weights, 16, pipeline: 2), 1e-9);
    }

    /// <summary>Which groups send through the ports that the data group sends through: those that leave the domain of 8 as it does.</summary>
    [Theory]
    [InlineData(1, 8, 64, (int)StepModel.Rivals.None)]
    [InlineData(1, 16, 64, (int)StepModel.Rivals.Expert)]
    [InlineData(2, 8, 64, (int)StepModel.Rivals.Expert)]
    [InlineData(1, 8, 8, (int)StepModel.Rivals.Expert)]
    public void Groups_that_leave_the_domain_share_its_ports(int context, int expert, int accelerators, int rivals)
    {
        var job = Examples.Job("deepseek-v3", accelerators, accelerators, new() { Context = context, Expert = expert });
        Assert.Equal((StepModel.Rivals)rivals, StepModel.RivalsOf(job, new GroupLayout(job, Examples.Network(accelerators))));
    }

    /// <summary>
    /// A pass in small pieces, each of computation or of an exchange that takes so many times as long while other communication is under way, and that as
    /// many times as long while the exchange is: both half of the link, or what an engine found.
    /// </summary>
    [Fact]
    public void An_exchange_waits_for_what_shares_its_links() => Gen.Select(Gen.Double[0.1, 3], Gen.Double[0.05, 2], Gen.Double[0.01, 8], Gen.Double[1, 4], Gen.Double[1, 4]).Sample((compute, exchange, communication, rival, data) =>
    {
        const int Pieces = 4000;
        double time = 0, left = communication;
        for (var i = 0; i < Pieces; i++)
        {
            time += compute / Pieces;
            left = Math.Max(0, left - (compute / Pieces));
            var both = Math.Min(exchange / Pieces, left * data / rival);
            time += (rival * both) + (exchange / Pieces) - both;
            left -= both * rival / data;
        }
        var crowding = StepModel.Crowding.Of(exchange, new(data, rival));
        var delayed = StepModel.Delayed(communication, compute + exchange, crowding);
        // The last piece may end in either half of the cycle.
        Assert.InRange(time - compute - exchange - delayed, -4.0 * rival * (compute + exchange) / Pieces, 4.0 * rival * (compute + exchange) / Pieces);
        // What the pass does not hide is what it would not have hidden, longer by what it served meanwhile.
        Assert.InRange(left - Math.Max(0, communication - compute - exchange - crowding.Served), -1e-9, 1e-9);
        Assert.Equal((exchange, 0), (StepModel.Crowding.Of(exchange, null).Lost, StepModel.Crowding.Of(exchange, null).Served));
    });
}
