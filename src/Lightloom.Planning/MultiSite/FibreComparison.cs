// What another fibre on every route would buy: delay, fewer huts, reach, and what the job makes of it.
//
//   delay        length x delay per length of each fibre, modules alike
//   huts         fewest spans on which a module of the line still closes over the whole route
//   reach        of the module that lights the line, at the line's own spans
//   job          each method's utilisation with the routes on that fibre, lines designed anew

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;

namespace Lightloom.Planning.MultiSite;

/// <summary>A route on a fibre.</summary>
/// <param name="Plan">The route as it would be.</param>
/// <param name="FewestSpans">Fewest spans that close; null where it has no line, or none up to twice its own do.</param>
/// <param name="Reach">Reach of its module at its own spans; null where it has no line.</param>
public sealed record RouteOnFibre(RoutePlan Plan, int? FewestSpans, ModeReach? Reach)
{
    /// <summary>Measures a route.</summary>
    public static RouteOnFibre Of(RoutePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Line is not { } line) return new(plan, null, null);
        var alone = line.Request with { Modes = [line.Mode] };
        return new(plan, LineDesign.FewestSpans(alone, 2 * line.Spans), LineDesign.Reaches(alone, line.SpanLength) is [var reach, ..] ? reach : null);
    }
}

/// <summary>A job's routes on their own fibre and on another; see the head of this file.</summary>
/// <param name="Fibre">The other fibre.</param>
/// <param name="Own">The routes as they are.</param>
/// <param name="Other">The routes on the other fibre; empty where a line on it doesn't reach.</param>
/// <param name="Plan">The job over those; null likewise.</param>
/// <param name="Reason">Why it can't be; null where it can.</param>
public sealed record FibreComparison(Fibre Fibre, IReadOnlyList<RouteOnFibre> Own, IReadOnlyList<RouteOnFibre> Other, SitesPlan? Plan, string? Reason)
{
    /// <summary>The fibre that is compared with unless another is named.</summary>
    public const string HollowCore = "hollow-core-1550";

    /// <summary>Compares.</summary>
    /// <param name="document">The design.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="fibre">The other fibre.</param>
    public static FibreComparison Of(DesignDocument document, SitesPlan plan, Fibre fibre)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(fibre);
        List<RouteOnFibre> own = [.. plan.Study.Routes.Select(RouteOnFibre.Of)];
        try
        {
            var other = SitesPlan.Of(plan.Study.On(document, fibre));
            return new(fibre, own, [.. other.Study.Routes.Select(RouteOnFibre.Of)], other, null);
        }
        catch (InputException e)
        {
            return new(fibre, own, [], null, e.Problem);
        }
    }
}
