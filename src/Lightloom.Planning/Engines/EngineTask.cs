// What network engines take: one collective that groups of ranks do at once, as a schedule with its members.
//
//   schedule    of one group, its ranks 0 .. n - 1; level 0 its scale-up domain
//   groups      the ranks of the fabric that these are, group by group; a rank belongs to at most one
//   rates       of scale-up links and of cards and fabric, over their line rates: what a mechanism sustains of them
using System.Numerics;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Planning.Engines;

/// <summary>A collective that groups of ranks do at once.</summary>
public sealed record EngineTask
{
    const long MostSends = 2_000_000; // of one that is cut into pieces: about 1 KB each in packets

    /// <summary>What is done.</summary>
    public required CollectiveKind Kind { get; init; }

    /// <summary>How.</summary>
    public required CollectiveAlgorithm Algorithm { get; init; }

    /// <summary>Its size, in the convention of its kind.</summary>
    public required DataSize Size { get; init; }

    /// <summary>Sends of one group.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Members of each group, by the rank that they have in the schedule.</summary>
    public required IReadOnlyList<int[]> Groups { get; init; }

    /// <summary>Where all ranks of the fabric stand that take part, members or not.</summary>
    public required RankPlaces Places { get; init; }

    /// <summary>What is sustained of the line rates of cards and fabric.</summary>
    public double Outside { get; init; } = 1;

    /// <summary>Whether every group has as many ranks in each scale-up domain that it reaches, and all groups alike.</summary>
    public bool IsEven { get; init; } = true;

    /// <summary>Whether switches inside domains reduce.</summary>
    public bool DomainsReduce { get; init; }

    /// <summary>Sends of all groups.</summary>
    public long SendCount => checked(Schedule.SendCount * Groups.Count);

    /// <summary>The same in the first group alone.</summary>
    public EngineTask Alone => Groups.Count == 1 ? this : this with { Groups = [Groups[0]] };

    /// <summary>Whether switches reduce or copy outside of scale-up domains.</summary>
    public bool FabricReduces => Schedule.Tiers.Any(t => t.Level > 0);

    /// <summary>The same with another size.</summary>
    public EngineTask Of(DataSize size) => Of(size, 1);

    /// <summary>
    /// The same with its data cut into pieces that follow one another through all steps, such that a block of one is no larger than a size; but into fewer where these would be more than two
    /// million sends.
    /// </summary>
    public EngineTask InPieces(DataSize largest) =>
        Of(Size, Schedule.Pieces * (int)Math.Max(1, Math.Min(Math.Ceiling(Schedule.BlockSize / largest), MostSends / SendCount)));

    EngineTask Of(DataSize size, int pieces) => this with
    {
        Size = size,
        Schedule = Algorithm.Schedule(Kind, size, Placement, Shape(Schedule.Layout.Ranks, Schedule.Layout.DomainRanks, DomainsReduce, Algorithm.ReducesInNetwork).Levels, pieces),
    };

    /// <summary>A collective among groups of a fabric's accelerators.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="algorithm">How.</param>
    /// <param name="size">Its size.</param>
    /// <param name="groups">
    /// The ranks of each group, ascending. Where they aren't as many in every scale-up domain that a group reaches, so many of them count as a domain as
    /// all these numbers are multiples of: as many channels as the smallest part has cards for.
    /// </param>
    /// <param name="domainsReduce">Whether the switches inside domains reduce; as the system's do unless given. Those of the fabric do where the algorithm counts on it.</param>
    /// <exception cref="InputException">The algorithm can't do it, or groups have different numbers of ranks.</exception>
    public static EngineTask Of(FabricGraph graph, CollectiveKind kind, CollectiveAlgorithm algorithm, DataSize size, IReadOnlyList<int[]> groups, bool? domainsReduce = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(groups);
        var places = RankPlaces.Of(graph, groups.Max(g => g.Max()) + 1);
        var n = groups[0].Length;
        var (each, even) = RanksPerDomain(groups, places);
        var reduce = algorithm.ReducesInNetwork && (domainsReduce ?? graph.Plan.Request.System.InNetworkReduction);
        var (placement, levels) = Shape(n, each, reduce, algorithm.ReducesInNetwork);
        if (!algorithm.Supports(kind, placement, levels)) throw new InputException($"{algorithm.Name} can't do {kind} for {n:N0} ranks in systems of {each:N0}");
        return new()
        {
            Kind = kind,
            Algorithm = algorithm,
            Size = size,
            Schedule = algorithm.Schedule(kind, size, placement, levels),
            Groups = groups,
            Places = places,
            IsEven = even,
            DomainsReduce = reduce,
        };
    }

    /// <summary>A collective among the first ranks of a fabric.</summary>
    /// <exception cref="InputException">The algorithm can't do it, or ranks don't fill their systems.</exception>
    public static EngineTask Of(FabricGraph graph, CollectiveKind kind, CollectiveAlgorithm algorithm, DataSize size, int ranks)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var each = Math.Min(ranks, graph.Plan.Request.System.Accelerators.Value);
        return ranks < 2 || ranks % each != 0
            ? throw new InputException($"expected 2 ranks or more that fill systems of {each:N0}, found {ranks:N0}")
            : Of(graph, kind, algorithm, size, [[.. Enumerable.Range(0, ranks)]]);
    }

    /// <summary>Where the ranks of one group sit, in domains and as a whole.</summary>
    public GroupPlacement Placement => Schedule.Layout.LevelCount == 1 ? GroupPlacement.Of(Schedule.Layout.Ranks) : GroupPlacement.Of(Schedule.Layout.DomainRanks, Schedule.Layout.Ranks);

    // Schedules ask levels for no more than whether their switches reduce.
    static (GroupPlacement Group, NetworkLevels Levels) Shape(int ranks, int each, bool domainsReduce, bool fabricReduces)
    {
        var plain = new NetworkLevel("", Bandwidth.FromGigabitsPerSecond(1), Duration.Zero);
        NetworkLevel Level(bool reduces) => reduces ? plain with { InNetworkBandwidth = plain.Bandwidth } : plain;
        return ranks == each ? (GroupPlacement.Of(ranks), new(Level(domainsReduce))) : (GroupPlacement.Of(each, ranks), new(Level(domainsReduce), Level(fabricReduces)));
    }

    // As many in every domain that a group reaches; where they are not, what all these numbers are multiples of.
    internal static (int Each, bool IsEven) RanksPerDomain(IReadOnlyList<int[]> groups, RankPlaces places)
    {
        var (each, even) = (0, true);
        foreach (var group in groups)
        {
            if (group.Length != groups[0].Length) throw new InputException($"expected groups of as many ranks each, found {groups[0].Length:N0} and {group.Length:N0}");
            for (int i = 0, from = 0; i < group.Length; i++)
            {
                if (i + 1 < group.Length && places.Domain[group[i + 1]] == places.Domain[group[i]]) continue;
                var run = i + 1 - from;
                from = i + 1;
                even &= each == 0 || run == each;
                each = each == 0 ? run : (int)BigInteger.GreatestCommonDivisor(each, run);
            }
        }
        return (each, even);
    }
}
