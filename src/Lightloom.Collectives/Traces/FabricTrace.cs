// The same trace on a fabric: messages are flows over its links, max-min fair, from the time at which they are sent; latencies are those of
// the fabric's links and devices. Chunks, phases and endpoints stay what the system configuration says.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
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
    /// <param name="source">The trace; rank r is the fabric's r-th accelerator.</param>
    /// <param name="system">What runs it on each rank.</param>
    /// <param name="shape">The dimensions that collectives go along; of the network's rates and latencies nothing counts.</param>
    /// <param name="graph">The fabric.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="paths">Spread or hashed.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="options">How it is played.</param>
    /// <exception cref="InputException">The fabric has fewer accelerators than the trace ranks, a node is wrong, or ranks wait for what never comes.</exception>
    public static FabricTraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork shape, FabricGraph graph, IRouting routing, LoadOptions? paths, FabricLatency latency,
        TraceRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(graph);
        if (source.Ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {source.Ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        var places = RankPlaces.Of(graph, source.Ranks);
        var capacity = FabricFlows.Capacity(graph, places);
        FabricWires? wires = null;
        var run = TraceSimulation.Run(source, system, shape, TicksPerNanosecond,
            engine => wires = new(engine, new(capacity), new(graph, new(graph, routing, paths), latency, places)), options ?? new(), mayBeAlike: false);
        return new(run, wires!.Flows.LinkBytes(), capacity);
    }
}

sealed class FabricWires(TraceEngine engine, OpenFlows flows, FabricRoute routes) : ITraceWires
{
    const double TicksPerSecond = 1e12;

    readonly Dictionary<long, (int Route, long Latency)> known = [];
    readonly List<int> links = [], gone = [];
    readonly List<double> shares = [];
    long[] latencies = new long[64]; // by message

    public OpenFlows Flows => flows;

    // A flow leaves in the tick that is nearest to its time.
    public long Next => double.IsPositiveInfinity(flows.Next) ? long.MaxValue : Math.Max(engine.Now, checked((long)Math.Round(flows.Next * TicksPerSecond)));

    public void Send(int message, int from, int to, ulong bytes)
    {
        if (message >= latencies.Length) Array.Resize(ref latencies, Math.Max(message + 1, 2 * latencies.Length));
        var key = ((long)from << 32) | (uint)to;
        if (!known.TryGetValue(key, out var way))
        {
            var seconds = routes.Find(from, to, links, shares);
            known[key] = way = (links.Count == 0 ? -1 : flows.AddRoute(links, shares), (long)Math.Round(seconds * TicksPerSecond));
        }
        latencies[message] = way.Latency;
        if (bytes == 0 || way.Route < 0) engine.PlanWire(checked(engine.Now + way.Latency), message);
        else flows.Start(way.Route, bytes, message);
    }

    public void Due(int item) => engine.Arrived(item);

    public void Advance()
    {
        gone.Clear();
        // The one whose tick this is leaves, though half a tick's rounding may put it behind: a tick without anybody would come again and again.
        flows.Advance(Math.Max((engine.Now + 0.5) / TicksPerSecond, Next <= engine.Now ? flows.Next : 0), gone);
        foreach (var message in gone) engine.PlanWire(checked(engine.Now + latencies[message]), message);
    }

    public void Settle() => flows.Settle(engine.Now / TicksPerSecond);
}
