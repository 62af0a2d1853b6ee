// Systems out for repair, and what a job does when there are fewer spares than that.
//
//   λ_c, b_c, M_c   failures of class c drain b_c systems for M_c on the mean;   S spares
//   out             Σ b_c·N_c, N_c Poisson of mean ρ_c = λ_c·M_c, whatever repairs are distributed like (M/G/∞), independent
//                   P(n) = Σ_c (b_c·ρ_c/n)·P(n − b_c)                                                  (Panjer's recursion)
//   waits           failures stop while the job waits, so that n never passes S by more than one failure:
//                   h = W/(1 + W),  W = Σ_{n ≤ S} P(n)/F(S) · Σ_c λ_c·T_c(n)  over the failures with n + b_c > S,
//                   T_c(n) = M·(n + b_c − S)/(n + b_c), the time until enough of what is out is back;  M = M_c where b_c > S
//                   one system at a time: h = B(S + 1, ρ), Erlang's loss formula, exact; groups: an approximation
//   shrinks         r systems a replica, D replicas: lost(n) = min(D, ⌈(n − S)/r⌉), a share of a replica where a system holds several
//                   pace 1 − Σ P(n)·lost(n)/D;  grows back (n/M·P(n) for each n whose repair returns a replica) times a second
//
// Worked example: 2,048 systems, one drained every 3.09 h for 24 h: ρ = 7.76. With 8 spares the job waits for B(9, 7.76) = 16.1 % of the
// time; with 16 for B(17, 7.76) = 0.161 %. Shrinking instead, with 16 systems a replica and 128 replicas, 8 spares keep 99.71 %.

using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>Systems of one class of failures.</summary>
/// <param name="Rate">Failures of the class, all parts together.</param>
/// <param name="Systems">Systems that one of them drains.</param>
/// <param name="Repair">Mean time until these are back.</param>
public readonly record struct DrainClass(FailureRate Rate, int Systems, Duration Repair);

/// <summary>How many systems are out, and what that costs with so many spares; see the equations at the head of this file.</summary>
public sealed class SparePool
{
    readonly double[] probability; // of n systems out, without a limit
    readonly double meanRepair;

    /// <summary>Prepares a pool.</summary>
    /// <param name="classes">What drains systems.</param>
    /// <param name="spares">Spares that stand by.</param>
    /// <exception cref="ArgumentOutOfRangeException">Spares are negative.</exception>
    public SparePool(IReadOnlyList<DrainClass> classes, int spares)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfNegative(spares);
        Classes = [.. classes.Where(c => c.Systems > 0 && c.Rate.PerSecond > 0 && c.Repair.Seconds > 0)];
        Spares = spares;
        double mean = 0, variance = 0, rate = 0, repair = 0;
        foreach (var c in Classes)
        {
            var load = c.Rate * c.Repair;
            mean += load * c.Systems;
            variance += load * c.Systems * c.Systems;
            rate += c.Rate.PerSecond;
            repair += c.Rate.PerSecond * c.Repair.Seconds;
        }
        MeanOut = mean;
        meanRepair = rate > 0 ? repair / rate : 0;
        // Ten deviations above the mean nothing is left to see.
        var most = Math.Max(spares + 1, (int)Math.Min(2_000_000, mean + (10 * Math.Sqrt(variance)) + 20));
        probability = Panjer(Classes, most);
    }

    /// <summary>What drains systems.</summary>
    public IReadOnlyList<DrainClass> Classes { get; }

    /// <summary>Spares that stand by.</summary>
    public int Spares { get; }

    /// <summary>Systems out on the mean, were failures never to stop.</summary>
    public double MeanOut { get; }

    /// <summary>Chance that more systems are out than there are spares, were failures never to stop.</summary>
    public double Exceeded
    {
        get
        {
            var sum = 0.0;
            for (var n = 0; n <= Spares && n < probability.Length; n++) sum += probability[n];
            return Math.Max(0, 1 - sum);
        }
    }

    /// <summary>Whether the share of waiting is exact: every failure drains one system, or nothing does.</summary>
    public bool IsErlang => Classes.All(c => c.Systems == 1);

    /// <summary>Share of time that a job waits for repairs, if it does nothing else about a shortage.</summary>
    public double Waiting
    {
        get
        {
            double weight = 0, fits = 0;
            for (var n = 0; n <= Spares && n < probability.Length; n++)
            {
                fits += probability[n];
                foreach (var c in Classes)
                {
                    if (n + c.Systems <= Spares) continue;
                    var repair = c.Systems > Spares ? c.Repair.Seconds : meanRepair;
                    weight += probability[n] * c.Rate.PerSecond * repair * (n + c.Systems - Spares) / (n + c.Systems);
                }
            }
            // A load so far above the spares that none of its mass lies within them: the job waits all the time.
            if (fits <= 0) return 1;
            weight /= fits;
            return weight / (1 + weight);
        }
    }

    /// <summary>Pace of a job that shrinks, over its full pace, and how often it grows back.</summary>
    /// <param name="replicas">Data-parallel replicas.</param>
    /// <param name="systemsPerReplica">Systems of a replica; below 1 where a system holds several.</param>
    public (double Pace, FailureRate Growths) Shrinking(int replicas, double systemsPerReplica)
    {
        double lost = 0, growths = 0;
        for (var n = Spares + 1; n < probability.Length; n++)
        {
            var here = Lost(n - Spares, replicas, systemsPerReplica);
            lost += probability[n] * here;
            if (here > Lost(n - 1 - Spares, replicas, systemsPerReplica) && meanRepair > 0) growths += probability[n] * n / meanRepair;
        }
        return (Math.Clamp(1 - lost, 0, 1), FailureRate.FromPerSecond(growths));
    }

    /// <summary>Fewest spares with which a job waits at most a share of the time; null where a hundred thousand don't do it.</summary>
    public static int? Enough(IReadOnlyList<DrainClass> classes, double share)
    {
        int low = 0, high = 1;
        while (new SparePool(classes, high).Waiting > share)
        {
            if (high >= 100_000) return null;
            (low, high) = (high, high * 2);
        }
        if (new SparePool(classes, 0).Waiting <= share) return 0;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (new SparePool(classes, middle).Waiting > share) low = middle;
            else high = middle;
        }
        return high;
    }

    /// <summary>Share of its replicas that a job loses while so many systems are missing.</summary>
    public static double Lost(int missing, int replicas, double systemsPerReplica) =>
        missing <= 0 ? 0 : Math.Min(1, (systemsPerReplica >= 1 ? Math.Ceiling(missing / systemsPerReplica) : missing / systemsPerReplica) / replicas);

    static double[] Panjer(IReadOnlyList<DrainClass> classes, int most)
    {
        var p = new double[most + 1];
        // Started at 1 and scaled at the end: e^{−ρ} of a large pool lies below the smallest number.
        p[0] = 1;
        var loads = classes.Select(c => (c.Systems, Load: c.Systems * (c.Rate * c.Repair))).ToArray();
        var sum = 1.0;
        for (var n = 1; n <= most; n++)
        {
            var value = 0.0;
            foreach (var (systems, load) in loads)
                if (n >= systems) value += load * p[n - systems];
            p[n] = value / n;
            sum += p[n];
            if (sum > 1e250)
            {
                for (var i = 0; i <= n; i++) p[i] /= sum;
                sum = 1;
            }
        }
        for (var n = 0; n <= most; n++) p[n] /= sum;
        return p;
    }
}
