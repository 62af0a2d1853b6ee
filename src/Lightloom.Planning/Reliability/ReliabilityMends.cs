// What would make a job lose less to failures, and what would make one move that doesn't.
//
//   each change      is applied alone, with the best interval between checkpoints for it unless the design gives one
//   to make progress the largest time to write, the largest time to recover and the most accelerators with which half of the time counts,
//                    found by bisection; none where not even 1/1000 of now is enough

using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>A change and the share of time that makes progress with it.</summary>
/// <param name="Say">The change, in words.</param>
/// <param name="Effective">Effective share with it.</param>
/// <param name="Gains">The same less that of now.</param>
public sealed record ReliabilityMend(string Say, double Effective, double Gains);

/// <summary>Changes of a job that lose less to failures; see the head of this file.</summary>
public static class ReliabilityMends
{
    // Where half of the time counts, a job makes progress worth the name.
    const double Enough = 0.5;

    static readonly Duration Swapped = Duration.FromMinutes(2);

    /// <summary>Changes that gain something, most first.</summary>
    /// <param name="model">The job.</param>
    public static IReadOnlyList<ReliabilityMend> Of(ReliabilityModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var now = model.Forecast().Effective;
        var mends = new List<ReliabilityMend>();
        if (model.CheckpointInterval is { } given && CheckpointIntervals.Optimum(model.Interruptions, model.CheckpointWrite) is var best)
            Try($"checkpoints every {best.ToString("G3")} instead of {given.ToString("G3")}", model with { CheckpointInterval = null });
        Try("checkpoints written in a tenth of the time", model.WithWrite(0.1));
        Try("failures noticed in a tenth of the time", model with
        {
            Processes = [.. model.Processes.Select(p => p.Consequence is FailureConsequence.Interrupts or FailureConsequence.Separates ? p with { Detection = p.Detection * 0.1 } : p)],
        });
        Try("restarts in half of the time", model with { Restart = model.Restart * 0.5, HotSwap = model.HotSwap * 0.5 });
        if (model.HotSwap is null) Try($"spares swapped in within {Swapped.ToString("G3")}", model with { HotSwap = Swapped });
        foreach (var p in model.Processes.Where(p => p.Total.PerSecond > 0))
            Try($"{p.Name}: half as often", model with { Processes = [.. model.Processes.Select(q => q == p ? p with { Rate = p.Rate * 0.5 } : q)] });
        if (model.Spares is { } spares)
        {
            if (SparePool.Enough(model.Drains, 0.001) is { } enough && enough > spares) Try($"{enough:N0} spare systems instead of {spares:N0}", model with { Spares = enough });
            if (model.OnShortage == ShortagePolicy.Wait && model.Replicas > 1) Try("going on with fewer replicas while spares are out", model with { OnShortage = ShortagePolicy.Shrink });
        }
        return [.. mends.Where(m => m.Gains > 1e-6).OrderByDescending(m => m.Gains)];

        void Try(string say, ReliabilityModel changed)
        {
            var with = changed.Forecast().Effective;
            mends.Add(new(say, with, with - now));
        }
    }

    /// <summary>What alone would let half of the time count, in words; empty where it already does or nothing alone is enough.</summary>
    /// <param name="model">The job.</param>
    /// <param name="accelerators">Accelerators that it runs on.</param>
    public static IReadOnlyList<string> ToMakeProgress(ReliabilityModel model, int accelerators)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Forecast() is { Progresses: true, Effective: >= Enough }) return [];
        var ways = new List<string>();
        if (Largest(model.WithWrite) is { } write)
            ways.Add($"checkpoints in {(model.CheckpointWrite * write).ToString("G3")} instead of {model.CheckpointWrite.ToString("G3")}");
        if (Largest(model.WithRecovery) is { } recovery)
            ways.Add($"restarts in {(model.Restart * recovery).ToString("G3")} instead of {model.Restart.ToString("G3")}, and noticed as much sooner");
        if (Largest(model.WithRates) is { } rates)
        {
            var fewer = Math.Floor(accelerators * rates);
            ways.Add($"an interruption every {(model.Interruptions * rates).MeanTime.ToString("G3")} instead of {model.Interruptions.MeanTime.ToString("G3")}, {(fewer >= 1 ? $"as on {fewer:N0} accelerators of {accelerators:N0}" : "which no fewer accelerators have")}");
        }
        return ways;
    }

    static double? Largest(Func<double, ReliabilityModel> scaled)
    {
        bool Works(double factor) => scaled(factor).Forecast() is { Progresses: true, Effective: >= Enough };
        double low = 1e-3, high = 1;
        if (!Works(low)) return null;
        if (Works(high)) return null;
        while (high / low > 1.001)
        {
            var middle = Math.Sqrt(low * high);
            if (Works(middle)) low = middle;
            else high = middle;
        }
        return low;
    }
}
