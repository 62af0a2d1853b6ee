// Bruck: rounds by distances of 1, 2, 4, ... for any number of ranks, fewest rounds of all.
//
//   n        ranks of the group     S  size, B
//   all-gather       round k: rank r sends what it holds, shards r .. r + c_k - 1, to r - 2^k; c_k = min(2^k, n - 2^k)
//   reduce-scatter   the same backwards: furthest first, sums instead of copies
//   all-to-all       round k: rank r sends r + 2^k everything that still has bit k of its way to go; c_k = the numbers below n with bit k
//   volumes, steps   see DistanceRounds; the furthest round carries the most
//
// Example: 8 ranks: all-gather rounds of 1, 2, 4 shards, 7 of 8 S in all; all-to-all rounds of 4, 4, 4: 12 of 8 S, where direct sends 7.
// Source: Bruck et al. 1997.
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class Bruck : CollectiveAlgorithm
{
    static readonly ShardsOfRound Gathered = (d, n) => Math.Min(d, n - d);
    static readonly ShardsOfRound Exchanged = (d, n) => WithBit(d, n);

    public override string Name => "Bruck";

    public override string Source => "Bruck et al., 1997";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint) =>
        DistanceRounds.Describe(size, kind == CollectiveKind.AllToAll ? Exchanged : Gathered, group, ref footprint);

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var n = draft.Layout.Ranks;
        var axis = RankAxis.Everyone(draft.Layout);
        if (kind == CollectiveKind.AllToAll) draft.Divide(1, (long)n * n, share: n);
        else draft.Divide(1, n);
        List<int> distances = [];
        for (var d = 1; d < n; d *= 2) distances.Add(d);
        if (kind == CollectiveKind.ReduceScatter) distances.Reverse();
        foreach (var d in distances)
        {
            draft.Step(1, kind switch
            {
                CollectiveKind.AllGather => draft.Send(ShiftSends.Everyone(axis, -d), Combine.Copy, Math.Min(d, n - d),
                    (in SendPlace s, Span<int> b) => Following(s.Source, b)),
                CollectiveKind.ReduceScatter => draft.Send(ShiftSends.Everyone(axis, d), Combine.Reduce, Math.Min(d, n - d),
                    (in SendPlace s, Span<int> b) => Following(s.Destination, b)),
                _ => draft.Send(ShiftSends.Everyone(axis, d), Combine.Copy, WithBit(d, n), (in SendPlace s, Span<int> b) =>
                {
                    var i = 0;
                    for (var way = d; way < n; way++)
                    {
                        if ((way & d) == 0) continue;
                        var origin = (s.Source - way % d + n) % n;
                        b[i++] = origin * n + (origin + way) % n;
                    }
                }),
            });
        }

        void Following(int first, Span<int> b)
        {
            for (var i = 0; i < b.Length; i++) b[i] = (first + i) % n;
        }
    }

    /// <summary>Numbers below an end in which a bit is set.</summary>
    static int WithBit(int bit, int end) => end / (2 * bit) * bit + Math.Max(0, end % (2 * bit) - bit);
}
