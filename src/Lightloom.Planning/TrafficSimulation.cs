// Traffic on a fabric, played flow by flow: the fabric's links at their rates, latencies of the engineered links and of the switches.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Planning;

/// <summary>What is played.</summary>
public sealed record TrafficRequest
{
    /// <summary>How paths are chosen.</summary>
    public required IRouting Routing { get; init; }

    /// <summary>What is sent.</summary>
    public required SendList Sends { get; init; }

    /// <summary>Spread or hashed, and over which ports.</summary>
    public LoadOptions Paths { get; init; } = new();

    /// <summary>What fails on the way; null: nothing.</summary>
    public FabricFailure? Failure { get; init; }

    /// <summary>How flows are taken together, and who may stop them.</summary>
    public FlowOptions Play { get; init; } = new();
}

/// <summary>What became of traffic on a fabric.</summary>
public sealed class TrafficSimulation
{
    const int Bins = 100;

    TrafficSimulation(FabricGraph graph, TrafficRequest request, FlowRun run)
    {
        (Graph, Request, Run) = (graph, request, run);
        Completions = new(run);
        Links = LinkReport.Of(run, Bins);
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>What was played.</summary>
    public TrafficRequest Request { get; }

    /// <summary>What became of each flow.</summary>
    public FlowRun Run { get; }

    /// <summary>How long flows took.</summary>
    public CompletionTimes Completions { get; }

    /// <summary>What links carried, and which limited flows.</summary>
    public LinkReport Links { get; }

    /// <summary>Bytes that arrived over the time of the whole, per card that sent.</summary>
    public Bandwidth MeanRate
    {
        get
        {
            if (Run.Seconds <= 0) return Bandwidth.Zero;
            var (bytes, senders) = (0.0, new HashSet<int>());
            for (var f = 0; f < Run.Program.Count; f++)
            {
                senders.Add(Request.Sends.Source[f]);
                if (!double.IsNaN(Run.FinishOf(f))) bytes += Run.Program.BytesOf(f);
            }
            return Bandwidth.FromBytesPerSecond(bytes / Run.Seconds / Math.Max(1, senders.Count));
        }
    }

    /// <summary>Plays traffic.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
    /// <param name="request">What is played.</param>
    /// <exception cref="InputException">Cards can't reach each other, or flows never arrive.</exception>
    /// <exception cref="FabricException">The routing can't route this fabric; the field is "routing".</exception>
    public static TrafficSimulation Of(FabricGraph graph, IReadOnlyList<LinkSummary>? links, TrafficRequest request)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(request);
        var program = FabricFlows.Program(graph, request.Routing, request.Sends, request.Paths, Latency(graph, links), request.Failure);
        return new(graph, request, FlowSimulation.Run(program, request.Play with { KeepRates = true }));
    }

    /// <summary>Latencies of a fabric's links and devices.</summary>
    public static FabricLatency Latency(FabricGraph graph, IReadOnlyList<LinkSummary>? links)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var forward = FabricPlane.AllOf(graph)[0].CardsForward;
        return new(
            [.. graph.Plan.Links.Select(c => links?.FirstOrDefault(l => l.Class.Name == c.Name)?.Latency ?? FabricPath.UsualLink)],
            [.. graph.Tiers.Select(t => t.Switch is { } part ? part.Latency?.Value ?? Duration.Zero
                : forward ? graph.Plan.Request.System.Nic.Latency?.Value ?? Duration.Zero : Duration.Zero)]);
    }
}
