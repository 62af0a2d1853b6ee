// One binomial tree: rank v has the parent v without its lowest set bit; the root is rank 0.
//
//   n, r_l   ranks of the group, and in one unit of level l; units are powers of two     S  size, B     K = ceil(log2 n)
//   broadcast   far first: the root sends S in each of K rounds; reduce is the same backwards
//               V_0 = S ceil(log2 r_0), V_l = S (K - log2 r_(l-1)) for l > 0, by the root's own port
//   gather      near first: rank v sends what its subtree of min(2^k, n - v) ranks gave it; scatter is the same backwards
//               V_0 = S (r_0 - 1) / n, V_l = S (n - r_(l-1)) / n, by the root's own port
//   steps       K, of which ceil(log2 r_l) - log2 r_(l-1) on level l
//
// Example: broadcast of 1 GB to 16 ranks, 8 per domain: V_0 = 3 GB, V_1 = 1 GB of the root, 4 steps.
// Source: Thakur, Rabenseifner and Gropp 2005.
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class BinomialTree : CollectiveAlgorithm
{
    public override string Name => "binomial tree";

    public override string Source => "Thakur, Rabenseifner and Gropp, 2005";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.Broadcast or CollectiveKind.Reduce or CollectiveKind.Gather or CollectiveKind.Scatter
        && DistanceRounds.UnitsArePowersOfTwo(group);

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var whole = kind is CollectiveKind.Broadcast or CollectiveKind.Reduce;
        var inside = group.Within(0);
        var near = DistanceRounds.Rounds(inside);
        if (inside > 1) footprint.Send(0, whole ? size * near : size * (inside - 1) / n, near);
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
        {
            var unit = group.Within(l - 1);
            var below = DistanceRounds.Rounds(unit);
            footprint.Send(l, whole ? size * (DistanceRounds.Rounds(n) - below) : size * (n - unit) / n, DistanceRounds.Rounds(group.Within(l)) - below);
        }
    }

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var n = draft.Layout.Ranks;
        var axis = RankAxis.Everyone(draft.Layout);
        var whole = kind is CollectiveKind.Broadcast or CollectiveKind.Reduce;
        var toRoot = kind is CollectiveKind.Reduce or CollectiveKind.Gather;
        draft.Divide(1, whole ? 1 : n);
        List<int> distances = [];
        for (var d = 1; d < n; d *= 2) distances.Add(d);
        if (!toRoot) distances.Reverse();
        foreach (var d in distances)
        {
            var children = DoubleBinaryTree.Terms(d, 2 * d, n);
            var last = d + (children - 1) * 2 * d;
            if (whole) draft.Step(1, Class(d, children, 1));
            else if (last + d <= n) draft.Step(1, Class(d, children, d));
            else draft.Step(1, Class(d, children - 1, d), Class(last, 1, n - last)); // the last subtree is cut short

            SendClass Class(int child, int count, int blocks) => draft.Send(
                ShiftSends.Some(axis, toRoot ? child : child - d, 1, 2 * d, count, toRoot ? -d : d),
                kind == CollectiveKind.Reduce ? Combine.Reduce : Combine.Copy, blocks, (in SendPlace s, Span<int> b) =>
                {
                    for (var i = 0; i < b.Length; i++) b[i] = whole ? 0 : (toRoot ? s.Source : s.Destination) + i;
                });
        }
    }
}
