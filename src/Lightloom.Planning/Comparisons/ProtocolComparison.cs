using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using static Lightloom.Planning.Comparisons.ComparisonSets;

namespace Lightloom.Planning.Comparisons;

/// <summary>InfiniBand against RoCE against Ultra Ethernet on the same cluster.</summary>
public sealed class ProtocolComparison : IComparisonSet
{
    /// <inheritdoc/>
    public string Name => "fabric";

    /// <inheritdoc/>
    public string Title => "InfiniBand against RoCE against Ultra Ethernet";

    /// <inheritdoc/>
    public string Note => "Where the design's switches don't speak a protocol, those that are usual for it and the card's rate take their place, with units, pods and named " +
        "cables left to what fits them. What a protocol costs more than these prices say is no fact of the catalogue: 'fabric.priceFactor' takes a range; published premiums of InfiniBand lie between 1.1 and 2.3.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return
        [
            Of(document, "RoCE", FabricProtocol.RoCEv2, reduces: false),
            Of(document, "Ultra Ethernet", FabricProtocol.UltraEthernet, reduces: false),
            Of(document, "InfiniBand", FabricProtocol.Infiniband, reduces: false),
            Of(document, "InfiniBand, switches reduce", FabricProtocol.Infiniband, reduces: true),
        ];
    }

    static Variant Of(DesignDocument document, string name, FabricProtocol protocol, bool reduces)
    {
        var (fabric, system) = (document.Design.Fabric, document.Design.Accelerators.System);
        var key = DocumentShape.NameOf(protocol);
        var wanted = document.Catalog.Get<NetworkProtocol>(key);
        if (!system.Nic.Protocols.Contains(wanted.Link)) return Variant.Refused(name, $"the network card '{system.Nic.Key}' does not speak {DocumentShape.NameOf(wanted.Link)}");
        List<DesignChange> changes = [new("collectives.fabricReduction", reduces ? "true" : null)];
        if (protocol != fabric.Protocol)
        {
            changes.Add(new("fabric.protocol", key));
            changes.AddRange(Without("fabric.loadBalancing", "fabric.queuePairs", "fabric.priceFactor", "collectives.fabric"));
            if (wanted.Link == LinkProtocol.Ethernet) changes.AddRange(Without("fabric.managementLinks"));
        }
        Switch?[] boxes = [fabric.Switch, fabric.LeafSwitch, fabric.SpineSwitch, fabric.CoreSwitch];
        if (boxes.Any(b => b is not null && !b.Protocols.Contains(wanted.Link)))
        {
            changes.Add(new("fabric.switch", CollectiveNetwork.UsualSwitch(system, wanted, document.Catalog).Key));
            changes.AddRange(Without("fabric.leafSwitch", "fabric.spineSwitch", "fabric.coreSwitch", "fabric.tiers", "fabric.systemsPerUnit", "fabric.systemsPerPod"));
            // A torus has no switches that its shape could depend on.
            if (fabric.Topology != "torus") changes.AddRange(Without("fabric.parameters"));
            changes.AddRange(WithoutNamedLinks);
        }
        return Variant.Of(document, name, changes);
    }
}
