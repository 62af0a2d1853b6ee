using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

public sealed class PlacementSearchTests
{
    /// <summary>Domains of 8 in pods of 64 with a quarter of the bandwidth between pods.</summary>
    static StepNetwork Pods(int accelerators, bool scattered)
    {
        var two = Examples.Network(accelerators);
        var pod = two.Levels[1];
        return new(new(two.Levels[0], pod, pod with { Bandwidth = pod.Bandwidth / 4 }), [8, 64, accelerators]) { Scattered = scattered };
    }

    static PlacementResult Evaluate(TrainingJob job) => PlacementSearch.Evaluate(job, ComputeRates.Of(Examples.H100, job.Precision),
        Pods(job.Accelerators, false), Pods(job.Accelerators, true), Examples.H100.Memory.Value, default);

    [Fact]
    public void Every_order_is_tried_and_the_best_is_none_slower()
    {
        var job = Examples.Job("llama-3.1-70b", 512, 512, new() { Tensor = 8, Pipeline = 4, Context = 2, Interleave = 2 });
        var result = Evaluate(job);
        Assert.Equal(4 * 3 * 2, result.Orders.Count);
        Assert.Equal(result.Orders.Count, result.Orders.Select(o => string.Join(' ', o.Order)).Distinct().Count());
        Assert.All(result.Orders, o => Assert.True(o.Step.Time >= result.Best.Step.Time));
        Assert.Contains(result.Orders, o => o.Order == result.Own.Order);
        // A tensor group across domains is the worst of all.
        Assert.Equal(ParallelDimension.Tensor, result.Best.Order[0]);
        Assert.Equal(ParallelDimension.Tensor, result.Orders[^1].Order[^1]);
        // Each order, given in a job, is what it says.
        var p = job.Parallelism with { Order = result.Best.Order, Recompute = result.Own.Step.Recompute };
        var again = StepModel.Predict(job with { Parallelism = p }, ComputeRates.Of(Examples.H100, job.Precision), Pods(512, false), Examples.H100.Memory.Value, default);
        Assert.Equal(again.Time, result.Best.Step.Time);
    }

    [Fact]
    public void Domains_at_random_are_slower_where_pods_share_less()
    {
        // Two replicas of each pipeline stage stand in one pod; at random they seldom do.
        var result = Evaluate(Examples.Job("llama-3.1-70b", 512, 512, new() { Tensor = 8, Pipeline = 4, Interleave = 1, OverlapData = false, Order = RankOrder.Megatron }));
        Assert.True(result.Scattered.Step[StepPart.DataCommunication] > result.Own.Step[StepPart.DataCommunication] * 1.05);
        Assert.Equal(result.Own.Step[StepPart.TensorCommunication], result.Scattered.Step[StepPart.TensorCommunication]);
    }

    [Fact]
    public void An_order_that_names_a_dimension_twice_is_refused()
    {
        var job = Examples.Job("llama-3.1-8b", 8, 8, new() { Order = [ParallelDimension.Data, ParallelDimension.Tensor, ParallelDimension.Data] });
        var e = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal("parallelism.order", e.Field);
        Assert.Contains("'data' is named more than once", e.Message);
    }

    [Fact]
    public void Dimensions_that_an_order_lacks_come_last()
    {
        var job = Examples.Job("llama-3.1-8b", 64, 64, new() { Tensor = 4, Pipeline = 4, Order = [ParallelDimension.Pipeline] });
        var order = new RankOrder(job);
        Assert.Equal((1, 4, 16), (order.Stride(ParallelDimension.Pipeline), order.Stride(ParallelDimension.Tensor), order.Stride(ParallelDimension.Data)));
    }
}
