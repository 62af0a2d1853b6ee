using Lightloom.Catalog;

namespace Lightloom.Fabric;

// A fabric as flat arrays. Devices are numbered: cards first, then fabric managers, then switches, tier by tier and plane by plane.
//
//   card      system · cards of a system + card
//   manager   cards + plane · managers of a plane + manager
//   switch    first of its tier + plane · switches of a plane + index
//
// Link l joins lower[l] at port lowerPort[l] to upper[l] at port upperPort[l]; the lower end is nearer to the systems, or has the
// smaller number where both are alike. The cables of device d are cable[offset[d] .. offset[d + 1]), by ascending port.
//
// Worked example: 2 systems of 2 cards on 2 rail leaves and 1 spine: cards 0-3, leaves 4 and 5, spine 6. Card 3 (card 1 of system 1)
// meets leaf 5.

/// <summary>Devices that are alike: the cards, the fabric managers, or one tier of switches.</summary>
/// <param name="Name">"card", "management", or the tier's name in the plan.</param>
/// <param name="Switch">The switch, or null for cards and managers.</param>
/// <param name="First">Number of the first device.</param>
/// <param name="Count">Devices, all planes together.</param>
/// <param name="PerPlane">Devices of one plane; all of them for cards, which stand in every plane.</param>
/// <param name="Ports">Ports of one device, counted as finely as they are split.</param>
/// <param name="Split">Ports into which one port of the switch is split at most; 1 for cards.</param>
public sealed record DeviceTier(string Name, Switch? Switch, int First, int Count, int PerPlane, int Ports, int Split)
{
    /// <summary>Whether a device is one of them.</summary>
    public bool Has(int device) => (uint)(device - First) < (uint)Count;

    /// <summary>The plane of one of them; 0 for cards.</summary>
    public int PlaneOf(int device) => (device - First) / PerPlane;

    /// <summary>The number of one of them within its plane.</summary>
    public int IndexOf(int device) => (device - First) % PerPlane;

    /// <summary>The device of a plane and number.</summary>
    public int Device(int plane, int index) => First + (plane * PerPlane) + index;
}

/// <summary>
/// A fabric with every device, port and link, for pictures, exports, routing and simulation; evaluation needs only the plan.
/// About 40 bytes a link. Immutable; safe for many threads.
/// </summary>
public sealed class FabricGraph
{
    /// <summary>The most links that a graph can hold.</summary>
    public const int MostLinks = 100_000_000;

    readonly int[] lower, upper, offset, cable;
    readonly ushort[] lowerPort, upperPort;
    readonly byte[] ofClass;

    internal FabricGraph(
        FabricPlan plan, IReadOnlyList<DeviceTier> tiers, int[] lower, int[] upper, ushort[] lowerPort, ushort[] upperPort, byte[] ofClass)
    {
        (Plan, Tiers, this.lower, this.upper, this.lowerPort, this.upperPort, this.ofClass) = (plan, tiers, lower, upper, lowerPort, upperPort, ofClass);
        Devices = tiers[^1].First + tiers[^1].Count;
        Cards = tiers[0].Count;
        CardsPerSystem = plan.Request.System.Nics.Value;
        (offset, cable) = Adjacency();
    }

    /// <summary>The plan that was expanded.</summary>
    public FabricPlan Plan { get; }

    /// <summary>Devices by kind: cards, then managers if there are any, then the plan's tiers of switches.</summary>
    public IReadOnlyList<DeviceTier> Tiers { get; }

    /// <summary>Devices, all together.</summary>
    public int Devices { get; }

    /// <summary>Network cards: devices 0 to this. They are what routes begin and end at.</summary>
    public int Cards { get; }

    /// <summary>Cards of one system; system s has cards [s · CardsPerSystem, (s + 1) · CardsPerSystem).</summary>
    public int CardsPerSystem { get; }

    /// <summary>Systems.</summary>
    public int Systems => Cards / CardsPerSystem;

    /// <summary>First switch; devices from here on are switches.</summary>
    public int FirstSwitch => Devices - SwitchCount;

    /// <summary>Switches, all tiers and planes together.</summary>
    public int SwitchCount => (int)Plan.SwitchCount;

    /// <summary>Links.</summary>
    public int Links => lower.Length;

    /// <summary>The device at the lower end of each link.</summary>
    public ReadOnlySpan<int> Lower => lower;

    /// <summary>The device at the upper end of each link.</summary>
    public ReadOnlySpan<int> Upper => upper;

    /// <summary>The port at the lower end of each link, from 0.</summary>
    public ReadOnlySpan<ushort> LowerPort => lowerPort;

    /// <summary>The port at the upper end of each link, from 0.</summary>
    public ReadOnlySpan<ushort> UpperPort => upperPort;

    /// <summary>The class of each link: its number in the plan's <see cref="FabricPlan.Links"/>.</summary>
    public ReadOnlySpan<byte> ClassOf => ofClass;

    /// <summary>Where each device's links begin in <see cref="LinksByDevice"/>; one more entry than devices.</summary>
    public ReadOnlySpan<int> Offsets => offset;

    /// <summary>Links by device, and by port within each.</summary>
    public ReadOnlySpan<int> LinksByDevice => cable;

    /// <summary>Expands a plan.</summary>
    /// <exception cref="FabricException">It has more links than a graph can hold; the field is "systems".</exception>
    public static FabricGraph Of(FabricPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.LinkCount > MostLinks || plan.AcceleratorCount > MostLinks || plan.NicPorts > MostLinks)
            throw new FabricException("systems", $"a fabric of {plan.LinkCount:N0} links is too large to be written down link by link; the most is {MostLinks:N0}", MostLinks);
        var builder = new FabricGraphBuilder(plan);
        plan.Wiring.Wire(builder);
        return builder.Finish();
    }

    /// <summary>The links of a device, by ascending port.</summary>
    public ReadOnlySpan<int> LinksOf(int device) => cable.AsSpan(offset[device], offset[device + 1] - offset[device]);

    /// <summary>Links of a device.</summary>
    public int DegreeOf(int device) => offset[device + 1] - offset[device];

    /// <summary>The device at the other end of a link.</summary>
    public int Across(int link, int device) => lower[link] == device ? upper[link] : lower[link];

    /// <summary>The port of a device that a link uses.</summary>
    public int PortOf(int link, int device) => lower[link] == device ? lowerPort[link] : upperPort[link];

    /// <summary>The kind of a device.</summary>
    public DeviceTier TierOf(int device)
    {
        foreach (var tier in Tiers)
            if (tier.Has(device)) return tier;
        throw new ArgumentOutOfRangeException(nameof(device), device, $"devices are numbered 0 to {Devices - 1}");
    }

    /// <summary>The kind of devices of a name, or null.</summary>
    public DeviceTier? Tier(string name)
    {
        foreach (var tier in Tiers)
            if (tier.Name == name) return tier;
        return null;
    }

    /// <summary>The group of the hall that a device stands in, or −1 when it stands in none.</summary>
    public int GroupOf(int device)
    {
        if (device < Cards) return Plan.Wiring.GroupOfSystem(device / CardsPerSystem);
        var first = Tiers.Count - Plan.Tiers.Count;
        for (var i = first; i < Tiers.Count; i++)
            if (Tiers[i].Has(device)) return Plan.Wiring.GroupOfSwitch(i - first, Tiers[i].IndexOf(device));
        return -1;
    }

    /// <summary>
    /// The name of a device: "node-0012-nic-3", "manager-0", "leaf-07", and "p1-leaf-07" where there are several planes. Numbers have
    /// as many digits as the largest of their kind, so that names sort.
    /// </summary>
    public string NameOf(int device)
    {
        if (device < Cards) return $"{SystemName(device / CardsPerSystem)}-nic-{Padded(device % CardsPerSystem, CardsPerSystem)}";
        var tier = TierOf(device);
        var name = $"{(tier.Switch is null ? "manager" : tier.Name)}-{Padded(tier.IndexOf(device), tier.PerPlane)}";
        return tier.PerPlane == tier.Count ? name : $"p{Padded(tier.PlaneOf(device), tier.Count / tier.PerPlane)}-{name}";
    }

    /// <summary>
    /// What a port is labelled: "7"; "4/1" where the ports of a switch share cages (cage and port of it); with the part of a split port
    /// behind it ("7/2", "4/1/2"). All from 1.
    /// </summary>
    public string PortName(int device, int port)
    {
        var tier = TierOf(device);
        var (physical, sub) = Math.DivRem(port, tier.Split);
        var cage = tier.Switch?.PortsPerCage?.Value ?? 1;
        var name = cage > 1 ? $"{(physical / cage) + 1}/{(physical % cage) + 1}" : $"{physical + 1}";
        return tier.Split > 1 ? $"{name}/{sub + 1}" : name;
    }

    /// <summary>The name of a system: "node-0012".</summary>
    public string SystemName(int system) => $"node-{Padded(system, Systems)}";

    internal static string Padded(int index, int count) => index.ToString("D" + Math.Max(1, (count - 1).ToString(System.Globalization.CultureInfo.InvariantCulture).Length),
        System.Globalization.CultureInfo.InvariantCulture);

    (int[] Offset, int[] Cable) Adjacency()
    {
        var starts = new int[Devices + 1];
        foreach (var d in lower) starts[d + 1]++;
        foreach (var d in upper) starts[d + 1]++;
        for (var d = 0; d < Devices; d++) starts[d + 1] += starts[d];
        var next = starts.AsSpan(0, Devices).ToArray();
        var cables = new int[starts[Devices]];
        for (var l = 0; l < lower.Length; l++)
        {
            cables[next[lower[l]]++] = l;
            cables[next[upper[l]]++] = l;
        }
        var ports = new ushort[cables.Length];
        for (var d = 0; d < Devices; d++)
        {
            var (begin, count) = (starts[d], starts[d + 1] - starts[d]);
            var ascending = true;
            for (var i = begin; i < begin + count; i++)
            {
                ports[i] = (ushort)PortOf(cables[i], d);
                ascending &= i == begin || ports[i - 1] < ports[i];
            }
            if (!ascending) ports.AsSpan(begin, count).Sort(cables.AsSpan(begin, count));
            for (var i = begin + 1; i < begin + count; i++)
                if (ports[i] == ports[i - 1]) throw new InvalidOperationException($"two links use port {ports[i]} of {NameOf(d)}");
        }
        return (starts, cables);
    }
}
