using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>Logs of clusters with a fault that the test knows.</summary>
static class SyntheticLog
{
    public static DescribedCluster Cluster(string system, int domains, int? ranks = null, string fabric = "infiniband", int? perProcess = null)
    {
        var part = PartCatalog.Default.Get<AcceleratorSystem>(system);
        return DescribedCluster.Of(part, PartCatalog.Default.Get<CollectiveParameters>(fabric), domains, ranks ?? domains * part.Accelerators.Value, perProcess);
    }

    /// <summary>What the model expects of a cluster, changed row by row.</summary>
    public static MeasuredRun Run(DescribedCluster cluster, CollectiveKind kind, NetworkChange change, Func<double, double, double>? time = null, int from = 3, int to = 34)
    {
        var ranks = cluster.Group.Ranks;
        var (name, factor) = kind switch
        {
            CollectiveKind.AllReduce => ("all_reduce", 2 * (ranks - 1.0) / ranks),
            CollectiveKind.AllToAll => ("alltoall", (ranks - 1.0) / ranks),
            CollectiveKind.AllGather => ("all_gather", (ranks - 1.0) / ranks),
            _ => ("sendrecv", 1),
        };
        var rows = Enumerable.Range(from, to - from + 1).Select(k =>
        {
            var size = DataSize.FromBytes(1L << k);
            var expected = cluster.Expect(kind, size, change).Seconds;
            return new MeasuredRow(k, size, Duration.FromSeconds(time is null ? expected : time(size.Bytes, expected)), null);
        });
        return new(1, name, kind, ranks, factor, [.. rows]);
    }

    public static MeasuredLog Log(LogFacts? facts, params MeasuredRun[] runs) => new("a.log", runs, facts ?? LogFacts.None, []);
}
