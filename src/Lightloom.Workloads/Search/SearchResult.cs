using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>What a search over parallelism found.</summary>
/// <param name="Top">
/// The fastest that fit the memory, each with other degrees than those before it and the best interleaving, sharding, recomputation and schedule for
/// them; the ones that need least memory if none fits.
/// </param>
/// <param name="Frontier">Choices between time and memory, the fastest first: nothing is as fast in less memory. By the closed form, fitting or not.</param>
/// <param name="Counts">How much was looked at.</param>
public sealed record SearchResult(IReadOnlyList<TrainingStep> Top, IReadOnlyList<TrainingStep> Frontier, SearchCounts Counts)
{
    /// <summary>The fastest step that fits the memory, or the one that needs least memory if none fits.</summary>
    public TrainingStep Best => Top[0];

    /// <summary>The best with other degrees, if there is one.</summary>
    public TrainingStep? RunnerUp => Top.Count > 1 ? Top[1] : null;

    /// <summary>Where one step is slower than another, what costs most first: part by part, in time that adds up to the difference.</summary>
    public static IReadOnlyList<(StepPart Part, Duration More)> Compare(in TrainingStep better, in TrainingStep worse)
    {
        var parts = new List<(StepPart Part, Duration More)>();
        for (var i = 0; i < TrainingStep.PartCount; i++)
        {
            var more = worse[(StepPart)i] - better[(StepPart)i];
            if (more != Duration.Zero) parts.Add(((StepPart)i, more));
        }
        // A stable order.
        return [.. parts.OrderByDescending(p => p.More.Seconds)];
    }
}

/// <summary>How much a search looked at.</summary>
/// <param name="Valid">Configurations that keep every rule.</param>
/// <param name="Pruned">Those of them whose bound was too slow, so that they were not predicted.</param>
/// <param name="Slow">Those whose predicted time was too slow, so that their memory was not.</param>
/// <param name="Fitting">Those predicted whole that fit the memory.</param>
/// <param name="Played">Steps played out in a schedule.</param>
/// <param name="Infeasible">Combinations of degrees and microbatch that break a rule, by the first that they break.</param>
/// <param name="Stopped">Whether the search was stopped before its end.</param>
public sealed record SearchCounts(
    long Valid, long Pruned, long Slow, long Fitting, int Played, IReadOnlyList<(JobRule Rule, long Count)> Infeasible, bool Stopped)
{
    /// <summary>Configurations whose time was predicted.</summary>
    public long Predicted => Valid - Pruned;
}
