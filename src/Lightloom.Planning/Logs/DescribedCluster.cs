// The cluster that a user says a log is of, as the model sees it: a system of the catalogue, so many of them, and what their fabric
// speaks. Scale-up domains are the systems; the fabric is one non-blocking level behind a leaf switch, since a log doesn't say more.
//
// Example: 16 ranks on 2 dgx-h100: r = (8, 16); B_0 = 450 GB/s x sustained, B_1 = 8 x 400 Gb/s / 8 x sustained.
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>How collectives use the two kinds of levels of a cluster, and what those levels are.</summary>
/// <param name="ScaleUpBandwidth">Raw bandwidth of one accelerator's scale-up links, one direction.</param>
/// <param name="ScaleUp">How collectives use them.</param>
/// <param name="SwitchReduction">Whether the scale-up switches reduce.</param>
/// <param name="LineRate">Line rate of the cards of one accelerator.</param>
/// <param name="Fabric">How collectives use the fabric; null in one domain.</param>
/// <param name="PerProcess">Accelerators that one process drives, launching on one after another.</param>
public sealed record ClusterMechanisms(
    Bandwidth ScaleUpBandwidth, CollectiveParameters ScaleUp, bool SwitchReduction, Bandwidth LineRate, CollectiveParameters? Fabric, int PerProcess = 1);

/// <summary>The cluster that a log is compared with.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Levels">Its network.</param>
/// <param name="Group">All ranks on it.</param>
/// <param name="CardsPerDomain">Cards of one scale-up domain's share of the ranks.</param>
/// <param name="Mechanisms">What the network was made of, so that it can be made again; null where that isn't known.</param>
public sealed record DescribedCluster(string Name, NetworkLevels Levels, GroupPlacement Group, int CardsPerDomain, ClusterMechanisms? Mechanisms)
{
    /// <summary>Domains that the ranks reach into.</summary>
    public int Domains => (int)Math.Round(Group.Units(0));

    /// <summary>Ranks of one domain.</summary>
    public double RanksPerDomain => Group.Within(0);

    /// <summary>Whether the ranks reach beyond one domain.</summary>
    public bool Across => Levels.Count > 1;

    /// <summary>Ranks on systems of the catalogue.</summary>
    /// <param name="system">The system; each is one scale-up domain.</param>
    /// <param name="protocol">What the fabric speaks, with how collectives use it.</param>
    /// <param name="domains">Systems that take part.</param>
    /// <param name="ranks">Ranks, one accelerator each, evenly spread.</param>
    /// <param name="perProcess">Accelerators that one process drives; all of one system, and one of several, unless given.</param>
    /// <exception cref="InputException">So many ranks can't be on so many systems.</exception>
    public static DescribedCluster Of(AcceleratorSystem system, CollectiveParameters protocol, int domains, int ranks, int? perProcess = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(protocol);
        if (domains < 1 || ranks < 2 || ranks % domains != 0 || ranks / domains > system.Accelerators.Value)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"{ranks:N0} ranks do not fit evenly on {domains:N0} x '{system.Key}' of {system.Accelerators.Value:N0} accelerators"));
        }
        var each = ranks / domains;
        var accelerator = system.Accelerator;
        // With fewer ranks NCCL's graphs favour rings (docs/choice.md).
        var reduces = system.InNetworkReduction && accelerator.Collectives.InNetworkSustained is not null && each > CollectiveNetwork.LargestWithoutReduction;
        // Ranks use the cards that stand beside them: half the accelerators have half the cards.
        var cards = Math.Max(1, (int)Math.Round((double)system.Nics.Value * each / system.Accelerators.Value));
        var rate = system.Nic.Rate.Value * ((double)cards / each);
        return Of($"{domains:N0} x {system.Name}", new(accelerator.ScaleUpBandwidth.Value, accelerator.Collectives, reduces, rate,
            domains > 1 ? protocol : null, perProcess ?? CollectiveNetwork.UsualPerProcess(domains, ranks)), domains == 1 ? GroupPlacement.Of(ranks) : GroupPlacement.Of(each, ranks), cards);
    }

    static DescribedCluster Of(string name, ClusterMechanisms m, GroupPlacement group, int cards)
    {
        return new(name, CollectiveNetwork.OnOneLevel(m.ScaleUpBandwidth, m.ScaleUp, m.SwitchReduction, m.LineRate, m.Fabric, m.PerProcess), group, cards, m);
    }

    /// <summary>The same cluster with other mechanisms.</summary>
    public DescribedCluster With(ClusterMechanisms mechanisms) => Of(Name, mechanisms, Group, CardsPerDomain);

    /// <summary>What the model expects.</summary>
    public Duration Expect(CollectiveKind kind, DataSize size, NetworkChange change) => Expect(kind, size, change.Of(Levels)).Total;

    internal CollectiveTime Expect(CollectiveKind kind, DataSize size, NetworkLevels levels) => CollectiveModel.Default.Time(kind, size, Group, levels);

    /// <summary>Ratios measured over expected that are usual at a size; wider where nothing of the kind was published.</summary>
    public CollectiveAccuracyBand Band(CollectiveKind kind, DataSize size) => Assess(kind, size).Band;

    /// <summary>The band of a collective, and what of it was never measured.</summary>
    public CollectiveAssessment Assess(CollectiveKind kind, DataSize size) => CollectiveAccuracy.Assess(kind, size, Group, Levels);

    /// <summary>The same cluster with a process for every accelerator, so that no host launches on several in turn.</summary>
    public DescribedCluster LaunchedByOneEach => this with { Levels = Levels.LaunchedIn(Duration.Zero), Mechanisms = Mechanisms is { } m ? m with { PerProcess = 1 } : null };
}
