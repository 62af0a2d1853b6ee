// The margin over a population of links.
//
//   M = B + G_tx + G_rx − IL − A        dB
//   B      what the standard leaves to the channel (worst-case transmitter, worst-case receiver)
//   G      by how much a module beats its specification, N(μ, σ) from 0 up
//   IL     Σ connectors + splices + elements + fibre; each N(typical, σ) from 0 to the most that its specification allows,
//          σ = (most − typical)/Φ⁻¹(w), w the share that keeps the specification before sorting
//   A      ageing, growing evenly over life
//
// Terms are independent, so that means, variances and third moments add; the failing share is P(M < 0), three ways:
//   normal      Q(μ_M/σ_M); good near the middle, and said to be valid only between 1e-3 and 1 − 1e-3 with little skew
//   exact       the terms' densities convolved on a grid of 0.005 dB; good to some 1e-12, but where the margin stands at the edge of a term that is cut: there to the grid
//   sampled     see MarginSampler
// A link has n lanes (both directions). Where they share one path and one fate its failing share is P; where they are independent
// 1 − (1 − P)^n. The truth lies between, and both are given.
//
// Example: 400GBASE-DR4 over 300 m, four MPO and a switch of 1.5 (2.0) dB has −0.02 dB by typical losses and −2.12 dB by the
// largest; modules that launch and receive 1.0 ± 0.5 dB better than they must leave +1.51 ± 0.83 dB after five years: some 3 % fail.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A term of a statistical budget: a loss, or a gain over what the standard counts with.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Count">How many independent ones of it lie in the path.</param>
/// <param name="Each">One of them, in dB.</param>
/// <param name="IsGain">Whether it adds to the margin.</param>
/// <param name="Source">Where the figures come from.</param>
/// <param name="Grade">How far they can be trusted.</param>
public sealed record StatisticalTerm(string Name, int Count, TruncatedNormal Each, bool IsGain, string Source, Grade Grade)
{
    /// <summary>Mean of what it does to the margin, all of them.</summary>
    public Decibels Mean => Decibels.FromDecibels((IsGain ? 1 : -1) * Count * Each.Mean);

    /// <summary>Standard deviation of all of them together.</summary>
    public Decibels StandardDeviation => Decibels.FromDecibels(Math.Sqrt(Count * Each.Variance));
}

/// <summary>What a change of one term does to the failing share.</summary>
/// <param name="Term">The term.</param>
/// <param name="Change">The change, in words.</param>
/// <param name="MeanGain">What it adds to the mean margin.</param>
/// <param name="FailingShare">The failing share after it.</param>
/// <param name="Avoided">Share of links that fail before and not after; negative where it makes it worse.</param>
public sealed record StatisticalLever(string Term, string Change, Decibels MeanGain, double FailingShare, double Avoided);

/// <summary>The distribution of the margin over a population of links.</summary>
/// <remarks>Independent truncated normal terms; see the equations at the head of the file. Immutable, so safe for many threads.</remarks>
public sealed class StatisticalBudget
{
    /// <summary>Name of the term that stands for the ranges of an engine's assumed figures: ignorance that all links share, not scatter.</summary>
    public const string UnknownEngine = "engines within their figures' ranges";

    const double ValidTail = 1e-3;
    const double ValidSkew = 0.25;

    readonly MarginDistribution distribution;

    /// <summary>A budget of what is available and of terms.</summary>
    /// <param name="available">What the ends allow the channel, at their worst.</param>
    /// <param name="terms">Losses and gains.</param>
    /// <param name="lanes">Lanes of a link, both directions together.</param>
    /// <exception cref="ArgumentException">The budget is not finite, a count is below 1, or there is no lane.</exception>
    public StatisticalBudget(Decibels available, IReadOnlyList<StatisticalTerm> terms, int lanes = 1)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (!double.IsFinite(available.Si)) throw new ArgumentException($"a finite budget is needed, not {available}");
        if (lanes < 1) throw new ArgumentException($"a link has at least one lane, not {lanes}");
        double mean = available.Si, variance = 0, third = 0, low = available.Si, high = available.Si;
        foreach (var term in terms)
        {
            if (term.Count < 1) throw new ArgumentException($"'{term.Name}' must be there once or more, not {term.Count} times");
            mean += term.Mean.Si;
            variance += term.Count * term.Each.Variance;
            third += (term.IsGain ? 1 : -1) * term.Count * term.Each.ThirdMoment;
            low += term.Count * (term.IsGain ? term.Each.Minimum : -term.Each.Maximum);
            high += term.Count * (term.IsGain ? term.Each.Maximum : -term.Each.Minimum);
        }
        (Available, Terms, Lanes) = (available, terms, lanes);
        Mean = Decibels.FromDecibels(mean);
        StandardDeviation = Decibels.FromDecibels(Math.Sqrt(variance));
        Skewness = variance > 0 ? third / Math.Pow(variance, 1.5) : 0;
        (Least, Most) = (Decibels.FromDecibels(low), Decibels.FromDecibels(high));
        distribution = new(available.Si, terms);
        FailingShare = distribution.Below(0);
        NormalFailingShare = variance > 0 ? GaussianTail.Q(mean / Math.Sqrt(variance)) : mean < -Medium.Tolerance ? 1 : 0;
        NormalIsValid = NormalFailingShare is > ValidTail and < 1 - ValidTail && Math.Abs(Skewness) < ValidSkew;
    }

    /// <summary>What the ends allow the channel, at their worst.</summary>
    public Decibels Available { get; }

    /// <summary>Losses and gains.</summary>
    public IReadOnlyList<StatisticalTerm> Terms { get; }

    /// <summary>Lanes of a link, both directions together.</summary>
    public int Lanes { get; }

    /// <summary>Mean margin.</summary>
    public Decibels Mean { get; }

    /// <summary>Standard deviation of the margin.</summary>
    public Decibels StandardDeviation { get; }

    /// <summary>Third central moment over the cube of the standard deviation.</summary>
    public double Skewness { get; }

    /// <summary>The least margin that any link can have.</summary>
    public Decibels Least { get; }

    /// <summary>The largest margin that any link can have.</summary>
    public Decibels Most { get; }

    /// <summary>Share of links with a margin below 0, where all lanes of a link share one fate; by convolution.</summary>
    public double FailingShare { get; }

    /// <summary>Share of links with a lane whose margin is below 0, where the lanes of a link are independent: the upper bound.</summary>
    public double FailingShareOfIndependentLanes => FailingShare < 1e-8
        ? Lanes * FailingShare // 1 − (1 − P)^n would lose its digits
        : 1 - Math.Pow(1 - FailingShare, Lanes);

    /// <summary>The same as <see cref="FailingShare"/> by a normal distribution of the same mean and spread.</summary>
    public double NormalFailingShare { get; }

    /// <summary>Whether the normal distribution can be relied on: not too far out, and not too skew.</summary>
    public bool NormalIsValid { get; }

    /// <summary>The weakest grade among the terms.</summary>
    public Grade WeakestGrade => Terms.Count == 0 ? Grade.Standard : Terms.Max(t => t.Grade);

    /// <summary>The margin below which a share of links lies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1.</exception>
    public Decibels Quantile(double share)
    {
        if (!(share > 0 && share < 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "a share strictly between 0 and 1 is needed");
        return Decibels.FromDecibels(distribution.Quantile(share));
    }

    /// <summary>Share of links with less margin.</summary>
    public double ShareBelow(Decibels margin) => distribution.Below(margin.Si);

    /// <summary>Links that fail among so many, where all lanes of a link share one fate.</summary>
    public double ExpectedFailing(long links) => links * FailingShare;

    /// <summary>
    /// What changes of the terms are worth, the one that avoids most failures first: one fewer of what there are several of, each of
    /// them 0.1 dB better, half the spread.
    /// </summary>
    public IReadOnlyList<StatisticalLever> Levers()
    {
        var levers = new List<StatisticalLever>();
        for (var i = 0; i < Terms.Count; i++)
        {
            var term = Terms[i];
            if (!term.IsGain && term.Each.Maximum > 0)
                Try(term.Count == 1 ? "without it" : "one fewer", i, term.Count == 1 ? null : term with { Count = term.Count - 1 });
            var each = term.Each;
            var better = term.IsGain ? 0.1 : -Math.Min(0.1, each.Center);
            var shifted = each.IsConstant
                ? new TruncatedNormal(each.Mean + better, 0, each.Mean + better, each.Mean + better)
                : new(each.Center + better, each.Spread, term.IsGain ? each.Minimum : Math.Max(0, each.Minimum + better), each.Maximum + (term.IsGain ? better : 0));
            Try($"{(term.Count == 1 ? "" : "each ")}{Math.Abs(better):0.00} dB better", i, term with { Each = shifted });
            if (!each.IsConstant)
            {
                Try("half the spread", i, term with
                {
                    Each = new(Math.Clamp(each.Center, each.Minimum, each.Maximum), each.Spread / 2, each.Minimum, each.Maximum),
                });
            }
        }
        // A stable sort: what avoids as much stays in the order of the terms.
        return [.. levers.OrderByDescending(l => l.Avoided)];

        void Try(string change, int at, StatisticalTerm? instead)
        {
            var changed = new List<StatisticalTerm>(Terms);
            if (instead is null) changed.RemoveAt(at);
            else changed[at] = instead;
            var after = new StatisticalBudget(Available, changed, Lanes);
            levers.Add(new(Terms[at].Name, change, after.Mean - Mean, after.FailingShare, FailingShare - after.FailingShare));
        }
    }

    /// <summary>Margins of so many links, drawn at random; the same for any number of workers.</summary>
    /// <param name="links">How many links.</param>
    /// <param name="seed">Seed; the same one gives the same links.</param>
    /// <param name="workers">Threads; 0 for one per core.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no link, or the number of workers is negative.</exception>
    public SampledMargins Sample(long links, ulong seed, int workers = 0) => new MarginSampler(this, seed).Run(links, workers);

    /// <summary>The statistical budget of an optical link with connectors: null where it is copper, a cable in one piece, or has no budget.</summary>
    /// <param name="link">The link, engineered for the request.</param>
    /// <param name="request">What it was engineered for.</param>
    /// <param name="assumptions">How terms scatter; the default ones if null.</param>
    /// <param name="years">Age of the plant; the whole life if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The age is negative or not a number.</exception>
    public static StatisticalBudget? Of(EngineeredLink link, LinkRequest request, StatisticalAssumptions? assumptions = null, double? years = null)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);
        var given = assumptions ?? StatisticalAssumptions.Default;
        var age = years ?? given.Life.Value;
        if (!(age >= 0) || !double.IsFinite(age)) throw new ArgumentOutOfRangeException(nameof(years), years, "an age of 0 years or more is needed");
        if (!link.HasBudget || (link.Class & MediaClasses.Optics) == 0) return null;
        var module = link.Parts.Select(p => p.Part).OfType<Transceiver>().FirstOrDefault();
        var fibre = link.Parts.FirstOrDefault(p => p.Measure == PartMeasure.FibreMeters)?.Part as Fibre;
        if (fibre is null || module?.Interface is not { } meeting) return null;
        var z = -GaussianTail.InverseQ(given.ShareWithinSpecification.Value);
        var terms = new List<StatisticalTerm>();
        if (meeting.ExternalLaser is { } inside)
        {
            // Its figures are no limits that modules would beat, but values with ranges.
            var spread = ExternalLaserBudget.Spread(inside, inside).Si;
            terms.Add(new(UnknownEngine, 1, new(0, spread, -4 * spread, 4 * spread), true, inside.Coupling.Source, Grade.Assumption));
        }
        else
        {
            terms.Add(Gain("launched above the least", given.LaunchAboveMinimum, given.LaunchSpread));
            terms.Add(Gain("received better than the worst", given.SensitivityBelowMaximum, given.SensitivitySpread));
        }
        terms.Add(FibreTerm(fibre, link.PurchasableLength));
        if (fibre.Adapter is { } adapter) terms.Add(Loss(adapter.Name, 2, adapter.Loss, adapter.MaximumLoss.Value.Si, z));
        if (request.Splices > 0 && fibre.SpliceLoss is { } splice) terms.Add(Loss("splice", request.Splices, splice, splice.High.Si, z));
        if (request.Connectors > 0)
        {
            var pair = request.Connector ?? meeting.Connector;
            terms.Add(Loss(pair.Name, request.Connectors, pair.Loss, pair.MaximumLoss.Value.Si, z));
        }
        foreach (var element in request.Elements) terms.Add(Loss(element.Name, 1, element.Loss, element.Loss.High.Si, z));
        if (link.ReflectionPenalty.Si is > 0 and var echoes)
            terms.Add(new("multipath interference", 1, new(echoes, 0, echoes, echoes), false, "MultipathInterference, at worst", Grade.Estimate));
        if (link.CodePenalty.Si is var code && code != 0)
            terms.Add(new("another Reed-Solomon code", 1, new(Math.Abs(code), 0, Math.Abs(code), Math.Abs(code)), code < 0, "ReedSolomonCode, by exact tails", Grade.Standard));
        if (age > 0 && given.Ageing.Value.Si > 0)
        {
            var share = age / given.Life.Value;
            var (most, spread) = (given.Ageing.Value.Si * share, given.AgeingSpread.Value.Si * share);
            terms.Add(new($"ageing, {age:0.#} years", 1, new(most, spread, 0, most + 4 * spread), false, given.Ageing.Source, given.Ageing.Grade));
        }
        return new(link.Available, terms, Math.Max(1, 2 * (int)Math.Round(request.Rate / meeting.LaneRate.Value)));
    }

    static StatisticalTerm Gain(string name, Sourced<Decibels> by, Sourced<Decibels> spread) =>
        new(name, 1, new(by.Value.Si, spread.Value.Si, 0, Math.Max(0, by.Value.Si) + 4 * spread.Value.Si), true, by.Source,
            OpticalBudget.Weaker(by.Grade, spread.Grade));

    static StatisticalTerm Loss(string name, int count, Sourced<Decibels> typical, double most, double z)
    {
        var value = typical.Value.Si;
        var spread = z > 0 && most > value ? (most - value) / z : 0;
        return new(name, count, new(value, spread, 0, Math.Max(most, value)), false, typical.Source, typical.Grade);
    }

    // Between its low and high end, four standard deviations apart; most catalogue values are the standard's largest.
    static StatisticalTerm FibreTerm(Fibre fibre, Length length)
    {
        var given = fibre.Attenuation;
        var (low, high) = (given.Low.Si * length.Si, given.High.Si * length.Si);
        return new($"{length} of {fibre.Name}", 1, new((low + high) / 2, (high - low) / 4, low, high), false, given.Source, given.Grade);
    }
}
