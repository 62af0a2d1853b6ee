using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>
/// What is bought and racked as one: a server of 8 GPUs, or a whole rack with one scale-up domain. Accelerators of one system
/// are one scale-up domain.
/// </summary>
[PartKind("system")]
public sealed record AcceleratorSystem : Part
{
    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>The accelerator that it carries.</summary>
    public required Accelerator Accelerator { get; init; }

    /// <summary>Accelerators in one system.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required Sourced<int> Accelerators { get; init; }

    /// <summary>The card that joins it to the training fabric.</summary>
    public required NetworkInterface Nic { get; init; }

    /// <summary>Such cards in one system.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required Sourced<int> Nics { get; init; }

    /// <summary>Latency of one hop inside the scale-up domain, accelerator to accelerator.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<Duration> ScaleUpLatency { get; init; }

    /// <summary>Scale-up switch chips (NVSwitch) in one system.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public Sourced<int>? ScaleUpSwitches { get; init; }

    /// <summary>Whether the scale-up switches reduce and multicast in the network (NVLink SHARP).</summary>
    public bool InNetworkReduction { get; init; }

    /// <summary>Power of everything but accelerators and network cards: host processors, memory, scale-up switches, fans, conversion.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public required Sourced<Power> HostPower { get; init; }

    /// <summary>Price with accelerators and network cards.</summary>
    [Limits(Minimum = 0, Maximum = 1e9)]
    public required Sourced<Money> Price { get; init; }

    /// <summary>Height in rack units.</summary>
    [Limits(Minimum = 1, Maximum = 60)]
    public required Sourced<int> RackUnits { get; init; }

    /// <summary>Mass.</summary>
    [Limits(Minimum = 0.1, Maximum = 1e5)]
    public Sourced<Mass>? Mass { get; init; }
}
