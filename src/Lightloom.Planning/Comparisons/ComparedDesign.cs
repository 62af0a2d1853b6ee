// A design as it stands in a comparison: one evaluation, or one for each of several sites that train together.
//
//   counts                 sums over the sites
//   power, cost, failures  of all sites and the routes between them (MultiSite/SitesTogether.cs); one price counts for all of them
//   step                   of several sites: the faster of the methods that compute the same as one site does (Lightloom.Workloads.Sites)

using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.Comparisons;

/// <summary>A design in a comparison; see the head of this file.</summary>
public sealed class ComparedDesign
{
    /// <summary>Size of the all-reduce whose bandwidth is compared.</summary>
    public const long LargeBytes = 1L << 30;

    /// <summary>Size of the all-reduce whose time is compared.</summary>
    public const long SmallBytes = 1L << 10;

    readonly Lazy<CollectiveForecast?> allReduce;
    readonly SitesTogether? together; // of several sites

    ComparedDesign(Variant variant, DesignDocument document, IReadOnlyList<Evaluation> sites, SitesTogether? together)
    {
        (Variant, Document, Sites, this.together) = (variant, document, sites, together);
        Evaluation = sites.MaxBy(s => s.Outcome?.Step.Time ?? Duration.Zero)!;
        allReduce = new(Forecast);
    }

    /// <summary>What it changes of a design that others change otherwise; nothing where it was given by itself.</summary>
    public Variant Variant { get; }

    /// <summary>What it is called in a table.</summary>
    public string Name => Variant.Name;

    /// <summary>The design.</summary>
    public DesignDocument Document { get; }

    /// <summary>Each site.</summary>
    public IReadOnlyList<Evaluation> Sites { get; }

    /// <summary>The site that the others wait for; the design itself where there is one.</summary>
    public Evaluation Evaluation { get; }

    /// <summary>How several sites share the job; null with one.</summary>
    public ISiteMethod? Method => together?.Plan?.FastestExact?.Method;

    /// <summary>What several sites make of it; null with one, or without a job.</summary>
    public SiteForecast? Shared => together?.Plan?.FastestExact?.Forecast;

    /// <summary>What it costs, all sites with the routes between them.</summary>
    public ClusterCost Cost => together?.Cost ?? Evaluation.Economics;

    /// <summary>Cost of a million trained tokens; null without a job that makes progress.</summary>
    public CostRange? MillionTokens => Cost.PerMillionTokens;

    /// <summary>What it draws, all sites with the routes between them.</summary>
    public PowerUse Power => together?.Power ?? Evaluation.Power;

    /// <summary>An all-reduce of <see cref="SmallBytes"/> and one of <see cref="LargeBytes"/> over all accelerators of a site; null where there are too few or too many.</summary>
    public CollectiveForecast? AllReduce => allReduce.Value;

    /// <summary>Time of a step.</summary>
    public Duration? Step => Shared?.Step ?? Evaluation.Outcome?.Step.Time;

    /// <summary>Share of the time in which the job makes progress.</summary>
    public double? EffectiveShare => together?.Failures is { } forecast ? forecast.Effective : Evaluation.Outcome?.Goodput.EffectiveShare;

    /// <summary>Interruptions of the job; null without one.</summary>
    public FailureRate? Interruptions => together?.Failures is { } forecast ? forecast.AllInterruptions : Evaluation.Outcome?.Goodput.Interruptions;

    /// <summary>The longest delay between two sites that exchange, one way; null with one site.</summary>
    public Duration? BetweenSites { get; private init; }

    /// <summary>Tokens per second between failures.</summary>
    public double? TokensPerSecond => Shared is null ? Evaluation.Outcome?.Step.TokensPerSecond : together!.Plan!.FastestExact!.TokensPerSecond;

    /// <summary>Tokens per second with failures counted.</summary>
    public double? EffectiveTokensPerSecond => TokensPerSecond * EffectiveShare;

    /// <summary>A design of one site that is evaluated already.</summary>
    public static ComparedDesign Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return new(new(evaluation.Build.Document.Design.Name, []), evaluation.Build.Document, [evaluation], null);
    }

    /// <summary>Evaluates a design, all of its sites if it has several.</summary>
    /// <param name="variant">What it is called, and how it came about.</param>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Who evaluates.</param>
    /// <exception cref="InputException">The design asks for what can't be, or no method shares its job exactly.</exception>
    public static ComparedDesign Of(Variant variant, DesignDocument document, Evaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(evaluator);
        var design = document.Design;
        if (design.Sites is not { Count: > 1 }) return new(variant, document, [evaluator.Evaluate(document)], null);
        var together = SitesTogether.Of(document, evaluator);
        if (together.Plan is not { } plan) return new(variant, document, together.Sites, together);
        if (plan.FastestExact is null)
            throw document.Wrong("sites", string.Join("; ", plan.Methods.Where(m => m.SameSums).Select(m => $"{m.Method.Name} can't share the job: {m.Broken}")));
        // Sites of one size are one evaluation; here with what binds it.
        var whole = new Dictionary<Evaluation, Evaluation>(ReferenceEqualityComparer.Instance);
        foreach (var site in together.Sites) if (!whole.ContainsKey(site)) whole[site] = evaluator.Evaluate(site.Build.Document);
        return new(variant, document, [.. together.Sites.Select(s => whole[s])], together) { BetweenSites = plan.Study.Network.Ring.Hops.Max() };
    }

    /// <summary>A figure of all sites together.</summary>
    /// <param name="figure">Of one.</param>
    public double Sum(Func<Evaluation, double> figure) => Sites.Sum(figure);

    /// <summary>A cost of the links of all sites together: they pay the same prices.</summary>
    /// <param name="cost">Of one.</param>
    public CostRange Sum(Func<Evaluation, CostRange> cost) => Sites.Select(cost).Aggregate(CostRange.Linear);

    /// <summary>A cost over another design's, what both have in common drawn once; null where there is none.</summary>
    /// <param name="over">The other design.</param>
    /// <param name="cost">The cost at a point of all costs.</param>
    /// <param name="tokens">Whether the cost is divided by tokens.</param>
    public ShareRange? Premium(ComparedDesign over, Func<CostPoint, Money> cost, bool tokens = false)
    {
        ArgumentNullException.ThrowIfNull(over);
        ArgumentNullException.ThrowIfNull(cost);
        if (tokens && !(EffectiveTokensPerSecond > 0 && over.EffectiveTokensPerSecond > 0)) return null;
        return CostPremium.Of(over.Cost.Model, Cost.Model, Measure(over), Measure(this));

        Func<CostPoint, double> Measure(ComparedDesign design)
        {
            var rate = tokens ? design.EffectiveTokensPerSecond!.Value : 1;
            return p => cost(p).Dollars / rate * (tokens ? p.Pace : 1);
        }
    }

    CollectiveForecast? Forecast()
    {
        var build = Evaluation.Build;
        return build.Plan.AcceleratorCount is < 2 or > int.MaxValue ? null
            : CollectiveForecast.Of(CollectiveNetwork.Of(build), CollectiveKind.AllReduce, [SmallBytes, LargeBytes], fabricReduction: build.Document.Design.Collectives is { FabricReduction: true });
    }
}
