// Sends over a fabric as flows over its links.
//
//   link of the program     2 l from the lower end of link l up, 2 l + 1 down, each at the rate of its class; behind all L of them
//                           2 L + 2 r out of rank r into its scale-up domain, 2 L + 2 r + 1 out of it into r, where ranks have such
//   latency of a flow       sum over its links of  share x (cable, modules, error correction + the device behind it), less that of the
//                           card at the end; the mean path of one that is spread
//
// Where links fail, routes are found again around them once the fabric has noticed; until then flows over them get nothing.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Traffic;

/// <summary>Where ranks stand: at a card each, in scale-up domains that switch among their members without limits but their own links.</summary>
/// <param name="Card">The card of each rank.</param>
/// <param name="Domain">The scale-up domain of each rank.</param>
/// <param name="ScaleUp">What a rank sends into its domain and receives from it at once.</param>
/// <param name="ScaleUpLatency">From rank to rank of a domain.</param>
public sealed record RankPlaces(int[] Card, int[] Domain, Bandwidth ScaleUp, Duration ScaleUpLatency)
{
    /// <summary>The first ranks of a fabric's systems, one after the other; cards are dealt to them in order.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="used">Accelerators of each system that are ranks, the first of it; all unless given.</param>
    /// <exception cref="InputException">The fabric has fewer accelerators.</exception>
    public static RankPlaces Of(FabricGraph graph, int ranks, int? used = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var system = graph.Plan.Request.System;
        var (each, own) = (system.Accelerators.Value, used ?? system.Accelerators.Value);
        if (ranks < 1 || ranks > (long)graph.Systems * own) throw new InputException($"expected 1 to {(long)graph.Systems * own:N0} ranks, one for each accelerator of the fabric, found {ranks:N0}");
        return new(
            [.. Enumerable.Range(0, ranks).Select(r => r / own * graph.CardsPerSystem + r % own * graph.CardsPerSystem / each)],
            [.. Enumerable.Range(0, ranks).Select(r => r / own)],
            system.Accelerator.ScaleUpBandwidth.Value, system.ScaleUpLatency.Value);
    }
}

/// <summary>Links of a fabric that fail, and perhaps are repaired.</summary>
/// <param name="Links">The links.</param>
/// <param name="At">When they fail.</param>
/// <param name="Noticed">When routes lead around them.</param>
/// <param name="Repaired">When they carry again; null: never.</param>
public sealed record FabricFailure(IReadOnlyList<int> Links, Duration At, Duration Noticed, Duration? Repaired = null);

/// <summary>How long bits take on their way.</summary>
/// <param name="Links">Cable, modules and error correction of each class of links of the plan.</param>
/// <param name="Devices">Forwarding by each tier of devices of the graph; cards count where they pass on what isn't theirs.</param>
public sealed record FabricLatency(IReadOnlyList<Duration> Links, IReadOnlyList<Duration> Devices)
{
    /// <summary>Seconds of each directed link with the device behind it, and of each device.</summary>
    internal (double[] Link, double[] Device) Of(FabricGraph graph)
    {
        var (link, device) = (new double[2 * graph.Links], new double[graph.Devices]);
        for (var t = 0; t < graph.Tiers.Count; t++) device.AsSpan(graph.Tiers[t].First, graph.Tiers[t].Count).Fill(Devices[t].Seconds);
        for (var l = 0; l < graph.Links; l++)
        {
            var own = Links[graph.ClassOf[l]].Seconds;
            (link[2 * l], link[(2 * l) + 1]) = (own + device[graph.Upper[l]], own + device[graph.Lower[l]]);
        }
        return (link, device);
    }
}

/// <summary>Lays sends over a fabric.</summary>
public static class FabricFlows
{
    /// <summary>The most links of all paths together.</summary>
    public const long MostPlaces = 100_000_000;

    /// <summary>The program of a list of sends.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="routing">How paths are chosen.</param>
    /// <param name="sends">What is sent.</param>
    /// <param name="options">Spread or hashed, and over which ports.</param>
    /// <param name="latency">Latencies of links and devices; null: none.</param>
    /// <param name="failure">What fails on the way.</param>
    /// <param name="places">Where those who send stand; null: they are cards.</param>
    /// <exception cref="InputException">Two cards can't reach each other, or paths are too many to be written down.</exception>
    /// <exception cref="FabricException">The routing can't route this fabric; the field is "routing".</exception>
    public static FlowProgram Program(FabricGraph graph, IRouting routing, SendList sends, LoadOptions? options = null, FabricLatency? latency = null,
        FabricFailure? failure = null, RankPlaces? places = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(sends);
        options ??= new();
        var capacity = Capacity(graph, places);
        var whole = Paths(graph, new(graph, routing, options), sends, latency, places);
        return new()
        {
            Capacity = capacity,
            PathOffset = whole.Offset,
            Path = whole.Path,
            Share = whole.Share,
            Latency = whole.Latency,
            Bytes = sends.Bytes,
            Start = sends.Start,
            WaitsFor = sends.WaitsFor,
            Feeds = sends.Feeds,
            After = sends.After,
            GateArrivals = sends.GateArrivals,
            GateAfter = sends.GateAfter,
            GateTurns = sends.GateTurns,
            FeedsToo = sends.FeedsToo,
            Changes = failure is null ? [] : [.. Changes(failure, capacity)],
            Reroutes = failure is null ? [] : Around(graph, routing, sends, options, latency, failure, places, whole),
        };
    }

    /// <summary>Bytes a second of each link of the programs that are made here.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="places">Where those who send stand; null: they are cards.</param>
    public static double[] Capacity(FabricGraph graph, RankPlaces? places)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var capacity = new double[2 * (graph.Links + (places?.Card.Length ?? 0))];
        if (places is not null) capacity.AsSpan(2 * graph.Links).Fill(places.ScaleUp.BytesPerSecond);
        for (var l = 0; l < graph.Links; l++) capacity[2 * l] = capacity[(2 * l) + 1] = graph.Plan.Links[graph.ClassOf[l]].Rate.BytesPerSecond;
        return capacity;
    }

    static IEnumerable<LinkChange> Changes(FabricFailure failure, double[] capacity)
    {
        foreach (var l in failure.Links)
            for (var d = 0; d < 2; d++) yield return new(failure.At.Seconds, (2 * l) + d, 0);
        if (failure.Repaired is not { } repaired) yield break;
        foreach (var l in failure.Links)
            for (var d = 0; d < 2; d++) yield return new(repaired.Seconds, (2 * l) + d, capacity[(2 * l) + d]);
    }

    static List<FlowReroute> Around(FabricGraph graph, IRouting routing, SendList sends, LoadOptions options, FabricLatency? latency, FabricFailure failure, RankPlaces? places,
        FlowRoutes whole)
    {
        if (failure.Noticed < failure.At) throw new InputException($"a failure at {failure.At} can't be noticed at {failure.Noticed}");
        if (failure.Repaired is { } end && end <= failure.Noticed) return [];
        var failed = new FailedParts(graph);
        for (var l = 0; l < graph.Links; l++)
            if (options.Failed?.IsDown(l) == true) failed.AddLink(l);
        foreach (var l in failure.Links) failed.AddLink(l);
        List<FlowReroute> reroutes = [new(failure.Noticed.Seconds, Paths(graph, new(graph, routing, options with { Failed = failed }), sends, latency, places))];
        if (failure.Repaired is { } repaired) reroutes.Add(new(repaired.Seconds, whole));
        return reroutes;
    }

    static FlowRoutes Paths(FabricGraph graph, FlowPaths paths, SendList sends, FabricLatency? latency, RankPlaces? places)
    {
        var offset = new int[sends.Count + 1];
        var path = new int[Math.Max(16, 4 * sends.Count)];
        double[]? share = null;
        var late = latency is null ? null : new double[sends.Count];
        var route = new FabricRoute(graph, paths, latency, places);
        var (links, shares) = (new List<int>(), new List<double>());
        var used = 0L;
        // By receiver, whose next hops are then found once; numbers stay.
        var order = new int[sends.Count];
        var keys = new long[sends.Count];
        for (var i = 0; i < order.Length; i++) (order[i], keys[i]) = (i, ((long)sends.Destination[i] << 32) | (uint)i);
        Array.Sort(keys, order);
        var at = new int[sends.Count];
        foreach (var i in order)
        {
            var seconds = route.Find(sends.Source[i], sends.Destination[i], links, shares);
            if (used + links.Count > MostPlaces)
                throw new InputException($"paths of {sends.Count:N0} sends have more than {MostPlaces:N0} links together; give each send one path (a seed of the hash), or use fewer sends");
            if (used + links.Count > path.Length)
            {
                var length = (int)Math.Min(Math.Max(2L * path.Length, used + links.Count), MostPlaces);
                Array.Resize(ref path, length);
                if (share is not null) Array.Resize(ref share, length);
            }
            (at[i], offset[i + 1]) = ((int)used, links.Count);
            for (var k = 0; k < links.Count; k++)
            {
                path[used + k] = links[k];
                if (share is null && shares[k] != 1)
                {
                    share = new double[path.Length];
                    share.AsSpan(0, (int)used + k).Fill(1);
                }
                if (share is not null) share[used + k] = shares[k];
            }
            if (late is not null) late[i] = seconds;
            used += links.Count;
        }
        // Back into the order of the sends.
        var (sorted, sortedShare) = (new int[used], share is null ? null : new double[used]);
        for (var i = 0; i < sends.Count; i++)
        {
            var count = offset[i + 1];
            path.AsSpan(at[i], count).CopyTo(sorted.AsSpan(offset[i], count));
            share?.AsSpan(at[i], count).CopyTo(sortedShare.AsSpan(offset[i], count));
            offset[i + 1] = offset[i] + count;
        }
        return new(offset, sorted, sortedShare, late);
    }
}
