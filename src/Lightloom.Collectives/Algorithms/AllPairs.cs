// Every rank with every other by itself, without relays: shards go straight to whoever adds them up or needs them.
//
//   n, r_l   ranks of the group, and in one unit of level l     S  size, B     p_l  peers at once
//   k        2 for all-reduce (every rank adds up its shard, and sends it to all), 1 otherwise
//   V_0      k S (r_0 - 1) / n
//   V_l      k S (n - r_(l-1)) / n for l > 0: nothing is added up or copied on the way, so a boundary carries more than by a ring
//   steps    k ceil((r_0 - 1) / p_0) inside, k ceil((r_l - r_(l-1)) / p_l) across each level; no send waits for another within a round
//
// Example: all-gather of 1 GB by 16 ranks, 8 per domain: V_0 = 0.4375 GB, V_1 = 0.5 GB per rank, where a ring sends 0.117 GB across.
// Source: Cai et al. 2021 (SCCL); MSCCL (allpairs); NCCL 2.30 with PXN disabled (all-to-all).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class AllPairs : CollectiveAlgorithm
{
    public override string Name => "all pairs";

    public override string Source => "MSCCL (allpairs)";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint) =>
        DirectExchange.OneWithAll(size, kind == CollectiveKind.AllReduce ? 2 : 1, group, levels, ref footprint);

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var n = draft.Layout.Ranks;
        var pattern = ShiftSends.Everyone(RankAxis.Everyone(draft.Layout), 1, 1);
        if (kind == CollectiveKind.AllToAll)
        {
            draft.Divide(1, (long)n * n, share: n);
            draft.Step(n - 1, draft.Send(pattern, Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Source * n + s.Destination, waits: false));
            return;
        }
        draft.Divide(1, n);
        if (kind != CollectiveKind.AllGather)
            draft.Step(n - 1, draft.Send(pattern, Combine.Reduce, 1, (in SendPlace s, Span<int> b) => b[0] = s.Destination, waits: false));
        if (kind != CollectiveKind.ReduceScatter)
            draft.Step(n - 1, draft.Send(pattern, Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Source, waits: kind == CollectiveKind.AllReduce, track: 1));
    }
}
