using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Advice;

/// <summary>A figure of a design as it stands, and with the best change.</summary>
/// <param name="Now">As it stands, with its range.</param>
/// <param name="Then">With the best change; null where there is none.</param>
public sealed record AdviceStanding(ClaimFigure Now, ClaimFigure? Then)
{
    const double SecondsPerDay = 86400;

    /// <summary>What a decision rests on: rate, time of the training run, watts, and what tokens cost.</summary>
    /// <param name="before">The design.</param>
    /// <param name="after">With the best change; null where there is none.</param>
    public static IReadOnlyList<AdviceStanding> Of(Evaluation before, Evaluation? after)
    {
        ArgumentNullException.ThrowIfNull(before);
        var then = after is null ? [] : FiguresOf(after).ToDictionary(f => f.Name);
        return [.. FiguresOf(before).Select(f => new AdviceStanding(f, then.GetValueOrDefault(f.Name)))];
    }

    static IEnumerable<ClaimFigure> FiguresOf(Evaluation evaluation)
    {
        var cost = evaluation.Economics;
        if (evaluation.EffectiveTokensPerSecond is > 0 and var tokens)
        {
            // Pace is time over predicted: the slow end of the one is the low end of the other.
            var pace = cost.Pace;
            yield return new("tokens/s, failures counted", tokens / pace.Value, "") { Low = tokens / pace.High, High = tokens / pace.Low };
            if (cost.TrainingTokens is { } all)
            {
                var days = all / tokens / SecondsPerDay;
                yield return new("the training run", days * pace.Value, "d") { Low = days * pace.Low, High = days * pace.High };
            }
            if (evaluation.Together is null && evaluation.Outcome is { } outcome)
            {
                var band = Math.Min(0.95, evaluation.Accuracy?.Band ?? 0);
                yield return new("a step", outcome.Step.Time.Seconds, "s") { Low = outcome.Step.Time.Seconds * (1 - band), High = outcome.Step.Time.Seconds * (1 + band) };
            }
        }
        yield return Watts("IT power in use", cost.InUse);
        yield return Watts("IT power provisioned", cost.Provisioned);
        yield return Money("capital", cost.TotalCapital, 1e6, "MUSD");
        yield return Money("a year", cost.Yearly, 1e6, "MUSD");
        if (cost.PerMillionTokens is { } million) yield return Money("a million tokens", million, 1, "USD");
    }

    static ClaimFigure Watts(string name, PowerRange power) => new(name, power.Value.Kilowatts, "kW") { Low = power.Low.Kilowatts, High = power.High.Kilowatts };

    static ClaimFigure Money(string name, CostRange cost, double unit, string text) => new(name, cost.Value.Dollars / unit, text) { Low = cost.Low.Dollars / unit, High = cost.High.Dollars / unit };
}
