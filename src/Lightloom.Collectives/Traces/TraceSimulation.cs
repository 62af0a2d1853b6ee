using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Traces;

/// <summary>How a trace is played.</summary>
public sealed record TraceRunOptions
{
    /// <summary>Told of each node that ends: its rank, itself, when it began, and when it ended.</summary>
    public Action<int, TraceNode, SimTime, SimTime>? Ended { get; init; }

    /// <summary>Told now and then: how far time went, and nodes of all ranks that have ended.</summary>
    public Action<SimTime, long>? Progress { get; init; }

    /// <summary>Nodes that all ranks together have in memory, about.</summary>
    public int NodesInMemory { get; init; } = 1 << 18;

    /// <summary>Whether rank 0 may stand for all where all do the same; the answer is the same.</summary>
    public bool OneForAll { get; init; } = true;

    /// <summary>Stops the run between two events.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>What became of a rank.</summary>
/// <param name="End">When its last node ended; null: it hasn't.</param>
/// <param name="Compute">Time that it computed on its accelerator.</param>
/// <param name="Communication">Time that its collectives took.</param>
/// <param name="Nodes">Nodes that ended.</param>
public sealed record TraceRankRun(SimTime? End, SimTime Compute, SimTime Communication, long Nodes)
{
    /// <summary>Time in which it didn't compute, from the start to its end.</summary>
    public SimTime? Exposed => End is { } end ? end - Compute : null;
}

/// <summary>What became of a trace.</summary>
public sealed record TraceRun
{
    /// <summary>Its ranks; one where it stands for all.</summary>
    public required IReadOnlyList<TraceRankRun> Ranks { get; init; }

    /// <summary>How many ranks the trace has.</summary>
    public required int RankCount { get; init; }

    /// <summary>Whether all nodes ended; false where the run was stopped.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Messages that were played, those of all ranks where one stands for all.</summary>
    public required long Messages { get; init; }

    /// <summary>Events that were played.</summary>
    public required long Events { get; init; }

    /// <summary>The largest number of nodes of one rank in memory at once.</summary>
    public required int MostNodesInMemory { get; init; }

    /// <summary>When the last rank ended; of a run that was stopped, how far it came.</summary>
    public required SimTime Time { get; init; }

    /// <summary>A rank.</summary>
    public TraceRankRun Of(int rank) => Ranks[Ranks.Count == 1 ? 0 : rank];
}

/// <summary>Plays execution traces.</summary>
public static class TraceSimulation
{
    /// <summary>Plays a trace on the network of ASTRA-sim's analytical backends, with the times that it gives to the nanosecond.</summary>
    /// <param name="source">The trace.</param>
    /// <param name="system">What runs it on each rank.</param>
    /// <param name="network">The network.</param>
    /// <param name="sharing">Whether messages share links.</param>
    /// <param name="options">How it is played.</param>
    /// <exception cref="InputException">Ranks don't fill the network, a node is wrong, or ranks wait for what never comes.</exception>
    public static TraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork network, TraceSharing sharing, TraceRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Run(source, system, network, 1, e => sharing == TraceSharing.Aware ? new AwareWires(e, network) : new UnawareWires(e, network), options ?? new(), true);
    }

    internal static TraceRun Run(ITraceSource source, TraceSystem system, TraceNetwork shape, long ticks, Func<TraceEngine, ITraceWires> wires, TraceRunOptions options, bool mayBeAlike, ITraceLibrary? library = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(system);
        if (source.Ranks != shape.Ranks) throw new InputException($"the trace has {source.Ranks:N0} ranks, and the network {shape.Ranks:N0}");
        if (system.Splits < 1 || system.ActiveChunks < 1 || system.Queues < 1) throw new InputException("splits, active chunks and queues have to be 1 or more");
        try
        {
            if (mayBeAlike && options.OneForAll && !system.Rendezvous && source.AllAlike && options.Ended is null)
            {
                try
                {
                    return Play(source, system, shape, ticks, wires, true, options);
                }
                catch (RanksDifferException)
                {
                    // Then all are played.
                }
            }
            return Play(source, system, shape, ticks, wires, false, options, library);
        }
        catch (OverflowException)
        {
            throw new InputException("a time or a size passes what 64 bits can count; expected smaller ones");
        }
    }

    static TraceRun Play(ITraceSource source, TraceSystem system, TraceNetwork shape, long ticks, Func<TraceEngine, ITraceWires> wires, bool alike, TraceRunOptions options, ITraceLibrary? library = null)
    {
        var engine = new TraceEngine(source, system, shape, wires, ticks, alike, options, library);
        var complete = engine.Run(options.Stop);
        SimTime Time(long t) => SimTime.FromPicoseconds(checked(t * (1000 / ticks)));
        return new()
        {
            Ranks = [.. engine.Ranks.Select(r => new TraceRankRun(r.End < 0 ? null : Time(r.End), SimTime.FromPicoseconds(checked(r.ComputeNanoseconds * 1000)), Time(r.CommunicationTicks), r.Nodes))],
            RankCount = source.Ranks,
            IsComplete = complete,
            Messages = engine.Messages * (alike ? source.Ranks : 1),
            Events = engine.Events,
            MostNodesInMemory = engine.Ranks.Max(r => r.MostLoaded),
            Time = Time(complete ? engine.Ranks.Max(r => r.End) : engine.Now),
        };
    }
}
