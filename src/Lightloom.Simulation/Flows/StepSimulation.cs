// A step that is repeated, as in rings: its flows again and again, without any list of all of them.
//
//   flow f of step s + 1 starts when its sender has sent all that it sends, and received all that it receives, in steps 0 .. s
//
// Flows, links and ranks that are alike are played as one (FlowClasses; a rank is a gate: its arrivals feed it and its sends wait for it).
// One flow of each class is under way at a time. When the last class has ended a step, the state is
//
//   how many steps each class is ahead, what is left of each flow under way, how long until what has left arrives
//
// and when it is that of up to eight steps before, what happens next happened then: whole periods are skipped, each as long as that one.
//
// Example: a ring of 1,024 hosts: each of 2,046 steps takes bytes / bandwidth; two are played, 2,040 skipped.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>What became of a repeated step.</summary>
public sealed class StepRun
{
    readonly int[] classOf;
    readonly List<double>[] ends; // of each class: when it ended the steps that were played
    readonly int[] skippedFrom;   // of each class: the step from which steps were skipped
    readonly int skipped, period;
    readonly double duration;

    internal StepRun(int[] classOf, List<double>[] ends, int[] skippedFrom, int skipped, int period, double duration, double seconds, long batches, long decisions, bool complete)
    {
        (this.classOf, this.ends, this.skippedFrom, this.skipped, this.period, this.duration) = (classOf, ends, skippedFrom, skipped, period, duration);
        (Seconds, Batches, Decisions, IsComplete) = (seconds, batches, decisions, complete);
    }

    /// <summary>When the last flow arrived, seconds.</summary>
    public double Seconds { get; }

    /// <summary>Classes of flows that were played.</summary>
    public int Classes => ends.Length;

    /// <summary>Moments at which something happened, without those that were skipped.</summary>
    public long Batches { get; }

    /// <summary>Rates that were decided, all moments together: the work.</summary>
    public long Decisions { get; }

    /// <summary>Steps that were not played because they repeat others.</summary>
    public int SkippedSteps => skipped;

    /// <summary>Whether all steps ended; false where the run was stopped.</summary>
    public bool IsComplete { get; }

    /// <summary>When a flow arrived, seconds; NaN: it hasn't.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="flow">The flow of the step.</param>
    public double FinishOf(int step, int flow)
    {
        var c = classOf[flow];
        var at = step - skippedFrom[c];
        if (skipped > 0 && at >= skipped) step -= skipped;
        else if (skipped > 0 && at >= 0)
        {
            var periods = at / period + 1;
            return ends[c][step - periods * period] + periods * duration;
        }
        return step < ends[c].Count ? ends[c][step] : double.NaN;
    }
}

/// <summary>Plays a step that is repeated.</summary>
public static class StepSimulation
{
    /// <summary>Plays it.</summary>
    /// <param name="step">The flows of one step, without starts, gates and changes of links.</param>
    /// <param name="source">Who sends each.</param>
    /// <param name="destination">Who receives each.</param>
    /// <param name="ranks">Senders and receivers.</param>
    /// <param name="steps">How often it is repeated.</param>
    /// <param name="options">How; rates are not kept.</param>
    /// <exception cref="InputException">Lists differ in length, a rank doesn't exist, or a link of a path carries nothing.</exception>
    public static StepRun Run(FlowProgram step, int[] source, int[] destination, int ranks, int steps, FlowOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        if (step.HasOrder || step.Start is not null || step.Changes.Count > 0) throw new InputException("a step that is repeated has no starts, gates or changes of links of its own");
        if (source.Length != step.Count || destination.Length != step.Count) throw new InputException($"expected {step.Count:N0} senders and receivers, found {source.Length:N0} and {destination.Length:N0}");
        var arrivals = new int[ranks];
        for (var f = 0; f < source.Length; f++)
        {
            if ((uint)source[f] >= (uint)ranks || (uint)destination[f] >= (uint)ranks) throw new InputException($"flow {f:N0} goes from rank {source[f]:N0} to {destination[f]:N0}, and there are {ranks:N0}");
            arrivals[destination[f]]++;
        }
        var ordered = new FlowProgram
        {
            Capacity = step.Capacity,
            PathOffset = step.PathOffset,
            Path = step.Path,
            Share = step.Share,
            Bytes = step.Bytes,
            Weight = step.Weight,
            Latency = step.Latency,
            WaitsFor = source,
            Feeds = destination,
            GateArrivals = arrivals,
        };
        ordered.Check();
        options ??= new();
        var classes = options.Grouping == FlowGrouping.OneByOne ? null : FlowClasses.Of(ordered);
        int[] classOf = classes?.ClassOf ?? [.. Enumerable.Range(0, step.Count)];
        return new StepEngine(classes?.Quotient ?? ordered, classOf, steps).Run(options.Progress, options.Stop);
    }
}

/// <summary>Plays classes of flows step by step.</summary>
sealed class StepEngine
{
    const double SameTime = 1e-12, SameRate = 1e-14, SameState = 1e-11;
    const int MostPeriod = 8;

    // What is left of each flow under way, or minus one, how far each class is, and what is on its way, when the last class ended a step.
    sealed record State(double Time, int Step, int[] Done, int[] Left, double[] Rest, (int Flow, double In)[] Coming);

    readonly FlowProgram program;
    readonly int[] classOf;
    readonly int steps;
    readonly MaxMinSolver solver;
    readonly TimeHeap departures;
    readonly PriorityQueue<int, (double, int)> arrivals = new();
    readonly double[] rate, rest, since;
    readonly int[] left, done;                 // steps that each class has sent, and that have arrived
    readonly int[][] sends, receives;          // classes that a rank sends and receives
    readonly int[] stepOf;                     // steps that a rank has behind it
    readonly int[] behind;                     // classes that have ended exactly so many steps: behind[s]
    readonly List<double>[] ends;
    readonly int[] skippedFrom;
    readonly List<int> leaving = [], starting = [];
    readonly Queue<State> states = new();
    double now, duration;
    int slowest, skipped, period;

    public StepEngine(FlowProgram program, int[] classOf, int steps)
    {
        (this.program, this.classOf, this.steps) = (program, classOf, steps);
        var flows = program.Count;
        solver = new(program, [.. program.Capacity], returning: true);
        departures = new(flows);
        (rate, rest, since) = (new double[flows], new double[flows], new double[flows]);
        (left, done, skippedFrom) = (new int[flows], new int[flows], new int[flows]);
        var ranks = program.GateArrivals.Length;
        (sends, receives) = (By(program.WaitsFor!, ranks), By(program.Feeds!, ranks));
        stepOf = new int[ranks];
        behind = new int[steps + 1];
        behind[0] = flows;
        ends = new List<double>[flows];
        for (var f = 0; f < flows; f++) ends[f] = [];
    }

    public StepRun Run(Action<double, int>? progress, CancellationToken stop)
    {
        var batches = 0L;
        for (var f = 0; f < program.Count && steps > 0; f++) starting.Add(f);
        solver.Begin();
        Start();
        Decide();
        while (slowest < steps && program.Count > 0 && !stop.IsCancellationRequested)
        {
            var next = Math.Min(departures.Top, arrivals.TryPeek(out _, out var first) ? first.Item1 : double.PositiveInfinity);
            if (double.IsPositiveInfinity(next)) throw new InputException("a step never ends: a link of a path carries nothing");
            Batch(next);
            if ((++batches & 1023) == 0) progress?.Invoke(now, slowest);
        }
        return new(classOf, ends, skippedFrom, skipped, period, duration, now, batches, solver.Filling, slowest >= steps || program.Count == 0);
    }

    void Batch(double next)
    {
        var until = next + next * SameTime;
        now = next;
        solver.Begin();
        leaving.Clear();
        departures.Take(until, leaving);
        foreach (var gone in leaving)
        {
            now = Math.Max(now, departures.TimeOf(gone));
            solver.Remove(gone);
            rate[gone] = 0;
            Leave(gone, departures.TimeOf(gone));
        }
        while (arrivals.TryPeek(out var f, out var key) && key.Item1 <= until)
        {
            arrivals.Dequeue();
            now = Math.Max(now, key.Item1);
            Arrive(f, key.Item1);
        }
        Start();
        solver.Loosen(leaving);
        Decide();
        if (behind[slowest] > 0) return;
        while (slowest < steps && behind[slowest] == 0) slowest++;
        Skip();
    }

    void Leave(int f, double at)
    {
        left[f]++;
        if (program.Latency is { } latency && latency[f] > 0) arrivals.Enqueue(f, (at + latency[f], f));
        else Arrive(f, at);
        Advance(program.WaitsFor![f]);
    }

    void Arrive(int f, double at)
    {
        behind[done[f]]--;
        behind[++done[f]]++;
        ends[f].Add(at);
        Advance(program.Feeds![f]);
    }

    // A rank begins its next step when it has sent and received all of the last.
    void Advance(int rank)
    {
        var least = int.MaxValue;
        foreach (var f in sends[rank]) least = Math.Min(least, left[f]);
        foreach (var f in receives[rank]) least = Math.Min(least, done[f]);
        if (least <= stepOf[rank] || least >= steps) return;
        stepOf[rank] = least;
        starting.AddRange(sends[rank]);
    }

    void Start()
    {
        for (var i = 0; i < starting.Count; i++)
        {
            var f = starting[i];
            if (program.BytesOf(f) > 0 && program.PathOffset[f + 1] > program.PathOffset[f])
            {
                rest[f] = program.BytesOf(f);
                since[f] = now;
                solver.Add(f);
            }
            else Leave(f, now);
        }
        starting.Clear();
    }

    void Decide()
    {
        if (solver.Active == 0) return;
        solver.Solve();
        foreach (var f in solver.Changed)
        {
            var (x, before) = (solver.RateOf(f), rate[f]);
            if (before > 0 && Math.Abs(x - before) <= SameRate * before) continue;
            rest[f] = Math.Max(0, rest[f] - before * (now - since[f]));
            since[f] = now;
            rate[f] = x;
            departures.Set(f, x > 0 ? now + rest[f] / x : double.PositiveInfinity);
        }
    }

    void Skip()
    {
        if (skipped > 0) return;
        var state = new State(now, slowest, [.. done], [.. left], [.. Enumerable.Range(0, rate.Length).Select(f => rate[f] > 0 ? rest[f] - rate[f] * (now - since[f]) : -1)],
            [.. arrivals.UnorderedItems.Select(a => (a.Element, a.Priority.Item1 - now)).Order()]);
        foreach (var before in states)
        {
            if (!Same(before, state)) continue;
            period = state.Step - before.Step;
            duration = state.Time - before.Time;
            var periods = (steps - 1 - left.Max()) / period;
            if (periods < 1) return;
            Jump(periods);
            return;
        }
        states.Enqueue(state);
        if (states.Count > MostPeriod) states.Dequeue();
    }

    bool Same(State a, State b)
    {
        var shift = b.Step - a.Step;
        for (var f = 0; f < a.Done.Length; f++)
        {
            if (b.Done[f] - a.Done[f] != shift || b.Left[f] - a.Left[f] != shift || (a.Rest[f] < 0) != (b.Rest[f] < 0)) return false;
            if (Math.Abs(a.Rest[f] - b.Rest[f]) > SameState * program.BytesOf(f)) return false;
        }
        if (a.Coming.Length != b.Coming.Length) return false;
        var tolerance = SameState * (b.Time - a.Time);
        for (var i = 0; i < a.Coming.Length; i++)
            if (a.Coming[i].Flow != b.Coming[i].Flow || Math.Abs(a.Coming[i].In - b.Coming[i].In) > tolerance) return false;
        return true;
    }

    void Jump(int periods)
    {
        skipped = periods * period;
        var later = periods * duration;
        Array.Clear(behind);
        for (var f = 0; f < done.Length; f++)
        {
            skippedFrom[f] = done[f];
            done[f] += skipped;
            left[f] += skipped;
            behind[done[f]]++;
            since[f] += later;
            if (rate[f] > 0) departures.Set(f, departures.TimeOf(f) + later);
        }
        (int Flow, double At)[] coming = [.. arrivals.UnorderedItems.Select(a => (a.Element, a.Priority.Item1 + later)).Order()];
        arrivals.Clear();
        foreach (var (f, at) in coming) arrivals.Enqueue(f, (at, f));
        for (var r = 0; r < stepOf.Length; r++) stepOf[r] += skipped;
        now += later;
        slowest += skipped;
    }

    static int[][] By(int[] rank, int ranks)
    {
        var lists = new List<int>[ranks];
        for (var r = 0; r < ranks; r++) lists[r] = [];
        for (var f = 0; f < rank.Length; f++) lists[rank[f]].Add(f);
        return [.. lists.Select(l => l.ToArray())];
    }
}
