using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>A switch as a box, or an ASIC that stands for a plain box around it.</summary>
[PartKind("switch")]
public sealed record Switch : Part
{
    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>What its ports can speak.</summary>
    public required IReadOnlyList<LinkProtocol> Protocols { get; init; }

    /// <summary>Ports at the full port rate: the radix that a fabric is built on.</summary>
    [Limits(Minimum = 2, Maximum = 100_000)]
    public required Sourced<int> Ports { get; init; }

    /// <summary>Rate of one port, one direction.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public required Sourced<Bandwidth> PortRate { get; init; }

    /// <summary>Rate of one electrical lane.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e12)]
    public required Sourced<Bandwidth> LaneRate { get; init; }

    /// <summary>Ports that share one cage and so one module (2 for twin-port OSFP).</summary>
    [Limits(Minimum = 1, Maximum = 16)]
    public Sourced<int>? PortsPerCage { get; init; }

    /// <summary>Smallest rate to which a port can be split; the radix grows accordingly.</summary>
    [Limits(Minimum = 1e9, Maximum = 1e14)]
    public Sourced<Bandwidth>? SmallestSplit { get; init; }

    /// <summary>The optical engine of its ports, if they are co-packaged; the switch's power and price then include the engines.</summary>
    public Transceiver? CoPackaged { get; init; }

    /// <summary>Optical engines of a box with co-packaged optics.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public Sourced<int>? OpticalEngines { get; init; }

    /// <summary>Detachable laser modules that feed those engines.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public Sourced<int>? LaserModules { get; init; }

    /// <summary>Port-to-port latency.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public Sourced<Duration>? Latency { get; init; }

    /// <summary>Power of the box without pluggable modules.</summary>
    [Limits(Minimum = 0, Maximum = 1e5)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Power of the ASIC alone.</summary>
    [Limits(Minimum = 0, Maximum = 1e5)]
    public Sourced<Power>? AsicPower { get; init; }

    /// <summary>Packet buffer.</summary>
    [Limits(Minimum = 0, Maximum = 1e12)]
    public Sourced<DataSize>? Buffer { get; init; }

    /// <summary>Price without pluggable modules.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public Sourced<Money>? Price { get; init; }

    /// <summary>Height in rack units.</summary>
    [Limits(Minimum = 1, Maximum = 60)]
    public Sourced<int>? RackUnits { get; init; }

    /// <summary>Mass without pluggable modules.</summary>
    [Limits(Minimum = 0.1, Maximum = 1e4)]
    public Sourced<Mass>? Mass { get; init; }

    /// <summary>Whether it reduces in the network (SHARP).</summary>
    public bool InNetworkReduction { get; init; }
}
