using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric;

/// <summary>A way to join systems by switches. A new one is a public class with a parameterless constructor; it is found by its name.</summary>
public interface ITopology
{
    /// <summary>The name by which designs ask for it, in kebab-case.</summary>
    string Name { get; }

    /// <summary>What it is, in one sentence.</summary>
    string Description { get; }

    /// <summary>The members of <see cref="TopologyParameters"/> that it has, by their names in a design; none unless it says so.</summary>
    IReadOnlyList<string> Parameters => [];

    /// <summary>Counts the fabric.</summary>
    /// <exception cref="FabricException">No such fabric can exist; the message names the nearest that can.</exception>
    FabricPlan Plan(FabricRequest request);
}

/// <summary>All topologies of this assembly, by name.</summary>
public static class Topologies
{
    static readonly Lazy<IReadOnlyList<ITopology>> Found = new(static () =>
    [
        .. typeof(Topologies).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ITopology)))
            .Select(t => (ITopology)Activator.CreateInstance(t)!)
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ]);

    /// <summary>All topologies, in alphabetical order.</summary>
    public static IReadOnlyList<ITopology> All => Found.Value;

    /// <summary>The topology of a name.</summary>
    /// <exception cref="FabricException">There is none; the message names the nearest. Its field is "topology".</exception>
    public static ITopology Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var topology in All)
            if (topology.Name == name) return topology;
        throw new FabricException("topology", $"there is no topology '{name}'{Nearest.Hint(name, [.. All.Select(t => t.Name)])}");
    }
}
