namespace Lightloom.Architecture.Tests;

/// <summary>The table of rooms: a project may use only those above it. <c>docs/architecture.md</c> shows the same table.</summary>
static class Rooms
{
    public static readonly string[] Table =
    [
        "Lightloom.Quantities",
        "Lightloom.Catalog",
        "Lightloom.Optics",
        "Lightloom.Fabric",
        "Lightloom.Simulation",
        "Lightloom.Collectives",
        "Lightloom.Workloads",
        "Lightloom.Planning",
        "Lightloom.Interop",
        "Lightloom.Cluster",
        "Lightloom.Server",
        "Lightloom.Cli",
    ];

    /// <summary>Rooms that have been built so far.</summary>
    public static IReadOnlyList<Project> Built { get; } = [.. Repository.Projects("src")];

    public static TheoryData<string> BuiltNames => [.. Built.Select(p => p.Name)];

    public static Project Named(string name) => Built.Single(p => p.Name == name);

    /// <summary>The rooms among these that stand beside or below a room, and that it so may not use.</summary>
    public static IEnumerable<string> NotAbove(string room, IEnumerable<string> used)
    {
        var place = Array.IndexOf(Table, room);
        return used.Where(other => Array.IndexOf(Table, other) >= place || !Table.Contains(other));
    }
}
