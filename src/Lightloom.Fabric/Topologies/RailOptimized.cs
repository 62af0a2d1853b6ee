namespace Lightloom.Fabric;

// Port i of each system of a scalable unit goes to leaf i of that unit [NVIDIA DGX SuperPOD RA-11333-001 V11, 2023].
//
// Worked example: 127 systems of 8 ports and 4 links to UFM, k = 64: units of 32 systems and 8 leaves; 4 units, 32 leaves,
// 16 spines, 1016 + 4 cables below the leaves, 1,024 above.

/// <summary>
/// A folded Clos whose leaves are rails: port i of each system of a scalable unit goes to rail leaf i, so that accelerators of
/// one rail meet on a leaf and others go over the scale-up domain or a spine. A fabric smaller than one unit lets several rails
/// share a leaf.
/// </summary>
public sealed class RailOptimized : ITopology
{
    /// <inheritdoc/>
    public string Name => "rail-optimized";

    /// <inheritdoc/>
    public string Description => "Folded Clos of 1 to 3 tiers; port i of each system goes to rail leaf i of its scalable unit.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        return new Clos(Name, request, byRail: true).Plan();
    }
}
