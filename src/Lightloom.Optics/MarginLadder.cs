// The margins of a link that are worth looking at: its own by typical losses, that by the largest, and none.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>One margin of a link and what it means.</summary>
/// <param name="Name">Which margin it is.</param>
/// <param name="Outcome">Errors and flaps at it.</param>
public sealed record MarginRung(string Name, MarginOutcome Outcome);

/// <summary>What a link's margins mean, from the largest to the smallest.</summary>
public static class MarginLadder
{
    /// <summary>The margins of a link; none for a link of no medium or budget.</summary>
    /// <param name="link">The link.</param>
    /// <param name="population">The distribution of such links' margins, whose hundredth from below is looked at too; null for none.</param>
    /// <param name="wander">How margins wander; the default assumption if null.</param>
    public static IReadOnlyList<MarginRung> Of(EngineeredLink link, StatisticalBudget? population = null, MarginWander? wander = null)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (link.ErrorModel is not { } model || !link.HasBudget) return [];
        var margins = new List<(string Name, Decibels Margin)>
        {
            ("typical losses", Held(link.TypicalMargin)),
            ("largest losses", Held(link.WorstMargin)),
            ("no margin", Decibels.Zero),
        };
        if (population is not null && !link.IsBeyondReach) margins.Add(("1 % of links", population.Quantile(0.01)));
        return [.. margins.DistinctBy(m => Math.Round(m.Margin.Si, 6)).OrderByDescending(m => m.Margin.Si).Select(m => new MarginRung(m.Name, model.At(m.Margin, wander)))];

        Decibels Held(Decibels margin) => link.IsBeyondReach ? Decibels.FromSi(Math.Min(0, margin.Si)) : margin;
    }
}
