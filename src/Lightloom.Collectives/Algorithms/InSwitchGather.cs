// All-gather and reduce-scatter inside one scale-up domain by its switches (NVLS with registered buffers): a shard is sent once and copied
// to all by the switch, or added up by it on the way to its owner.
//
//   n  ranks     S  size, B
//   V_0 = S: what one rank receives of an all-gather, its own shard among it, and what one sends of a reduce-scatter; the other direction
//         carries S / n. A ring carries S (n - 1) / n both ways: the switches save steps, not bytes.
//   steps: one pass through the switches
//
// Example: all-gather of 1 GB by 8 ranks: V_0 = 1 GB in one step, where a ring sends 0.875 GB in 7.
// Source: NCCL 2.30 tuner (NVLS all-gather and reduce-scatter; only with registered buffers, so that it isn't taken by itself).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class InSwitchGather : CollectiveAlgorithm
{
    public override string Name => "NVLS gather";

    public override string Source => "NCCL 2.30 tuner";

    public override bool OnByDefault => false;

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllGather or CollectiveKind.ReduceScatter && group.Within(0) >= group.Ranks && levels.At(0).InNetwork;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint) => footprint.Reduce(0, size, 1);

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        draft.Divide(1, draft.Layout.DomainRanks);
        InSwitchReduction.WriteInside(draft, draft.AddSwitches(0, draft.Layout.DomainRanks), reduce: kind == CollectiveKind.ReduceScatter);
    }
}
