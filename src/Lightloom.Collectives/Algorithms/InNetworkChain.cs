// All-reduce by the switches of the fabric, with chains inside domains (CollNetChain): each channel has another head, and its chain
// brings the domain's sum to the head, which sends it up its own rail.
//
//   r_0  ranks of the group in one domain     S  size, B
//   V_0      2 S (r_0 - 1) / r_0: the chain up and down, its head another rank on each channel
//   V_l      S / r_(l-1) for l > 0, as in InNetworkReduction
//   steps    2 (r_0 - 1) inside, one reduction per level: longer than CollNetDirect's fan inside a domain, but each rank has one
//            neighbour on each side instead of all
//
// Example: all-reduce of 1 GB by 1,024 ranks, 8 per domain, one level of fabric: V_0 = 1.75 GB, V_1 = 0.125 GB per rank, 14 + 1 steps.
// Source: NCCL 2.30 tuner (CollNetChain).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class InNetworkChain : CollectiveAlgorithm
{
    public override string Name => "in-network chain";

    public override string Source => "NCCL 2.30 tuner";

    public override bool OnByDefault => false;

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        group.Within(0) > 1 && InNetwork.Supports(kind, group, levels);

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var inside = group.Within(0);
        footprint.Send(0, 2 * size * (inside - 1) / inside, 2 * (inside - 1));
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++) footprint.Reduce(l, size / group.Within(l - 1), 1);
    }

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        draft.Divide(draft.Layout.DomainRanks, 1);
        var tiers = InNetworkReduction.AddFabric(draft);
        DoubleBinaryTree.WriteChains(draft, up: true);
        InNetworkReduction.WriteFabric(draft, tiers, ScheduleDraft.OnlyBlock, ofChannel: true);
        DoubleBinaryTree.WriteChains(draft, up: false);
    }
}
