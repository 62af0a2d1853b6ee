using BenchmarkDotNet.Attributes;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Benchmarks;

/// <summary>One collective and one training step on the network of 24,576 accelerators.</summary>
[MemoryDiagnoser]
public class StepBenchmarks
{
    TrainingJob job;
    StepNetwork network = null!;
    ComputeRates rates;
    DataSize capacity, runtime;
    GroupPlacement group;

    [GlobalSetup]
    public void Setup()
    {
        var operation = new Evaluator().Evaluate(DesignDocument.Load(Designs.TwentyFourThousand)).Operation!;
        var accelerator = operation.System.Accelerator;
        job = operation.Job;
        network = operation.Network(new());
        rates = ComputeRates.Of(accelerator, job.Precision);
        capacity = accelerator.Memory.Value;
        runtime = accelerator.Kernels.RuntimeMemory.Value;
        group = GroupPlacement.Strided(128, 128, network.Spans);
    }

    [Benchmark]
    public CollectiveTime AllReduce() =>
        CollectiveModel.Default.Time(CollectiveKind.AllReduce, DataSize.FromBytes(256e6), group, network.Levels);

    [Benchmark]
    public TrainingStep Predict() => StepModel.Predict(job, rates, network, capacity, runtime);
}
