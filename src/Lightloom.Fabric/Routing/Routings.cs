using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric;

/// <summary>
/// A way to choose paths. A new one is a public class with a parameterless constructor; it is found by its name.
/// </summary>
public interface IRouting
{
    /// <summary>The name by which it is asked for, in kebab-case.</summary>
    string Name { get; }

    /// <summary>What it does, in one sentence.</summary>
    string Description { get; }

    /// <summary>Why it can't route a plane ("d-mod-k needs a folded Clos"), or null when it can.</summary>
    string? Unsuited(FabricPlane plane);

    /// <summary>The routing of a plane.</summary>
    /// <exception cref="FabricException">It can't route that; the field is "routing".</exception>
    Router Bind(FabricPlane plane);
}

/// <summary>All routings of this assembly, by name.</summary>
public static class Routings
{
    static readonly Lazy<IReadOnlyList<IRouting>> Found = new(static () =>
    [
        .. typeof(Routings).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IRouting)))
            .Select(t => (IRouting)Activator.CreateInstance(t)!)
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ]);

    /// <summary>All routings, in alphabetical order.</summary>
    public static IReadOnlyList<IRouting> All => Found.Value;

    /// <summary>The routing of a name.</summary>
    /// <exception cref="FabricException">There is none; the message names the nearest. Its field is "routing".</exception>
    public static IRouting Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var routing in All)
            if (routing.Name == name) return routing;
        throw new FabricException("routing", $"there is no routing '{name}'{Nearest.Hint(name, [.. All.Select(t => t.Name)])}");
    }

    /// <summary>The refusal of a plane that a routing is unsuited for.</summary>
    internal static void Check(IRouting routing, FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        if (routing.Unsuited(plane) is { } why) throw new FabricException("routing", $"{routing.Name}: {why}");
    }
}
