// All-reduce by the switches of each scale-up domain and a double binary tree across domains ("NVLSTree").
//
//   V_0 = S (r_0 + 2) / r_0: as in InSwitchReduction, and the head handles its part once more, for the sum that the tree brings
//         (the library's own tables cap a channel of this algorithm below one inside a single domain, for the same reason)
//   V_l as in DoubleBinaryTree
//   steps: one reduction by the switches and 2 floor(log2 N) across N domains
//
// Example: all-reduce of 1 GB by 16 ranks, 8 per domain: V_0 = 1.25 GB, V_1 = 0.125 GB per rank; by 32 ranks V_1 = 0.25 GB.
// Source: NCCL 2.30 tuner.
namespace Lightloom.Collectives;

sealed class InSwitchTree : CollectiveAlgorithm
{
    public override string Name => "NVLS tree";

    public override string Source => "NCCL 2.30 tuner";

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind == CollectiveKind.AllReduce && group.Within(0) > 1 && group.Within(0) < group.Ranks && levels.At(0).InNetwork;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var inside = group.Within(0);
        footprint.Reduce(0, size * (inside + 2) / inside, 1);
        DoubleBinaryTree.Across(size, group, ref footprint);
    }
}
