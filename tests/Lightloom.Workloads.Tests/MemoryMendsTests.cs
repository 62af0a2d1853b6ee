using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests;

public sealed class MemoryMendsTests(ITestOutputHelper output)
{
    static readonly DataSize Capacity = Examples.H100.Memory.Value;

    static IReadOnlyList<MemoryMend> Of(TrainingJob job) =>
        new MemoryMends(ComputeRates.Of(Examples.H100, job.Precision), Examples.Network(job.Accelerators), Capacity, Examples.H100.Kernels.RuntimeMemory.Value).Of(job);

    static TrainingJob Small(Parallelism parallelism) => Examples.Job("llama-3.1-8b", 8, 64, parallelism);

    [Fact]
    public void The_cheapest_that_fits_comes_first_and_says_what_it_is()
    {
        // 141 GB: 18 bytes for each of 8 billion parameters are too much, their shards are not.
        var job = Small(new() { Sharding = Sharding.None, Recompute = Recomputation.Full });
        var now = Examples.Step(job);
        Assert.True(now.Memory.Total > Capacity);
        var mends = Of(job);
        Assert.True(mends[0].Fits);
        Assert.Equal(mends.Where(m => m.Fits).Select(m => m.Step.Time).Order(), mends.Where(m => m.Fits).Select(m => m.Step.Time));
        foreach (var mend in mends)
        {
            output.WriteLine($"{mend.Say}: {mend.Saves.Gigabytes:0.0} GB, {mend.Costs.Seconds:0.000} s");
            Assert.Equal(mend.Fits, mend.Step.Memory.Total <= Capacity);
            Examples.Close((now.Memory.Total - mend.Step.Memory.Total).Bytes, mend.Saves.Bytes, 1e-9);
            Assert.Equal(mend.Step.Time - now.Time, mend.Costs);
            // It says the step that it shows.
            Assert.Equal(Examples.Step(mend.Step.Job).Time, mend.Step.Time);
            Assert.All(mend.Settings, s => Assert.Contains($"{s.Key.Replace("parallelism.", "", StringComparison.Ordinal)}: {s.Value}", mend.Say, StringComparison.Ordinal));
        }
        var sharded = Assert.Single(mends, m => m.Settings is [("parallelism.sharding", "zero-1")]);
        // 12 bytes of states, of which each of eight ranks keeps an eighth, and what of the allocator's share goes with them.
        Examples.Close(1.03 * 12 * 8_030_261_248.0 * 7 / 8, sharded.Saves.Bytes, 1e-9);
    }

    [Fact]
    public void Blocks_computed_again_are_as_few_as_fit()
    {
        var job = Small(new() { Recompute = Recomputation.None, Sharding = Sharding.Gradients, MicroBatch = 2 });
        Assert.True(Examples.Step(job).Memory.Total > Capacity);
        var mends = Of(job);
        foreach (var key in new[] { "memory.recomputeBlocks", "memory.offloadBlocks" })
        {
            var mend = Assert.Single(mends, m => m.Settings.Any(s => s.Key == key));
            var blocks = int.Parse(mend.Settings.Single(s => s.Key == key).Value, System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(blocks, 1, 31);
            Assert.True(mend.Fits);
            var plan = mend.Step.Job.Memory;
            var one = mend.Step.Job with { Memory = key == "memory.offloadBlocks" ? plan with { OffloadBlocks = blocks - 1 } : plan with { RecomputeBlocks = blocks - 1 } };
            Assert.True(Examples.Step(one).Memory.Total > Capacity);
        }
        var some = mends.Single(m => m.Settings.Any(s => s.Key == "memory.recomputeBlocks"));
        var all = mends.Single(m => m.Settings is [("parallelism.recompute", "full")]);
        Assert.True(some.Step.Time < all.Step.Time && some.Saves < all.Saves);
    }

    [Fact]
    public void Changes_are_joined_where_no_single_one_is_enough()
    {
        var mends = Of(Examples.Job("llama-3.1-70b", 64, 64, new() { Sharding = Sharding.None, Recompute = Recomputation.None }));
        Assert.True(mends[0].Fits);
        Assert.InRange(mends[0].Settings.Count, 2, 4);
        Assert.DoesNotContain(mends, m => m.Fits && m.Settings.Count == 1);
        Assert.All(mends, m => Assert.Equal(m.Settings.Count, m.Settings.Select(s => s.Key).Distinct().Count()));
    }

    [Fact]
    public void A_job_that_fits_is_told_what_would_leave_more_room() =>
        Assert.All(Of(Small(new() { Tensor = 8, Recompute = Recomputation.None })), m => Assert.True(m.Fits && m.Saves > DataSize.Zero));

    [Fact]
    public void A_job_that_nothing_mends_has_no_mend_that_fits() =>
        Assert.DoesNotContain(Of(Examples.Job("llama-3.1-405b", 8, 8, new() { Recompute = Recomputation.Full })), m => m.Fits);

    /// <summary>The example at the head of HostTraffic.cs, and a slower link.</summary>
    [Theory]
    [InlineData(3.0, 0)]
    [InlineData(1.0, 1.24)]
    public void What_outlasts_the_passes_is_seen(double forward, double seen)
    {
        var job = Small(new() { Recompute = Recomputation.None }) with { Memory = new() { OffloadBlocks = 10 } };
        var block = BlockActivations.Of(job, true, false);
        var times = new PipelineTimes(1, 1, job.MicroBatches, forward / job.MicroBatches, 6.0 / job.MicroBatches, 0, 0, 0, 0, 0, 0);
        var use = TrainingMemory.Stages(job, 1, Recomputation.None, true, default)[0];
        var link = HostLink.Default with { PerDirection = Bandwidth.FromBytesPerSecond(10 * 8 * block.All / 2.24) };
        var traffic = HostTraffic.Of(job, block, Recomputation.None, times, use, link);
        Examples.Close(10 * 8 * block.All, traffic.Out.Bytes);
        Examples.Close(traffic.Out.Bytes / forward, traffic.Needed.BytesPerSecond);
        Assert.Equal(seen, traffic.Seen.Seconds, 1e-9);
    }

    [Fact]
    public void States_in_the_hosts_memory_cost_the_link_and_the_hosts_update()
    {
        var job = Small(new() { Recompute = Recomputation.Full }) with { Memory = new() { OffloadOptimizer = Ratio.From(1) } };
        const double shard = 8_030_261_248.0 / 8;
        var step = Examples.Step(job);
        Assert.Equal(0, step.Memory.Optimizer.Bytes);
        Examples.Close(12 * shard, step.Memory.Host.Bytes);
        Examples.Close((6 * shard / 50e9) + (28 * shard / 60e9), step[StepPart.HostTransfer].Seconds, 1e-9);
        // Half of them: half of it.
        var half = Examples.Step(job with { Memory = new() { OffloadOptimizer = Ratio.From(0.5) } });
        Examples.Close(step[StepPart.HostTransfer].Seconds / 2, half[StepPart.HostTransfer].Seconds, 1e-9);
        // A named schedule sees the same.
        var named = Examples.Step(job with { Parallelism = job.Parallelism with { Pipeline = 2, Schedule = PipelineKind.OneForwardOneBackward } });
        Assert.True(named[StepPart.HostTransfer].Seconds > 0);
    }
}
