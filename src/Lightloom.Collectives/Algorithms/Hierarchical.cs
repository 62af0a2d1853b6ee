// Hierarchical collectives: inside each domain all ranks hold a share, and equal shares meet over their own rail.
//
//   n, r_l   ranks of the group, and in one unit of level l     S  size, B     N = n / r_0  domains
//   all-reduce     reduce-scatter inside, ring all-reduce of S / r_0 over each rail, all-gather inside
//   all-gather     ring over each rail, then all-gather inside; reduce-scatter the same backwards
//   k              2 for all-reduce, 1 for all-gather and reduce-scatter
//   V_0            k S (r_0 - 1) / r_0
//   V_l            k S (N - 1) / N / r_(l-1) for l > 0: r_0 rings cross a unit once, each with k (N - 1) / N S / r_0
//   steps          k (r_0 - 1) inside, k (N - 1) across
//
// Example: all-gather of 1 GB by 16 ranks, 8 per domain: V_0 = 0.875 GB, V_1 = 0.0625 GB per rank, where a ring over all
//   ranks sends 0.1171875 GB: a ring over two domains can't pass half of the bound.
// Source: Jia et al. 2018; MegaScale; bounds of Zhao et al. 2023 (arXiv 2305.18461).
namespace Lightloom.Collectives;

sealed class Hierarchical : CollectiveAlgorithm
{
    public override string Name => "hierarchical";

    public override string Source => "Jia et al., 2018 (arXiv 1807.11205)";

    public override bool OnByDefault => false;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.ReduceScatter
        && group.Within(0) > 1 && group.Within(0) < group.Ranks;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var rounds = kind == CollectiveKind.AllReduce ? 2 : 1;
        var inside = group.Within(0);
        var domains = n / inside;
        footprint.Send(0, rounds * size * (inside - 1) / inside, rounds * (inside - 1));
        for (var l = 1; l < group.LevelCount; l++)
        {
            var unit = group.Within(l - 1);
            if (unit >= n) break;
            footprint.Send(l, rounds * size * (domains - 1) / domains / unit, rounds * (n / unit - n / group.Within(l)));
        }
    }
}
