// Training steps beside published ones.
//
//   error   predicted / published - 1, of the row's own figure; in a bias the errors of rates count the other way round, so that "too
//           slow" is positive everywhere
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
            if (MeasuredMetric.Unpredicted(row) is { } reason)
            {
                run.Skip(row, reason);
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

    // Gibibytes of the second metric, where it is a memory.
    static void Memory(MeasuredStep measured, in TrainingStep step, ValidationRun run)
    {
        var row = measured.Row;
        if (!row["metric2"].StartsWith("peak_", StringComparison.OrdinalIgnoreCase) || row.NumberOrNull("value2", 1e-6, 1e9) is not { } published) return;
        if (row["unit2"] is not ("GiB" or "GB")) throw row.Wrong("unit2", $"expected GiB or GB, found '{row["unit2"]}'");
        var stages = TrainingMemory.Stages(step, measured.System.Kernels.FusedAttention);
        var predicted = TrainingMemory.Measured(stages, MeasuredSoftware.Of(row, measured.Job.Precision).MeasureOf(row), measured.System.Memory.High);
        run.Add(new()
        {
            File = row.Table.Name,
            Row = row.Number,
            Id = row["id"],
            Quantity = "memory",
            Published = published,
            Predicted = row["unit2"] == "GiB" ? predicted.Gibibytes : predicted.Gigabytes,
            Unit = row["unit2"],
            Note = measured.Complete ? "" : $"open: {string.Join(", ", measured.Open)}",
            Tags = [new("memory", Path.GetFileNameWithoutExtension(row.Table.Name)), new("memory", "all")],
        });
    }

    static void Step(CsvRow row, ValidationRun run)
    {
        var measured = MeasuredStep.Of(row, PartCatalog.Default);
        var step = measured.Predict();
        var (value, quantity, unit) = MeasuredMetric.Of(row, step, measured.System);
        var published = row.Real("value", 1e-12, 1e15);
        run.Add(new()
        {
            File = row.Table.Name,
            Row = row.Number,
            Id = row["id"],
            Quantity = quantity,
            Published = published,
            Predicted = value,
            Unit = unit,
            IsRate = quantity != MeasuredMetric.StepTime,
            Series = (string.Join(", ", new[] { row["model"], row["gpu_type"], row["precision"], row["overlap"], row["fabric"] }.Where(t => t.Length > 0)), measured.Job.Accelerators),
            Note = measured.Complete ? "" : $"open: {string.Join(", ", measured.Open)}",
            Tags = Tags(measured),
        });
        Memory(measured, step, run);
    }

    static IReadOnlyList<ValidationTag> Tags(MeasuredStep measured)
    {
        var row = measured.Row;
        return
        [
            new("configuration", measured.Complete ? "complete" : "completed by the best choice"),
            new("table", Path.GetFileNameWithoutExtension(row.Table.Name)),
            new("class", measured.Complete ? TrainingAccuracy.ClassOf(measured) : "configuration incomplete"),
            new("gpu", measured.System.Key.TrimEnd('*')),
            new("model", row["model"]),
            new("scale", TrainingAccuracy.ScaleOf(measured.Job.Accelerators)),
        ];
    }
}
