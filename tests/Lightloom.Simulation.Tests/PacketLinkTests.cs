using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Switches that cut through, and wires with bit errors.</summary>
public sealed class PacketLinkTests
{
    const int Payload = 4086, Packet = 4150, Header = 64;

    static readonly Duration Microsecond = Duration.FromMicroseconds(1);

    static PacketFabric Tree(double gigabits = 100, double inSwitch = 0) =>
        PacketFabricBuilder.FatTree(16, 3, Bandwidth.FromGigabitsPerSecond(gigabits), Microsecond, Duration.FromMicroseconds(inSwitch));

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) => PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(params (int From, int To, long Bytes)[] flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static Gen<T> One<T>(params IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    static double Finish(PacketRun run) => run.FinishOf(0)!.Value.Picoseconds / 1e6;

    // T = (S + n h) / R + (L-1) h / R + 2 (L d + (L-1) s) + L a / R: every switch but the last has only a header of it before it sends on.
    [Fact]
    public void A_chain_that_cuts_through_is_its_closed_form() =>
        Gen.Select(Gen.Long[200, 5_000_000], One(100.0, 400.0), One((1, 2), (2, 4), (13, 6)), Gen.Double[0, 0.5], One("uet-nscc", "dctcp", "roce", "infiniband")).Sample((size, gigabits, way, inSwitch, transport) =>
        {
            inSwitch = Math.Round(inSwitch, 3);
            var run = Play(Tree(gigabits, inSwitch), Flows((0, way.Item1, size)), new() { Transport = transport, Balance = "single-path", CutThrough = true });
            var (perByte, links) = (8e-3 / gigabits, way.Item2);
            var packets = (size + Payload - 1) / Payload;
            var expected = ((size + (packets * Header) + ((links - 1) * Header)) * perByte) + (2 * (links + ((links - 1) * inSwitch))) + (links * 64 * perByte);
            Assert.Equal(expected, Finish(run), 2e-5);
            Assert.Equal((size, 0), (run.DeliveredOf(0), run.PacketsLeft));
        }, iter: 100);

    // 100 Gb/s, 400 Gb/s, 100 Gb/s: the first switch has a faster wire and waits for the whole packet, the second forwards from the header on.
    [Fact]
    public void A_switch_never_sends_what_it_does_not_have()
    {
        PacketFabric Of(double middle)
        {
            var builder = new PacketFabricBuilder("a chain", 2, 2);
            builder.Link(0, 2, Bandwidth.FromGigabitsPerSecond(100), Microsecond);
            builder.Link(2, 3, Bandwidth.FromGigabitsPerSecond(middle), Microsecond);
            builder.Link(3, 1, Bandwidth.FromGigabitsPerSecond(100), Microsecond);
            return builder.Build();
        }
        double Arrival(double middle) => Play(Of(middle), Flows((0, 1, Payload)), new() { CutThrough = true }).ArrivalOf(0)!.Value.Picoseconds / 1e6;
        Assert.Equal(3 + (Packet * 80e-6) + (Header * 20e-6) + (Packet * 80e-6), Arrival(400), 1e-5);
        Assert.Equal(3 + (2 * Header * 80e-6) + (Packet * 80e-6), Arrival(100), 1e-5);
    }

    static PacketErrors FirstWire(PacketFabric fabric, double rate) => new()
    {
        ByWire = [.. Enumerable.Range(0, fabric.Wires).Select(w => fabric.FromOf(w) == 0 ? rate : 0)],
        Retry = true,
        RetryTime = Duration.FromNanoseconds(200),
    };

    // Each spoiled sending costs the wire a turn and the packet's own time: 2 d + t + s / R; how many there are is binomial.
    [Fact]
    public void Link_retry_costs_its_closed_form()
    {
        var fabric = Tree();
        var options = new PacketOptions { Transport = "roce" };
        const long size = 25_000L * Payload;
        var clean = Finish(Play(fabric, Flows((0, 1, size)), options));
        var sum = 0L;
        for (var seed = 1UL; seed <= 4; seed++)
        {
            var run = Play(fabric, Flows((0, 1, size)), options with { Errors = FirstWire(fabric, 3e-7), Seed = seed });
            Assert.Equal((run.Spoiled, 0L, 0L), (run.LinkRetries, run.AgainPackets, run.Drops));
            Assert.Equal(clean + (run.LinkRetries * (2 + 0.2 + (Packet * 80e-6))), Finish(run), 1e-3);
            sum += run.LinkRetries;
        }
        // f = 0.9911 %, f / (1 - f) of 100,000 packets are sent in vain: 1,001, with a standard deviation of 32.
        Assert.InRange(sum, 1001 - (5 * 32), 1001 + (5 * 32));
        // The example: N = 7.63, (1 - f) / (1 - f + N f) = 92.9 % of the rate.
        Assert.Equal(0.929, 25_000 * Packet * 80e-6 / ((25_000 * Packet * 80e-6) + (sum / 4.0 * 2.532)), 0.01);
    }

    // Without retry, of a hundred packets one is lost and found again by its transport, whatever it is.
    [Fact]
    public void Every_byte_arrives_though_bits_go_wrong() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 15], Gen.Int[1, 15], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 16, t.Item3)).Array[1, 20],
            One(PacketTransports.Names), Gen.Bool, Gen.Bool, Gen.Double[0, 1e-6], Gen.ULong).Sample((flows, transport, retry, cutThrough, rate, seed) =>
        {
            var options = new PacketOptions { Transport = transport, CutThrough = cutThrough, Errors = new() { BitErrorRate = rate, Retry = retry }, Seed = seed };
            var run = Play(Tree(), Flows(flows), options);
            Assert.Equal((true, 0, 0.0), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes));
            for (var f = 0; f < flows.Length; f++) Assert.Equal(flows[f].Item3, run.DeliveredOf(f));
            Assert.Equal(retry ? run.Spoiled : 0, run.LinkRetries);
            if (retry && PacketTransports.IsLossless(transport)) Assert.Equal((0L, 0L), (run.Drops, run.AgainPackets));
            // A cut-through switch may trim, and a host may lose, what is spoiled twice.
            if (!retry && !cutThrough) Assert.Equal(run.Spoiled, run.Drops);
            Assert.Equal(run.CompletionTimes(), Play(Tree(), Flows(flows), options).CompletionTimes());
        }, iter: 200);

    [Fact]
    public void Wrong_errors_are_told()
    {
        void Fails(string message, PacketErrors errors) =>
            Assert.Contains(message, Assert.Throws<InputException>(() => Play(Tree(), Flows((0, 1, 1000)), new() { Errors = errors })).Message);
        Fails("expected bit error rates of 0 or more and below 1, found 1", new() { BitErrorRate = 1 });
        Fails("found -1", new() { ByWire = [-1] });
        Fails("found NaN", new() { BitErrorRate = double.NaN });
        Fails("at most 96 wires, found 97", new() { ByWire = new double[97] });
        Fails("a time of 0 to 1 s", new() { RetryTime = Duration.FromSeconds(2) });
    }
}
