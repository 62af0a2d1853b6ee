// Time of one sum over all accelerators with each change of the light and the loom.
//
//   buys   milliseconds off an all-reduce of 1 GiB, the library's best algorithm on an idle fabric

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What shortens a sum; see the head of this file.</summary>
static class SumAdvice
{
    const double Perfect = 1e-9;

    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var size = DataSize.FromBytes(1 << 30);
        var before = context.Evaluate(document);
        var now = WholeSum.Time(before.Operation!, new(), size);
        var options = LayerChange.All.Where(c => request.Weighs(c.Layer)).Select(c => ChangeTrial.Of(context, document, c)).OfType<ChangeTrial>().Select(t => t is { After: { } after, Refused: "" }
            ? new AdviceOption(t.Name, t.Layer, new("time saved", Saved(after.Operation!), "ms"))
            {
                Capital = CapitalChange.Of(before, after),
                Tokens = (after.EffectiveTokensPerSecond!.Value / before.EffectiveTokensPerSecond!.Value) - 1,
            }
            : new AdviceOption(t.Name, t.Layer, new("time saved", 0, "ms")) { Refused = t.Refused }).ToList();
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [$"{document.Design.Name}: all accelerators in one sum"], options, "time");
        var perfect = (now - WholeSum.Time(before.Operation!, new() { LinkLatency = Perfect, BitErrors = 0 }, size)).Milliseconds;
        return answer with
        {
            Reason = $"An all-reduce of 1 GiB takes {now.Milliseconds:0.00} ms. {answer.Reason} Links without delay or errors would save {ClaimFigure.Number(perfect)} ms.",
            Assumptions = ["the library's best algorithm at sustained rates, an otherwise idle fabric"],
            Weakest = answer.Weakest > Grade.Estimate ? answer.Weakest : Grade.Estimate,
        };

        double Saved(ClusterOperation operation)
        {
            var saved = (now - WholeSum.Time(operation, new(), size)).Milliseconds;
            return Math.Abs(saved) < 1e-6 * now.Milliseconds ? 0 : saved;
        }
    }
}
