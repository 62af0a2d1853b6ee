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
        Events = PartCatalog.Default.All<FailureObservation>().FirstOrDefault(o => o.Assumption == key && o.Events is not null && o.Rate is { } r && r.Source == rate.Source && r.Value == rate.Value)?.Events?.Value,
    };

    /// <summary>The rate of a part; null where the catalogue has none.</summary>
    /// <param name="part">The part.</param>
    /// <param name="rate">Its rate.</param>
    public static RateCause? OfPart(Part part, Sourced<FailureRate>? rate)
    {
        ArgumentNullException.ThrowIfNull(part);
        return rate is { } known && known.Value.PerSecond > 0 ? new($"{part.Key}.failures", $"failures of {part.Name}", known) : null;
    }
}
