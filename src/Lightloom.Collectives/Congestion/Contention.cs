// Groups that communicate at once share what the units of each level let out, max-min.
//
//   level l    units of level l - 1 are ranges of u_(l-1) accelerators; each lets out u_(l-1) B_l, a scale-up port B_0
//   class c    R_c ranks, evenly over A_c accelerators from a_c on; one rank sends V_(c,l) over level l, all levels together in time t_c
//   rate       z_c = 1 / t_c: a rank then sends z_c V_(c,l) on level l
//
//   unit j of level l:   sum over c of N_(c,j) V_(c,l) z_c <= u_(l-1) B_l,   N_(c,j) = R_c overlap(c, j) / A_c ranks of c in it
//
// Collectives wait for their slowest rank, so that z is one for a class. Sharing is by flows: each class's bytes per second,
// z_c max_l V_(c,l), grow alike (times its weight) until a unit is full; its classes stay, the others go on.
//
// Units that meet the same ranges are one; of each class of units one stands for all, so that the work grows with the classes of
// traffic and not with the cluster.
//
// Example: pods of 512, 48 GB/s for each rank out of its system, 12 GB/s out of the pod. A job of 512 ranks, half in each of two pods, sends
//   1 GB for each rank over both: alone its 256 ranks have the pod's 512 * 12 GB/s, 24 GB/s each, and take 41.7 ms; beside a second
//   such job on the other halves 83.3 ms.
// Sources: Bertsekas and Gallager 1992, section 6.5.2 (max-min fairness).
using Lightloom.Quantities;

namespace Lightloom.Collectives.Congestion;

/// <summary>Shares a network among groups that communicate at once.</summary>
public static class Contention
{
    // A kind of unit: what it lets out, and how many ranks of each class stand in it.
    readonly record struct Unit(int Level, double Capacity, double[] Ranks);

    /// <summary>What each class of groups gets while all of them communicate.</summary>
    /// <param name="levels">The network.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    /// <param name="traffic">Classes of groups.</param>
    /// <exception cref="ArgumentException">A class can't be, or levels and spans or volumes differ in number.</exception>
    public static IReadOnlyList<ConcurrentShare> Share(NetworkLevels levels, ReadOnlySpan<int> spans, params IReadOnlyList<ConcurrentTraffic> traffic)
    {
        ArgumentNullException.ThrowIfNull(levels);
        ArgumentNullException.ThrowIfNull(traffic);
        if (spans.Length != levels.Count) throw new ArgumentException($"{levels.Count} levels need as many spans, not {spans.Length}");
        foreach (var t in traffic) Check(t, levels.Count);
        var units = new List<Unit>();
        for (var l = 0; l < levels.Count; l++) Units(l, l == 0 ? 1 : spans[l - 1], levels[l].Bandwidth.BytesPerSecond, traffic, units);
        var rates = Fill(units, traffic, out var binding);
        var shares = new ConcurrentShare[traffic.Count];
        for (var c = 0; c < shares.Length; c++)
        {
            var alone = Fill(units, traffic, out _, only: c)[c];
            var t = traffic[c];
            shares[c] = new(t, Duration.FromSeconds(1 / rates[c]), Duration.FromSeconds(1 / alone), binding[c],
                [.. t.Volumes.Select(v => Bandwidth.FromBytesPerSecond(v * rates[c]))]);
        }
        return shares;
    }

    static void Check(ConcurrentTraffic t, int levels)
    {
        ArgumentNullException.ThrowIfNull(t);
        if (t.First < 0 || t.Accelerators < 1) throw new ArgumentException($"'{t.Name}' has no range of accelerators");
        if (t.Ranks < 1 || t.Ranks > t.Accelerators) throw new ArgumentException($"'{t.Name}' has {t.Ranks:N0} ranks on {t.Accelerators:N0} accelerators");
        if (t.Volumes.Count != levels) throw new ArgumentException($"'{t.Name}' has volumes of {t.Volumes.Count} levels, the network has {levels}");
        if (!t.Volumes.All(v => v >= 0 && double.IsFinite(v)) || t.Volumes.Sum() <= 0) throw new ArgumentException($"'{t.Name}' sends nothing that can be counted");
        if (!(t.Weight > 0) || !double.IsFinite(t.Weight)) throw new ArgumentException($"'{t.Name}' has the weight {t.Weight}");
    }

    /// <summary>The kinds of units of one level.</summary>
    static void Units(int level, long span, double perAccelerator, IReadOnlyList<ConcurrentTraffic> traffic, List<Unit> units)
    {
        // A unit that no range begins or ends in is like its neighbours up to the next that one does.
        var edges = new SortedSet<long>();
        foreach (var t in traffic)
        {
            foreach (var at in (ReadOnlySpan<long>)[t.First, t.First + t.Accelerators])
            {
                edges.Add(at / span);
                edges.Add(at / span + 1);
            }
        }
        foreach (var unit in edges)
        {
            var ranks = new double[traffic.Count];
            for (var c = 0; c < ranks.Length; c++)
            {
                var t = traffic[c];
                if (t.Volumes[level] <= 0) continue;
                var overlap = Math.Min(t.First + t.Accelerators, (unit + 1) * span) - Math.Max(t.First, unit * span);
                // One port is one rank's or nobody's, however thinly ranks are spread.
                if (overlap > 0) ranks[c] = level == 0 ? 1 : overlap * (double)t.Ranks / t.Accelerators;
            }
            if (ranks.Any(r => r > 0)) units.Add(new(level, span * perAccelerator, ranks));
        }
    }

    static double[] Fill(List<Unit> units, IReadOnlyList<ConcurrentTraffic> traffic, out int[] binding, int? only = null)
    {
        // z of a class is its rate over its largest volume; pace[c] is what one step of filling adds to it.
        var pace = traffic.Select(t => t.Weight / t.Volumes.Max()).ToArray();
        var rates = new double[pace.Length];
        var growing = pace.Select((_, c) => only is null || only == c).ToArray();
        var level = 0.0; // of the water
        binding = new int[pace.Length];
        while (growing.Contains(true))
        {
            var next = double.PositiveInfinity;
            Unit full = default;
            foreach (var unit in units)
            {
                double used = 0, growth = 0;
                for (var c = 0; c < pace.Length; c++)
                {
                    var demand = unit.Ranks[c] * traffic[c].Volumes[unit.Level];
                    if (growing[c]) growth += demand * pace[c];
                    else used += demand * rates[c];
                }
                if (growth <= 0) continue;
                var at = (unit.Capacity - used) / growth;
                if (at < next) (next, full) = (at, unit);
            }
            level = Math.Max(level, next);
            for (var c = 0; c < pace.Length; c++)
            {
                if (!growing[c] || full.Ranks[c] <= 0) continue;
                rates[c] = pace[c] * level;
                growing[c] = false;
                binding[c] = full.Level;
            }
        }
        return rates;
    }
}
