using System.Diagnostics;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

public sealed class ParallelismSearchTests(ITestOutputHelper output)
{
    static SearchResult Find(TrainingJob job) => ParallelismSearch.Find(job, ComputeRates.Of(Examples.H100, job.Precision),
        Examples.Network(job.Accelerators), Examples.H100.Memory.Value, Examples.H100.Kernels.RuntimeMemory.Value);

    [Theory]
    [InlineData("llama-3.1-8b", 16, 32)]
    [InlineData("mixtral-8x7b", 64, 64)]
    [InlineData("llama-3.1-70b", 8, 8)]
    public void It_finds_what_trying_everything_finds(string model, int accelerators, int batch)
    {
        var job = Examples.Job(model, accelerators, batch, new());
        var found = Find(job);
        var all = (from t in Enumerable.Range(1, 16)
                   from p in Enumerable.Range(1, accelerators)
                   from c in new[] { 1, 2, 4, 8 }
                   from e in Enumerable.Range(1, 8)
                   from b in new[] { 1, 2, 4, 8 }
                   let candidate = job with { Parallelism = new() { Tensor = t, Pipeline = p, Context = c, Expert = e, MicroBatch = b } }
                   where c <= candidate.Sequence / 1024 && candidate.IsValid
                   select Examples.Step(candidate)).ToList();
        var capacity = Examples.H100.Memory.Value;
        var fitting = all.Where(s => s.Memory.Total <= capacity).ToList();
        output.WriteLine($"{model} on {accelerators}: {found.Best.Job.Parallelism}, {found.Tried} tried, {found.Fitting} fit");
        Assert.Equal((all.Count, fitting.Count), (found.Tried, found.Fitting));
        if (fitting.Count > 0) Assert.Equal(fitting.Min(s => s.Time), found.Best.Time);
        else Assert.Equal(all.Min(s => s.Memory.Total), found.Best.Memory.Total);
        Assert.Equal(found.Best.Job, found.Best.Job.Checked());
        var second = Assert.NotNull(found.RunnerUp);
        Assert.True(second.Job.IsValid && (fitting.Count == 0 || second.Time >= found.Best.Time));
    }

    [Fact]
    public void Llama_405B_on_16384_accelerators()
    {
        var job = Examples.Job("llama-3.1-405b", 16384, 2048, new());
        Find(job);
        var clock = Stopwatch.StartNew();
        var found = Find(job);
        output.WriteLine($"{found.Tried} tried in {clock.Elapsed.TotalMilliseconds:0.0} ms, {found.Fitting} fit; best {found.Best.Job.Parallelism}, " +
            $"{found.Best.RatePerAccelerator(FlopConvention.Model).Teraflops:0} TFLOP/s");
        Assert.True(found.Best.Job.IsValid);
        Assert.True(found.Best.Memory.Total <= Examples.H100.Memory.Value);
        Assert.InRange(found.Tried, 50, 10_000);
    }

    [Fact]
    public void What_is_not_a_degree_is_kept()
    {
        var found = Find(Examples.Job("llama-3.1-8b", 16, 32, new() { Sharding = Sharding.Weights, GradientBytes = 2, Recompute = Recomputation.Full, Tensor = 999 }));
        Assert.Equal((Sharding.Weights, 2, Recomputation.Full),
            (found.Best.Job.Parallelism.Sharding, found.Best.Job.Parallelism.GradientBytes, found.Best.Recompute));
    }

    [Fact]
    public void A_batch_that_nothing_divides_is_refused()
    {
        var e = Assert.Throws<JobException>(() => Find(Examples.Job("llama-3.1-8b", 1021, 1000, new())));
        Assert.Contains("1,021 accelerators and 1,000 sequences", e.Message, StringComparison.Ordinal);
    }
}
