using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// A cable plan as Lightloom writes it (CableTable), with what somebody found in the hall: devices, ports as they are labelled, rates.
//
//   a_device node-0012, a_port nic-3/1     port 1 of device node-0012-nic-3
//   b_device leaf-07, b_port 4/1/2         cage 4, port 1 of it, part 2: what the numbers mean, the design's own switch says
//
// A label that the design's switch can't have, or one of an unknown device, is a port by its last number.

/// <summary>Reads a cable plan as a fabric that was found.</summary>
public static class CablesImport
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="design">The fabric by whose switches labels of ports are read.</param>
    /// <exception cref="InputException">The file can't be read, or says what can't be.</exception>
    public static DiscoveredFabric ReadFile(string path, FabricGraph design)
    {
        ArgumentNullException.ThrowIfNull(design);
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var device = design.Cards; device < design.Devices; device++) known[design.NameOf(device)] = device;
        var cards = "nic-".Length + (design.CardsPerSystem - 1).ToString(CultureInfo.InvariantCulture).Length;
        var builder = new DiscoveredFabricBuilder(path, countsParts: true);
        var devices = new Dictionary<string, int>(StringComparer.Ordinal);
        var line = 1;
        foreach (var cable in CableTable.ReadFile(path))
        {
            line++;
            var (a, portA) = End(cable.A);
            var (b, portB) = End(cable.B);
            builder.Link(a, portA, b, portB, cable.Rate, line);
        }
        if (builder.Devices == 0) throw new InputException($"'{path}' has no cables");
        return builder.Finish();

        (int Device, PortNumber Port) End(in CableEnd end)
        {
            var numbers = end.Port.Split('/');
            if (end.Port.StartsWith("nic-", StringComparison.Ordinal) && numbers.Length == 2)
                return (Device($"{end.Device}-nic-{Numbered(numbers[0]["nic-".Length..], end).ToString("D" + (cards - "nic-".Length), CultureInfo.InvariantCulture)}"), new(Numbered(numbers[1], end)));
            if (known.TryGetValue(end.Device, out var device) && IndexOf(design.TierOf(device), [.. numbers.Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? v : 0)]) is >= 0 and var index)
                return (Device(end.Device), new(index + 1));
            return (Device(end.Device), new(Numbered(numbers[^1], end)));
        }

        int Device(string name)
        {
            if (!devices.TryGetValue(name, out var number)) devices[name] = number = builder.Device(name, null, DiscoveredKind.Unknown, line);
            return number;
        }

        int Numbered(string digits, in CableEnd end) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new InputException($"expected a port such as 7, 4/1 or nic-3/1 of '{end.Device}', found '{end.Port}'", new(path, line, 1));
    }

    // The inverse of FabricGraph.PortName; −1 for a label of another shape.
    static int IndexOf(DeviceTier tier, int[] numbers)
    {
        var cage = tier.Switch?.PortsPerCage?.Value ?? 1;
        if (numbers.Length != 1 + (cage > 1 ? 1 : 0) + (tier.Split > 1 ? 1 : 0) || numbers.Min() < 1) return -1;
        var physical = cage > 1 ? ((numbers[0] - 1) * cage) + numbers[1] - 1 : numbers[0] - 1;
        if (cage > 1 && numbers[1] > cage) return -1;
        var part = tier.Split > 1 ? numbers[^1] - 1 : 0;
        var index = (physical * tier.Split) + part;
        return part < tier.Split && index < tier.Ports ? index : -1;
    }
}
