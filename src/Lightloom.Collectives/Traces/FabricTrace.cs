// The same trace on a fabric: messages are flows over its links, max-min fair, from the time at which they are sent; latencies are those of
// the fabric's links and devices. Collectives are what a library makes of them (TraceLibrary.cs), or chunks, phases and endpoints as the system
// configuration says.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Traces;

/// <summary>What became of a trace on a fabric.</summary>
/// <param name="Run">Its ranks.</param>
/// <param name="LinkBytes">Bytes of each directed link, numbered as <see cref="FabricFlows"/> has them.</param>
/// <param name="Capacity">Bytes a second of each.</param>
public sealed record FabricTraceRun(TraceRun Run, double[] LinkBytes, double[] Capacity)
{
    /// <summary>The part of what a link could carry over the whole time that it did.</summary>
    public double LoadOf(int link) => Run.Time > SimTime.Zero ? LinkBytes[link] / (Capacity[link] * Run.Time.ToDuration().Seconds) : 0;
}

/// <summary>Plays traces on fabrics.</summary>
public static class FabricTrace
{
    const long TicksPerNanosecond = 1000;

    /// <summary>Plays a trace on a fabric, flow by flow.</summary>
    /// <param name="source">The trace; rank r is the fabric's r-th accelerator, where no library places it.</param>
    /// <param name="system">What runs it on each rank.</param>
    /// <param name="shape">The dimensions that collectives go along, where no library does them; of the network's rates and latencies nothing counts.</param>
    /// <param name="graph">The fabric.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="paths">Spread or hashed.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="options">How it is played.</param>
    /// <param name="library">How collectives are done, with several sends of a rank at once; null: as the system says, one at a time.</param>
    /// <exception cref="InputException">The fabric has fewer accelerators than the trace ranks, a node is wrong, or ranks wait for what never comes.</exception>
    public static FabricTraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork shape, FabricGraph graph, IRouting routing, LoadOptions? paths, FabricLatency latency,
        TraceRunOptions? options = null, ITraceLibrary? library = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(graph);
        if (source.Ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {source.Ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        var places = library?.Places ?? RankPlaces.Of(graph, source.Ranks);
        var capacity = FabricFlows.Capacity(graph, places);
        FabricWires? wires = null;
        var run = TraceSimulation.Run(source, system, shape, TicksPerNanosecond,
            engine => wires = new(engine, new(capacity), graph, new(graph, routing, paths ?? new()), latency, places), options ?? new(), mayBeAlike: false, library);
        return new(run, wires!.Flows.LinkBytes(), capacity);
    }
}

// Ticks are whole picoseconds. Where a library does collectives, flows and arrivals that a tick rounds keep their own time beside it: steps of a collective would each be late or
// early by the same part of one.
sealed class FabricWires(TraceEngine engine, OpenFlows flows, FabricGraph graph, FlowPaths paths, FabricLatency latency, RankPlaces places) : IFabricWires
{
    const double TicksPerSecond = 1e12;
    const int MostStreams = 4096;

    sealed class SamePath : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? a, int[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode(int[] path)
        {
            var hash = new HashCode();
            foreach (var link in path) hash.Add(link);
            return hash.ToHashCode();
        }
    }

    readonly record struct Way(int Route, double Seconds); // negative: a flow ends where it has left

    readonly FabricRoute routes = new(graph, paths, latency, places);
    readonly Dictionary<long, Way> known = [];
    readonly Dictionary<(Schedule, int[]), TraceStreams> streams = [];
    readonly Dictionary<int[], int> trees = new(new SamePath()); // routes of switches, by their links
    readonly List<int> links = [], gone = [];
    readonly List<double> shares = [];
    readonly bool tells = engine.Communicators is not null;
    double[] times = new double[64]; // by message: from its departure to its arrival; of those that have left when they arrive, seconds
    double at, settled; // what happens in this tick happens now; when rates were decided last

    public OpenFlows Flows => flows;

    // A flow leaves in the tick that is nearest to its time.
    public long Next => double.IsPositiveInfinity(flows.Next) ? long.MaxValue : Math.Max(engine.Now, Tick(flows.Next));

    static long Tick(double seconds) => checked((long)Math.Round(seconds * TicksPerSecond));

    public void Send(int message, int from, int to, ulong bytes) => Start(message, WayOf(from, to), bytes, 1);

    public void SendPart(int message, int from, int to, double bytes, double inside, double outside) =>
        Start(message, WayOf(from, to), bytes, places.Domain[from] == places.Domain[to] ? inside : outside);

    public void Stream(int message, int route, double bytes, double share) => Start(message, new(route, -1), bytes, share);

    public bool Streaming => true;

    public TraceStreams Streams(Schedule schedule, int[] ranks, int number)
    {
        if (streams.TryGetValue((schedule, ranks), out var before)) return before;
        if (streams.Count >= MostStreams) streams.Clear();
        var made = SwitchedFlows.Of(graph, schedule, [ranks], paths, latency, places, number);
        var program = made.Program;
        var listed = new (int, double, bool)[program.Count];
        for (var f = 0; f < program.Count; f++)
        {
            int[] path = [.. program.Path[program.PathOffset[f]..program.PathOffset[f + 1]]];
            double[] parts = program.Share is { } share ? [.. share[program.PathOffset[f]..program.PathOffset[f + 1]]] : [.. path.Select(_ => 1.0)];
            var (from, to) = made.Pairs[f];
            var route = from >= 0 ? WayOf(from, to).Route : trees.TryGetValue(path, out var old) ? old : trees[path] = flows.AddRoute(path, parts);
            listed[f] = (route, program.BytesOf(f), path[0] >= 2 * graph.Links);
        }
        return streams[(schedule, ranks)] = new(listed, Tick(made.Seconds), Tick(made.Least));
    }

    Way WayOf(int from, int to)
    {
        var key = ((long)from << 32) | (uint)to;
        if (known.TryGetValue(key, out var way)) return way;
        var seconds = routes.Find(from, to, links, shares);
        return known[key] = new(links.Count == 0 ? -1 : flows.AddRoute(links, shares), tells ? seconds : Tick(seconds) / TicksPerSecond);
    }

    // Of a part of the links' rates it takes as long as of all of them with so much more to carry.
    void Start(int message, in Way way, double bytes, double share)
    {
        if (message >= times.Length) Array.Resize(ref times, Math.Max(message + 1, 2 * times.Length));
        times[message] = way.Seconds;
        if (bytes > 0 && way.Route >= 0) flows.Start(way.Route, bytes / share, message, bytes);
        else if (tells) engine.PlanWire(engine.Now, (2 * message) + 1);
        else engine.PlanWire(checked(engine.Now + Tick(way.Seconds)), 2 * message);
    }

    // Events: a message is there (2 x its number), or one without bytes leaves (2 x its number + 1).
    public void Due(int item)
    {
        if ((item & 1) != 0)
        {
            Leave(item >> 1);
            return;
        }
        if (tells) at = Math.Max(at, times[item >> 1]);
        engine.Arrived(item >> 1);
    }

    public void Advance()
    {
        gone.Clear();
        var first = flows.Next;
        // The one whose tick this is leaves, though half a tick's rounding may put it behind: a tick without anybody would come again and again.
        flows.Advance(Math.Max((engine.Now + 0.5) / TicksPerSecond, Next <= engine.Now ? first : 0), gone);
        if (gone.Count > 0) at = Math.Max(at, first);
        foreach (var message in gone) Leave(message);
    }

    void Leave(int message)
    {
        var late = times[message];
        if (!tells)
        {
            engine.PlanWire(checked(engine.Now + Tick(late)), 2 * message);
            return;
        }
        if (late >= 0)
        {
            times[message] = late + Present;
            engine.PlanWire(Math.Max(engine.Now, Tick(times[message])), 2 * message);
        }
        engine.Left(message);
        if (late < 0) engine.Forget(message);
    }

    // The tick, or what of it was told more precisely.
    double Present => Math.Abs((at * TicksPerSecond) - engine.Now) <= 1 ? at : engine.Now / TicksPerSecond;

    public void Settle() => flows.Settle(settled = tells ? Math.Max(settled, Present) : engine.Now / TicksPerSecond);
}
