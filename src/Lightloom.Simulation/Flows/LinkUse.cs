// What links carried, and what limited whom, from the rates of all flows over time.
//
//   load of a link in bin b       sum over flows of  a x_f dt / (c dt_b)                c as it is at the start
//   limited flow time             sum over flows of the time during which the link was their bottleneck; all links together: all the time
//                                 that flows spent under way
//
// Links of one class (FlowClasses) carry the same at all times; they are reported as one.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>Links that carried the same at all times.</summary>
public sealed class LinkUse
{
    internal LinkUse(int link, int links, double capacity, double[] load)
    {
        (Link, Links, BytesPerSecond, Load) = (link, links, capacity, load);
    }

    /// <summary>The first of them.</summary>
    public int Link { get; }

    /// <summary>How many they are.</summary>
    public int Links { get; internal set; }

    /// <summary>Bytes a second that one carries.</summary>
    public double BytesPerSecond { get; }

    /// <summary>What one carried over what it can, in each of equal parts of the time.</summary>
    public IReadOnlyList<double> Load { get; }

    /// <summary>Bytes that one carried.</summary>
    public double Bytes { get; internal set; }

    /// <summary>Seconds for which one was the bottleneck of flows, added up over these flows.</summary>
    public double LimitedFlowSeconds { get; internal set; }

    /// <summary>Seconds for which one was anybody's bottleneck.</summary>
    public double LimitingSeconds { get; internal set; }

    /// <summary>Flows that one limited at once, at most.</summary>
    public int MostLimited { get; internal set; }

    /// <summary>The smallest rate that it gave, bytes a second; infinite where it never limited.</summary>
    public double LeastRate { get; internal set; } = double.PositiveInfinity;
}

/// <summary>What became of a program's links.</summary>
public sealed class LinkReport
{
    readonly int[]? classOf;
    readonly LinkUse[] played;

    LinkReport(LinkUse[] played, int[]? classOf, double seconds, double flowSeconds)
    {
        (this.played, this.classOf, Seconds, FlowSeconds) = (played, classOf, seconds, flowSeconds);
        Used = [.. played.Where(u => u.Bytes > 0)];
        Bottlenecks = [.. Used.Where(u => u.LimitedFlowSeconds > 0).OrderByDescending(u => u.LimitedFlowSeconds * u.Links).ThenBy(u => u.Link)];
    }

    /// <summary>The time over which it goes.</summary>
    public double Seconds { get; }

    /// <summary>Time that flows spent under way, all of them together.</summary>
    public double FlowSeconds { get; }

    /// <summary>Links that carried anything, by class.</summary>
    public IReadOnlyList<LinkUse> Used { get; }

    /// <summary>Those that limited flows, by how much flow time together.</summary>
    public IReadOnlyList<LinkUse> Bottlenecks { get; }

    /// <summary>What a link carried.</summary>
    public LinkUse Of(int link) => played[classOf is null ? link : classOf[link]];

    /// <summary>The mean load of a link over the whole time.</summary>
    public double MeanLoadOf(int link) => Of(link).Load.Average();

    /// <summary>Adds up a run's rates.</summary>
    /// <param name="run">A run that kept them.</param>
    /// <param name="bins">Parts of the time.</param>
    /// <exception cref="InputException">The run kept no rates.</exception>
    public static LinkReport Of(FlowRun run, int bins = 100)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (run.Segments is not { } segments) throw new InputException("the run kept no rates; expected one with KeepRates");
        var program = run.Quotient ?? run.Program;
        var uses = new LinkUse[program.Links];
        for (var l = 0; l < uses.Length; l++) uses[l] = new(l, 1, program.Capacity[l], new double[bins]);
        if (run.LinkClassOf is { } of)
        {
            var (first, count) = (new int[uses.Length], new int[uses.Length]);
            for (var l = of.Length - 1; l >= 0; l--) (first[of[l]], count[of[l]]) = (l, count[of[l]] + 1);
            for (var l = 0; l < uses.Length; l++) uses[l] = new(first[l], count[l], program.Capacity[l], (double[])uses[l].Load);
        }
        var seconds = Math.Max(run.Until, segments.Count == 0 ? 0 : segments.Max(s => s.To));
        var width = seconds / bins;
        var flowSeconds = 0.0;
        var ends = new List<(double Time, int Link, int Change, int Flow)>();
        foreach (var s in segments)
        {
            var routes = RoutesAt(program, s.From);
            var flows = run.Members?[s.Flow] ?? 1;
            flowSeconds += flows * (s.To - s.From);
            for (var p = routes.Offset[s.Flow]; p < routes.Offset[s.Flow + 1]; p++) Carry(uses[routes.Path[p]], s, (routes.Share?[p] ?? 1) * s.Rate, width, bins);
            if (s.Bottleneck < 0) continue;
            // Of a class of flows, each link of a class limits an equal part.
            var limiting = uses[s.Bottleneck];
            var here = run.LinkClassOf is null ? flows : Math.Max(1, flows / limiting.Links);
            limiting.LimitedFlowSeconds += (double)flows / limiting.Links * (s.To - s.From);
            limiting.LeastRate = Math.Min(limiting.LeastRate, s.Rate);
            ends.Add((s.From, s.Bottleneck, here, s.Flow));
            ends.Add((s.To, s.Bottleneck, -here, s.Flow));
        }
        Limits(ends, uses);
        return new(uses, run.LinkClassOf, seconds, flowSeconds);
    }

    static FlowRoutes RoutesAt(FlowProgram program, double time)
    {
        for (var i = program.Reroutes.Count - 1; i >= 0; i--)
            if (program.Reroutes[i].Seconds <= time) return program.Reroutes[i].Routes;
        return new(program.PathOffset, program.Path, program.Share, null);
    }

    static void Carry(LinkUse use, in RateSegment s, double rate, double width, int bins)
    {
        use.Bytes += rate * (s.To - s.From);
        var load = (double[])use.Load;
        var part = use.BytesPerSecond > 0 ? rate / (use.BytesPerSecond * width) : 0;
        for (var b = Math.Min(bins - 1, (int)(s.From / width)); b < bins; b++)
        {
            var overlap = Math.Min(s.To, (b + 1) * width) - Math.Max(s.From, b * width);
            if (overlap > 0) load[b] += part * overlap;
            if (s.To <= (b + 1) * width) break;
        }
    }

    static void Limits(List<(double Time, int Link, int Change, int Flow)> ends, LinkUse[] uses)
    {
        // By time; what ends at a time does so before anything begins.
        ends.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Change.CompareTo(b.Change));
        var (now, since) = (new int[uses.Length], new double[uses.Length]);
        foreach (var (time, link, change, _) in ends)
        {
            if (now[link] > 0) uses[link].LimitingSeconds += time - since[link];
            since[link] = time;
            now[link] += change;
            uses[link].MostLimited = Math.Max(uses[link].MostLimited, now[link]);
        }
    }
}
