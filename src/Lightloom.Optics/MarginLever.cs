// What a change of one term of the waterfall is worth: the link is engineered again with the change made and the difference taken, so
// that a lever can't promise what the model doesn't give.
//
// Example: 400GBASE-DR4 over 300 m, four MPO and an optical circuit switch at −0.02 dB: one connector fewer +0.35 dB, −50 USD, closes;
// without the switch +1.50 dB; 800g-2xfr4 instead +1.00 dB.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A change of a link and what it is worth.</summary>
/// <param name="Term">The term of the waterfall that it attacks.</param>
/// <param name="Change">The change, in words.</param>
/// <param name="Gain">What it adds to the margin.</param>
/// <param name="Margin">The margin after it.</param>
/// <param name="ExtraPower">What it adds to the power of both ends; negative where it saves.</param>
/// <param name="ExtraPrice">What it adds to the price of the link; negative where it saves.</param>
/// <param name="Closes">Whether the link closes after it.</param>
public sealed record MarginLever(
    string Term, string Change, Decibels Gain, Decibels Margin, Power ExtraPower, Money ExtraPrice, bool Closes);

/// <summary>Finds what changes of a link's terms are worth.</summary>
public static class MarginLevers
{
    const int Modules = 4;
    const string Run = "length";

    /// <summary>
    /// Changes of a link: those that close first, of them the cheapest, a shorter run last, for it moves equipment; then by what they gain. Nothing for a link of no medium.
    /// </summary>
    /// <param name="engineer">Who engineered it.</param>
    /// <param name="request">What it was engineered for.</param>
    /// <param name="link">The link.</param>
    public static IReadOnlyList<MarginLever> Of(LinkEngineer engineer, LinkRequest request, EngineeredLink link)
    {
        ArgumentNullException.ThrowIfNull(engineer);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(link);
        if (link.Class == MediaClasses.None) return [];
        var levers = new List<MarginLever>();
        var free = request with { Policy = new() };
        if (link.HasBudget && !link.IsDirect)
        {
            if (request.Connectors > 0) Try("connectors", "one connector fewer", free with { Connectors = request.Connectors - 1 });
            if (request.Splices > 0) Try("splices", "one splice fewer", free with { Splices = request.Splices - 1 });
            for (var i = 0; i < request.Elements.Count; i++)
            {
                var element = request.Elements[i];
                Try(element.Name, $"without {element.Name}", free with { Elements = [.. request.Elements.Where(e => !ReferenceEquals(e, element))] });
            }
        }
        if (request.Run.Meters >= 1) Try(Run, "half the length", free with { Run = Length.FromMeters(request.Run.Meters / 2) });
        var others = engineer.Candidates(free).Where(c => c.Name != link.Name && c.Closes && c.HasBudget)
            .Where(c => c.Margin.Si > link.Margin.Si || !link.Closes).Take(Modules);
        foreach (var other in others) Add("ends", $"{other.Name} instead", other);
        return
        [
            .. levers.OrderBy(l => l.Closes ? 0 : 1).ThenBy(l => l.Term == Run ? 1 : 0).ThenBy(l => l.Closes ? l.ExtraPrice.Si : 0).ThenByDescending(l => l.Gain.Si)
                .ThenBy(l => l.Change, StringComparer.Ordinal),
        ];

        void Try(string term, string change, LinkRequest changed)
        {
            foreach (var after in engineer.Candidates(changed))
            {
                if (after.Name != link.Name) continue;
                Add(term, change, after);
                return;
            }
        }

        void Add(string term, string change, EngineeredLink after) => levers.Add(new(
            term, change, after.Margin - link.Margin, after.Margin, after.Power - link.Power, after.Price.Value - link.Price.Value, after.Closes));
    }
}
