namespace Lightloom.Fabric;

// Cards of several ports whose ports go to as many leaves of one fabric, so that a card outlives its leaf ("dual top-of-rack").
//
//   c   ports of a card in a plane      R   rails, 1 unless asked for      leaves of a unit: c·R
//   port j of card i of a system  ->  leaf ⌊i / (cards/R)⌋·c + j of its unit
//
// Unlike planes, the leaves of a pair meet at the same spines: either reaches everything.
//
// Worked example: 32 systems of 8 twin-port cards, k = 128: units of 2 leaves and 8 systems, 64 ports down and 64 up: 8 leaves and 4
// spines.

/// <summary>
/// A folded Clos of two or three tiers in which every port of a card goes to another leaf of its unit; twin-port cards have two.
/// </summary>
public sealed class DualTor : ITopology
{
    /// <inheritdoc/>
    public string Name => "dual-tor";

    /// <inheritdoc/>
    public string Description => "Folded Clos in which each port of a card goes to a leaf of its own, so that a card outlives a leaf.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        if (request.Tiers == 1)
            throw new FabricException("tiers", "the leaves of a card meet above them: dual-tor has 2 or 3 tiers, not 1", null, 2);
        return new Clos(Name, request, byRail: true, byCardPort: true).Plan();
    }
}
