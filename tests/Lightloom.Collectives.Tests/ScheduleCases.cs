using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>Every algorithm with every collective that it can do, over many layouts.</summary>
static class ScheduleCases
{
    static readonly CollectiveKind[] Kinds = Enum.GetValues<CollectiveKind>();

    /// <summary>Ranks per unit of three levels: every way to fill domains and leaves evenly.</summary>
    public static IEnumerable<int[]> Layouts(params IEnumerable<int> ranks) =>
        from n in ranks
        from inside in Divisors(n)
        from leaf in Divisors(n)
        where leaf % inside == 0
        select new[] { inside, leaf, n };

    public static IEnumerable<int> Divisors(int n) => Enumerable.Range(1, n).Where(d => n % d == 0);

    /// <summary>What an algorithm can do for a layout, on a network whose switches reduce or don't.</summary>
    public static IEnumerable<(CollectiveKind Kind, NetworkLevels Network)> Of(CollectiveAlgorithm algorithm, int[] layout)
    {
        var group = GroupPlacement.Of(layout);
        foreach (var (switches, sharp) in new[] { (false, false), (true, false), (true, true), (false, true) })
        {
            // The schedules of other algorithms don't depend on what switches can do.
            if (!algorithm.ReducesInNetwork && (switches || sharp)) continue;
            var network = AlgorithmTests.Network(switches: switches, sharp: sharp);
            foreach (var kind in Kinds)
                if (group.Ranks > 1 && algorithm.Supports(kind, group, network)) yield return (kind, network);
        }
    }

    public static CollectiveAlgorithm Named(string name) => CollectiveAlgorithm.All.Single(a => a.Name == name);

    public static TheoryData<string> Names => [.. CollectiveAlgorithm.All.Select(a => a.Name)];

    /// <summary>The unit of a level in which a vertex stands, or -1 for a switch that stands outside.</summary>
    public static int Unit(Schedule schedule, int vertex, int level)
    {
        if (vertex < schedule.Layout.Ranks) return vertex / schedule.Layout.UnitRanks(level);
        var tier = schedule.Tiers.Single(t => vertex >= t.First && vertex < t.End);
        return level < tier.Level ? -1 : (vertex - tier.First) / tier.Width * tier.UnitRanks / schedule.Layout.UnitRanks(level);
    }
}
