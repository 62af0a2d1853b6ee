using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Tests.Traces;

/// <summary>Traces packet by packet on a fabric of 32 systems of 8 in two tiers: cards of 50 GB/s, domains of 450 GB/s.</summary>
public sealed class PacketTraceTests
{
    const int Payload = 4086, Header = 64;
    const double Card = 50, Domain = 450; // bytes a nanosecond

    static readonly FabricGraph Graph = FabricGraph.Of(new FatTree().Plan(new()
    {
        Systems = 32,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
    }));

    static readonly FabricLatency Latency = new([.. Graph.Plan.Links.Select(_ => Duration.FromNanoseconds(200))], [.. Graph.Tiers.Select(_ => Duration.Zero)]);

    static PacketTraceRun Run(PacketOptions options, params IReadOnlyList<TraceNode>[] ranks) =>
        PacketTrace.Run(new TraceList(ranks), new() { MemoryBandwidth = 3350 }, new([new(TraceBlock.Switch, ranks.Length, 1, 0)]), Graph, Latency, options, new() { Stop = TestContext.Current.CancellationToken });

    static TraceNode Send(int to, ulong bytes, ulong id = 0, params ulong[] after) => new() { Id = id, Kind = TraceNodeKind.Send, Peer = to, Bytes = bytes, After = after };

    static TraceNode Receive(int from, ulong bytes, ulong id = 0) => new() { Id = id, Kind = TraceNodeKind.Receive, Peer = from, Bytes = bytes };

    static IReadOnlyList<TraceNode>[] Idle(int ranks) => [.. Enumerable.Repeat<IReadOnlyList<TraceNode>>([], ranks)];

    static double Nanoseconds(PacketTraceRun run) => run.Run.Time.Picoseconds / 1e3;

    // Full packets one after the other, the last over the second link too.
    static double Alone(long bytes, double rate, double latency)
    {
        var packets = (bytes + Payload - 1) / Payload;
        return ((bytes + (packets * Header) + Payload + Header) / rate) + latency;
    }

    [Fact]
    public void A_message_takes_its_packets_and_its_links()
    {
        const long bytes = 245L * Payload;
        var between = Idle(16);
        (between[0], between[8]) = ([Send(8, bytes)], [Receive(0, bytes)]);
        Assert.Equal(Alone(bytes, Card, 400), Nanoseconds(Run(new(), between)), 0.5);
        var inside = Idle(16);
        (inside[0], inside[1]) = ([Send(1, bytes)], [Receive(0, bytes)]);
        // At the domain's rate, whatever cards do.
        foreach (var transport in new[] { "uet-nscc", "uet-rccc" })
        {
            var run = Run(new() { Transport = transport }, inside);
            Assert.Equal(Alone(bytes, Domain, Graph.Plan.Request.System.ScaleUpLatency.Value.Nanoseconds), Nanoseconds(run), 0.5);
            Assert.Equal((0L, 245L), (run.Packets.Packets.New, run.Packets.WithinDomains!.Value));
        }
    }

    // What a rank does after a message begins when its last byte is there; a thousand such turns of two ranks are a thousand times as long.
    [Fact]
    public void Messages_and_computations_follow_each_other()
    {
        const int turns = 1000;
        const long bytes = 10L * Payload;
        var (ping, pong) = (new List<TraceNode>(), new List<TraceNode>());
        for (var i = 0UL; i < turns; i++)
        {
            ping.Add(Send(8, bytes, 3 * i, i == 0 ? [] : [(3 * i) - 1]));
            ping.Add(new() { Id = (3 * i) + 1, Kind = TraceNodeKind.Receive, Peer = 8, Bytes = bytes, After = [3 * i] });
            ping.Add(new() { Id = (3 * i) + 2, Kind = TraceNodeKind.Compute, Microseconds = 2, After = [(3 * i) + 1] });
            pong.Add(new() { Id = 2 * i, Kind = TraceNodeKind.Receive, Peer = 0, Bytes = bytes, After = i == 0 ? [] : [(2 * i) - 1] });
            pong.Add(Send(0, bytes, (2 * i) + 1, 2 * i));
        }
        var ranks = Idle(16);
        (ranks[0], ranks[8]) = (ping, pong);
        foreach (var transport in new[] { "uet-nscc", "roce", "ndp" })
        {
            var run = Run(new() { Transport = transport }, ranks);
            Assert.Equal(turns * ((2 * Alone(bytes, Card, 400)) + 2000), Nanoseconds(run), turns * 15.0);
            Assert.Equal((turns * 2, turns * 20L), (run.Packets.Flows, run.Packets.Packets.New));
        }
    }

    // Messages that all begin at once are the flows of the packet engine, to the picosecond.
    [Theory]
    [InlineData("uet-nscc")]
    [InlineData("roce")]
    [InlineData("infiniband")]
    [InlineData("swift")]
    public void Messages_are_the_flows_of_the_packet_engine(string transport)
    {
        var ranks = Idle(64);
        for (var r = 0; r < 64; r++)
        {
            int To(int rank) => (rank + 9) % 64;
            ranks[r] = [Send(To(r), 500_000, 0), .. Enumerable.Range(0, 64).Where(s => To(s) == r).Select(s => Receive(s, 500_000, (ulong)s + 1))];
        }
        var options = new PacketOptions { Transport = transport, Seed = 3 };
        var run = Run(options, ranks);
        var places = RankPlaces.Of(Graph, 64);
        var sends = Enumerable.Range(0, 64).Select(r => (From: r, To: ranks[r][0].Peer, Bytes: 500_000L)).ToList();
        var flows = PacketSimulation.Run(PacketFabricBuilder.Of(Graph, Latency), new()
        {
            Name = "flows",
            Source = [.. sends.Select(s => places.Card[s.From])],
            Destination = [.. sends.Select(s => places.Card[s.To])],
            Bytes = [.. sends.Select(s => s.Bytes)],
        }, options, TestContext.Current.CancellationToken);
        var last = Enumerable.Range(0, sends.Count).Max(f => flows.ArrivalOf(f)!.Value.Picoseconds);
        Assert.Equal(last, run.Run.Time.Picoseconds);
    }

    // A relay round a system and on to the next: each waits for the one before, in a domain or over the fabric, and nothing else happens meanwhile.
    [Fact]
    public void What_arrives_in_a_domain_goes_on_over_the_fabric()
    {
        const long bytes = 20L * Payload;
        var ranks = Idle(64);
        for (var r = 0; r < 64; r++)
            ranks[r] = r == 0 ? [Send(1, bytes)] : r == 63 ? [Receive(62, bytes)] : [Receive(r - 1, bytes), Send(r + 1, bytes, 1, 0)];
        var expected = (7 * Alone(bytes, Card, 400)) + (56 * Alone(bytes, Domain, Graph.Plan.Request.System.ScaleUpLatency.Value.Nanoseconds));
        // Two leaves: cards of one rank's number share one, the next system's first card is on another.
        Assert.InRange(Nanoseconds(Run(new(), ranks)), expected, expected + (7 * (400 + (2 * (Payload + Header) / Card))) + 63);
    }

    [Fact]
    public void What_cannot_be_played_is_told()
    {
        Assert.Contains("the trace has 300 ranks, and the fabric 256 accelerators", Assert.Throws<InputException>(() => Run(new(), Idle(300))).Message, StringComparison.Ordinal);
        var waits = Idle(16);
        waits[0] = [Receive(8, 1000)];
        Assert.Throws<InputException>(() => Run(new() { Transport = "roce" }, waits));
    }
}
