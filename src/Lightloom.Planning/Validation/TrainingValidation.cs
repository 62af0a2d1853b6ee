// Training steps beside published ones.
//
//   error   predicted / published - 1, of time: where a table gives a rate, published / predicted - 1, so that "too slow" is
//           positive everywhere
//   memory  peak memory of the stage that needs most, where a row gives it
//   drift   of tables that run one model on several scales: error at the largest less error at the smallest
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>Training steps beside published ones; the tables are those of <c>data/validation/training</c>.</summary>
public sealed class TrainingValidation : IValidationKind
{
    /// <inheritdoc/>
    public string Name => "training";

    /// <inheritdoc/>
    public string Description => "time, rate and memory of training steps beside published runs";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } = [new("training steps", MeasuredStep.Columns, Steps)];

    static void Steps(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            if (row["metric"].StartsWith("time_to_train", StringComparison.OrdinalIgnoreCase))
            {
                run.Skip(row, "time to train depends on how fast the model learns");
                continue;
            }
            if (row["kind"] is "vendor-expected")
            {
                run.Skip(row, "what a vendor expects is no measurement");
                continue;
            }
            try
            {
                Step(row, run);
            }
            catch (InputException e) when (e.Mark is null)
            {
                run.Skip(row, e.Problem);
            }
        }
    }

    static void Step(CsvRow row, ValidationRun run)
    {
        var measured = MeasuredStep.Of(row, PartCatalog.Default);
        var step = measured.Predict();
        var peak = ComputeRates.Of(measured.System, row["metric"].Contains("fp8 peak", StringComparison.Ordinal) ? Precision.Fp8 : Precision.Bf16).Peak;
        var (value, quantity, unit) = MeasuredMetric.Of(row, step, peak);
        var published = row.Real("value", 1e-12, 1e15);
        // As times, so that rates and times have errors of one sign.
        var rate = quantity != "step time";
        run.Add(new()
        {
            File = row.Table.Name,
            Row = row.Number,
            Id = row["id"],
            Quantity = quantity,
            Published = published,
            Predicted = value,
            Unit = unit,
            IsRate = rate,
            Note = measured.Complete ? "" : $"open: {string.Join(", ", measured.Open)}",
            Tags = Tags(measured, quantity),
        });
    }

    static IReadOnlyList<ValidationTag> Tags(MeasuredStep measured, string quantity)
    {
        var row = measured.Row;
        return
        [
            new("configuration", measured.Complete ? "complete" : "completed by the best choice"),
            new("table", Path.GetFileNameWithoutExtension(row.Table.Name)),
            new("class", Class(measured)),
            new("gpu", measured.System.Key.TrimEnd('*')),
            new("model", row["model"]),
            new("scale", Scale(measured.Job.Accelerators)),
        ];
    }

    static string Class(MeasuredStep measured) => measured.Job.Model.Model.Experts is not null ? "mixture of experts"
        : measured.Job.Parallelism.Sharding == Sharding.Weights ? "dense, fully sharded" : "dense, Megatron-style";

    static string Scale(int gpus) => gpus <= 8 ? "1 to 8" : gpus <= 64 ? "9 to 64" : gpus <= 512 ? "65 to 512" : gpus <= 4096 ? "513 to 4,096" : "more than 4,096";
}
