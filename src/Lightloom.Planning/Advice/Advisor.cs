using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>Answers which layer to spend on, from what changes of a design buy; no answer is known beforehand.</summary>
public static class Advisor
{
    /// <summary>Answers a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="document">Its design.</param>
    /// <param name="budget">Capital that may be added, in the place of the scenario's.</param>
    /// <param name="power">Power at the meter that may be added, in the place of the scenario's.</param>
    /// <exception cref="InputException">The design can't be built, or has nothing of what the question counts.</exception>
    public static AdviceAnswer Of(AdviceScenario scenario, DesignDocument document, Money? budget = null, Power? power = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var answer = Of(document, new()
        {
            Question = scenario.Question,
            Measure = scenario.Counts,
            Layers = scenario.Layers,
            Budget = budget ?? scenario.Budget,
            Power = power ?? scenario.Power,
        });
        return answer with { Scenario = scenario.Name, Claim = scenario.Claim is { } id ? Claim.Find(id) : null };
    }

    /// <summary>Answers a question about a design.</summary>
    /// <param name="document">The design.</param>
    /// <param name="request">What is asked.</param>
    /// <exception cref="InputException">The design can't be built, or has nothing of what the question counts.</exception>
    public static AdviceAnswer Of(DesignDocument document, AdviceRequest request)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(request);
        Check(document, request);
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            var context = new ClaimContext(document);
            return request.Measure switch
            {
                AdviceMeasure.Tokens or AdviceMeasure.Watts => SpendAdvice.Of(context, document, request),
                AdviceMeasure.LinksThatClose => MediaAdvice.Of(context, document, request),
                AdviceMeasure.AllReduce => SumAdvice.Of(context, document, request),
                AdviceMeasure.CarriedOver => LifeAdvice.Of(context, document, request),
                AdviceMeasure.SingleVendor => VendorAdvice.Of(context, document, request),
                AdviceMeasure.Sites => SitesAdvice.Of(context, document, request),
                _ => SmallNetworkAdvice.Of(context, document, request),
            };
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    static void Check(DesignDocument document, AdviceRequest request)
    {
        if (request.Measure is not (AdviceMeasure.LinksThatClose or AdviceMeasure.CarriedOver) && document.Design.Job is null)
            throw document.Wrong("job", $"'{document.Design.Name}' has no job, and the question counts what one gains; add a section 'job', or ask 'lightloom cost' what the cluster costs");
        if (request.Measure == AdviceMeasure.Sites && document.Design.Sites is not { Count: > 1 })
            throw document.Wrong("sites", $"'{document.Design.Name}' has one site, and the question is about several; add 'sites' and 'routes'");
        if (request.Measure is not (AdviceMeasure.Tokens or AdviceMeasure.Watts) && (request.Budget is not null || request.Power is not null))
            throw new InputException("this question counts something else than a budget or a power buys; leave --budget and --power out, or ask about the design itself");
    }
}
