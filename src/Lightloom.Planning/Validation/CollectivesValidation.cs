// Collectives beside what nccl-tests and rccl-tests printed.
//
//   measured   one row per size: GPUs, nodes, hardware in words, collective, size and time. The network is that of MeasuredCluster;
//              a row that names its algorithm is predicted with it, otherwise the model chooses.
//   error      predicted / published - 1, of the time in us
//   band       what nine in ten published points of systems that the fit didn't see stay within (CollectiveAccuracy)
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;

namespace Lightloom.Planning.Validation;

/// <summary>Times of collectives beside published measurements; the tables are those of <c>data/validation/collectives</c>.</summary>
public sealed class CollectivesValidation : IValidationKind
{
    /// <inheritdoc/>
    public string Name => "collectives";

    /// <inheritdoc/>
    public string Description => "times of collectives beside published runs of nccl-tests and rccl-tests";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } = [new("measured", MeasuredCollective.Columns, Measured), .. ExpertTables.All];

    static void Measured(CsvTable table, ValidationRun run)
    {
        foreach (var (row, cluster, observation) in MeasuredCollective.Read(table, run.Skip))
        {
            var size = observation.Size;
            var answer = CollectiveModel.Default.Time(observation.Kind, size, cluster.Group, cluster.Levels, observation.Algorithm);
            var band = CollectiveAccuracy.Of(cluster.Fabric is not null, size);
            var predicted = answer.Total.Microseconds;
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = row["id"],
                Quantity = "time",
                Published = observation.Time.Microseconds,
                Predicted = predicted,
                Unit = "us",
                Low = predicted * band.Low,
                High = predicted * band.High,
                Note = cluster.Note,
                Tags = [new("band", band.Name), new("table", row["id"]), new("system", row["system"]), new("mechanism", cluster.Mechanism)],
            });
        }
    }
}
