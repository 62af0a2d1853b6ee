// The most loaded of m links on which F flows are put by a hash: balls in bins.
//
//   F      flows, each put on one link, link i with probability w_i / W        m      links, W = sum of w
//   l_i    F w_i / W, mean of the flows on link i                              M      flows on the link that has most
//
//   P(M <= k) = F! [x^F] prod_i sum over j <= k of (w_i x / W)^j / j!
//
// in probabilities: let N_i be independent Poisson variables of means l_i and S their sum. Given S = F they are the flows on the links, so
//
//   P(M <= k) = prod_i P(N_i <= k)  P(S = F | all N_i <= k) / P(S = F)
//   P(S = F | ...) = 1/n sum over t < n of phi(2 pi t / n) e^(-2 pi i t F / n),  n > max(F, m k - F)
//
// with phi the product of the characteristic functions of the truncated laws: a transform of n points, exact. Where it would take more
// than some hundred points for sixteen links or more, P(S = F | ...) is the normal density with Edgeworth's terms of the same truncated laws (a local limit
// theorem); the tests hold E to 0.1 % there, and to 1 % for links and flows so few that it is never used.
//
// A synchronous collective waits for the worst of T switches and directions, each hashing for itself:
//
//   P(worst <= k) = P(M <= k)^T,   E = k_0 + sum over k >= k_0 of (1 - P(worst <= k))
//
// Up and down loads depend on each other where the same flows meet twice; T counts them as independent. A simulated leaf-spine fabric
// agrees within 2 %.
//
// Example: 2 flows on 2 links: P(M <= 1) = 1/2, E[M] = 3/2, so that hashing leaves 1/1.5 = 67 % of the links' rate.
//          64 flows on 16 links: E[M] = 7.88, a share of 4 / 7.88 = 0.51; the worst of 128 such hashings: 12.0, a share of 0.33.
// Sources: Raab and Steger 1998 (balls into bins); Good 1957 (saddle points of multinomials); Holst 1979 (conditioned Poisson).
namespace Lightloom.Collectives.Congestion;

/// <summary>The law of the load of the most loaded of many links when flows are hashed over them. Immutable.</summary>
public abstract class MostLoadedLink
{
    /// <summary>The most flows and links that are computed.</summary>
    public const int MostCount = 100_000_000;

    private protected MostLoadedLink(int links, double meanLoad, double largestMean) =>
        (Links, MeanLoad, LargestMean) = (links, meanLoad, largestMean);

    /// <summary>Links.</summary>
    public int Links { get; }

    /// <summary>Load that each link had if it were spread evenly, in flows (or in units of weight).</summary>
    public double MeanLoad { get; }

    /// <summary>Mean load of the link that is chosen most often; <see cref="MeanLoad"/> where links are equal.</summary>
    public double LargestMean { get; }

    /// <summary>Equal flows on equal links.</summary>
    /// <param name="links">Links, m.</param>
    /// <param name="flows">Flows, F.</param>
    /// <param name="way">How it is computed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no link or no flow, or more than <see cref="MostCount"/>.</exception>
    public static MostLoadedLink Of(int links, int flows, LoadLaw way = LoadLaw.ExactWhereQuick) => Of([new(links, 1)], flows, way);

    /// <summary>Equal flows on links that are chosen with different probabilities.</summary>
    /// <param name="links">Classes of links.</param>
    /// <param name="flows">Flows, F.</param>
    /// <param name="way">How it is computed.</param>
    /// <exception cref="ArgumentException">There is no link or no flow, or one too many, or a weight is not positive.</exception>
    public static MostLoadedLink Of(IReadOnlyList<LinkChoice> links, int flows, LoadLaw way = LoadLaw.ExactWhereQuick)
    {
        ArgumentNullException.ThrowIfNull(links);
        CheckCount(flows, nameof(flows));
        if (links.Count == 0) throw new ArgumentException("flows need a link to be put on");
        foreach (var choice in links)
        {
            CheckCount(choice.Links, nameof(links));
            if (!(choice.Weight > 0) || !double.IsFinite(choice.Weight)) throw new ArgumentException($"a link can't be chosen with weight {choice.Weight}");
        }
        return new EqualFlows(links, flows, way);
    }

    /// <summary>Flows of different sizes on equal links.</summary>
    /// <param name="links">Links, m.</param>
    /// <param name="flows">Classes of flows: at most four.</param>
    /// <exception cref="ArgumentException">There is no link or no flow, or too many, or there are more than four classes.</exception>
    public static MostLoadedLink Of(int links, params ReadOnlySpan<FlowClass> flows)
    {
        CheckCount(links, nameof(links));
        if (flows.Length is 0 or > 4) throw new ArgumentException($"expected 1 to 4 classes of flows, not {flows.Length}");
        foreach (var flow in flows)
        {
            CheckCount(flow.Count, nameof(flows));
            if (flow.Weight is < 1 or > 10_000) throw new ArgumentException($"a flow's weight is from 1 to 10,000, not {flow.Weight}");
        }
        return flows.Length == 1 && flows[0].Weight == 1 ? Of(links, flows[0].Count) : new MixedFlows(links, flows.ToArray());
    }

    /// <summary>P(M &lt;= load).</summary>
    public abstract double AtMost(int load);

    /// <summary>E of the worst of so many hashings.</summary>
    /// <param name="trials">Switches times directions, T; a fraction weighs a part of one.</param>
    public double Expected(double trials = 1)
    {
        var law = Law(trials);
        double sum = 0, before = 0;
        var last = law[0].Load - 1;
        foreach (var (load, within) in law)
        {
            // Loads that were left out share what lies between.
            sum += (load - (load - last - 1) / 2.0) * (within - before);
            (last, before) = (load, within);
        }
        return sum;
    }

    /// <summary>The smallest load that the worst of so many hashings stays within, with a probability.</summary>
    /// <param name="probability">Between 0 and 1.</param>
    /// <param name="trials">Switches times directions, T.</param>
    public int Quantile(double probability, double trials = 1)
    {
        if (!(probability > 0 && probability < 1)) throw new ArgumentOutOfRangeException(nameof(probability), probability, "expected a probability between 0 and 1");
        foreach (var (load, within) in Law(trials))
        {
            if (within < probability) continue;
            var least = load;
            while (least > 0 && Math.Pow(AtMost(least - 1), trials) >= probability) least--;
            return least;
        }
        throw new InvalidOperationException("a law ends at 1");
    }

    /// <summary>
    /// P(worst &lt;= load) from the first load that matters to the one where it is 1; of large loads every second, third, ..., an eighth of
    /// their deviation apart.
    /// </summary>
    internal List<(int Load, double Within)> Law(double trials)
    {
        if (!(trials > 0) || !double.IsFinite(trials)) throw new ArgumentOutOfRangeException(nameof(trials), trials, "expected at least a part of one hashing");
        const double Negligible = 1e-12;
        var law = new List<(int Load, double Within)>();
        var last = Top(Negligible / trials);
        law.Add((last, 1));
        var step = Math.Max(1, (int)(Math.Sqrt(MeanLoad) / 8));
        for (var load = last - step; load >= 0; load -= step)
        {
            var within = Math.Pow(AtMost(load), trials);
            if (within < Negligible) break;
            // A law only grows; what rounding adds near 1 is taken off.
            law.Add((load, Math.Min(within, law[^1].Within)));
        }
        law.Reverse();
        return law;
    }

    /// <summary>A load that M exceeds with less than this probability.</summary>
    private protected abstract int Top(double probability);

    static void CheckCount(int count, string name)
    {
        if (count is < 1 or > MostCount) throw new ArgumentOutOfRangeException(name, count, $"expected 1 to {MostCount:N0}");
    }
}

/// <summary>How the law of equal flows is computed.</summary>
public enum LoadLaw
{
    /// <summary>Exactly for few links or flows, else by the local limit, which is within a thousandth there.</summary>
    ExactWhereQuick,

    /// <summary>Exactly, whatever it takes.</summary>
    Exact,

    /// <summary>By the local limit.</summary>
    LocalLimit,
}

/// <summary>Links that are chosen alike.</summary>
/// <param name="Links">How many.</param>
/// <param name="Weight">How often each is chosen, in any unit.</param>
public readonly record struct LinkChoice(int Links, double Weight);

/// <summary>Flows of one size.</summary>
/// <param name="Count">How many.</param>
/// <param name="Weight">What each puts on its link, in whole units that all classes share.</param>
public readonly record struct FlowClass(int Count, int Weight);
