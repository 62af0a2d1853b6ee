using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>What a job does about failures.</summary>
public sealed record RecoverySection
{
    /// <summary>Systems of the cluster that stand by for the job; always enough unless given.</summary>
    [Limits(Minimum = 0, Maximum = 1_000_000)]
    public int? Spares { get; init; }

    /// <summary>Time to bring a spare in and start again; as the site's restart unless given.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Duration? HotSwap { get; init; }

    /// <summary>What the job does when there are too few spares.</summary>
    public ShortagePolicy OnShortage { get; init; }

    /// <summary>What it does when a network card or its only link fails.</summary>
    public LostCardPolicy OnLostCard { get; init; }

    /// <summary>What a job of several sites does when a site is gone, or cut off, and its method sums over all of them.</summary>
    public LostSitePolicy OnLostSite { get; init; }
}
