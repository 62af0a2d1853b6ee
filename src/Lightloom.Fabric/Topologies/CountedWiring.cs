namespace Lightloom.Fabric;

/// <summary>A wiring that says which devices meet, and deals ports in the order in which they do: each class from its first port up.</summary>
abstract class CountedWiring : FabricWiring
{
    /// <summary>The ports of each tier of the plan; given by <see cref="FabricCounter.Plan"/>.</summary>
    internal IReadOnlyList<PortLayout> Layouts { get; set; } = [];

    /// <inheritdoc/>
    public sealed override void Wire(FabricGraphBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        for (var plane = 0; plane < builder.Planes; plane++) WirePlane(new(builder, plane, Layouts));
    }

    /// <summary>Joins the devices of one plane, class by class or not; ports of a class are dealt in the order of the calls.</summary>
    protected abstract void WirePlane(PortDealer dealer);
}

/// <summary>Deals the ports of one plane.</summary>
sealed class PortDealer(FabricGraphBuilder builder, int plane, IReadOnlyList<PortLayout> layouts)
{
    // used[class · tiers + tier][switch] = ports of the class that are taken; null until one is.
    readonly int[]?[] used = new int[]?[builder.Plan.Links.Count * Math.Max(1, layouts.Count)];

    /// <summary>Joins a port of a system to a switch.</summary>
    public void Host(int linkClass, int system, int port, int tier, int index)
    {
        var (card, cardPort) = builder.CardOf(system, plane, port);
        builder.Link(linkClass, card, cardPort, builder.Switch(tier, plane, index), Take(linkClass, tier, index));
    }

    /// <summary>Joins two switches by so many links.</summary>
    public void Join(int linkClass, int lowerTier, int lower, int upperTier, int upper, int links = 1)
    {
        var (below, above) = (builder.Switch(lowerTier, plane, lower), builder.Switch(upperTier, plane, upper));
        for (var i = 0; i < links; i++)
            builder.Link(linkClass, below, Take(linkClass, lowerTier, lower), above, Take(linkClass, upperTier, upper));
    }

    /// <summary>Joins ports of two systems without a switch.</summary>
    public void Direct(int linkClass, int systemA, int portA, int systemB, int portB)
    {
        var (a, b) = (builder.CardOf(systemA, plane, portA), builder.CardOf(systemB, plane, portB));
        if (a.Card > b.Card) (a, b) = (b, a);
        builder.Link(linkClass, a.Card, a.Port, b.Card, b.Port);
    }

    int Take(int linkClass, int tier, int index)
    {
        var taken = used[(linkClass * layouts.Count) + tier] ??= new int[builder.PerPlane(tier)];
        var layout = layouts[tier];
        return builder.Port(tier, layout.First(linkClass), layout.Split(linkClass), taken[index]++);
    }
}

/// <summary>
/// A wiring whose tier 0 has all hosts, port by port: port i of system s is host h = s·P + i and meets switch h / p. Switches that the
/// systems don't reach keep their ports for hosts unused.
/// </summary>
abstract class RouterWiring(int systems, int portsPerSystem, int hostsPerSwitch) : CountedWiring
{
    /// <inheritdoc/>
    public override int GroupOfSystem(int system) => GroupOfSwitch(0, (int)((long)system * portsPerSystem / hostsPerSwitch));

    /// <inheritdoc/>
    protected sealed override void WirePlane(PortDealer dealer)
    {
        var (index, on) = (0, 0);
        for (var system = 0; system < systems; system++)
        {
            for (var port = 0; port < portsPerSystem; port++)
            {
                if (on == hostsPerSwitch) (index, on) = (index + 1, 0);
                dealer.Host(0, system, port, 0, index);
                on++;
            }
        }
        WireSwitches(dealer);
    }

    /// <summary>Joins the switches.</summary>
    protected abstract void WireSwitches(PortDealer dealer);
}
