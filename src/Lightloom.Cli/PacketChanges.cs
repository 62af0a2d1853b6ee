using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Cli;

/// <summary>Links that fail, flap or slow down while packets are under way, as the command line names them.</summary>
static class PacketChanges
{
    const int MostFlaps = 100_000;

    /// <summary>All changes of wires, in the order of time.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="failure">What <c>--fail</c> asks for.</param>
    /// <param name="degrade">What <c>--degrade</c> does: "A:B=25%@200us..2ms".</param>
    /// <param name="flap">What <c>--flap</c> does: "A:B@100us..2ms=20us/500us".</param>
    public static IReadOnlyList<WireChange> Of(FabricGraph graph, FabricFailure? failure, string? degrade, string? flap)
    {
        var changes = new List<WireChange>();
        if (failure is not null) Span(changes, failure.Links, failure.At, failure.Repaired, 0);
        if (degrade is not null) Degrade(changes, graph, degrade);
        if (flap is not null) Flap(changes, graph, flap);
        return [.. changes.OrderBy(c => c.At)];
    }

    // Link l of the graph is wires 2 l and 2 l + 1 of packets.
    static void Span(List<WireChange> changes, IReadOnlyList<int> links, Duration from, Duration? to, double share)
    {
        foreach (var w in links.SelectMany(l => new[] { 2 * l, (2 * l) + 1 }))
        {
            changes.Add(new(SimTime.FromDuration(from), w, share));
            if (to is { } end) changes.Add(new(SimTime.FromDuration(end), w, 1));
        }
    }

    static void Degrade(List<WireChange> changes, FabricGraph graph, string text)
    {
        const string expected = "--degrade: expected two devices, a share and a time, such as leaf-00:spine-03=25%@200us, or two times";
        if (text.Split('@') is not [var what, var times] || what.Split('=') is not [var ends, var percent]) throw new InputException($"{expected}; found '{text}'");
        if (!percent.EndsWith('%') || !double.TryParse(percent[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var share) || share is not (> 0 and < 100))
            throw new InputException($"--degrade: expected a share above 0 % and below 100 %, found '{percent}'");
        var (from, to) = SimulatePatternCommand.Times("--degrade", times, expected);
        Span(changes, SimulatePatternCommand.LinksBetween(graph, "--degrade", ends, expected), from, to, share / 100);
    }

    static void Flap(List<WireChange> changes, FabricGraph graph, string text)
    {
        const string expected = "--flap: expected two devices, from when to when, for how long and how often, such as leaf-00:spine-03@100us..2ms=20us/500us";
        if (text.Split('@') is not [var ends, var rest] || rest.Split('=') is not [var times, var rhythm] || rhythm.Split('/') is not [var downs, var periods]) throw new InputException($"{expected}; found '{text}'");
        var (from, to) = SimulatePatternCommand.Times("--flap", times, expected);
        if (to is not { } end) throw new InputException($"{expected}; found '{text}'");
        var (down, every) = (SimulatePatternCommand.Time("--flap", downs), SimulatePatternCommand.Time("--flap", periods));
        if (!(down > Duration.Zero && down < every)) throw new InputException($"--flap: expected a link that is down for less than the time from one failure to the next, found {down} and {every}");
        if ((end - from) / every > MostFlaps) throw new InputException($"--flap: expected at most {MostFlaps:N0} failures, found {(end - from) / every:N0}");
        var links = SimulatePatternCommand.LinksBetween(graph, "--flap", ends, expected);
        for (var at = from; at < end; at += every) Span(changes, links, at, at + down, 0);
    }
}
