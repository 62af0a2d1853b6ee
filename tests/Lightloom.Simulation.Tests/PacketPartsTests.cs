using System.Globalization;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Parts of a fabric on threads of their own: what happens is the same, to the last picosecond and the last count, on any number of them.</summary>
public sealed class PacketPartsTests
{
    static readonly Bandwidth Rate = Bandwidth.FromGigabitsPerSecond(100);
    static readonly Duration Microsecond = Duration.FromMicroseconds(1);

    static PacketFabric Tree(int hosts, int tiers = 3) => PacketFabricBuilder.FatTree(hosts, tiers, Rate, Microsecond);

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options, int threads) =>
        PacketSimulation.Run(fabric, traffic, options with { Threads = threads }, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(IReadOnlyList<(int From, int To, long Bytes)> flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static Gen<T> One<T>(params IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    // All that a run tells of what happened; events are the engine's own, and more where wires lead into other parts.
    static string Whole(PacketRun run)
    {
        var flows = Enumerable.Range(0, run.Traffic.Count).Select(f => $"{run.BeginOf(f)?.Picoseconds} {run.FinishOf(f)?.Picoseconds} {run.ArrivalOf(f)?.Picoseconds} {run.DeliveredOf(f)}");
        long[] counts =
        [
            run.Time.Picoseconds, run.DataHops, run.ControlHops, run.NewPackets, run.AgainPackets, run.Marks, run.Trims, run.Drops, run.Pauses, run.Timeouts,
            run.Acknowledgements, run.Spoiled, run.LinkRetries, run.TrimNotices, run.Credits, (long)run.MostQueued.Bytes, run.PacketsLeft, (long)run.CreditsHeld.Bytes,
        ];
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', counts)}\n{string.Join('\n', flows)}\n{string.Join('\n', run.Samples)}");
    }

    static void AssertSame(PacketFabric fabric, PacketTraffic traffic, PacketOptions options, params IReadOnlyList<int> threads)
    {
        var one = Whole(Play(fabric, traffic, options, 1));
        foreach (var n in threads) Assert.Equal(one, Whole(Play(fabric, traffic, options, n)));
    }

    // Four groups of two switches with two hosts each: within a group 0.6 us, between groups 2 us; and a fifth switch that only forwards.
    static PacketFabric Groups()
    {
        var builder = new PacketFabricBuilder("groups", 16, 9) { SwitchLatency = Duration.FromNanoseconds(300) };
        for (var h = 0; h < 16; h++) builder.Link(h, 16 + h / 2, Rate, Duration.FromNanoseconds(50));
        for (var g = 0; g < 4; g++)
        {
            builder.Link(16 + 2 * g, 17 + 2 * g, 2 * Rate, Duration.FromNanoseconds(300));
            for (var other = g + 1; other < 4; other++) builder.Link(16 + 2 * g + other % 2, 16 + 2 * other + g % 2, Rate, Duration.FromNanoseconds(2000));
            builder.Link(16 + 2 * g, 24, Rate / 2, Duration.FromNanoseconds(700));
        }
        return builder.Build();
    }

    // Hosts with two cards on a leaf each.
    static PacketFabric TwoCards()
    {
        var builder = new PacketFabricBuilder("two cards", 16, 6) { SwitchLatency = Duration.FromNanoseconds(200) };
        for (var h = 0; h < 16; h++)
        {
            builder.Link(h, 16 + h / 4, Rate, Duration.FromNanoseconds(500));
            builder.Link(h, 16 + (h / 4 + 1) % 4, Rate, Duration.FromNanoseconds(500));
        }
        for (var leaf = 0; leaf < 4; leaf++)
            for (var spine = 0; spine < 2; spine++) builder.Link(16 + leaf, 20 + spine, 4 * Rate, Duration.FromNanoseconds(800));
        return builder.Build();
    }

    static readonly PacketFabric[] Fabrics = [Tree(16), Tree(18, 2), Groups(), TwoCards()];

    static readonly Gen<PacketOptions> AnyWay =
        Gen.Select(One(PacketTransports.Names), One(PacketBalances.Names), Gen.Int[2, 60], Gen.Bool, Gen.Bool, Gen.ULong, Gen.Bool).Select(t => new PacketOptions
        {
            Transport = t.Item1,
            Balance = t.Item1 == "hpcc" || (PacketTransports.IsLossless(t.Item1) && t.Item2 is "ugal" or "valiant") ? "single-path" : t.Item2,
            SelectiveRepeat = PacketTransports.IsLossless(t.Item1) && t.Item1 != "hpcc" && t.Item4 ? true : null,
            Buffer = PacketTransports.UsualBalance(t.Item1) == "single-path" ? null : DataSize.FromBytes(t.Item3 * 4150),
            MarkFrom = DataSize.FromBytes(t.Item3 * 1000),
            MarkAll = DataSize.FromBytes(t.Item3 * 3000),
            Trim = t.Item4,
            SampleEvery = t.Item5 ? Microsecond : null,
            Seed = t.Item6,
            Until = t.Item7 ? SimTime.FromPicoseconds(20_000_000) : null,
        });

    static readonly Gen<(int From, int To, long Bytes)> AnyFlow = Gen.Select(Gen.Int[0, 15], Gen.Int[1, 15], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 16, t.Item3));

    // Errors, switches that cut through, classes, shared buffers and virtual lanes, in any company.
    static readonly Gen<PacketOptions> AnySwitch =
        Gen.Select(Gen.Select(One(PacketTransports.Names), Gen.Bool, Gen.Bool, Gen.Double[0, 5e-7], Gen.Bool), Gen.Int[1, 4], Gen.Bool, Gen.Double[0.1, 4], Gen.Int[5000, 500_000], Gen.Bool, Gen.ULong).Select((way, classes, shares, alpha, shared, trim, seed) => new PacketOptions
        {
            Transport = way.Item1,
            Balance = PacketTransports.IsLossless(way.Item1) && way.Item1 != "hpcc" && way.Item2 ? "adaptive" : PacketTransports.UsualBalance(way.Item1),
            CutThrough = way.Item2,
            Errors = way.Item3 ? new() { BitErrorRate = way.Item4, Retry = way.Item5 } : null,
            Classes = PacketTransports.HasLinkCredits(way.Item1) && trim ? 1 : classes,
            VirtualLanes = PacketTransports.HasLinkCredits(way.Item1) && trim ? classes : 1,
            SharedBuffer = shares && !PacketTransports.HasLinkCredits(way.Item1) ? DataSize.FromBytes(shared) : null,
            Alpha = alpha,
            Trim = trim,
            Seed = seed,
        });

    [Fact]
    public void What_links_and_switches_do_is_the_same_on_any_number_of_threads() =>
        Gen.Select(One(Fabrics), AnyFlow.Array[1, 40], AnySwitch, Gen.Int[2, 5]).Sample((fabric, flows, options, threads) =>
        {
            var plain = Flows(flows);
            var traffic = new PacketTraffic { Name = plain.Name, Source = plain.Source, Destination = plain.Destination, Bytes = plain.Bytes, Class = [.. flows.Select((_, f) => f % options.Classes)] };
            AssertSame(fabric, traffic, options, threads);
            Assert.Equal(Play(fabric, traffic, options, 1).Lanes, Play(fabric, traffic, options, threads).Lanes);
        }, iter: 100);

    static WireChange[] Broken(int wire, double at, double takes, double share)
    {
        WireChange Change(double time, int w, double to) => new(SimTime.FromDuration(Duration.FromMicroseconds(time)), w, to);
        return [Change(at, wire, share), Change(at, wire ^ 1, share), Change(at + takes, wire, 1), Change(at + takes, wire ^ 1, 1)];
    }

    // Any transport and balance, any flows, small and large queues, samples, a run that is cut short, and a link that breaks or slows down and comes back.
    [Fact]
    public void What_happens_is_the_same_on_any_number_of_threads() =>
        Gen.Select(One(Fabrics), AnyFlow.Array[1, 40], AnyWay, Gen.Int[2, 4], Gen.Int[-20, 95], Gen.Double[1, 30], Gen.Double[1, 300], Gen.Double[0, 40])
            .Sample((fabric, flows, way, threads, wire, at, takes, notice) =>
            {
                var changes = wire < 0 ? [] : Broken(wire % fabric.Wires, at, takes, wire % 3 == 0 ? 0.1 : 0);
                AssertSame(fabric, Flows(flows), way with { Changes = changes, Notice = Duration.FromMicroseconds(notice) }, threads);
            }, iter: 200);

    // Ports by themselves, window by window, and event by event, where a link changes: to what it is.
    [Fact]
    public void Ports_by_themselves_do_what_they_do_event_by_event() =>
        Gen.Select(One(Fabrics), AnyFlow.Array[1, 60], AnyWay, Gen.Int[1, 3]).Sample((fabric, flows, way, threads) =>
            Assert.Equal(Whole(Play(fabric, Flows(flows), way with { Changes = [new(SimTime.Zero, 0, 1)] }, 1)), Whole(Play(fabric, Flows(flows), way, threads))), iter: 200);

    // The named ones, with their triggers, on all that are asked for.
    [Theory]
    [InlineData("perm54", "uet-nscc", "mixed")]
    [InlineData("perm54", "uet-rccc", "reps")]
    [InlineData("perm54", "swift", "adaptive")]
    [InlineData("perm54", "dctcp", "round-robin")]
    [InlineData("perm54", "roce", "single-path")]
    [InlineData("perm54", "infiniband", "single-path")]
    [InlineData("perm54", "infiniband", "adaptive")]
    [InlineData("perm54", "infiniband-cc", "adaptive")]
    [InlineData("incast20", "infiniband-cc", "single-path")]
    [InlineData("incast20", "uet-nscc", "oblivious")]
    [InlineData("incast20", "dcqcn", "single-path")]
    [InlineData("a2a16", "uet-nscc", "flowlet")]
    [InlineData("a2a16", "uet-rccc", "bitmap")]
    [InlineData("ring16", "uet-nscc", "mixed")]
    [InlineData("ring16", "roce", "single-path")]
    public void Named_traffic_is_the_same_on_all_threads(string name, string transport, string balance)
    {
        var scenario = PacketScenario.Find(name);
        var fabric = Tree(scenario.Hosts);
        var options = new PacketOptions { Transport = transport, Balance = balance, SampleEvery = Duration.FromMicroseconds(10) };
        AssertSame(fabric, scenario.Traffic, options, 2, 3, 4);
        var run = Play(fabric, scenario.Traffic, options, 4);
        Assert.Equal((4, null), (run.Threads, run.WhyFewerThreads));
    }

    // Pods 0 and 1 and pods 2 and 3, and every other core with each; a link of 1 us is between them.
    [Fact]
    public void The_example_of_a_tree_is_cut_between_pods()
    {
        var fabric = Tree(128);
        var net = new PacketNet(fabric, PacketSetup.Of(fabric, new()).Switches, 0, 4150, 1);
        var parts = PacketParts.Of(fabric, net.Wires, PacketScenario.Find("perm128").Traffic, 2);
        Assert.Equal((2, 1_000_000L, null), (parts.Count, parts.Lookahead, parts.Why));
        int[] OfNodes(int from, int count) => [.. Enumerable.Range(from, count).Select(parts.Of)];
        int[] Halves(int count) => [.. Enumerable.Range(0, count).Select(i => i < count / 2 ? 0 : 1)];
        Assert.Equal(Halves(128), OfNodes(0, 128));
        Assert.Equal(Halves(32), OfNodes(128, 32));
        Assert.Equal(Halves(32), OfNodes(160, 32));
        Assert.Equal(8, OfNodes(192, 16).Sum());
    }

    [Fact]
    public void What_can_t_be_divided_is_said_and_played_on_one_thread()
    {
        var star = new PacketFabricBuilder("a star", 4, 1);
        for (var h = 0; h < 4; h++) star.Link(h, 4, Rate, Microsecond);
        var alone = Play(star.Build(), Flows([(0, 1, 100_000), (2, 1, 100_000)]), new(), 4);
        Assert.Equal((true, 1, "played on one thread: one switch can't be divided"), (alone.IsComplete, alone.Threads, alone.WhyFewerThreads));

        // A barrier of all hosts takes no time.
        var barrier = new PacketTraffic
        {
            Name = "barrier",
            Source = [.. Enumerable.Range(0, 16), .. Enumerable.Range(0, 16)],
            Destination = [.. Enumerable.Range(0, 16).Select(h => (h + 5) % 16), .. Enumerable.Range(0, 16).Select(h => (h + 3) % 16)],
            Bytes = [.. Enumerable.Repeat(100_000L, 32)],
            StartedBy = [.. Enumerable.Repeat(-1, 16), .. Enumerable.Repeat(0, 16)],
            OnSent = [.. Enumerable.Repeat(0, 16), .. Enumerable.Repeat(-1, 16)],
            Triggers = [new(TriggerKind.Barrier, 16)],
        };
        var joined = Play(Tree(16), barrier, new(), 2);
        Assert.Equal((true, 1), (joined.IsComplete, joined.Threads));
        Assert.Contains("triggers, which take no time, join", joined.WhyFewerThreads);

        // Two leaves are two parts at most.
        var pair = Play(PacketFabricBuilder.FatTree(2, 2, Rate, Microsecond), Flows([(0, 1, 100_000)]), new(), 4);
        Assert.Equal((true, 2), (pair.IsComplete, pair.Threads));
        Assert.Contains("played on 2 threads: all hosts are in 2 groups", pair.WhyFewerThreads);

        var near = Play(PacketFabricBuilder.FatTree(16, 3, Rate, Duration.FromNanoseconds(5)), Flows([(0, 13, 100_000)]), new(), 2);
        Assert.Equal((true, 1), (near.IsComplete, near.Threads));
        Assert.Contains("wires of less than 10 ns", near.WhyFewerThreads);
        Assert.Contains("expected 1 to 256 threads", Assert.Throws<InputException>(() => Play(Tree(16), Flows([(0, 1, 1)]), new(), 0)).Message);
    }

    // What stops a run stops all of its threads, with the same words.
    [Fact]
    public void A_deadlock_is_told_by_all_threads_together()
    {
        var ring = new PacketFabricBuilder("a ring", 10, 5);
        for (var i = 0; i < 5; i++)
        {
            ring.Link(2 * i, 10 + i, Rate, Microsecond);
            ring.Link(2 * i + 1, 10 + i, Rate, Microsecond);
            ring.Link(10 + i, 10 + (i + 1) % 5, Rate, Microsecond);
        }
        var (fabric, flows) = (ring.Build(), Flows([.. Enumerable.Range(0, 10).Select(h => (h, (h + 4) % 10, 20_000_000L))]));
        string Told(int threads) => Assert.Throws<InputException>(() => Play(fabric, flows, new() { Transport = "roce" }, threads)).Message;
        Assert.Contains("deadlocked", Told(1));
        Assert.Equal(Told(1), Told(3));
        Assert.Throws<InputException>(() => Play(Tree(16), Flows([(0, 13, 2_000_000)]), new() { Changes = Broken(0, 50, 1e7, 0) }, 2));
    }

    [Fact]
    public void A_run_that_is_stopped_stops_on_all_threads()
    {
        var scenario = PacketScenario.Find("perm54");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var run = PacketSimulation.Run(Tree(54), scenario.Traffic, new() { Threads = 3 }, stop.Token);
        Assert.False(run.IsComplete);
    }
}
