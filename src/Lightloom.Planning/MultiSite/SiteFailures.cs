// What is left of a job when routes or whole sites are down.
//
//   states        all up; each route or site down alone; each two of them. Independent, each down for a share u of the time:
//                 p = Π u (down) · Π (1 - u) (up); what is not enumerated, three and more at once, counts as no progress
//   routes down   the job goes on over those that are left, of every pair the fastest or all of them, whatever serves the method
//   sites down    of the sites that are still joined those with most accelerators go on with their own part of the batch; one site alone takes
//                 its step; a pipeline through the sites stops, for a part of the model is gone
//   rate kept     Σ p · rate of the state / rate with all up
//
// Restarts are not counted: a route or site fails some times a year and recovery takes minutes, far below what the outage itself takes.
//
// Worked example, two sites and one route that is up 99.8 % of the time, sites that never fail, half of the accelerators each: data parallel keeps
// 0.998 + 0.002/2 · (rate of a site alone over half the rate of both).

using Lightloom.Catalog;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.MultiSite;

/// <summary>What a method makes of a state.</summary>
/// <param name="Method">The method.</param>
/// <param name="TokensPerSecond">Rate; 0 where the job stops.</param>
/// <param name="Kept">That over the rate with all up.</param>
public sealed record MethodLeft(ISiteMethod Method, double TokensPerSecond, double Kept);

/// <summary>Routes or sites that are down, and what is left.</summary>
/// <param name="Down">What is down; empty for nothing.</param>
/// <param name="Share">Share of the time.</param>
/// <param name="Going">Sites that go on.</param>
/// <param name="Left">The methods, in the plan's order, those that can't be applied left out.</param>
public sealed record FailedState(IReadOnlyList<string> Down, double Share, IReadOnlyList<string> Going, IReadOnlyList<MethodLeft> Left);

/// <summary>A job over sites of which routes and whole sites fail; see the head of this file.</summary>
public sealed record SiteFailures
{
    /// <summary>The states, all up first, then one thing down, then two.</summary>
    public required IReadOnlyList<FailedState> States { get; init; }

    /// <summary>Share of the time in which more is down than is enumerated.</summary>
    public double Beyond => Math.Max(0, 1 - States.Sum(s => s.Share));

    /// <summary>States with one thing down.</summary>
    public IEnumerable<FailedState> OneDown => States.Where(s => s.Down.Count == 1);

    /// <summary>Share of the rate that a method keeps in the long run.</summary>
    /// <param name="method">The method's name.</param>
    public double Kept(string method) => States.Sum(s => s.Share * (s.Left.FirstOrDefault(l => l.Method.Name == method)?.Kept ?? 0));

    /// <summary>Share of the time in which a method makes any progress at all.</summary>
    /// <param name="method">The method's name.</param>
    public double Progresses(string method) => States.Sum(s => s.Left.Any(l => l.Method.Name == method && l.TokensPerSecond > 0) ? s.Share : 0);

    /// <summary>Fails a plan's routes and sites.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="defaults">How often sites fail.</param>
    public static SiteFailures Of(SitesPlan plan, RouteDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(defaults);
        var study = plan.Study;
        var (routes, sites) = (study.Routes.Count, study.Network.Sites.Count);
        var site = 1 - (1 / (1 + (defaults.SiteFailures.Value * defaults.SiteRepair.Value)));
        double[] down = [.. study.Routes.Select(r => 1 - r.Availability), .. Enumerable.Repeat(site, sites)];
        var allUp = down.Aggregate(1.0, (p, u) => p * (1 - u));
        var methods = plan.Methods.Where(m => m.Forecast is not null).ToList();
        var states = new List<FailedState> { State([], allUp) };
        for (var i = 0; i < down.Length; i++) states.Add(State([i], allUp * down[i] / (1 - down[i])));
        for (var i = 0; i < down.Length; i++)
            for (var j = i + 1; j < down.Length; j++) states.Add(State([i, j], allUp * down[i] / (1 - down[i]) * down[j] / (1 - down[j])));
        return new() { States = states };

        FailedState State(int[] failed, double share)
        {
            var links = study.Network.Routes.Where((_, r) => !failed.Contains(r)).ToList();
            var going = Joined(study, links, [.. failed.Where(f => f >= routes).Select(f => f - routes)]);
            return new([.. failed.Select(f => f < routes ? study.Routes[f].Name : study.Network.Sites[f - routes])], share,
                [.. going.Select(s => study.Network.Sites[s])], [.. methods.Select(m => Left(study, m, links, going, failed.Length == 0))]);
        }
    }

    // Of the sites that are up and joined, those with most accelerators.
    static List<int> Joined(SiteStudy study, List<RouteBetweenSites> links, int[] gone)
    {
        var best = new List<int>();
        long most = 0;
        for (var start = 0; start < study.Network.Sites.Count; start++)
        {
            if (gone.Contains(start)) continue;
            var part = new List<int> { start };
            for (var i = 0; i < part.Count; i++)
            {
                foreach (var link in links)
                {
                    var to = link.From == part[i] ? link.To : link.To == part[i] ? link.From : -1;
                    if (to >= 0 && !gone.Contains(to) && !part.Contains(to)) part.Add(to);
                }
            }
            var accelerators = part.Sum(s => study.Accelerators[s]);
            if (accelerators > most) (best, most) = (part, accelerators);
        }
        best.Sort();
        return best;
    }

    static MethodLeft Left(SiteStudy study, MethodPlan method, List<RouteBetweenSites> links, List<int> going, bool whole)
    {
        if (whole) return new(method.Method, method.TokensPerSecond, 1);
        if (going.Count == 0) return new(method.Method, 0, 0);
        var missing = going.Count < study.Network.Sites.Count;
        if (missing && method.Method is PipelineAcrossSites) return new(method.Method, 0, 0);
        var tokens = study.TokensPerStep * going.Sum(s => study.Accelerators[s]) / study.Accelerators.Sum();
        var rate = going.Count == 1 ? tokens / study.Work.Step.Seconds
            : SitesPlan.Best(method.Method, study.Work, SitesPlan.NetworksOf([.. going.Select(s => study.Network.Sites[s])], Renumbered(links, going)), tokens).TokensPerSecond;
        return new(method.Method, rate, rate / method.TokensPerSecond);
    }

    static List<RouteBetweenSites> Renumbered(List<RouteBetweenSites> links, List<int> going) =>
        [.. links.Where(l => going.Contains(l.From) && going.Contains(l.To)).Select(l => l with { From = going.IndexOf(l.From), To = going.IndexOf(l.To) })];
}
