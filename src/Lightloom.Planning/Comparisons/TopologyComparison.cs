using Lightloom.Catalog;
using static Lightloom.Planning.Comparisons.ComparisonSets;

namespace Lightloom.Planning.Comparisons;

/// <summary>Fat-tree against rail-optimised against rail-only against dragonfly against torus with optical circuit switches.</summary>
public sealed class TopologyComparison : IComparisonSet
{
    const string Torus = "torus", CircuitSwitch = "palomar";

    // Cubes of a TPU v4 pod are 4 nodes along each dimension; a circuit switch joins two ports of each.
    static readonly int[] Sides = [4, 8, 16, 32, 2];

    /// <inheritdoc/>
    public string Name => "topology";

    /// <inheritdoc/>
    public string Title => "Fat-tree, rail-optimised, rail-only, dragonfly, torus with optical circuit switches";

    /// <inheritdoc/>
    public string Note => "Cards, switches and systems are the design's; each topology sizes itself from them. What only one shape has (units, pods, rails, parameters, named cables) is left out of the " +
        "others, and an oversubscription counts for folded Clos alone.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return
        [
            Clos(document, "fat-tree", "fat-tree"),
            Clos(document, "rail-optimised", "rail-optimized"),
            Clos(document, "rail-only", "rail-only"),
            Variant.Of(document, "dragonfly", document.Design.Fabric.Topology == "dragonfly" ? [] : Direct("dragonfly")),
            TorusOf(document, "torus with circuit switches"),
        ];
    }

    static Variant Clos(DesignDocument document, string name, string topology)
    {
        if (document.Design.Fabric.Topology == topology) return Variant.Of(document, name);
        var changes = new List<DesignChange> { new("fabric.topology", topology) };
        changes.AddRange(Without("fabric.parameters", "fabric.tiers", "fabric.systemsPerUnit", "fabric.systemsPerPod", "fabric.rails"));
        if (topology == "rail-only") changes.AddRange(Without("fabric.managementLinks"));
        return Variant.Of(document, name, [.. changes, .. WithoutNamedLinks]);
    }

    static IEnumerable<DesignChange> Direct(string topology) =>
    [
        new("fabric.topology", topology),
        .. Without("fabric.parameters", "fabric.tiers", "fabric.systemsPerUnit", "fabric.systemsPerPod", "fabric.rails", "fabric.oversubscription", "fabric.managementLinks", "fabric.failed",
            "fabric.leafSwitch", "fabric.spineSwitch", "fabric.coreSwitch"),
        .. WithoutNamedLinks,
    ];

    static Variant TorusOf(DesignDocument document, string name)
    {
        var fabric = document.Design.Fabric;
        if (fabric is { Topology: Torus, Parameters.OpticalSwitch: not null }) return Variant.Of(document, name);
        var system = document.Design.Accelerators.System;
        var planes = fabric.Planes;
        var (card, whole) = (system.Nic.Ports.Value / planes, system.Nic.Ports.Value * system.Nics.Value / planes);
        // As the topology sees its nodes: a card that has ports for all directions, or else a system.
        var (ports, perSystem) = Suits(card) ? (card, system.Nics.Value) : (whole, 1);
        if (!Suits(ports)) return Variant.Refused(name, $"a node of a torus needs 4 ports for two dimensions or 6 for three, or a multiple; a card has {card} and a system {whole}");
        var dimensions = ports % 6 == 0 ? 3 : 2;
        var nodes = (double)perSystem * document.Design.Accelerators.Systems;
        var circuits = document.Catalog.Get<OpticalCircuitSwitch>(CircuitSwitch);
        // Two boards at least, and no more than a circuit switch joins with its usual spares.
        var side = Sides.FirstOrDefault(s => Math.Pow(s, dimensions) * 2 <= nodes && Math.Ceiling(nodes / Math.Pow(s, dimensions)) * 2 <= circuits.Ports.Value - 8);
        if (side == 0) return Variant.Refused(name, $"{nodes:N0} nodes don't make two boards that '{circuits.Key}' with {circuits.Ports.Value} ports could join");
        var board = string.Join(", ", Enumerable.Repeat(side, dimensions));
        return Variant.Of(document, name,
            [.. Direct(Torus).Where(c => c.Path != "fabric.parameters"), new("fabric.parameters", $"{{ board: [{board}], opticalSwitch: {CircuitSwitch} }}")]);

        static bool Suits(int ports) => ports > 0 && (ports % 4 == 0 || ports % 6 == 0);
    }
}
