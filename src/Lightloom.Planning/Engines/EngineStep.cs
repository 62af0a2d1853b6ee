// A training step whose collectives an engine has played.
//
//   every distinct collective of the step (group, kind, size) is played once, by all groups of its kind at once, on the links of the fabric
//   the step is put together and played out again with what they take then (StepModel.Rebuild); all that was chosen for it stays
//
// Rank r of the job is the r-th accelerator that it has of the fabric, as many in each domain (GroupLayout.PerDomain). Where the step has the data group's collectives beside others that share its
// links (tensor, context and expert traffic, sends between stages), the longest of each are played at once (FlowOverlap.cs), and what each loses to the other
// there counts; where an engine can't, they halve each other's links as in the step model.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Planning.Engines;

/// <summary>A collective of a step that an engine has played.</summary>
/// <param name="Group">Whose it is.</param>
/// <param name="Collective">What became of it.</param>
public sealed record StepPlay(StepGroup Group, PlayedCollective Collective);

/// <summary>A collective of the data group and one of other groups, which a step has side by side.</summary>
/// <param name="Data">The data group's.</param>
/// <param name="Rival">The other.</param>
/// <param name="Overlap">What each takes over what it takes alone; null: it wasn't played.</param>
/// <param name="NotPlayed">Why it wasn't; empty where it was.</param>
public sealed record StepTogether(StepPlay Data, StepPlay Rival, StepOverlap? Overlap, string NotPlayed);

/// <summary>A step with its collectives played by one engine.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Timeline">The step, played out with what they take.</param>
/// <param name="Plays">Its distinct collectives, in the order in which the step asks for them.</param>
/// <param name="Together">Those that ran side by side.</param>
/// <param name="IsComplete">Whether all were played to their end; false where the run was stopped.</param>
public sealed record EngineStep(INetworkEngine Engine, StepTimeline Timeline, IReadOnlyList<StepPlay> Plays, IReadOnlyList<StepTogether> Together, bool IsComplete)
{
    /// <summary>Plays a step.</summary>
    /// <param name="step">A step that was predicted on the network.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network in closed form.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    /// <param name="collectives">Plays collectives by the engine.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="jitter">Delays of single ranks.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">Ranks can't reach each other.</exception>
    internal static EngineStep Of(in TrainingStep step, in ComputeRates rates, StepNetwork network, DataSize runtime, EngineCollectives collectives, INetworkEngine engine,
        RankJitter jitter, CancellationToken stop)
    {
        var job = step.Job;
        var plays = new List<StepPlay>();
        var known = new Dictionary<StepCollective, PlayedCollective>();
        double? Play(StepCollective asked)
        {
            if (!known.TryGetValue(asked, out var played))
            {
                int[][] groups = [.. new GroupLayout(job, network).RanksOf(asked.Group).Groups(job.Accelerators)];
                collectives.Place(groups, network.Spans[0]);
                known[asked] = played = collectives.Play(asked.Kind, asked.Size, asked.Placement, groups, stop);
                if (asked.Placement.Ranks > 1) plays.Add(new(asked.Group, played));
            }
            return played.Total.Seconds;
        }
        var together = new List<StepTogether>();
        StepOverlap? Together(StepCollective data, StepGroup rival)
        {
            // The step asks for others' collectives before the data group's.
            if (plays.Where(p => p.Group == rival).MaxBy(p => p.Collective.Closed.Total.Seconds) is not { } other) return null;
            if (together.Find(t => t.Rival == other && t.Data.Collective == known[data]) is { } before) return before.Overlap;
            var (overlap, why) = collectives.Together(known[data], other.Collective, stop);
            together.Add(new(new(data.Group, known[data]), other, overlap, why));
            return overlap;
        }
        var played = new StepNetwork(network.Levels, network.Spans) { Collectives = network.Collectives, Scattered = network.Scattered, Engine = Play, Together = Together };
        var rebuilt = StepModel.Rebuild(step, rates, played, runtime);
        return new(engine, new(rebuilt, played, jitter), plays, together, !stop.IsCancellationRequested);
    }
}
