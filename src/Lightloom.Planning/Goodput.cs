// Share of wall time that a job makes progress in, under failures that stop all of it.
//
//   λ    interruptions of the job per second: the sum over parts of count x rate
//   R    detection and restart after an interruption, s
//   w    time to write a checkpoint while the job waits, s
//   τ    work between two checkpoints, s
//
//   exact, for failures without memory:   g(τ) = λτ / (e^{λR}·(e^{λ(τ+w)} - 1))                (Daly 2006, eq. 20)
//   optimum, first order (Young 1974):    τ* = √(2w/λ); refined here on g itself
//   first order (Kokolis et al. 2024):    E[ETTR] ≈ (1 - λ(R + τ/2)) / (1 + w/τ)
//
// A flap shorter than the transport's patience stops nothing, but the whole job waits for it: g is multiplied by 1 - φ·d.
//
// Worked example, Llama 3 405B (419 unexpected interruptions in 54 days): 1/λ = 54·24/419 = 3.09 h.

using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Where a job's interruptions come from: so many parts, each with a rate.</summary>
/// <param name="Name">The kind of part.</param>
/// <param name="Count">How many of them the job depends on.</param>
/// <param name="Rate">Interruptions by one of them.</param>
public readonly record struct InterruptionSource(string Name, double Count, FailureRate Rate)
{
    /// <summary>Interruptions by all of them.</summary>
    public FailureRate Total => Rate * Count;
}

/// <summary>Goodput of a job under failures; see the equations at the head of this file.</summary>
/// <param name="Interruptions">Rate at which the job is stopped.</param>
/// <param name="CheckpointWrite">Time that the job waits for a checkpoint.</param>
/// <param name="CheckpointInterval">Work between two checkpoints.</param>
/// <param name="Recovery">Detection and restart.</param>
/// <param name="Stalled">Share of time that the job waits for links that flap but recover.</param>
/// <param name="EffectiveShare">Share of wall time in which the job makes progress; 0 when it makes none.</param>
public readonly record struct Goodput(
    FailureRate Interruptions,
    Duration CheckpointWrite,
    Duration CheckpointInterval,
    Duration Recovery,
    double Stalled,
    double EffectiveShare)
{
    /// <summary>Works out the goodput at the best checkpoint interval, or at a given one.</summary>
    /// <param name="interruptions">Rate at which the job is stopped.</param>
    /// <param name="checkpointWrite">Time that the job waits for a checkpoint.</param>
    /// <param name="recovery">Detection and restart.</param>
    /// <param name="stalled">Share of time that the job waits for links that flap but recover.</param>
    /// <param name="interval">Work between two checkpoints; the best unless given.</param>
    public static Goodput Of(
        FailureRate interruptions, Duration checkpointWrite, Duration recovery, double stalled, Duration? interval = null)
    {
        double rate = interruptions.PerSecond, write = checkpointWrite.Seconds, restart = recovery.Seconds;
        var best = interval?.Seconds ?? BestInterval(rate, write);
        var share = rate > 0 ? Exact(rate, write, restart, best) : best / (best + write);
        return new(interruptions, checkpointWrite, Duration.FromSeconds(best), recovery, stalled,
            share * Math.Max(0, 1 - stalled));
    }

    /// <summary>Young's first-order checkpoint interval.</summary>
    public static Duration YoungInterval(FailureRate interruptions, Duration checkpointWrite) =>
        Duration.FromSeconds(Math.Sqrt(2 * checkpointWrite.Seconds / interruptions.PerSecond));

    /// <summary>The first-order expectation of the effective share that the literature uses; negative where it does not hold.</summary>
    public static double FirstOrder(FailureRate interruptions, Duration checkpointWrite, Duration recovery, Duration interval) =>
        (1 - (interruptions.PerSecond * (recovery.Seconds + (interval.Seconds / 2)))) /
        (1 + (checkpointWrite.Seconds / interval.Seconds));

    /// <summary>The exact expectation of the effective share for failures without memory.</summary>
    public static double Exact(FailureRate interruptions, Duration checkpointWrite, Duration recovery, Duration interval) =>
        Exact(interruptions.PerSecond, checkpointWrite.Seconds, recovery.Seconds, interval.Seconds);

    /// <summary>The best checkpoint interval for failures without memory: the root of 1 - λτ = e^{-λ(τ+w)}. A day without failures, a second where writing is free.</summary>
    /// <param name="interruptions">Rate at which the job is stopped.</param>
    /// <param name="checkpointWrite">Time that the job waits for a checkpoint.</param>
    public static Duration BestInterval(FailureRate interruptions, Duration checkpointWrite) =>
        Duration.FromSeconds(BestInterval(interruptions.PerSecond, checkpointWrite.Seconds));

    static double Exact(double rate, double write, double restart, double interval) =>
        rate * interval / (Math.Exp(rate * restart) * (Math.Exp(rate * (interval + write)) - 1));

    static double BestInterval(double rate, double write)
    {
        // Without failures a checkpoint a day costs nothing worth saving; without a cost to write, checkpoint all the time.
        if (rate <= 0) return 86400;
        if (write <= 0) return 1;
        // Newton's iteration on the optimum of g: 1 - λτ = e^{-λ(τ+w)}, from Young's interval; it converges quadratically.
        var x = rate * Math.Sqrt(2 * write / rate);
        var y = rate * write;
        for (var i = 0; i < 50; i++)
        {
            var f = 1 - x - Math.Exp(-(x + y));
            var step = f / (Math.Exp(-(x + y)) - 1);
            x -= step;
            if (Math.Abs(step) < 1e-14 * x) break;
        }
        return x / rate;
    }
}
