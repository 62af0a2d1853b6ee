namespace Lightloom.Fabric;

// A folded Clos of k-port switches, also called fat-tree or leaf-spine [Leiserson 1985; Al-Fares et al., SIGCOMM 2008].
//
//   tiers   most endpoints N   switches   links
//   1       k                  1          N
//   2       k²/2               3k/2       2N
//   3       k³/4               5k²/4      3N
//
// Worked example: k = 64, 3 tiers: 65,536 endpoints, 5,120 switches, 196,608 links.

/// <summary>
/// A folded Clos of one to three tiers, oversubscribed at any tier if asked: all ports of a system go to one leaf, or to as few
/// leaves as hold them.
/// </summary>
public sealed class FatTree : ITopology
{
    /// <inheritdoc/>
    public string Name => "fat-tree";

    /// <inheritdoc/>
    public string Description => "Folded Clos of 1 to 3 tiers; the ports of a system share a leaf.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        return new Clos(Name, request, byRail: false).Plan();
    }
}
