// Several sites: a wider line or another method.
//
//   base    the fastest method that sums exactly what one site would, over the routes as designed
//   light   the same method with routes ten times as wide
//   loom    the fastest local-step method over the routes as designed
//   both    named beside: what the two bring together

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>Line against method; see the head of this file.</summary>
static class SitesAdvice
{
    const double Wider = 10;

    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var before = context.Evaluate(document);
        var plan = before.Sites!;
        if (plan.FastestExact is not { } exact || plan.Methods.Where(m => m is { Forecast: not null, SameSums: false }).MaxBy(m => m.TokensPerSecond) is not { } local)
            throw document.Wrong("sites", "no method that trains over these sites can be compared");
        var after = context.Evaluator.EvaluateBriefly(document.With(document.Design with { Routes = [.. document.Design.Routes!.Select(Widen)] }));
        var wide = after.Sites!;
        var (now, locally) = (SitesTogether.EffectiveTokensOf(plan, exact), SitesTogether.EffectiveTokensOf(plan, local));
        var (line, both) = (SitesTogether.EffectiveTokensOf(wide, wide.FastestExact!), SitesTogether.EffectiveTokensOf(wide, wide.Methods.First(m => m.Method.Name == local.Method.Name)));
        var (wider, other) = ($"routes {Wider:0} times as wide", $"{local.Method.Name} in the place of {exact.Method.Name}");
        List<AdviceOption> options =
        [
            .. request.Weighs(Layer.Light) ? (AdviceOption[])[new AdviceOption(wider, Layer.Light, Tokens(line))
            {
                After = after,
                Watts = Growth.Meter(after) - Growth.Meter(before),
                Capital = CapitalChange.Of(before, after),
                Year = CostPremium.Difference(before.Economics.Model, after.Economics.Model, p => p.Yearly),
                Tokens = (line / now) - 1,
                Note = $"a year of the routes costs {Amounts.Millions(after.Economics.RoutesYearly)} instead of {Amounts.Millions(before.Economics.RoutesYearly)}, a million tokens {Dollars(after)} instead of {Dollars(before)}",
            }.On(new(before, after, ChangeDraws.ErrorOfStep(wider, before)), Drawn(wider, line, after))] : [],
            .. request.Weighs(Layer.Loom) ? (AdviceOption[])[new AdviceOption(other, Layer.Loom, Tokens(locally))
            {
                Capital = CapitalChange.None,
                Tokens = (locally / now) - 1,
                Note = $"with the wider routes as well {both:N0} tokens/s",
            }.On(new(before, before, ChangeDraws.ErrorOfStep(other, before)), Drawn(other, locally, before))] : [],
        ];
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [document.Design.Name], options, "tokens/s");
        var (work, network) = (plan.Study.Work, plan.Study.Network);
        double Share(MethodPlan method, double gigabits) => method.Method.Predict(work, network.With(Bandwidth.FromGigabitsPerSecond(gigabits))).Utilisation;
        var flip = Threshold.Of(1e-3, 1e5, g => Share(exact, Wider * g) >= Share(local, g), 1e-3);
        return answer with
        {
            Standing = AdviceStanding.Of(before, answer.Best?.After),
            Reason = $"{exact.Method.Name} trains {now:N0} tokens/s over these routes, failures counted. {answer.Reason} Both together make {both:N0}.",
            Flips = [.. answer.Flips, new("bandwidth between two sites", flip, "Gb/s", flip is null ? "between 1 Mb/s and 100 Tb/s the same one pays" : "from it on a line ten times as wide is worth at least the method")],
            Assumptions = ["what a local-step method costs in quality is its authors' word and not counted; ten times as wide: bandwidth, waves or fibre pairs of every route"],
            Weakest = Grade.Estimate,
        };

        // The model's error is on what a change brings.
        Func<AdviceInputs, OptionDraw> Drawn(string name, double then, Evaluation with)
        {
            var change = new ChangeDraws(before, with, ChangeDraws.ErrorOfStep(name, before));
            var more = Tokens(then).Value;
            return inputs => new(inputs[change.Error] * more / inputs.Of("step time", 1), change.Capital(inputs)) { Meter = change.Meter(inputs), Gain = inputs[change.Error] * more / now };
        }

        ClaimFigure Tokens(double then) => new("tokens/s", Math.Abs(then - now) < 1e-6 * then ? 0 : then - now, "tokens/s");
    }

    static string Dollars(Evaluation evaluation) => evaluation.MillionTokens is { } cost ? Amounts.Dollars(cost) : "nothing, for none are trained,";

    static SiteRouteSection Widen(SiteRouteSection route) => route with
    {
        Bandwidth = route.Bandwidth is { } bandwidth ? bandwidth * Wider : null,
        Waves = route.Waves is { } waves ? waves with { Count = (int)(waves.Count * Wider) } : null,
        Line = route.Line is { } line ? line with { Pairs = (int)((line.Pairs ?? 1) * Wider) } : null,
    };
}
