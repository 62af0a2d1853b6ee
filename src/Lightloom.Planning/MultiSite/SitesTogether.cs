// Several sites and the routes between them as one design: what they make of the job, draw and cost.
//
//   job        the fastest method whose sums are those of one site; where none can be applied the fastest of all
//   failures   the processes of all sites together: a failure anywhere stops all; each writes its share of the checkpoint. Routes and whole sites fail too, and
//              what is left meanwhile is the method's (SiteFailures.cs)
//   power      sums over the sites, and modules and amplifiers of the routes
//   cost       of all sites and routes (Costs/CostModel.cs), over the tokens of all with failures counted

using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>Several sites with their routes as one design; see the head of this file.</summary>
public sealed record SitesTogether
{
    /// <summary>Each site as it is built, in the design's order, with its part of the batch where there is a job; those that are alike are one evaluation.</summary>
    public required IReadOnlyList<Evaluation> Sites { get; init; }

    /// <summary>The routes between them.</summary>
    public required IReadOnlyList<RoutePlan> Routes { get; init; }

    /// <summary>The job shared over the sites; null without one.</summary>
    public required SitesPlan? Plan { get; init; }

    /// <summary>How they share it; null without a job, or where nothing shares it.</summary>
    public MethodPlan? Method => MethodOf(Plan);

    /// <summary>The job under failures of all sites; null without a job.</summary>
    public required ReliabilityModel? Reliability { get; init; }

    /// <summary>What to expect of it; null without a job.</summary>
    public required ReliabilityForecast? Failures { get; init; }

    /// <summary>Power of all sites and routes.</summary>
    public required PowerUse Power { get; init; }

    /// <summary>What all sites and routes cost.</summary>
    public required ClusterCost Cost { get; init; }

    /// <summary>Accelerators of all sites.</summary>
    public long Accelerators => Sites.Sum(s => s.Build.Plan.AcceleratorCount);

    /// <summary>Tokens per second of all sites, failures counted; null without a job.</summary>
    public double? EffectiveTokensPerSecond => TokensOf(Method, Failures);

    /// <summary>Sites that are alike, with how many there are of each.</summary>
    public IReadOnlyList<CostedCluster> Clusters => Cost.Model.Clusters;

    /// <summary>The whole of a design of several sites.</summary>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Evaluates its sites.</param>
    /// <exception cref="InputException">Sites, routes or job contradict each other, or a line doesn't reach.</exception>
    public static SitesTogether Of(DesignDocument document, Evaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(evaluator);
        if (document.Design.Job is not null) return Of(SitesPlan.Of(document, evaluator));
        var sites = document.Design.Sites ?? [];
        return Of(Built(document, sites, evaluator), SiteStudy.RoutesOf(document, sites, null), null);
    }

    /// <summary>The whole of a plan.</summary>
    public static SitesTogether Of(SitesPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Of(plan.Study.Sites, plan.Study.Routes, plan);
    }

    /// <summary>The cost of the whole over another time.</summary>
    /// <param name="horizon">Time of the total cost of ownership; the systems' life where null.</param>
    internal CostModel CostOver(Duration? horizon) => Model(Clusters, Routes, Sites, Reliability, horizon);

    static SitesTogether Of(IReadOnlyList<Evaluation> sites, IReadOnlyList<RoutePlan> routes, SitesPlan? plan)
    {
        List<CostedCluster> clusters =
        [
            .. sites.GroupBy(s => s, ReferenceEqualityComparer.Instance).Select(g => (Site: g.First(), Count: g.Count())).Select(g => new CostedCluster(g.Site.Build, g.Site.Bill, g.Site.Power, g.Count)),
        ];
        var reliability = plan is null ? null : ReliabilityOf(plan);
        var failures = reliability?.Forecast();
        return new()
        {
            Sites = sites,
            Routes = routes,
            Plan = plan,
            Reliability = reliability,
            Failures = failures,
            Power = PowerUse.Of(clusters, routes),
            Cost = new(Model(clusters, routes, sites, reliability, null), sites[0].Build, TokensOf(MethodOf(plan), failures) ?? 0),
        };
    }

    static CostModel Model(IReadOnlyList<CostedCluster> clusters, IReadOnlyList<RoutePlan> routes, IReadOnlyList<Evaluation> sites, ReliabilityModel? failures, Duration? horizon) =>
        CostModel.Of(clusters, routes, sites.Max(s => s.Accuracy?.Band ?? 0), horizon, failures);

    static MethodPlan? MethodOf(SitesPlan? plan) => plan?.FastestExact ?? plan?.Fastest;

    static double? TokensOf(MethodPlan? method, ReliabilityForecast? failures) => failures is null ? null : (method?.TokensPerSecond ?? 0) * failures.Effective;

    static List<Evaluation> Built(DesignDocument document, IReadOnlyList<TrainingSiteSection> sites, Evaluator evaluator)
    {
        var (design, alike) = (document.Design, new Dictionary<int, Evaluation>());
        var each = design.Accelerators.System.Accelerators.Value;
        var built = new List<Evaluation>();
        for (var i = 0; i < sites.Count; i++)
        {
            if (sites[i].Accelerators is { } own && own % each != 0)
                throw document.Wrong($"sites.{i}.accelerators", $"a site has whole systems of {each} accelerators; {SiteStudy.NearestMultiples(own, each)}");
            var systems = sites[i].Accelerators / each ?? design.Accelerators.Systems;
            if (!alike.TryGetValue(systems, out var site))
            {
                site = alike[systems] = evaluator.EvaluateBriefly(document.With(design with
                {
                    Accelerators = design.Accelerators with { Systems = systems },
                    Sites = null,
                    Routes = null,
                }));
            }
            built.Add(site);
        }
        return built;
    }

    static ReliabilityModel ReliabilityOf(SitesPlan plan) =>
        MethodOf(plan) is { } method ? ReliabilityOf(plan, FailuresOf(plan, method), method) : InsideOf(plan.Study.Sites);

    /// <summary>A plan's job under failures of everything: what is inside the sites, routes between them and whole sites.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="failures">Its routes and sites under failures.</param>
    /// <param name="method">How the sites share the job.</param>
    public static ReliabilityModel ReliabilityOf(SitesPlan plan, SiteFailures failures, MethodPlan method)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(failures);
        ArgumentNullException.ThrowIfNull(method);
        var inside = InsideOf(plan.Study.Sites);
        return (inside with { Processes = [.. inside.Processes, .. failures.Processes], Outages = failures.OutagesOf(method.Method.Name) }).Checked();
    }

    /// <summary>Tokens per second of a plan's job by a method, all failures counted.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="method">How the sites share the job.</param>
    public static double EffectiveTokensOf(SitesPlan plan, MethodPlan method)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(method);
        return method.TokensPerSecond * ReliabilityOf(plan, FailuresOf(plan, method), method).Forecast().Effective;
    }

    static SiteFailures FailuresOf(SitesPlan plan, MethodPlan method) => SiteFailures.Of(plan, plan.Study.Routes[0].Defaults, PolicyOf(plan), method);

    /// <summary>What the job does when a site is gone.</summary>
    public static LostSitePolicy PolicyOf(SitesPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Study.Sites[0].Operation!.Recovery.OnLostSite;
    }

    // A failure anywhere stops all.
    static ReliabilityModel InsideOf(IReadOnlyList<Evaluation> sites)
    {
        var all = sites.Sum(s => (double)s.Operation!.Job.Accelerators);
        var alike = sites.GroupBy(s => s, ReferenceEqualityComparer.Instance)
            .Select(g => (Site: g.First(), Count: g.Count(), Model: g.First().Operation!.ModelOf(g.First().Outcome!.Value.Step, new()))).ToList();
        var first = alike[0];
        return first.Model with
        {
            // Parts of sites that are alike are one process; of others the name says how large their site is.
            Processes =
            [
                .. alike.SelectMany(a => a.Model.Processes.Select(p => p with
                {
                    Count = p.Count * a.Count,
                    Name = alike.Count == 1 ? p.Name : $"{p.Name}, sites of {a.Site.Operation!.Job.Accelerators:N0}",
                })),
            ],
            CheckpointWrite = first.Model.CheckpointWrite * (first.Site.Operation!.Job.Accelerators / all),
            Replicas = alike.Sum(a => a.Count * a.Model.Replicas),
        };
    }
}
