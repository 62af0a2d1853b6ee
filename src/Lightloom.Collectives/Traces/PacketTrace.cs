// The same trace on a fabric packet by packet: each message is a flow of its own, from the time at which it is sent until its last byte is there, with a first window of its
// own. Messages between systems go from card to card over the fabric; those inside a scale-up domain over its switch, at its rate, with credits for the room behind
// each link, in order and without loss, as NVLink has them (PacketNet.cs, transport "infiniband"). Packets run ahead until one arrives or a rank has something to do.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Traces;

/// <summary>What became of a trace on a fabric, packet by packet.</summary>
/// <param name="Run">Its ranks.</param>
/// <param name="Packets">What was counted of packets among cards.</param>
/// <param name="Domains">The same within scale-up domains; null where no two ranks share one.</param>
/// <param name="Fabric">The fabric as they saw it.</param>
public sealed record PacketTraceRun(TraceRun Run, OpenPackets Packets, OpenPackets? Domains, PacketFabric Fabric);

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
        var cards = new OpenPackets(fabric, packets);
        var shared = places.Domain.Distinct().Count() < places.Domain.Length;
        var domains = shared ? new OpenPackets(PacketFabricBuilder.OfDomains(places), PacketSimulation.WithinDomains(packets)) : null;
        var run = TraceSimulation.Run(source, system, shape, TicksPerNanosecond, engine => new PacketWires(engine, cards, domains, places, options.Stop), options, mayBeAlike: false);
        return new(run, cards, domains, fabric);
    }
}

sealed class PacketWires(TraceEngine engine, OpenPackets cards, OpenPackets? domains, RankPlaces places, CancellationToken stop) : ITraceWires
{
    int[] messages = new int[64], inside = new int[64]; // by flow among cards, and within domains

    // Neither runs past the other's next event: what arrives in one may start something in the other.
    public long Next
    {
        get
        {
            while (!stop.IsCancellationRequested)
            {
                if (cards.Arrived.Count > 0) return cards.Now;
                if (domains?.Arrived.Count > 0) return domains.Now;
                var (among, within) = (Math.Max(cards.Next, engine.Now), Math.Max(domains?.Next ?? long.MaxValue, engine.Now));
                if (Math.Min(among, within) >= engine.Planned) return long.MaxValue;
                if (among <= within) cards.Advance(Before(within), stop);
                else domains!.Advance(Before(among), stop);
            }
            return long.MaxValue;
        }
    }

    long Before(long other) => Math.Min(engine.Planned, other == long.MaxValue ? other : other + 1);

    public void Send(int message, int from, int to, ulong bytes)
    {
        var size = checked((long)bytes);
        if (places.Domain[from] == places.Domain[to]) Put(ref inside, domains!.Start(from, to, size, engine.Now), message);
        else Put(ref messages, cards.Start(places.Card[from], places.Card[to], size, engine.Now), message);
    }

    static void Put(ref int[] of, int flow, int message)
    {
        if (flow >= of.Length) Array.Resize(ref of, 2 * of.Length);
        of[flow] = message;
    }

    public void Due(int item)
    {
    }

    public void Advance()
    {
        while (cards.Arrived.Count > 0) engine.Arrived(messages[cards.Take()]);
        while (domains?.Arrived.Count > 0) engine.Arrived(inside[domains.Take()]);
    }

    public void Settle()
    {
    }
}
