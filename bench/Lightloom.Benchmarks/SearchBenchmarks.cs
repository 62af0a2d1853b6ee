using BenchmarkDotNet.Attributes;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Benchmarks;

/// <summary>The search of the parallelism of Llama 3.1 405B on 16,384 H100: one configuration, and the whole space on one core and on all.</summary>
[MemoryDiagnoser]
public class SearchBenchmarks
{
    TrainingJob job;
    StepNetwork network = null!;
    ComputeRates rates;
    DataSize capacity, runtime;
    PreparedBlocks blocks;
    PreparedPipeline pipeline;
    StageDeal deal;

    [GlobalSetup]
    public void Setup()
    {
        var operation = new Evaluator().Evaluate(DesignDocument.Load(Designs.TwentyFourThousand)).Operation!;
        var accelerator = operation.System.Accelerator;
        job = operation.Job;
        network = operation.Network(new());
        rates = ComputeRates.Of(accelerator, job.Precision);
        capacity = operation.Capacity;
        runtime = accelerator.Kernels.RuntimeMemory.Value;
        blocks = PreparedBlocks.Of(job, rates, network);
        deal = new(job, 8);
        pipeline = PreparedPipeline.Of(job, blocks, network, deal);
    }

    /// <summary>A leaf of the search: time and memory from what is prepared.</summary>
    [Benchmark]
    public double Configuration() =>
        StepModel.Assemble(job, blocks, pipeline, deal, rates, 8, Recomputation.Selective).Seconds +
        StepModel.MemoryOf(job, blocks, deal, runtime, 8, Recomputation.Selective).Total.Bytes;

    /// <summary>What the leaves of a node share.</summary>
    [Benchmark]
    public double Blocks() => PreparedBlocks.Of(job, rates, network).Model(job);

    /// <summary>What the leaves of a pipeline share.</summary>
    [Benchmark]
    public double Pipeline() => PreparedPipeline.Of(job, blocks, network, deal).Send;

    /// <summary>Every configuration of the space, predicted without leaving any out.</summary>
    [Benchmark]
    public long Everything() => Find(new() { Prune = false, Schedules = false, FrontierWithin = 2, Threads = 1 });

    /// <summary>The space with bounds.</summary>
    [Benchmark]
    public long Pruned() => Find(new() { Schedules = false, FrontierWithin = 2, Threads = 1 });

    /// <summary>As the command searches it: bounds, all cores, ten played out in every schedule.</summary>
    [Benchmark]
    public long Command() => Find(new() { Top = 10, FrontierWithin = 2 });

    long Find(SearchOptions options) =>
        ParallelismSearch.Find(
            job with { Parallelism = job.Parallelism with { Interleave = null, Recompute = null } }, SearchSpace.Everything, options, rates, network, capacity, runtime)!.Counts.Valid;
}
