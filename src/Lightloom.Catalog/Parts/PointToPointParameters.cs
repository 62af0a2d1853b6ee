using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>
/// How a fabric carries messages between single ranks, beside what collectives sustain on it. Parts have the keys of
/// <see cref="CollectiveParameters"/>: "infiniband", "efa".
/// </summary>
[PartKind("point-to-point-parameters")]
public sealed record PointToPointParameters : Part
{
    /// <summary>Time that each message keeps a rank's cards busy beside its bytes.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<Duration> MessageOverhead { get; init; }

    /// <summary>
    /// Share that is left where ranks send to any card of another domain instead of the one on their own rail: senders meet at a
    /// receiver, and paths cross at the spine.
    /// </summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required Sourced<double> CrossRail { get; init; }
}
