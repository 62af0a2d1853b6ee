using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Tests;

public sealed class FabricFlowsTests
{
    static FabricGraph Graph(string topology, int systems) => FabricGraph.Of(Topologies.Find(topology).Plan(new()
    {
        Systems = systems,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
        Planes = topology == "multi-plane" ? 2 : 1,
        PortRate = topology == "multi-plane" ? Bandwidth.FromGigabitsPerSecond(200) : null,
    }));

    static SendList Sends(FabricGraph graph, string pattern, double bytes = 1e6) =>
        SendList.Parse(graph, pattern, DataSize.FromBytes(bytes), file => throw new InputException($"no file {file}"));

    // What leaves a device, of all of a flow, enters the next: shares are conserved on every topology and routing.
    [Theory]
    [InlineData("fat-tree", 72)]
    [InlineData("rail-optimized", 72)]
    [InlineData("dragonfly", 72)]
    [InlineData("hyperx", 72)]
    [InlineData("torus", 64)]
    [InlineData("multi-plane", 64)]
    public void All_of_a_flow_leaves_and_arrives(string topology, int systems)
    {
        var graph = Graph(topology, systems);
        foreach (var routing in Routings.All.Where(r => FabricPlane.AllOf(graph).All(p => r.Unsuited(p) is null)))
        {
            foreach (ulong? hash in new ulong?[] { null, 7 })
            {
                var sends = Sends(graph, "random:60:5");
                var program = FabricFlows.Program(graph, routing, sends, new() { HashSeed = hash });
                for (var f = 0; f < sends.Count; f++)
                {
                    var balance = new Dictionary<int, double>();
                    // Cards of a node of a torus are one.
                    int Node(int device) => device < graph.Cards ? device / graph.Plan.Wiring.CardsPerForwarder : device;
                    var (start, end) = (Node(sends.Source[f]), Node(sends.Destination[f]));
                    if (start == end)
                    {
                        Assert.Equal(program.PathOffset[f], program.PathOffset[f + 1]);
                        continue;
                    }
                    for (var p = program.PathOffset[f]; p < program.PathOffset[f + 1]; p++)
                    {
                        var (link, up, share) = (program.Path[p] / 2, program.Path[p] % 2 == 0, program.Share?[p] ?? 1);
                        var (from, to) = up ? (graph.Lower[link], graph.Upper[link]) : (graph.Upper[link], graph.Lower[link]);
                        balance[Node(from)] = balance.GetValueOrDefault(Node(from)) - share;
                        balance[Node(to)] = balance.GetValueOrDefault(Node(to)) + share;
                    }
                    Assert.Equal(-1, balance[start], 1e-9);
                    Assert.Equal(1, balance[end], 1e-9);
                    Assert.All(balance.Where(b => b.Key != start && b.Key != end), b => Assert.Equal(0, b.Value, 1e-9));
                }
            }
        }
    }

    // 16 cards of 400 Gb/s into one: 16 MB over 50 GB/s.
    [Fact]
    public void Closed_forms_of_patterns_on_a_fabric()
    {
        var graph = Graph("fat-tree", 32);
        double Time(string pattern) => FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), Sends(graph, pattern))).Seconds;
        Assert.Equal(16e6 / 50e9, Time("incast:16"), 1e-12);
        Assert.Equal(1e6 / 50e9, Time("shift:32"), 1e-12);
        Assert.Equal(255e6 / 50e9, Time("all-to-all"), 1e-9);
        Assert.Equal(8e6 / 50e9, Time("butterfly"), 1e-12);
    }

    // 2 links and a switch between cards of one leaf: latency 2 x 0.2 + 0.1 us.
    [Fact]
    public void Latency_is_that_of_links_and_of_what_passes_on()
    {
        var graph = Graph("fat-tree", 2);
        var latency = new FabricLatency([.. graph.Plan.Links.Select(_ => Duration.FromMicroseconds(0.2))], [.. graph.Tiers.Select(t => Duration.FromMicroseconds(t.Switch is null ? 0 : 0.1))]);
        var run = FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), Sends(graph, "incast:1"), latency: latency));
        Assert.Equal(1e6 / 50e9 + 0.5e-6, run.Seconds, 1e-12);
    }

    [Fact]
    public void A_failed_link_is_gone_round_when_it_is_noticed()
    {
        var graph = Graph("fat-tree", 32);
        var sends = Sends(graph, "shift:64", 50e6); // 1 ms at full rate
        var leaf = graph.FirstSwitch;
        int[] links = [.. graph.LinksOf(leaf).ToArray().Where(l => graph.Lower[l] == leaf).Take(1)];
        double Time(FabricFailure? failure) => FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), sends, failure: failure)).Seconds;
        var whole = Time(null);
        Duration Us(double t) => Duration.FromMicroseconds(t);
        // Nothing moves over that leaf between failure and notice; then over what is left.
        var late = Time(new(links, Us(100), Us(400)));
        var soon = Time(new(links, Us(100), Us(200)));
        Assert.InRange(soon, whole + 100e-6, whole + 250e-6);
        Assert.Equal(200e-6, late - soon, 1e-9);
        Assert.InRange(Time(new(links, Us(100), Us(200), Us(300))), whole + 100e-6, soon + 1e-12);
    }

    [Fact]
    public void Links_add_up_to_what_flows_sent_and_bottlenecks_to_their_time()
    {
        var graph = Graph("fat-tree", 32);
        foreach (var grouping in Enum.GetValues<FlowGrouping>())
        {
            var sends = Sends(graph, "hotspot:20:3").Over(Duration.FromMicroseconds(50), 2);
            var run = FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), sends), new() { KeepRates = true, Grouping = grouping });
            var report = LinkReport.Of(run, 40);
            var (sent, ownTime) = (0.0, 0.0);
            for (var f = 0; f < sends.Count; f++) ownTime += run.FinishOf(f) - run.BeginOf(f);
            for (var l = 0; l < graph.Links; l++)
                if (graph.Lower[l] < graph.Cards) sent += report.Of(2 * l).Bytes;
            Assert.Equal(sends.Count * 1e6, sent, 1);
            Assert.Equal(ownTime, report.FlowSeconds, 1e-9);
            Assert.Equal(ownTime, report.Bottlenecks.Sum(b => b.LimitedFlowSeconds * b.Links), 1e-9);
            foreach (var use in report.Used)
            {
                Assert.All(use.Load, v => Assert.InRange(v, 0, 1 + 1e-9));
                Assert.Equal(use.Bytes, use.Load.Average() * report.Seconds * use.BytesPerSecond, 1e-6 * use.Bytes);
            }
        }
    }

    [Theory]
    [InlineData("insact:3", "did you mean 'incast'")]
    [InlineData("shift", "is no pattern")]
    [InlineData("shift:0", "expected a whole number from 1 to 15, found '0'")]
    [InlineData("random:x", "found 'x'")]
    [InlineData("hotspot:101", "from 0 to 100, found '101'")]
    [InlineData("permutation:a", "expected a seed")]
    public void Wrong_patterns_are_refused(string pattern, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Sends(Graph("fat-tree", 2), pattern)).Message, StringComparison.Ordinal);

    // Seeds are explicit, and the same seed is the same traffic.
    [Fact]
    public void Same_seed_same_sends()
    {
        var graph = Graph("fat-tree", 4);
        Assert.Equal(Sends(graph, "random:50:9").Destination, Sends(graph, "random:50:9").Destination);
        Assert.NotEqual(Sends(graph, "random:50:9").Destination, Sends(graph, "random:50:8").Destination);
    }
}
