// Ring: every rank sends to the next; many channels, each leaving a domain by another rail.
//
//   n, r_l   ranks of the group, and in one unit of level l        S  size, B
//   k        2 (n - 1) / n for all-reduce, (n - 1) / n for all-gather and reduce-scatter, 1 for broadcast and reduce
//   k S      what passes over every edge of the rings, all channels together
//
//   steps    2 (n - 1) for all-reduce, n - 1 otherwise; of them n / r_(l-1) - n / r_l per round cross exactly level l
//   V_0      k S (r_0 - 1) / r_0, or k S where the ring closes inside the domain
//   V_l      k S / r_(l-1) for l > 0: each channel enters and leaves a unit once
//
// Example: all-reduce of 1 GB by 16 ranks, 8 per domain: k = 1.875, 30 steps of which 2 cross domains,
//   V_0 = 1.875 * 7/8 = 1.640625 GB, V_1 = 1.875 / 8 = 0.234375 GB per rank.
// Source: Patarasuk and Yuan 2009 (bandwidth optimality); NCCL 2.30 graph search (rail-wise channels) and tuner (crossings).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class Ring : CollectiveAlgorithm
{
    public override string Name => "ring";

    public override string Source => "Patarasuk and Yuan, 2009; NCCL 2.30 tuner";

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.Broadcast
            or CollectiveKind.Reduce;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var rounds = kind == CollectiveKind.AllReduce ? 2 : 1;
        var volume = kind is CollectiveKind.Broadcast or CollectiveKind.Reduce ? size : rounds * (n - 1) / n * size;
        Around(volume, rounds, group, ref footprint);
    }

    /// <summary>Adds a ring whose every edge carries a volume.</summary>
    static void Around(double volume, int rounds, in GroupPlacement group, ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var inside = group.Within(0);
        footprint.PaceByPosting();
        if (inside > 1) footprint.Send(0, inside < n ? volume * (inside - 1) / inside : volume, rounds * (n - n / inside));
        for (var l = 1; l < group.LevelCount; l++)
        {
            var unit = group.Within(l - 1);
            if (unit >= n) break;
            footprint.Send(l, volume / unit, rounds * (n / unit - n / group.Within(l)));
        }
    }

    // r_0 channels; on channel c the ring enters every domain at member c. In position p's step i a reduce-scatter passes on block
    // p - 1 - i, so that block p + 1 is whole at p + 1 in the end; an all-gather passes on block p - i.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var layout = draft.Layout;
        var (n, inside) = (layout.Ranks, layout.DomainRanks);
        var axis = RankAxis.Everyone(layout) with { Turn = inside };
        int Position(int rank, int channel) => rank / inside * inside + (rank % inside - channel % inside + inside) % inside;
        int Rank(int position, int channel) => position / inside * inside + (position % inside + channel) % inside;
        if (kind is CollectiveKind.Broadcast or CollectiveKind.Reduce)
        {
            draft.Divide(inside, 1);
            var reduces = kind == CollectiveKind.Reduce;
            var walk = ShiftSends.Walk(axis with { Rooted = true }, reduces ? 1 : 0, 1, 1);
            draft.Step(n - 1, draft.Send(walk, reduces ? Combine.Reduce : Combine.Copy, 1, ScheduleDraft.OnlyBlock));
            return;
        }
        draft.Divide(inside, n);
        var around = ShiftSends.Everyone(axis, 1);
        if (kind != CollectiveKind.AllGather)
            draft.Step(n - 1, draft.Send(around, Combine.Reduce, 1,
                (in SendPlace s, Span<int> b) => b[0] = Rank((Position(s.Source, s.Channel) - 1 - s.Repetition + 2 * n) % n, s.Channel)));
        if (kind != CollectiveKind.ReduceScatter)
            draft.Step(n - 1, draft.Send(around, Combine.Copy, 1,
                (in SendPlace s, Span<int> b) => b[0] = Rank((Position(s.Source, s.Channel) - s.Repetition + n) % n, s.Channel)));
    }
}
