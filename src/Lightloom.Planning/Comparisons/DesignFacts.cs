using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Comparisons;

/// <summary>What a design is made of and lives by, in words.</summary>
/// <param name="Scope">Sites, systems and accelerators, and what they share.</param>
/// <param name="Protocol">What the fabric speaks, and how it spreads traffic.</param>
/// <param name="Topology">How it is built, of which switches.</param>
/// <param name="Media">Modules and cables by class of links.</param>
/// <param name="InNetworkReduction">Whether the fabric's switches reduce.</param>
/// <param name="Supply">The class of parts that the fewest vendors make.</param>
/// <param name="Binds">What binds, by the bottleneck ledger.</param>
/// <param name="Infeasible">What doesn't work as it stands.</param>
public sealed record DesignFacts(
    string Scope, string Protocol, string Topology, string Media, string InNetworkReduction, SupplyClass Supply, string Binds, IReadOnlyList<string> Infeasible)
{
    /// <summary>The facts of a design.</summary>
    public static DesignFacts Of(ComparedDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        var (evaluation, build) = (design.Evaluation, design.Evaluation.Build);
        var (plan, protocol, own) = (build.Plan, build.Protocol, build.Document.Design);
        var system = plan.Request.System;
        var switches = plan.Tiers.Where(t => t.Count > 0).GroupBy(t => t.Switch.Key).Select(t => $"{t.Sum(x => x.Count):N0} {t.Key}").ToList();
        if (plan.OpticalSwitches is { } circuits) switches.Add($"{circuits.Count:N0} {circuits.Switch.Key}");
        // Which vendor a design is bound to shows in the network: systems are bought for their accelerators.
        var supply = evaluation.Bill.Lines.Where(l => l.Category != MaterialCategory.Systems).Select(l => l.Supply).DefaultIfEmpty(evaluation.Bill.Lines[0].Supply).MinBy(s => s.Vendors.Value)!;
        return new(
            (design.Sites.Count > 1 ? $"{design.Sites.Count} sites, by {design.Method?.Name ?? "no job"}, each " : "") + $"{plan.Request.Systems:N0} x {system.Accelerators.Value:N0} accelerators",
            $"{DocumentShape.NameOf(own.Fabric.Protocol)}, {protocol.LoadBalancing.Name}",
            $"{plan.Topology} of {(switches.Count > 0 ? string.Join(" + ", switches) : "cards")}",
            string.Join("; ", build.Links.Select(l => $"{l.Class.Name}: {string.Join(" + ", l.Groups.Select(g => g.Link.Name).Distinct())}")),
            plan.Tiers.Count == 0 || !plan.Tiers.All(t => t.Switch.InNetworkReduction) ? "no" : own.Collectives is { FabricReduction: true } ? "yes" : "yes, not used",
            supply,
            evaluation.Ledger?.Verdict ?? "no job to find a bottleneck of",
            [.. design.Sites.Distinct().SelectMany(s => s.Findings).Where(f => f.Severity == Severity.Infeasible).Select(f => f.Message).Distinct()]);
    }
}
