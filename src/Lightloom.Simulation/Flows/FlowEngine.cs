// Plays a program flow by flow: rates are constant between events, which are departures, arrivals, starts and changes of links.
//
//   departure of flow f     t + rest / x_f, moved only when x_f changes
//   one batch               all events within a relative 1e-12 of the first; the rates are decided once after it
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>Plays one program. Not for several threads.</summary>
sealed class FlowEngine
{
    const double SameTime = 1e-12;  // relative
    const double SameRate = 1e-14;  // relative: less is rounding, and the flow keeps its rate and its departure

    readonly FlowProgram program;
    readonly double[] capacity;
    MaxMinSolver solver;
    FlowRoutes routes;
    long decisions;
    readonly TimeHeap departures;
    readonly PriorityQueue<int, (double, int)> timed = new(); // f: flow f starts; ~f: flow f arrives
    readonly double[] rate, rest, since;
    readonly int[] waits;              // what a flow still waits for; it starts at 0
    readonly int[] gateMissing;        // arrivals that a gate needs, and 1 for the gate before it
    readonly int[]? waiterFirst, waiter, gateNext, gateNextFirst, follower;
    readonly int[]? turn;              // the waiter that the next arrival at a gate with turns lets through
    readonly Stack<int> opened = new();
    readonly List<int> leaving = [], starting = [];
    readonly FlowRecorder? recorder;
    int change, reroute, unfinished;

    public FlowEngine(FlowProgram program, FlowRecorder? recorder = null)
    {
        (this.program, this.recorder) = (program, recorder);
        var flows = program.Count;
        capacity = [.. program.Capacity];
        routes = new(program.PathOffset, program.Path, program.Share, program.Latency);
        solver = new(program, capacity);
        departures = new(flows);
        (rate, rest, since) = (new double[flows], new double[flows], new double[flows]);
        (Begun, Finish) = (new double[flows], new double[flows]);
        Array.Fill(Begun, double.NaN);
        Array.Fill(Finish, double.NaN);
        waits = program.HasOrder || program.Start is not null ? new int[flows] : [];
        gateMissing = [.. program.GateArrivals];
        unfinished = flows;
        if (!program.HasOrder) return;
        if (program.WaitsFor is { } gates)
        {
            (waiterFirst, waiter) = Reverse(gates, gateMissing.Length);
            for (var f = 0; f < flows; f++)
                if (gates[f] >= 0) waits[f]++;
            if (program.GateTurns is not null) turn = waiterFirst.AsSpan(0, gateMissing.Length).ToArray();
        }
        if (program.GateAfter is { } after)
        {
            (gateNextFirst, gateNext) = Reverse(after, gateMissing.Length);
            for (var q = 0; q < after.Length; q++)
                if (after[q] >= 0) gateMissing[q]++;
        }
        if (program.After is { } before)
        {
            follower = new int[flows];
            Array.Fill(follower, -1);
            for (var f = 0; f < flows; f++)
            {
                if (before[f] < 0) continue;
                if (follower[before[f]] >= 0) throw new InputException($"flows {follower[before[f]]:N0} and {f:N0} both come after flow {before[f]:N0}; expected one");
                follower[before[f]] = f;
                waits[f]++;
            }
        }
    }

    /// <summary>When each flow began, seconds; NaN: it didn't.</summary>
    public double[] Begun { get; }

    /// <summary>When each flow arrived, seconds; NaN: it didn't.</summary>
    public double[] Finish { get; }

    /// <summary>The time of the last event.</summary>
    public double Now { get; private set; }

    /// <summary>Batches of events.</summary>
    public long Batches { get; private set; }

    /// <summary>Flows that got a rate, all decisions together.</summary>
    public long Decisions => decisions + solver.Filling;

    /// <summary>Plays until nothing is left to happen, or a caller stops it.</summary>
    /// <returns>Whether all flows arrived.</returns>
    public bool Run(CancellationToken stop, Action<double, int>? progress = null)
    {
        for (var f = 0; f < program.Count; f++)
        {
            if (program.Start is { } start && start[f] > 0)
            {
                waits[f]++;
                timed.Enqueue(f, (start[f], f));
            }
            if (waits.Length == 0 || waits[f] == 0) starting.Add(f);
        }
        for (var q = 0; q < gateMissing.Length; q++)
            if (gateMissing[q] == 0) opened.Push(q);
        OpenGates();
        solver.Begin();
        Start();
        for (; change < program.Changes.Count && program.Changes[change] is { Seconds: 0 } c; change++) solver.Change(c.Link, c.BytesPerSecond);
        Decide();
        while (unfinished > 0)
        {
            var next = Math.Min(departures.Top, timed.TryPeek(out _, out var first) ? first.Item1 : double.PositiveInfinity);
            if (change < program.Changes.Count) next = Math.Min(next, program.Changes[change].Seconds);
            if (reroute < program.Reroutes.Count) next = Math.Min(next, program.Reroutes[reroute].Seconds);
            if (double.IsPositiveInfinity(next) || stop.IsCancellationRequested) break;
            Step(next);
            Batches++;
            if ((Batches & 255) == 0) progress?.Invoke(Now, program.Count - unfinished);
        }
        recorder?.End(Now);
        return unfinished == 0;
    }

    void Step(double next)
    {
        var until = next + next * SameTime;
        Now = next;
        solver.Begin();
        leaving.Clear();
        departures.Take(until, leaving);
        foreach (var f in leaving)
        {
            var at = departures.TimeOf(f);
            if (at > Now) Now = at;
            solver.Remove(f);
            recorder?.Rate(f, at, 0, -1);
            rate[f] = 0;
            Leave(f, at);
        }
        while (timed.TryPeek(out var item, out var key) && key.Item1 <= until)
        {
            timed.Dequeue();
            if (key.Item1 > Now) Now = key.Item1;
            if (item < 0) Arrive(~item, key.Item1);
            else Ready(item);
        }
        OpenGates();
        Start();
        for (; change < program.Changes.Count && program.Changes[change] is var c && c.Seconds <= until; change++) solver.Change(c.Link, c.BytesPerSecond);
        solver.Loosen(leaving);
        for (; reroute < program.Reroutes.Count && program.Reroutes[reroute].Seconds <= until; reroute++) Move(program.Reroutes[reroute].Routes);
        Decide();
    }

    void Move(FlowRoutes to)
    {
        routes = to;
        decisions += solver.Filling;
        var moved = new MaxMinSolver(program, to, capacity);
        moved.Begin();
        for (var f = 0; f < program.Count; f++)
            if (solver.IsActive(f)) moved.Add(f);
        solver = moved;
    }

    // What starts now; a flow without bytes or links is there at once, which may open gates.
    void Start()
    {
        for (var i = 0; i < starting.Count; i++)
        {
            var f = starting[i];
            Begun[f] = Now;
            if (program.BytesOf(f) > 0 && routes.Offset[f + 1] > routes.Offset[f])
            {
                rest[f] = program.BytesOf(f);
                since[f] = Now;
                solver.Add(f);
                continue;
            }
            Leave(f, Now);
            OpenGates();
        }
        starting.Clear();
    }

    void Decide()
    {
        if (solver.Active == 0) return;
        solver.Solve();
        var changed = solver.Changed;
        var many = changed.Count > departures.Count >> 2;
        foreach (var f in changed)
        {
            var (now, before) = (solver.RateOf(f), rate[f]);
            if (Math.Abs(now - before) <= SameRate * before && before > 0) continue;
            rest[f] = Math.Max(0, rest[f] - before * (Now - since[f]));
            since[f] = Now;
            rate[f] = now;
            recorder?.Rate(f, Now, now, solver.FirstBottleneckOf(f));
            var at = now > 0 ? Now + rest[f] / now : double.PositiveInfinity;
            if (many) departures.SetUnordered(f, at);
            else departures.Set(f, at);
        }
        if (many) departures.Order();
    }

    void Leave(int f, double at)
    {
        if (follower is not null && follower[f] >= 0) Ready(follower[f]);
        if (routes.Latency is { } latency && latency[f] > 0) timed.Enqueue(~f, (at + latency[f], f));
        else Arrive(f, at);
    }

    void Arrive(int f, double at)
    {
        Finish[f] = at;
        unfinished--;
        if (program.Feeds is { } feeds && feeds[f] >= 0) Feed(feeds[f]);
        if (program.FeedsToo is { } more && more[f] >= 0) Feed(more[f]);
    }

    void Feed(int q)
    {
        if (turn is not null && program.GateTurns![q])
        {
            if (turn[q] < waiterFirst![q + 1]) Ready(waiter![turn[q]++]);
        }
        else if (--gateMissing[q] == 0)
        {
            opened.Push(q);
        }
    }

    void Ready(int f)
    {
        if (--waits[f] == 0) starting.Add(f);
    }

    void OpenGates()
    {
        while (opened.TryPop(out var q))
        {
            if (waiterFirst is not null)
                for (var i = waiterFirst[q]; i < waiterFirst[q + 1]; i++) Ready(waiter![i]);
            if (gateNextFirst is null) continue;
            for (var i = gateNextFirst[q]; i < gateNextFirst[q + 1]; i++)
                if (--gateMissing[gateNext![i]] == 0) opened.Push(gateNext[i]);
        }
    }

    /// <summary>Why flows are left when nothing more happens.</summary>
    public FlowStall? Stall()
    {
        if (unfinished == 0) return null;
        int[] stuck = [.. Enumerable.Range(0, program.Count).Where(f => !double.IsNaN(Begun[f]) && double.IsNaN(Finish[f]) && rate[f] == 0)];
        int[] waiting = [.. Enumerable.Range(0, program.Count).Where(f => double.IsNaN(Begun[f]))];
        return new(stuck, [.. stuck.Select(solver.BottleneckOf)], waiting);
    }

    static (int[] First, int[] Items) Reverse(int[] of, int count)
    {
        var first = new int[count + 1];
        foreach (var q in of)
            if (q >= 0) first[q + 1]++;
        for (var q = 0; q < count; q++) first[q + 1] += first[q];
        var next = first.AsSpan(0, count).ToArray();
        var items = new int[first[count]];
        for (var i = 0; i < of.Length; i++)
            if (of[i] >= 0) items[next[of[i]]++] = i;
        return (first, items);
    }
}

/// <summary>Flows that never arrive.</summary>
/// <param name="Stuck">Those that began and have no rate.</param>
/// <param name="Links">The link that gives each of them nothing.</param>
/// <param name="Waiting">Those that wait for others, or for themselves in a circle.</param>
public sealed record FlowStall(IReadOnlyList<int> Stuck, IReadOnlyList<int> Links, IReadOnlyList<int> Waiting);
