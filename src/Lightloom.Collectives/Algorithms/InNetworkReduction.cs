// All-reduce by the switches of the fabric (SHARP, CollNet): each domain sends its sum up once and receives the total once.
//
//   V_0 = S (r_0 + 1) / r_0 where the scale-up switches reduce, else 2 S (r_0 - 1) / r_0 (reduce-scatter and all-gather inside)
//   V_l = S / r_(l-1) for l > 0: a leaf that has reduced its ranks sends one copy up
//   steps: one reduction per level, whatever n is; 2 (r_0 - 1) inside domains whose switches don't reduce
//
// Example: all-reduce of 1 GB by 1,024 ranks, 8 per domain: V_1 = 0.125 GB per rank, where a tree sends 0.25 GB.
// Source: Graham et al. 2016 (SHARP); NCCL 2.30 tuner (CollNet latency independent of the nodes).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class InNetworkReduction : CollectiveAlgorithm
{
    public override string Name => "in-network";

    public override string Source => "Graham et al., 2016 (SHARP); NCCL 2.30 tuner";

    public override bool OnByDefault => false; // NCCL_COLLNET_ENABLE

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels)
    {
        if (kind != CollectiveKind.AllReduce || group.Within(0) >= group.Ranks) return false;
        for (var l = 1; l < group.LevelCount; l++)
            if (group.Crosses(l) && !levels.At(l).InNetwork) return false;
        return true;
    }

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var inside = group.Within(0);
        if (inside > 1)
        {
            if (levels.At(0).InNetwork) InSwitchReduction.Inside(size, inside, ref footprint);
            else footprint.Send(0, 2 * size * (inside - 1) / inside, 2 * (inside - 1));
        }
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++) footprint.Reduce(l, size / group.Within(l - 1), 1);
    }

    // Block k is the head's whose place in its domain is k, and travels on rail k.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var layout = draft.Layout;
        var inside = layout.DomainRanks;
        draft.Divide(1, inside);
        var switches = inside > 1 && levels.At(0).InNetwork ? draft.AddSwitches(0, inside) : null;
        var tiers = AddFabric(draft);
        var axis = RankAxis.InDomains(layout);
        if (switches is not null) InSwitchReduction.WriteInside(draft, switches, reduce: true);
        else if (inside > 1)
        {
            draft.Step(inside - 1, draft.Send(ShiftSends.Everyone(axis, 1, 1), Combine.Reduce, 1,
                (in SendPlace s, Span<int> b) => b[0] = s.Destination % inside, waits: false));
        }
        WriteFabric(draft, tiers, (in SendPlace s, Span<int> b) => b[0] = Member(s.Source, draft, tiers), ofChannel: false);
        if (switches is not null) InSwitchReduction.WriteInside(draft, switches, reduce: false);
        else if (inside > 1)
            draft.Step(inside - 1, draft.Send(ShiftSends.Everyone(axis, 1, 1), Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Source % inside, track: 1));
    }

    static int Member(int vertex, ScheduleDraft draft, IReadOnlyList<SwitchTier> tiers)
    {
        var inside = draft.Layout.DomainRanks;
        if (vertex < draft.Layout.Ranks) return vertex % inside;
        foreach (var tier in tiers)
            if (vertex < tier.End) return (vertex - tier.First) % inside;
        throw new InvalidOperationException("a switch of no tier");
    }

    /// <summary>Adds the switches of every level of the fabric that the group crosses, one for each rail.</summary>
    internal static IReadOnlyList<SwitchTier> AddFabric(ScheduleDraft draft)
    {
        var layout = draft.Layout;
        List<SwitchTier> tiers = [];
        for (var l = 1; l < layout.LevelCount && layout.Crosses(l); l++) tiers.Add(draft.AddSwitches(l, layout.DomainRanks));
        return tiers;
    }

    /// <summary>Up to the last level, added up on each, and down again.</summary>
    internal static void WriteFabric(ScheduleDraft draft, IReadOnlyList<SwitchTier> tiers, BlockRule blocks, bool ofChannel)
    {
        for (var i = 0; i < tiers.Count; i++) draft.Step(1, draft.Send(Between(i, true), Combine.Reduce, 1, blocks, track: 2));
        for (var i = tiers.Count - 1; i >= 0; i--) draft.Step(1, draft.Send(Between(i, false), Combine.Copy, 1, blocks, track: 3));

        SwitchSends Between(int i, bool up) => i == 0
            ? SwitchSends.Ranks(draft.Layout, tiers[0], SwitchMembers.Rail, up, ofChannel)
            : SwitchSends.Switches(tiers[i - 1], tiers[i], up, ofChannel);
    }
}
