// All-to-all-v: an exchange whose pairs differ, as rounds in which every rank sends to at most one and receives from at most one.
//
//   M, L        the traffic matrix and its longest line (TrafficMatrix)
//   w_t         the largest send of round t; through ports of bandwidth B the rounds take sum of w_t / B
//   matched     Birkhoff and von Neumann: M is padded until every row and column sums to L, and is then a sum of permutations with weights
//               that sum to L. Each round is one of them: the rounds take L / B, which nothing beats. At most n^2 - 2 n + 2 rounds.
//   rotated     round t: rank i sends to i + t. Takes the sum over t of max over i of M[i, i + t]: at most n - 1 times the bound, exactly the
//               bound for equal pairs; n - 1 rounds, nothing to compute.
//   relayed     as PXN: rank (d, i) of domain d gives neighbour (d, j) all that it has for members j of any domain, and (d, j) takes to
//               (e, j) what its domain has for it. Over rail ports the busiest sends or receives max over (d, j) of what domain d has for
//               members j elsewhere; no exchange is below the longest line between domains over r_0.
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

/// <summary>An exchange that is relayed inside domains to the destination's rail.</summary>
/// <param name="Schedule">Its sends.</param>
/// <param name="Inside">The most that one rank sends or receives inside its domain, relayed data counted.</param>
/// <param name="Across">The most that one rank sends or receives over its rail.</param>
/// <param name="AcrossBound">The most that one domain sends or receives, by its ranks: no exchange has less over the busiest rail port.</param>
public sealed record RelayedExchange(Schedule Schedule, DataSize Inside, DataSize Across, DataSize AcrossBound);

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

    /// <summary>Relayed inside domains to the destination's rail, then along the rails.</summary>
    /// <exception cref="InputException">The layout has other ranks.</exception>
    public static RelayedExchange Relayed(TrafficMatrix traffic, RankLayout layout)
    {
        Check(traffic, layout);
        var (n, inside, domains) = (layout.Ranks, layout.DomainRanks, layout.Domains);
        var draft = new ScheduleDraft("all-to-all-v relayed", layout, traffic.Total);
        draft.Divide(1, 0, share: 1);
        var near = new (long Out, long In)[n];
        var far = new (long Out, long In)[n];
        for (var t = 1; t < inside; t++)
        {
            Step(near, false, from =>
            {
                var to = from / inside * inside + (from + t) % inside;
                return (to, Enumerable.Range(0, domains).Sum(e => traffic.At(from, e * inside + to % inside)));
            });
        }
        for (var t = 1; t < domains; t++)
        {
            Step(far, true, from =>
            {
                var to = (from + t * inside) % n;
                return (to, Enumerable.Range(0, inside).Sum(i => traffic.At(from / inside * inside + i, to)));
            });
        }
        var bound = domains > 1 ? traffic.Between(inside).LongestLine / inside : DataSize.Zero;
        return new(draft.Finish(), Busiest(near), Busiest(far), bound);

        void Step((long Out, long In)[] ports, bool waits, Func<int, (int To, long Bytes)> of)
        {
            var sends = Enumerable.Range(0, n).Select(from => (From: from, Send: of(from))).Where(s => s.Send.Bytes > 0).ToArray();
            foreach (var (from, (to, bytes)) in sends)
            {
                ports[from].Out += bytes;
                ports[to].In += bytes;
            }
            if (sends.Length > 0)
                draft.Step(1, ScheduleDraft.Send(new([.. sends.Select(s => s.From)], [.. sends.Select(s => s.Send.To)], [.. sends.Select(s => (double)s.Send.Bytes)]), waits));
        }

        static DataSize Busiest((long Out, long In)[] ports) => DataSize.FromBytes(ports.Max(p => Math.Max(p.Out, p.In)));
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
