using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>NDP, EQDS and HPCC against what their papers' rules make of a flow alone, of many into one host, and of two that share a link.</summary>
public sealed class PacketTransportTests
{
    const int Payload = 4086, Packet = 4150, Header = 64;
    const double PerByte = 80e-6; // us at 100 Gb/s

    static PacketFabric Tree(int hosts = 16) => PacketFabricBuilder.FatTree(hosts, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1));

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) => PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(params (int From, int To, long Bytes)[] flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static double Wire(long bytes) => bytes + ((bytes + Payload - 1) / Payload * (double)Header);

    static double Finish(PacketRun run, int flow = 0) => run.FinishOf(flow)!.Value.Picoseconds / 1e6;

    // A pull for each packet that arrives, a packet's time apart, keeps the line full: as csg-htsim's NDP and the closed form have it.
    [Fact]
    public void One_flow_of_NDP_takes_its_closed_form()
    {
        var run = Play(Tree(), Flows((0, 13, 2_000_000)), new() { Transport = "ndp" });
        Assert.Equal(176.1995, Finish(run), 176.1995e-4);
        // A pull for each packet but the last and those that the first window lets go unasked.
        Assert.InRange(run.Credits, 490 - 43 - 1, 490);
        Assert.Equal(490, run.Acknowledgements);
    }

    // Credits at 0.99 of the line from the second round trip on cost 1.5 us; csg-htsim takes 177.822 us.
    [Fact]
    public void One_flow_of_EQDS_is_paced_at_99_percent()
    {
        var run = Play(Tree(), Flows((0, 13, 2_000_000)), new() { Transport = "eqds" });
        var paced = (Wire(2_000_000) - 175_284) * PerByte * (1 / 0.99 - 1);
        Assert.InRange(Finish(run), 176.1995 + (0.8 * paced), 176.1995 + (1.2 * paced));
        Assert.Equal(177.822, Finish(run), 177.822 * 2e-3);
    }

    // csg-htsim: NDP takes 5,275.35 us and trims 1,316 packets; the first window alone decides how many.
    [Theory]
    [InlineData("ndp", 1.0)]
    [InlineData("eqds", 0.99)]
    public void An_incast_is_bound_by_its_last_wire_and_the_pace(string transport, double pace)
    {
        var scenario = PacketScenario.Find("incast32");
        var run = Play(Tree(scenario.Hosts), scenario.Traffic, new() { Transport = transport });
        var bound = ((32 * Wire(2_000_000)) + (run.Trims * 64)) * PerByte;
        Assert.InRange(Finish(run, Enumerable.Range(0, 32).MaxBy(f => run.FinishOf(f)!.Value.Picoseconds)), bound, (bound / pace * 1.002) + 14);
        Assert.Equal(run.Trims, run.AgainPackets);
        Assert.Equal(0, run.Timeouts);
        // Pulls in turn: the first ends close to the last [csg-htsim's NDP: 0.961].
        Assert.InRange(run.CompletionTimes()[0] / run.CompletionTimes()[^1], 0.94, 1);
    }

    // Five trims in six packets of a first window, thirty times as long flows: still only that window is trimmed.
    [Theory]
    [InlineData("ndp")]
    [InlineData("eqds")]
    public void Behind_the_first_window_nothing_is_trimmed(string transport)
    {
        PacketRun Of(long bytes) => Play(Tree(), Flows([.. Enumerable.Range(4, 8).Select(h => (h, 0, bytes))]), new() { Transport = transport });
        var (brief, lasting) = (Of(500_000), Of(5_000_000));
        Assert.InRange(brief.Trims, 100, 8 * 43);
        Assert.InRange(lasting.Trims, brief.Trims * 0.9, brief.Trims * 1.1);
    }

    [Theory]
    [InlineData("ndp", 0.01)]
    [InlineData("eqds", 0.01)]
    [InlineData("hpcc", 0.05)]
    public void Two_flows_into_one_host_are_equals(string transport, double apart)
    {
        var run = Play(Tree(), Flows((4, 0, 20_000_000), (8, 0, 20_000_000)), new() { Transport = transport });
        Assert.InRange(Finish(run, 0) / Finish(run, 1), 1 - apart, 1 / (1 - apart));
    }

    // Steady: sum of windows = eta B T + N w_AI, so that N flows use 0.95 + N 0.05 / 100 of their link, whatever the fabric's size and rate.
    [Theory]
    [InlineData(1, 0.002)]
    [InlineData(2, 0.005)]
    [InlineData(8, 0.015)]
    public void HPCC_uses_95_percent_of_a_link_and_its_additive_part(int flows, double off)
    {
        // From 20 to 60 MB of each flow in steady state: neither the first window nor the last acknowledgement.
        double Took(long bytes) => Play(Tree(), Flows([.. Enumerable.Range(4, flows).Select(h => (h, 0, bytes))]), new() { Transport = "hpcc" }).Time.Picoseconds / 1e6;
        var used = flows * (Wire(60_000_000) - Wire(20_000_000)) * PerByte / (Took(60_000_000) - Took(20_000_000));
        Assert.Equal(0.95 + (flows * 0.0005), used, off);
    }

    // The first windows of a flow alone queue nowhere, and later none may.
    [Fact]
    public void HPCC_of_one_flow_leaves_queues_empty()
    {
        var run = Play(Tree(), Flows((0, 13, 20_000_000)), new() { Transport = "hpcc", SampleEvery = Duration.FromMicroseconds(1) });
        Assert.Equal(0, run.Pauses);
        Assert.InRange(run.Samples.Max(s => s.LongestQueue.Bytes), 0, Packet);
    }

    // The example: packets back to back; and half the line with a queue of a tenth of B T is 0.6.
    [Theory]
    [InlineData(332_000, 0, 1.0)]
    [InlineData(664_000, 17_528, 0.6)]
    public void Telemetry_tells_the_load_of_a_link(long every, int queued, double load)
    {
        var telemetry = new LinkTelemetry(1, 14_022_720);
        Packet packet = default;
        for (var at = 0L; at < 500_000_000; at += every)
        {
            packet.Entropy = 0;
            telemetry.See(0, at, queued, 332_000, 80, ref packet);
        }
        Assert.Equal(load, LinkTelemetry.Of(in packet), 0.01);
        // A fuller link before is what counts.
        packet.Entropy = 8192;
        telemetry.See(0, 500_000_000, queued, 332_000, 80, ref packet);
        Assert.Equal(2, LinkTelemetry.Of(in packet));
    }
}
