// A job under failures of every kind: what stops it, slows it, stalls it and makes it compute in vain.
//
//   E = (1 − h) · (1 − o) · P · g · Π f · c · s · q
//
//   g   stretches between checkpoints: exact for interruptions without memory                       CheckpointIntervals.cs
//   h   waiting for a repair while more systems are out than there are spares, or                   SparePool.cs
//   s     the pace of the replicas that are left, where the job shrinks instead
//   P   planned restarts, after a checkpoint: draining a slow part, growing back:  1 / (1 + δ·(w + R))
//   f   flaps φ a second of d that the transport outlasts:            e^{−φd}, the share of time without any
//       parts that slow the job by s while they last T (M/G/∞):       1 − s·(1 − e^{−δT})
//   o, q  routes between sites and sites that are down: waiting for them, and the pace of what goes on meanwhile; each new team is an      OutageStates.cs
//         interruption more in g, and where it is joined again a planned restart more in P
//   c   silent errors, σ a second, found after D, back to the checkpoint before:  (1 − σ(τ + w)/2) / (1 + σ(D + R));
//       R the restart; errors while one is pending fall with it
//
// Exact: g, f and s by themselves, and h where every failure drains one system. Their product takes them as independent, which they are
// up to second order: what is left out is below the products of the small shares. Where these aren't small, Doubts says so, and the
// simulation (RenewalSimulation.cs) is the one to believe.
//
// Worked example, Llama 3: 1/λ = 3.09 h, w = 60 s, R = 10 min, τ = 1116 s: g = 0.8526. Six silent errors more in 54 days, found after an
// hour, restarted in 10 min: σ = 1.286e-6 /s, σ·(3600 + 600) = 0.00540, σ·1176/2 = 0.00076: c = 0.9939, E = 0.8473.

using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>A share of time and what it goes to.</summary>
/// <param name="Name">What it goes to.</param>
/// <param name="Share">Share of wall time.</param>
public readonly record struct TimeShare(string Name, double Share);

/// <summary>A job, what fails under it and what is done about that. Immutable.</summary>
public sealed record ReliabilityModel
{
    /// <summary>Names of the shares, in the order in which they are taken from the time.</summary>
    internal static readonly string[] ShareNames =
    [
        "progress", "waiting for a repair", "planned restarts", "detection and restart", "work done twice", "writing checkpoints",
        "waiting for flapping links", "slow parts", "less bandwidth", "fewer replicas", "wrong results", "routes or sites down",
    ];

    /// <summary>What fails.</summary>
    public required IReadOnlyList<FailureProcess> Processes { get; init; }

    /// <summary>Time that the job waits for a checkpoint.</summary>
    public required Duration CheckpointWrite { get; init; }

    /// <summary>Work between two checkpoints; the best unless given.</summary>
    public Duration? CheckpointInterval { get; init; }

    /// <summary>Time to start the job again where no spare stands ready.</summary>
    public required Duration Restart { get; init; }

    /// <summary>Time to bring a spare in and start again, where one stands ready; as <see cref="Restart"/> unless given.</summary>
    public Duration? HotSwap { get; init; }

    /// <summary>Spare systems; always enough unless given.</summary>
    public int? Spares { get; init; }

    /// <summary>What the job does when there are too few of them.</summary>
    public ShortagePolicy OnShortage { get; init; }

    /// <summary>Data-parallel replicas.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Systems of a replica; below 1 where a system holds several.</summary>
    public double SystemsPerReplica { get; init; } = 1;

    /// <summary>What is left while routes between sites or sites are down, of which processes say how often they are; null for one site.</summary>
    public OutageStates? Outages { get; init; }

    /// <summary>The figure that the time to write a checkpoint is inverse to, a bandwidth; null where it has none.</summary>
    public CostFigure? WriteFigure { get; init; }

    /// <summary>The figure of <see cref="Restart"/>; null where it has none.</summary>
    public CostFigure? RestartFigure { get; init; }

    /// <summary>Interruptions of the job, silent errors not counted.</summary>
    public FailureRate Interruptions => FailureRate.FromPerSecond(Stops.Sum(s => s.Rate.PerSecond));

    /// <summary>What interrupts the job, silent errors not counted: how often, and its detection and restart.</summary>
    public IReadOnlyList<(FailureRate Rate, Duration Recovery)> Stops
    {
        get
        {
            List<(FailureRate, Duration)> stops = [.. Processes.Where(p => p.Consequence == FailureConsequence.Interrupts).Select(p => (p.Total, Recovery(p)))];
            if (OutagesWith(default) is { Stops: > 0 } left) stops.Add((FailureRate.FromPerSecond(left.Stops), Separation(default)));
            return stops;
        }
    }

    /// <summary>Interval between checkpoints that the job keeps.</summary>
    public Duration Interval => CheckpointInterval ?? CheckpointIntervals.Optimum(Interruptions, CheckpointWrite);

    /// <summary>What drains systems.</summary>
    public IReadOnlyList<DrainClass> Drains => [.. Processes.Where(p => p.Systems > 0).Select(p => new DrainClass(p.Total, p.Systems, p.Repair))];

    /// <summary>Time from a failure until the job runs again, if a spare stands ready or none is needed.</summary>
    public Duration Recovery(FailureProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.Detection + RestartOf(process);
    }

    internal Duration RestartOf(FailureProcess process) => process.Systems > 0 && HotSwap is { } swap ? swap : Restart;

    /// <summary>Holds the figures against what makes sense.</summary>
    /// <exception cref="InputException">A rate is negative or above one a second, or a time is negative.</exception>
    public ReliabilityModel Checked()
    {
        foreach (var p in Processes)
        {
            if (!(p.Total.PerSecond is >= 0 and <= 1))
                throw new InputException($"{p.Name}: {p.Total.PerSecond:G3} failures a second of {p.Count:N0} parts; expected from 0 to 1 /s, all parts together");
            if (!(p.Detection.Seconds >= 0) || !(p.Repair.Seconds >= 0))
                throw new InputException($"{p.Name}: a time of {Math.Min(p.Detection.Seconds, p.Repair.Seconds):G3} s to notice or repair it; expected 0 or more");
            if (!(p.Slowdown is >= 0 and <= 1)) throw new InputException($"{p.Name}: a slowdown of {p.Slowdown:G3}; expected a share from 0 to 1");
        }
        if (Interruptions.PerSecond > 1) throw new InputException($"the job is interrupted {Interruptions.PerSecond:G3} times a second; expected at most once");
        if (!(CheckpointWrite.Seconds >= 0)) throw new InputException($"a checkpoint takes {CheckpointWrite.Seconds:G3} s; expected 0 or more");
        if (!(Restart.Seconds >= 0)) throw new InputException($"a restart takes {Restart.Seconds:G3} s; expected 0 or more");
        if (HotSwap is { } swap && !(swap.Seconds >= 0)) throw new InputException($"a hot swap takes {swap.Seconds:G3} s; expected 0 or more");
        if (CheckpointInterval is { } interval && !(interval.Seconds > 0)) throw new InputException($"a checkpoint every {interval.Seconds:G3} s; expected more than 0");
        if (Spares is < 0) throw new InputException($"{Spares} spares; expected 0 or more");
        return this;
    }

    OutagesLeft OutagesWith(in FigureFactors factors) => Outages?.LongRun(Processes, factors) ?? OutagesLeft.Everything;

    // Detection and restart of a team that is another.
    Duration Separation(in FigureFactors factors)
    {
        for (var i = 0; i < Processes.Count; i++)
            if (Processes[i].Part is not null) return RecoveryWith(i, factors);
        return Restart * factors.Restart;
    }

    Duration RecoveryWith(int process, in FigureFactors factors) => (Processes[process].Detection * factors.Of(process, FigureRole.Detection)) + RestartWith(process, factors);

    Duration RestartWith(int process, in FigureFactors factors) => Processes[process].Systems > 0 && HotSwap is { } swap ? swap : Restart * factors.Restart;

    /// <summary>The same job with checkpoints that take another time.</summary>
    /// <param name="factor">Time to write over that of now.</param>
    public ReliabilityModel WithWrite(double factor) => this with { CheckpointWrite = CheckpointWrite * factor };

    /// <summary>The same job with failures of another frequency, as on so many times the accelerators at as many sites.</summary>
    /// <param name="factor">Rates over those of now.</param>
    public ReliabilityModel WithRates(double factor) => this with { Processes = [.. Processes.Select(p => p.Part is null ? p with { Rate = p.Rate * factor } : p)] };

    /// <summary>The same job with another time to notice interruptions and restart.</summary>
    /// <param name="factor">Times over those of now.</param>
    public ReliabilityModel WithRecovery(double factor) => this with
    {
        Restart = Restart * factor,
        HotSwap = HotSwap * factor,
        Processes = [.. Processes.Select(p => p.Consequence is FailureConsequence.Interrupts or FailureConsequence.Separates ? p with { Detection = p.Detection * factor } : p)],
    };

    /// <summary>What to expect, in closed form; see the equations at the head of this file.</summary>
    public ReliabilityForecast Forecast()
    {
        var (rate, write, interval) = (Interruptions, CheckpointWrite, Interval);
        double waiting = 0, shrunk = 1, growths = 0;
        SparePool? pool = Spares is { } spares ? new(Drains, spares) : null;
        if (pool is not null && OnShortage == ShortagePolicy.Wait) waiting = pool.Waiting;
        else if (pool is not null)
        {
            var (pace, grow) = pool.Shrinking(Replicas, SystemsPerReplica);
            (shrunk, growths) = (pace, grow.PerSecond);
        }
        var k = KeptOf(default, interval.Seconds, growths);
        // V of a recovery, failures in it counted.
        var v = rate.PerSecond > 0 ? ((1 / k.Recovered) - 1) / rate.PerSecond : 0;
        var left = 1.0;
        var shares = new double[ShareNames.Length];
        void Take(int share, double keeps)
        {
            shares[share] = left * (1 - keeps);
            left *= keeps;
        }
        Take(1, (1 - waiting) * (1 - k.Parted.Waits));
        Take(2, 1 / (1 + k.Planned));
        var stretch = left;
        shares[3] = stretch * (1 - k.Recovered);
        shares[5] = stretch * k.Stretches * (write / interval);
        shares[4] = Math.Max(0, (stretch * (k.Recovered - k.Stretches)) - shares[5]);
        left = stretch * k.Stretches;
        Take(6, k.Running);
        Take(7, k.Slow);
        Take(8, k.Bandwidth);
        Take(9, shrunk);
        Take(10, k.Silent);
        Take(11, k.Together);
        shares[0] = left;
        var first = Goodput.FirstOrder(rate, write, Duration.FromSeconds(rate.PerSecond > 0 ? Stops.Sum(s => s.Rate.PerSecond * s.Recovery.Seconds) / rate.PerSecond : 0), interval);
        return new()
        {
            Interruptions = rate,
            AllInterruptions = rate + FailureRate.FromPerSecond(k.SilentRate),
            Interval = interval,
            Write = write,
            MeanRecovery = Duration.FromSeconds(v),
            Stretches = k.Stretches,
            FirstOrder = rate.PerSecond > 0 ? first : k.Stretches,
            Stalled = 1 - k.Running,
            Shares = [.. shares.Select((s, i) => new TimeShare(ShareNames[i], s))],
            Pool = pool,
            Doubts = DoubtsOf(waiting, pool, k.Planned, k.SilentTime + k.LostWork, k.Slow * k.Bandwidth * k.Running, shrunk, k.Parted.Pace),
        };
    }

    /// <summary>Factors of what is kept of the time, spares apart.</summary>
    readonly record struct Kept(
        double Recovered, double Stretches, double Planned, double Running, double Slow, double Bandwidth, double SilentRate, double SilentTime, double LostWork, OutagesLeft Parted)
    {
        /// <summary>Pace of what goes on over that of all sites and routes, waiting left out.</summary>
        public double Together => Parted.Waits < 1 ? Math.Min(1, Parted.Pace / (1 - Parted.Waits)) : 0;

        public double Silent => Math.Max(0, 1 - LostWork) / (1 + SilentTime);

        public double Effective => Stretches * Running * Slow * Bandwidth * Silent * Parted.Pace / (1 + Planned);
    }

    /// <summary>
    /// Share of the time that makes progress where figures are otherwise than they are believed to be, waiting for spares left out. Interval and spares stay as they were
    /// chosen. Allocates nothing.
    /// </summary>
    /// <param name="factors">The figures over those that are believed.</param>
    /// <param name="interval">Work between two checkpoints, in s: <see cref="Interval"/>.</param>
    internal double EffectiveWith(in FigureFactors factors, double interval) => KeptOf(factors, interval, 0).Effective;

    /// <summary>Interruptions, silent errors counted, likewise.</summary>
    internal FailureRate StopsWith(in FigureFactors factors)
    {
        var sum = OutagesWith(factors).Stops;
        for (var i = 0; i < Processes.Count; i++)
            if (Processes[i].Consequence is FailureConsequence.Interrupts or FailureConsequence.Corrupts) sum += RateOf(i, factors);
        return FailureRate.FromPerSecond(sum);
    }

    Kept KeptOf(in FigureFactors factors, double interval, double growths)
    {
        var parted = OutagesWith(factors);
        var (rate, recovered) = (parted.Stops, 0.0);
        for (var i = 0; i < Processes.Count; i++)
            if (Processes[i].Consequence == FailureConsequence.Interrupts) rate += RateOf(i, factors);
        var writing = CheckpointWrite * factors.Write;
        double write = writing.Seconds, planned = (growths + parted.Rejoins) * (write + (Restart * factors.Restart).Seconds), flapping = 0, slow = 1, bandwidth = 1, silentRate = 0, silentTime = 0;
        if (rate > 0) recovered = parted.Stops / rate * Math.Exp(-rate * Separation(factors).Seconds);
        for (var i = 0; i < Processes.Count; i++)
        {
            var (p, own) = (Processes[i], RateOf(i, factors));
            switch (p.Consequence)
            {
                case FailureConsequence.Interrupts:
                    if (rate > 0) recovered += own / rate * Math.Exp(-rate * RecoveryWith(i, factors).Seconds);
                    break;
                case FailureConsequence.Stalls:
                    flapping += own * RepairOf(i, factors);
                    break;
                case FailureConsequence.Slows:
                    slow *= 1 - (SlowdownOf(i, factors) * -CheckpointIntervals.ExponentialLessOne(-(own * DetectionOf(i, factors))));
                    planned += own * (write + RestartWith(i, factors).Seconds);
                    break;
                case FailureConsequence.TakesBandwidth:
                    bandwidth *= 1 - (SlowdownOf(i, factors) * -CheckpointIntervals.ExponentialLessOne(-(own * RepairOf(i, factors))));
                    break;
                case FailureConsequence.Corrupts:
                    silentRate += own;
                    silentTime += own * (DetectionOf(i, factors) + RestartWith(i, factors).Seconds);
                    break;
            }
        }
        if (rate <= 0) recovered = 1;
        var g = CheckpointIntervals.Share(FailureRate.FromPerSecond(rate), writing, Duration.FromSeconds(interval), recovered);
        return new(recovered, g, planned, Math.Exp(-flapping), slow, bandwidth, silentRate, silentTime, silentRate * (interval + write) / 2, parted);
    }

    double RateOf(int process, in FigureFactors factors) => Processes[process].Total.PerSecond * factors.Of(process, FigureRole.Rate);

    double RepairOf(int process, in FigureFactors factors) => Processes[process].Repair.Seconds * factors.Of(process, FigureRole.Repair);

    double DetectionOf(int process, in FigureFactors factors) => Processes[process].Detection.Seconds * factors.Of(process, FigureRole.Detection);

    double SlowdownOf(int process, in FigureFactors factors) => Processes[process].Slowdown * factors.Of(process, FigureRole.Slowdown);

    static List<string> DoubtsOf(double waiting, SparePool? pool, double planned, double silent, double paces, double shrunk, double parted)
    {
        var doubts = new List<string>();
        if (waiting > 0.02 && pool is { IsErlang: false })
            doubts.Add(Invariant($"waiting for repairs ({100 * waiting:0.0} %) is approximated: some failures drain several systems at once"));
        if (planned > 0.05) doubts.Add(Invariant($"planned restarts ({100 * planned:0.0} % of the time) overlap with failures, which the closed form leaves out"));
        if (silent > 0.1) doubts.Add(Invariant($"silent errors ({100 * silent:0.0} %) are so many that several are pending at once"));
        if (1 - paces > 0.3) doubts.Add(Invariant($"slow parts and stalls take {100 * (1 - paces):0.0} %: they are no longer independent"));
        if (shrunk < 0.8) doubts.Add(Invariant($"the job has shrunk to {100 * shrunk:0} % on the mean; fewer systems fail less, which the closed form leaves out"));
        if (parted < 0.8) doubts.Add(Invariant($"routes or sites that are down take {100 * (1 - parted):0} %; fewer sites fail less, which the closed form leaves out"));
        return doubts;
    }

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>What to expect of a job under failures.</summary>
public sealed record ReliabilityForecast
{
    /// <summary>Interruptions, silent errors not counted.</summary>
    public required FailureRate Interruptions { get; init; }

    /// <summary>Interruptions, silent errors counted.</summary>
    public required FailureRate AllInterruptions { get; init; }

    /// <summary>Work between two checkpoints.</summary>
    public required Duration Interval { get; init; }

    /// <summary>Time that the job waits for a checkpoint.</summary>
    public required Duration Write { get; init; }

    /// <summary>A recovery on the mean, failures during it counted.</summary>
    public required Duration MeanRecovery { get; init; }

    /// <summary>g, the share of time that makes progress were interruptions and checkpoints all.</summary>
    public required double Stretches { get; init; }

    /// <summary>The same to first order, as the literature writes E[ETTR]; negative where it does not hold.</summary>
    public required double FirstOrder { get; init; }

    /// <summary>Whether the first order is within 2 % of the exact form.</summary>
    public bool FirstOrderHolds => Math.Abs((FirstOrder / Stretches) - 1) <= 0.02;

    /// <summary>Share of time that at least one flap holds the job up.</summary>
    public required double Stalled { get; init; }

    /// <summary>Where the time goes; they add up to 1.</summary>
    public required IReadOnlyList<TimeShare> Shares { get; init; }

    /// <summary>The spares; null where there are always enough.</summary>
    public required SparePool? Pool { get; init; }

    /// <summary>Why the closed form may be off by more than 2 %, a sentence each; empty where it holds.</summary>
    public required IReadOnlyList<string> Doubts { get; init; }

    /// <summary>Share of wall time that makes progress.</summary>
    public double Effective => Shares[0].Share;

    /// <summary>Whether the job gets anywhere: checkpoints are written faster than failures come, and more than 1 % of the time counts.</summary>
    public bool Progresses => Write < Interruptions.MeanTime && Effective >= 0.01;
}
