using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Scenarios;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>One direction of a link.</summary>
/// <param name="Rate">Its rate.</param>
/// <param name="Latency">From its beginning to its end.</param>
/// <param name="Queue">Room and thresholds of the queue in front of it, over those of others.</param>
public readonly record struct PacketWire(Bandwidth Rate, Duration Latency, double Queue = 1);

/// <summary>Takes nodes and links and makes a <see cref="PacketFabric"/> of them.</summary>
public sealed class PacketFabricBuilder
{
    // A link within the group at either end, and no third group between.
    const int BetweenGroups = 3;

    /// <summary>A fabric of some hosts, which are nodes 0 to this, and switches behind them.</summary>
    public PacketFabricBuilder(string name, int hosts, int switches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hosts, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(switches);
        (Name, Hosts, Nodes) = (name, hosts, hosts + switches);
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>Hosts.</summary>
    public int Hosts { get; }

    /// <summary>Hosts and switches.</summary>
    public int Nodes { get; }

    /// <summary>What a switch adds before a packet stands in its queue; none unless given.</summary>
    public Duration SwitchLatency { get; init; } = Duration.Zero;

    /// <summary>Coordinates of a node by dimension: packets take the first in which they have to move first. Empty: any shortest way.</summary>
    public IReadOnlyList<Func<int, int>> DimensionOrder { get; init; } = [];

    internal List<int> From { get; } = [];

    internal List<int> To { get; } = [];

    internal List<Bandwidth> Rate { get; } = [];

    internal List<Duration> Latency { get; } = [];

    internal List<double> Queue { get; } = [];

    internal List<byte> Counts { get; } = [];

    /// <summary>Adds a link: a wire each way.</summary>
    /// <param name="a">A node.</param>
    /// <param name="b">Another one.</param>
    /// <param name="rate">The rate of each wire.</param>
    /// <param name="latency">Their latency.</param>
    /// <param name="count">What it counts for where the shortest ways are found.</param>
    /// <exception cref="InputException">A rate isn't positive, or a latency is negative.</exception>
    public void Link(int a, int b, Bandwidth rate, Duration latency, int count = 1) => Link(a, b, new PacketWire(rate, latency), new PacketWire(rate, latency), count);

    /// <summary>Adds a link whose two directions differ.</summary>
    /// <param name="a">A node.</param>
    /// <param name="b">Another one.</param>
    /// <param name="there">The wire from a to b.</param>
    /// <param name="back">The wire from b to a.</param>
    /// <param name="count">What it counts for where the shortest ways are found.</param>
    /// <exception cref="InputException">A rate isn't positive, or a latency is negative.</exception>
    public void Link(int a, int b, PacketWire there, PacketWire back, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(a, Nodes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(b, Nodes);
        Wire(a, b, there);
        Wire(b, a, back);
        Counts.AddRange([(byte)count, (byte)count]);
    }

    /// <summary>Finds routes.</summary>
    /// <exception cref="InputException">A host has no link.</exception>
    public PacketFabric Build() => new(this);

    /// <summary>
    /// A fat tree of three tiers of k-port switches with k³/4 hosts, or of two with k²/2 [Al-Fares et al., SIGCOMM 2008].
    /// </summary>
    /// <exception cref="InputException">No k gives that many hosts; the nearest numbers are named.</exception>
    public static PacketFabric FatTree(int hosts, int tiers, Bandwidth rate, Duration latency, Duration? switchLatency = null)
    {
        var k = PortsOf(hosts, tiers);
        var half = k / 2;
        return Of(tiers == 3 ? new([half, half, k], [1, half, half], rate) : new([half, k], [1, half], rate), latency, switchLatency);
    }

    /// <summary>Ports k of the switches of a full fat tree with so many hosts.</summary>
    /// <exception cref="InputException">No k gives that many hosts; the nearest numbers are named.</exception>
    public static int PortsOf(int hosts, int tiers)
    {
        if (tiers is not (2 or 3)) throw new InputException($"expected a fat tree of 2 or 3 tiers, found {tiers}");
        long HostsOf(int ports) => tiers == 3 ? (long)ports * ports * ports / 4 : (long)ports * ports / 2;
        var k = 2;
        while (HostsOf(k) < hosts) k += 2;
        return HostsOf(k) == hosts ? k
            : throw new InputException($"no full fat tree of {tiers} tiers has {hosts:N0} hosts; the nearest have {HostsOf(Math.Max(2, k - 2)):N0} and {HostsOf(k):N0}");
    }

    /// <summary>A tree of a flow scenario, with all its paths.</summary>
    public static PacketFabric Of(ExtendedFatTree tree, Duration latency, Duration? switchLatency = null)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var first = new int[tree.Levels + 2]; // first node of each level
        first[1] = tree.Hosts;
        for (var l = 1; l <= tree.Levels; l++) first[l + 1] = first[l] + tree.NodesOf(l);
        var builder = new PacketFabricBuilder($"fat tree {tree}", tree.Hosts, first[tree.Levels + 1] - tree.Hosts) { SwitchLatency = switchLatency ?? Duration.Zero };
        for (var l = 1; l <= tree.Levels; l++)
        {
            for (var n = 0; n < tree.NodesOf(l - 1); n++)
                for (var p = 0; p < tree.ParentsOf(l); p++) builder.Link(first[l - 1] + n, first[l] + tree.Parent(l, n, p), tree.Rate, latency);
        }
        return builder.Build();
    }

    /// <summary>
    /// An expanded fabric: cards are hosts, with a wire for each of their ports, and switches forward by shortest paths. Where cards are joined to each other (tori) and
    /// pass on what isn't theirs, each, or all of a node, is a switch too, with its host behind it at the rate of all its ports.
    /// </summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="dimensionOrder">Whether packets take one dimension after the other; else any shortest way.</param>
    /// <exception cref="InputException">A card has no link, or dimensions are asked for where there are none.</exception>
    public static PacketFabric Of(FabricGraph graph, FabricLatency latency, bool dimensionOrder = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(latency);
        var inSwitch = latency.Devices.Count > 0 ? latency.Devices[^1] : Duration.Zero;
        // Hosts, forwarders of cards, switches.
        var together = FabricPlane.AllOf(graph)[0].CardsForward ? graph.Plan.Wiring.CardsPerForwarder : 0;
        var (hosts, forwarders) = (graph.Cards, together > 0 ? (graph.Cards + together - 1) / together : 0);
        int Node(int device) => device >= graph.Cards ? device + forwarders : together > 0 ? hosts + (device / together) : device;
        var builder = new PacketFabricBuilder(graph.Plan.Topology, hosts, forwarders + graph.Devices - graph.Cards)
        {
            SwitchLatency = inSwitch,
            DimensionOrder = dimensionOrder ? Dimensions(graph, hosts) : [],
        };
        var grouped = graph.Plan.Topology == "dragonfly";
        for (var l = 0; l < graph.Links; l++)
        {
            var (lower, upper) = (graph.Lower[l], graph.Upper[l]);
            var between = grouped && lower >= graph.Cards && graph.GroupOf(lower) != graph.GroupOf(upper);
            builder.Link(Node(lower), Node(upper), graph.Plan.Links[graph.ClassOf[l]].Rate, latency.Links[graph.ClassOf[l]], between ? BetweenGroups : 1);
        }
        for (var card = 0; together > 0 && card < graph.Cards; card++)
            builder.Link(card, Node(card), Bandwidth.FromBitsPerSecond(graph.LinksOf(card).ToArray().Sum(l => graph.Plan.Links[graph.ClassOf[l]].Rate.BitsPerSecond)), Duration.Zero);
        return builder.Build();
    }

    /// <summary>Scale-up domains alone: ranks are hosts, each on the switch of its domain.</summary>
    public static PacketFabric OfDomains(RankPlaces places)
    {
        ArgumentNullException.ThrowIfNull(places);
        var ranks = places.Card.Length;
        var builder = new PacketFabricBuilder("scale-up domains", ranks, places.Domain.Max() + 1);
        for (var r = 0; r < ranks; r++) builder.Link(r, ranks + places.Domain[r], places.ScaleUp, places.ScaleUpLatency / 2);
        return builder.Build();
    }

    // Coordinates of forwarders or switches of a grid of one plane, and of nothing else.
    static IReadOnlyList<Func<int, int>> Dimensions(FabricGraph graph, int hosts)
    {
        var planes = FabricPlane.AllOf(graph);
        if (new DimensionOrder().Unsuited(planes[0]) is { } why) throw new InputException($"packets can't go by dimensions: {why}");
        if (planes.Count > 1) throw new InputException($"packets go by dimensions in one plane, and there are {planes.Count}");
        var grid = graph.Plan.Wiring.Grid!;
        return [.. Enumerable.Range(0, grid.Sides.Count).Select(d => (Func<int, int>)(node => grid.Coordinate(node - hosts, d)))];
    }

    void Wire(int from, int to, PacketWire wire)
    {
        if (!(wire.Rate.BitsPerSecond > 0) || !(wire.Latency.Seconds >= 0))
            throw new InputException($"expected links with a positive rate and a latency of 0 s or more, found {wire.Rate} and {wire.Latency}");
        From.Add(from);
        To.Add(to);
        Rate.Add(wire.Rate);
        Latency.Add(wire.Latency);
        Queue.Add(wire.Queue);
    }
}
