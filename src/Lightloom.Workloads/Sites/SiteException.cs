namespace Lightloom.Workloads.Sites;

/// <summary>Something about training over several sites that can't be: which value, why, and what would do.</summary>
/// <param name="field">The value that is wrong, as in a design ("routes.0.to") or as a method calls it ("innerSteps").</param>
/// <param name="problem">What is wrong and what was expected.</param>
public sealed class SiteException(string field, string problem) : Exception(problem)
{
    /// <summary>The value that is wrong.</summary>
    public string Field { get; } = field;
}
