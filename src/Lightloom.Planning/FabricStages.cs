// Where a plan's traffic is spread over equal links, level by level.
//
// Folded Clos, in each plane:
//   out of a leaf   every leaf with cards spreads its ports' traffic over its uplinks and gets as much back over them
//                   rho = ports of cards x their rate / (uplinks x their rate)
//   out of a pod    the leaves, and every spine of a pod over its uplinks
//                   rho = ports of the pod's cards x their rate / (uplinks of all its spines x their rate)
// Anything else with switches: routers over their links to routers, rho = injection / the level's bandwidth: paths are taken as equal, as
// the level's bandwidth does. Where cards are joined to cards nothing is spread.
//
// Example: 16 leaves of 32 ports of 400 Gb/s and 16 uplinks of 800 Gb/s on 8 spines: 16 switches of 16 links, 32 senders, bundles of 2,
//   rho 1.
using Lightloom.Collectives.Congestion;
using Lightloom.Fabric;

namespace Lightloom.Planning;

/// <summary>The stages of links that a fabric's levels pass.</summary>
public static class FabricStages
{
    /// <summary>The stages that traffic across a level passes; none where it meets on one switch or no switch spreads it.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="level">Level of <see cref="FabricPlan.Locality"/>.</param>
    /// <param name="used">Share of the accelerators that take part: only their switches count.</param>
    /// <param name="failed">Links that are down.</param>
    public static IReadOnlyList<LinkStage> Of(FabricPlan plan, int level, double used = 1, FailedSection? failed = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (level < 2 || plan.Tiers.Count == 0) return [];
        failed ??= new();
        return plan.Clos is { } shape ? OfClos(plan, shape, level, used, failed) : [OfRouters(plan, level, used, failed)];
    }

    static List<LinkStage> OfClos(FabricPlan plan, ClosShape shape, int level, double used, FailedSection failed)
    {
        var stages = new List<LinkStage>();
        var ports = (double)shape.SystemsPerUnit * shape.PortsPerSystemAndLeaf;
        var host = plan.Links[0].Rate.Si;
        if (plan.Link("leaf-spine") is { } leafSpine && shape.UplinksPerLeaf > 0)
        {
            stages.Add(new("leaf-spine", shape.UplinksPerLeaf, ports, Math.Max(1, used * shape.Planes * shape.Leaves))
            {
                Load = ports * host / (shape.UplinksPerLeaf * leafSpine.Rate.Si),
                Bundle = Bundle(shape.UplinksPerLeaf, shape.SpinesPerPod),
                FailedAtOne = failed.LeafUplinks,
                FailedShare = failed.LeafSpine,
            });
        }
        if (level > 2 && plan.Link("spine-core") is { } spineCore && shape.UplinksPerSpine > 0)
        {
            var below = ports * shape.UnitsPerPod * shape.LeavesPerUnit; // ports of a pod's cards in one plane
            stages.Add(new("spine-core", shape.UplinksPerSpine, below / shape.SpinesPerPod, Math.Max(1, used * shape.Planes * shape.Spines))
            {
                Load = below * host / ((double)shape.UplinksPerSpine * shape.SpinesPerPod * spineCore.Rate.Si),
                Bundle = Bundle(shape.UplinksPerSpine, shape.CoresPerGroup),
                FailedAtOne = failed.SpineUplinks,
                FailedShare = failed.SpineCore,
            });
        }
        return stages;
    }

    // Links that don't divide are dealt round: then pairs have one more or one less, and none counts as a bundle.
    static int Bundle(int links, int above) => above > 0 && links % above == 0 ? links / above : 1;

    static LinkStage OfRouters(FabricPlan plan, int level, double used, FailedSection failed)
    {
        var tier = plan.Tiers[0];
        var links = Math.Max(1, tier.PortsUp);
        var load = Math.Max(1, plan.InjectionPerAccelerator.Si / plan.Locality[level].Bandwidth.Si);
        // Flows pass several routers: a full link has as many as its rate over a card's.
        var between = plan.Links.FirstOrDefault(l => l.Lower.Tier == tier.Name)?.Rate ?? plan.Links[0].Rate;
        return new("router links", links, load * links * (between.Si / plan.Links[0].Rate.Si), Math.Max(1, used * tier.Count))
        {
            Load = load,
            FailedAtOne = failed.LeafUplinks,
            FailedShare = failed.LeafSpine,
        };
    }
}
