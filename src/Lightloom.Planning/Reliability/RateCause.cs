using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>The figure that a rate of failures rests on; rates with one cause are wrong together.</summary>
/// <param name="Key">The figure of the site, or the part.</param>
/// <param name="Name">What fails.</param>
/// <param name="Rate">How often one does.</param>
public sealed record RateCause(string Key, string Name, Sourced<FailureRate> Rate)
{
    // Observations that count events for an assumption of the site, by its name.
    static readonly Lazy<IReadOnlyDictionary<string, FailureObservation>> Counted = new(() => PartCatalog.Default.All<FailureObservation>()
        .Where(o => o is { Assumption: not null, Events: not null, Rate: not null }).ToDictionary(o => o.Assumption!, StringComparer.Ordinal));

    /// <summary>Events that were counted for it; null where it was not counted, or the design says another rate.</summary>
    public double? Events { get; init; }

    /// <summary>The figure as costs draw it: its range in the catalogue, or what its count leaves open where that is wider.</summary>
    public CostFigure Figure => CostFigure.Of(Key, Name, "/yr", Rate, r => r.PerYear) with { Counted = Events is { } n ? CountedRate.Of(n) : null };

    /// <summary>A rate that is assumed of a site, with the count behind it where one is published.</summary>
    /// <param name="key">Its name among the site's assumptions.</param>
    /// <param name="name">What fails.</param>
    /// <param name="rate">The rate as the design has it.</param>
    public static RateCause OfSite(string key, string name, Sourced<FailureRate> rate) => new(key, name, rate)
    {
        // A design that says another rate has not counted it.
        Events = Counted.Value.TryGetValue(key, out var observed) && observed.Rate is { } own && own.Source == rate.Source && own.Value == rate.Value ? observed.Events!.Value.Value : null,
    };

    /// <summary>What a class of links is as uncertain as: the part that brings most of its failures.</summary>
    /// <param name="groups">The links.</param>
    internal static RateCause? OfLinks(IEnumerable<LinkGroup> groups) => groups
        .SelectMany(g => g.Link.Parts.Select(p => (p.Part, Weight: g.Count * p.Count)))
        .Select(p => (Cause: OfPart(p.Part, p.Part switch { Transceiver t => t.FailureRate, CopperCable c => c.FailureRate, _ => null }), p.Weight))
        .Where(p => p.Cause is not null).GroupBy(p => p.Cause!.Key).OrderByDescending(g => g.Sum(p => p.Weight * p.Cause!.Rate.Value.PerSecond)).ThenBy(g => g.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.First().Cause;

    /// <summary>The rate of a part; null where the catalogue has none.</summary>
    /// <param name="part">The part.</param>
    /// <param name="rate">Its rate.</param>
    public static RateCause? OfPart(Part part, Sourced<FailureRate>? rate)
    {
        ArgumentNullException.ThrowIfNull(part);
        return rate is { } known && known.Value.PerSecond > 0 ? new($"{part.Key}.failures", $"failures of {part.Name}", known) : null;
    }
}
