// A collective's schedule on a fabric, played packet by packet: every send is a flow of its own, which begins when what it waits for has arrived and
// the send before it in its queue has left. Sends between cards cross the fabric; those inside a scale-up domain its switch, with credits for each link, as NVLink has it.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Simulation;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Planning;

/// <summary>What a collective took, packet by packet.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Size">Its size, in the convention of its kind.</param>
/// <param name="Fabric">The fabric as packets saw it.</param>
/// <param name="Run">What became of the packets.</param>
public sealed record CollectivePackets(Schedule Schedule, DataSize Size, PacketFabric Fabric, PacketRun Run)
{
    /// <summary>When the last byte of the last send arrived; of a run that was stopped, of the last that did.</summary>
    public Duration Time { get; } = Last(Run);

    /// <summary>The size over the time.</summary>
    public Bandwidth AlgorithmBandwidth => Time > Duration.Zero ? Size / Time : Bandwidth.Zero;

    /// <summary>Plays a collective.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
    /// <param name="task">What is sent, by all groups at once.</param>
    /// <param name="options">How packets are sent.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">There are too many sends, or cards would have to forward.</exception>
    public static CollectivePackets Of(FabricGraph graph, IReadOnlyList<LinkSummary>? links, EngineTask task, PacketOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        var places = task.Places;
        var sends = SendList.Of(task.Schedule.Expand()).Among(task.Groups);
        var fabric = PacketFabricBuilder.Of(graph, TrafficSimulation.Latency(graph, links));
        var inside = Enumerable.Range(0, sends.Count).Any(i => places.Domain[sends.Source[i]] == places.Domain[sends.Destination[i]]);
        return new(task.Schedule, task.Size, fabric, PacketSimulation.Run(fabric, inside ? PacketFabricBuilder.OfDomains(places) : null, PacketTraffic.Of(sends, graph, places), options, stop));
    }

    static Duration Last(PacketRun run)
    {
        var last = SimTime.Zero;
        for (var f = 0; f < run.Traffic.Count; f++)
            if (run.ArrivalOf(f) is { } at && at > last) last = at;
        return last.ToDuration();
    }
}
