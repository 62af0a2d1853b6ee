using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Fitting;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>A row of a table of measured collectives, understood.</summary>
/// <param name="Row">The row.</param>
/// <param name="Cluster">What it ran on.</param>
/// <param name="Observation">What was measured.</param>
public sealed record MeasuredCollective(CsvRow Row, MeasuredCluster Cluster, CollectiveObservation Observation)
{
    /// <summary>The columns that a table has at least.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["id", "system", "gpus", "nodes", "gpu", "nic", "fabric", "collective", "algo", "size_bytes", "time_us"];

    static readonly Dictionary<string, CollectiveKind> Kinds = new(StringComparer.Ordinal)
    {
        ["all_reduce"] = CollectiveKind.AllReduce,
        ["all_gather"] = CollectiveKind.AllGather,
        ["reduce_scatter"] = CollectiveKind.ReduceScatter,
        ["alltoall"] = CollectiveKind.AllToAll,
        ["all_to_all"] = CollectiveKind.AllToAll,
        ["broadcast"] = CollectiveKind.Broadcast,
        ["reduce"] = CollectiveKind.Reduce,
        ["gather"] = CollectiveKind.Gather,
        ["scatter"] = CollectiveKind.Scatter,
        ["sendrecv"] = CollectiveKind.SendReceive,
    };

    /// <summary>Reads the rows of a table that can be understood.</summary>
    /// <param name="table">The table.</param>
    /// <param name="skip">Told of every other row, and why.</param>
    /// <exception cref="InputException">A figure is malformed; row and column are named.</exception>
    public static IEnumerable<MeasuredCollective> Read(CsvTable table, Action<CsvRow, string> skip)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(skip);
        var clusters = new Dictionary<(int, int, string, string, string, string), (MeasuredCluster Cluster, ObservedNetwork Network)>();
        foreach (var row in table.Rows)
        {
            var ranks = (int)row.Count("gpus", 1, 10_000_000);
            var nodes = (int)row.Count("nodes", 1, 10_000_000);
            var size = row.Real("size_bytes", 0, 1e18);
            if (row.NumberOrNull("time_us", 0, 1e15) is not { } time)
            {
                skip(row, "it has no time");
                continue;
            }
            if (time <= 0)
            {
                skip(row, "its time is 0");
                continue;
            }
            if (!Kinds.TryGetValue(row["collective"], out var kind))
            {
                skip(row, $"unknown collective '{row["collective"]}'");
                continue;
            }
            if (ranks < 2)
            {
                skip(row, "one GPU has nothing to communicate");
                continue;
            }
            var key = (ranks, nodes, row["gpu"], row["nic"], row["fabric"], row["system"]);
            try
            {
                if (!clusters.TryGetValue(key, out var known))
                {
                    var cluster = MeasuredCluster.Of(PartCatalog.Default, ranks, nodes, row["gpu"], row["nic"], row["fabric"]);
                    clusters[key] = known = (cluster, cluster.Observed(row["system"]));
                }
            }
            catch (InputException e) when (e.Mark is null)
            {
                skip(row, e.Problem);
                continue;
            }
            var (found, network) = clusters[key];
            yield return new(row, found, new(network, kind, DataSize.FromBytes(size), Duration.FromMicroseconds(time), Forced(row["algo"], kind, found),
                row["algo"].Contains("tuner", StringComparison.OrdinalIgnoreCase)));
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
        return algorithm is not null && algorithm.Supports(kind, cluster.Group, cluster.Levels) ? algorithm : null;
    }
}
