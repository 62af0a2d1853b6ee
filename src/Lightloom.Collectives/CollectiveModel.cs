// The time of a collective: the fastest of the algorithms that are enabled, by the faster of two protocols, as a library with a perfect
// tuner would choose; and never less than what the hosts spend on launching it.
//
//   T = max(H, launch_0 + max over l > 0 of launch_l + sum over crossed levels of m_l a_l + max of R_l + max of W_l)
//   W_l = V_l / B_l,   R_l = 2 sqrt(d_l c_l W_l s / (W_l + s)),  s = d_l s_l;   R_l = 0 with the low-latency protocol
//
//   launch_l, a_l  time once (that of level 0, the kernel's, whether or not its links are used), and per sequential message, s
//   m_l            sequential messages, with the protocol's a_l and B_l     H   what launching costs the hosts, s
//   V_l            bytes that one rank sends over level l                   B_l bandwidth of one rank across it, B/s
//   d_l, c_l       stages of the pipeline on level l, and the overhead of one piece in one stage, s; d_0 = (r_0 - 1) / 7
//   s_l            transfer time of a stage beyond which pieces no longer grow, s
//   a_l            of a ring that leaves its domain, never less than what posting a step to the network costs
//   c_l = b_l / B_l,  s_l = q_l / B_l, with b_l and q_l in bytes: pieces are sized and bounded in bytes, whatever carries them
//
// The root is what the best cutting into pieces leaves: with k pieces over d stages T = (k + d) (c + W / k), least at
// k = sqrt(d W / c), where T = W + d c + 2 sqrt(d c W); d c is part of the messages' latency. Buffers bound the pieces: beyond
// W = s filling the pipeline costs no more, and what each further piece costs is part of the sustained bandwidth. One pipeline runs
// through all levels, so that the slowest to fill counts alone.
//
// Example: all-reduce of 1 GB by 8 ranks in a ring on one level of B = 360 GB/s, launch 10 us, a = 1 us, b = 1.8 MB (c = 5 us),
//   q = 1.8 GB (s = 5 ms):
//   latency 10 + 14 = 24 us, W = 1.75 / 360 = 4.861 ms, W s / (W + s) = 2.465 ms, R = 2 sqrt(5 us * 2.465 ms) = 0.222 ms, T = 5.107 ms.
// Sources: Hockney 1994 (alpha-beta); the root term as in van de Geijn's pipelined broadcasts; protocols as in NCCL 2.30; volumes in
// each algorithm's file.
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

    /// <summary>Those and reduction by the switches of the fabric (SHARP), which a library has to be told of.</summary>
    public static CollectiveModel WithFabricReduction { get; } = Default.With(CollectiveAlgorithm.InNetwork);

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
    /// <param name="protocol">The protocol to take; the faster where null.</param>
    /// <returns>Nothing for one rank. A size of zero costs the latency.</returns>
    /// <exception cref="ArgumentException">
    /// The levels don't match, the size is negative or not a number, or no algorithm (or not the forced one) can do it, or with that protocol.
    /// </exception>
    public CollectiveTime Time(CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels,
        CollectiveAlgorithm? forced = null, CollectiveProtocol? protocol = null)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var bytes = size.Bytes;
        if (group.LevelCount != levels.Count)
            throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        if (!(bytes >= 0)) throw new ArgumentException($"a collective can't have a size of {size}");
        if (group.Ranks == 1) return default;
        var host = levels.HostLaunch.Seconds;
        CollectiveTime best = default;
        if (forced is not null)
        {
            if (forced.Supports(kind, group, levels)) best = Time(forced, protocol, true, kind, bytes, group, levels);
            return best.Algorithm is not null
                ? best.LaunchedIn(host)
                : throw new ArgumentException($"{forced} can't do {kind} for the group {group}{With(protocol)}");
        }

        foreach (var algorithm in enabled)
        {
            if (!algorithm.Supports(kind, group, levels)) continue;
            var time = Time(algorithm, protocol, false, kind, bytes, group, levels);
            if (time.Algorithm is not null && (best.Algorithm is null || time.Seconds < best.Seconds)) best = time;
        }
        return best.Algorithm is not null
            ? best.LaunchedIn(host)
            : throw new ArgumentException($"no enabled algorithm can do {kind} for the group {group}{With(protocol)}");
    }

    static string With(CollectiveProtocol? protocol) => protocol is { } p ? $" with the protocol '{p.Name()}'" : "";

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

    // The faster protocol; nothing where the algorithm may use neither, or libraries by themselves would take neither.
    static CollectiveTime Time(CollectiveAlgorithm algorithm, CollectiveProtocol? wanted, bool forced, CollectiveKind kind, double bytes,
        in GroupPlacement group, NetworkLevels levels)
    {
        CollectiveFootprint footprint = default;
        algorithm.Describe(kind, bytes, group, levels, ref footprint);
        CollectiveTime best = default;
        for (var protocol = CollectiveProtocol.Bulk; protocol <= CollectiveProtocol.LowLatency; protocol++)
        {
            if (wanted is { } only ? only != protocol : !forced && !algorithm.TakenFor(protocol, levels)) continue;
            if (!algorithm.Speaks(protocol, kind, bytes, group, levels)) continue;
            var time = footprint.Time(algorithm, protocol, group, levels);
            if (best.Algorithm is null || time.Seconds < best.Seconds) best = time;
        }
        return best;
    }
}
