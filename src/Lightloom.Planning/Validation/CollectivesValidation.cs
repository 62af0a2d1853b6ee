// Collectives beside what nccl-tests and rccl-tests printed.
//
//   measured   one row per size: GPUs, nodes, hardware in words, collective, size and time. The network is that of MeasuredCluster;
//              a row that names its algorithm is predicted with it, otherwise the model chooses.
//   error      predicted / published - 1, of the time in us
//   band       what nine in ten published points of the same class and size stay within (CollectiveAccuracy)
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>Times of collectives beside published measurements; the tables are those of <c>data/validation/collectives</c>.</summary>
public sealed class CollectivesValidation : IValidationKind
{
    static readonly Dictionary<string, CollectiveKind> Kinds = new(StringComparer.Ordinal)
    {
        ["all_reduce"] = CollectiveKind.AllReduce,
        ["all_gather"] = CollectiveKind.AllGather,
        ["reduce_scatter"] = CollectiveKind.ReduceScatter,
        ["alltoall"] = CollectiveKind.AllToAll,
        ["broadcast"] = CollectiveKind.Broadcast,
        ["reduce"] = CollectiveKind.Reduce,
        ["sendrecv"] = CollectiveKind.SendReceive,
    };

    /// <inheritdoc/>
    public string Name => "collectives";

    /// <inheritdoc/>
    public string Description => "times of collectives beside published runs of nccl-tests and rccl-tests";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("measured", ["id", "system", "gpus", "nodes", "gpu", "nic", "fabric", "collective", "algo", "size_bytes", "time_us"], Measured),
        .. ExpertTables.All,
    ];

    static void Measured(CsvTable table, ValidationRun run)
    {
        var catalog = PartCatalog.Default;
        foreach (var row in table.Rows)
        {
            var ranks = (int)row.Count("gpus", 1, 10_000_000);
            var nodes = (int)row.Count("nodes", 1, 10_000_000);
            var size = row.Real("size_bytes", 0, 1e18);
            if (row.NumberOrNull("time_us", 0, 1e15) is not { } time)
            {
                run.Skip(row, "it has no time");
                continue;
            }
            if (!Kinds.TryGetValue(row["collective"], out var kind))
            {
                run.Skip(row, $"unknown collective '{row["collective"]}'");
                continue;
            }
            try
            {
                var cluster = MeasuredCluster.Of(catalog, ranks, nodes, row["gpu"], row["nic"], row["fabric"]);
                var bytes = DataSize.FromBytes(size);
                var answer = CollectiveModel.Default.Time(kind, bytes, cluster.Group, cluster.Levels, Forced(row["algo"], kind, cluster));
                var band = CollectiveAccuracy.Of(cluster.Levels.Count > 1, bytes);
                var predicted = answer.Total.Microseconds;
                run.Add(new()
                {
                    File = table.Name,
                    Row = row.Number,
                    Id = row["id"],
                    Quantity = "time",
                    Published = time,
                    Predicted = predicted,
                    Unit = "us",
                    Low = predicted * band.Low,
                    High = predicted * band.High,
                    Note = cluster.Note,
                    Tags = [new("band", band.Name), new("table", row["id"]), new("system", row["system"]), new("mechanism", cluster.Mechanism)],
                });
            }
            catch (InputException e) when (e.Mark is null)
            {
                run.Skip(row, e.Problem);
            }
        }
    }

    /// <summary>The algorithm that a row names and that can do it; null lets the model choose.</summary>
    static CollectiveAlgorithm? Forced(string name, CollectiveKind kind, MeasuredCluster cluster)
    {
        var algorithm = name.ToUpperInvariant() switch
        {
            "RING" => CollectiveAlgorithm.Ring,
            "TREE" => CollectiveAlgorithm.Tree,
            "NVLS" => CollectiveAlgorithm.InSwitch,
            "NVLSTREE" => CollectiveAlgorithm.InSwitchTree,
            _ => null,
        };
        return algorithm is not null && cluster.Group.Ranks > 1 && algorithm.Supports(kind, cluster.Group, cluster.Levels) ? algorithm : null;
    }
}
