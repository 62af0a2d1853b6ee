// What collectives take with their network played by an engine, and all else as the time model has it.
//
//   T' = max(H, T_d - N + P)
//   T_d   closed form without the hosts' launches H                                        (Lightloom.Collectives, CollectiveModel.cs)
//   N     the network's part of it:  W + sum over l > 0 of m_l p_l        W  bytes over the level that binds, at what it sustains
//                                                                         p_l  latency of the way across level l, without software
//   P     the same played: every send of the algorithm's schedule over the links of the fabric, of all groups that do it at once, each link
//         at the share of its rate that the mechanism sustains; packets bring headers of their own, so that they get the fabric's line rate
//   T_d - N   launches, software of messages, filling of pipelines: counted, not played
//
// Not played, and left as they are: collectives of more sends or packets than an engine takes, and in packets what stays inside scale-up domains without switches that reduce.
//
// Example: 128 ranks reduce-scatter 1 GB each in 128 groups at once across pods that are oversubscribed 7:1: N counts 1 / 7 of a card's
// rate for all of them; P sees that 1 ring in 24 has a neighbour beyond the pod, and that these few share what leaves it.
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Engines;

/// <summary>A collective whose network an engine has played.</summary>
public sealed record PlayedCollective
{
    /// <summary>What is done.</summary>
    public required CollectiveKind Kind { get; init; }

    /// <summary>Its size.</summary>
    public required DataSize Size { get; init; }

    /// <summary>Ranks of a group.</summary>
    public required int Ranks { get; init; }

    /// <summary>Groups that do it at once.</summary>
    public required int Groups { get; init; }

    /// <summary>What the time model says.</summary>
    public required CollectiveTime Closed { get; init; }

    /// <summary>The network's part of that.</summary>
    public required Duration Network { get; init; }

    /// <summary>That part as the engine played it; null where it wasn't played.</summary>
    public EngineRun? Played { get; init; }

    /// <summary>The same for one group alone on the fabric.</summary>
    public EngineRun? Alone { get; init; }

    /// <summary>What was played; null where nothing was.</summary>
    internal EngineTask? Task { get; init; }

    /// <summary>Whether groups lie evenly in the scale-up domains that they reach.</summary>
    public bool IsEven { get; init; } = true;

    /// <summary>Why it wasn't played; empty where it was.</summary>
    public string NotPlayed { get; init; } = "";

    /// <summary>What it takes with its network played; the closed form where it wasn't.</summary>
    public required Duration Total { get; init; }

    /// <summary>Why the engine's answer is another than the closed form's, in words.</summary>
    public string Why
    {
        get
        {
            if (Played is not { } played) return NotPlayed;
            var more = played.Time / Network - 1;
            if (Math.Abs(more) <= Alike) return "they agree";
            if (played.Packets is { } packets) return more > 0 ? Queues(packets) : "packets fill the line rate, where the closed form counts what libraries sustain";
            var busiest = played.Flows!.Busiest;
            if (more < 0)
                return busiest.Need < Closed.Transfer - Closed.Ramp ? "balance: these groups fill the links less than the closed form allows for" : "latency: ways differ, and steps overlap; the closed form adds the longest";
            var share = FormattableString.Invariant($"{busiest.Flows:0.##} flows at once on a {busiest.Name} link {busiest.Direction}");
            return !IsEven ? $"placement: groups lie unevenly across scale-up domains, where the closed form takes all as the one that is cut worst; {share}"
                : Groups > 1 && Alone is { } alone && played.Time > alone.Time * (1 + Alike) ? $"contention of groups: {share}; one alone takes {alone.Time.ToString("G3")}"
                : busiest.Need > Network ? $"contention within a group: {share}"
                : "latency: every step waits for its slowest send";
        }
    }

    const double Alike = 0.02;

    /// <summary>How far the engine's answer is from the closed form's: the logarithm of their ratio, without its sign.</summary>
    public double Apart => Played is null ? 0 : Math.Abs(Math.Log(Total.Seconds / Closed.Total.Seconds));

    static string Queues(CollectivePackets packets)
    {
        var run = packets.Run;
        if (packets.Schedule.Tiers.Count > 0) return $"headers, stores and forwards of packets, and pieces that fill the pipeline; switches reduce, transport {run.Options.Transport}";
        return run.Marks + run.Trims + run.Drops > 0
            ? FormattableString.Invariant($"queueing: {run.Marks:N0} packets marked, {run.Trims + run.Drops:N0} trimmed or lost, {run.MostQueued} in the longest queue")
            : "headers, stores and forwards of packets";
    }
}

/// <summary>Plays the network of collectives; see the equations at the head of this file. Remembers nothing.</summary>
public sealed class EngineCollectives
{
    readonly FabricGraph graph;
    readonly NetworkLevels levels;
    readonly CollectiveModel model;
    readonly INetworkEngine engine;
    readonly SustainedNetwork sustained;

    /// <summary>Prepares to play on a fabric.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="levels">The network as the time model sees it, at what is sustained.</param>
    /// <param name="model">The algorithms that are chosen from.</param>
    /// <param name="fabric">How collectives use the fabric.</param>
    /// <param name="engine">The engine.</param>
    public EngineCollectives(FabricGraph graph, NetworkLevels levels, CollectiveModel model, CollectiveParameters fabric, INetworkEngine engine)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(engine);
        (this.graph, this.levels, this.model, this.engine) = (graph, levels, model, engine);
        sustained = new(graph, levels, fabric);
    }

    /// <summary>Plays a collective.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="placement">Where the ranks of one group sit, for the closed form.</param>
    /// <param name="groups">The ranks of all groups that do it at once.</param>
    /// <param name="stop">Stops it.</param>
    public PlayedCollective Play(CollectiveKind kind, DataSize size, in GroupPlacement placement, IReadOnlyList<int[]> groups, CancellationToken stop = default) =>
        Play(kind, size, placement, groups, model.Time(kind, size, placement, levels), stop);

    /// <summary>Plays a collective whose closed form is known.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size.</param>
    /// <param name="placement">Where the ranks of one group sit.</param>
    /// <param name="groups">The ranks of all groups that do it at once.</param>
    /// <param name="closed">The closed form, whose algorithm is played.</param>
    /// <param name="stop">Stops it.</param>
    public PlayedCollective Play(CollectiveKind kind, DataSize size, in GroupPlacement placement, IReadOnlyList<int[]> groups, CollectiveTime closed, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var network = closed.Algorithm is null ? Duration.Zero : sustained.NetworkOf(closed, kind, size, placement);
        var answer = new PlayedCollective { Kind = kind, Size = size, Ranks = placement.Ranks, Groups = groups.Count, Closed = closed, Network = network, Total = closed.Total };
        if (closed.Algorithm is not { } algorithm || network <= Duration.Zero) return answer with { NotPlayed = "nothing is sent" };
        if (!engine.PlaysDomains && !algorithm.ReducesInNetwork && placement.Within(0) >= placement.Ranks) return answer with { NotPlayed = "it stays inside scale-up domains, whose links aren't played in packets" };
        if (stop.IsCancellationRequested) return answer with { NotPlayed = "the run was stopped before" };
        try
        {
            var task = sustained.Of(EngineTask.Of(graph, kind, algorithm, size, groups, levels[0].InNetworkReduction), closed, engine.CountsHeaders);
            var played = engine.Run(task, stop);
            // One group alone tells what the others cost; packets take too long for that.
            var alone = groups.Count > 1 && played.Flows is not null ? engine.Run(task.Alone, stop) : null;
            return answer with { Task = task, Played = played, Alone = alone, IsEven = task.IsEven, Total = Quantity.Max(levels.HostLaunch, closed.Device - network + played.Time) };
        }
        catch (InputException e)
        {
            return answer with { NotPlayed = e.Message };
        }
    }

    /// <summary>Plays two collectives that were played one by one at once.</summary>
    /// <returns>What each takes over what it takes alone, or why that wasn't played.</returns>
    internal (StepOverlap? Overlap, string NotPlayed) Together(PlayedCollective first, PlayedCollective second, CancellationToken stop)
    {
        if (first.Task is not { } one || second.Task is not { } other) return (null, "one of them wasn't played by itself");
        if (stop.IsCancellationRequested) return (null, "the run was stopped before");
        try
        {
            return (engine.Together(one, other, stop), "");
        }
        catch (InputException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Puts ranks of a job that has so many accelerators of each domain onto those of the fabric.</summary>
    internal void Place(int[][] groups, int used)
    {
        var domain = graph.Plan.Request.System.Accelerators.Value;
        if (used >= domain) return;
        foreach (var group in groups)
            for (var i = 0; i < group.Length; i++) group[i] = (group[i] / used * domain) + (group[i] % used);
    }
}
