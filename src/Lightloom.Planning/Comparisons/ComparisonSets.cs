using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Comparisons;

/// <summary>The comparisons that people make, found by name.</summary>
public static class ComparisonSets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IComparisonSet> All { get; } =
        [new ProtocolComparison(), new OpticsComparison(), new CopperComparison(), new TopologyComparison(), new DomainComparison(), new SitesComparison()];

    /// <summary>A comparison by its name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static IComparisonSet Find(string name)
    {
        string[] names = [.. All.Select(s => s.Name)];
        return All.FirstOrDefault(s => s.Name == name) ?? throw new InputException($"there is no comparison '{name}'{Nearest.Hint(name, names)}");
    }

    /// <summary>Keys that name parts of single classes of links: what fits one fabric's ports need not fit another's.</summary>
    internal static IEnumerable<DesignChange> WithoutNamedLinks { get; } = Without("site.links.node-leaf", "site.links.leaf-spine", "site.links.spine-core", "site.links.classes");

    /// <summary>Keys taken out.</summary>
    internal static IEnumerable<DesignChange> Without(params string[] paths) => [.. paths.Select(p => new DesignChange(p, null))];
}
