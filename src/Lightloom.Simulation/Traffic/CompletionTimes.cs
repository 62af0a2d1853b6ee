namespace Lightloom.Simulation.Traffic;

/// <summary>How long flows took from their start to their arrival, seconds.</summary>
public sealed class CompletionTimes
{
    readonly double[] sorted;

    /// <summary>Of all flows that arrived.</summary>
    public CompletionTimes(Flows.FlowRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var times = new double[run.Program.Count];
        var (sum, count) = (0.0, 0);
        for (var f = 0; f < times.Length; f++)
        {
            var took = run.FinishOf(f) - run.BeginOf(f);
            if (double.IsNaN(took)) continue;
            times[count++] = took;
            sum += took;
        }
        sorted = times.AsSpan(0, count).ToArray();
        Array.Sort(sorted);
        Mean = count == 0 ? 0 : sum / count;
    }

    /// <summary>Flows that arrived.</summary>
    public int Count => sorted.Length;

    /// <summary>Their mean.</summary>
    public double Mean { get; }

    /// <summary>The time within which a share of them arrived, between the nearest ranks linearly: 0 is the fastest, 1 the slowest; 0 s where none did.</summary>
    public double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (sorted.Length == 0) return 0;
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + (at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
