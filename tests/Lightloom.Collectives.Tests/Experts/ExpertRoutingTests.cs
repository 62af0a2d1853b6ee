namespace Lightloom.Collectives.Tests;

/// <summary>How far a token's experts lie apart, against every order that experts can have.</summary>
public class ExpertRoutingTests
{
    /// <summary>Distinct domains and ranks, averaged over all orders of the experts by score, with the rule spelled out.</summary>
    static (double Domains, double Ranks) ByEveryOrder(int experts, int perToken, int ranks, int domains, int limit)
    {
        double sumDomains = 0, sumRanks = 0, orders = 0;
        foreach (var order in Permutations([.. Enumerable.Range(0, experts)], 0))
        {
            int Domain(int expert) => expert * domains / experts;
            var allowed = order.Select(Domain).Distinct().Take(limit).ToHashSet(); // domains by their best expert
            var chosen = order.Where(e => allowed.Contains(Domain(e))).Take(perToken).ToList();
            sumDomains += chosen.Select(Domain).Distinct().Count();
            sumRanks += chosen.Select(e => e * ranks / experts).Distinct().Count();
            orders++;
        }
        return (sumDomains / orders, sumRanks / orders);
    }

    static IEnumerable<int[]> Permutations(int[] items, int from)
    {
        if (from == items.Length) yield return items;
        for (var i = from; i < items.Length; i++)
        {
            (items[from], items[i]) = (items[i], items[from]);
            foreach (var rest in Permutations(items, from + 1)) yield return rest;
            (items[from], items[i]) = (items[i], items[from]);
        }
    }

    [Theory]
    [InlineData(8, 3, 8, 4, 4)]
    [InlineData(8, 3, 8, 4, 2)]
    [InlineData(8, 4, 4, 2, 2)]
    [InlineData(8, 4, 4, 4, 3)]
    [InlineData(8, 4, 4, 2, 1)]
    [InlineData(6, 2, 6, 3, 1)]
    [InlineData(6, 1, 3, 3, 3)]
    [InlineData(6, 6, 3, 3, 3)]
    public void Expected_spread_is_that_of_every_order(int experts, int perToken, int ranks, int domains, int limit)
    {
        var (expectedDomains, expectedRanks) = ByEveryOrder(experts, perToken, ranks, domains, limit);
        var routing = ExpertRouting.Of(experts, perToken, ranks, domains, limit);
        Assert.Equal(expectedDomains, routing.Domains, 1e-12);
        Assert.Equal(expectedRanks, routing.Ranks, 1e-12);
    }

    // Without a limit: D (1 - C(E - d, k) / C(E, k)).
    [Theory]
    [InlineData(256, 8, 8), InlineData(256, 8, 32), InlineData(128, 8, 16), InlineData(64, 6, 2)]
    public void Without_a_limit_it_is_the_closed_form(int experts, int perToken, int domains)
    {
        double miss = 1, inDomain = (double)experts / domains;
        for (var i = 0; i < perToken; i++) miss *= (experts - inDomain - i) / (experts - i);
        Assert.Equal(domains * (1 - miss), ExpertRouting.Of(experts, perToken, domains, domains).Domains, 1e-9);
    }

    [Fact]
    public void A_limit_caps_domains_and_lowers_ranks()
    {
        var free = ExpertRouting.Of(256, 8, 64, 8);
        var before = new ExpertRouting(0, 0);
        for (var limit = 1; limit <= 8; limit++)
        {
            var routing = ExpertRouting.Of(256, 8, 64, 8, limit);
            Assert.True(routing.Domains <= limit + 1e-12 && routing.Domains <= free.Domains + 1e-12 && routing.Domains > before.Domains && routing.Ranks > before.Ranks);
            before = routing;
        }
        Assert.Equal(free, before);
    }

    [Theory]
    [InlineData(8, 9, 8, 1, null), InlineData(8, 0, 8, 1, null), InlineData(8, 2, 16, 1, null), InlineData(8, 2, 4, 8, null)]
    [InlineData(8, 2, 8, 4, 0), InlineData(8, 4, 8, 4, 1)]
    public void Impossible_counts_are_refused(int experts, int perToken, int ranks, int domains, int? limit) =>
        Assert.Throws<ArgumentException>(() => ExpertRouting.Of(experts, perToken, ranks, domains, limit));
}
