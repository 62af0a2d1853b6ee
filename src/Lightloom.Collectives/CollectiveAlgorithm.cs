using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives;

/// <summary>
/// A way to carry out collectives, described by its footprint (steps, and bytes over each level that it crosses) and by its schedule
/// (every send). A new algorithm is one file in <c>Algorithms/</c> and its place in <see cref="All"/>.
/// </summary>
public abstract class CollectiveAlgorithm
{
    /// <summary>Neighbours in a ring.</summary>
    public static CollectiveAlgorithm Ring { get; } = new Ring();

    /// <summary>Chains inside domains, a double binary tree across them.</summary>
    public static CollectiveAlgorithm Tree { get; } = new DoubleBinaryTree();

    /// <summary>Reduction and multicast in the switches of one scale-up domain (NVLink SHARP).</summary>
    public static CollectiveAlgorithm InSwitch { get; } = new InSwitchReduction();

    /// <summary>Reduction in the switches of each scale-up domain, a double binary tree across domains (NVLSTree).</summary>
    public static CollectiveAlgorithm InSwitchTree { get; } = new InSwitchTree();

    /// <summary>Reduction in the switches of the fabric, and of the scale-up domains where they can (CollNet, SHARP).</summary>
    public static CollectiveAlgorithm InNetwork { get; } = new InNetworkReduction();

    /// <summary>Every pair by itself, relayed inside domains to the rail of the destination (PXN).</summary>
    public static CollectiveAlgorithm Direct { get; } = new DirectExchange();

    /// <summary>Reduce-scatter inside domains, the rails among themselves, all-gather inside. Not on unless asked for.</summary>
    public static CollectiveAlgorithm Hierarchical { get; } = new Hierarchical();

    /// <summary>Copies or sums by the switches of one scale-up domain (NVLS with registered buffers). Not on unless asked for.</summary>
    public static CollectiveAlgorithm InSwitchGather { get; } = new InSwitchGather();

    /// <summary>Chains inside domains, reduction in the switches of the fabric (CollNetChain). Not on unless asked for.</summary>
    public static CollectiveAlgorithm InNetworkChain { get; } = new InNetworkChain();

    /// <summary>Every rank with every other at once, without relays. Not on unless asked for.</summary>
    public static CollectiveAlgorithm AllPairs { get; } = new AllPairs();

    /// <summary>Exchanges with rank xor 1, 2, 4, ..., each of half the data of the one before. Not on unless asked for.</summary>
    public static CollectiveAlgorithm RecursiveHalving { get; } = new RecursiveHalving();

    /// <summary>Rounds by distances of 1, 2, 4, ... for any number of ranks (Bruck). Not on unless asked for.</summary>
    public static CollectiveAlgorithm Bruck { get; } = new Bruck();

    /// <summary>As many shifted binomial trees as ranks, the furthest rounds with the least data (PAT). Not on unless asked for.</summary>
    public static CollectiveAlgorithm Pat { get; } = new ParallelTrees();

    /// <summary>One binomial tree from or to the root. Not on unless asked for.</summary>
    public static CollectiveAlgorithm Binomial { get; } = new BinomialTree();

    /// <summary>Every algorithm.</summary>
    public static IReadOnlyList<CollectiveAlgorithm> All { get; } =
    [
        Ring, Tree, InSwitch, InSwitchTree, InNetwork, Direct, Hierarchical,
        InSwitchGather, InNetworkChain, AllPairs, RecursiveHalving, Bruck, Pat, Binomial,
    ];

    /// <summary>What it is called.</summary>
    public abstract string Name { get; }

    /// <summary>Where the model comes from.</summary>
    public abstract string Source { get; }

    /// <summary>Whether a common library chooses it by itself; otherwise somebody has to enable it.</summary>
    public virtual bool OnByDefault => true;

    /// <summary>Whether it counts on switches that reduce or copy: such an algorithm may beat the bounds of networks that only forward.</summary>
    public virtual bool ReducesInNetwork => false;

    /// <summary>Whether its messages are exchanges between pairs, which fabrics carry at a share of their own.</summary>
    public virtual bool BetweenPairs => false;

    /// <summary>Whether its messages may go by a protocol, in this collective of this size.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="size">The size, in bytes, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network.</param>
    protected internal virtual bool Speaks(CollectiveProtocol protocol, CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels) =>
        protocol == CollectiveProtocol.Bulk || (!ReducesInNetwork && CarriesSmall(group, levels));

    /// <summary>Whether libraries take it with a protocol by themselves on such a network, where both could be.</summary>
    protected internal virtual bool TakenFor(CollectiveProtocol protocol, NetworkLevels levels) => true;

    /// <summary>Whether every level that the group crosses has the protocol for small messages.</summary>
    protected static bool CarriesSmall(in GroupPlacement group, NetworkLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        for (var l = 0; l < group.LevelCount; l++)
            if (group.Crosses(l) && double.IsPositiveInfinity(levels.At(l).LowLatencySecondsPerByte)) return false;
        return true;
    }

    /// <summary>Whether it can carry out this collective for this group.</summary>
    public abstract bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels);

    /// <summary>Adds steps and bytes to an empty footprint. Called only where <see cref="Supports"/> agrees and n is at least 2.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">The size, in bytes, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network.</param>
    /// <param name="footprint">Receives steps and bytes.</param>
    protected internal abstract void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint);

    /// <summary>
    /// Every send of the collective, symbolic: what a network engine takes. Rooted collectives have rank 0 as root. Ranks are numbered so
    /// that those of one unit follow one another.
    /// </summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="levels">The network: which of its switches reduce.</param>
    /// <param name="pieces">Pieces into which the data is cut, one behind the other through all steps.</param>
    /// <exception cref="ArgumentException">The levels don't match, or the algorithm can't do it.</exception>
    /// <exception cref="InputException">The group doesn't fill its units evenly, the size is negative, or there are no pieces.</exception>
    public Schedule Schedule(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels, int pieces = 1)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (group.LevelCount != levels.Count)
            throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        var draft = new ScheduleDraft($"{Name} {kind}", group.Layout(), size, pieces);
        if (group.Ranks == 1) return draft.Finish();
        if (!Supports(kind, group, levels)) throw new ArgumentException($"{this} can't do {kind} for the group {group}");
        Write(kind, draft, levels);
        return draft.Finish();
    }

    /// <summary>Writes the sends. Called only where <see cref="Supports"/> agrees and n is at least 2.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="draft">Receives the division of the data and the steps.</param>
    /// <param name="levels">The network.</param>
    protected internal abstract void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels);

    /// <summary>Prints the name.</summary>
    public override string ToString() => Name;
}
