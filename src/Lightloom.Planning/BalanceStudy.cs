// Ways of spreading traffic side by side, on one stage of links or on the levels of a design, and what they mean for each collective.
//
//   a_l        of what a collective sends out of the systems, the share that crosses level l (TrafficLocality)
//   all-to-all  all cards send across, a_l of their rate: the stage's load is rho a_l, its flows those of all cards
//   rings and trees   a_l of the cards send across, at their rate: load rho a_l, and only a_l of the flows
//   B / card   (1 - o) / E[max(1, max over stages of rho a_l x)], x the fullest link over the mean (FabricBalance.cs)
//
// Example: 32 cards and 32 uplinks, one leaf's system has 8 cards, 4 flows each: a ring puts 32 flows on 32 links; where 3 meet, 3/4 of a
//   card's rate do, and nobody waits; where 5 do, a card waits for 5/4.
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>What one way of spreading leaves on one level.</summary>
/// <param name="Policy">The way.</param>
/// <param name="Level">The level.</param>
/// <param name="FlowsPerLink">Flows for each link of the level's first stage, for what hashes them.</param>
/// <param name="Whole">With every link up.</param>
/// <param name="Damaged">With the links down that were asked for, of what whole links give; null where none are.</param>
/// <param name="Card">What a card gets across the level over what it can send, links down counted.</param>
public sealed record BalanceEntry(LoadBalancing Policy, string Level, double FlowsPerLink, BalanceShare Whole, BalanceShare? Damaged, double Card);

/// <summary>What one collective sends across the levels.</summary>
/// <param name="Collective">What is done.</param>
/// <param name="Algorithm">How.</param>
/// <param name="Crossing">Of what leaves the systems, the share that crosses each level of the study.</param>
/// <param name="Cards">By policy, in the order of the study: bandwidth of a card over its own.</param>
public sealed record BalancedCollective(CollectiveKind Collective, CollectiveAlgorithm Algorithm, IReadOnlyList<double> Crossing, IReadOnlyList<double> Cards);

/// <summary>Ways of spreading traffic side by side.</summary>
public sealed class BalanceStudy
{
    static readonly (CollectiveKind Kind, CollectiveAlgorithm Algorithm)[] Shown =
    [
        (CollectiveKind.AllReduce, CollectiveAlgorithm.Ring),
        (CollectiveKind.AllReduce, CollectiveAlgorithm.Tree),
        (CollectiveKind.AllGather, CollectiveAlgorithm.Ring),
        (CollectiveKind.AllToAll, CollectiveAlgorithm.Direct),
    ];

    BalanceStudy(
        IReadOnlyList<LoadBalancing> policies, IReadOnlyList<string> levels, IReadOnlyList<LinkStage> stages, IReadOnlyList<BalanceEntry> entries,
        IReadOnlyList<BalancedCollective> collectives) =>
        (Policies, Levels, Stages, Entries, Collectives) = (policies, levels, stages, entries, collectives);

    /// <summary>Whether it is a design's fabric: shares are then of what its cards sustain, which oversubscribed links may not hold back.</summary>
    public bool OfDesign { get; private init; }

    /// <summary>The ways, in the order of the catalogue.</summary>
    public IReadOnlyList<LoadBalancing> Policies { get; }

    /// <summary>The levels that traffic is spread on; none where all of it meets on one switch.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>The stages of the outermost level.</summary>
    public IReadOnlyList<LinkStage> Stages { get; }

    /// <summary>Every way on every level.</summary>
    public IReadOnlyList<BalanceEntry> Entries { get; }

    /// <summary>What it means for collectives over the whole cluster.</summary>
    public IReadOnlyList<BalancedCollective> Collectives { get; }

    /// <summary>The ways of the catalogue, best known first to last; those that tell flows apart with other flows where given.</summary>
    public static IReadOnlyList<LoadBalancing> PoliciesOf(PartCatalog catalog, int? queuePairs = null, int? connections = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return [.. catalog.Keys<LoadBalancing>().Select(catalog.Get<LoadBalancing>).OrderBy(p => p.Mechanism).ThenBy(p => p.QueuePairs.Value).Select(With)];

        LoadBalancing With(LoadBalancing policy)
        {
            if (policy.Mechanism is BalancingMechanism.RouteAdaptively or BalancingMechanism.SprayPackets) return policy;
            if (queuePairs is { } q) policy = policy with { QueuePairs = Sourced<int>.Of(q, "--queue-pairs", Grade.Assumption) };
            return connections is { } c ? policy with { Connections = Sourced<int>.Of(c, "--connections", Grade.Assumption) } : policy;
        }
    }

    /// <summary>Studies leaves that are all alike, with one card for each system.</summary>
    /// <param name="stage">Their uplinks.</param>
    /// <param name="policies">The ways.</param>
    /// <exception cref="ArgumentException">The stage can't be.</exception>
    public static BalanceStudy Of(LinkStage stage, IReadOnlyList<LoadBalancing> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        stage.Checked();
        var damage = stage.FailedAtOne > 0 || stage.FailedShare > 0;
        var even = 1 / Math.Max(1, stage.Load);
        var entries = policies.Select(p =>
        {
            var whole = new FabricBalance(p, stage with { FailedAtOne = 0, FailedShare = 0 }).Share;
            BalanceShare? damaged = damage ? new FabricBalance(p, stage).Share : null;
            return new BalanceEntry(p, stage.Name, FabricBalance.FlowsOf(p, stage) / (double)stage.Links, whole, damaged, even * (damaged ?? whole).Expected);
        }).ToList();
        var leaf = Math.Max(1, (int)Math.Round(stage.Senders));
        var group = GroupPlacement.Of(1, leaf, (int)Math.Min(int.MaxValue / 2, leaf * Math.Max(2.0, stage.Switches)));
        return new(policies, [stage.Name], [stage], entries, CollectivesOf(group, [2], policies, [stage], 1, 1));
    }

    /// <summary>Studies the fabric of a design, with what is down in it.</summary>
    /// <param name="build">The design as it would stand.</param>
    /// <param name="policies">The ways.</param>
    public static BalanceStudy Of(ClusterBuild build, IReadOnlyList<LoadBalancing> policies)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(policies);
        var plan = build.Plan;
        var failed = build.Document.Design.Fabric.Failed;
        var used = Math.Min(1, (build.Document.Design.Job?.Accelerators ?? plan.AcceleratorCount) / (double)plan.AcceleratorCount);
        int[] levels = [.. Enumerable.Range(0, plan.Locality.Count).Where(l => build.Balance.Levels[l].Stages.Count > 0)];
        string[] names = [.. levels.Select(l => plan.Locality[l].Name)];
        var entries = new List<BalanceEntry>();
        foreach (var policy in policies)
        {
            var protocol = build.Protocol with { LoadBalancing = policy };
            var whole = ClusterBalance.Of(plan, protocol, used);
            var damaged = failed == new FailedSection() ? null : ClusterBalance.Of(plan, protocol, used, failed);
            foreach (var level in levels)
            {
                var stage = whole.Levels[level].Stages[0];
                var (even, balanced) = (damaged ?? whole).Across(level, new())!.Value;
                entries.Add(new(policy, plan.Locality[level].Name, FabricBalance.FlowsOf(policy, stage) / (double)stage.Links, whole.Share(level), damaged?.Share(level), even * balanced));
            }
        }
        int[] spans = [.. plan.Locality.Select(l => (int)Math.Min(int.MaxValue, l.Accelerators))];
        var group = GroupPlacement.Strided((int)Math.Min(int.MaxValue, plan.AcceleratorCount), 1, spans);
        return new(policies, names, levels.Length == 0 ? [] : build.Balance.Levels[levels[^1]].Stages, entries,
            CollectivesOf(group, levels, policies, StagesOf(build.Balance, levels), FabricBalance.OfferedBy(build.Protocol), build.Balance.CardShare))
        {
            OfDesign = true,
        };
    }

    /// <summary>For each level the stage that it adds to the one below.</summary>
    static List<LinkStage> StagesOf(ClusterBalance balance, int[] levels) => [.. levels.Select(l => balance.Levels[l].Stages[^1])];

    static List<BalancedCollective> CollectivesOf(
        GroupPlacement group, int[] levels, IReadOnlyList<LoadBalancing> policies, IReadOnlyList<LinkStage> stages, double offered, double cards)
    {
        // Volumes don't depend on rates; the network only has to have as many levels.
        var network = new NetworkLevels([.. Enumerable.Range(0, group.LevelCount).Select(l =>
            new NetworkLevel($"level {l}", Bandwidth.FromGigabytesPerSecond(1), Duration.Zero))]);
        var rows = new List<BalancedCollective>();
        foreach (var (kind, algorithm) in Shown)
        {
            if (!algorithm.Supports(kind, group, network)) continue;
            var footprint = CollectiveModel.Footprint(algorithm, kind, DataSize.FromGigabytes(1), group, network);
            double[] crossing = [.. levels.Select(l => TrafficLocality.Leaving(footprint, l))];
            LinkStage[] crossed =
            [
                .. stages.Zip(crossing).Where(c => c.Second > 0).Select(c => c.First with
                {
                    Load = c.First.Load * c.Second * offered * cards,
                    Senders = algorithm == CollectiveAlgorithm.Direct ? c.First.Senders : c.First.Senders * Math.Min(1, c.Second),
                }),
            ];
            var most = crossed.Select(c => c.Load).DefaultIfEmpty(0).Max();
            rows.Add(new(kind, algorithm, crossing, [.. policies.Select(p => cards * new FabricBalance(p, crossed).Share.Expected / Math.Max(1, most))]));
        }
        return rows;
    }
}
