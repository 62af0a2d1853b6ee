namespace Lightloom.Fabric;

/// <summary>Takes the links of a plan, one by one, and makes its graph. Holds a wiring to what its plan counted.</summary>
public sealed class FabricGraphBuilder
{
    readonly DeviceTier[] tiers;
    readonly int[] lower, upper;
    readonly ushort[] lowerPort, upperPort;
    readonly byte[] ofClass;
    readonly long[] left;
    readonly int firstTier;
    int next;

    internal FabricGraphBuilder(FabricPlan plan)
    {
        Plan = plan;
        var request = plan.Request;
        Planes = request.Planes;
        var cards = checked(request.Systems * request.System.Nics.Value);
        PortsPerCard = (int)(plan.NicPorts / cards);
        var managers = request.Planes * request.ManagementLinks;
        firstTier = managers > 0 ? 2 : 1;
        tiers = new DeviceTier[firstTier + plan.Tiers.Count];
        tiers[0] = new("card", null, 0, cards, cards, PortsPerCard, 1);
        if (managers > 0) tiers[1] = new("management", null, cards, managers, request.ManagementLinks, 1, 1);
        var first = cards + managers;
        for (var i = 0; i < plan.Tiers.Count; i++)
        {
            var tier = plan.Tiers[i];
            var count = checked((int)tier.Count);
            var split = tier.Split;
            tiers[firstTier + i] = new(tier.Name, tier.Switch, first, count, count / Planes, tier.Switch.Ports.Value * split, split);
            first = checked(first + count);
        }
        var links = (int)plan.LinkCount;
        (lower, upper, lowerPort, upperPort, ofClass) = (new int[links], new int[links], new ushort[links], new ushort[links], new byte[links]);
        left = [.. plan.Links.Select(l => l.Count)];
    }

    /// <summary>The plan whose links are wanted.</summary>
    public FabricPlan Plan { get; }

    /// <summary>Separate, equal fabrics.</summary>
    public int Planes { get; }

    /// <summary>Ports of one card, all planes together.</summary>
    public int PortsPerCard { get; }

    /// <summary>Ports of one system in one plane.</summary>
    public int PortsPerSystemAndPlane => Plan.Request.System.Nics.Value * PortsPerCard / Planes;

    /// <summary>The switch of a tier, plane and number.</summary>
    public int Switch(int tier, int plane, int index) => tiers[firstTier + tier].Device(plane, index);

    /// <summary>Switches of a tier in one plane.</summary>
    public int PerPlane(int tier) => tiers[firstTier + tier].PerPlane;

    /// <summary>A fabric manager of a plane.</summary>
    public int Manager(int plane, int index) => tiers[1].Device(plane, index);

    /// <summary>
    /// The card, and the port of it, behind a port of a system in a plane. Cards with ports for every plane put the same share of their
    /// ports into each (twin-port cards: port 0 in plane 0, port 1 in plane 1); otherwise cards are dealt to the planes in order.
    /// </summary>
    public (int Card, int Port) CardOf(int system, int plane, int port)
    {
        var first = system * Plan.Request.System.Nics.Value;
        if (PortsPerCard % Planes == 0)
        {
            var share = PortsPerCard / Planes;
            return (first + (port / share), (plane * share) + (port % share));
        }
        var all = (plane * PortsPerSystemAndPlane) + port;
        return (first + (all / PortsPerCard), all % PortsPerCard);
    }

    /// <summary>
    /// The number of a port: the one for link <paramref name="link"/> of those whose ports begin at <paramref name="first"/> and are
    /// split into <paramref name="split"/> each.
    /// </summary>
    public int Port(int tier, int first, int split, int link)
    {
        var finest = tiers[firstTier + tier].Split;
        var (physical, sub) = Math.DivRem(link, split);
        return first + (physical * finest) + (sub * Math.Max(1, finest / split));
    }

    /// <summary>Adds a link of a class between two ports.</summary>
    /// <exception cref="InvalidOperationException">The wiring differs from what its plan counted.</exception>
    public void Link(int linkClass, int lowerDevice, int portBelow, int upperDevice, int portAbove)
    {
        if (--left[linkClass] < 0) throw new InvalidOperationException($"the wiring has more {Plan.Links[linkClass].Name} links than its plan counted");
        lower[next] = lowerDevice;
        upper[next] = upperDevice;
        lowerPort[next] = checked((ushort)portBelow);
        upperPort[next] = checked((ushort)portAbove);
        ofClass[next++] = (byte)linkClass;
    }

    internal FabricGraph Finish()
    {
        for (var i = 0; i < left.Length; i++)
            if (left[i] != 0) throw new InvalidOperationException($"the wiring misses {left[i]:N0} {Plan.Links[i].Name} links of its plan");
        for (var l = 0; l < lower.Length; l++)
        {
            if (lowerPort[l] >= PortsOf(lower[l]) || upperPort[l] >= PortsOf(upper[l]))
                throw new InvalidOperationException($"link {l} uses a port that its device doesn't have");
        }
        return new(Plan, tiers, lower, upper, lowerPort, upperPort, ofClass);
    }

    int PortsOf(int device)
    {
        for (var i = tiers.Length - 1; i > 0; i--)
            if (device >= tiers[i].First) return tiers[i].Ports;
        return tiers[0].Ports;
    }
}
