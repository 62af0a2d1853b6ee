// Two collectives at once, each by all groups of its kind, on the links of one fabric.
//
//   the first goes on all the while, the second is done once beside it; where a schedule repeats one step, that step stands for it
//   T_2, T_1     what each takes alone;  T'_2, T'_1  together, T_1 so large that T'_1 > T'_2
//   of the second   T'_2 / T_2
//   of the first    T'_2 / (T_1 - (T'_1 - T'_2)): what it got done while both ran it would have done in that time alone
//   Links are at line rate; what a mechanism sustains of it is counted as so many more bytes, since two mechanisms may share a link.
//
// Example: two sends of 1 GB over one link: both take twice as long while both run. One of them beside two others: three times, 1.5 times.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads;

namespace Lightloom.Planning.Engines;

/// <summary>Plays two collectives at once; see the equations at the head of this file.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
/// <param name="routing">How paths are chosen.</param>
/// <param name="paths">Spread or hashed.</param>
/// <param name="play">How flows are taken together, and who may stop them.</param>
sealed class FlowOverlap(FabricGraph graph, IReadOnlyList<LinkSummary>? links, IRouting routing, LoadOptions? paths, FlowOptions play)
{
    const int MostSends = 3_000_000;
    const double Longer = 8;      // times the second that the first lasts at first
    const int MostTries = 4;

    /// <summary>What each takes over what it takes alone.</summary>
    /// <exception cref="InputException">They are too many sends, or ranks can't reach each other.</exception>
    public StepOverlap Of(EngineTask first, EngineTask second)
    {
        var places = PlacesOf(graph, first, second);
        var (one, other) = (Lay(first, places), Lay(second, places));
        var (alone, otherAlone) = (Seconds(one), Seconds(other));
        for (var (longer, tries) = (Longer * otherAlone / alone, 1); ; longer *= Longer, tries++)
        {
            var program = one.Of(longer).Beside(other);
            var run = FlowSimulation.Run(program, play);
            if (!run.IsComplete) throw new InputException("the run was stopped before");
            double firstEnds = 0, secondEnds = 0;
            for (var f = 0; f < program.Count; f++)
            {
                if (f < one.Count) firstEnds = Math.Max(firstEnds, run.FinishOf(f));
                else secondEnds = Math.Max(secondEnds, run.FinishOf(f));
            }
            if (firstEnds <= secondEnds && tries < MostTries) continue;
            return Overlap(longer * alone, otherAlone, firstEnds, secondEnds);
        }
    }

    /// <summary>Where the ranks of both stand, at the line rate of their domains.</summary>
    public static RankPlaces PlacesOf(FabricGraph graph, EngineTask first, EngineTask second) =>
        (first.Places.Card.Length >= second.Places.Card.Length ? first.Places : second.Places) with { ScaleUp = graph.Plan.Request.System.Accelerator.ScaleUpBandwidth.Value };

    /// <summary>What each takes over what it takes alone.</summary>
    /// <param name="alone">T_1.</param>
    /// <param name="otherAlone">T_2.</param>
    /// <param name="firstEnds">T'_1.</param>
    /// <param name="secondEnds">T'_2.</param>
    public static StepOverlap Overlap(double alone, double otherAlone, double firstEnds, double secondEnds)
    {
        // What it did while both ran is what it had not to do behind.
        var done = alone - (firstEnds - secondEnds);
        return new(Math.Max(1, secondEnds / Math.Max(done, 1e-3 * secondEnds)), Math.Max(1, secondEnds / otherAlone));
    }

    double Seconds(FlowProgram program)
    {
        var run = FlowSimulation.Run(program, play);
        return run.IsComplete ? run.Seconds : throw new InputException("the run was stopped before");
    }

    FlowProgram Lay(EngineTask task, RankPlaces places)
    {
        var latency = TrafficSimulation.Latency(graph, links);
        FlowProgram program;
        if (task.Schedule.Tiers.Count > 0) program = SwitchedFlows.Of(graph, task.Schedule, task.Groups, new(graph, routing, paths ?? new()), latency, places).Program;
        else
        {
            var step = RepeatedStep.Of(task.Schedule);
            var each = step?.Sends.Count ?? task.Schedule.SendCount;
            if (each * task.Groups.Count > MostSends) throw new InputException($"'{task.Schedule.Name}' in {task.Groups.Count:N0} groups is {each * task.Groups.Count:N0} sends; at most {MostSends:N0} are played beside others");
            program = FabricFlows.Program(graph, routing, (step?.Sends ?? SendList.Of(task.Schedule.Expand())).Among(task.Groups), paths, latency, places: places);
        }
        var (inside, outside) = (places.ScaleUp.BytesPerSecond / task.Places.ScaleUp.BytesPerSecond, 1 / task.Outside);
        var bytes = new double[program.Count];
        for (var f = 0; f < bytes.Length; f++)
            bytes[f] = program.BytesOf(f) * (program.PathOffset[f] < program.PathOffset[f + 1] && program.Path[program.PathOffset[f]] >= 2 * graph.Links ? inside : outside);
        return program.With(bytes);
    }
}
