using System.Globalization;

namespace Lightloom.Fabric;

/// <summary>What probably happened, in words.</summary>
static class MistakeText
{
    public static string Of(DifferenceKind kind, Misplacement where, int bundle, int offset) => kind switch
    {
        DifferenceKind.Missing => bundle > 1
            ? $"{Count(bundle)} cables between the same two devices aren't there or are dark: a bundle not yet pulled, or a failed cage"
            : "not yet pulled, unplugged, or a failed cable or module",
        DifferenceKind.Extra => "a cable between ports that the design leaves free, or one that should have been taken out",
        DifferenceKind.Moved => $"{(bundle > 1 ? $"{Count(bundle)} cables of a bundle end" : "one end is")} {Place(where, offset)}",
        DifferenceKind.Swapped => $"{(bundle > 1 ? $"two bundles of {Count(bundle)} cables are" : "two cables are")} plugged into each other's ports: {Swap(where)}",
        DifferenceKind.Shifted => $"a row of cables is shifted by {Math.Abs(offset)} {(Math.Abs(offset) == 1 ? "port" : "ports")} on one device",
        _ => $"several cables are plugged otherwise{(where == Misplacement.None ? "" : $"; the worst is {Place(where, 0)}")}",
    };

    public static string Absent(int cables) => $"off, not racked, or under another name: none of its {Count(cables)} {(cables == 1 ? "cable is" : "cables are")} there";

    public static string Rate(bool slow, int cables) => !slow ? "faster than the design says"
        : cables == 1 ? "came up at a lower rate: a worn or dirty cable, the wrong module, or lanes that are down"
        : $"{Count(cables)} cables came up at a lower rate: the wrong cables or modules, or a speed that is set too low";

    public static string Stranger(int cables) => $"the design has no such device; it has {Count(cables)} {(cables == 1 ? "cable" : "cables")}";

    public static string Exchanged(int cables) => $"each has the other's {Count(cables)} cables, port by port: they stand in each other's place, or carry each other's name";

    static string Place(Misplacement where, int offset) => where switch
    {
        Misplacement.OtherPort => offset == 0 ? "in another port of the right device"
            : $"{Math.Abs(offset)} {(Math.Abs(offset) == 1 ? "port" : "ports")} off on the right device",
        Misplacement.OtherCard => "in another card of the right system, and so on the wrong rail",
        Misplacement.OtherSystem => "in another system",
        Misplacement.OtherRail => "in a leaf of another rail of the same unit",
        Misplacement.OtherSwitch => "in another switch of the same tier",
        Misplacement.OtherPlane => "in another plane",
        Misplacement.OtherTier => "in a device of another tier",
        _ => "in a device or port that the design doesn't have",
    };

    static string Swap(Misplacement where) => where switch
    {
        Misplacement.OtherPort => "two ports of one device are confused",
        Misplacement.OtherCard => "two cards of one system are confused, and so their rails",
        Misplacement.OtherSystem => "two systems are confused",
        Misplacement.OtherRail => "two rails of one unit are confused",
        Misplacement.OtherSwitch => "two switches of one tier are confused",
        Misplacement.OtherPlane => "two planes are confused",
        _ => "devices of two tiers are confused",
    };

    static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
