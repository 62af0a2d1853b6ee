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
using Lightloom.Simulation;

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

    // Block b is rank b's. Inside domains a rank passes on all N blocks of one member, over the rails its own member's blocks.
    // Each phase has a queue of its own, so that one piece is inside domains while another is on the rails.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var layout = draft.Layout;
        var (n, inside, domains) = (layout.Ranks, layout.DomainRanks, layout.Domains);
        draft.Divide(1, n);
        var local = ShiftSends.Everyone(RankAxis.InDomains(layout), 1);
        var rail = ShiftSends.Everyone(RankAxis.Rails(layout), 1);
        if (kind != CollectiveKind.AllGather)
        {
            draft.Step(inside - 1, draft.Send(local, Combine.Reduce, domains, (in SendPlace s, Span<int> b) => OfMember(s.Source - 1 - s.Repetition, b)));
            draft.Step(domains - 1, draft.Send(rail, Combine.Reduce, 1, (in SendPlace s, Span<int> b) => OfDomain(s, s.Source / inside - 1 - s.Repetition, b), track: 1));
        }
        if (kind != CollectiveKind.ReduceScatter)
        {
            draft.Step(domains - 1, draft.Send(rail, Combine.Copy, 1, (in SendPlace s, Span<int> b) => OfDomain(s, s.Source / inside - s.Repetition, b), track: 2));
            draft.Step(inside - 1, draft.Send(local, Combine.Copy, domains, (in SendPlace s, Span<int> b) => OfMember(s.Source - s.Repetition, b), track: 3));
        }

        void OfMember(int member, Span<int> b)
        {
            for (var d = 0; d < domains; d++) b[d] = d * inside + (member + n) % inside;
        }

        void OfDomain(in SendPlace s, int domain, Span<int> b) => b[0] = (domain + 2 * domains) % domains * inside + s.Source % inside;
    }
}
