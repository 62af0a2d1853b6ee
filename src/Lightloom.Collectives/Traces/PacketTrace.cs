// The same trace on a fabric packet by packet: each message is a flow of its own, from the time at which it is sent until its last byte is there, with a first window of its
// own (RankPackets.cs).
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Traces;

/// <summary>What became of a trace on a fabric, packet by packet.</summary>
/// <param name="Run">Its ranks.</param>
/// <param name="Packets">What was counted of packets among cards, and within scale-up domains.</param>
/// <param name="Fabric">The fabric as they saw it.</param>
public sealed record PacketTraceRun(TraceRun Run, OpenPackets Packets, PacketFabric Fabric);

/// <summary>Plays traces on fabrics, packet by packet.</summary>
public static class PacketTrace
{
    const long TicksPerNanosecond = 1000;

    /// <summary>Plays a trace on a fabric, packet by packet.</summary>
    /// <param name="source">The trace; rank r is the fabric's r-th accelerator.</param>
    /// <param name="system">What runs it on each rank.</param>
    /// <param name="shape">The dimensions that collectives go along; of the network's rates and latencies nothing counts.</param>
    /// <param name="graph">The fabric.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="packets">How packets are sent.</param>
    /// <param name="options">How it is played.</param>
    /// <exception cref="InputException">
    /// The fabric has fewer accelerators than the trace ranks, a node is wrong, or ranks wait for what never comes.
    /// </exception>
    public static PacketTraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork shape, FabricGraph graph, FabricLatency latency, PacketOptions packets, TraceRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(packets);
        if (source.Ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {source.Ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        options ??= new();
        var places = RankPlaces.Of(graph, source.Ranks);
        var fabric = PacketFabricBuilder.Of(graph, latency);
        var wires = new RankPackets(fabric, places, packets);
        var run = TraceSimulation.Run(source, system, shape, TicksPerNanosecond, engine => new PacketWires(engine, wires, options.Stop), options, mayBeAlike: false);
        return new(run, wires.Packets, fabric);
    }
}

sealed class PacketWires(TraceEngine engine, RankPackets packets, CancellationToken stop) : ITraceWires
{
    public long Next => packets.Next(engine.Planned, stop);

    public void Send(int message, int from, int to, ulong bytes) => packets.Send(message, from, to, checked((long)bytes), engine.Now);

    public void Due(int item)
    {
    }

    public void Advance()
    {
        while (packets.TryTake(out var message)) engine.Arrived(message);
    }

    public void Settle()
    {
    }
}
