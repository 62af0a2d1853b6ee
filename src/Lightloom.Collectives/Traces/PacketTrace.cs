// The same trace on a fabric packet by packet: each message is a flow of its own, from the time at which it is sent until its last byte is there, with a first window of its
// own (RankPackets.cs).
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation;
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
    /// <param name="source">The trace; rank r is the fabric's r-th accelerator, where no library places it.</param>
    /// <param name="system">What runs it on each rank.</param>
    /// <param name="shape">The dimensions that collectives go along, where no library does them; of the network's rates and latencies nothing counts.</param>
    /// <param name="graph">The fabric.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="packets">How packets are sent.</param>
    /// <param name="options">How it is played.</param>
    /// <param name="library">How collectives are done, with several sends of a rank at once; null: as the system says, one at a time.</param>
    /// <exception cref="InputException">
    /// The fabric has fewer accelerators than the trace ranks, a node is wrong, or ranks wait for what never comes.
    /// </exception>
    public static PacketTraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork shape, FabricGraph graph, FabricLatency latency, PacketOptions packets, TraceRunOptions? options = null,
        ITraceLibrary? library = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(packets);
        if (source.Ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {source.Ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        options ??= new();
        var places = library?.Places ?? RankPlaces.Of(graph, source.Ranks);
        var fabric = PacketFabricBuilder.Of(graph, latency);
        var wires = new RankPackets(fabric, places, packets);
        var run = TraceSimulation.Run(source, system, shape, TicksPerNanosecond, engine => new PacketWires(engine, wires, options.Stop), options, mayBeAlike: false, library);
        return new(run, wires.Packets, fabric);
    }
}

sealed class PacketWires(TraceEngine engine, RankPackets packets, CancellationToken stop) : IFabricWires
{
    readonly bool tells = engine.Communicators is not null;

    public long Next => packets.Next(engine.Planned, stop);

    public void Send(int message, int from, int to, ulong bytes) => packets.Send(message, from, to, checked((long)bytes), engine.Now);

    // Packets bring headers of their own: what they get of the line rate is what it is.
    public void SendPart(int message, int from, int to, double bytes, double inside, double outside) => packets.Send(message, from, to, checked((long)Math.Ceiling(bytes)), engine.Now);

    public void Stream(int message, int route, double bytes, double share) => throw new NotSupportedException();

    public bool Streaming => false;

    public TraceStreams Streams(Schedule schedule, int[] ranks, int number) => throw new InputException($"'{schedule.Name}' counts on switches that reduce or copy, and those of a trace in packets only forward");

    public void Due(int item)
    {
    }

    public void Advance()
    {
        while (packets.TryTake(out var message))
        {
            // When a message's last byte leaves isn't told; what comes behind it in its queue follows when it is there.
            if (tells) engine.Left(message);
            engine.Arrived(message);
        }
    }

    public void Settle()
    {
    }
}
