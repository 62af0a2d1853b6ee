// A collective's schedule on a fabric, played flow by flow. A schedule that repeats one step is played step by step, anything else as a
// list of all its sends, and where switches reduce all of it at once in pieces (SwitchedFlows.cs); of several groups at once.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning.Engines;
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

    /// <summary>The links that carry most for their rates.</summary>
    public required BusiestLinks Busiest { get; init; }

    /// <summary>The size over the time.</summary>
    public Bandwidth AlgorithmBandwidth => Time > Duration.Zero ? Size / Time : Bandwidth.Zero;

    /// <summary>Plays a collective.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
    /// <param name="task">What is sent, by all groups at once.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="paths">Spread or hashed.</param>
    /// <param name="play">How flows are taken together, and who may stop them.</param>
    /// <exception cref="InputException">There are too many sends, or ranks can't reach each other.</exception>
    public static CollectiveSimulation Of(FabricGraph graph, IReadOnlyList<LinkSummary>? links, EngineTask task, IRouting routing, LoadOptions? paths = null, FlowOptions? play = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(task);
        if (task.Schedule.Tiers.Count > 0)
        {
            var switched = SwitchedFlows.Of(graph, task.Schedule, task.Groups, new(graph, routing, paths ?? new()), TrafficSimulation.Latency(graph, links), task.Places);
            var streamed = FlowSimulation.Run(Slowed(switched.Program), play);
            return Made(switched.Program, 1, streamed.Seconds + switched.Seconds) with { IsComplete = streamed.IsComplete, Classes = streamed.Classes, Moments = streamed.Batches };
        }
        if (RepeatedStep.Of(task.Schedule) is { } one)
        {
            var repeated = one.Among(task.Groups);
            var step = Lay(repeated.Sends);
            var run = StepSimulation.Run(step, repeated.Source, repeated.Destination, repeated.Ranks, repeated.Steps, play);
            return Made(step, repeated.Steps, run.Seconds) with { IsComplete = run.IsComplete, Classes = run.Classes, Moments = run.Batches, SkippedSteps = run.SkippedSteps };
        }
        if (task.SendCount > Simulation.Schedule.DefaultExpansionLimit)
            throw new InputException($"'{task.Schedule.Name}' in {task.Groups.Count:N0} groups is {task.SendCount:N0} sends; at most {Simulation.Schedule.DefaultExpansionLimit:N0} are listed");
        var program = Lay(SendList.Of(task.Schedule.Expand()).Among(task.Groups));
        var all = FlowSimulation.Run(program, play);
        return Made(program, 1, all.Seconds) with { IsComplete = all.IsComplete, Classes = all.Classes, Moments = all.Batches };

        FlowProgram Lay(SendList sends) =>
            Slowed(FabricFlows.Program(graph, routing, sends, paths, TrafficSimulation.Latency(graph, links), places: task.Places));

        FlowProgram Slowed(FlowProgram laid)
        {
            if (task.Outside != 1)
                for (var d = 0; d < 2 * graph.Links; d++) laid.Capacity[d] *= task.Outside;
            return laid;
        }

        CollectiveSimulation Made(FlowProgram played, int times, double seconds) => new()
        {
            Schedule = task.Schedule,
            Size = task.Size,
            Time = Duration.FromSeconds(seconds),
            IsComplete = true,
            Classes = 0,
            Moments = 0,
            Busiest = BusiestLinks.Of(graph, played, times),
        };
    }
}
