// Time of one sum over all accelerators with each change of the light and the loom.
//
//   buys   milliseconds off an all-reduce of 1 GiB, the library's best algorithm on an idle fabric; a range from the band that published collectives of its
//          size stay within, on each change by itself

using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What shortens a sum; see the head of this file.</summary>
static class SumAdvice
{
    // Measured over predicted times of collectives of 1 GiB, as 'collective predict' gives them for this network.
    static (double Low, double High) Band(Evaluation evaluation)
    {
        var point = CollectiveForecast.Of(CollectiveNetwork.Of(evaluation.Build), CollectiveKind.AllReduce, [1 << 30]).Points[0];
        return (point.Low / point.Time.Total, point.High / point.Time.Total);
    }

    const double Perfect = 1e-9;

    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var size = DataSize.FromBytes(1 << 30);
        var before = context.Evaluate(document);
        var now = WholeSum.Time(before.Operation!, new(), size);
        var band = Band(before);
        var options = LayerChange.All.Where(c => request.Weighs(c.Layer)).Select(c => ChangeTrial.Of(context, document, c)).OfType<ChangeTrial>().Select(t => t is { After: { } after, Refused: "" }
            ? Worth(t, after)
            : new AdviceOption(t.Name, t.Layer, new("time saved", 0, "ms")) { Refused = t.Refused }).ToList();
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [$"{document.Design.Name}: all accelerators in one sum"], options, "time");
        var perfect = (now - WholeSum.Time(before.Operation!, new() { LinkLatency = Perfect, BitErrors = 0 }, size)).Milliseconds;
        return answer with
        {
            Standing = AdviceStanding.Of(before, answer.Best?.After),
            Reason = $"An all-reduce of 1 GiB takes {now.Milliseconds:0.00} ms. {answer.Reason} Links without delay or errors would save {ClaimFigure.Number(perfect)} ms.",
            Assumptions = ["the library's best algorithm at sustained rates, an otherwise idle fabric"],
            Weakest = answer.Weakest > Grade.Estimate ? answer.Weakest : Grade.Estimate,
        };

        AdviceOption Worth(ChangeTrial trial, Evaluation after)
        {
            var saved = Saved(after.Operation!);
            var change = new ChangeDraws(before, after, ChangeDraws.ErrorOf(trial.Name, band.Low, band.High, "accuracy of collectives"));
            return new AdviceOption(trial.Name, trial.Layer, new("time saved", saved, "ms"))
            {
                After = after,
                Capital = CapitalChange.Of(before, after),
                Watts = Growth.Meter(after) - Growth.Meter(before),
                Tokens = (after.EffectiveTokensPerSecond!.Value / before.EffectiveTokensPerSecond!.Value) - 1,
            }.On(change, inputs => new(inputs[change.Error] * saved, change.Capital(inputs)) { Meter = change.Meter(inputs), Gain = change.Gain(inputs) });
        }

        double Saved(ClusterOperation operation)
        {
            var saved = (now - WholeSum.Time(operation, new(), size)).Milliseconds;
            return Math.Abs(saved) < 1e-6 * now.Milliseconds ? 0 : saved;
        }
    }
}
