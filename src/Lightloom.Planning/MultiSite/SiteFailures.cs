// What is left of a job when routes or whole sites are down.
//
//   parts         routes, and sites, independent, each down for a share u of the time; of none, one and two at once every state is looked at, three and more
//                 count as no progress
//   routes down   the job goes on over those that are left, of every pair the fastest or all of them, whatever serves the method
//   sites down    of the sites that are still joined those with most accelerators go on with their own part of the batch; one site alone takes
//   or cut off    its step. A method that sums every step stops for that, and again when all are back, or waits (recovery.onLostSite); a pipeline through the
//                 sites waits, for a part of the model is gone. Methods of local steps don't stop: sites that are cut off train on alone, and what they
//                 do counts for as many steps as were published without an exchange
//   rate kept     in the long run, restarts left out                    Reliability/OutageStates.cs
//   with all      what fails inside sites, and restarts: processes and states are those of the job under failures (Reliability/ReliabilityModel.cs)
//
// Worked example, two sites and one route that is up 99.8 % of the time, sites that never fail, half of the accelerators each: data parallel keeps
// 0.998 + 0.002/2 · (rate of a site alone over half the rate of both).

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.MultiSite;

/// <summary>What a method makes of a state.</summary>
/// <param name="Method">The method.</param>
/// <param name="TokensPerSecond">Rate; 0 where the job stops.</param>
/// <param name="Kept">That over the rate with all up.</param>
/// <param name="Alone">The rate over that with all up while sites that are cut off train on alone; as <paramref name="Kept"/> where they don't.</param>
/// <param name="Team">The sites that sum, bit by bit; 0 where the job waits.</param>
public sealed record MethodLeft(ISiteMethod Method, double TokensPerSecond, double Kept, double Alone, ulong Team);

/// <summary>Routes or sites that are down, and what is left.</summary>
/// <param name="Down">What is down; empty for nothing.</param>
/// <param name="Share">Share of the time.</param>
/// <param name="Going">Sites that go on.</param>
/// <param name="Left">The methods, in the plan's order, those that can't be applied left out.</param>
public sealed record FailedState(IReadOnlyList<string> Down, double Share, IReadOnlyList<string> Going, IReadOnlyList<MethodLeft> Left)
{
    /// <summary>What is down, bit by bit of all routes and sites.</summary>
    internal ulong Bits { get; init; }
}

/// <summary>A job over sites of which routes and whole sites fail; see the head of this file.</summary>
public sealed record SiteFailures
{
    /// <summary>The most steps between two exchanges whose loss was published as mildly worse: 2.9 % more perplexity than with 50 (arXiv:2311.08105).</summary>
    public const int StepsAlone = 1000;

    /// <summary>How often each route and site fails, with its place among the parts: routes first.</summary>
    public required IReadOnlyList<FailureProcess> Processes { get; init; }

    /// <summary>How long sites that are cut off count while they train on alone.</summary>
    public required Duration Alone { get; init; }

    /// <summary>Names of routes and sites.</summary>
    public required IReadOnlyList<string> Parts { get; init; }

    /// <summary>The states, all up first, then one thing down, then two.</summary>
    public required IReadOnlyList<FailedState> States { get; init; }

    /// <summary>Share of the time in which more is down than is enumerated.</summary>
    public double Beyond => Math.Max(0, 1 - States.Sum(s => s.Share));

    /// <summary>States with one thing down.</summary>
    public IEnumerable<FailedState> OneDown => States.Where(s => s.Down.Count == 1);

    /// <summary>What is left of a method in every state.</summary>
    /// <param name="method">The method's name.</param>
    public OutageStates OutagesOf(string method) => new(Parts, [.. States.Select(s => (s, l: s.Left.First(l => l.Method.Name == method))).Select(p => new OutageState(p.s.Bits, p.l.Kept, p.l.Alone, p.l.Team))], Alone);

    /// <summary>Share of the rate that a method keeps in the long run, restarts left out.</summary>
    /// <param name="method">The method's name.</param>
    public double Kept(string method) => OutagesOf(method).LongRun(Processes).Pace;

    /// <summary>Share of the time in which a method makes any progress at all.</summary>
    /// <param name="method">The method's name.</param>
    public double Progresses(string method) => States.Sum(s => s.Left.Any(l => l.Method.Name == method && l.TokensPerSecond > 0) ? s.Share : 0);

    /// <summary>Fails a plan's routes and sites.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="defaults">How often sites fail.</param>
    /// <param name="policy">What a method that sums every step does when a site is gone.</param>
    /// <param name="only">The one method to look at; all that can be applied where null.</param>
    /// <exception cref="InputException">There are more routes and sites than can be told apart.</exception>
    public static SiteFailures Of(SitesPlan plan, RouteDefaults defaults, LostSitePolicy policy = LostSitePolicy.Continue, MethodPlan? only = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(defaults);
        var study = plan.Study;
        var (routes, sites) = (study.Routes.Count, study.Network.Sites.Count);
        if (routes + sites > OutageStates.MostParts)
            throw new InputException($"{routes} routes and {sites} sites that fail one by one; expected at most {OutageStates.MostParts} together: routes that fail together can be one of their bandwidths' sum");
        var site = 1 - (1 / (1 + (defaults.SiteFailures.Value * defaults.SiteRepair.Value)));
        double[] down = [.. study.Routes.Select(r => 1 - r.Availability), .. Enumerable.Repeat(site, sites)];
        var allUp = down.Aggregate(1.0, (p, u) => p * (1 - u));
        var methods = only is null ? plan.Methods.Where(m => m.Forecast is not null).ToList() : [only];
        var states = new List<FailedState> { State([], allUp) };
        for (var i = 0; i < down.Length; i++) states.Add(State([i], allUp * down[i] / (1 - down[i])));
        for (var i = 0; i < down.Length; i++)
            for (var j = i + 1; j < down.Length; j++) states.Add(State([i, j], allUp * down[i] / (1 - down[i]) * down[j] / (1 - down[j])));
        return new()
        {
            States = states,
            Parts = [.. study.Routes.Select(r => r.Name), .. study.Network.Sites],
            Processes = [.. ProcessesOf(study, defaults, states)],
            Alone = StepsAlone * study.Work.Step,
        };

        FailedState State(int[] failed, double share)
        {
            var links = study.Network.Routes.Where((_, r) => !failed.Contains(r)).ToList();
            var joined = Joined(study, links, [.. failed.Where(f => f >= routes).Select(f => f - routes)]);
            return new([.. failed.Select(f => f < routes ? study.Routes[f].Name : study.Network.Sites[f - routes])], share,
                [.. (joined is [var going, ..] ? going : []).Select(s => study.Network.Sites[s])], [.. methods.Select(m => Left(study, m, links, joined, policy, failed.Length == 0))])
            {
                Bits = failed.Aggregate(0ul, (bits, f) => bits | (1ul << f)),
            };
        }
    }

    static IEnumerable<FailureProcess> ProcessesOf(SiteStudy study, RouteDefaults defaults, List<FailedState> states)
    {
        var (routes, all) = (study.Routes.Count, study.Accelerators.Sum());
        var site = study.Sites[0].Build.Site;
        for (var r = 0; r < routes; r++)
        {
            var route = study.Routes[r];
            foreach (var outage in route.Outages)
                yield return Process($"{outage.Name}, {route.Name}", r, outage.Rate, outage.Cause, outage.Repair, outage.RepairFigure, study.Accelerators[route.From] + study.Accelerators[route.To]);
        }
        var cause = new RateCause("siteFailures", "outages of a site", defaults.SiteFailures);
        for (var s = 0; s < study.Network.Sites.Count; s++)
        {
            yield return Process($"outage of {study.Network.Sites[s]}", routes + s, defaults.SiteFailures.Value, cause, defaults.SiteRepair.Value,
                CostFigure.OfTime("siteRepair", "outage of a site", defaults.SiteRepair), study.Accelerators[s]);
        }

        FailureProcess Process(string name, int part, FailureRate rate, RateCause cause, Duration repair, CostFigure figure, long paths) =>
            new(name, FailureKind.HardFailure, FailureConsequence.Separates, 1, rate, cause.Rate.Source, cause.Rate.Grade)
            {
                Cause = cause,
                Detection = site.Detection.Value,
                DetectionFigure = ClusterProcesses.DetectionOf(site),
                Repair = repair,
                RepairFigure = figure,
                Part = part,
                LosePaths = paths,
                CutOff = all - states[part + 1].Going.Sum(g => study.Accelerators[study.Network.Sites.ToList().IndexOf(g)]),
            };
    }

    // Sites that are up, those that are joined together; the ones with most accelerators first.
    static List<List<int>> Joined(SiteStudy study, List<RouteBetweenSites> links, int[] gone)
    {
        var parts = new List<List<int>>();
        for (var start = 0; start < study.Network.Sites.Count; start++)
        {
            if (gone.Contains(start) || parts.Exists(p => p.Contains(start))) continue;
            var part = new List<int> { start };
            for (var i = 0; i < part.Count; i++)
            {
                foreach (var link in links)
                {
                    var to = link.From == part[i] ? link.To : link.To == part[i] ? link.From : -1;
                    if (to >= 0 && !gone.Contains(to) && !part.Contains(to)) part.Add(to);
                }
            }
            part.Sort();
            parts.Add(part);
        }
        return [.. parts.OrderByDescending(p => p.Sum(s => study.Accelerators[s]))];
    }

    static MethodLeft Left(SiteStudy study, MethodPlan method, List<RouteBetweenSites> links, List<List<int>> joined, LostSitePolicy policy, bool whole)
    {
        if (whole) return new(method.Method, method.TokensPerSecond, 1, 1, method.SameSums ? Team(joined[0]) : 1);
        var missing = joined.Count != 1 || joined[0].Count < study.Network.Sites.Count;
        if (joined.Count == 0 || (missing && method.SameSums && (policy == LostSitePolicy.Wait || method.Method is PipelineAcrossSites))) return new(method.Method, 0, 0, 0, 0);
        var rate = Rate(joined[0]);
        var alone = method.SameSums ? rate : Math.Min(method.TokensPerSecond, joined.Sum(Rate));
        return new(method.Method, rate, rate / method.TokensPerSecond, Math.Max(rate, alone) / method.TokensPerSecond, method.SameSums ? Team(joined[0]) : 1);

        double Rate(List<int> going)
        {
            var tokens = study.TokensPerStep * going.Sum(s => study.Accelerators[s]) / study.Accelerators.Sum();
            return going.Count == 1 ? tokens / study.Work.Step.Seconds
                : SitesPlan.Best(method.Method, study.Work, SitesPlan.NetworksOf([.. going.Select(s => study.Network.Sites[s])], Renumbered(links, going)), tokens).TokensPerSecond;
        }

        static ulong Team(List<int> going) => going.Aggregate(0ul, (bits, s) => bits | (1ul << s));
    }

    static List<RouteBetweenSites> Renumbered(List<RouteBetweenSites> links, List<int> going) =>
        [.. links.Where(l => going.Contains(l.From) && going.Contains(l.To)).Select(l => l with { From = going.IndexOf(l.From), To = going.IndexOf(l.To) })];
}
