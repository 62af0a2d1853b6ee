using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Planning.Tests;

/// <summary>One collective, several engines.</summary>
public class NetworkEngineTests
{
    static readonly PartCatalog Parts = PartCatalog.Default;

    static FabricGraph Fabric(int systems, string topology = "rail-optimized", int spineOversubscription = 1) => FabricGraph.Of(Topologies.Find(topology).Plan(new()
    {
        Systems = systems,
        System = Parts.Get<AcceleratorSystem>("dgx-h100"),
        Switch = Parts.Get<Switch>("qm9700"),
        Leaf = new() { Oversubscription = Ratio.From(spineOversubscription) },
    }));

    static EngineTask Task(FabricGraph graph, CollectiveKind kind, CollectiveAlgorithm algorithm, double bytes, params int[][] groups) =>
        EngineTask.Of(graph, kind, algorithm, DataSize.FromBytes(bytes), groups);

    static EngineRun Play(INetworkEngine engine, EngineTask task) => engine.Run(task, TestContext.Current.CancellationToken);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // All sends of channel 0: a ring of its own, as if the others were not there.
    static SendList OneChannel(EngineTask task)
    {
        var expanded = task.Schedule.Expand();
        var all = SendList.Of(expanded);
        int[] kept = [.. Enumerable.Range(0, all.Count).Where(i => expanded.Lane[i] == 0)];
        var place = new Dictionary<int, int>(kept.Select((k, i) => KeyValuePair.Create(k, i))) { [-1] = -1 };
        T[] Of<T>(T[] values) => [.. kept.Select(k => values[k])];
        return new()
        {
            Name = "one channel",
            Source = Of(all.Source),
            Destination = Of(all.Destination),
            Bytes = Of(all.Bytes),
            WaitsFor = Of(all.WaitsFor!),
            Feeds = Of(all.Feeds!),
            After = [.. Of(all.After!).Select(a => place[a])],
            GateArrivals = all.GateArrivals,
            GateAfter = all.GateAfter,
        };
    }

    /// <summary>
    /// Ring of 16 ranks in two systems, 4 MB in 8 channels. System: rank r starts step s + 1 when its send of step s has left and its receive has
    /// arrived; a send takes d_r (31,250 B at 450 GB/s inside, at 50 GB/s across) and arrives l_r later. Expectation, one channel alone: the
    /// recursion  t_r(s + 1) = max(t_r(s) + d_r, t_q(s) + d_q + l_q), q before r: flows meet it, packets add their headers, stores and forwards.
    /// </summary>
    [Fact]
    public void One_channel_of_a_ring_takes_what_its_recursion_says()
    {
        var graph = Fabric(2);
        var task = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.Ring, DataSize.FromBytes(4e6), 16);
        var (sends, latency) = (OneChannel(task), TrafficSimulation.Latency(graph, null));
        var flows = FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), sends, null, latency, places: task.Places)).Seconds;

        var route = new FabricRoute(graph, new(graph, new EqualCost()), latency, task.Places);
        var (next, takes, late) = (new int[16], new double[16], new double[16]);
        for (var i = 0; i < 16; i++)
        {
            var (from, to) = (sends.Source[i], sends.Destination[i]);
            (next[from], late[from]) = (to, route.Find(from, to, [], []));
            takes[from] = sends.Bytes[i] / (from / 8 == to / 8 ? 450e9 : 50e9);
        }
        var (start, end) = (new double[16], 0.0);
        for (var s = 0; s < 30; s++)
        {
            var then = new double[16];
            for (var r = 0; r < 16; r++)
            {
                then[r] = Math.Max(then[r], start[r] + takes[r]);
                then[next[r]] = Math.Max(then[next[r]], start[r] + takes[r] + late[r]);
                end = Math.Max(end, start[r] + takes[r] + late[r]);
            }
            start = then;
        }
        Assert.Equal(end, flows, 1e-9 * end);

        var packets = PacketSimulation.Run(PacketFabricBuilder.Of(graph, latency), PacketFabricBuilder.OfDomains(task.Places), PacketTraffic.Of(sends, graph, task.Places), new(), Stop);
        var last = Enumerable.Range(0, sends.Count).Max(f => packets.ArrivalOf(f)!.Value.ToDuration().Seconds);
        Assert.InRange(last / end, 1, 1.05);
    }

    /// <summary>
    /// All eight channels: flows that are alike stay alike, and eight channels that wait for latency at once leave their links idle together. That is one
    /// solution of the recursion with shared links, and no stable one: sizes that differ by 1 % let channels fall out of step, as packets do, and
    /// the ring then ends between one channel alone and all in step.
    /// </summary>
    [Fact]
    public void Channels_in_step_are_the_slowest_of_what_flows_do()
    {
        var graph = Fabric(2);
        var task = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.Ring, DataSize.FromBytes(4e6), 16);
        var sends = SendList.Of(task.Schedule.Expand());
        double Stirred(double apart)
        {
            var random = new Random(7);
            SendList stirred = new()
            {
                Name = sends.Name,
                Source = sends.Source,
                Destination = sends.Destination,
                Bytes = [.. sends.Bytes.Select(b => b * (1 + (apart * (random.NextDouble() - 0.5))))],
                WaitsFor = sends.WaitsFor,
                Feeds = sends.Feeds,
                After = sends.After,
                GateArrivals = sends.GateArrivals,
                GateAfter = sends.GateAfter,
            };
            return FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), stirred, null, TrafficSimulation.Latency(graph, null), places: task.Places)).Seconds;
        }
        var inStep = Stirred(0);
        Assert.Equal(inStep, Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time.Seconds, 1e-9 * inStep);
        var apart = Stirred(0.01);
        Assert.InRange(apart / inStep, 0.8, 0.95);
        var packets = Play(new PacketNetworkEngine(graph, null, new()), task).Time.Seconds;
        Assert.InRange(packets / inStep, 0.75, 0.95);
        var alone = FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), OneChannel(task), null, TrafficSimulation.Latency(graph, null), places: task.Places)).Seconds;
        Assert.True(alone < Math.Min(apart, packets));
    }

    /// <summary>
    /// System: groups at stride 8 of a rail-only fabric send over rails of their own. Expectation: all of them take what one alone takes, however many.
    /// </summary>
    [Fact]
    public void Groups_that_share_no_link_take_what_one_alone_takes()
    {
        var graph = Fabric(8);
        int[][] rails = [.. Enumerable.Range(0, 8).Select(g => Enumerable.Range(0, 8).Select(s => (8 * s) + g).ToArray())];
        var flow = new FlowNetworkEngine(graph, null, new EqualCost());
        var task = Task(graph, CollectiveKind.ReduceScatter, CollectiveAlgorithm.Ring, 1e9, rails);
        var all = Play(flow, task);
        Assert.Equal(Play(flow, task.Alone).Time.Seconds, all.Time.Seconds, 1e-9);
        // 7 steps of 125 MB at 50 GB/s, and their latencies.
        Assert.InRange(all.Time.Seconds, 7 * 125e6 / 50e9, (7 * 125e6 / 50e9) + 2e-5);
        Assert.Equal("node-leaf", all.Flows!.Busiest.Name);
    }

    /// <summary>
    /// System: leaves with half as much up as down, and pairs of groups that all leave their leaf. Expectation: each gets half of its card's rate, twice
    /// the time that one alone takes, and the links above the leaves are named.
    /// </summary>
    [Fact]
    public void Groups_that_meet_on_a_thin_link_share_it()
    {
        var graph = Fabric(84, spineOversubscription: 2);
        var systems = graph.Plan.Clos!.SystemsPerUnit;
        var beyond = systems * 8;
        int[][] pairs = [.. Enumerable.Range(0, beyond).Where(r => r + beyond < graph.Plan.AcceleratorCount).Select(r => new[] { r, r + beyond })];
        Assert.Equal(beyond, pairs.Length);
        var flow = new FlowNetworkEngine(graph, null, new EqualCost());
        var task = Task(graph, CollectiveKind.SendReceive, CollectiveAlgorithm.Direct, 1e9, pairs);
        var (all, one) = (Play(flow, task), Play(flow, task.Alone));
        Assert.Equal(1e9 / 50e9, one.Time.Seconds, 1e-5);
        var (down, up) = (systems, graph.Plan.Clos.UplinksPerLeaf);
        Assert.Equal(1e9 / 50e9 * down / up, all.Time.Seconds, 1e-5);
        Assert.Equal("leaf-spine", all.Flows!.Busiest.Name);
        Assert.Equal((double)down / up, all.Flows.Busiest.Flows, 1e-9);
    }

    /// <summary>A task of several groups is what its sends written out one group after the other are.</summary>
    [Theory]
    [InlineData(CollectiveKind.AllReduce, "tree")]
    [InlineData(CollectiveKind.AllToAll, "direct")]
    [InlineData(CollectiveKind.AllGather, "ring")]
    public void Groups_play_as_their_sends_do(CollectiveKind kind, string algorithm)
    {
        var graph = Fabric(4);
        int[][] groups = [[0, 1, 8, 9, 16, 17, 24, 25], [2, 3, 10, 11, 18, 19, 26, 27]];
        var task = Task(graph, kind, CollectiveAlgorithm.All.First(a => a.Name == algorithm), 1e7, groups);
        var single = SendList.Of(task.Schedule.Expand());
        var both = single.Among(groups);
        Assert.Equal(2 * single.Count, both.Count);
        var run = FlowSimulation.Run(FabricFlows.Program(graph, new EqualCost(), both, null, TrafficSimulation.Latency(graph, null), places: task.Places), new() { Grouping = FlowGrouping.OneByOne });
        Assert.Equal(run.Seconds, Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time.Seconds, 1e-9 * run.Seconds);
    }

    /// <summary>System: three ranks, two of them in one domain. Expectation: one ring of one channel, in which each sends two thirds of the data.</summary>
    [Fact]
    public void Uneven_groups_have_the_channels_of_their_smallest_part()
    {
        var graph = Fabric(2);
        var task = Task(graph, CollectiveKind.AllGather, CollectiveAlgorithm.Ring, 3e8, [0, 1, 8]);
        Assert.Equal((1, 6), (task.Schedule.Channels, task.Schedule.SendCount));
        // The two ways across are the slowest; they overlap with the third.
        Assert.InRange(Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time.Seconds, 2e8 / 50e9, (2e8 / 50e9) + 1e-5);
    }

    // Whatever transport cards have, what stays in a domain goes by its links' credits: nothing is lost there, every byte is there once, and a second run is the same.
    [Theory]
    [InlineData("uet-rccc", "mixed")]
    [InlineData("uet-nscc", "mixed")]
    [InlineData("dctcp", "oblivious")]
    [InlineData("infiniband", "adaptive")]
    [InlineData("roce", "single-path")]
    public void Domains_have_links_with_credits_whatever_cards_have(string transport, string balance)
    {
        var graph = Fabric(2);
        var task = EngineTask.Of(graph, CollectiveKind.AllToAll, CollectiveAlgorithm.Direct, DataSize.FromBytes(1.6e6), 16);
        PacketNetworkEngine Engine() => new(graph, null, new() { Transport = transport, Balance = balance, Buffer = PacketTransports.IsLossless(transport) ? null : DataSize.FromBytes(20_000) });
        var run = Play(Engine(), task).Packets!.Run;
        Assert.Equal((true, 0, 0.0), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes));
        for (var f = 0; f < run.Traffic.Count; f++) Assert.Equal(run.Traffic.Bytes[f], run.DeliveredOf(f));
        // Hosts of domains are counted behind cards; there packets cross two links each, and none is sent again.
        long Packets(bool inside) => Enumerable.Range(0, run.Traffic.Count).Where(f => run.Traffic.Source[f] >= graph.Cards == inside).Sum(f => (run.Traffic.Bytes[f] + 4085) / 4086);
        Assert.True(Packets(true) > 1000 && Packets(false) > 1000);
        Assert.Equal((Packets(true), 2 * Packets(true), Packets(false)), (run.WithinDomains!.Value.Packets, run.WithinDomains.Value.DataHops, run.NewPackets));
        Assert.Equal(run.CompletionTimes(), Play(Engine(), task).Packets!.Run.CompletionTimes());
    }

    // A ring within one system, one channel: 2 (n - 1) steps of p packets, over a switch that stores them, at the rate and latency of the domain.
    [Fact]
    public void A_ring_within_a_domain_takes_its_closed_form_in_packets()
    {
        var graph = Fabric(2);
        var task = Task(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.Ring, 8 * 100 * 4086.0, [0, 1, 2, 3, 4, 5, 6, 7]);
        var sends = OneChannel(task);
        var (places, channels) = (task.Places, task.Schedule.Channels);
        var run = PacketSimulation.Run(PacketFabricBuilder.Of(graph, TrafficSimulation.Latency(graph, null)), PacketFabricBuilder.OfDomains(places), PacketTraffic.Of(sends, graph, places), new() { Transport = "uet-rccc" }, Stop);
        var last = Enumerable.Range(0, sends.Count).Max(f => run.ArrivalOf(f)!.Value.ToDuration().Seconds);
        var bytes = 100 * 4086.0 / channels;
        var packets = Math.Ceiling(bytes / 4086);
        // The packets of a step one behind the other, and the last one, which is shorter, over a second link.
        var wire = bytes + (64 * packets);
        var second = wire - ((packets - 1) * 4150);
        var step = ((wire + second) / places.ScaleUp.BytesPerSecond) + places.ScaleUpLatency.Seconds;
        Assert.InRange(last / (14 * step), 0.999, 1.03);
        Assert.Equal(0, run.NewPackets);
    }

    /// <summary>
    /// System: all groups of so many neighbours on 6 domains of 8, most of which lie in two domains or more. Expectation: the closed form, by where the
    /// layout places the group that is cut worst, takes what the flow engine takes for all of them at once.
    /// </summary>
    [Theory]
    [InlineData(CollectiveKind.AllReduce, 6)]
    [InlineData(CollectiveKind.AllGather, 6)]
    [InlineData(CollectiveKind.ReduceScatter, 3)]
    [InlineData(CollectiveKind.AllReduce, 12)]
    [InlineData(CollectiveKind.AllReduce, 16)]
    public void Groups_across_domains_pay_for_the_way_across(CollectiveKind kind, int ranks)
    {
        var graph = Fabric(6);
        int[][] groups = [.. Enumerable.Range(0, 48 / ranks).Select(g => Enumerable.Range(g * ranks, ranks).ToArray())];
        var task = Task(graph, kind, CollectiveAlgorithm.Ring, 1e9, groups);
        var placement = GroupPlacement.Strided(ranks, 1, [8, 48]);
        Assert.Equal(task.Placement, placement);
        var played = Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time.Seconds;
        var levels = new NetworkLevels(new NetworkLevel("scale-up", task.Places.ScaleUp, task.Places.ScaleUpLatency), new NetworkLevel("fabric", Bandwidth.FromGigabytesPerSecond(50), Duration.FromMicroseconds(1)));
        double Closed(in GroupPlacement where) => CollectiveModel.Default.Time(kind, task.Size, where, levels, CollectiveAlgorithm.Ring, CollectiveProtocol.Bulk).Total.Seconds;
        Assert.InRange(Closed(placement) / played, 0.97, 1.03);
        // What fits one domain is not in one: most of these groups would be several times faster there.
        if (ranks < 8) Assert.InRange(played / Closed(GroupPlacement.Of(ranks, ranks)), 3, 10);
    }

    /// <summary>
    /// System: all-reduce of S by the fabric's switches, in domains of 8 whose switches reduce too. Expectation: a card carries S / 8 once in each
    /// direction, however many domains there are and however thin the links above the leaves, since one copy passes for all cards of a leaf; inside
    /// a domain each rank sends and receives S (8 + 1) / 8 at nine times the rate.
    /// </summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(32, 1)]
    [InlineData(84, 1)]
    [InlineData(84, 4)]
    public void Switches_that_reduce_carry_one_copy(int systems, int oversubscription)
    {
        var graph = Fabric(systems, spineOversubscription: oversubscription);
        var task = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, DataSize.FromBytes(1e9), 8 * systems);
        var flow = Play(new FlowNetworkEngine(graph, null, new EqualCost()), task);
        Assert.InRange(flow.Time.Seconds, 1e9 / 8 / 50e9, (1e9 / 8 / 50e9) + 1e-5);
        Assert.Equal("node-leaf", flow.Flows!.Busiest.Name);
        Assert.Equal(Play(new AnalyticEngine(graph, null, new EqualCost()), task).Time.Seconds, flow.Time.Seconds, 0.01 * flow.Time.Seconds);
        // The card is what both need most: a domain alone takes S (8 + 1) / 8 at 450 GB/s, and where nothing reduces in it 2 S 7 / 8.
        var inside = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InSwitch, DataSize.FromBytes(1e9), 8);
        Assert.Equal(1e9 * 9 / 8 / 450e9, Play(new FlowNetworkEngine(graph, null, new EqualCost()), inside).Time.Seconds, 1e-5);
        var forwarding = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, DataSize.FromBytes(1e9), task.Groups, domainsReduce: false);
        Assert.InRange(Play(new FlowNetworkEngine(graph, null, new EqualCost()), forwarding).Time.Seconds, 2e9 * 7 / 8 / 450e9, (2e9 * 7 / 8 / 450e9) + 3e-5);
    }

    /// <summary>
    /// System: the same in packets, over one and two tiers, in domains whose switches reduce or don't; NVLink's switches alone; and with trees between systems. Expectation: what flows
    /// take, with a header for each packet's payload, and the filling of the pipeline by pieces; each rank gets every block once.
    /// </summary>
    [Theory]
    [InlineData("in-network", CollectiveKind.AllReduce, 4, true, 1.06)]
    [InlineData("in-network", CollectiveKind.AllReduce, 84, true, 1.35)] // of 8 MB
    [InlineData("in-network", CollectiveKind.AllReduce, 4, false, 1.6)] // one ring inside, which waits for each of its steps' latency
    [InlineData("in-network chain", CollectiveKind.AllReduce, 4, false, 1.06)]
    [InlineData("NVLS", CollectiveKind.AllReduce, 1, true, 1.06)]
    [InlineData("NVLS gather", CollectiveKind.AllGather, 1, true, 1.06)]
    [InlineData("NVLS gather", CollectiveKind.ReduceScatter, 1, true, 1.06)]
    public void Switches_that_reduce_take_packets_as_long_as_flows(string algorithm, CollectiveKind kind, int systems, bool domainsReduce, double most)
    {
        var graph = Fabric(Math.Max(2, systems));
        var size = DataSize.FromBytes(systems > 4 ? 8e6 : 64e6);
        var task = EngineTask.Of(graph, kind, CollectiveAlgorithm.All.First(a => a.Name == algorithm), size, [[.. Enumerable.Range(0, 8 * systems)]], domainsReduce);
        var flow = Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time.Seconds;
        var packets = Play(new PacketNetworkEngine(graph, null, new() { ReductionChunk = DataSize.FromBytes(systems > 4 ? 16384 : 131072) }), task);
        Assert.InRange(packets.Time.Seconds / flow, 0.99, most);
        var run = packets.Packets!.Run;
        Assert.Equal((true, 0, 0.0, 0L, 0L), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes, run.Drops, run.AgainPackets));
        if (algorithm != "in-network") return;
        // An eighth of the data comes to each card once, and all of it to each rank.
        long To(int host) => Enumerable.Range(0, run.Traffic.Count).Where(f => run.Traffic.Destination[f] == host).Sum(run.DeliveredOf);
        var pieces = packets.Packets.Schedule.Pieces;
        for (var h = 0; h < 8 * systems; h++) Assert.InRange(To(h), size.Bytes / 8, (size.Bytes / 8) + pieces);
        if (domainsReduce) Assert.InRange(To(graph.Cards + 3), size.Bytes * 9 / 8, (size.Bytes * 9 / 8) + (9 * pieces));
    }

    /// <summary>System: cards of two ports of 200 Gb/s in planes of their own. Expectation: a tree in each, and the time of flows with headers and pieces.</summary>
    [Fact]
    public void Cards_in_several_planes_have_a_tree_in_each()
    {
        var graph = FabricGraph.Of(Topologies.Find("multi-plane").Plan(new()
        {
            Systems = 4,
            System = Parts.Get<AcceleratorSystem>("dgx-h100"),
            Switch = Parts.Get<Switch>("qm9700"),
            PortRate = Bandwidth.FromGigabitsPerSecond(200),
        }));
        var task = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, DataSize.FromBytes(64e6), 32);
        var (flow, packets) = (Play(new FlowNetworkEngine(graph, null, new EqualCost()), task).Time, Play(new PacketNetworkEngine(graph, null, new()), task));
        Assert.InRange(packets.Time / flow, 1.0, 1.06);
        var run = packets.Packets!.Run;
        Assert.Equal((true, 0, 0.0), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes));
    }

    /// <summary>System: groups of one rail each at once, as many as there are rails. Expectation: their trees share no link below the spines, and none takes longer than one alone.</summary>
    [Fact]
    public void Trees_of_several_groups_play_at_once_in_packets()
    {
        var graph = Fabric(16);
        int[][] rails = [.. Enumerable.Range(0, 8).Select(g => Enumerable.Range(0, 16).Select(s => (8 * s) + g).ToArray())];
        var task = Task(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, 4e6, rails);
        var engine = new PacketNetworkEngine(graph, null, new());
        var (all, alone) = (Play(engine, task), Play(engine, task.Alone));
        Assert.Equal(alone.Time, all.Time);
        Assert.Equal(8 * alone.Packets!.Run.DataHops, all.Packets!.Run.DataHops);
        // The same on several threads: ranks of one domain each send over the fabric alone.
        var threads = Play(new PacketNetworkEngine(graph, null, new() { Threads = 3 }), task);
        Assert.Equal((3, all.Time), (threads.Packets!.Run.Threads, threads.Time));
    }

    /// <summary>
    /// System: two rails' groups of one rank in each of 84 systems (three leaves of each rail), and the same among the ranks of one rail alone. Expectation: up every
    /// tree link once; a tree has as many links as it has cards and leaves.
    /// </summary>
    [Fact]
    public void A_tree_has_a_link_for_each_card_and_leaf()
    {
        var graph = Fabric(84);
        int[][] rails = [.. Enumerable.Range(0, 2).Select(g => Enumerable.Range(0, 84).Select(s => (8 * s) + g).ToArray())];
        var task = Task(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, 1e9, rails);
        var switched = SwitchedFlows.Of(graph, task.Schedule, task.Groups, new(graph, new EqualCost()), TrafficSimulation.Latency(graph, null), task.Places);
        Assert.Equal(4, switched.Program.Count);
        var leaves = graph.Plan.Clos!.SystemsPerUnit is var each ? (84 + each - 1) / each : 0;
        Assert.True(leaves > 1);
        for (var f = 0; f < 4; f++)
        {
            var links = switched.Program.Path[switched.Program.PathOffset[f]..switched.Program.PathOffset[f + 1]].Select(d => d / 2).ToList();
            var share = switched.Program.Share is { } all ? all[switched.Program.PathOffset[f]..switched.Program.PathOffset[f + 1]] : [.. links.Select(_ => 1.0)];
            // Links beside each other carry a part each.
            Assert.Equal(84 + leaves, share.Sum(), 1e-9);
            Assert.All(links.Where((_, i) => share[i] == 1), l => Assert.True(graph.Lower[l] < graph.Cards || graph.Lower[l] >= graph.FirstSwitch));
            Assert.Single(links.Select(l => graph.Upper[l]).Where(u => links.TrueForAll(l => graph.Lower[l] != u)).Distinct());
        }
    }

    /// <summary>
    /// System: one collective goes on while another is done, over the same cards, over others, and one flow beside two on each card. Expectation: both
    /// take twice their own time where they halve every link, their own where they share none, and three times and 1.5 times.
    /// </summary>
    [Theory]
    [InlineData("flow", 1e9, 1e-3)]
    [InlineData("packet", 1e8, 0.04)]
    public void Collectives_of_different_groups_share_what_both_need(string by, double size, double within)
    {
        var graph = Fabric(4);
        INetworkEngine engine = by == "flow" ? new FlowNetworkEngine(graph, null, new EqualCost()) : new PacketNetworkEngine(graph, null, new());
        (double Data, double Rival) Together(EngineTask one, EngineTask other) => engine.Together(one, other, Stop) is var both ? (both.Data, both.Rival) : default;
        void Close(double data, double rival, (double Data, double Rival) found)
        {
            Assert.Equal(data, found.Data, within * data);
            Assert.Equal(rival, found.Rival, within * rival);
        }
        int[] rail = [0, 8, 16, 24], back = [24, 16, 8, 0], beside = [1, 9, 17, 25];
        var ring = Task(graph, CollectiveKind.ReduceScatter, CollectiveAlgorithm.Ring, size, rail);
        Close(2, 2, Together(ring, Task(graph, CollectiveKind.AllGather, CollectiveAlgorithm.Ring, 0.3 * size, rail)));
        Close(1, 1, Together(ring, Task(graph, CollectiveKind.AllGather, CollectiveAlgorithm.Ring, 0.3 * size, beside)));
        Close(2, 2, Together(Task(graph, CollectiveKind.SendReceive, CollectiveAlgorithm.Direct, size, [0, 8]), Task(graph, CollectiveKind.SendReceive, CollectiveAlgorithm.Direct, size, [0, 8])));
        // Rings out of one card to two others, and a send of it: two flows leave the card beside one.
        var two = Task(graph, CollectiveKind.AllToAll, CollectiveAlgorithm.Direct, 3 * size, [0, 8, 16]);
        var third = Together(two, Task(graph, CollectiveKind.SendReceive, CollectiveAlgorithm.Direct, 1e7, [0, 24]));
        Assert.InRange(third.Rival, 1.9, 3.1);
        Assert.InRange(third.Data, 1.0, 2.1);
        // A ring against its direction: cards send and receive at once, so that nothing is shared but the other way round.
        Close(2, 2, Together(ring, Task(graph, CollectiveKind.AllGather, CollectiveAlgorithm.Ring, 0.3 * size, back)));
        // In the same tree of switches that reduce.
        var tree = Task(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, size, rail);
        Close(2, 2, Together(tree, ring));
        Close(2, 2, Together(ring, tree));
        if (by == "flow") return;
        // One that is short beside one of large sends, which goes on all the while: windows have no time to settle.
        var brief = Together(ring, Task(graph, CollectiveKind.SendReceive, CollectiveAlgorithm.Direct, 2e6, [0, 8]));
        Assert.InRange(brief.Data, 1.6, 2.4);
        Assert.InRange(brief.Rival, 1.6, 2.4);
        // Of a large collective a part is played; of one with too many sends none, and the analytic engine plays nothing.
        PacketNetworkEngine Limited(long packets) => new(graph, null, new(), packets);
        var part = Limited(40_000).Together(ring, Task(graph, CollectiveKind.AllGather, CollectiveAlgorithm.Ring, 10 * size, rail), Stop);
        Close(2, 2, (part.Data, part.Rival));
        Assert.Contains("fewer than 8 each", Assert.Throws<InputException>(() => Limited(100).Together(ring, ring, Stop)).Message);
        Assert.Contains("plays one collective after the other", Assert.Throws<InputException>(() => ((INetworkEngine)new AnalyticEngine(graph, null, new EqualCost())).Together(ring, ring, Stop)).Message);
    }

    [Fact]
    public void Wrong_groups_are_refused()
    {
        var graph = Fabric(4);
        EngineTask Of(CollectiveAlgorithm algorithm, params int[][] groups) => Task(graph, CollectiveKind.AllReduce, algorithm, 1e6, groups);
        Assert.Contains("groups of as many ranks", Assert.Throws<InputException>(() => Of(CollectiveAlgorithm.Ring, [0, 8], [1, 9, 17])).Message);
        Assert.Contains("NVLS tree can't do AllReduce for 2 ranks in systems of 1", Assert.Throws<InputException>(() => Of(CollectiveAlgorithm.InSwitchTree, [0, 8])).Message);
        var switched = Of(CollectiveAlgorithm.InNetwork, [0, 8]);
        Assert.Contains("no packet of it may be lost: expected transport roce", Assert.Throws<InputException>(() => Play(new PacketNetworkEngine(graph, null, new() { Transport = "uet-nscc" }), switched)).Message);
        Assert.Contains("pieces of 4 kB are smaller than one packet", Assert.Throws<InputException>(() => Play(new PacketNetworkEngine(graph, null, new() { ReductionChunk = DataSize.FromBytes(4000) }), switched)).Message);
        var shared = switched with { Places = switched.Places with { Card = [.. switched.Places.Card.Select((c, r) => r == 8 ? 0 : c)] } };
        Assert.Contains("2 ranks of 'in-network AllReduce' that one switch adds up have card node-0-nic-0", Assert.Throws<InputException>(() => Play(new PacketNetworkEngine(graph, null, new()), shared)).Message);
        var torus = Fabric(8, "torus");
        Assert.Contains("no switch stands above", Assert.Throws<InputException>(() => Play(new PacketNetworkEngine(torus, null, new()), Task(torus, CollectiveKind.AllReduce, CollectiveAlgorithm.InNetwork, 1e6, [0, 8]))).Message);
        Assert.Contains("one for each accelerator", Assert.Throws<InputException>(() => Of(CollectiveAlgorithm.Ring, [0, 8000])).Message);
    }

    /// <summary>Packets of a size that is counted from two smaller ones come out as when all are played, on a ring of large messages.</summary>
    [Fact]
    public void Packets_of_large_collectives_are_counted_at_the_slope_of_smaller_ones()
    {
        var graph = Fabric(2);
        var task = EngineTask.Of(graph, CollectiveKind.AllReduce, CollectiveAlgorithm.Ring, DataSize.FromBytes(256e6), 16);
        var whole = Play(new PacketNetworkEngine(graph, null, new()), task);
        var counted = Play(new PacketNetworkEngine(graph, null, new(), 400_000), task);
        Assert.Null(whole.PlayedSize);
        Assert.InRange(counted.PlayedSize!.Value.Bytes, 10e6, 100e6);
        Assert.InRange(counted.Time / whole.Time, 0.97, 1.03);
    }
}
