// Direct exchange: all-to-all by pairs, and send/receive. What leaves a domain is first relayed over the scale-up links to the
// local rank on the destination's rail (PXN), which sends it with what its neighbours have for the same rank.
//
//   n, r_l   ranks of the group, and in one unit of level l     S  bytes that one rank holds     p_l  peers at once
//   V_0      S (r_0 - 1) / r_0: S/n to each of r_0 - 1 neighbours, and relayed (r_0 - 1) / r_0 of what leaves the domain
//   V_l      S (n - r_(l-1)) / n for l > 0
//   steps    ceil((r_0 - 1) / p_0) inside, ceil((n - r_(l-1)) / (r_0 p_l)) across each level: rails aggregate r_0 messages.
//            A message to a far unit passes the nearer levels' links, but waits only for the furthest level's latency.
//   Gather, scatter: V_l = (S / n) (n - r_(l-1)) / r_(l-1) into or out of the root's unit, V_0 the rest of what the root receives.
//   Send/receive: one step on the furthest level; V_l = S on every level on the way.
//
// Example: all-to-all of 1 GB by 16 ranks, 8 per domain: V_0 = 0.875 GB, V_1 = 0.5 GB per rank.
// Source: NCCL 2.30 (p2p schedule, PXN).
namespace Lightloom.Collectives;

sealed class DirectExchange : CollectiveAlgorithm
{
    public override string Name => "direct";

    public override string Source => "NCCL 2.30 (p2p schedule, PXN)";

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind is CollectiveKind.AllToAll or CollectiveKind.SendReceive or CollectiveKind.Gather or CollectiveKind.Scatter;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        if (kind == CollectiveKind.SendReceive) Forward(size, group, ref footprint);
        else if (kind is CollectiveKind.Gather or CollectiveKind.Scatter) Rooted(size, group, levels, ref footprint);
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

    // Into the root (or out of it): over all ports of its unit, and inside its domain on to it.
    static void Rooted(double size, in GroupPlacement group, NetworkLevels levels, ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var inside = group.Within(0);
        if (inside > 1)
            footprint.Send(0, size * ((n - 1) - ((n - inside) / inside)) / n, Math.Ceiling((inside - 1) / levels.At(0).ConcurrentPeers));
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++)
        {
            var unit = group.Within(l - 1);
            footprint.Send(l, size * (n - unit) / n / unit, Math.Ceiling((group.Within(l) - unit) / inside / levels.At(l).ConcurrentPeers));
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
}
