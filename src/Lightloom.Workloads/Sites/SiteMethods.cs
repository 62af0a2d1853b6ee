using Lightloom.Catalog.Documents;

namespace Lightloom.Workloads.Sites;

/// <summary>The methods of training over several sites, found by name.</summary>
public static class SiteMethods
{
    /// <summary>One of each kind, set as published.</summary>
    public static IReadOnlyList<ISiteMethod> All { get; } =
    [
        new SynchronousDataParallel(),
        new PipelineAcrossSites(),
        new DiLoCo(),
        new StreamingDiLoCo(),
        new EagerUpdates(),
    ];

    /// <summary>A method by its name.</summary>
    /// <exception cref="SiteException">There is none; the message names the nearest.</exception>
    public static ISiteMethod Find(string name) =>
        All.FirstOrDefault(m => m.Name == name) ?? throw new SiteException("method",
            $"expected one of {string.Join(", ", All.Select(m => m.Name))}, found '{name}'{Nearest.Hint(name, [.. All.Select(m => m.Name)])}");
}
