using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Logs;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>A table of <c>data/validation/collectives/measured.csv</c> as a log of the system that its own words describe.</summary>
sealed record PublishedTable(string Id, MeasuredLog Log, DescribedCluster Cluster)
{
    static readonly Dictionary<string, (CollectiveKind Kind, int Rounds)> Kinds = new()
    {
        ["all_reduce"] = (CollectiveKind.AllReduce, 2),
        ["all_gather"] = (CollectiveKind.AllGather, 1),
        ["reduce_scatter"] = (CollectiveKind.ReduceScatter, 1),
        ["alltoall"] = (CollectiveKind.AllToAll, 1),
        ["broadcast"] = (CollectiveKind.Broadcast, 0),
        ["sendrecv"] = (CollectiveKind.SendReceive, 0),
    };

    public static IReadOnlyList<PublishedTable> All { get; } = [.. Read()];

    static IEnumerable<PublishedTable> Read()
    {
        var table = CsvTable.ReadFile(Path.Combine(Designs.Root, "data", "validation", "collectives", "measured.csv"));
        foreach (var group in table.Rows.GroupBy(r => r["id"]))
        {
            var first = group.First();
            var rows = group.Where(r => r.NumberOrNull("time_us", 0, 1e15) is > 0)
                .Select(r => new MeasuredRow(r.Number, DataSize.FromBytes(r.Real("size_bytes", 0, 1e18)), Duration.FromMicroseconds(r.Real("time_us", 0, 1e15)), null))
                .DistinctBy(r => r.Size.Bytes).OrderBy(r => r.Size.Bytes).ToList();
            if (rows.Count == 0) continue;
            var (kind, rounds) = Kinds[first["collective"]];
            var ranks = (int)first.Count("gpus", 1, 10_000_000);
            var nodes = (int)first.Count("nodes", 1, 10_000_000);
            var words = MeasuredCluster.Of(PartCatalog.Default, ranks, nodes, first["gpu"], first["nic"], first["fabric"]);
            var run = new MeasuredRun(rows[0].Line, first["collective"], kind, ranks, rounds == 0 ? 1 : rounds * (ranks - 1.0) / ranks, rows);
            var cards = (int)Math.Max(1, Math.Round(words.Group.Within(0)));
            yield return new(group.Key, new(group.Key, [run], LogFacts.None, []), new(group.Key, words.Levels, words.Group, cards, null));
        }
    }
}
