using CsCheck;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Tests;

/// <summary>RoCE and InfiniBand whose cards place packets in any order: selective repeat, adaptive routing, and InfiniBand's congestion control.</summary>
public sealed class PacketRepeatTests
{
    static readonly Bandwidth Rate = Bandwidth.FromGigabitsPerSecond(100);

    static PacketFabric Tree(int hosts) => PacketFabricBuilder.FatTree(hosts, 3, Rate, Duration.FromMicroseconds(1));

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) => PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    static PacketRun Play(string scenario, PacketOptions options)
    {
        var named = PacketScenario.Find(scenario);
        return Play(Tree(named.Hosts), named.Traffic, options);
    }

    static PacketTraffic Flows(IReadOnlyList<(int From, int To, long Bytes)> flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static Gen<T> One<T>(params IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    // Where nothing is lost or overtaken, how it would be recovered makes no difference to when data arrive.
    [Theory]
    [InlineData("roce")]
    [InlineData("dcqcn")]
    [InlineData("infiniband")]
    [InlineData("infiniband-cc")]
    public void A_flow_alone_takes_its_closed_form_either_way(string transport)
    {
        foreach (var selective in new[] { false, true })
        {
            var run = Play(Tree(16), Flows([(0, 13, 2_000_000)]), new() { Transport = transport, SelectiveRepeat = selective });
            Assert.Equal(176.1995, run.FinishOf(0)!.Value.Picoseconds / 1e6, 0.005);
        }
    }

    // Bits go wrong, wires break and come back, and packets overtake each other: every byte is there once, and no credit leaks. Only what is lost is sent again, but for
    // acknowledgements that were lost too.
    [Fact]
    public void Every_byte_arrives_once_and_no_credit_leaks() =>
        Gen.Select(Gen.Select(Gen.Int[0, 15], Gen.Int[1, 15], Gen.Long[1, 300_000]).Array[1, 30], One("roce", "dcqcn", "infiniband", "infiniband-cc"), One("single-path", "adaptive", "round-robin", "mixed"), Gen.Double[0, 3e-7], Gen.ULong)
            .Sample((flows, transport, balance, errors, seed) =>
            {
                (int, int, long)[] all = [.. flows.Select(f => (f.Item1, (f.Item1 + f.Item2) % 16, f.Item3))];
                var run = Play(Tree(16), Flows(all), new() { Transport = transport, Balance = balance, SelectiveRepeat = true, Errors = new() { BitErrorRate = errors }, Seed = seed });
                Assert.Equal((true, 0, 0.0), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes));
                for (var f = 0; f < all.Length; f++) Assert.Equal(all[f].Item3, run.DeliveredOf(f));
                Assert.True(run.AgainPackets <= run.Drops + run.Timeouts);
            }, iter: 60);

    // What goes back sends the rest of a window again for each packet that is lost; what repeats selectively, that packet.
    [Fact]
    public void Selective_repeat_sends_less_again()
    {
        var options = new PacketOptions { Transport = "roce", Errors = new() { BitErrorRate = 1e-7 } };
        var back = Play("perm16", options);
        var selective = Play("perm16", options with { SelectiveRepeat = true });
        Assert.True(selective.Drops > 10);
        Assert.True(selective.AgainPackets <= selective.Drops + selective.Timeouts);
        Assert.True(back.AgainPackets > 10 * selective.AgainPackets);
        Assert.True(selective.CompletionTimes().Average() < back.CompletionTimes().Average());
    }

    // A hash leaves some links several flows; switches that look at their queues leave none more than a share.
    [Theory]
    [InlineData("roce")]
    [InlineData("infiniband")]
    public void Adaptive_routing_fills_the_fabric(string transport)
    {
        var adaptive = Play("perm128", new() { Transport = transport, Balance = "adaptive", Buffer = transport == "infiniband" ? DataSize.FromBytes(100_000) : null });
        Assert.InRange(adaptive.Time.Picoseconds / 1e6, 176, 1.1 * 176);
        Assert.Equal((0L, 0L), (adaptive.Drops, adaptive.AgainPackets));
        Assert.True(Play("perm128", new() { Transport = transport }).CompletionTimes().Average() > 2 * adaptive.CompletionTimes().Average());
    }

    // 32 hosts of two pods into one, whose links back up to theirs; sixteen other flows want nothing of it but to come by. Congestion control lets them [Gran et al., IPDPS 2010].
    [Fact]
    public void Congestion_control_spares_the_victims_of_a_hot_spot()
    {
        (int, int, long)[] hot = [.. Enumerable.Range(0, 32).Select(i => (64 + i, 0, 4_000_000L))];
        (int, int, long)[] victims = [.. Enumerable.Range(0, 16).Select(i => (96 + i, 1 + i, 4_000_000L))];
        double Mean(string transport, string balance)
        {
            var run = Play(Tree(128), Flows([.. hot, .. victims]), new() { Transport = transport, Balance = balance });
            return Enumerable.Range(32, 16).Average(f => run.FinishOf(f)!.Value.Picoseconds / 1e6);
        }
        Assert.True(Mean("infiniband", "adaptive") > 3 * Mean("infiniband-cc", "adaptive"));
        Assert.True(Mean("infiniband", "single-path") > 1.5 * Mean("infiniband-cc", "single-path"));
    }

    // Marks are of ports that could send: the port in front of a slow last link is the root. Those before it, out of credits, aren't, and mark by a threshold alone.
    [Fact]
    public void Only_roots_of_congestion_mark()
    {
        var builder = new PacketFabricBuilder("a line", 5, 3);
        for (var h = 0; h < 4; h++) builder.Link(h, 5, Rate, Duration.FromMicroseconds(1));
        builder.Link(5, 6, 4 * Rate, Duration.FromMicroseconds(1));
        builder.Link(6, 7, 4 * Rate, Duration.FromMicroseconds(1));
        builder.Link(4, 7, Rate, Duration.FromMicroseconds(1));
        var fabric = builder.Build();
        var traffic = Flows([.. Enumerable.Range(0, 4).Select(h => (h, 4, 2_000_000L))]);
        var roots = Play(fabric, traffic, new() { Transport = "infiniband-cc", Seed = 3 });
        var all = Play(fabric, traffic, new() { Transport = "infiniband", MarkFrom = DataSize.FromBytes(12_000), MarkAll = DataSize.FromBytes(12_000), Seed = 3 });
        Assert.InRange(roots.Marks, 20, roots.NewPackets);
        // A packet of a switch that waits for credits is marked wherever it waits behind three others: more marks than packets come to the last switch.
        Assert.True(all.Marks > 2 * roots.Marks);
    }

    // 18 of 127 steps to a 128th are a half, and each goes by itself after 150 packets.
    [Fact]
    public void The_table_of_infiniband_has_alike_steps()
    {
        var facts = new PathFacts { Packet = 4150, Payload = 4086, RoundTrip = 1, PerByte = 80, Trims = false, FirstWindow = 0, Timeout = 1, Paths = 1 };
        var rate = new InfinibandControl();
        rate.Start(in facts, 0);
        Assert.Equal((0L, long.MaxValue), (rate.Spacing(in facts, 4150), rate.NextChange));
        for (var i = 0; i < 18; i++) rate.Noticed(in facts, 1000);
        Assert.Equal(2 * 4150 * 80, rate.Spacing(in facts, 4150), 4150 * 80 * 0.02);
        Assert.Equal(1000 + (150 * 4150 * 80), rate.NextChange);
        for (var i = 0; i < 18; i++) rate.Change(in facts, rate.NextChange);
        Assert.Equal((0L, long.MaxValue), (rate.Spacing(in facts, 4150), rate.NextChange));
        for (var i = 0; i < 300; i++) rate.Noticed(in facts, 0);
        Assert.Equal(128L * 4150 * 80, rate.Spacing(in facts, 4150));
    }
}
