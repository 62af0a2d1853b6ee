// A collective's schedule on a fabric, played flow by flow. A schedule that repeats one step is played step by step, anything else as a
// list of all its sends.
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Planning;

/// <summary>What a collective took.</summary>
public sealed record CollectiveSimulation
{
    /// <summary>The schedule.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Its size, in the convention of its kind.</summary>
    public required DataSize Size { get; init; }

    /// <summary>When its last send arrived.</summary>
    public required Duration Time { get; init; }

    /// <summary>Whether all of them did; false where the run was stopped.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Classes of flows that were played.</summary>
    public required int Classes { get; init; }

    /// <summary>Moments at which something happened.</summary>
    public required long Moments { get; init; }

    /// <summary>Steps that were skipped because they repeat others.</summary>
    public int SkippedSteps { get; init; }

    /// <summary>The size over the time.</summary>
    public Bandwidth AlgorithmBandwidth => Time > Duration.Zero ? Size / Time : Bandwidth.Zero;

    /// <summary>The schedule of a collective among the first ranks of a fabric.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="algorithm">How it is done.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="ranks">Ranks.</param>
    /// <exception cref="InputException">The algorithm can't do it, or ranks don't fill their systems.</exception>
    public static Schedule ScheduleOf(FabricGraph graph, CollectiveAlgorithm algorithm, CollectiveKind kind, DataSize size, int ranks)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(algorithm);
        var system = graph.Plan.Request.System;
        var each = Math.Min(ranks, system.Accelerators.Value);
        if (ranks < 2 || ranks % each != 0) throw new InputException($"expected 2 ranks or more that fill systems of {each:N0}, found {ranks:N0}");
        if (algorithm.ReducesInNetwork) throw new InputException($"{algorithm.Name} counts on switches that reduce, which the flow engine doesn't have");
        var (levels, group) = Levels(graph, ranks, system.ScaleUpLatency.Value);
        if (!algorithm.Supports(kind, group, levels)) throw new InputException($"{algorithm.Name} can't do {kind} for {ranks:N0} ranks in systems of {each:N0}");
        return algorithm.Schedule(kind, size, group, levels);
    }

    /// <summary>
    /// What a collective takes by its algorithm's closed form at the rates and latencies of the links that it is played on: what ranks send over
    /// each level, and messages that follow one another, without links that several share.
    /// </summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
    /// <param name="algorithm">How it is done.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="ranks">Ranks.</param>
    /// <param name="routing">How paths are chosen, for their latency.</param>
    /// <exception cref="InputException">The algorithm can't do it, or ranks don't fill their systems.</exception>
    public static Duration Analytic(FabricGraph graph, IReadOnlyList<LinkSummary>? links, CollectiveAlgorithm algorithm, CollectiveKind kind, DataSize size, int ranks, IRouting routing)
    {
        ScheduleOf(graph, algorithm, kind, size, ranks);
        // From the first system to the last: the longest way of a fabric in layers.
        var route = new FabricRoute(graph, new(graph, routing), TrafficSimulation.Latency(graph, links), RankPlaces.Of(graph, ranks));
        var (levels, group) = Levels(graph, ranks, Duration.FromSeconds(route.Find(0, ranks - 1, [], [])));
        return CollectiveModel.Default.Time(kind, size, group, levels, algorithm, CollectiveProtocol.Bulk).Total;
    }

    static (NetworkLevels Levels, GroupPlacement Group) Levels(FabricGraph graph, int ranks, Duration latency)
    {
        var system = graph.Plan.Request.System;
        var each = Math.Min(ranks, system.Accelerators.Value);
        var inside = new NetworkLevel("scale-up", system.Accelerator.ScaleUpBandwidth.Value, system.ScaleUpLatency.Value);
        return ranks == each ? (new(inside), GroupPlacement.Of(each)) : (new(inside, new("fabric", system.Nic.Rate.Value, latency)), GroupPlacement.Of(each, ranks));
    }

    /// <summary>Plays a schedule.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
    /// <param name="schedule">Sends between its first ranks.</param>
    /// <param name="size">The collective's size.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="paths">Spread or hashed.</param>
    /// <param name="play">How flows are taken together, and who may stop them.</param>
    /// <exception cref="InputException">There are too many sends, or ranks can't reach each other.</exception>
    public static CollectiveSimulation Of(FabricGraph graph, IReadOnlyList<LinkSummary>? links, Schedule schedule, DataSize size, IRouting routing, LoadOptions? paths = null,
        FlowOptions? play = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var (latency, places) = (TrafficSimulation.Latency(graph, links), RankPlaces.Of(graph, schedule.Layout.Ranks));
        if (RepeatedStep.Of(schedule) is { } repeated)
        {
            var step = FabricFlows.Program(graph, routing, repeated.Sends, paths, latency, places: places);
            var run = StepSimulation.Run(step, repeated.Source, repeated.Destination, repeated.Ranks, repeated.Steps, play);
            return new()
            {
                Schedule = schedule,
                Size = size,
                Time = Duration.FromSeconds(run.Seconds),
                IsComplete = run.IsComplete,
                Classes = run.Classes,
                Moments = run.Batches,
                SkippedSteps = run.SkippedSteps,
            };
        }
        var program = FabricFlows.Program(graph, routing, SendList.Of(schedule.Expand()), paths, latency, places: places);
        var all = FlowSimulation.Run(program, play);
        return new()
        {
            Schedule = schedule,
            Size = size,
            Time = Duration.FromSeconds(all.Seconds),
            IsComplete = all.IsComplete,
            Classes = all.Classes,
            Moments = all.Batches,
        };
    }
}
