using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives;

/// <summary>Finds how collectives use a part's links.</summary>
public static class CollectiveMechanisms
{
    /// <summary>How collectives use an accelerator's scale-up links.</summary>
    /// <exception cref="InputException">The catalogue doesn't say.</exception>
    public static CollectiveParameters Of(PartCatalog catalog, Accelerator accelerator) => Find(catalog, accelerator, "accelerator");

    /// <summary>How collectives use a fabric of this protocol.</summary>
    /// <exception cref="InputException">The catalogue doesn't say.</exception>
    public static CollectiveParameters Of(PartCatalog catalog, NetworkProtocol protocol) => Find(catalog, protocol, "protocol");

    static CollectiveParameters Find(PartCatalog catalog, Part part, string kind)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(part);
        var key = part.Key.TrimEnd('*'); // a changed part works as the part that it is based on
        return catalog.All<CollectiveParameters>().FirstOrDefault(p => p.AppliesTo.Contains(key, StringComparer.Ordinal))
            ?? throw new InputException($"no collective-parameters apply to the {kind} '{part.Key}'");
    }
}
