using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Classes with strict priority, virtual lanes, and buffers that queues share.</summary>
public sealed class PacketLaneTests
{
    const int Payload = 4086, Packet = 4150, Header = 64;
    const double PerByte = 80e-6; // us at 100 Gb/s

    static readonly Duration Microsecond = Duration.FromMicroseconds(1);

    static PacketFabric Tree() => PacketFabricBuilder.FatTree(16, 3, Bandwidth.FromGigabitsPerSecond(100), Microsecond);

    static PacketFabric Star(int hosts, double microseconds)
    {
        var builder = new PacketFabricBuilder("a star", hosts, 1);
        for (var h = 0; h < hosts; h++) builder.Link(h, hosts, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(microseconds));
        return builder.Build();
    }

    static PacketFabric Ring()
    {
        var ring = new PacketFabricBuilder("a ring", 10, 5);
        for (var i = 0; i < 5; i++)
        {
            var rate = Bandwidth.FromGigabitsPerSecond(100);
            ring.Link(2 * i, 10 + i, rate, Microsecond);
            ring.Link((2 * i) + 1, 10 + i, rate, Microsecond);
            ring.Link(10 + i, 10 + ((i + 1) % 5), rate, Microsecond);
        }
        return ring.Build();
    }

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) => PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(IReadOnlyList<(int From, int To, long Bytes)> flows, params int[] classes) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
        Class = classes,
    };

    static Gen<T> One<T>(params IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    static double Finish(PacketRun run, int flow) => run.FinishOf(flow)!.Value.Picoseconds / 1e6;

    static double Wire(long bytes) => bytes + ((bytes + Payload - 1) / Payload * (double)Header);

    // Every host of the ring sends two switches on: with one lane each link waits for the next one's buffer, with two there is no circle [Guenther 1981].
    [Theory]
    [InlineData(4150)]
    [InlineData(9000)]
    [InlineData(40_000)]
    public void Two_lanes_undo_the_deadlock_of_a_ring(int room)
    {
        var traffic = Flows([.. Enumerable.Range(0, 10).Select(h => (h, (h + 4) % 10, 20_000_000L))]);
        var options = new PacketOptions { Transport = "infiniband", Buffer = DataSize.FromBytes(room) };
        Assert.Contains("deadlocked", Assert.Throws<InputException>(() => Play(Ring(), traffic, options)).Message);
        var run = Play(Ring(), traffic, options with { VirtualLanes = 2 });
        Assert.Equal((true, 0L, 0.0), (run.IsComplete, run.Drops, run.CreditsHeld.Bytes));
        // The second lane is that of whoever has one link behind them: half of all packets between switches.
        Assert.True(run.Lanes[1].MostQueued.Bytes > 0);
    }

    [Fact]
    public void No_credit_of_any_lane_leaks() =>
        Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Int[1, 9], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 10, t.Item3)).Array[1, 30], Gen.Int[4150, 60_000], Gen.Int[2, 4], Gen.Bool, Gen.ULong)
            .Sample((flows, room, lanes, byClass, seed) =>
            {
                // By class, lanes wait for each other in a circle as one does: fewer bytes than fill it, or a tree.
                var fabric = byClass ? Tree() : Ring();
                var traffic = Flows(flows, [.. flows.Select((_, f) => byClass ? f % lanes : 0)]);
                var run = Play(fabric, traffic, new() { Transport = "infiniband", Buffer = DataSize.FromBytes(room), Classes = byClass ? lanes : 1, VirtualLanes = byClass ? 1 : lanes, Seed = seed });
                Assert.Equal((true, 0, 0L, 0L, 0.0), (run.IsComplete, run.PacketsLeft, run.Drops, run.AgainPackets, run.CreditsHeld.Bytes));
                for (var f = 0; f < flows.Length; f++) Assert.Equal(flows[f].Item3, run.DeliveredOf(f));
            }, iter: 200);

    // Class 0 goes as if it were alone, but for the packet that is being sent where it comes (at its card none is); class 1 has what is left.
    [Theory]
    [InlineData("roce")]
    [InlineData("infiniband")]
    [InlineData("dctcp")]
    public void The_first_class_goes_as_if_alone(string transport)
    {
        const long size = 2_000_000;
        var traffic = Flows([(4, 0, size), (8, 0, size), (12, 0, size)], 1, 0, 1);
        var options = new PacketOptions { Transport = transport, Balance = "single-path", Classes = 2 };
        var alone = Finish(Play(Tree(), Flows([(8, 0, size)], 0), options), 0);
        var run = Play(Tree(), traffic, options);
        Assert.InRange(Finish(run, 1), alone - 1e-3, alone + (10 * Packet * PerByte));
        Assert.Equal(Finish(run, 1), Assert.Single(run.CompletionTimes(0)));
        Assert.InRange(run.CompletionTimes(1)[^1], 3 * Wire(size) * PerByte, (3 * Wire(size) * PerByte * (PacketTransports.IsLossless(transport) ? 1.02 : 1.5)) + 14);
        // As equals, it would be among the last.
        Assert.True(Finish(Play(Tree(), traffic, options with { Classes = 1 }), 1) > 1.5 * alone);
    }

    // Two classes out of one card: what waits of the first goes before what waits of the second.
    [Fact]
    public void A_card_sends_its_first_class_first()
    {
        var run = Play(Tree(), Flows([(0, 4, 2_000_000), (0, 8, 2_000_000)], 1, 0), new() { Transport = "roce", Classes = 2 });
        Assert.InRange(Finish(run, 1), 176.19, 176.2 + (Packet * PerByte));
        Assert.InRange(Finish(run, 0), 176 + (Wire(2_000_000) * PerByte) - 1, 176.2 + (Wire(2_000_000) * PerByte) + 1);
    }

    // A paused class holds no other one: class 1 into a slow host backs up to its sender's card, which goes on with class 0.
    [Fact]
    public void A_paused_class_pauses_no_other()
    {
        var builder = new PacketFabricBuilder("a slow host", 3, 1);
        builder.Link(0, 3, Bandwidth.FromGigabitsPerSecond(100), Microsecond);
        builder.Link(1, 3, Bandwidth.FromGigabitsPerSecond(100), Microsecond);
        builder.Link(2, 3, Bandwidth.FromGigabitsPerSecond(10), Microsecond);
        var fabric = builder.Build();
        PacketRun Of(int classes) => Play(fabric, Flows([(0, 2, 2_000_000), (0, 1, 2_000_000)], classes == 1 ? [] : [0, 1]), new() { Transport = "roce", Classes = classes });
        var (apart, together) = (Of(2), Of(1));
        Assert.True(apart.Lanes[0].Pauses > 10 && apart.Lanes[1].Pauses == 0);
        Assert.InRange(Finish(apart, 1), Wire(2_000_000) * PerByte, 1.2 * ((Wire(2_000_000) * PerByte) + 5));
        Assert.True(Finish(together, 1) > 2 * Finish(apart, 1));
    }

    // N queues that are full hold alpha B / (1 + N alpha) each [Choudhury and Hahne 1998].
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(2, 0.25)]
    public void Full_queues_share_a_buffer_by_alpha(int queues, double alpha)
    {
        const int shared = 600_000;
        var flows = Enumerable.Range(0, 4 * queues).Select(i => (queues + i, i % queues, 1_500_000L)).ToList();
        foreach (var trim in new[] { true, false })
        {
            var run = Play(Star(5 * queues, 10), Flows(flows), new() { SharedBuffer = DataSize.FromBytes(shared), Alpha = alpha, Trim = trim, Balance = "single-path", SampleEvery = Microsecond });
            // All queues grow alike until they are full; later those that empty sooner leave room to the others.
            var full = run.Samples.Where(s => s.Trims + s.Drops > 0).Take(5).ToList();
            Assert.Equal(5, full.Count);
            Assert.All(full.Skip(1), s => Assert.InRange(s.LongestQueue.Bytes, (alpha * shared / (1 + (queues * alpha))) - (2 * Packet), (alpha * shared / (1 + (queues * alpha))) + (2 * Packet)));
            Assert.All(full.Skip(1), s => Assert.InRange(s.Queued.Bytes / s.LongestQueue.Bytes, queues * 0.95, queues));
            for (var f = 0; f < flows.Count; f++) Assert.Equal(flows[f].Item3, run.DeliveredOf(f));
        }
    }

    // Whatever is shared, in classes or not, lossless or not: every byte arrives once, and pauses lose nothing.
    [Fact]
    public void Every_byte_arrives_once_of_every_class() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 15], Gen.Int[1, 15], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 16, t.Item3)).Array[1, 40],
            One(PacketTransports.Names), Gen.Int[1, 4], Gen.Double[0.1, 8], Gen.Int[5000, 2_000_000], Gen.Bool, Gen.ULong).Sample((flows, transport, classes, alpha, shared, trim, seed) =>
        {
            var run = Play(Tree(), Flows(flows, [.. flows.Select((_, f) => f % classes)]), new()
            {
                Transport = transport,
                Classes = classes,
                SharedBuffer = PacketTransports.HasLinkCredits(transport) ? null : DataSize.FromBytes(shared),
                Alpha = alpha,
                Trim = trim,
                Seed = seed,
            });
            Assert.Equal((true, 0), (run.IsComplete, run.PacketsLeft));
            for (var f = 0; f < flows.Length; f++) Assert.Equal(flows[f].Item3, run.DeliveredOf(f));
            if (PacketTransports.IsLossless(transport)) Assert.Equal((0L, 0L), (run.Drops, run.AgainPackets));
            if (classes > 1)
            {
                Assert.Equal((run.Marks, run.Trims, run.Pauses), (run.Lanes.Sum(l => l.Marks), run.Lanes.Sum(l => l.Trims), run.Lanes.Sum(l => l.Pauses)));
                Assert.Equal(run.CompletionTimes(), Enumerable.Range(0, classes).SelectMany(run.CompletionTimes).Order());
            }
        }, iter: 300);

    [Fact]
    public void Wrong_lanes_are_told()
    {
        void Fails(string message, PacketOptions options, params int[] classes) =>
            Assert.Contains(message, Assert.Throws<InputException>(() => Play(Tree(), Flows([(0, 1, 1000L)], classes), options)).Message);
        Fails("expected 1 to 8 classes, found 9", new() { Classes = 9 });
        Fails("flow 1 of flows is of class 2: expected 0 to 1", new() { Classes = 2 }, 2);
        Fails("virtual lanes are of links with credits: expected transport infiniband, found 'roce'", new() { Transport = "roce", VirtualLanes = 2 });
        Fails("exclude each other", new() { Transport = "infiniband", VirtualLanes = 2, Classes = 2 });
        Fails("shares no buffer", new() { Transport = "infiniband", SharedBuffer = DataSize.FromBytes(1e6) });
        Fails("a shared buffer of 4 kB can't hold one packet", new() { SharedBuffer = DataSize.FromBytes(4000) });
        Fails("expected an alpha above 0", new() { SharedBuffer = DataSize.FromBytes(1e6), Alpha = 0 });
        Fails("exclude each other", new() { SharedBuffer = DataSize.FromBytes(1e6), Buffer = DataSize.FromBytes(1e6) });
    }
}
