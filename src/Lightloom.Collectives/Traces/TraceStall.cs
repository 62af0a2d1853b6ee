using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>Why a trace doesn't go on.</summary>
static class TraceStall
{
    const int MostNamed = 5;

    /// <summary>The message: an order that can't be kept, or who waits for whom.</summary>
    public static InputException Of(ITraceSource source, IReadOnlyList<TraceRank> ranks, bool alike)
    {
        foreach (var rank in ranks)
        {
            foreach (var node in rank.Waiting.OrderBy(n => n.Node.Id))
            {
                if (node.Begin >= 0) continue;
                foreach (var before in node.Node.After)
                    if (rank.IsAwaited(before, node)) return new($"{source.PlaceOf(rank.Id, node.Node)}: {node.Node} comes after node {before}, which its file doesn't have");
            }
            if (Circle(rank) is { } circle)
                return new($"{source.PlaceOf(rank.Id, circle[0].Node)}: nodes {string.Join(", ", circle.Take(MostNamed).Select(n => n.Node.Id))}{(circle.Count > MostNamed ? ", ..." : "")} wait for each other in a circle");
        }
        var begun = ranks.SelectMany(r => r.Waiting).Where(n => n.Begin >= 0).OrderBy(n => n.Rank.Id).ThenBy(n => n.Node.Id).ToList();
        var never = ranks.Sum(r => (long)r.Waiting.Count);
        var named = begun.Take(MostNamed).Select(n => $"{source.PlaceOf(n.Rank.Id, n.Node)}: {n.Node}");
        return new($"{never:N0} nodes never end; {begun.Count:N0} on {begun.Select(n => n.Rank.Id).Distinct().Count():N0} ranks{(alike ? ", and on all others alike," : "")} wait for what never comes: " +
            string.Join("; ", named) + (begun.Count > MostNamed ? "; ..." : ""));
    }

    static List<TraceRank.Loaded>? Circle(TraceRank rank)
    {
        // Follow what each waits for; a node that is met a second time closes a circle.
        var seen = new Dictionary<ulong, int>();
        foreach (var start in rank.Waiting.OrderBy(n => n.Node.Id))
        {
            var way = new List<TraceRank.Loaded>();
            var at = start;
            while (at is not null && at.Begin < 0 && seen.TryAdd(at.Node.Id, way.Count))
            {
                way.Add(at);
                at = at.Node.After.Select(rank.Find).FirstOrDefault(n => n is not null);
            }
            if (at is not null && at.Begin < 0 && way.IndexOf(at) is >= 0 and var from) return way[from..];
        }
        return null;
    }
}
