namespace Lightloom.Fabric;

/// <summary>One switch that every port of every system reaches; one in each plane.</summary>
/// <remarks>
/// Fits while systems · ports ≤ radix. Example: 8 systems of 8 ports on a switch of 64 ports; a ninth has no port.
/// </remarks>
public sealed class SingleSwitch : ITopology
{
    /// <inheritdoc/>
    public string Name => "single-switch";

    /// <inheritdoc/>
    public string Description => "One switch that every system reaches.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        if (request.Tiers is { } tiers and not 1)
            throw new FabricException("tiers", $"a single switch is 1 tier, not {tiers}", tiers > 1 ? 1 : null, tiers < 1 ? 1 : null);
        return new Clos(Name, request, byRail: false).Plan(mostTiers: 1);
    }
}
