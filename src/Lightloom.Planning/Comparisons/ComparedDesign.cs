// A design as it stands in a comparison: one evaluation, or one for each of several sites that train together.
//
//   counts, power, cost    sums over the sites; one price counts for all of them, so ranges add linearly
//   step                   of several sites: the faster of the methods that compute the same as one site does (Lightloom.Workloads.Sites)
//   failures               the processes of all sites together: a failure anywhere stops all; each writes its share of the checkpoint
//   million tokens         Σ cost of a year / tokens of a year of all

using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Costs;
using Lightloom.Planning.Reliability;
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

    // Methods that compute what one site computes.
    static readonly ISiteMethod[] Exact = [new SynchronousDataParallel(), new PipelineAcrossSites()];

    readonly Lazy<CollectiveForecast?> allReduce;
    readonly Lazy<ReliabilityForecast?> failures; // of several sites

    ComparedDesign(Variant variant, DesignDocument document, IReadOnlyList<Evaluation> sites)
    {
        (Variant, Document, Sites) = (variant, document, sites);
        Evaluation = sites.MaxBy(s => s.Outcome?.Step.Time ?? Duration.Zero)!;
        allReduce = new(Forecast);
        failures = new(Together);
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
    public ISiteMethod? Method { get; private init; }

    /// <summary>What several sites make of it; null with one, or without a job.</summary>
    public SiteForecast? Shared { get; private init; }

    /// <summary>An all-reduce of <see cref="SmallBytes"/> and one of <see cref="LargeBytes"/> over all accelerators of a site; null where there are too few or too many.</summary>
    public CollectiveForecast? AllReduce => allReduce.Value;

    /// <summary>Time of a step.</summary>
    public Duration? Step => Shared?.Step ?? Evaluation.Outcome?.Step.Time;

    /// <summary>Share of the time in which the job makes progress.</summary>
    public double? EffectiveShare => failures.Value is { } forecast ? forecast.Effective : Evaluation.Outcome?.Goodput.EffectiveShare;

    /// <summary>Interruptions of the job; null without one.</summary>
    public FailureRate? Interruptions => failures.Value is { } forecast ? forecast.AllInterruptions : Evaluation.Outcome?.Goodput.Interruptions;

    /// <summary>The longest delay between two sites that exchange, one way; null with one site.</summary>
    public Duration? BetweenSites { get; private init; }

    /// <summary>Tokens per second between failures.</summary>
    public double? TokensPerSecond => Shared is { } shared ? Tokens / shared.Step.Seconds : Evaluation.Outcome?.Step.TokensPerSecond;

    /// <summary>Tokens per second with failures counted.</summary>
    public double? EffectiveTokensPerSecond => TokensPerSecond * EffectiveShare;

    /// <summary>A year's cost of all sites.</summary>
    public CostRange Yearly => Sum(s => s.Economics.Yearly);

    /// <summary>Cost of a million trained tokens; null without a job that makes progress.</summary>
    public CostRange? MillionTokens => EffectiveTokensPerSecond is not > 0 || Sites.Any(s => s.MillionTokens is null) ? null
        : Shared is null ? Evaluation.MillionTokens
        : Sum(s => s.Outcome!.Value.EffectiveTokensPerSecond / EffectiveTokensPerSecond.Value * s.MillionTokens!.Value);

    double Tokens { get; init; }

    /// <summary>A design of one site that is evaluated already.</summary>
    public static ComparedDesign Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return new(new(evaluation.Build.Document.Design.Name, []), evaluation.Build.Document, [evaluation]);
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
        if (design.Sites is not { Count: > 1 } sites) return new(variant, document, [evaluator.Evaluate(document)]);
        if (design.Job is null)
        {
            var each = design.Accelerators.System.Accelerators.Value;
            return new(variant, document,
            [
                .. sites.Select(s => evaluator.Evaluate(document.With(design with
                {
                    Accelerators = design.Accelerators with { Systems = s.Accelerators / each ?? design.Accelerators.Systems },
                }))),
            ]);
        }
        var study = SiteStudy.Of(document, evaluator);
        var best = (from method in Exact where method.Broken(study.Work, study.Network) is null let forecast = method.Predict(study.Work, study.Network) orderby forecast.Step select (method, forecast))
            .FirstOrDefault();
        if (best.method is null)
            throw document.Wrong("sites", string.Join("; ", Exact.Select(m => $"{m.Name} can't share the job: {m.Broken(study.Work, study.Network)}")));
        // Sites of one size are one evaluation; here with what binds it.
        var whole = new Dictionary<Evaluation, Evaluation>(ReferenceEqualityComparer.Instance);
        foreach (var site in study.Sites) if (!whole.ContainsKey(site)) whole[site] = evaluator.Evaluate(site.Build.Document);
        return new(variant, document, [.. study.Sites.Select(s => whole[s])]) { Method = best.method, Shared = best.forecast, Tokens = study.TokensPerStep, BetweenSites = study.Network.Ring.Hops.Max() };
    }

    /// <summary>A figure of all sites together.</summary>
    /// <param name="figure">Of one.</param>
    public double Sum(Func<Evaluation, double> figure) => Sites.Sum(figure);

    /// <summary>A cost of all sites together: they pay the same prices.</summary>
    /// <param name="cost">Of one.</param>
    public CostRange Sum(Func<Evaluation, CostRange> cost) => Sites.Select(cost).Aggregate(CostRange.Linear);

    /// <summary>A cost over another design's, what both have in common drawn once; null where there is none, or sites differ.</summary>
    /// <param name="over">The other design.</param>
    /// <param name="cost">The cost at a point of one site's costs.</param>
    /// <param name="tokens">Whether the cost is divided by tokens.</param>
    public ShareRange? Premium(ComparedDesign over, Func<CostPoint, Money> cost, bool tokens = false)
    {
        ArgumentNullException.ThrowIfNull(over);
        ArgumentNullException.ThrowIfNull(cost);
        if (Sites.Distinct().Count() > 1 || over.Sites.Distinct().Count() > 1 || (tokens && !(EffectiveTokensPerSecond > 0 && over.EffectiveTokensPerSecond > 0))) return null;
        return CostPremium.Of(over.Evaluation.Economics.Model, Evaluation.Economics.Model, Measure(over), Measure(this));

        Func<CostPoint, double> Measure(ComparedDesign design)
        {
            var factor = tokens ? design.Sites.Count / design.EffectiveTokensPerSecond!.Value : design.Sites.Count;
            return p => cost(p).Dollars * factor * (tokens ? p.Pace : 1);
        }
    }

    ReliabilityForecast? Together()
    {
        if (Shared is null) return null;
        var models = Sites.Select(s => s.Operation!.ModelOf(s.Outcome!.Value.Step, new())).ToList();
        var all = Sites.Sum(s => (double)s.Operation!.Job.Accelerators);
        return (models[0] with
        {
            Processes = [.. models.SelectMany(m => m.Processes)],
            CheckpointWrite = models[0].CheckpointWrite * (Sites[0].Operation!.Job.Accelerators / all),
            Replicas = models.Sum(m => m.Replicas),
        }).Forecast();
    }

    CollectiveForecast? Forecast()
    {
        var build = Evaluation.Build;
        return build.Plan.AcceleratorCount is < 2 or > int.MaxValue ? null
            : CollectiveForecast.Of(CollectiveNetwork.Of(build), CollectiveKind.AllReduce, [SmallBytes, LargeBytes], fabricReduction: build.Document.Design.Collectives is { FabricReduction: true });
    }
}
