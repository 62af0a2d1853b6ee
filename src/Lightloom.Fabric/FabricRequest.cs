using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>How the uplinks of a switch are spread over the switches above it.</summary>
public enum UplinkSpread
{
    /// <summary>
    /// Every pair of switches is joined by the same number of cables. The switches above number a divisor of the uplinks; this
    /// is how reference designs are built.
    /// </summary>
    WholeBundles,

    /// <summary>
    /// As few switches above as the ports allow; the cables of two pairs may then differ by one, and traffic that is spread
    /// evenly over the switches above loads the thinner bundles more.
    /// </summary>
    FewestSwitches,
}

/// <summary>What is wanted of one tier of switches.</summary>
public sealed record TierOptions
{
    /// <summary>The switch of this tier; null takes the fabric's.</summary>
    public Switch? Switch { get; init; }

    /// <summary>
    /// Bandwidth down over bandwidth up that is allowed at a switch of this tier: 1 doesn't block, 7 is the "1:7" of a top layer
    /// with a seventh of the bandwidth. At most this; whole uplinks may give more bandwidth.
    /// </summary>
    public Ratio Oversubscription { get; init; } = Ratio.From(1);

    /// <summary>Uplinks of one switch; null = what the oversubscription asks for.</summary>
    public int? Uplinks { get; init; }

    /// <summary>Ports of each switch that the fabric leaves free, at the full rate of the switch.</summary>
    public int ReservedPorts { get; init; }
}

/// <summary>What a fabric is built from and for.</summary>
public sealed record FabricRequest
{
    internal static readonly TierOptions Usual = new();

    /// <summary>Accelerator systems to join.</summary>
    public required int Systems { get; init; }

    /// <summary>The system: how many accelerators, and which cards.</summary>
    public required AcceleratorSystem System { get; init; }

    /// <summary>The switch of every tier that doesn't name its own.</summary>
    public required Switch Switch { get; init; }

    /// <summary>
    /// Rate of one port of a network card. Null = the card's rate over its ports. A card of k times this rate has k ports, and a
    /// switch port of k times this rate is split into k if the switch allows.
    /// </summary>
    public Bandwidth? PortRate { get; init; }

    /// <summary>
    /// Rate of a link between switches. Null = <see cref="PortRate"/> where switch ports are split (which gives the larger
    /// radix), else the full rate of the switch ports.
    /// </summary>
    public Bandwidth? FabricRate { get; init; }

    /// <summary>Tiers of switches: 1 to 3; null = the fewest that fit.</summary>
    public int? Tiers { get; init; }

    /// <summary>The switches next to the systems.</summary>
    public TierOptions Leaf { get; init; } = Usual;

    /// <summary>The switches above the leaves.</summary>
    public TierOptions Spine { get; init; } = Usual;

    /// <summary>The switches above the spines.</summary>
    public TierOptions Core { get; init; } = Usual;

    /// <summary>
    /// Systems that share a leaf, or a set of rail leaves (a scalable unit); null = as many as ports allow. Two systems of 8 per
    /// leaf are the 16 accelerators of a rack with its own switch.
    /// </summary>
    public int? SystemsPerUnit { get; init; }

    /// <summary>Systems of one pod of a fabric of three tiers; null = the fewest pods, all of about one size.</summary>
    public int? SystemsPerPod { get; init; }

    /// <summary>
    /// Rails of a rail-optimised fabric. Null = one for each network card of a system; for a rack of more than 16 cards the fewest
    /// rails from 4 up that divide the cards and leave the fewest leaf ports unused.
    /// </summary>
    public int? Rails { get; init; }

    /// <summary>Separate, equal fabrics over which the ports of each system are divided.</summary>
    public int Planes { get; init; } = 1;

    /// <summary>Links to fabric managers (UFM) in each plane; they take ports that the last unit's leaves have left.</summary>
    public int ManagementLinks { get; init; }

    /// <summary>How uplinks are spread over the switches above.</summary>
    public UplinkSpread UplinkSpread { get; init; } = UplinkSpread.WholeBundles;

    /// <summary>What this topology alone has: its groups, dimensions, order, seed. Null or empty = sized by the topology.</summary>
    public TopologyParameters? Parameters { get; init; }
}
