// How far the experts of one token lie apart, when each choice of k experts is as likely as any other.
//
//   E, k    experts, and those that a token visits
//   n, D    ranks and domains that hold them evenly: e = E / n experts on a rank, d = E / D in a domain
//   g       domains that a token may reach: those of its best experts
//   x, y    distinct domains and ranks among the first t experts, best first
//
// Draw the experts in order of their scores. From (x, y) after t draws, with P = E - t experts left (g d - t once x = g, because
// experts outside the chosen domains no longer count):
//   a new domain            (E - x d) / P where x < g
//   a new rank, known domain  (x d - y e) / P
//   a known rank            (y e - t) / P
// With the limit, a token's domains are those whose best expert scores highest; until g domains were seen every expert drawn lies in
// one of them, so the walk is exact. A rule that ranks domains by the sum of their two best experts (DeepSeek-V3) reaches a little less.
//
// Example: 256 experts on 64 ranks of 8 domains, k = 8: X = 5.29 domains; with g = 4, X = 3.98 domains and Y = 7.47 ranks.
// Source: counting; the rule by the best expert is that of DeepEP's benchmark.
namespace Lightloom.Collectives;

/// <summary>Expected spread of one token's experts.</summary>
/// <param name="Domains">Distinct domains that it reaches, its own included.</param>
/// <param name="Ranks">Distinct ranks that it reaches, its own included.</param>
public readonly record struct ExpertRouting(double Domains, double Ranks)
{
    /// <summary>Follows a token's experts, best first.</summary>
    /// <param name="experts">All experts.</param>
    /// <param name="perToken">Those that a token visits, at most <see cref="ExpertExchange.MostPerToken"/>.</param>
    /// <param name="ranks">Ranks that hold them evenly.</param>
    /// <param name="domains">Domains that hold the ranks evenly; an average where they don't divide.</param>
    /// <param name="limit">Domains that a token may reach; all unless given.</param>
    /// <exception cref="ArgumentException">A count is impossible.</exception>
    public static ExpertRouting Of(int experts, int perToken, double ranks, double domains, int? limit = null)
    {
        if (perToken < 1 || perToken > Math.Min(experts, ExpertExchange.MostPerToken)) throw new ArgumentException($"a token can't visit {perToken} of {experts} experts");
        if (!(domains >= 1 && ranks >= domains && experts >= ranks)) throw new ArgumentException($"{experts} experts can't lie on {ranks} ranks of {domains} domains");
        if (limit is < 1) throw new ArgumentException($"a token reaches at least one domain, not {limit}");
        double inDomain = experts / domains, onRank = experts / ranks;
        var most = limit is { } g && g < domains ? g : domains;
        var side = perToken + 1;
        Span<double> now = stackalloc double[side * side], next = stackalloc double[side * side]; // now[x * side + y]: probability
        now.Clear();
        now[0] = 1;
        for (var t = 0; t < perToken; t++)
        {
            next.Clear();
            for (var x = 0; x <= t; x++)
            {
                for (var y = x; y <= t; y++)
                {
                    var p = now[x * side + y];
                    if (p <= 0) continue;
                    var free = x < most;
                    // Averages of uneven groups may leave a negative rest; a share of none is what it means.
                    var domain = free ? Math.Max(0, experts - x * inDomain) : 0;
                    var rank = Math.Max(0, x * inDomain - y * onRank);
                    var same = Math.Max(0, y * onRank - t);
                    var pool = domain + rank + same;
                    if (pool <= 0) throw new ArgumentException($"{most} domains hold fewer than the {perToken} experts that a token visits");
                    next[(x + 1) * side + y + 1] += p * domain / pool;
                    next[x * side + y + 1] += p * rank / pool;
                    next[x * side + y] += p * same / pool;
                }
            }
            var done = now;
            now = next;
            next = done;
        }
        double meanDomains = 0, meanRanks = 0;
        for (var x = 0; x < side; x++)
        {
            for (var y = x; y < side; y++)
            {
                meanDomains += x * now[x * side + y];
                meanRanks += y * now[x * side + y];
            }
        }
        return new(meanDomains, meanRanks);
    }
}
