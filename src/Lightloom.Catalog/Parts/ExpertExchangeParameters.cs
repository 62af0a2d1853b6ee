using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>
/// How kernels that carry tokens to their experts and back use a network, in one mode. Shares are of what collectives sustain on the
/// same level (<see cref="CollectiveParameters.Sustained"/>), so that a fabric's own figures stay in one place.
/// </summary>
[PartKind("expert-exchange-parameters")]
public sealed record ExpertExchangeParameters : Part
{
    /// <summary>Share of a scale-up level's sustained bandwidth that the kernels reach.</summary>
    [Limits(Minimum = 0.05, Maximum = 1.25)]
    public required Sourced<double> ScaleUpShare { get; init; }

    /// <summary>Share of a fabric level's sustained bandwidth that the kernels reach.</summary>
    [Limits(Minimum = 0.05, Maximum = 1.25)]
    public required Sourced<double> ScaleOutShare { get; init; }

    /// <summary>Time that a dispatch or a combine takes before and after its bytes: kernel, counts, flags.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> Launch { get; init; }

    /// <summary>What travels with each dispatched token beside its values and scales.</summary>
    [Limits(Minimum = 0, Maximum = 4096)]
    public required Sourced<DataSize> Header { get; init; }
}
