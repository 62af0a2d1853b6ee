// A job under failures, event by event: what the closed form (ReliabilityModel.cs) expects, played out.
//
//   failures         one Poisson process of all parts; which of them it was is drawn by rate. None while the job waits for a repair
//   phases           work τ → write w → work ...;  a failure → [wait for a repair] → detection and restart → work
//   interruption     back to the last checkpoint that was written; a failure during a restart starts another
//   slow part        from its onset until it is found; then a checkpoint, and a planned restart without it
//   silent error     from its onset until it is found; then back to the last checkpoint from before it. An interruption before the next
//                    checkpoint undoes it
//   bandwidth, flaps the pace is lower, or nothing moves, until the part is back; several at once are no worse than one
//   routes, sites    down one by one, in no way twice at once, also while the job waits; whoever goes on is looked up (OutageStates.cs). Another team: an interruption where
//                    somebody left, a checkpoint and a planned restart where they only came; nobody: the job waits. Those that train on alone count until their time is over
//   repairs          exponential about their means
//   pace             Π (1 − slowdown) over kinds of parts that are down, x the replicas that are left x what goes on of the sites
//
//   rates            as they are believed, or of each run drawn from what is not known of them (RateSampling.cs)
//
// Each seed has its own generator, so that results don't depend on how many threads share the work.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>What one year, or any other time, of a job came to.</summary>
/// <param name="Effective">Share of the time that made progress.</param>
/// <param name="Interruptions">Interruptions, those by silent errors counted.</param>
/// <param name="Waiting">Share of the time spent waiting for a repair.</param>
/// <param name="Planned">Share of the time spent on planned restarts.</param>
/// <param name="Recovering">Share of the time spent on detection and restart.</param>
public readonly record struct SimulatedRun(double Effective, long Interruptions, double Waiting, double Planned, double Recovering);

/// <summary>Many runs of the same job with different luck.</summary>
/// <param name="Runs">One for each seed, in their order.</param>
/// <param name="Horizon">Time that each of them covers.</param>
/// <param name="DrewRates">Whether each run drew rates of its own from what is not known of them.</param>
public sealed record SimulatedRuns(IReadOnlyList<SimulatedRun> Runs, Duration Horizon, bool DrewRates = false)
{
    /// <summary>Mean share of the time that made progress.</summary>
    public double Effective => Runs.Average(r => r.Effective);

    /// <summary>Standard error of that mean; 0 for a single run.</summary>
    public double StandardError
    {
        get
        {
            if (Runs.Count < 2) return 0;
            var mean = Effective;
            return Math.Sqrt(Runs.Sum(r => (r.Effective - mean) * (r.Effective - mean)) / (Runs.Count - 1) / Runs.Count);
        }
    }

    /// <summary>Mean number of interruptions of a run.</summary>
    public double Interruptions => Runs.Average(r => (double)r.Interruptions);

    /// <summary>Mean share of time spent waiting for a repair.</summary>
    public double Waiting => Runs.Average(r => r.Waiting);

    /// <summary>Mean share of time spent on planned restarts.</summary>
    public double Planned => Runs.Average(r => r.Planned);

    /// <summary>Mean share of time spent on detection and restart.</summary>
    public double Recovering => Runs.Average(r => r.Recovering);

    /// <summary>The effective share that a part of the runs stays below.</summary>
    /// <param name="part">From 0 to 1.</param>
    public double Quantile(double part)
    {
        var sorted = Runs.Select(r => r.Effective).Order().ToArray();
        var at = Math.Clamp(part, 0, 1) * (sorted.Length - 1);
        var low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }
}

/// <summary>Plays a job out under failures; see the rules at the head of this file. Immutable; safe for many threads.</summary>
public sealed class RenewalSimulation
{
    /// <summary>Most events of all runs together, about ten minutes of one core.</summary>
    public const double MostEvents = 1e10;

    enum Phase
    {
        Work,
        Write,
        Recover,
        Halted,
        PlannedWrite,
        PlannedRestart,
    }

    enum Timed
    {
        SystemsBack,
        PartBack,
        SlowPartFound,
        ErrorFound,
        AloneTooLong,
    }

    readonly ReliabilityModel model;
    readonly FailureProcess[] processes;
    readonly double[] cumulative; // rates of processes[0 .. i], a second
    readonly double[] recovery, restart; // s, by process
    readonly double total, write, interval, plainRestart;
    readonly int spares;

    /// <summary>Prepares a job.</summary>
    /// <exception cref="InputException">A rate or time of it makes no sense.</exception>
    public RenewalSimulation(ReliabilityModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model.Checked();
        processes = [.. model.Processes.Where(p => p.Total.PerSecond > 0)];
        cumulative = new double[processes.Length];
        for (var i = 0; i < processes.Length; i++) cumulative[i] = total += processes[i].Total.PerSecond;
        recovery = [.. processes.Select(p => model.Recovery(p).Seconds)];
        restart = [.. processes.Select(p => model.RestartOf(p).Seconds)];
        (write, interval, plainRestart) = (model.CheckpointWrite.Seconds, model.Interval.Seconds, model.Restart.Seconds);
        spares = model.Spares ?? int.MaxValue;
    }

    /// <summary>Events to expect of runs: failures, repairs and phases.</summary>
    public double EventsOf(Duration horizon, int seeds) => seeds * horizon.Seconds * ((3 * total) + (2 / (interval + write)));

    /// <summary>Runs the job with so many seeds.</summary>
    /// <param name="horizon">Time that each run covers.</param>
    /// <param name="seeds">How many runs.</param>
    /// <param name="seed">What their luck is derived from.</param>
    /// <param name="workers">Threads; as many as there are processors if 0.</param>
    /// <param name="rates">Rates that each run draws for itself, so that what is not known of them is in the spread of the runs; those of the job where null.</param>
    /// <exception cref="InputException">There would be more events than <see cref="MostEvents"/>, no seeds or no time.</exception>
    public SimulatedRuns Run(Duration horizon, int seeds, ulong seed, int workers = 0, RateSampling? rates = null)
    {
        if (seeds < 1) throw new InputException($"a simulation needs at least 1 seed, found {seeds}");
        if (!(horizon.Seconds > 0 && double.IsFinite(horizon.Seconds))) throw new InputException($"a simulation needs a time above 0, found {horizon.Seconds:G3} s");
        if (EventsOf(horizon, seeds) is var events && events > MostEvents)
            throw new InputException($"{seeds:N0} runs of {horizon.ToString("G3 yr")} are about {events:G2} events; expected at most {MostEvents:G2}: fewer seeds or a shorter time");
        var runs = new SimulatedRun[seeds];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers > 0 ? workers : -1 };
        Parallel.For(0, seeds, options, i => runs[i] = Luck(i).Play(horizon.Seconds, new Draws(seed, (ulong)i)));
        return new(runs, horizon, rates is not null);

        RenewalSimulation Luck(int run) => rates is null ? this : new(rates.Drawn(seed, (ulong)run));
    }

    bool Short(int down) => model.OnShortage == ShortagePolicy.Wait && down > spares;

    SimulatedRun Play(double horizon, Draws draws)
    {
        var timed = new PriorityQueue<(Timed Kind, int Process, int Number), double>();
        var active = new int[processes.Length]; // parts of each process that slow the job now
        double t = 0, progress = 0, saved = 0, clean = 0, pace = 1, stallEnd = 0;
        double waiting = 0, planned = 0, recovering = 0, resume = 0, plannedRestart = 0;
        var phase = Phase.Work;
        var phaseEnd = interval;
        var next = total > 0 ? draws.Exponential(total) : double.PositiveInfinity;
        long interruptions = 0;
        int down = 0, error = 0; // error: number of the silent error that is pending
        bool pending = false, writtenSince = false, drainNext = false;
        var outage = model.Outages?.Of(0) ?? new(0, 1, 1, 1);
        var (apart, alone) = (0, true); // apart: number of the time that sites train on alone; alone: whether that still counts

        while (true)
        {
            var due = timed.TryPeek(out _, out var at) ? at : double.PositiveInfinity;
            var to = Math.Min(Math.Min(next, due), phaseEnd);
            var last = to >= horizon;
            if (last) to = horizon;
            var passed = to - t;
            switch (phase)
            {
                case Phase.Work:
                    progress += pace * (stallEnd <= t ? passed : Math.Max(0, to - stallEnd));
                    break;
                case Phase.Halted:
                    waiting += passed;
                    break;
                case Phase.Recover:
                    recovering += passed;
                    break;
                case Phase.PlannedWrite or Phase.PlannedRestart:
                    planned += passed;
                    break;
            }
            t = to;
            if (last) break;
            if (phaseEnd <= t) EndPhase();
            else if (due <= t) Happen(timed.Dequeue());
            else
            {
                next = t + draws.Exponential(total);
                var process = draws.Choose(cumulative);
                if (phase != Phase.Halted || processes[process].Part is not null) Fail(process);
            }
        }
        return new(progress / horizon, interruptions, waiting / horizon, planned / horizon, recovering / horizon);

        void Enter(Phase to, double lasts) => (phase, phaseEnd) = (to, t + lasts);

        void EndPhase()
        {
            switch (phase)
            {
                case Phase.Work:
                    Enter(Phase.Write, write);
                    break;
                case Phase.Write when !drainNext:
                    Written();
                    Enter(Phase.Work, interval);
                    break;
                case Phase.Write or Phase.PlannedWrite:
                    Written();
                    drainNext = false;
                    if (Blocked()) Halt(plannedRestart);
                    else Enter(Phase.PlannedRestart, plannedRestart);
                    break;
                default:
                    Enter(Phase.Work, interval);
                    break;
            }
        }

        void Written()
        {
            saved = progress;
            writtenSince = true;
        }

        void Fail(int process)
        {
            var p = processes[process];
            switch (p.Consequence)
            {
                case FailureConsequence.Interrupts:
                    Drain(process, p);
                    Interrupt(recovery[process]);
                    break;
                case FailureConsequence.Stalls:
                    stallEnd = Math.Max(stallEnd, t + p.Repair.Seconds);
                    break;
                case FailureConsequence.TakesBandwidth:
                    active[process]++;
                    timed.Enqueue((Timed.PartBack, process, 0), t + draws.Exponential(1 / p.Repair.Seconds));
                    SetPace();
                    break;
                case FailureConsequence.Slows:
                    active[process]++;
                    timed.Enqueue((Timed.SlowPartFound, process, 0), t + p.Detection.Seconds);
                    SetPace();
                    break;
                case FailureConsequence.Separates when active[process] == 0:
                    active[process] = 1;
                    timed.Enqueue((Timed.PartBack, process, 0), t + draws.Exponential(1 / p.Repair.Seconds));
                    Regroup(process);
                    break;
                case FailureConsequence.Corrupts when !pending:
                    (pending, writtenSince, clean) = (true, false, saved);
                    timed.Enqueue((Timed.ErrorFound, process, ++error), t + p.Detection.Seconds);
                    break;
            }
        }

        void Happen((Timed Kind, int Process, int Number) what)
        {
            var p = processes[what.Process];
            switch (what.Kind)
            {
                case Timed.SystemsBack:
                    var before = Missing();
                    down -= p.Systems;
                    if (phase == Phase.Halted && !Blocked()) Enter(Phase.Recover, resume);
                    else if (model.OnShortage == ShortagePolicy.Shrink && Missing() < before)
                    {
                        SetPace();
                        Plan(plainRestart);
                    }
                    break;
                case Timed.PartBack:
                    active[what.Process]--;
                    if (p.Part is null) SetPace();
                    else Regroup(what.Process);
                    break;
                case Timed.AloneTooLong when what.Number == apart:
                    alone = false;
                    SetPace();
                    break;
                case Timed.SlowPartFound:
                    active[what.Process]--;
                    Drain(what.Process, p);
                    SetPace();
                    Plan(restart[what.Process]);
                    break;
                case Timed.ErrorFound when pending && what.Number == error:
                    (pending, progress, saved) = (false, clean, clean);
                    Drain(what.Process, p);
                    Interrupt(restart[what.Process]);
                    break;
            }
        }

        // Who goes on after a route or a site is down or back.
        void Regroup(int process)
        {
            var (before, downNow) = (outage, 0ul);
            for (var i = 0; i < active.Length; i++)
                if (active[i] > 0 && processes[i].Part is { } part) downNow |= 1ul << part;
            outage = model.Outages!.Of(downNow);
            if (outage.Alone > outage.Kept && !(before.Alone > before.Kept))
            {
                alone = true;
                timed.Enqueue((Timed.AloneTooLong, process, ++apart), t + model.Outages.Counts.Seconds);
            }
            SetPace();
            if (outage.Team == before.Team) return;
            if (phase == Phase.Halted)
            {
                if (!Blocked()) Enter(Phase.Recover, resume);
            }
            else if ((before.Team & ~outage.Team) != 0) Interrupt(recovery[process]);
            else Plan(plainRestart);
        }

        bool Blocked() => Short(down) || outage.Team == 0;

        void Interrupt(double lasts)
        {
            interruptions++;
            progress = saved;
            if (pending && !writtenSince) pending = false;
            drainNext = false;
            if (Blocked()) Halt(lasts);
            else Enter(Phase.Recover, lasts);
        }

        void Halt(double then)
        {
            resume = then;
            Enter(Phase.Halted, double.PositiveInfinity);
        }

        // A planned restart waits for the checkpoint that is being written; a job that stands still restarts anyway.
        void Plan(double lasts)
        {
            plannedRestart = lasts;
            if (phase == Phase.Work) Enter(Phase.PlannedWrite, write);
            else if (phase == Phase.Write) drainNext = true;
        }

        void Drain(int process, FailureProcess p)
        {
            if (p.Systems == 0 || model.Spares is null || p.Repair.Seconds <= 0) return;
            down += p.Systems;
            timed.Enqueue((Timed.SystemsBack, process, 0), t + draws.Exponential(1 / p.Repair.Seconds));
            if (model.OnShortage == ShortagePolicy.Shrink) SetPace();
        }

        double Missing() => SparePool.Lost(down - spares, model.Replicas, model.SystemsPerReplica);

        void SetPace()
        {
            pace = model.OnShortage == ShortagePolicy.Shrink && model.Spares is not null ? 1 - Missing() : 1;
            pace *= alone ? outage.Alone : outage.Kept;
            for (var i = 0; i < active.Length; i++)
                if (active[i] > 0) pace *= 1 - processes[i].Slowdown;
        }
    }

    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one generator a run, far apart in its sequence.
    sealed class Draws(ulong seed, ulong run)
    {
        ulong state = SplitMix64.Mix(seed) ^ SplitMix64.Mix(run + 0x632BE59BD9B4E019);

        public double Exponential(double rate) => -Math.Log(1 - Unit()) / rate;

        public int Choose(double[] cumulative)
        {
            var at = Unit() * cumulative[^1];
            for (var i = 0; i < cumulative.Length - 1; i++)
                if (at < cumulative[i]) return i;
            return cumulative.Length - 1;
        }

        double Unit() => (SplitMix64.Mix(state += 0x9E3779B97F4A7C15) >> 11) * (1.0 / (1UL << 53));
    }
}
