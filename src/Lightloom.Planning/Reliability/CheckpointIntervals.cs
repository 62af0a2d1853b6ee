// When to write checkpoints, and what share of time is left, for failures without memory.
//
//   λ    interruptions a second          w   time to write a checkpoint while the job waits, s
//   τ    work between two checkpoints, s  R   detection and restart, s, of which failures may differ
//
//   a stretch of τ + w             needs e^{λ(τ+w)} − 1 failures on the mean; between two of them pass 1/λ and a recovery
//   a recovery                     that failures hit too takes V = (1/L − 1)/λ,  L = E[e^{−λR}] over the kinds of failures
//   exact                          g(τ) = λτ·L / (e^{λ(τ+w)} − 1)              one R: Daly 2006, eq. 20;  1/λ + V = 1/(λL)
//   where the rest goes            recovery 1 − L,  checkpoints g·w/τ,  work done twice L − g(1 + w/τ)
//   best interval, exact           τ* = (1 + W(−e^{−1−λw}))/λ, the root of 1 − λτ = e^{−λ(τ+w)}; W Lambert's function, upper branch
//   Young 1974                     τ = √(2w/λ)
//   Daly 2006, eq. 37              τ = √(2w/λ)·(1 + √(λw/2)/3 + λw/18) − w where λw < 2, else 1/λ
//   first order, Kokolis 2025      E[ETTR] ≈ (1 − λ(R + τ/2)) / (1 + w/τ);  at Young's interval, R and w far below 1/λ: 1 − λR − √(2λw)
//
// Worked example, Llama 3 405B (419 unexpected interruptions in 54 days): 1/λ = 54·24/419 = 3.09 h. With w = 60 s and R = 10 min:
// Young 1155.95 s, Daly 1116.29 s, exact 1116.30 s; g = 0.85255 there, and the first order says 0.85029.

using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>Intervals between checkpoints by the formulas of the field, beside the exact best; see the equations at the head of this file.</summary>
public static class CheckpointIntervals
{
    /// <summary>Young's first-order interval. Infinite without failures.</summary>
    public static Duration Young(FailureRate interruptions, Duration write) => Goodput.YoungInterval(interruptions, write);

    /// <summary>Daly's higher-order interval, of work alone; the mean time between failures where a checkpoint takes twice as long or more.</summary>
    public static Duration Daly(FailureRate interruptions, Duration write)
    {
        var (rate, w) = (interruptions.PerSecond, write.Seconds);
        var y = rate * w;
        return Duration.FromSeconds(y < 2 ? (Math.Sqrt(2 * w / rate) * (1 + (Math.Sqrt(y / 2) / 3) + (y / 18))) - w : 1 / rate);
    }

    /// <summary>The best interval for failures without memory. It doesn't depend on the time of recovery.</summary>
    public static Duration Optimum(FailureRate interruptions, Duration write) => Goodput.BestInterval(interruptions, write);

    /// <summary>The exact share of time that makes progress.</summary>
    /// <param name="interruptions">Rate at which the job is stopped.</param>
    /// <param name="write">Time that the job waits for a checkpoint.</param>
    /// <param name="interval">Work between two checkpoints.</param>
    /// <param name="recovered">L, the chance that a recovery isn't hit by another failure: <see cref="Recovered"/>.</param>
    public static double Share(FailureRate interruptions, Duration write, Duration interval, double recovered)
    {
        var (rate, w, x) = (interruptions.PerSecond, write.Seconds, interval.Seconds);
        // expm1, so that rare failures keep their digits.
        return rate <= 0 ? x / (x + w) : recovered * rate * x / ExponentialLessOne(rate * (x + w));
    }

    /// <summary>L = E[e^{−λR}]: the chance that a recovery comes to its end before the next failure, over the kinds of failures.</summary>
    /// <param name="failures">How often each kind stops the job, and its detection and restart.</param>
    public static double Recovered(IReadOnlyList<(FailureRate Rate, Duration Recovery)> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        var (all, sum) = (failures.Sum(f => f.Rate.PerSecond), 0.0);
        if (all <= 0) return 1;
        foreach (var (rate, recovery) in failures) sum += rate.PerSecond / all * Math.Exp(-all * recovery.Seconds);
        return sum;
    }

    internal static double ExponentialLessOne(double x)
    {
        if (Math.Abs(x) > 1e-3) return Math.Exp(x) - 1;
        return x * (1 + (x / 2 * (1 + (x / 3 * (1 + (x / 4 * (1 + (x / 5))))))));
    }
}
