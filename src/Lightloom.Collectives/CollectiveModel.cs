// The time of a collective: the fastest of the algorithms that are enabled, as a library with a perfect tuner would choose.
//
//   T = launch_0 + max over l > 0 of launch_l + sum over crossed levels of (m_l a_l + 2 sqrt(d_l c_l w_l)) + max over levels of W_l
//   W_l = V_l / B_l,   w_l = W_l s_l / (W_l + s_l)
//
//   launch_l, a_l  time once (that of level 0, the kernel's, whether or not its links are used), and per sequential message, s        m_l  sequential messages
//   V_l            bytes that one rank sends over level l          B_l  bandwidth of one rank across it, B/s
//   d_l, c_l       stages of the pipeline on level l, and the overhead of one piece in one stage, s
//   s_l            transfer time beyond which pieces no longer grow, s
//
// The root is what the best cutting into pieces leaves: with k pieces over d stages T = (k + d) (c + W / k), least at
// k = sqrt(d W / c), where T = W + d c + 2 sqrt(d c W); d c is part of the messages' latency. Buffers bound the pieces: beyond
// W = s filling the pipeline costs no more, and what each further piece costs is part of the sustained bandwidth.
//
// Example: all-reduce of 1 GB by 8 ranks in a ring on one level of B = 360 GB/s, launch 10 us, a = 1 us, c = 5 us,
//   s = 5 ms:
//   latency 10 + 14 = 24 us, W = 1.75 / 360 = 4.861 ms, w = 2.465 ms, ramp 2 sqrt(5 us * 2.465 ms) = 0.222 ms, T = 5.107 ms.
// Sources: Hockney 1994 (alpha-beta); the root term as in van de Geijn's pipelined broadcasts; volumes in each algorithm's file.
using System.Collections.Immutable;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Times collectives by the fastest of its algorithms. Immutable; safe to share between threads.</summary>
public sealed class CollectiveModel
{
    readonly CollectiveAlgorithm[] enabled;

    CollectiveModel(IEnumerable<CollectiveAlgorithm> algorithms) => enabled = [.. algorithms];

    /// <summary>The algorithms that common libraries choose from by themselves.</summary>
    public static CollectiveModel Default { get; } = new(CollectiveAlgorithm.All.Where(a => a.OnByDefault));

    /// <summary>The algorithms that this model chooses from.</summary>
    public ImmutableArray<CollectiveAlgorithm> Enabled => [.. enabled];

    /// <summary>A model that also chooses from these algorithms.</summary>
    public CollectiveModel With(params ReadOnlySpan<CollectiveAlgorithm> algorithms) => new(enabled.Union(algorithms.ToArray()));

    /// <summary>A model that doesn't choose from these algorithms.</summary>
    public CollectiveModel Without(params ReadOnlySpan<CollectiveAlgorithm> algorithms) => new(enabled.Except(algorithms.ToArray()));

    /// <summary>How long a collective takes.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    /// <param name="group">Where the ranks sit, on as many levels as the network has.</param>
    /// <param name="levels">The network.</param>
    /// <param name="forced">The algorithm to take, enabled or not; the fastest of the enabled where null.</param>
    /// <returns>Nothing for one rank. A size of zero costs the latency.</returns>
    /// <exception cref="ArgumentException">
    /// The levels don't match, the size is negative or not a number, or no algorithm (or not the forced one) can do it.
    /// </exception>
    public CollectiveTime Time(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels,
        CollectiveAlgorithm? forced = null)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var bytes = size.Bytes;
        if (group.LevelCount != levels.Count)
            throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        if (!(bytes >= 0)) throw new ArgumentException($"a collective can't have a size of {size}");
        if (group.Ranks == 1) return default;
        if (forced is not null)
        {
            return forced.Supports(kind, group, levels)
                ? Time(forced, kind, bytes, group, levels)
                : throw new ArgumentException($"{forced} can't do {kind} for the group {group}");
        }

        CollectiveTime best = default;
        foreach (var algorithm in enabled)
        {
            if (!algorithm.Supports(kind, group, levels)) continue;
            var time = Time(algorithm, kind, bytes, group, levels);
            if (best.Algorithm is null || time.Seconds < best.Seconds) best = time;
        }
        return best.Algorithm is not null ? best : throw new ArgumentException($"no enabled algorithm can do {kind} for the group {group}");
    }

    /// <summary>What an algorithm does to the network, without time.</summary>
    /// <exception cref="ArgumentException">The algorithm can't do it.</exception>
    public static CollectiveFootprint Footprint(CollectiveAlgorithm algorithm, CollectiveKind kind, DataSize size, in GroupPlacement group,
        NetworkLevels levels)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        CollectiveFootprint footprint = default;
        if (group.Ranks == 1) return footprint;
        if (!algorithm.Supports(kind, group, levels)) throw new ArgumentException($"{algorithm} can't do {kind} for the group {group}");
        algorithm.Describe(kind, size.Bytes, group, levels, ref footprint);
        return footprint;
    }

    /// <summary>Every algorithm that could do it, the fastest first, with what it does on each level.</summary>
    public IReadOnlyList<CollectiveExplanation> Explain(CollectiveKind kind, DataSize size, GroupPlacement group, NetworkLevels levels) =>
    [
        .. CollectiveAlgorithm.All.Where(a => group.Ranks > 1 && a.Supports(kind, group, levels))
            .Select(a => new CollectiveExplanation(a, enabled.Contains(a), Time(kind, size, group, levels, a),
                Footprint(a, kind, size, group, levels), levels))
            .OrderBy(e => e.Time.Seconds),
    ];

    static CollectiveTime Time(CollectiveAlgorithm algorithm, CollectiveKind kind, double bytes, in GroupPlacement group, NetworkLevels levels)
    {
        CollectiveFootprint footprint = default;
        algorithm.Describe(kind, bytes, group, levels, ref footprint);
        return footprint.Time(algorithm, group, levels);
    }
}
