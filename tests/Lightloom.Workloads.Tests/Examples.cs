using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

/// <summary>Jobs, rates and networks that the tests start from.</summary>
static class Examples
{
    public static readonly DataSize Unlimited = DataSize.FromGigabytes(1e6);

    public static ModelSize Model(string key) => new(PartCatalog.Default.Get<TransformerModel>(key));

    public static Accelerator H100 => PartCatalog.Default.Get<Accelerator>("h100-sxm-80gb");

    public static TrainingJob Job(string model, int accelerators, int batch, Parallelism parallelism, int? sequence = null) => new()
    {
        Model = Model(model),
        Sequence = sequence ?? PartCatalog.Default.Get<TransformerModel>(model).Sequence,
        GlobalBatch = batch,
        Precision = Precision.Bf16,
        Parallelism = parallelism,
        Accelerators = accelerators,
    };

    /// <summary>Rates without overheads, at which time is work.</summary>
    public static ComputeRates Ideal { get; } = new()
    {
        Matmul = 1e15,
        MatmulBf16 = 1e15,
        GroupedMatmul = 1e15,
        FusedAttention = true,
        AttentionForward = 1e15,
        AttentionBackward = 1e15,
        Memory = 1e30,
        MatmulOverhead = 0,
        LaunchOverhead = 0,
        OverlapTax = 0,
        Peak = 1e15,
    };

    public static StepNetwork Network(int accelerators, double scaleOutGigabits = 400, double scaleUpFactor = 1)
    {
        var protocol = PartCatalog.Default.Get<NetworkProtocol>("infiniband");
        return new(
            new(NetworkLevel.ScaleUp("scale-up", H100.ScaleUpBandwidth.Value * scaleUpFactor, H100.Collectives),
                NetworkLevel.ScaleOut("scale-out", Bandwidth.FromGigabitsPerSecond(scaleOutGigabits), Ratio.From(1),
                    Duration.FromMicroseconds(3), protocol.Collectives)),
            [8, Math.Max(16, accelerators)]);
    }

    public static TrainingStep Step(TrainingJob job) =>
        StepModel.Predict(job, ComputeRates.Of(H100, job.Precision), Network(job.Accelerators), H100.Memory.Value, H100.Kernels.RuntimeMemory.Value);

    /// <summary>Equal to so many parts in 10¹².</summary>
    public static void Close(double expected, double actual, double relative = 1e-12) =>
        Assert.InRange(actual, expected - (Math.Abs(expected) * relative), expected + (Math.Abs(expected) * relative));
}
