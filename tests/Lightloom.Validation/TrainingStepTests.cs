using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Validation;

public sealed class TrainingStepTests(ITestOutputHelper output)
{
    static readonly Lazy<IReadOnlyList<PublishedStep>> Steps = new(() => [.. PublishedStep.Predict()]);

    [Fact]
    public void Errors_by_row_and_table()
    {
        output.WriteLine($"{"row",-30} {"published",12} {"predicted",12} {"time error",10}  microbatch, chunks, recomputation, memory");
        foreach (var s in Steps.Value)
        {
            output.WriteLine($"{s.Id,-30} {s.Published,12:0.###} {s.Predicted,12:0.###} {s.Error,10:+0.0%;-0.0%}  " +
                $"{s.Step.Job.Parallelism.MicroBatch}, {s.Step.Interleave}, {s.Step.Recompute}, {s.Step.Memory.Total.Gigabytes:0} GB");
        }
        output.WriteLine("");
        output.WriteLine($"{"table",-36} {"rows",4} {"MAPE",8} {"median",8} {"p90",8} {"bias",8}");
        foreach (var table in Steps.Value.GroupBy(s => $"{s.Table} ({s.Kernels})"))
            output.WriteLine($"{table.Key,-36} {ErrorSummary.Of(table.Select(s => s.Error))}");
        output.WriteLine($"{"all",-36} {ErrorSummary.Of(Steps.Value.Select(s => s.Error))}");
    }

    /// <summary>Margins a little above what the model does, so that a step backwards shows.</summary>
    [Theory]
    [InlineData("korthikanti2022", "ampere", 4, 0.06)]
    [InlineData("megatron2021_table1", "ampere", 5, 0.04)]
    [InlineData("megascale_nsdi24", "ampere", 8, 0.075)]
    [InlineData("megatron_core_h100_2024", "hopper", 5, 0.075)]
    [InlineData("llama3_table4", "hopper", 1, 0.10)]
    [InlineData("mlperf_training", "hopper", 5, 0.03)]
    [InlineData("mlperf_training", "blackwell", 6, 0.065)]
    public void Mean_error_of_each_table_stays_within_its_margin(string table, string kernels, int rows, double margin)
    {
        var errors = ErrorSummary.Of(Steps.Value.Where(s => s.Table == table && s.Kernels == kernels).Select(s => s.Error));
        Assert.Equal(rows, errors.Rows);
        Assert.InRange(errors.Mean, 0, margin);
    }

    [Fact]
    public void Llama_3_405B_on_8192_H100_is_within_a_tenth_of_its_430_teraflops_without_a_fit_to_it()
    {
        var step = Assert.Single(Steps.Value, s => s.Table == "llama3_table4");
        Assert.Equal(430, step.Published);
        Assert.InRange(step.Predicted, 0.9 * 430, 1.1 * 430);
    }

    [Fact]
    public void Llama_3_405B_loses_rate_on_twice_the_accelerators_with_the_same_batch()
    {
        var on8192 = Llama(8192);
        var on16384 = Llama(16384);
        output.WriteLine($"8,192: {on8192:0} TFLOP/s (430 published), 16,384: {on16384:0} TFLOP/s (400 published)");
        Assert.InRange(on16384 / on8192, 0.85, 0.999);
    }

    /// <summary>Renew data/catalog/model-accuracy.yaml with the figures that this test prints.</summary>
    [Fact]
    public void The_catalogue_states_the_accuracy_that_is_computed_here()
    {
        var stated = PartCatalog.Default.Get<ModelAccuracy>("training-step");
        var errors = ErrorSummary.Of(Steps.Value.Select(s => s.Error));
        var computed = (
            errors.Rows,
            Math.Round(errors.Median, 3),
            Math.Round(errors.NinetiethPercentile, 3),
            string.Join(", ", Steps.Value.Select(s => s.Kernels).Distinct().Order()),
            Steps.Value.Min(s => s.Step.Job.Accelerators),
            Steps.Value.Max(s => s.Step.Job.Accelerators));
        output.WriteLine($"rows: {computed.Item1}, medianError: {computed.Item2}, ninetiethPercentile: {computed.Item3}, " +
            $"kernels: [{computed.Item4}], fewestAccelerators: {computed.Item5}, mostAccelerators: {computed.Item6}");
        Assert.Equal(computed, (stated.Rows, stated.MedianError, stated.NinetiethPercentile, string.Join(", ", stated.Kernels.Order()),
            stated.FewestAccelerators, stated.MostAccelerators));
        Assert.False(stated.Experts);
    }

    static double Llama(int accelerators)
    {
        var h100 = PartCatalog.Default.Get<Accelerator>("h100-sxm-80gb");
        var protocol = PartCatalog.Default.Get<NetworkProtocol>("rocev2");
        var job = new TrainingJob
        {
            Model = new(PartCatalog.Default.Get<TransformerModel>("llama-3.1-405b")),
            Sequence = 8192,
            GlobalBatch = 2048,
            Precision = Precision.Bf16,
            Accelerators = accelerators,
            Parallelism = new() { Tensor = 8, Pipeline = 16, Sharding = Sharding.Gradients },
        }.Checked();
        var network = new StepNetwork(
            new(NetworkLevel.ScaleUp("scale-up", h100.ScaleUpBandwidth.Value, h100.Collectives),
                NetworkLevel.ScaleOut("scale-out", Bandwidth.FromGigabitsPerSecond(400), Ratio.From(PublishedStep.BalanceOf(protocol, accelerators)),
                    Duration.FromMicroseconds(3), protocol.Collectives)),
            [8, accelerators]);
        return StepModel.Predict(job, ComputeRates.Of(h100, Precision.Bf16), network, h100.Memory.Value, h100.Kernels.RuntimeMemory.Value)
            .RatePerAccelerator(FlopConvention.Model).Teraflops;
    }
}
