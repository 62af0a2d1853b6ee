namespace Lightloom.Planning.Validation;

/// <summary>How the error of one thing measured at several sizes changes from the smallest to the largest.</summary>
/// <param name="Series">What was measured.</param>
/// <param name="From">The smallest size.</param>
/// <param name="To">The largest.</param>
/// <param name="Points">Points of the series.</param>
/// <param name="Drift">Error at the largest size less error at the smallest, as shares; positive where the model grows slower with size than what was measured.</param>
public sealed record ValidationDrift(string Series, double From, double To, int Points, double Drift)
{
    internal static IReadOnlyList<ValidationDrift> Of(IReadOnlyList<ValidationPoint> points) =>
    [
        .. points.Where(p => p.Series is not null).GroupBy(p => p.Series!.Value.Name, StringComparer.Ordinal)
            .Select(g => (g.Key, Sizes: g.GroupBy(p => p.Series!.Value.Scale).OrderBy(s => s.Key).ToList(), Points: g.Count()))
            .Where(s => s.Sizes.Count > 1)
            .Select(s => new ValidationDrift(
                s.Key, s.Sizes[0].Key, s.Sizes[^1].Key, s.Points, s.Sizes[^1].Average(p => p.Slowness) - s.Sizes[0].Average(p => p.Slowness))),
    ];
}
