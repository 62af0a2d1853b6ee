// All-reduce inside one scale-up domain by its switches (NVLink SHARP, "NVLS"). Each rank is the head of S/n: it reads the sum
// of that part from all ranks through the switch, and writes it to all of them by multicast.
//
//   n  ranks     S  size, B
//   V_0 = S + S/n = S (n + 1) / n: S sent to be reduced, the head's own S/n sent to be copied
//   steps: one reduction by the switches, up and down
//
// Example: all-reduce of 1 GB by 8 ranks: V_0 = 1.125 GB, where a ring sends 1.75 GB.
// Source: NCCL 2.30 graph search (a head's link carries its channel twice: bw (nCh + 1) <= total).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class InSwitchReduction : CollectiveAlgorithm
{
    public override string Name => "NVLS";

    public override string Source => "NCCL 2.30 graph search";

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind == CollectiveKind.AllReduce && group.Within(0) >= group.Ranks && levels.At(0).InNetwork;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint) => Inside(size, group.Ranks, ref footprint);

    internal static void Inside(double size, double ranks, ref CollectiveFootprint footprint) =>
        footprint.Reduce(0, size * (ranks + 1) / ranks, 1);

    // A switch for each head: everyone sends it the head's block to be added up, the head gets the sum and sends it back to be copied.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var layout = draft.Layout;
        draft.Divide(1, layout.DomainRanks);
        var switches = draft.AddSwitches(0, layout.DomainRanks);
        WriteInside(draft, switches, reduce: true);
        WriteInside(draft, switches, reduce: false);
    }

    /// <summary>The sum of each head's block to the head, or each head's block to everybody.</summary>
    internal static void WriteInside(ScheduleDraft draft, SwitchTier switches, bool reduce)
    {
        void Block(in SendPlace s, Span<int> b) => b[0] = (Math.Max(s.Source, s.Destination) - switches.First) % switches.Width;
        void Step(SwitchMembers members, bool up, Combine combine) =>
            draft.Step(1, draft.Send(SwitchSends.Ranks(draft.Layout, switches, members, up), combine, 1, Block, track: reduce ? 0 : 1));
        Step(reduce ? SwitchMembers.All : SwitchMembers.Rail, true, reduce ? Combine.Reduce : Combine.Copy);
        Step(reduce ? SwitchMembers.Rail : SwitchMembers.All, false, Combine.Copy);
    }
}
