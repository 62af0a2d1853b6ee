using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>NCCL's choices in words.</summary>
public static class NcclExplanation
{
    /// <summary>What the selector's figures don't cover.</summary>
    public static IReadOnlyList<string> Limits { get; } =
    [
        "NCCL's own times rank candidates. Against published measurements they are 35 to 41 % short below 1 MiB and 2 % above 512 MiB.",
        "It sees one node's links and the counts of nodes and ranks: no congestion, oversubscription or skew.",
        "Symmetric-memory kernels, copy engines, registered buffers and tuner plugins of clouds choose otherwise and are not modelled.",
    ];

    /// <summary>What RCCL's figures don't cover.</summary>
    public static IReadOnlyList<string> RcclLimits { get; } =
    [
        "RCCL's own times rank candidates: corrections by size are shares of a bandwidth that nothing reaches there.",
        "Rings are preset for whole nodes of eight with eight cards each; cards and fabric don't enter, nor do congestion or skew.",
        "Later releases change tables and add paths of their own (direct kernels, copy engines, limits of protocols by size).",
    ];

    /// <summary>What the figures of the library that a tuner stands for don't cover.</summary>
    public static IReadOnlyList<string> LimitsOf(NcclTuner tuner)
    {
        ArgumentNullException.ThrowIfNull(tuner);
        return tuner.Tuning.Rccl is null ? Limits : RcclLimits;
    }

    /// <summary>A sentence for each range: what wins, and why it takes over from the one before.</summary>
    public static IEnumerable<string> Of(NcclTuner tuner, NcclFunction function, IReadOnlyList<NcclSizeRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(tuner);
        ArgumentNullException.ThrowIfNull(ranges);
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            var winner = tuner.Choose(function, range.From, range.Algorithm, range.Protocol);
            var terms = $"{Terms(winner)}";
            if (tuner.SetsProtocol(function))
            {
                var left = tuner.Choose(function, range.From);
                yield return $"From {range.From:N0} B {winner.Name} with {terms}: " + ((left.Algorithm, left.Protocol) == (winner.Algorithm, winner.Protocol)
                    ? "the algorithm of the least time, the protocol that is set for the size."
                    : $"forced; left alone {tuner.Tuning.Library} would take {left.Name}.");
                continue;
            }
            if (i == 0)
            {
                var free = tuner.Choose(function, range.From);
                yield return (free.Algorithm, free.Protocol) == (winner.Algorithm, winner.Protocol)
                    ? $"From {range.From:N0} B {winner.Name} takes least time: {terms}."
                    : $"{winner.Name} is forced: {terms}; left alone {tuner.Tuning.Library} would take {free.Name} at {range.From:N0} B, {Number(winner.Time / free.Time)} times as fast.";
                continue;
            }
            var before = tuner.Choose(function, range.From, ranges[i - 1].Algorithm, ranges[i - 1].Protocol);
            yield return $"From {range.From:N0} B {winner.Name} with {terms} beats {before.Name} with {Terms(before)}.";
        }
    }

    static string Terms(NcclCandidate candidate) => $"{Number(candidate.Latency.Microseconds)} us and {Number(candidate.Bandwidth.GigabytesPerSecond)} GB/s";

    static string Number(double value) => value.ToString(value < 100 ? "0.0#" : "0", CultureInfo.InvariantCulture);
}
