// Parallel aggregated trees (PAT): as many binomial trees as ranks, each shifted by one, the furthest rounds first and with the least
// data. One rank per domain, as the library has it.
//
//   n        ranks of the group     S  size, B
//   all-gather       for k = K - 1 .. 0: rank r sends r + 2^k the shards of ranks r - q that it holds, q = 0, 2^(k+1), ... with q + 2^k < n;
//                    c_k = ceil((n - 2^k) / 2^(k+1))
//   reduce-scatter   the same backwards
//   volumes, steps   see DistanceRounds: n - 1 shards in all as in a ring, most of them to the next rank, in ceil(log2 n) rounds
//   The library cuts rounds where their data exceeds its buffers; pieces stand for that here.
//
// Example: 8 ranks: rounds of distance 4, 2, 1 with 1, 2, 4 shards.
// Source: Jeaugey 2025 (PAT, arXiv 2506.20252); NCCL 2.30.
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class ParallelTrees : CollectiveAlgorithm
{
    static readonly ShardsOfRound Shards = (d, n) => Sent(d, n);

    public override string Name => "PAT";

    public override string Source => "Jeaugey, 2025; NCCL 2.30";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllGather or CollectiveKind.ReduceScatter && group.Within(0) <= 1;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint) => DistanceRounds.Describe(size, Shards, group, ref footprint);

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var n = draft.Layout.Ranks;
        var axis = RankAxis.Everyone(draft.Layout);
        draft.Divide(1, n);
        List<int> distances = [];
        for (var d = 1; d < n; d *= 2) distances.Add(d);
        var gathers = kind == CollectiveKind.AllGather;
        if (gathers) distances.Reverse();
        foreach (var d in distances)
        {
            draft.Step(1, draft.Send(ShiftSends.Everyone(axis, gathers ? d : -d), gathers ? Combine.Copy : Combine.Reduce, Sent(d, n),
                (in SendPlace s, Span<int> b) =>
                {
                    var near = gathers ? s.Source : s.Destination;
                    for (var i = 0; i < b.Length; i++) b[i] = (near - i * 2 * d % n + n) % n;
                }));
        }
    }

    static int Sent(int distance, int ranks) => (ranks - distance + 2 * distance - 1) / (2 * distance);
}
