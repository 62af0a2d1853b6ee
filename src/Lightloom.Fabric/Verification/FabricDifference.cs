using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>What is different about cables.</summary>
public enum DifferenceKind
{
    /// <summary>A whole device of the design isn't there, and so none of its cables.</summary>
    MissingDevice,

    /// <summary>A device that the design doesn't have, with its cables.</summary>
    ExtraDevice,

    /// <summary>Two devices have each other's cables: they stand in each other's place, or carry each other's name.</summary>
    ExchangedDevices,

    /// <summary>Two cables are plugged into each other's port.</summary>
    Swapped,

    /// <summary>One end of a cable is in another port than it should be, which ought to be free.</summary>
    Moved,

    /// <summary>Several cables in a row are each in the port of the next.</summary>
    Shifted,

    /// <summary>Several cables are plugged otherwise, in no pattern of the above.</summary>
    Rearranged,

    /// <summary>A cable isn't there, or is dark.</summary>
    Missing,

    /// <summary>A cable between ports that should be free.</summary>
    Extra,

    /// <summary>A cable is where it should be and runs slower than it should.</summary>
    Slow,

    /// <summary>A cable is where it should be and runs faster than the design says.</summary>
    Fast,
}

/// <summary>Where the end of a cable went, seen from where it should be.</summary>
public enum Misplacement
{
    /// <summary>Nowhere: it is a matter of whole cables.</summary>
    None,

    /// <summary>Another port of the right device.</summary>
    OtherPort,

    /// <summary>Another card of the right system.</summary>
    OtherCard,

    /// <summary>A card of another system.</summary>
    OtherSystem,

    /// <summary>A leaf of the same unit that serves another rail.</summary>
    OtherRail,

    /// <summary>Another switch of the right tier and plane.</summary>
    OtherSwitch,

    /// <summary>A device of another plane.</summary>
    OtherPlane,

    /// <summary>A device of another tier or kind.</summary>
    OtherTier,

    /// <summary>A device that the design doesn't have, or a port that the device shouldn't have.</summary>
    UnknownPort,
}

/// <summary>A port of a device.</summary>
/// <param name="Device">The device's name: the design's where the design has it.</param>
/// <param name="Port">What the port is labelled (<see cref="FabricGraph.PortName"/>); as the source has it where the design has none.</param>
public readonly record struct DevicePort(string Device, string Port)
{
    /// <summary>"leaf-07 port 12".</summary>
    public override string ToString() => $"{Device} port {Port}";
}

/// <summary>Two ports that a cable joins, or should join.</summary>
/// <param name="Lower">The port nearer to the systems.</param>
/// <param name="Upper">The other one.</param>
/// <param name="Link">The link of the design, when it is one of its cables; else −1.</param>
public readonly record struct PortPair(DevicePort Lower, DevicePort Upper, int Link)
{
    /// <summary>"node-0012-nic-3 port 1 — leaf-07 port 12".</summary>
    public override string ToString() => $"{Lower} — {Upper}";
}

/// <summary>One mistake, with every cable that it concerns.</summary>
public sealed record FabricDifference
{
    /// <summary>What is different.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>Where the wrong ends are; of several kinds the worst.</summary>
    public Misplacement Where { get; init; }

    /// <summary>
    /// Whether the same devices are joined by as many cables as before: traffic doesn't notice, only whoever follows a label does.
    /// </summary>
    public bool Harmless { get; init; }

    /// <summary>What it probably is, in one sentence.</summary>
    public required string Cause { get; init; }

    /// <summary>Devices that it is about, when it is about whole devices.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Cables of the design that aren't there as designed.</summary>
    public IReadOnlyList<PortPair> Designed { get; init; } = [];

    /// <summary>Cables that are there and not in the design.</summary>
    public IReadOnlyList<PortPair> Built { get; init; } = [];

    /// <summary>The rate of the design, for a cable that runs at another.</summary>
    public Bandwidth? DesignedRate { get; init; }

    /// <summary>The rate that it runs at.</summary>
    public Bandwidth? BuiltRate { get; init; }
}

/// <summary>A fabric as built against its design.</summary>
public sealed record FabricVerification
{
    /// <summary>Cables of the design.</summary>
    public required int DesignedCables { get; init; }

    /// <summary>Cables that were found.</summary>
    public required int FoundCables { get; init; }

    /// <summary>Cables that were found where the design has them, whatever their rate.</summary>
    public required int MatchingCables { get; init; }

    /// <summary>Devices of the design.</summary>
    public required int DesignedDevices { get; init; }

    /// <summary>Devices that were found.</summary>
    public required int FoundDevices { get; init; }

    /// <summary>Devices known by their names.</summary>
    public required int KnownByName { get; init; }

    /// <summary>Devices known by their cables only, because they had no name of the design, or shared one.</summary>
    public required int KnownByStructure { get; init; }

    /// <summary>Cables whose rate was compared.</summary>
    public required int RatesCompared { get; init; }

    /// <summary>The mistakes, the gravest kind first.</summary>
    public required IReadOnlyList<FabricDifference> Differences { get; init; }

    /// <summary>Whether the fabric stands as designed.</summary>
    public bool AsDesigned => Differences.Count == 0;
}
