// All-to-all-v: an exchange whose pairs differ, as rounds in which every rank sends to at most one and receives from at most one.
//
//   M, L        the traffic matrix and its longest line (TrafficMatrix)
//   w_t         the largest send of round t; through ports of bandwidth B the rounds take sum of w_t / B
//   matched     Birkhoff and von Neumann: M is padded until every row and column sums to L, and is then a sum of permutations with weights
//               that sum to L. Each round is one of them: the rounds take L / B, which nothing beats. At most n^2 - 2 n + 2 rounds.
//   rotated     round t: rank i sends to i + t. Takes sum over t of max over i of M[i, i + t] <= sum of each round's own longest, at most
//               min(n - 1, the pairs in use) times the bound and usually a little above it; n - 1 rounds, nothing to compute.
//
// Example: 0 -> 1: 6, 0 -> 2: 2, 1 -> 2: 4, 2 -> 0: 5: L = 8. Rotated: max(6, 4, 5) + max(2, 0, 0) = 8. With 1 -> 0: 4 more L = 9 and
//   rotated max(6, 4, 5) + max(2, 4, 0) = 10; matched takes 9.
// Source: Birkhoff 1946, von Neumann 1953; Chang, Chen and Huang 2000 (switch scheduling).
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives;

/// <summary>An exchange in rounds.</summary>
/// <param name="Schedule">Its sends: each round is a step, and a rank's sends leave in their order.</param>
/// <param name="Makespan">Data that passes one port until the last round ends, idle times of the round's others included.</param>
/// <param name="Bound">The longest row or column of the traffic: no exchange has a smaller makespan.</param>
public sealed record ExchangePlan(Schedule Schedule, DataSize Makespan, DataSize Bound)
{
    /// <summary>The makespan over the bound; 1 is optimal.</summary>
    public Ratio OverBound => Bound > DataSize.Zero ? Ratio.FromSi(Makespan.Bytes / Bound.Bytes) : Ratio.FromSi(1);
}

/// <summary>Schedules all-to-all exchanges whose pairs differ.</summary>
public static class AllToAllV
{
    /// <summary>The most ranks for which permutations are matched: 65,000 rounds, a few seconds at worst.</summary>
    public const int MaxMatchedRanks = 256;

    /// <summary>Rounds that take no longer than the longest row or column: optimal through one port per rank.</summary>
    /// <exception cref="InputException">There are too many ranks, or the layout has others.</exception>
    public static ExchangePlan Matched(TrafficMatrix traffic, RankLayout layout)
    {
        Check(traffic, layout);
        if (traffic.Ranks > MaxMatchedRanks)
            throw new InputException($"matched rounds are computed for at most {MaxMatchedRanks:N0} ranks, found {traffic.Ranks:N0}; rotate instead");
        return Plan("all-to-all-v matched", traffic, layout, new BirkhoffDecomposition(traffic).Rounds());
    }

    /// <summary>Rounds in which every rank sends to the one at the same distance.</summary>
    /// <exception cref="InputException">The layout has other ranks.</exception>
    public static ExchangePlan Rotated(TrafficMatrix traffic, RankLayout layout)
    {
        Check(traffic, layout);
        return Plan("all-to-all-v rotated", traffic, layout, Rotations(traffic));
    }

    static IEnumerable<(int From, int To, long Bytes)[]> Rotations(TrafficMatrix traffic)
    {
        var n = traffic.Ranks;
        for (var t = 1; t < n; t++)
        {
            yield return [.. Enumerable.Range(0, n).Select(i => (i, (i + t) % n, traffic.At(i, (i + t) % n)))];
        }
    }

    static ExchangePlan Plan(string name, TrafficMatrix traffic, RankLayout layout, IEnumerable<(int From, int To, long Bytes)[]> rounds)
    {
        var draft = new ScheduleDraft(name, layout, traffic.Total);
        draft.Divide(1, 0, share: 1);
        var makespan = 0.0;
        foreach (var round in rounds)
        {
            var sends = round.Where(s => s.Bytes > 0).ToArray();
            if (sends.Length == 0) continue;
            makespan += sends.Max(s => s.Bytes);
            draft.Step(1, ScheduleDraft.Send(new([.. sends.Select(s => s.From)], [.. sends.Select(s => s.To)], [.. sends.Select(s => (double)s.Bytes)]), waits: false));
        }
        return new(draft.Finish(), DataSize.FromBytes(makespan), traffic.LongestLine);
    }

    static void Check(TrafficMatrix traffic, RankLayout layout)
    {
        ArgumentNullException.ThrowIfNull(traffic);
        ArgumentNullException.ThrowIfNull(layout);
        if (traffic.Ranks != layout.Ranks) throw new InputException($"expected traffic of the layout's {layout.Ranks:N0} ranks, found {traffic.Ranks:N0}");
    }
}
