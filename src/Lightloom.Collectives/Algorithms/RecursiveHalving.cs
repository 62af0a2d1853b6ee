// Recursive halving and doubling: in step k every rank exchanges with rank xor 2^k, the near ones first with the most data.
//
//   n, r_l   ranks of the group, and in one unit of level l; units are powers of two     S  size, B
//   P, R     the largest power of two up to n, and n - P: rank P + j sends its data to rank j before and gets the sum after
//   rounds   k = 2 for all-reduce (reduce-scatter by halving, then all-gather by doubling), 1 for each alone
//   V_0      k S (1 - 1 / min(r_0, P))
//   V_l      k S (1 / r_(l-1) - 1 / P) for l > 0: the steps of distance r_(l-1) and more
//            and, where R > 0, S min(R, r_(l-1)) / r_(l-1) on every level that is crossed (inside the domain where none is)
//   steps    k log2 P, of which log2(r_l / r_(l-1)) per round on level l; and 2 where R > 0
//
// Example: all-reduce of 1 GB by 16 ranks, 8 per domain: V_0 = 1.75 GB, V_1 = 2 (1/8 - 1/16) = 0.125 GB per rank, 8 steps.
//   24 ranks: P = 16, R = 8: V_1 = 0.125 + 1 GB: what the library's rings avoid.
// Source: Rabenseifner 2004; Thakur, Rabenseifner and Gropp 2005 (vector halving, distance doubling).
using System.Numerics;
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class RecursiveHalving : CollectiveAlgorithm
{
    public override string Name => "recursive halving";

    public override string Source => "Thakur, Rabenseifner and Gropp, 2005";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) => kind switch
    {
        CollectiveKind.AllReduce => DistanceRounds.UnitsArePowersOfTwo(group),
        CollectiveKind.AllGather or CollectiveKind.ReduceScatter => BitOperations.IsPow2(group.Ranks) && DistanceRounds.UnitsArePowersOfTwo(group),
        _ => false,
    };

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var rounds = kind == CollectiveKind.AllReduce ? 2 : 1;
        double full = PowerUpTo(group.Ranks);
        var left = group.Ranks - full;
        var inside = Math.Min(group.Within(0), full);
        var crosses = group.LevelCount > 1 && group.Crosses(1);
        if (inside > 1) footprint.Send(0, rounds * size * (1 - 1 / inside) + (left > 0 && !crosses ? size : 0), rounds * Math.Log2(inside) + (left > 0 && !crosses ? 2 : 0));
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
        {
            var unit = group.Within(l - 1);
            var furthest = l + 1 == group.LevelCount || !group.Crosses(l + 1);
            var steps = Math.Log2(Math.Min(group.Within(l), full) / unit);
            footprint.Send(l, rounds * size * (1 / unit - 1 / full) + size * Math.Min(left, unit) / unit, rounds * steps + (left > 0 && furthest ? 2 : 0));
        }
    }

    // Before step k a rank holds the blocks whose lowest k bits are its own; halving keeps, and doubling sends, those that agree in one more.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var n = draft.Layout.Ranks;
        var full = PowerUpTo(n);
        var left = n - full;
        var axis = RankAxis.Everyone(draft.Layout);
        draft.Divide(1, full);
        if (left > 0) draft.Step(1, draft.Send(ShiftSends.Some(axis, full, left, left, 1, -full), Combine.Reduce, full, All));
        if (kind != CollectiveKind.AllGather)
            for (var d = 1; d < full; d *= 2) Exchange(d, reduce: true);
        if (kind != CollectiveKind.ReduceScatter)
            for (var d = full / 2; d >= 1; d /= 2) Exchange(d, reduce: false);
        if (left > 0) draft.Step(1, draft.Send(ShiftSends.Some(axis, 0, left, left, 1, full), Combine.Copy, full, All));

        void Exchange(int distance, bool reduce)
        {
            var period = 2 * distance;
            void Blocks(in SendPlace s, Span<int> b)
            {
                var first = (reduce ? s.Destination : s.Source) % period;
                for (var i = 0; i < b.Length; i++) b[i] = first + i * period;
            }
            SendClass Half(int first, int offset) => draft.Send(
                ShiftSends.Some(axis, first, distance, period, full / period, offset), reduce ? Combine.Reduce : Combine.Copy, full / period, Blocks);
            draft.Step(1, Half(0, distance), Half(distance, -distance));
        }

        static void All(in SendPlace s, Span<int> b)
        {
            for (var i = 0; i < b.Length; i++) b[i] = i;
        }
    }

    static int PowerUpTo(int ranks) => 1 << BitOperations.Log2((uint)ranks);
}
