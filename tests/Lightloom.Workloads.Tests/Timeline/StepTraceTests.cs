using CsCheck;
using Lightloom.Collectives.Traces;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Workloads.Tests.Timeline;

/// <summary>A step as execution traces: against the timeline, against counts by hand, and played.</summary>
public sealed class StepTraceTests
{
    const int Layers = 8;

    static readonly Gen<StepTrace> Traces =
        from model in Gen.OneOf("llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "nemotron-h-8b", "nemotron-3-super-120b-a12b")
        from kind in Gen.Enum<PipelineKind>()
        from named in Gen.Bool
        from tensor in Gen.OneOf(1, 2)
        from context in Gen.OneOf(1, 2)
        from expert in Gen.OneOf(1, 4)
        from pipeline in Gen.OneOf(1, 2, 4)
        from batches in Gen.Int[1, 8]
        from recompute in Gen.Enum<Recomputation>()
        from sharding in Gen.Enum<Sharding>()
        from around in Gen.Enum<ContextMethod>()
        from shard in Gen.OneOf<int?>(null, 2)
        from flags in Gen.Bool.Array[7]
        let job = Job(model, tensor * context * pipeline * 4, 4 * batches, new()
        {
            Tensor = tensor,
            Context = context,
            Expert = expert,
            Pipeline = pipeline,
            Schedule = named ? kind : null,
            Recompute = recompute,
            Sharding = sharding,
            ShardGroup = shard,
            ContextMethod = around,
            OverlapPipeline = flags[0],
            OverlapData = flags[1],
            OverlapTensor = flags[2],
            OverlapExpert = flags[3],
            SequenceParallel = flags[4],
            Prefetch = flags[5],
            Reshard = flags[6],
        })
        where job.IsValid
        select Of(job);

    static TrainingJob Job(string model, int accelerators, int batch, Parallelism parallelism)
    {
        var small = Examples.Model(model).Model;
        return Examples.Job(model, accelerators, batch, parallelism, 4096) with { Model = new(small with { Layers = Layers, Pattern = small.Pattern?[..Layers] }) };
    }

    static StepTrace Of(TrainingJob job, double late = 0, ulong seed = 1)
    {
        var network = Examples.Network(job.Accelerators);
        var rates = ComputeRates.Of(Examples.H100, job.Precision);
        var step = StepModel.PlayOut(Examples.Step(job), rates, network, Examples.H100.Kernels.RuntimeMemory.Value);
        return new(new(step, network), rates, network, new(Ratio.From(late)), seed);
    }

    static long Microseconds(IEnumerable<TraceNode> nodes) => nodes.Where(n => n.Kind == TraceNodeKind.Compute).Sum(n => (long)n.Microseconds);

    static double Bytes(IEnumerable<TraceNode> nodes, TraceCollective what, int group) =>
        nodes.Where(n => n.Kind == TraceNodeKind.Collective && n.Collective == what && n.Group == group).Sum(n => (double)n.Bytes);

    static int GroupWith(IEnumerable<TraceNode> nodes, params int[] ranks) =>
        nodes.SelectMany(n => n.Groups).Single(g => g.Ranks.SequenceEqual(ranks)).Id;

    /// <summary>Expectation: each rank computes as long as its operations on the timeline do without what they wait for; the longest update is the step's.</summary>
    [Fact]
    public void Ranks_compute_as_long_as_the_timeline_says() => Traces.Sample(trace =>
    {
        var (timeline, job) = (trace.Timeline, trace.Timeline.Step.Job);
        var longest = 0.0;
        for (var rank = 0; rank < trace.Ranks; rank++)
        {
            var nodes = trace.NodesOf(rank).ToList();
            var stage = trace.StageOf(rank);
            var (seconds, again) = (0.0, 0.0);
            foreach (var operation in timeline.Pipeline.Order[stage])
            {
                var time = timeline.Of(stage, operation);
                // A trace has no host: what is waited for is part of what is computed.
                seconds += time.Compute + time.Host;
                // What full recomputation does again has the forward pass's communication in it, which is none of computation.
                var forward = timeline.Step.Pipeline.Positions![timeline.Pipeline.Order.PositionOf(stage, operation)].Forward;
                again += time.Recompute;
                if (time.Recompute > 0 && timeline.Step.Recompute == Recomputation.Full) again -= forward.Tensor + forward.Context + forward.Expert;
            }
            var update = nodes.Last(n => n.Kind == TraceNodeKind.Compute);
            longest = Math.Max(longest, update.Microseconds);
            // A further token's prediction keeps everything, so that its communication is not done again.
            if (timeline.Step.Recompute == Recomputation.Full && job.Model.Model.PredictionBlocks > 0) continue;
            Assert.InRange(Microseconds(nodes) - (double)update.Microseconds - (1e6 * (seconds + again)), -1.01, 1.01);
        }
        // The step counts the update of the stage that holds most; where stages have other shares of experts, which are in fewer shards, that of another may take longer.
        Assert.InRange(longest - (1e6 * timeline.Optimizer.Seconds), -1.01, job.Model.Model is { Pattern: not null, Experts: not null } ? double.PositiveInfinity : 1.01);
    }, iter: 60);

    [Fact]
    public void Every_send_has_its_receive_and_groups_agree_on_their_collectives() => Traces.Sample(trace =>
    {
        var (sends, receives) = (new List<(int, int, ulong, uint)>(), new List<(int, int, ulong, uint)>());
        var ofGroup = new Dictionary<int, (int Members, List<List<(TraceCollective, ulong)>> Done)>();
        for (var rank = 0; rank < trace.Ranks; rank++)
        {
            var nodes = trace.NodesOf(rank).ToList();
            Assert.Equal(Enumerable.Range(0, nodes.Count).Select(n => (ulong)n), nodes.Select(n => n.Id).Order());
            Assert.All(nodes, n => Assert.All(n.After, before => Assert.True(before < n.Id)));
            sends.AddRange(nodes.Where(n => n.Kind == TraceNodeKind.Send).Select(n => (rank, n.Peer, n.Bytes, n.Tag)));
            receives.AddRange(nodes.Where(n => n.Kind == TraceNodeKind.Receive).Select(n => (n.Peer, rank, n.Bytes, n.Tag)));
            foreach (var group in nodes.SelectMany(n => n.Groups))
            {
                Assert.Contains(rank, group.Ranks);
                if (!ofGroup.TryGetValue(group.Id, out var all)) ofGroup[group.Id] = all = (group.Ranks.Count, []);
                all.Done.Add([.. nodes.Where(n => n.Kind == TraceNodeKind.Collective && n.Group == group.Id).Select(n => (n.Collective, n.Bytes))]);
            }
        }
        Assert.Equal(sends.Count, sends.Distinct().Count());
        Assert.Equal(sends.Order(), receives.Order());
        Assert.All(ofGroup.Values, all =>
        {
            Assert.Equal(all.Members, all.Done.Count);
            Assert.All(all.Done, done => Assert.Equal(all.Done[0], done));
        });
        Assert.Equal(Enumerable.Range(0, trace.Ranks).Sum(r => (long)trace.NodesOf(r).Count()), trace.Count(long.MaxValue));
    }, iter: 60);

    /// <summary>System: a network too fast to matter. Expectation: nobody waits for ever, and the end is no earlier than the busiest rank's computation.</summary>
    [Fact]
    public void Ranks_never_wait_for_each_other_in_a_circle() => Traces.Sample(trace =>
    {
        var run = Played(trace, 1e6);
        Assert.True(run.IsComplete);
        var busiest = Enumerable.Range(0, trace.Ranks).Max(r => Microseconds(trace.NodesOf(r)));
        Assert.InRange(run.Time.ToDuration().Seconds, busiest / 1e6, double.PositiveInfinity);
    }, iter: 25);

    static TraceRun Played(StepTrace trace, double bandwidth)
    {
        var ring = (IReadOnlyList<TraceAlgorithm>)[new TraceAlgorithm(TraceMethod.Ring)];
        var system = new TraceSystem
        {
            EndpointNanoseconds = 0,
            MemoryBandwidth = 1e9,
            Algorithms = new[] { TraceCollective.AllReduce, TraceCollective.AllGather, TraceCollective.ReduceScatter }.ToDictionary(c => c, c => ring)
                .Append(new(TraceCollective.AllToAll, [new(TraceMethod.Direct)])).ToDictionary(),
        };
        return TraceSimulation.Run(trace, system, new([new(TraceBlock.Switch, trace.Ranks, bandwidth, 0)]), TraceSharing.Unaware);
    }

    /// <summary>
    /// System: 8 blocks of Llama 3.1 8B, 16 accelerators, tensor 2, pipeline 2, data 4, 1F1B, 3 microbatches, zero-1. Expectation, counted by hand: a block gathers twice
    /// forward and four times backward and scatters twice each, a residual stream of 4,096 x 4,096 x 2 B; gradients of 4 B, weights of 2 B; one send each way for each microbatch.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bytes_are_those_counted_by_hand(bool overlap)
    {
        const double Hidden = 4096, Wide = 14336, Keys = 1024, Vocabulary = 128256, Residual = 4096 * Hidden * 2, Block = (2 * Hidden * Hidden) + (2 * Hidden * Keys) + (3 * Hidden * Wide) + (2 * Hidden);
        var trace = Of(Job("llama-3.1-8b", 16, 12, new() { Tensor = 2, Pipeline = 2, Schedule = PipelineKind.OneForwardOneBackward, Recompute = Recomputation.None, OverlapData = overlap }));
        foreach (var (rank, stage, ends) in new[] { (0, 0, 0), (3, 1, Hidden) })
        {
            var nodes = trace.NodesOf(rank).ToList();
            Assert.Equal(stage, trace.StageOf(rank));
            var tensor = GroupWith(nodes, rank & ~1, rank | 1);
            Assert.Equal(Layers / 2 * 3 * 6 * Residual / 2, Bytes(nodes, TraceCollective.AllGather, tensor));
            Assert.Equal(Layers / 2 * 3 * 4 * Residual, Bytes(nodes, TraceCollective.ReduceScatter, tensor));
            var data = GroupWith(nodes, rank, rank + 4, rank + 8, rank + 12);
            var weights = ((Layers / 2 * Block) + (Vocabulary * Hidden) + ends) / 2;
            Assert.Equal(4 * weights, Bytes(nodes, TraceCollective.ReduceScatter, data));
            Assert.InRange(Bytes(nodes, TraceCollective.AllGather, data), 2 * weights / 4, (2 * weights / 4) + Layers);
            Assert.Equal(3 * Residual / 2, nodes.Where(n => n.Kind == TraceNodeKind.Send).Sum(n => (double)n.Bytes));
            Assert.All(nodes.Where(n => n.Kind is TraceNodeKind.Send or TraceNodeKind.Receive), n => Assert.Equal(rank ^ 2, n.Peer));
            // Without overlap gradients wait for the last pass, and weights for the update.
            var (update, gather) = (nodes.FindIndex(n => n.Name == "update"), nodes.FindIndex(n => n.Group == data && n.Collective == TraceCollective.AllGather));
            Assert.Equal(overlap, gather < update);
        }
    }

    /// <summary>
    /// System: 8 blocks of Mixtral 8x7B, expert 4 over 8 accelerators. Expectation: four all-to-alls of both copies of each token for each block and microbatch, two more where
    /// all of the forward pass is done again; experts' gradients in groups of two.
    /// </summary>
    [Theory]
    [InlineData(Recomputation.None, 4)]
    [InlineData(Recomputation.Full, 6)]
    public void Tokens_go_to_their_experts_and_back(Recomputation recompute, int exchanges)
    {
        var trace = Of(Job("mixtral-8x7b", 8, 16, new() { Expert = 4, Recompute = recompute }));
        var nodes = trace.NodesOf(5).ToList();
        Assert.Equal(exchanges * Layers * 2 * 4096.0 * 4096 * 2 * 2, Bytes(nodes, TraceCollective.AllToAll, GroupWith(nodes, 4, 5, 6, 7)));
        Assert.Equal(Layers * 8 / 4 * 3 * 4096.0 * 14336 * 4, Bytes(nodes, TraceCollective.ReduceScatter, GroupWith(nodes, 1, 5)));
    }

    [Fact]
    public void Delays_are_drawn_from_the_seed()
    {
        var job = Job("llama-3.1-8b", 16, 16, new() { Recompute = Recomputation.None });
        long[] Late(double share, ulong seed) => [.. Enumerable.Range(0, 16).Select(r => Microseconds(Of(job, share, seed).NodesOf(r)))];
        var (none, first) = (Late(0, 1), Late(0.01, 1));
        Assert.Single(none.Distinct());
        Assert.Equal(first, Late(0.01, 1));
        Assert.NotEqual(first, Late(0.01, 2));
        Assert.All(first, l => Assert.True(l >= none[0]));
        // The mean of 16 exponential delays is within a factor of three of theirs in all but one of a million draws; these are two fixed ones.
        var mean = (first.Average() - none[0]) / (0.01 * 1e6 * Of(job).Timeline.Length.Seconds);
        Assert.InRange(mean, 1.0 / 3, 3);
    }

    /// <summary>
    /// System: pipelines without groups, on a network too fast to matter. Expectation: played, the trace ends when the schedule without sends does, and the update after it; two passes that run as one wait for
    /// both inputs and give both results at the end.
    /// </summary>
    [Theory]
    [InlineData(PipelineKind.OneForwardOneBackward, "llama-3.1-8b")]
    [InlineData(PipelineKind.ZeroBubbleV, "llama-3.1-8b")]
    [InlineData(PipelineKind.DualPipe, "llama-3.1-8b")]
    [InlineData(PipelineKind.DualPipeV, "llama-3.1-8b")]
    [InlineData(PipelineKind.DualPipeV, "mixtral-8x7b")]
    [InlineData(PipelineKind.OneForwardOneBackward, "nemotron-h-8b")]
    [InlineData(PipelineKind.DualPipe, "nemotron-3-nano-30b-a3b")]
    public void A_schedule_takes_what_its_order_says(PipelineKind schedule, string model)
    {
        var trace = Of(Job(model, 4, 12, new() { Pipeline = 4, Schedule = schedule, Recompute = Recomputation.None }));
        var pipeline = new PipelineTiming(trace.Timeline.Pipeline.Order, trace.Timeline.Pipeline.Costs.WithoutSends);
        var update = Enumerable.Range(0, trace.Ranks).Max(r => pipeline.Last(r) + (trace.NodesOf(r).Last(n => n.Kind == TraceNodeKind.Compute).Microseconds / 1e6));
        var played = Played(trace, 1e7).Time.ToDuration().Seconds;
        Assert.InRange(played / update, 0.9999, 1.0001);
        if (schedule is PipelineKind.DualPipe or PipelineKind.DualPipeV) Assert.Contains(Enumerable.Range(0, 4).SelectMany(r => trace.Timeline.Pipeline.Order[r].ToArray()), o => o.WithNext);
    }

    /// <summary>
    /// System: the first eight layers of a pattern, four state spaces among them, on 4 accelerators, context 2. Expectation: each state space exchanges what goes into its scan and what comes out once
    /// forward and once backward in each microbatch, 2 B a value of 2,048 tokens; the one attention layer alone gathers keys and values; gradients are those of all layers, 4 B each.
    /// </summary>
    [Fact]
    public void Layers_of_a_pattern_exchange_what_they_consist_of()
    {
        var job = Job("nemotron-h-8b", 4, 6, new() { Context = 2, Recompute = Recomputation.None, Sharding = Sharding.None, ContextMethod = ContextMethod.AllGather, OverlapData = false });
        Assert.Equal("M-M-M-M*", job.Model.Model.Pattern);
        var nodes = Of(job).NodesOf(0).ToList();
        var context = GroupWith(nodes, 0, 1);
        var space = job.Model.Model.StateSpace!;
        double width = space.Heads * space.HeadSize, inputs = (2 * width) + (2 * space.Groups * space.StateSize) + space.Heads;
        const int batches = 3, tokens = 2048;
        Assert.Equal(2 * 4 * batches * 2 * tokens * (inputs + width), Bytes(nodes, TraceCollective.AllToAll, context), 2 * 4 * batches * 2.0);
        Assert.Equal(4 * 4 * batches, nodes.Count(n => n.Collective == TraceCollective.AllToAll && n.Kind == TraceNodeKind.Collective));
        Assert.Equal(2 * batches, nodes.Count(n => n.Collective == TraceCollective.AllGather && n.Kind == TraceNodeKind.Collective && n.Group == context));
        Assert.Equal(4 * job.Model.Parameters, Bytes(nodes, TraceCollective.AllReduce, GroupWith(nodes, 0, 1, 2, 3)), 8.0);
        // Block by block what each has: a feed-forward layer has more than a state space or attention.
        Assert.True(nodes.Where(n => n.Collective == TraceCollective.AllReduce && n.Kind == TraceNodeKind.Collective).Select(n => n.Bytes).Distinct().Count() >= 3);
    }
}
