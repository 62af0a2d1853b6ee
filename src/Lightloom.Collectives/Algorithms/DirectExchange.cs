// Direct exchange: all-to-all by pairs, and send/receive. What leaves a domain is first relayed over the scale-up links to the
// local rank on the destination's rail (PXN), which sends it with what its neighbours have for the same rank.
//
//   n, r_l   ranks of the group, and in one unit of level l     S  bytes that one rank holds     p_l  peers at once
//   V_0      S (r_0 - 1) / r_0: S/n to each of r_0 - 1 neighbours, and relayed (r_0 - 1) / r_0 of what leaves the domain
//   V_l      S (n - r_(l-1)) / n for l > 0
//   steps    ceil((r_0 - 1) / p_0) inside, ceil((n - r_(l-1)) / (r_0 p_l)) across each level: rails aggregate r_0 messages.
//            A message to a far unit passes the nearer levels' links, but waits only for the furthest level's latency.
//   Gather, scatter: the root's own port carries S (r_0 - 1) / n inside its domain and S (n - r_(l-1)) / n on level l, from and to
//            peers one by one, p_l at once.
//   Send/receive: one step on the furthest level; V_l = S on every level on the way.
//
// Example: all-to-all of 1 GB by 16 ranks, 8 per domain: V_0 = 0.875 GB, V_1 = 0.5 GB per rank.
// Source: NCCL 2.30 (p2p schedule, PXN).
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class DirectExchange : CollectiveAlgorithm
{
    public override string Name => "direct";

    public override string Source => "NCCL 2.30 (p2p schedule, PXN)";

    public override bool BetweenPairs => true;

    // NCCL_P2P_LL_THRESHOLD
    const double LargestSmallMessage = 16 * 1024;

    protected internal override bool Speaks(CollectiveProtocol protocol, CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels) =>
        protocol == CollectiveProtocol.Bulk
        || ((kind == CollectiveKind.SendReceive ? size : size / group.Ranks) <= LargestSmallMessage && CarriesSmall(group, levels));

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllToAll or CollectiveKind.SendReceive or CollectiveKind.Gather or CollectiveKind.Scatter;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        if (kind == CollectiveKind.SendReceive) Forward(size, group, ref footprint);
        else if (kind != CollectiveKind.AllToAll) OneWithAll(size, 1, group, levels, ref footprint);
        else Exchange(size, group, levels, ref footprint);
    }

    static void Exchange(double size, in GroupPlacement group, NetworkLevels levels, ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var inside = group.Within(0);
        if (inside > 1) footprint.Send(0, size * (inside - 1) / inside, Math.Ceiling((inside - 1) / levels.At(0).ConcurrentPeers));
        for (var l = 1; l < group.LevelCount; l++)
        {
            var unit = group.Within(l - 1);
            if (unit >= n) break;
            var messages = (group.Within(l) - unit) / inside;
            footprint.Send(l, size * (n - unit) / n, Math.Ceiling(messages / levels.At(l).ConcurrentPeers));
        }
    }

    /// <summary>Adds messages between one rank and every other, or between every rank and every other.</summary>
    internal static void OneWithAll(double size, int rounds, in GroupPlacement group, NetworkLevels levels, ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var inside = group.Within(0);
        if (inside > 1) footprint.Send(0, rounds * size * (inside - 1) / n, rounds * Math.Ceiling((inside - 1) / levels.At(0).ConcurrentPeers));
        for (var l = 1; l < group.LevelCount; l++)
        {
            var unit = group.Within(l - 1);
            if (unit >= n) break;
            footprint.Send(l, rounds * size * (n - unit) / n, rounds * Math.Ceiling((group.Within(l) - unit) / levels.At(l).ConcurrentPeers));
        }
    }

    static void Forward(double size, in GroupPlacement group, ref CollectiveFootprint footprint)
    {
        if (group.Within(0) >= group.Ranks)
        {
            footprint.Send(0, size, 1);
            return;
        }
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
            footprint.Send(l, size, l + 1 == group.LevelCount || !group.Crosses(l + 1) ? 1 : 0);
    }

    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var layout = draft.Layout;
        var n = layout.Ranks;
        var everyone = RankAxis.Everyone(layout);
        switch (kind)
        {
            case CollectiveKind.SendReceive:
                draft.Divide(1, n, share: 1);
                draft.Step(1, draft.Send(ShiftSends.Everyone(everyone, 1), Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Source, waits: false));
                break;
            case CollectiveKind.Gather:
                draft.Divide(1, n);
                draft.Step(n - 1, draft.Send(ShiftSends.Walk(everyone, 1, 1, -1, -1), Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Source, waits: false));
                break;
            case CollectiveKind.Scatter:
                draft.Divide(1, n);
                draft.Step(n - 1, draft.Send(ShiftSends.Walk(everyone, 0, 0, 1, 1), Combine.Copy, 1, (in SendPlace s, Span<int> b) => b[0] = s.Destination, waits: false));
                break;
            default:
                WriteRelayed(draft);
                break;
        }
    }

    // Block o n + d goes from o to d. What a member sends another inside is all that its rail carries away, and what stays.
    static void WriteRelayed(ScheduleDraft draft)
    {
        var layout = draft.Layout;
        var (n, inside, domains) = (layout.Ranks, layout.DomainRanks, layout.Domains);
        draft.Divide(1, (long)n * n, share: n);
        if (inside > 1)
        {
            draft.Step(inside - 1, draft.Send(ShiftSends.Everyone(RankAxis.InDomains(layout), 1, 1), Combine.Copy, domains, (in SendPlace s, Span<int> b) =>
            {
                for (var d = 0; d < domains; d++) b[d] = s.Source * n + d * inside + s.Destination % inside;
            }, waits: false));
        }
        if (domains > 1)
        {
            draft.Step(domains - 1, draft.Send(ShiftSends.Everyone(RankAxis.Rails(layout), 1, 1), Combine.Copy, inside, (in SendPlace s, Span<int> b) =>
            {
                var domain = s.Source / inside * inside;
                for (var i = 0; i < inside; i++) b[i] = (domain + i) * n + s.Destination;
            }, track: 1));
        }
    }
}
