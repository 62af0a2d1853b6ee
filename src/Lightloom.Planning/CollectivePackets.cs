// A collective's schedule on a fabric, played packet by packet: every send is a flow of its own, which begins when what it waits for has arrived and
// the send before it in its queue has left. Sends between cards cross the fabric; those inside a scale-up domain its switch, with credits for each link, as NVLink has it.
// Where switches reduce or copy (SwitchedPackets.cs) data are cut into pieces, since all steps are under way at once there.
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
        if (task.Schedule.Tiers.Count > 0) task = task.InPieces(options.ReductionChunk);
        var stage = new PacketStage(graph, TrafficSimulation.Latency(graph, links), task.Places);
        return new(task.Schedule, task.Size, stage.Fabric, stage.Play(stage.Lay(task), OptionsOf(task, options), stop));
    }

    /// <summary>How packets of a task are sent: switches of a fabric that reduce are InfiniBand's, unless another transport was given.</summary>
    public static PacketOptions OptionsOf(EngineTask task, PacketOptions options)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        return task.FabricReduces ? options.Usually("infiniband") : options;
    }

    static Duration Last(PacketRun run) => PacketStage.Last(run, 0, run.Traffic.Count);
}

/// <summary>A fabric and the scale-up domains of ranks, as packets see them.</summary>
sealed class PacketStage
{
    readonly FabricGraph graph;
    readonly FabricLatency latency;
    readonly RankPlaces places;
    readonly PacketFabric domains;

    public PacketStage(FabricGraph graph, FabricLatency latency, RankPlaces places)
    {
        (this.graph, this.latency, this.places) = (graph, latency, places);
        (Fabric, domains) = (PacketFabricBuilder.Of(graph, latency), PacketFabricBuilder.OfDomains(places));
    }

    public PacketFabric Fabric { get; }

    /// <summary>What a rank sends into its domain at once.</summary>
    public Bandwidth ScaleUp => places.ScaleUp;

    /// <summary>The traffic of a task.</summary>
    /// <exception cref="InputException">It is too many sends, or no switch can make its sums.</exception>
    public PacketTraffic Lay(EngineTask task)
    {
        if (task.SendCount > Schedule.DefaultExpansionLimit)
            throw new InputException($"'{task.Schedule.Name}' in {task.Groups.Count:N0} groups is {task.SendCount:N0} sends; at most {Schedule.DefaultExpansionLimit:N0} are listed");
        return task.Schedule.Tiers.Count > 0 ? SwitchedPackets.Of(graph, task.Schedule, task.Groups, latency, places, Fabric, domains) : Lay(SendList.Of(task.Schedule.Expand()).Among(task.Groups));
    }

    /// <summary>The traffic of sends between ranks.</summary>
    public PacketTraffic Lay(SendList sends) => PacketTraffic.Of(sends, graph, places);

    /// <summary>Whether a flow stays within a scale-up domain.</summary>
    public bool IsInside(PacketTraffic traffic, int flow) => traffic.Source[flow] >= graph.Cards;

    public PacketRun Play(PacketTraffic traffic, PacketOptions options, CancellationToken stop) =>
        PacketSimulation.Run(Fabric, Enumerable.Range(0, traffic.Count).Any(f => IsInside(traffic, f)) ? domains : null, traffic, options, stop);

    /// <summary>When the last byte of some flows arrived that did.</summary>
    public static Duration Last(PacketRun run, int first, int end)
    {
        var last = SimTime.Zero;
        for (var f = first; f < end; f++)
            if (run.ArrivalOf(f) is { } at && at > last) last = at;
        return last.ToDuration();
    }
}
