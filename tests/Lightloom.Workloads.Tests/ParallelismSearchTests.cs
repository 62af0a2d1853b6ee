using System.Diagnostics;
using CsCheck;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests;

public sealed class ParallelismSearchTests(ITestOutputHelper output)
{
    static readonly SearchOptions Wide = new() { Top = 3, FrontierWithin = 1.5, Schedules = false };

    static SearchResult Find(TrainingJob job, SearchSpace? space = null, SearchOptions? options = null, DataSize? capacity = null) => ParallelismSearch.Find(
        job, space ?? SearchSpace.Everything, options ?? Wide, ComputeRates.Of(Examples.H100, job.Precision), Examples.Network(job.Accelerators),
        capacity ?? Examples.H100.Memory.Value, Examples.H100.Kernels.RuntimeMemory.Value)!;

    /// <summary>Everything that keeps the rules, predicted one by one.</summary>
    static List<TrainingStep> Everything(TrainingJob job, DataSize? capacity = null)
    {
        var (model, steps) = (job.Model.Model, new List<TrainingStep>());
        (Sharding, bool)[] all = [(Sharding.None, true), (Sharding.Optimizer, true), (Sharding.Gradients, true), (Sharding.Weights, true), (Sharding.Weights, false)];
        for (var t = 1; t <= Math.Min(job.Accelerators, model.Heads); t++)
            for (var c = 1; c <= Math.Min(job.Accelerators, job.Sequence / 128); c++)
                for (var p = 1; p <= Math.Min(job.Accelerators, model.Layers); p++)
                    for (var e = 1; e <= (model.Experts?.Experts ?? 1); e++)
                        foreach (var split in Splits(model.Experts is not null, t, c))
                            for (var b = 1; b <= job.GlobalBatch; b++)
                            {
                                var degrees = new Parallelism { Tensor = t, Context = c, Pipeline = p, Expert = e, ExpertTensor = split, MicroBatch = b };
                                if (!(job with { Parallelism = degrees }).IsValid) continue;
                                for (var v = 1; v <= model.Layers; v++)
                                    foreach (var sequence in t > 1 ? new[] { true, false } : [true])
                                        foreach (var (sharding, reshard, set) in (t * p == job.Accelerators ? [(Sharding.Optimizer, true)] : all)
                                            .SelectMany(s => Sets(s.Item1, job.Accelerators / t / p).Select(set => (s.Item1, s.Item2, set))))
                                        {
                                            var one = job with { Parallelism = degrees with { Interleave = v, SequenceParallel = sequence, Sharding = sharding, Reshard = reshard, ShardGroup = set } };
                                            for (var r = Recomputation.None; r <= Recomputation.Full; r++)
                                            {
                                                var given = one with { Parallelism = one.Parallelism with { Recompute = r } };
                                                if (given.IsValid) steps.Add(Examples.Step(given));
                                            }
                                            // Where only full recomputation fits, as few blocks as do.
                                            if (capacity is not { } limit || !one.IsValid) continue;
                                            var open = StepModel.Predict(one, ComputeRates.Of(Examples.H100, job.Precision), Examples.Network(job.Accelerators), limit, Examples.H100.Kernels.RuntimeMemory.Value);
                                            if (open.Job.RecomputedBlocks is not null) steps.Add(open);
                                        }
                            }
        return steps;
    }

    // All ranks share, or sets of some do.
    static IEnumerable<int?> Sets(Sharding sharding, int ranks) => sharding == Sharding.None ? [null] : [null, .. Enumerable.Range(2, Math.Max(0, ranks - 2)).Where(d => ranks % d == 0).Select(d => (int?)d)];

    // As the tensor group unless given; folded over parts of it, or over context groups too.
    static IEnumerable<int?> Splits(bool experts, int tensor, int context)
    {
        yield return null;
        for (var d = 1; d <= tensor; d++)
            if (experts && tensor * context > 1 && tensor % d == 0 && (d < tensor || context > 1)) yield return d;
    }

    static (int, int, int, int?, int, int, bool) Degrees(TrainingStep s) => (s.Job.Parallelism.Tensor, s.Job.Parallelism.Context, s.Job.Parallelism.Expert, s.Job.Parallelism.ExpertTensor,
        s.Job.Parallelism.Pipeline, s.Job.Parallelism.MicroBatch, s.Job.Parallelism.SequenceParallel);

    static readonly Gen<(TrainingJob Job, DataSize Capacity, SearchOptions Options)> Small =
        from model in Gen.OneOf("llama-3.1-8b", "mixtral-8x7b", "gpt3-175b", "llama-3.1-70b")
        from accelerators in Gen.OneOf(1, 2, 6, 8, 12, 16, 24)
        from batch in Gen.OneOf(1, 6, 8, 16, 24)
        from gigabytes in Gen.OneOf(10.0, 40, 80, 400, 5000)
        from top in Gen.Int[1, 6]
        from within in Gen.OneOf(1.0, 1.2, 2, 20)
        select (Examples.Job(model, accelerators, batch, new(), 2048), DataSize.FromGigabytes(gigabytes),
            new SearchOptions { Top = top, FrontierWithin = within, Schedules = false });

    [Fact]
    public void It_finds_what_trying_everything_finds() => Small.Sample(
        sample =>
        {
            var (job, capacity, options) = sample;
            var all = Everything(job, capacity);
            if (all.Count == 0)
            {
                Assert.Throws<JobException>(() => Find(job, null, options, capacity));
                return;
            }
            var found = Find(job, null, options, capacity);
            Assert.Equal(all.Count(s => s.Job.RecomputedBlocks is null), found.Counts.Valid);
            var fitting = all.Where(s => s.Memory.Total <= capacity).ToList();
            var best = fitting.Count > 0
                ? fitting.GroupBy(Degrees).Select(g => g.Min(s => s.Time.Seconds)).Order().Take(options.Top)
                : all.GroupBy(Degrees).Select(g => g.Min(s => s.Memory.Total.Bytes)).Order().Take(options.Top);
            Assert.Equal(best, found.Top.Select(s => fitting.Count > 0 ? s.Time.Seconds : s.Memory.Total.Bytes));
            Assert.Equal(found.Top.Count, found.Top.Select(Degrees).Distinct().Count());

            var limit = fitting.Count > 0 ? options.FrontierWithin * found.Best.Time.Seconds : double.PositiveInfinity;
            var frontier = new List<(double, double)>();
            foreach (var s in all.OrderBy(s => s.Time.Seconds).ThenBy(s => s.Memory.Total.Bytes))
                if (options.FrontierWithin > 1 && s.Time.Seconds <= limit && (frontier.Count == 0 || s.Memory.Total.Bytes < frontier[^1].Item2))
                    frontier.Add((s.Time.Seconds, s.Memory.Total.Bytes));
            Assert.Equal(frontier, found.Frontier.Select(s => (s.Time.Seconds, s.Memory.Total.Bytes)));
        },
        iter: 40, print: s => $"{s.Job.Model.Model.Key} on {s.Job.Accelerators}, {s.Job.GlobalBatch} sequences, {s.Capacity}, {s.Options}");

    [Fact]
    public void The_bound_is_never_above_the_time() => Small.Sample(
        sample =>
        {
            foreach (var step in Everything(sample.Job).Where((_, i) => i % 7 == 0))
            {
                var blocks = PreparedBlocks.Of(step.Job, ComputeRates.Of(Examples.H100, Precision.Bf16), Examples.Network(step.Job.Accelerators));
                Assert.True(StepModel.LowerBound(step.Job, blocks, step.Interleave) <= step.Time.Seconds);
            }
        },
        iter: 10, print: s => $"{s.Job.Model.Model.Key} on {s.Job.Accelerators}");

    [Theory]
    [InlineData("llama-3.1-405b", 16384, 2048)]
    [InlineData("deepseek-v3", 2048, 4096)]
    public void Neither_threads_nor_pruning_change_what_is_found(string model, int accelerators, int batch)
    {
        var job = Examples.Job(model, accelerators, batch, new());
        string Print(SearchResult r) => string.Join('\n', r.Top.Concat(r.Frontier).Select(s =>
            $"{s.Job.Parallelism} {s.Interleave} {s.Recompute} {s.Time.Seconds:R} {s.Memory.Total.Bytes:R}"));
        var one = Find(job, null, Wide with { Threads = 1 });
        var many = Find(job, null, Wide with { Threads = 5 });
        var whole = Find(job, null, Wide with { Prune = false });
        Assert.Equal(Print(one), Print(many));
        Assert.Equal(Print(one), Print(whole));
        Assert.Equal((one.Counts.Valid, one.Counts.Pruned, one.Counts.Slow, one.Counts.Fitting), (many.Counts.Valid, many.Counts.Pruned, many.Counts.Slow, many.Counts.Fitting));
        Assert.Equal((one.Counts.Valid, 0L), (whole.Counts.Valid, whole.Counts.Pruned));
        Assert.True(one.Counts.Pruned > one.Counts.Valid / 10);
    }

    [Fact]
    public void Llama_405B_on_16384_accelerators()
    {
        var job = Examples.Job("llama-3.1-405b", 16384, 2048, new());
        Find(job);
        var clock = Stopwatch.StartNew();
        var found = Find(job);
        output.WriteLine($"{found.Counts} in {clock.Elapsed.TotalMilliseconds:0.0} ms; best {found.Best.Job.Parallelism}, " +
            $"{found.Best.RatePerAccelerator(FlopConvention.Model).Teraflops:0} TFLOP/s; frontier {found.Frontier.Count}");
        clock.Restart();
        var played = Find(job, null, Wide with { Schedules = true, Top = 8 });
        output.WriteLine($"{played.Counts.Played} played in {clock.Elapsed.TotalMilliseconds:0.0} ms; best {played.Best.Job.Parallelism} {played.Best.Time}");
        foreach (var s in played.Top) output.WriteLine($"  {s.Time.Seconds:0.000} {s.Memory.Total.Gigabytes:0.0} {s.Job.Parallelism} {s.Recompute}");
        Assert.True(found.Best.Job.IsValid);
        Assert.True(found.Best.Memory.Total <= Examples.H100.Memory.Value);
        Assert.InRange(found.Counts.Valid, 10_000, 10_000_000);
        Assert.True(played.Best.Memory.Total <= Examples.H100.Memory.Value);
    }

    [Fact]
    public void What_is_fixed_stays()
    {
        var job = Examples.Job("llama-3.1-70b", 64, 64, new() { Recompute = Recomputation.Full, Interleave = 2, GradientBytes = 2 });
        var found = Find(job, new() { Tensor = 4, Context = 2, Pipeline = 4, MicroBatch = 2, Sharding = Sharding.Gradients, SequenceParallel = false, ShardGroups = false });
        var p = found.Best.Job.Parallelism;
        Assert.Equal((4, 2, 4, 2, Sharding.Gradients, false), (p.Tensor, p.Context, p.Pipeline, p.MicroBatch, p.Sharding, p.SequenceParallel));
        Assert.Equal((2, Recomputation.Full, 2), (found.Best.Interleave, found.Best.Recompute, p.GradientBytes));
        // One node and one pipeline.
        Assert.Equal(1, found.Counts.Valid);
        Assert.Null(found.RunnerUp);
    }

    [Theory]
    [InlineData(PipelineKind.ZeroBubbleV)]
    [InlineData(PipelineKind.OneForwardOneBackward)]
    public void A_given_schedule_is_played_out(PipelineKind kind)
    {
        var found = Find(Examples.Job("llama-3.1-70b", 64, 128, new() { Schedule = kind }), new() { Pipeline = 4 });
        Assert.Equal((kind, 4), (found.Best.Pipeline.Schedule, found.Best.Job.Parallelism.Pipeline));
        Assert.Equal(found.Best.Time, Examples.Step(found.Best.Job).Time);
        Assert.True(found.Counts.Played > 3);
    }

    [Fact]
    public void Schedules_are_compared_as_they_are_played()
    {
        var job = Examples.Job("llama-3.1-70b", 64, 32, new());
        var found = Find(job, new() { Tensor = 8, Pipeline = 8 }, Wide with { Schedules = true });
        // Few microbatches: the bubble is what schedules differ by, and one without it wins.
        var plain = StepModel.PlayOut(Find(job, new() { Tensor = 8, Pipeline = 8 }).Best, ComputeRates.Of(Examples.H100, Precision.Bf16),
            Examples.Network(64), Examples.H100.Kernels.RuntimeMemory.Value);
        Assert.True(found.Best.Time <= plain.Time);
        Assert.NotNull(found.Best.Pipeline.Schedule);
        Assert.True(found.Counts.Played > 10);
    }

    [Fact]
    public void What_a_loser_loses_adds_up()
    {
        var found = Find(Examples.Job("mixtral-8x7b", 64, 64, new()));
        var second = Assert.NotNull(found.RunnerUp);
        var lost = SearchResult.Compare(found.Best, second);
        Assert.Equal((second.Time - found.Best.Time).Seconds, lost.Sum(l => l.More.Seconds), 1e-12);
        Assert.Equal(lost.OrderByDescending(l => l.More.Seconds), lost);
    }

    [Fact]
    public void A_search_that_is_stopped_answers_with_what_it_had()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var job = Examples.Job("llama-3.1-8b", 16, 32, new());
        Assert.Null(ParallelismSearch.Find(job, SearchSpace.Everything, Wide, ComputeRates.Of(Examples.H100, job.Precision), Examples.Network(16),
            Examples.H100.Memory.Value, default, stop.Token));
    }

    [Theory]
    [InlineData(7, null, "parallelism.tensor", "tensor 7 does not divide")]
    [InlineData(null, 5, "parallelism", "pipeline 5 = 5 does not divide the job's 64 accelerators; the nearest numbers that it divides are 60 and 65")]
    [InlineData(64, null, "parallelism.tensor", "does not divide the attention heads (32)")]
    public void What_is_fixed_wrongly_names_the_nearest(int? tensor, int? pipeline, string field, string says)
    {
        // On 7·64 accelerators 7 ranks of a tensor group stand evenly; the heads don't.
        var e = Assert.Throws<JobException>(() => Find(Examples.Job("llama-3.1-8b", tensor == 7 ? 448 : 64, 448, new()), new() { Tensor = tensor, Pipeline = pipeline }));
        Assert.Equal(field, e.Field);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_nothing_divides_is_refused()
    {
        var e = Assert.Throws<JobException>(() => Find(Examples.Job("llama-3.1-8b", 1021, 1000, new())));
        Assert.Contains("1,021 accelerators and 1,000 sequences", e.Message, StringComparison.Ordinal);
        Assert.Contains("microbatches don't divide the batch", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_allocates_nothing()
    {
        var job = Examples.Job("llama-3.1-405b", 16384, 2048, new());
        long Allocated(SearchSpace space, out long predicted)
        {
            var engine = new SearchEngine(job, space, new() { Prune = false, Threads = 1 }, ComputeRates.Of(Examples.H100, job.Precision),
                Examples.Network(job.Accelerators), Examples.H100.Memory.Value, default);
            var before = GC.GetAllocatedBytesForCurrentThread();
            engine.Run(default);
            predicted = engine.Counts.Valid - engine.Counts.Pruned;
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated(new() { Tensor = 8 }, out _);
        var few = Allocated(new() { Tensor = 8, Sharding = Sharding.Optimizer }, out var less);
        var many = Allocated(new() { Tensor = 8 }, out var more);
        output.WriteLine($"{few} B for {less}, {many} B for {more}");
        // The same nodes and rounds with four times the leaves.
        Assert.True(more > 3 * less);
        Assert.True(many - few < (more - less) / 10, $"{many - few} B for {more - less} configurations");
    }
}
