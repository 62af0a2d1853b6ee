// The engines, as one: how long does a collective take that groups do at once?
//
//   analytic   closed form of the algorithm at the links' rates and the latency of its longest way: no group and no flow shares anything
//   flow       every send a flow over the links of the fabric, max-min fair; all groups at once
//   packet     every send in packets with headers, through queues, by a transport
//
// None counts launches, protocols of libraries, or what reductions cost those who do them. Where an algorithm counts on switches that reduce, flows and
// packets go up the tree of switches and down.
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads;

namespace Lightloom.Planning.Engines;

/// <summary>What an engine found.</summary>
/// <param name="Time">From the first send to the last arrival.</param>
/// <param name="IsComplete">Whether all arrived; false where the run was stopped.</param>
public sealed record EngineRun(Duration Time, bool IsComplete)
{
    /// <summary>What flows were played as, where flows were.</summary>
    public CollectiveSimulation? Flows { get; init; }

    /// <summary>What became of packets, where packets were.</summary>
    public CollectivePackets? Packets { get; init; }

    /// <summary>The largest size that was played, where the whole would have taken too long; null: the whole was.</summary>
    public DataSize? PlayedSize { get; init; }
}

/// <summary>A way to find out how long collectives take on a fabric. Not for several threads.</summary>
public interface INetworkEngine
{
    /// <summary>What <c>--engine</c> calls it.</summary>
    string Name { get; }

    /// <summary>What it counts, in words.</summary>
    string Counts { get; }

    /// <summary>Whether headers, and how data is sent, count by themselves: such an engine gets line rates, others what is sustained of them.</summary>
    bool CountsHeaders { get; }

    /// <summary>Whether it plays what stays inside scale-up domains, whether their switches reduce or not.</summary>
    bool PlaysDomains { get; }

    /// <summary>Plays a collective.</summary>
    /// <param name="task">The collective.</param>
    /// <param name="stop">Stops it; what there is by then is the answer.</param>
    /// <exception cref="InputException">It can't be played: ranks can't reach each other, or sends or packets are too many.</exception>
    EngineRun Run(EngineTask task, CancellationToken stop = default);

    /// <summary>Plays two collectives at once, on ranks that both have: the first goes on while the second is done.</summary>
    /// <param name="first">That which goes on.</param>
    /// <param name="second">The other.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>What each takes over what it takes alone.</returns>
    /// <exception cref="InputException">It can't: the message says why.</exception>
    StepOverlap Together(EngineTask first, EngineTask second, CancellationToken stop = default) => throw new InputException($"the {Name} engine plays one collective after the other");
}

/// <summary>Closed forms.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
/// <param name="routing">How paths are chosen, for their latency.</param>
public sealed class AnalyticEngine(FabricGraph graph, IReadOnlyList<LinkSummary>? links, IRouting routing) : INetworkEngine
{
    /// <inheritdoc/>
    public string Name => "analytic";

    /// <inheritdoc/>
    public string Counts => "closed form at the links' rates, no link shared";

    /// <inheritdoc/>
    public bool CountsHeaders => false;

    /// <inheritdoc/>
    public bool PlaysDomains => true;

    /// <inheritdoc/>
    public EngineRun Run(EngineTask task, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        var (places, first) = (task.Places, task.Groups[0]);
        var inside = Reducing(new("scale-up", places.ScaleUp, places.ScaleUpLatency), task.DomainsReduce);
        var placement = task.Placement;
        if (placement.LevelCount == 1) return Timed(task, placement, new(inside));
        // From the first member to the last: the longest way of a fabric in layers.
        var route = new FabricRoute(graph, new(graph, routing), TrafficSimulation.Latency(graph, links), places);
        var latency = Duration.FromSeconds(route.Find(first[0], first[^1], [], []));
        return Timed(task, placement, new(inside, Reducing(new("fabric", graph.Plan.Request.System.Nic.Rate.Value * task.Outside, latency), task.Algorithm.ReducesInNetwork)));
    }

    static NetworkLevel Reducing(NetworkLevel level, bool reduces) => reduces ? level with { InNetworkBandwidth = level.Bandwidth, InNetworkLatency = level.Latency } : level;

    static EngineRun Timed(EngineTask task, in GroupPlacement group, NetworkLevels levels) =>
        new(CollectiveModel.Default.Time(task.Kind, task.Size, group, levels, task.Algorithm, CollectiveProtocol.Bulk).Total, true);
}

/// <summary>Flows that share links max-min fairly.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
/// <param name="routing">How paths are chosen.</param>
/// <param name="paths">Spread or hashed.</param>
/// <param name="play">How flows are taken together, and who is told of them.</param>
public sealed class FlowNetworkEngine(FabricGraph graph, IReadOnlyList<LinkSummary>? links, IRouting routing, LoadOptions? paths = null, FlowOptions? play = null) : INetworkEngine
{
    /// <inheritdoc/>
    public string Name => "flow";

    /// <inheritdoc/>
    public string Counts => "every send a flow over the links, max-min fair";

    /// <inheritdoc/>
    public bool CountsHeaders => false;

    /// <inheritdoc/>
    public bool PlaysDomains => true;

    /// <inheritdoc/>
    public EngineRun Run(EngineTask task, CancellationToken stop = default)
    {
        var run = CollectiveSimulation.Of(graph, links, task, routing, paths, (play ?? new()) with { Stop = stop });
        return new(run.Time, run.IsComplete) { Flows = run };
    }

    /// <inheritdoc/>
    public StepOverlap Together(EngineTask first, EngineTask second, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new FlowOverlap(graph, links, routing, paths, (play ?? new()) with { Stop = stop }).Of(first, second);
    }
}

/// <summary>Packets through queues.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
/// <param name="options">How packets are sent.</param>
/// <param name="most">
/// Packets beyond which a collective is played at two smaller sizes, of so many packets and of half as many, and the rest is counted at their slope;
/// none unless given.
/// </param>
public sealed class PacketNetworkEngine(FabricGraph graph, IReadOnlyList<LinkSummary>? links, PacketOptions options, long? most = null) : INetworkEngine
{
    /// <inheritdoc/>
    public string Name => "packet";

    /// <inheritdoc/>
    public string Counts => $"every send in packets: {options.Transport}, {options.Balance}, seed {options.Seed}";

    /// <inheritdoc/>
    public bool CountsHeaders => true;

    /// <inheritdoc/>
    public bool PlaysDomains => false;

    /// <inheritdoc/>
    public EngineRun Run(EngineTask task, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        var packets = task.Schedule.TotalBytes.Bytes * task.Groups.Count / options.Packet.Bytes;
        if (most is not { } limit || packets <= limit) return Whole(task, stop);
        var (more, less) = (task.Of(task.Size * (limit / packets)), task.Of(task.Size * (limit / packets / 2)));
        if (more.SendCount > limit) throw new InputException($"'{task.Schedule.Name}' is {more.SendCount:N0} sends, and at most {limit:N0} packets are played");
        var (small, large) = (Whole(less, stop), Whole(more, stop));
        var slope = (large.Time - small.Time) / (more.Size - less.Size).Bytes;
        return large with { Time = large.Time + slope * (task.Size - more.Size).Bytes, IsComplete = small.IsComplete && large.IsComplete, PlayedSize = more.Size };
    }

    /// <inheritdoc/>
    public StepOverlap Together(EngineTask first, EngineTask second, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new PacketOverlap(graph, links, options, most ?? long.MaxValue).Of(first, second, stop);
    }

    EngineRun Whole(EngineTask task, CancellationToken stop)
    {
        var run = CollectivePackets.Of(graph, links, task, options, stop);
        return new(run.Time, run.Run.IsComplete) { Packets = run };
    }
}
