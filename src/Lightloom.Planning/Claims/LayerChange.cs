// Changes that money buys in one layer or the other, each a design that is evaluated whole.
//
//   light   another choice of optics for every link: fewest watts, most reliable, lowest latency; switches with the optics on their package,
//           where the catalogue has a twin of the same ports, rate and protocol with a price and a power
//   loom    less oversubscription, or more; load balancing by the packet; rails; reduction in the fabric's switches
//   worth   Δ tokens/s (failures counted), Δ watts of IT in use, Δ dollars of capital
//
// A change that isn't one for a design, or that the design can't have, is left out.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>A change of a design in one layer; see the head of this file.</summary>
/// <param name="Name">What is changed.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Edit">The changed design; null where there is nothing to change.</param>
public sealed record LayerChange(string Name, Layer Layer, Func<Design, PartCatalog, Design?> Edit)
{
    /// <summary>All that is tried.</summary>
    public static IReadOnlyList<LayerChange> All { get; } =
    [
        new("links that burn least", Layer.Light, (d, _) => Links(d, LinkPreference.FewestWatts)),
        new("links that fail least", Layer.Light, (d, _) => Links(d, LinkPreference.MostReliable)),
        new("links of the lowest latency", Layer.Light, (d, _) => Links(d, LinkPreference.LowestLatency)),
        new("optics on the switches' packages", Layer.Light, CoPackaged),
        new("full bandwidth above the leaves", Layer.Loom, (d, _) => d.Fabric.Oversubscription is { Leaf: > 1 } ? Taper(d, 1, d.Fabric.Oversubscription.Spine) : null),
        new("half the oversubscription above the spines", Layer.Loom, (d, _) => d.Fabric.Oversubscription is { Spine: > 1 } over ? Taper(d, over.Leaf, Math.Max(1, over.Spine / 2)) : null),
        new("full bandwidth everywhere", Layer.Loom, (d, _) => d.Fabric.Oversubscription is { Leaf: > 1 } or { Spine: > 1 } ? Taper(d, 1, 1) : null),
        new("leaves oversubscribed 2:1", Layer.Loom, (d, _) => d.Fabric.Oversubscription is { Leaf: <= 1 } over ? Taper(d, 2, over.Spine) : null),
        new("packets sprayed over all paths", Layer.Loom, (d, c) => d.Fabric.QueuePairs is null
            ? d with { Fabric = d.Fabric with { LoadBalancing = c.Get<LoadBalancing>(d.Fabric.Protocol == FabricProtocol.Infiniband ? "adaptive-routing" : "packet-spraying") } } : null),
        new("rails instead of racks under a leaf", Layer.Loom, (d, _) => d.Fabric.Topology == "fat-tree"
            ? d with { Fabric = d.Fabric with { Topology = "rail-optimized", SystemsPerUnit = null, SystemsPerPod = null } } : null),
        new("no spines: rails alone", Layer.Loom, (d, _) => d.Fabric.Topology is "fat-tree" or "rail-optimized"
            ? d with { Fabric = d.Fabric with { Topology = "rail-only", SystemsPerUnit = null, SystemsPerPod = null, Oversubscription = new(), Tiers = null, ManagementLinks = 0 } } : null),
        new("sums in the fabric's switches", Layer.Loom, (d, _) => (d.Collectives ?? new()) is { FabricReduction: false } c ? d with { Collectives = c with { FabricReduction = true } } : null),
    ];

    static Design? Links(Design design, LinkPreference policy) => design.Site.Links.Policy == policy ? null : design with
    {
        Site = design.Site with { Links = new() { Policy = policy, Media = design.Site.Links.Media, Connectors = design.Site.Links.Connectors } },
    };

    static Design Taper(Design design, double leaf, double spine) => design with { Fabric = design.Fabric with { Oversubscription = new() { Leaf = leaf, Spine = spine } } };

    static Design? CoPackaged(Design design, PartCatalog catalog)
    {
        Switch? Twin(Switch? box) => box is null ? null : catalog.All<Switch>().FirstOrDefault(s => s is { CoPackaged: not null, Power: not null, Price: not null } &&
            s.Ports.Value == box.Ports.Value && s.PortRate.Value == box.PortRate.Value && box.Protocols.All(s.Protocols.Contains));
        var fabric = design.Fabric;
        if (fabric.Switch.CoPackaged is not null || Twin(fabric.Switch) is not { } twin) return null;
        return design with { Fabric = fabric with { Switch = twin, LeafSwitch = Twin(fabric.LeafSwitch), SpineSwitch = Twin(fabric.SpineSwitch), CoreSwitch = Twin(fabric.CoreSwitch) } };
    }
}

/// <summary>What a change is worth.</summary>
/// <param name="Change">The change.</param>
/// <param name="After">The changed design, evaluated.</param>
/// <param name="TokensPerSecond">Tokens per second more.</param>
/// <param name="Gain">The same over what the design does without it.</param>
/// <param name="Watts">Watts of IT in use less.</param>
/// <param name="Dollars">Capital more.</param>
public sealed record ChangeWorth(LayerChange Change, Evaluation After, double TokensPerSecond, double Gain, double Watts, double Dollars)
{
    const double Nothing = 1e-6;

    /// <summary>Tokens per second for a dollar; infinite where it costs nothing, or less; 0 where nothing is gained.</summary>
    public double TokensPerDollar => Gain <= Nothing ? 0 : Dollars <= 0 ? double.PositiveInfinity : TokensPerSecond / Dollars;

    /// <summary>Watts saved for a dollar; infinite where it costs nothing, or less; 0 where nothing is saved.</summary>
    public double WattsPerDollar => Watts <= 0 ? 0 : Dollars <= 0 ? double.PositiveInfinity : Watts / Dollars;

    /// <summary>Tries all changes of a design.</summary>
    /// <param name="context">Evaluates.</param>
    /// <param name="document">The design, with a job.</param>
    public static IReadOnlyList<ChangeWorth> Of(ClaimContext context, DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(context);
        var before = context.Evaluate(document);
        var tokens = before.Outcome!.Value.EffectiveTokensPerSecond;
        var all = new List<ChangeWorth>();
        foreach (var change in LayerChange.All)
        {
            try
            {
                if (change.Edit(document.Design, context.Catalog) is not { } design) continue;
                var after = context.Evaluator.EvaluateBriefly(document.With(design));
                if (after.Worst == Severity.Infeasible && before.Worst != Severity.Infeasible) continue;
                var more = after.Outcome!.Value.EffectiveTokensPerSecond - tokens;
                all.Add(new(change, after, more, more / tokens, (before.Power.InUse - after.Power.InUse).Watts,
                    (after.Economics.TotalCapital.Value - before.Economics.TotalCapital.Value).Dollars));
            }
            catch (InputException)
            {
                // What a fabric can't have is no change of it.
            }
        }
        return all;
    }
}
