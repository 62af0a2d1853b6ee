// All-reduce by the switches of each scale-up domain and a double binary tree across domains ("NVLSTree").
//
//   V_0 = S (r_0 + 2) / r_0: as in InSwitchReduction, and the head handles its part once more, for the sum that the tree brings
//         (a cost that the schedule, which lists sends over the wire, doesn't have: S / r_0 less;
//         the library's own tables cap a channel of this algorithm below one inside a single domain, for the same reason)
//   V_l as in DoubleBinaryTree
//   steps: one reduction by the switches and 2 floor(log2 N) across N domains
//
// Example: all-reduce of 1 GB by 16 ranks, 8 per domain: V_0 = 1.25 GB, V_1 = 0.125 GB per rank; by 32 ranks V_1 = 0.25 GB.
// Source: NCCL 2.30 tuner.
using Lightloom.Simulation;

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

    // Channel t r_0 + h takes tree t and head h. The head adds its own part itself: sums of the switch and of the tree may reach it in any order.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var inside = draft.Layout.DomainRanks;
        draft.Divide(2 * inside, 1);
        var switches = draft.AddSwitches(0, inside);
        Step(SwitchMembers.Others, true, Combine.Reduce, 0);
        Step(SwitchMembers.Rail, false, Combine.Reduce, 0);
        DoubleBinaryTree.WriteAcross(draft, up: true);
        DoubleBinaryTree.WriteAcross(draft, up: false);
        Step(SwitchMembers.Rail, true, Combine.Copy, 1);
        Step(SwitchMembers.All, false, Combine.Copy, 1);

        void Step(SwitchMembers members, bool up, Combine combine, int track) =>
            draft.Step(1, draft.Send(SwitchSends.Ranks(draft.Layout, switches, members, up, ofChannel: true), combine, 1, ScheduleDraft.OnlyBlock, track: track));
    }
}
