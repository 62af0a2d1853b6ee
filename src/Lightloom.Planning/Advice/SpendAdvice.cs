// Where the next dollars or watts go: every change of a layer on the design, and more of the same systems, by what each buys.
//
//   tokens    Δ tokens/s, failures counted; ranges from what isn't known of prices, power, rates of failures and the step's model (AdviceCertainty.cs)
//   watts     Δ watts of IT in use, for changes that keep tokens/s to half a per cent
//   limits    a change that adds more capital or power at the meter than there is, is refused; less oversubscription is tried in quarters of the way,
//             the largest that fits; systems are as many as fit (Growth.cs)
//   more      without a budget or a power: a hundredth of the cluster's capital

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What a budget or a power buys in each layer; see the head of this file.</summary>
static class SpendAdvice
{
    const double Kept = -0.005; // tokens/s that a saving may cost
    const double Quarter = 0.25;

    /// <summary>Weighs everything that is tried.</summary>
    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var before = context.Evaluate(document);
        var tokens = before.EffectiveTokensPerSecond!.Value;
        var saving = request.Measure == AdviceMeasure.Watts;
        var budget = request.Budget?.Dollars ?? (request.Power is null && !saving ? before.Economics.TotalCapital.Value.Dollars / 100 : double.PositiveInfinity);
        var watts = request.Power?.Watts ?? double.PositiveInfinity;
        var trials = LayerChange.All.Concat(Tapers(document.Design)).Where(c => request.Weighs(c.Layer)).Select(c => ChangeTrial.Of(context, document, c)).OfType<ChangeTrial>().ToList();
        if (!saving && request.Weighs(Layer.Compute)) trials.Add(Growth.Of(context, document, budget, watts));
        var options = trials.ConvertAll(t => Worth(before, t, saving, tokens, budget, watts));
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [document.Design.Name], Largest(options), saving ? "watts" : "tokens/s");
        var unpriced = before.Unpriced;
        return answer with
        {
            Standing = AdviceStanding.Of(before, answer.Best?.After),
            Reason = answer.Reason + Paid(answer),
            Flips = [.. answer.Flips, .. More(answer)],
            Weakest = (Grade)Math.Max((int)answer.Weakest, (int)before.Economics.TotalCapital.Weakest),
            Assumptions =
            [
                double.IsFinite(budget) ? $"up to {ClaimFigure.Number(budget / 1e6)} MUSD of capital{(request.Budget is null ? ", a hundredth of the cluster's" : "")}" : "whatever it costs",
                .. double.IsFinite(watts) ? (string[])[$"up to {ClaimFigure.Number(watts / 1e3)} kW more at the meter"] : [],
                "each change by itself on the whole cluster, at catalogue prices; no labour and no time without the cluster counted",
                .. saving ? (string[])["IT power in use; a saving may cost half a per cent of tokens/s"] : ["tokens/s with failures counted; more systems take a larger batch, each replica's share as before", .. Band(before)],
                .. unpriced.Count > 0 ? (string[])[$"without a price, counted as nothing: {string.Join(", ", unpriced)}"] : [],
            ],
        };
    }

    static IEnumerable<string> Band(Evaluation before) => before.Accuracy is { } accuracy ? [$"on what a change brings to tokens/s the step's model is off by as much as on published steps, of which nine in ten stay within {100 * accuracy.Band:0.0} %, on each change by itself"] : [];

    static AdviceOption Worth(Evaluation before, ChangeTrial trial, bool saving, double tokens, double budget, double watts)
    {
        var unit = saving ? "kW" : "tokens/s";
        if (trial.After is not { } after || trial.Refused.Length > 0) return new(trial.Name, trial.Layer, new(saving ? "watts saved" : "tokens/s", 0, unit)) { Refused = trial.Refused };
        var change = new ChangeDraws(before, after, ChangeDraws.ErrorOfStep(trial.Name, before));
        var more = after.EffectiveTokensPerSecond!.Value - tokens;
        if (Math.Abs(more) < 1e-6 * tokens) more = 0;
        var capital = CapitalChange.Of(before, after);
        var meter = Growth.Meter(after) - Growth.Meter(before);
        var saved = (before.AllPower.InUse - after.AllPower.InUse).Kilowatts;
        // Of what can be had in parts as many are had as there is money and power for.
        var parts = trial.Layer == Layer.Compute || trial.Name.StartsWith(Partial, StringComparison.Ordinal);
        return new AdviceOption(trial.Name, trial.Layer, saving ? new("watts saved", saved, unit) : new("tokens/s", more, unit))
        {
            After = after,
            Capital = capital,
            Year = CostPremium.Difference(change.Old, change.New, p => p.Yearly),
            Watts = meter,
            Tokens = more / tokens,
            Refused = capital.Dollars > budget * (1 + 1e-9) ? $"costs {capital.Text}, {ClaimFigure.Number((capital.Dollars - budget) / 1e6)} more than there is"
                : meter > watts * (1 + 1e-9) ? $"takes {ClaimFigure.Number(meter / 1e3)} kW, {ClaimFigure.Number((meter - watts) / 1e3)} more than there is"
                : saving && saved > 0 && more / tokens < Kept ? $"saves {ClaimFigure.Number(saved)} kW and loses {-100 * more / tokens:0.00} % of tokens/s"
                : "",
        }.On(change, inputs =>
        {
            var (dear, drawn, gain) = (change.Capital(inputs), change.Meter(inputs), change.Gain(inputs));
            var over = Math.Max(dear / budget, drawn / watts);
            var part = parts && over > 1 ? 1 / over : 1;
            return new((saving ? change.Saved(inputs) : change.Tokens(inputs)) * part, dear * part, (parts || over <= 1 + 1e-9) && (!saving || gain >= Kept)) { Meter = drawn * part, Gain = gain * part };
        });
    }

    // Of the same path to less oversubscription, only the largest part that can be had.
    static List<AdviceOption> Largest(List<AdviceOption> options)
    {
        var part = options.Where(o => o.Name.StartsWith(Partial, StringComparison.Ordinal)).OrderByDescending(o => o.Refused.Length == 0 ? o.Buys.Value : double.NegativeInfinity).Skip(1).ToHashSet();
        return [.. options.Where(o => !part.Contains(o))];
    }

    const string Partial = "oversubscription ";

    static IEnumerable<LayerChange> Tapers(Design design)
    {
        var (leaf, spine) = (design.Fabric.Oversubscription.Leaf, design.Fabric.Oversubscription.Spine);
        if (leaf <= 1 && spine <= 1) yield break;
        for (var rest = 1 - Quarter; rest > 0; rest -= Quarter)
        {
            double Less(double taper) => taper <= 1 ? taper : Math.Round(Math.Pow(taper, rest), 2);
            var (l, s) = (Less(leaf), Less(spine));
            var name = string.Join(" and ", new[] { leaf > 1 ? $"{l:0.##}:1 at the leaves" : "", spine > 1 ? $"{s:0.##}:1 at the spines" : "" }.Where(t => t.Length > 0));
            yield return new(Partial + name, Layer.Loom, (d, _) => d with { Fabric = d.Fabric with { Oversubscription = new() { Leaf = l, Spine = s } } });
        }
    }

    // What costs nothing leaves the budget whole, and the question where it goes open.
    static string Paid(AdviceAnswer answer) =>
        answer.Best is { IsFree: true } && answer.Options.FirstOrDefault(o => o.PerMillion is not null) is { PerMillion: { } each } paid
            ? $" It leaves the money for something else: of what costs any, {paid.Name} ({LayerNames.Of(paid.Layer)}) buys most, {AdviceAnswer.Each(each)} {each.Unit} for a million USD." : "";

    // What is refused for its price alone would enter from that budget on.
    static IEnumerable<ClaimFlip> More(AdviceAnswer answer)
    {
        var best = answer.Best?.Buys.Value ?? 0;
        if (answer.Refused.Where(o => o.Capital is not null && o.Refused.StartsWith("costs", StringComparison.Ordinal) && o.Buys.Value > best).MinBy(o => o.Capital!.Dollars) is { } dear)
            yield return new("budget", dear.Capital!.Dollars / 1e6, "MUSD", $"from it on {dear.Name} can be had, which costs {dear.Capital.Text} and buys {dear.Buys.Text}");
    }
}
