// The way of a message across a level of a fabric, from card to card.
//
//   folded Clos      every tier below the turning point twice, the one at the top once; every class of links on the way twice
//   anything else    as many switches as the level says, at the mean latency of all of them, or the cards where these pass on; a link before,
//                    between and after: host links at both ends, the mean of the fabric's own between
//   latency          Σ switches + Σ links (cable + modules + error correction), one way
//   frames lost      1 - Π (1 - loss of a link)
//   reduction        turns round in the tier above the level; every tier on the way has to take part
//
// Example: across the spines of a Clos whose switches take 0.3 us and whose links take 0.2 us: 3 x 0.3 + 4 x 0.2 = 1.7 us.
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Ways through a fabric: what they take, lose and can reduce. Immutable.</summary>
/// <param name="plan">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length, without losses, unless given.</param>
sealed class FabricPath(FabricPlan plan, IReadOnlyList<LinkSummary>? links)
{
    /// <summary>Cable, modules and error correction of a link whose length nobody gave.</summary>
    public static readonly Duration UsualLink = Duration.FromMicroseconds(0.2);

    /// <summary>The links of a tier, from the systems up; null where there are none, or nobody engineered them.</summary>
    public LinkSummary? Link(int tier) => tier switch
    {
        0 => links?.FirstOrDefault(l => l.Class.Lower.Tier == "node" && l.Class.Upper.Tier != "node"),
        1 => links?.FirstOrDefault(l => l.Class.Name == "leaf-spine"),
        _ => links?.FirstOrDefault(l => l.Class.Name == "spine-core"),
    };

    /// <summary>One-way latency across a level.</summary>
    public Duration Latency(int level, in Betterment better)
    {
        if (plan.Clos is null) return ForwardedLatency(level, better);
        var total = Duration.Zero;
        // Up and down again: every class of links below the turning point twice, every tier twice but the one at the top.
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
        {
            var delay = plan.Tiers[tier].Switch.Latency?.Value ?? Duration.Zero;
            total += delay * ((tier == level - 1 ? 1 : 2) * better.SwitchLatency);
            if (LatencyOf(tier) is { } link) total += link * (2 * better.LinkLatency);
        }
        return total;
    }

    // Where levels aren't tiers: as many devices as the level says, and the links before, between and after them.
    Duration ForwardedLatency(int level, in Betterment better)
    {
        var hops = plan.Locality[level].SwitchHops;
        var delay = plan.Tiers.Count > 0
            ? Duration.FromSeconds(plan.Tiers.Sum(t => t.Count * (t.Switch.Latency?.Value.Seconds ?? 0)) / plan.SwitchCount)
            : plan.Request.System.Nic.Latency?.Value ?? Duration.Zero;
        var (host, fabric) = Crossed(level);
        var total = delay * (hops * better.SwitchLatency);
        if (LatencyOf(0) is { } first) total += first * (host * better.LinkLatency);
        return fabric == 0 ? total : total + Duration.FromSeconds(MeanOfFabricLinks(static l => l.Latency.Seconds, UsualLink.Seconds) * fabric * better.LinkLatency);
    }

    /// <summary>Share of the frames that get lost across a level.</summary>
    public double FrameLoss(int level, in Betterment better)
    {
        var lost = 0.0;
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
        {
            // Once up and once down; written so that ratios far below 1 keep their digits.
            var here = LinkRetries.FrameLossOver(2, Math.Min(1, (Link(tier)?.FrameLoss ?? 0) * better.BitErrors));
            lost += here * (1 - lost);
        }
        if (plan.Clos is not null) return lost;
        var (host, fabric) = Crossed(level);
        lost = Link(0) is not { } first ? 0 : LinkRetries.FrameLossOver(host, Math.Min(1, first.FrameLoss * better.BitErrors));
        if (fabric > 0) lost += LinkRetries.FrameLossOver(fabric, Math.Min(1, MeanOfFabricLinks(static l => l.FrameLoss, 0) * better.BitErrors)) * (1 - lost);
        return lost;
    }

    /// <summary>Whether the switches on the way can reduce.</summary>
    public bool Reduces(int level)
    {
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
            if (!plan.Tiers[tier].Switch.InNetworkReduction) return false;
        return plan.Clos is not null || (level == 1 && plan.Tiers.Count > 0);
    }

    Duration? LatencyOf(int tier) => links is null ? UsualLink : Link(tier)?.Latency;

    (int Host, int Fabric) Crossed(int level)
    {
        var all = plan.Locality[level].SwitchHops + 1;
        var host = LatencyOf(0) is null ? 0 : Math.Min(2, all);
        return (host, all - host);
    }

    double MeanOfFabricLinks(Func<LinkSummary, double> figure, double usual)
    {
        if (links is null) return usual;
        var (sum, count) = (0.0, 0L);
        foreach (var link in links)
        {
            if (link.Class.Lower.Tier is "node" or "management" && link.Class.Upper.Tier != "node") continue;
            sum += link.Class.Count * figure(link);
            count += link.Class.Count;
        }
        return count == 0 ? 0 : sum / count;
    }
}
