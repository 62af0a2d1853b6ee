using CsCheck;
using Lightloom.Collectives;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests;

/// <summary>Experts folded over tensor and context groups, and sets of states that not all data ranks share.</summary>
public sealed class FoldedExpertsTests
{
    static readonly int[] Spans = [8, 64, 4096];

    static readonly Gen<(int T, int C, int E, int Split, int P, int Data)> Degrees = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 4],
        (t, c, e, s, p, d) => (1 << t, 1 << c, 1 << e, 1 << Math.Min(s, t), 1 << p, 1 << d));

    static TrainingJob Job((int T, int C, int E, int Split, int P, int Data) d) => Examples.Job("mixtral-8x7b", d.T * d.C * d.P * d.Data, 64,
        new() { Tensor = d.T, Context = d.C, Expert = d.E, ExpertTensor = d.Split, Pipeline = d.P });

    static void AssertPlaced(IReadOnlyList<int> ranks, GroupPlacement placement)
    {
        Assert.Equal(ranks.Count, placement.Ranks);
        for (var level = 0; level < Spans.Length - 1; level++)
            Assert.Equal(ranks.GroupBy(r => r / Spans[level]).Max(g => g.Count()), placement.Within(level));
    }

    [Fact]
    public void Folded_groups_sit_where_naming_each_rank_puts_them() => Degrees.Sample(d =>
    {
        var job = Job(d);
        if (!job.IsValid) return;
        var layout = new GroupLayout(job, Spans);
        int inner = Math.Max(1, d.E * d.Split / (d.T * d.C)), block = d.T * d.C * inner, outer = d.Data / inner;
        IEnumerable<int> Each(int n) => Enumerable.Range(0, n);
        AssertPlaced([.. Each(d.E).Select(e => e * d.Split)], layout.Expert);
        AssertPlaced([.. Each(d.Split)], layout.ExpertTensor);
        AssertPlaced([.. from o in Each(outer) from copy in Each(block / (d.E * d.Split)) select (copy * d.E * d.Split) + (o * block * d.P)], layout.ExpertReplicas);
        AssertPlaced([.. Each(d.P).Select(p => p * block)], layout.Pipeline);
        // Every rank holds one expert set's share: groups, splits and copies are all ranks of a stage.
        Assert.Equal(d.T * d.C * d.Data, layout.Expert.Ranks * layout.ExpertTensor.Ranks * layout.ExpertReplicas.Ranks);
    });

    [Fact]
    public void Sets_of_states_and_their_copies_are_all_data_ranks() => Gen.Select(Degrees, Gen.Int[0, 8]).Sample((d, share) =>
    {
        var job = Job(d);
        if (!job.IsValid) return;
        var layout = new GroupLayout(job, Spans);
        var ranks = 1 << share;
        if (!layout.SharesEvenly(ranks)) return;
        var shared = new GroupLayout(job with { Parallelism = job.Parallelism with { ShardGroup = ranks } }, Spans);
        Assert.Equal(layout.Dense.Ranks, shared[StepGroup.Shard].Ranks * shared[StepGroup.ShardCopies].Ranks);
        Assert.Equal(ranks, shared[StepGroup.Shard].Ranks);
        Assert.Equal(layout.ExpertReplicas.Ranks, shared[StepGroup.ExpertShard].Ranks * shared[StepGroup.ExpertShardCopies].Ranks);
    });

    /// <summary>Whatever the group, every rank of the job belongs to exactly one of its kind, and a group sits where its placement says.</summary>
    [Fact]
    public void Groups_of_a_kind_hold_every_rank_once() => Gen.Select(Degrees, Gen.Int[0, 8]).Sample((d, share) =>
    {
        var job = Job(d);
        if (!job.IsValid) return;
        var ranks = 1 << share;
        if (!new GroupLayout(job, Spans).SharesEvenly(ranks)) return;
        var layout = new GroupLayout(job with { Parallelism = job.Parallelism with { ShardGroup = ranks } }, Spans);
        foreach (var group in Enum.GetValues<StepGroup>().Where(g => g != StepGroup.PipelineEnds))
        {
            var groups = layout.RanksOf(group).Groups(job.Accelerators).ToList();
            Assert.Equal(Enumerable.Range(0, job.Accelerators), groups.SelectMany(g => g).Order());
            var placement = layout[group];
            Assert.All(groups, g => Assert.Equal(placement.Ranks, g.Length));
            AssertPlaced(groups[0], placement);
        }
        var ends = layout.RanksOf(StepGroup.PipelineEnds).Groups(job.Accelerators).ToList();
        Assert.Equal(layout.RanksOf(StepGroup.Pipeline).Groups(job.Accelerators).Select(g => (g[0], g[^1])), ends.Select(g => (g[0], g[1])));
    });

    [Theory]
    [InlineData(8, 1, 8, null, "parallelism.expert", "does not divide the data-parallel degree 2")]
    [InlineData(8, 1, 8, 1, null, "")] // folds over the tensor group
    [InlineData(8, 1, 8, 3, "parallelism.expertTensor", "expertTensor 3 does not divide")]
    [InlineData(4, 1, 8, 4, "parallelism.expert", "expert 8 x expertTensor 4 does not fold over tensor 4 x context 1 x data 4; nearest is 4")]
    public void Experts_fold_or_the_rule_says_why_not(int tensor, int context, int expert, int? split, string? field, string message)
    {
        var job = Examples.Job("mixtral-8x7b", 16, 16, new() { Tensor = tensor, Context = context, Expert = expert, ExpertTensor = split });
        if (field is null)
        {
            Assert.True(job.IsValid);
            return;
        }
        var error = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal(field, error.Field);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void States_that_can_not_be_shared_by_so_many_are_an_error_with_the_nearest()
    {
        var job = Examples.Job("llama-3.1-8b", 48, 48, new() { Sharding = Sharding.Weights, ShardGroup = 7 });
        Assert.Contains("nearest are 6 and 8", Assert.Throws<JobException>(() => job.Checked()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Experts_whole_on_each_rank_need_no_gathering_of_copies()
    {
        TrainingStep Of(int? split) => Examples.Step(Examples.Job("mixtral-8x7b", 32, 32, new() { Tensor = 4, Expert = 8, ExpertTensor = split, Recompute = Recomputation.None }));
        Assert.True(Of(1)[StepPart.TensorCommunication] < Of(4)[StepPart.TensorCommunication]);
        // As many tokens and experts for each rank either way: 8 experts on 8 x 4 ranks, split or not.
        Assert.Equal(Of(null).Time.Seconds, Of(4).Time.Seconds, 0.2 * Of(4).Time.Seconds);
    }

    [Fact]
    public void Fewer_ranks_that_share_states_gather_nearer_and_hold_more()
    {
        // Over slow links, which hide nothing.
        var (rates, network) = (ComputeRates.Of(Examples.H100, Precision.Bf16), Examples.Network(256, 50));
        TrainingStep Of(int? share, bool reshard = true, bool prefetch = true) => StepModel.Predict(
            Examples.Job("llama-3.1-70b", 256, 1024, new() { Sharding = Sharding.Weights, ShardGroup = share, Reshard = reshard, Prefetch = prefetch, GradientBytes = 2, Recompute = Recomputation.Full }),
            rates, network, Examples.H100.Memory.Value, DataSize.Zero);
        var (all, node) = (Of(null), Of(8));
        Assert.True(node[StepPart.DataCommunication] < all[StepPart.DataCommunication]);
        Assert.True(node.Memory.Total > all.Memory.Total);
        Assert.True(Of(null, reshard: false).Memory.Total > all.Memory.Total);
        Assert.True(Of(null, prefetch: false)[StepPart.DataCommunication] > all[StepPart.DataCommunication]);
        Assert.Equal(all.Time, Of(256).Time);
    }

    [Fact]
    public void Weights_that_stand_still_cost_no_gradients_of_theirs()
    {
        TrainingStep Of(bool frozen) => Examples.Step(Examples.Job("llama-3.1-8b", 8, 8, new() { Recompute = Recomputation.None }) with { FrozenWeights = frozen });
        var (all, frozen) = (Of(false), Of(true));
        Assert.Equal(0, frozen[StepPart.Optimizer].Seconds);
        Assert.Equal(0, frozen[StepPart.DataCommunication].Seconds);
        Assert.Equal(2.0 / 3, frozen[StepPart.Matmul] / all[StepPart.Matmul], 0.02);
        Assert.Equal(0, frozen.Memory[MemoryClass.Gradients].Bytes + frozen.Memory[MemoryClass.Optimizer].Bytes);
    }

    [Fact]
    public void Gathered_contexts_wait_and_rings_do_not()
    {
        TrainingStep Of(ContextMethod method) => Examples.Step(Examples.Job("llama-3.1-8b", 64, 8, new() { Context = 8, ContextMethod = method, Recompute = Recomputation.None }, 131072));
        Assert.True(Of(ContextMethod.AllGather)[StepPart.ContextCommunication] > Of(ContextMethod.Ring)[StepPart.ContextCommunication]);
    }

    [Fact]
    public void Exchanges_beside_another_microbatch_are_hidden_but_for_their_tax()
    {
        TrainingStep Of(bool beside, int microBatches, Parallelism p) => Examples.Step(
            Examples.Job("mixtral-8x7b", 64, 64 * microBatches / p.Pipeline, p with { Expert = 8, OverlapExpert = beside, Recompute = Recomputation.None }));
        double Seen(int microBatches, Parallelism p) => Of(true, microBatches, p)[StepPart.ExpertCommunication] / Of(false, microBatches, p)[StepPart.ExpertCommunication];
        var tax = ComputeRates.Of(Examples.H100, Precision.Bf16).OverlapTax;
        // The first forward pass and the last backward pass have none beside them.
        Examples.Close(tax + ((1 - tax) / 10), Seen(10, new()), 1e-9);
        Examples.Close(1, Seen(1, new()), 1e-9);
        // On 4 stages of 2 chunks (2 x 3 + 1 x 4) / 2 microbatches of a stage's own and 3 / 2 of the others.
        Parallelism folded = new() { Pipeline = 4, Interleave = 2 };
        Examples.Close(tax + ((1 - tax) * 6.5 / 32), Seen(32, folded), 1e-9);
        Examples.Close(Of(true, 32, folded).Time.Seconds, Of(true, 32, folded with { Schedule = PipelineKind.Interleaved }).Time.Seconds, 0.01);
        // Where all forward passes come first nothing has a partner.
        Examples.Close(1, Seen(32, new() { Pipeline = 4, Schedule = PipelineKind.GPipe }), 1e-9);
    }

    [Theory]
    [InlineData(null, null, 0.030)]
    [InlineData(RecordedGraphs.Parts, null, 0.030)]
    [InlineData(RecordedGraphs.None, null, 0.045)]
    [InlineData(RecordedGraphs.Iteration, null, 0)]
    [InlineData(RecordedGraphs.None, 1.0, 0)]
    public void A_layer_of_experts_takes_no_less_than_the_host_behind_its_counts(RecordedGraphs? graphs, double? capacity, double floor)
    {
        var job = Examples.Job("mixtral-8x7b", 64, 64, new() { Expert = 8, Graphs = graphs, ExpertCapacity = capacity, Recompute = Recomputation.None });
        var work = BlockWork.Of(job, Examples.Ideal with { HostExperts = 0.030, HostAttention = 0.015 }, sparse: true);
        Examples.Close(floor, work.HostTime, 1e-12);
        // Software that records whole iterations has no floor unless a job says that it doesn't.
        var recording = BlockWork.Of(job, Examples.Ideal with { HostExperts = 0.030, HostAttention = 0.015, RecordsIterations = true }, sparse: true);
        Examples.Close(graphs is null ? 0 : floor, recording.HostTime, 1e-12);
        Assert.Equal(0, BlockWork.Of(Examples.Job("llama-3.1-8b", 8, 8, new() { Graphs = graphs }), Examples.Ideal with { HostExperts = 1, HostAttention = 1 }, sparse: false).HostTime);

        // A third of it belongs to the forward pass: the accelerator waits for what its own passes leave.
        TrainingStep At(double host) => StepModel.Predict(
            job, Examples.Ideal with { HostExperts = host, HostAttention = 0 }, Examples.Network(64), DataSize.FromGigabytes(1e6), DataSize.Zero);
        var (fast, slow) = (At(0), At(30));
        Assert.Equal(0, fast[StepPart.HostWait].Seconds);
        var layers = job.Model.Model.Layers * job.MicroBatches;
        if (floor == 0) Assert.Equal(fast.Time, slow.Time);
        else Examples.Close(layers * 30, (slow[StepPart.HostWait] + slow[StepPart.Matmul] + slow[StepPart.Attention] + slow[StepPart.Elementwise] + slow[StepPart.ExpertCommunication]).Seconds, 0.01);
    }

    [Fact]
    public void Uneven_routing_makes_the_fullest_rank_compute_and_wait_longer()
    {
        TrainingStep Of(double imbalance, double? capacity = null) => Examples.Step(Examples.Job("mixtral-8x7b", 64, 64,
            new() { Expert = 8, ExpertImbalance = imbalance, ExpertCapacity = capacity, Recompute = Recomputation.None }));
        Assert.True(Of(1.5)[StepPart.Matmul] > Of(1)[StepPart.Matmul]);
        // Tokens beyond the capacity are dropped, whatever the routing.
        Assert.Equal(Of(1, 1.25)[StepPart.Matmul], Of(3, 1.25)[StepPart.Matmul]);
    }

    [Fact]
    public void Prediction_blocks_take_time_on_the_last_stage()
    {
        var model = Examples.Job("deepseek-v3", 256, 512, new() { Expert = 32 }).Model.Model;
        TrainingStep Of(int blocks) => Examples.Step(Examples.Job("deepseek-v3", 256, 512, new() { Expert = 32, Recompute = Recomputation.Full }) with { Model = new(model with { PredictionBlocks = blocks }) });
        var (none, one, two) = (Of(0).Time, Of(1).Time, Of(2).Time);
        Assert.True(one > none);
        Examples.Close((one - none).Seconds, (two - one).Seconds, 0.02);
    }

    [Fact]
    public void The_slowest_of_many_is_slower_than_the_slowest_of_a_node()
    {
        var rates = Examples.Ideal with { Spread = 0.02 };
        Assert.Equal(rates, rates.SlowestOf(8));
        // Expected largest of n normal variables: 1.4236 of 8, 2.8 of 256 and 3.80 of 8,192 standard deviations (tables of order statistics).
        Assert.Equal(1 / (1 + (0.02 * (2.819 - 1.424))), rates.SlowestOf(256).Matmul / rates.Matmul, 7e-4);
        Assert.Equal(1 / (1 + (0.02 * (3.80 - 1.424))), rates.SlowestOf(8192).Matmul / rates.Matmul, 7e-4);
        Assert.Equal(rates.Memory, rates.SlowestOf(8192).Memory);
    }

    [Theory]
    [InlineData(Precision.Bf16, 2, 0)]
    [InlineData(Precision.Fp8, 1, 4)]
    [InlineData(Precision.Mxfp8, 1.03125, 4.0625)]
    [InlineData(Precision.Nvfp4, 0.5625, 5.125)]
    public void Number_formats_move_their_bytes(Precision precision, double bytes, double cast)
    {
        var format = NumberFormat.Of(precision);
        Assert.Equal((bytes, cast), (format.Bytes, format.CastBytes));
    }
}
