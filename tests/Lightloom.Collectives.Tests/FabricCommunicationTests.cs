using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

public sealed class FabricCommunicationTests
{
    const double Near = 1e-6;

    static readonly DataSize Size = DataSize.FromGigabytes(10);

    static FabricPlan Plan(string topology, int systems, string system = "hgx-h100", double oversubscription = 1, TopologyParameters? parameters = null, int? each = null) =>
        Topologies.Find(topology).Plan(new()
        {
            Systems = systems,
            System = PartCatalog.Default.Get<AcceleratorSystem>(system),
            Switch = PartCatalog.Default.Get<Switch>("generic-64x400g"),
            Leaf = new() { Oversubscription = Ratio.From(oversubscription) },
            SystemsPerUnit = each,
            Parameters = parameters,
        });

    static FabricCommunication Of(FabricPlan plan) => FabricCommunication.Of(FabricGraph.Of(plan));

    [Fact]
    public void Example_two_systems_on_one_switch()
    {
        var fabric = Of(Plan("single-switch", 2));
        Assert.Equal((16, 19, 64), (fabric.Graph.Ranks, fabric.Graph.Nodes, fabric.Graph.Links));
        Assert.Equal(["accelerator", "scale-up switch", "leaf"], new[] { 0, 16, 18 }.Select(fabric.Graph.KindOf));
        Assert.Equal([FabricCommunication.OfAccelerators, FabricCommunication.OfDomains], fabric.Divisions.Select(d => d.Name));
        Assert.True(fabric.Graph.IsSymmetric);
    }

    // Units of 8 systems whose leaves let out 1 / k of what enters: closed forms of the cuts around rank, domain and unit.
    [Theory]
    [InlineData(1), InlineData(2), InlineData(4)]
    public void A_rail_optimised_Clos(int oversubscription)
    {
        var fabric = Of(Plan("rail-optimized", 32, oversubscription: oversubscription, each: 8));
        var bounds = new GraphBounds(fabric.Graph);
        double n = 256, s = Size.Gigabytes, card = 50, port = 450 + card;
        double Lp(CollectiveKind kind, bool reduced = false) => bounds.Of(kind, Size, reduced).Time.Seconds;
        void Same(double expected, double actual) => Assert.Equal(1, actual / expected, Near * 10);
        Same(new[] { s * (n - 1) / n / port, s * (n - 8) / n / card, s * (n - 64) / n / (card / oversubscription) }.Max(), Lp(CollectiveKind.AllToAll));
        Same(new[] { s * (n - 1) / n / port, s * (n - 8) / n / (8 * card), s * (n - 64) / n / (64 * card / oversubscription) }.Max(), Lp(CollectiveKind.AllGather));
        Same(s / (8 * card), Lp(CollectiveKind.AllReduce, reduced: true));
        Same(2 * s * (n - 8) / n / (8 * card), Lp(CollectiveKind.AllReduce));
        Assert.Equal(["one accelerator's ports", "one scale-up domain", "one leaf group"], fabric.Divisions.Take(3).Select(d => d.Name));
        Same(Lp(CollectiveKind.AllToAll), bounds.Cuts(CollectiveKind.AllToAll, Size, fabric.Divisions)[0].Transfer.Seconds);
    }

    // Four chips of a host with six links each: the torus is counted once.
    [Fact]
    public void Chips_of_a_torus_share_no_links_with_a_scale_up_domain_of_the_same_torus()
    {
        var host = PartCatalog.Default.Get<AcceleratorSystem>("mi300x-platform") with
        {
            Accelerator = PartCatalog.Default.Get<Accelerator>("tpu-v4"),
            Accelerators = Sourced<int>.Of(4, "test", Grade.Assumption),
            Nics = Sourced<int>.Of(4, "test", Grade.Assumption),
            Nic = PartCatalog.Default.Get<NetworkInterface>("connectx-7") with
            {
                Rate = Sourced<Bandwidth>.Of(Bandwidth.FromGigabitsPerSecond(2400), "test", Grade.Assumption),
                Ports = Sourced<int>.Of(6, "test", Grade.Assumption),
            },
        };
        var plan = Topologies.Find("torus").Plan(new()
        {
            Systems = 16,
            System = host,
            Switch = PartCatalog.Default.Get<Switch>("generic-64x400g"),
            Parameters = new() { Dimensions = [4, 4, 4] },
        });
        var fabric = Of(plan);
        Assert.Equal((64, 64, 384), (fabric.Graph.Ranks, fabric.Graph.Nodes, fabric.Graph.Links));
        var bounds = new GraphBounds(fabric.Graph);
        Assert.Equal(1, bounds.Cells);
        Assert.Equal(Size.Gigabytes * 4 / 8 / 50, bounds.Of(CollectiveKind.AllToAll, Size).Time.Seconds, Near);
        Assert.Equal(Size.Gigabytes * 63 / 64 / 300, bounds.Of(CollectiveKind.AllGather, Size).Time.Seconds, Near);
        var halves = bounds.Cuts(CollectiveKind.AllToAll, Size, fabric.Divisions.Where(d => d.Name.StartsWith("half along", StringComparison.Ordinal)));
        Assert.Equal(3, halves.Count);
        Assert.All(halves, h => Assert.Equal(bounds.Of(CollectiveKind.AllToAll, Size).Time.Seconds, h.Transfer.Seconds, Near));
    }

    public static TheoryData<string, int> Every => [.. from t in Topologies.All from systems in new[] { 4, 12 } where Planned(t.Name, systems) is not null select (t.Name, systems)];

    static FabricPlan? Planned(string topology, int systems)
    {
        try
        {
            return Plan(topology, systems);
        }
        catch (FabricException)
        {
            return null; // cards of one port make no torus
        }
    }

    [Fact]
    public void Most_topologies_join_such_systems() => Assert.True(Topologies.All.Count(t => Planned(t.Name, 12) is not null) > Topologies.All.Count / 2);

    [Theory, MemberData(nameof(Every))]
    public void No_cut_of_any_topology_is_slower_than_its_program(string topology, int systems)
    {
        var fabric = Of(Plan(topology, systems));
        var bounds = new GraphBounds(fabric.Graph);
        foreach (var kind in new[] { CollectiveKind.AllGather, CollectiveKind.AllToAll, CollectiveKind.AllReduce, CollectiveKind.Broadcast, CollectiveKind.Gather })
        {
            GraphBound exact;
            try
            {
                exact = bounds.Of(kind, Size);
            }
            catch (ArgumentException e) when (e.Message.Contains("differently", StringComparison.Ordinal))
            {
                continue;
            }
            if (exact.IsTight) Assert.All(bounds.Cuts(kind, Size, fabric.Divisions), c => Assert.True(c.Transfer.Seconds <= exact.Time.Seconds * (1 + Near), $"{kind}: {c} above {exact}"));
            Assert.True(exact.Time > Duration.Zero);
        }
        var reduced = bounds.Of(CollectiveKind.AllReduce, Size, reduced: true);
        Assert.All(bounds.Cuts(CollectiveKind.AllReduce, Size, fabric.Divisions, reduced: true), c => Assert.True(c.Transfer.Seconds <= reduced.Time.Seconds * (1 + Near)));
        Assert.True(reduced.Time.Seconds <= bounds.Of(CollectiveKind.Broadcast, Size).Time.Seconds * (1 + Near) * 8);
    }

    [Fact]
    public void A_part_of_each_system_leaves_the_other_cards_out()
    {
        var graph = FabricGraph.Of(Plan("rail-optimized", 4));
        var half = FabricCommunication.Of(graph, 4);
        Assert.Equal(16, half.Graph.Ranks);
        Assert.Equal(4 * 50, half.Divisions.Single(d => d.Name == FabricCommunication.OfDomains) is var d
            ? new GraphBounds(half.Graph).Cuts(CollectiveKind.AllGather, Size, [d])[0].Bandwidth.GigabytesPerSecond : 0, 1e-9);
        Assert.Throws<ArgumentException>(() => FabricCommunication.Of(graph, 9));
        var thin = FabricCommunication.Of(graph, scaleUpShare: Ratio.From(0.8), fabricShare: Ratio.From(0.5));
        Assert.Equal((450 * 0.8) + 25, new GraphBounds(thin.Graph).Cuts(CollectiveKind.AllGather, Size, [thin.Divisions[0]])[0].Bandwidth.GigabytesPerSecond, 1e-9);
    }
}
