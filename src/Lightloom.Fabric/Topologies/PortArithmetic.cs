using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>How rates divide ports, and ports divide into modules; what all topologies share.</summary>
static class PortArithmetic
{
    public static long Ceiling(long count, long by) => (count + by - 1) / by;

    public static int PerModule(Switch part, int split) => split * (part.PortsPerCage?.Value ?? 1);

    public static long Modules(Switch part, int split, long links) => part.CoPackaged is null ? Ceiling(links, PerModule(part, split)) : 0;

    public static int Whole(double exact) => (int)Math.Min(Math.Ceiling(exact - 1e-9), int.MaxValue);

    public static int PortsPerNic(NetworkInterface nic, Bandwidth portRate)
    {
        var exact = nic.Rate.Value / portRate;
        var ports = Math.Round(exact);
        if (ports >= 1 && ports <= 1024 && Math.Abs(exact - ports) < 1e-9 * exact) return (int)ports;
        var less = Math.Clamp(Math.Floor(exact), 1, 1024);
        var (below, above) = (nic.Rate.Value / (less + 1), nic.Rate.Value / less);
        throw exact < 1
            ? new("portRate", $"a card of {nic.Rate.Value} has no port of {portRate}; the nearest possible is {nic.Rate.Value}", nic.Rate.Value.GigabitsPerSecond)
            : new FabricException("portRate", $"a card of {nic.Rate.Value} cannot be divided into ports of {portRate}; the nearest possible are {below} and {above}",
                below.GigabitsPerSecond, above.GigabitsPerSecond);
    }

    // Into how many ports of a rate a port of a switch is split: 1 where it only runs slower.
    public static int Split(string tier, Switch part, Bandwidth rate, string field)
    {
        var exact = part.PortRate.Value / rate;
        if (exact < 1 - 1e-9)
        {
            throw new FabricException(field,
                $"a link of {rate} is faster than the {part.PortRate.Value} ports of the {tier} switch '{part.Name}'; the nearest possible is {part.PortRate.Value}",
                part.PortRate.Value.GigabitsPerSecond)
            { Tier = tier };
        }
        var whole = Math.Round(exact);
        if (whole < 2 || Math.Abs(exact - whole) > 1e-9 * exact) return 1;
        return part.SmallestSplit is { } smallest && smallest.Value.Si <= rate.Si * (1 + 1e-9) ? (int)whole : 1;
    }

    public static void AtLeast(string field, int value, int least)
    {
        if (value < least) throw new FabricException(field, $"{field} is {value}; the nearest possible is {least}", null, least);
    }

    public static string Text(double value) => Quantity.Round(value, Quantity.DefaultDigits);

    public static (double? Below, double? Above) DivisorsAround(long of, long wrong)
    {
        double? below = null, above = null;
        for (var d = Math.Min(wrong - 1, of); d >= 1 && below is null; d--)
            if (of % d == 0) below = d;
        for (var d = wrong + 1; d <= of && above is null; d++)
            if (of % d == 0) above = d;
        return (below, above);
    }

    public static string Either(double? below, double? above) => (below, above) switch
    {
        ({ } b, { } a) => $"{Text(b)} and {Text(a)}",
        ({ } b, null) => Text(b),
        (null, { } a) => Text(a),
        _ => "none",
    };
}
