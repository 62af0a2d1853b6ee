using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>How flows are taken together.</summary>
public enum FlowGrouping
{
    /// <summary>By classes of flows that are alike where these are few, else one by one. The answer is the same.</summary>
    WhereAlike,

    /// <summary>One by one.</summary>
    OneByOne,

    /// <summary>By classes, however many there are.</summary>
    ByClass,
}

/// <summary>How a program is played.</summary>
public sealed record FlowOptions
{
    /// <summary>How flows are taken together.</summary>
    public FlowGrouping Grouping { get; init; }

    /// <summary>Whether rates over time are kept, for loads of links and what limited whom.</summary>
    public bool KeepRates { get; init; }

    /// <summary>Stops the run between two events; what has arrived by then is the result.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Told now and then: seconds simulated, and flows (or classes of them) that have arrived.</summary>
    public Action<double, int>? Progress { get; init; }
}

/// <summary>What became of a program's flows.</summary>
public sealed class FlowRun
{
    readonly double[] finish, begun;
    readonly int[]? classOf;

    internal FlowRun(FlowProgram program, FlowEngine engine, FlowClasses? classes, FlowRecorder? recorder, bool complete)
    {
        Program = program;
        (finish, begun) = (engine.Finish, engine.Begun);
        classOf = classes?.ClassOf;
        LinkClassOf = classes?.LinkClassOf;
        Quotient = classes?.Quotient;
        Members = classes?.Members;
        Classes = classes?.Members.Length ?? program.Count;
        IsComplete = complete;
        Seconds = finish.Where(t => !double.IsNaN(t)).DefaultIfEmpty(0).Max();
        Until = engine.Now;
        (Batches, Decisions) = (engine.Batches, engine.Decisions);
        Segments = recorder?.Segments;
    }

    /// <summary>What was played.</summary>
    public FlowProgram Program { get; }

    /// <summary>Whether all flows arrived; false where the run was stopped.</summary>
    public bool IsComplete { get; }

    /// <summary>When the last flow arrived, seconds.</summary>
    public double Seconds { get; }

    /// <summary>How far time went, seconds.</summary>
    public double Until { get; }

    /// <summary>Classes of flows that were played; all flows where they were played one by one.</summary>
    public int Classes { get; }

    /// <summary>Moments at which something happened.</summary>
    public long Batches { get; }

    /// <summary>Rates that were decided, all moments together: the work.</summary>
    public long Decisions { get; }

    // Rates over time by class, with links by class; null unless they were asked for.
    internal IReadOnlyList<RateSegment>? Segments { get; }

    internal int[]? Members { get; }

    internal int[]? LinkClassOf { get; }

    internal FlowProgram? Quotient { get; }

    /// <summary>When a flow arrived, seconds; NaN: it hasn't.</summary>
    public double FinishOf(int flow) => finish[classOf is null ? flow : classOf[flow]];

    /// <summary>When a flow began, seconds; NaN: it hasn't.</summary>
    public double BeginOf(int flow) => begun[classOf is null ? flow : classOf[flow]];

    /// <summary>The class of a flow; itself where flows were played one by one.</summary>
    public int ClassOf(int flow) => classOf is null ? flow : classOf[flow];
}

/// <summary>Exact max-min fair sharing of links by flows, event by event.</summary>
public static class FlowSimulation
{
    // With more classes than this share of the flows, one by one is faster.
    const double MostClasses = 0.5;

    /// <summary>Plays a program.</summary>
    /// <exception cref="InputException">It is malformed, or some of its flows never arrive: a link is down for good, or flows wait in a circle.</exception>
    public static FlowRun Run(FlowProgram program, FlowOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        options ??= new();
        program.Check();
        var classes = options.Grouping == FlowGrouping.OneByOne || program.Reroutes.Count > 0 || program.GateTurns is not null || program.FeedsToo is not null ? null : FlowClasses.Of(program, options.Grouping == FlowGrouping.ByClass ? 1 : MostClasses);
        var played = classes?.Quotient ?? program;
        var recorder = options.KeepRates ? new FlowRecorder(played.Count) : null;
        var engine = new FlowEngine(played, recorder);
        var complete = engine.Run(options.Stop, options.Progress);
        if (!complete && !options.Stop.IsCancellationRequested) throw Stalled(program, classes, engine.Stall()!);
        return new(program, engine, classes, recorder, complete);
    }

    static InputException Stalled(FlowProgram program, FlowClasses? classes, FlowStall stall)
    {
        int Flow(int played) => classes is null ? played : Array.IndexOf(classes.ClassOf, played);
        if (stall.Stuck.Count > 0)
        {
            var flow = Flow(stall.Stuck[0]);
            var link = stall.Links[0];
            if (classes is not null)
                for (var p = program.PathOffset[flow]; p < program.PathOffset[flow + 1]; p++)
                    if (classes.LinkClassOf[program.Path[p]] == stall.Links[0]) link = program.Path[p];
            return new($"flow {flow:N0} never arrives: link {link:N0} of its path carries nothing and is not repaired; {stall.Stuck.Count:N0} flows or classes are stuck");
        }
        var waiting = Flow(stall.Waiting[0]);
        var what = program.WaitsFor is { } gates && gates[waiting] >= 0 ? $"gate {gates[waiting]:N0}" : $"flow {program.After?[waiting]:N0}";
        return new($"flow {waiting:N0} never starts: it waits for {what}, which waits for it or for what never comes; {stall.Waiting.Count:N0} flows or classes wait so");
    }
}
