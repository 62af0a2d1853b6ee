using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>What a row of a table of training steps measured, and the same of a predicted step.</summary>
static class MeasuredMetric
{
    /// <summary>The quantity of rows that measured a time; all others measured a rate.</summary>
    public const string StepTime = "step time";

    /// <summary>Why a row has no figure that a step could be held against; null where it has.</summary>
    public static string? Unpredicted(CsvRow row) =>
        row["metric"].StartsWith("time_to_train", StringComparison.OrdinalIgnoreCase) ? "time to train depends on how fast the model learns"
        : row["kind"] is "vendor-expected" ? "what a vendor expects is no measurement"
        : null;

    /// <summary>
    /// The data-sheet peak that the row's utilisation is counted on, in FLOP/s: that of what its matrices were computed in, unless the metric names another ("MFU (fp8 peak)").
    /// </summary>
    static double PeakOf(CsvRow row, Accelerator system, Precision precision)
    {
        bool Names(string peak) => row["metric"].Contains(peak, StringComparison.OrdinalIgnoreCase);
        return ComputeRates.Of(system, Names("bf16 peak") ? Precision.Bf16 : Names("fp8 peak") ? Precision.Fp8 : precision).Peak;
    }

    /// <summary>The row's own figure for a predicted step, with its name and unit.</summary>
    /// <param name="row">The row.</param>
    /// <param name="step">The step.</param>
    /// <param name="system">What it runs on, whose peak a utilisation is counted on.</param>
    /// <exception cref="InputException">The metric or its unit isn't known.</exception>
    public static (double Value, string Quantity, string Unit) Of(CsvRow row, in TrainingStep step, Accelerator system)
    {
        var (metric, unit) = (row["metric"], row["unit"]);
        var job = step.Job;
        double perAccelerator = step.TokensPerSecond / job.Accelerators;
        bool Is(string name) => metric.StartsWith(name, StringComparison.OrdinalIgnoreCase);
        if (Is("iteration_time") || Is("step_time") || Is("median_train_step_time"))
            return (step.Time.Seconds * (unit == "ms" ? 1000 : unit == "s" ? 1 : throw Unknown(row, "unit", "s or ms")), StepTime, unit);
        if (Is("tokens_per_s_per_gpu")) return (perAccelerator, "tokens/s per GPU", "tok/s");
        if (Is("tokens_per_s_total")) return (step.TokensPerSecond, "tokens/s", "tok/s");
        if (Is("samples_per_s")) return (step.TokensPerSecond / job.Sequence, "sequences/s", "seq/s");
        if (Is("hw_tflops")) return (perAccelerator * Hardware(step) / 1e12, "TFLOP/s per GPU", "TFLOP/s");
        if (Is("model_tflops"))
            return (perAccelerator * (FlopFormulas.ClosedFormsApply(job.Model) ? FlopFormulas.Korthikanti2022(job.Model, job.Sequence) : FlopFormulas.MegatronLm(job.Model, job.Sequence)).Flop / 1e12,
                "TFLOP/s per GPU", "TFLOP/s");
        if (Is("tflops_per_gpu") || Is("tflops_per_chip")) return (perAccelerator * Needed(step) / 1e12, "TFLOP/s per GPU", "TFLOP/s");
        if (Is("MFU")) return (100 * perAccelerator * Needed(step) / PeakOf(row, system, job.Precision), "utilisation", "%");
        throw new InputException($"the metric '{metric}' is none that the models predict");
    }

    static double Needed(in TrainingStep step) => step.Job.Model.PerToken(step.Job.Sequence, FlopConvention.Model).Flop;

    // Narayanan et al. 2021, equation 3, counts the forward pass again for every model that they trained.
    static double Hardware(in TrainingStep step) => FlopFormulas.Megatron2021Hardware(step.Job.Model, step.Job.Sequence).Flop;

    static InputException Unknown(CsvRow row, string column, string expected) => row.Wrong(column, $"expected {expected}, found '{row[column]}'");
}
