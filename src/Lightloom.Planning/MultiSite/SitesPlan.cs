// One job over several sites with the routes that join them, by every method.
//
//   network       of routes between the same sites either the fastest alone or all together: bandwidths add up, and the longest delay is everybody's;
//                 each method takes what serves it better
//   rate          tokens of a step / mean time of a step
//   best          the fastest of the methods with the same sums as one site; the fastest of all beside it, at the price in quality that is published

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.MultiSite;

/// <summary>A method on the sites.</summary>
/// <param name="Method">The method.</param>
/// <param name="Broken">Why it can't be applied; null where it can.</param>
/// <param name="Forecast">What it makes of the job; null where it can't be applied.</param>
/// <param name="Together">Whether routes between the same sites are used together.</param>
/// <param name="TokensPerSecond">Rate of the job.</param>
public sealed record MethodPlan(ISiteMethod Method, string? Broken, SiteForecast? Forecast, bool Together, double TokensPerSecond)
{
    /// <summary>Whether the sums are those of one site, so that nothing is given up in quality.</summary>
    public bool SameSums => Method is SynchronousDataParallel or PipelineAcrossSites;
}

/// <summary>A job over several sites; see the head of this file.</summary>
public sealed record SitesPlan
{
    /// <summary>The job and the sites.</summary>
    public required SiteStudy Study { get; init; }

    /// <summary>The methods, in the order in which they are listed everywhere.</summary>
    public required IReadOnlyList<MethodPlan> Methods { get; init; }

    /// <summary>What has to be bought for the routes.</summary>
    public CostRange Capital => Study.Routes.Aggregate(CostRange.Zero, (sum, r) => sum + r.Capital);

    /// <summary>What is paid every year for fibre and waves.</summary>
    public CostRange Yearly => Study.Routes.Aggregate(CostRange.Zero, (sum, r) => sum + r.Yearly);

    /// <summary>Power of the routes' equipment.</summary>
    public Power Power => Power.FromWatts(Study.Routes.Sum(r => r.Power.Watts));

    /// <summary>The fastest of all methods; null where none can be applied.</summary>
    public MethodPlan? Fastest => Methods.Where(m => m.Forecast is not null).MaxBy(m => m.TokensPerSecond);

    /// <summary>The fastest whose sums are those of one site.</summary>
    public MethodPlan? FastestExact => Methods.Where(m => m is { Forecast: not null, SameSums: true }).MaxBy(m => m.TokensPerSecond);

    /// <summary>Plans a design's sites.</summary>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Evaluates its sites.</param>
    /// <exception cref="InputException">Sites, routes or job contradict each other, or a line doesn't reach.</exception>
    public static SitesPlan Of(DesignDocument document, Evaluator evaluator) => Of(SiteStudy.Of(document, evaluator));

    /// <summary>Plans a study's sites.</summary>
    public static SitesPlan Of(SiteStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return new() { Study = study, Methods = [.. MethodsOf(study.Work.Layers).Select(m => Of(study, m))] };
    }

    /// <summary>The methods set as <c>train sites</c> sets them where nothing else is said.</summary>
    /// <param name="layers">Layers of the model; fragments divide them.</param>
    public static IReadOnlyList<ISiteMethod> MethodsOf(int layers)
    {
        var fragment = Enumerable.Range(1, 3).Last(d => layers % d == 0);
        var fp4 = ExchangeFormat.Find("fp4");
        return
        [
            new SynchronousDataParallel(),
            new PipelineAcrossSites(),
            new DiLoCo(),
            new StreamingDiLoCo { Fragment = fragment, Format = fp4 },
            new EagerUpdates { Fragment = fragment, Format = fp4 },
        ];
    }

    /// <summary>The networks that a method may choose from: the fastest route of each pair, and all routes of a pair together.</summary>
    /// <param name="sites">Names of the sites.</param>
    /// <param name="routes">The routes that are up.</param>
    /// <exception cref="SiteException">The routes don't join the sites.</exception>
    public static IReadOnlyList<SiteNetwork> NetworksOf(IReadOnlyList<string> sites, IReadOnlyList<RouteBetweenSites> routes)
    {
        ArgumentNullException.ThrowIfNull(sites);
        ArgumentNullException.ThrowIfNull(routes);
        var alone = new SiteNetwork(sites, routes);
        var together = routes.GroupBy(r => (Math.Min(r.From, r.To), Math.Max(r.From, r.To)))
            .Select(g => new RouteBetweenSites(g.Key.Item1, g.Key.Item2, Duration.FromSeconds(g.Max(r => r.Delay.Seconds)), Bandwidth.FromBitsPerSecond(g.Sum(r => r.Bandwidth.BitsPerSecond)))).ToList();
        return together.Count == routes.Count ? [alone] : [alone, new(sites, together)];
    }

    static MethodPlan Of(SiteStudy study, ISiteMethod method) => Best(method, study.Work, Networks(study), study.TokensPerStep);

    static IReadOnlyList<SiteNetwork> Networks(SiteStudy study) => NetworksOf(study.Network.Sites, study.Network.Routes);

    /// <summary>A method on the network that serves it best.</summary>
    internal static MethodPlan Best(ISiteMethod method, SiteWork work, IReadOnlyList<SiteNetwork> networks, double tokens)
    {
        if (method.Broken(work, networks[0]) is { } broken) return new(method, broken, null, false, 0);
        var (best, at) = networks.Select((n, i) => (method.Predict(work, n), i)).MaxBy(p => p.Item1.Utilisation);
        return new(method, null, best, at > 0, tokens / best.Step.Seconds);
    }
}
