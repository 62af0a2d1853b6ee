// What a flow engine plays: links, flows over them, and after what each starts. Flat arrays.
//
//   links    Capacity[l], bytes a second; Changes: capacities that are others from a time on (0 while a link is down)
//   paths    flow f uses Path[PathOffset[f] .. PathOffset[f + 1]), each link once. At the rate x it puts a x on a link, a = Share of that
//            place: 1 where there is no Share, a part of 1 where a flow is spread over several paths
//   starts   a flow starts when Start[f] has come, the gate WaitsFor[f] is open, and the flow After[f] has left its sender
//   gates    open when GateArrivals[q] flows that feed q have arrived and the gate GateAfter[q], where there is one, is open; where
//            GateTurns[q], each arrival lets one more of the flows that wait through, in the order of their numbers
//   times    a flow leaves its sender when its last byte is sent, and arrives Latency[f] later
//
// A flow whose rate can't pass a limit of its own crosses a link of that capacity which nobody else uses.
//
// Example: two flows of 1 GB over one link of 1 GB/s, the second after the first: they arrive at 1 s and 2 s; at once, both at 2 s.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>From a time on, a link carries another number of bytes a second; 0 is a link that is down.</summary>
/// <param name="Seconds">The time.</param>
/// <param name="Link">The link.</param>
/// <param name="BytesPerSecond">What it carries from then on.</param>
public readonly record struct LinkChange(double Seconds, int Link, double BytesPerSecond);

/// <summary>Where flows run: links, shares and latencies as in <see cref="FlowProgram"/>.</summary>
/// <param name="Offset">Where the links of each flow begin, and at the end how many there are.</param>
/// <param name="Path">The links of each flow.</param>
/// <param name="Share">What part of its rate a flow puts on each; null: all of it.</param>
/// <param name="Latency">Seconds from the last byte's departure to its arrival; null: 0.</param>
public sealed record FlowRoutes(int[] Offset, int[] Path, double[]? Share, double[]? Latency);

/// <summary>From a time on, flows run elsewhere, those under way with what is left of them.</summary>
/// <param name="Seconds">The time.</param>
/// <param name="Routes">Where.</param>
public sealed record FlowReroute(double Seconds, FlowRoutes Routes);

/// <summary>Flows over links, as arrays that the flow engine reads. The arrays are not copied and must not change during a run.</summary>
public sealed class FlowProgram
{
    /// <summary>Bytes a second that each link carries at the start.</summary>
    public required double[] Capacity { get; init; }

    /// <summary>Where the links of each flow begin, and at the end how many there are.</summary>
    public required int[] PathOffset { get; init; }

    /// <summary>The links of each flow, each once; a flow without any arrives at once. May be longer than is used.</summary>
    public required int[] Path { get; init; }

    /// <summary>What part of its rate a flow puts on each link of its path; null: all of it on each.</summary>
    public double[]? Share { get; init; }

    /// <summary>Bytes of each flow; one entry stands for all flows where they are alike.</summary>
    public required double[] Bytes { get; init; }

    /// <summary>Weight of each flow: on a link that limits both, a flow of weight 2 gets twice what one of weight 1 gets; null: 1.</summary>
    public double[]? Weight { get; init; }

    /// <summary>The earliest start of each flow, seconds; null: 0.</summary>
    public double[]? Start { get; init; }

    /// <summary>From the last byte's departure to its arrival, seconds; null: 0.</summary>
    public double[]? Latency { get; init; }

    /// <summary>The gate that each flow waits for, or -1; null: none.</summary>
    public int[]? WaitsFor { get; init; }

    /// <summary>The gate that each flow's arrival counts for, or -1; null: none.</summary>
    public int[]? Feeds { get; init; }

    /// <summary>A second gate that each flow's arrival counts for, or -1; null: none. Flows are then played one by one.</summary>
    public int[]? FeedsToo { get; init; }

    /// <summary>The flow that must have left its sender before each one starts, or -1; null: none.</summary>
    public int[]? After { get; init; }

    /// <summary>Arrivals that each gate needs.</summary>
    public int[] GateArrivals { get; init; } = [];

    /// <summary>The gate that must be open too, or -1; null: none.</summary>
    public int[]? GateAfter { get; init; }

    /// <summary>Whether a gate lets one more of the flows that wait for it through at each arrival; null: none does. Flows are then played one by one.</summary>
    public bool[]? GateTurns { get; init; }

    /// <summary>Links that fail, are repaired or change otherwise, by ascending time.</summary>
    public IReadOnlyList<LinkChange> Changes { get; init; } = [];

    /// <summary>Times from which flows run elsewhere, ascending. Flows are then played one by one.</summary>
    public IReadOnlyList<FlowReroute> Reroutes { get; init; } = [];

    /// <summary>Flows.</summary>
    public int Count => PathOffset.Length - 1;

    /// <summary>Links.</summary>
    public int Links => Capacity.Length;

    /// <summary>Bytes of a flow.</summary>
    public double BytesOf(int flow) => Bytes.Length == 1 ? Bytes[0] : Bytes[flow];

    /// <summary>Whether anything but the network decides when flows start.</summary>
    internal bool HasOrder => WaitsFor is not null || Feeds is not null || FeedsToo is not null || After is not null;

    /// <summary>The same flows with other bytes.</summary>
    public FlowProgram With(double[] bytes) => new()
    {
        Capacity = Capacity,
        PathOffset = PathOffset,
        Path = Path,
        Share = Share,
        Bytes = bytes,
        Weight = Weight,
        Start = Start,
        Latency = Latency,
        WaitsFor = WaitsFor,
        Feeds = Feeds,
        FeedsToo = FeedsToo,
        After = After,
        GateArrivals = GateArrivals,
        GateAfter = GateAfter,
        GateTurns = GateTurns,
        Changes = Changes,
        Reroutes = Reroutes,
    };

    /// <summary>The same flows with so many times their bytes.</summary>
    public FlowProgram Of(double times) => With([.. Bytes.Select(b => b * times)]);

    /// <summary>These flows and others over the same links, at once: their order is their own, and theirs comes behind in number.</summary>
    /// <exception cref="InputException">Links differ in number, or change, or flows run elsewhere from a time on.</exception>
    public FlowProgram Beside(FlowProgram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Links != other.Links) throw new InputException($"flows of {Links:N0} and {other.Links:N0} links aren't on the same");
        if (Changes.Count + other.Changes.Count + Reroutes.Count + other.Reroutes.Count > 0) throw new InputException("flows beside others have no changes of links");
        int used = PathOffset[^1], count = Count, gates = GateArrivals.Length;
        static T[]? Both<T>(T[]? own, T[]? theirs, int first, int second, T usual)
        {
            if (own is null && theirs is null) return null;
            var all = new T[first + second];
            if (own is null) all.AsSpan(0, first).Fill(usual);
            else own.AsSpan(0, first).CopyTo(all);
            if (theirs is null) all.AsSpan(first).Fill(usual);
            else theirs.AsSpan(0, second).CopyTo(all.AsSpan(first));
            return all;
        }

        static int[]? Shifted(int[]? all, int from, int by)
        {
            for (var i = from; i < all?.Length; i++)
                if (all[i] >= 0) all[i] += by;
            return all;
        }

        int[]? Numbers(int[]? own, int[]? theirs, int by) => Shifted(Both(own, theirs, count, other.Count, -1), count, by);
        var places = other.PathOffset[^1];
        return new()
        {
            Capacity = Capacity,
            PathOffset = [.. PathOffset, .. other.PathOffset.Skip(1).Select(p => p + used)],
            Path = Both(Path, other.Path, used, places, 0)!,
            Share = Both(Share, other.Share, used, places, 1.0),
            Bytes = [.. Enumerable.Range(0, count).Select(BytesOf), .. Enumerable.Range(0, other.Count).Select(other.BytesOf)],
            Weight = Both(Weight, other.Weight, count, other.Count, 1.0),
            Start = Both(Start, other.Start, count, other.Count, 0.0),
            Latency = Both(Latency, other.Latency, count, other.Count, 0.0),
            WaitsFor = Numbers(WaitsFor, other.WaitsFor, gates),
            Feeds = Numbers(Feeds, other.Feeds, gates),
            FeedsToo = Numbers(FeedsToo, other.FeedsToo, gates),
            After = Numbers(After, other.After, count),
            GateArrivals = [.. GateArrivals, .. other.GateArrivals],
            GateAfter = Shifted(Both(GateAfter, other.GateAfter, gates, other.GateArrivals.Length, -1), gates, gates),
            GateTurns = Both(GateTurns, other.GateTurns, gates, other.GateArrivals.Length, false),
        };
    }

    /// <summary>Refuses what can't be played.</summary>
    /// <exception cref="InputException">A length, link, gate, size, weight, share, time or capacity is wrong; the message names the first.</exception>
    public void Check()
    {
        if (Count < 0 || PathOffset[0] != 0) throw new InputException("expected paths that begin at 0");
        Length("bytes", Bytes.Length == 1 ? Count : Bytes.Length, Count);
        Length("weights", Weight?.Length, Count);
        Length("starts", Start?.Length, Count);
        Length("latencies", Latency?.Length, Count);
        Length("gates that flows wait for", WaitsFor?.Length, Count);
        Length("gates that flows feed", Feeds?.Length, Count);
        Length("gates that flows feed too", FeedsToo?.Length, Count);
        Length("flows that come before", After?.Length, Count);
        Length("gates after others", GateAfter?.Length, GateArrivals.Length);
        Length("gates with turns", GateTurns?.Length, GateArrivals.Length);
        for (var l = 0; l < Capacity.Length; l++)
            if (!double.IsFinite(Capacity[l]) || Capacity[l] < 0) throw new InputException($"link {l:N0} carries {Capacity[l]} B/s; expected 0 or more");
        CheckRoutes(PathOffset, Path, Share);
        Numbers("bytes", Bytes, static v => v >= 0, "0 or more");
        Numbers("weight", Weight, static v => v > 0, "more than 0");
        Numbers("start", Start, static v => v >= 0, "0 s or later");
        Numbers("latency", Latency, static v => v >= 0, "0 s or more");
        Names("gate", WaitsFor, GateArrivals.Length);
        Names("gate", Feeds, GateArrivals.Length);
        Names("gate", FeedsToo, GateArrivals.Length);
        Names("flow", After, Count);
        Names("gate", GateAfter, GateArrivals.Length);
        var last = 0.0;
        foreach (var reroute in Reroutes)
        {
            if (!(reroute.Seconds >= last) || !double.IsFinite(reroute.Seconds)) throw new InputException($"flows run elsewhere from {reroute.Seconds} s on; expected ascending times, from 0 s on");
            last = reroute.Seconds;
            Length("paths", reroute.Routes.Offset.Length - 1, Count);
            Length("latencies", reroute.Routes.Latency?.Length, Count);
            CheckRoutes(reroute.Routes.Offset, reroute.Routes.Path, reroute.Routes.Share);
            Numbers("latency", reroute.Routes.Latency, static v => v >= 0, "0 s or more");
        }
        last = 0;
        foreach (var change in Changes)
        {
            if ((uint)change.Link >= (uint)Links) throw new InputException($"link {change.Link:N0} changes, and links are numbered 0 to {Links - 1:N0}");
            if (!(change.Seconds >= last) || !double.IsFinite(change.Seconds)) throw new InputException($"link {change.Link:N0} changes at {change.Seconds} s; expected changes by ascending time, from 0 s on");
            if (!(change.BytesPerSecond >= 0) || !double.IsFinite(change.BytesPerSecond)) throw new InputException($"link {change.Link:N0} changes to {change.BytesPerSecond} B/s; expected 0 or more");
            last = change.Seconds;
        }
    }

    void CheckRoutes(int[] offset, int[] path, double[]? share)
    {
        for (var f = 0; f < Count; f++)
            if (offset[f + 1] < offset[f] || offset[f + 1] > path.Length) throw new InputException($"the path of flow {f:N0} ends before it begins, or beyond the list of links");
        if (share is not null && share.Length < offset[^1]) throw new InputException($"expected {offset[^1]:N0} shares, found {share.Length:N0}");
        for (var p = 0; p < offset[^1]; p++)
        {
            if ((uint)path[p] >= (uint)Links) throw new InputException($"flow {FlowAt(offset, p):N0} uses link {path[p]:N0}, and links are numbered 0 to {Links - 1:N0}");
            if (share is not null && !(share[p] > 0 && double.IsFinite(share[p]))) throw new InputException($"flow {FlowAt(offset, p):N0} puts a share of {share[p]} on link {path[p]:N0}; expected more than 0");
        }
    }

    static int FlowAt(int[] offset, int place)
    {
        var at = Array.BinarySearch(offset, place);
        if (at < 0) return ~at - 1;
        while (offset[at + 1] == place) at++;
        return at;
    }

    static void Length(string what, int? found, int expected)
    {
        if (found is { } n && n != expected) throw new InputException($"expected {expected:N0} {what}, found {n:N0}");
    }

    static void Numbers(string what, double[]? values, Func<double, bool> right, string expected)
    {
        for (var i = 0; i < (values?.Length ?? 0); i++)
            if (!double.IsFinite(values![i]) || !right(values[i])) throw new InputException($"flow {i:N0} has a {what} of {values[i]}; expected {expected}");
    }

    static void Names(string what, int[]? values, int count)
    {
        for (var i = 0; i < (values?.Length ?? 0); i++)
            if (values![i] < -1 || values[i] >= count) throw new InputException($"entry {i:N0} names {what} {values[i]:N0}, and there are {count:N0}");
    }
}
