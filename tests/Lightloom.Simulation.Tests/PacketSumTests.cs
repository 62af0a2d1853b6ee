using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Sums that switches make, packet by packet: closed forms, conservation, and the same on any number of threads.</summary>
public sealed class PacketSumTests
{
    const int Packet = 4150, Header = 64, Payload = Packet - Header;
    const long PerByte = 80, Late = 1_000_000; // ps, at 100 Gb/s and 1 us
    static readonly Bandwidth Rate = Bandwidth.FromGigabitsPerSecond(100);
    static readonly Duration Microsecond = Duration.FromMicroseconds(1);
    static readonly PacketOptions Credits = new() { Transport = "infiniband" };

    /// <summary>Switches in a full tree with so many below each, and hosts below the lowest; the wires up to its root.</summary>
    static (PacketFabric Fabric, int[] Up) Tree(int depth, int below)
    {
        var nodes = Enumerable.Range(0, depth + 1).Select(l => (int)Math.Pow(below, depth - l)).ToArray(); // hosts first
        var builder = new PacketFabricBuilder("tree", nodes[0], nodes.Skip(1).Sum());
        for (int l = 0, first = 0; l < depth; first += nodes[l++])
            for (var n = 0; n < nodes[l]; n++) builder.Link(first + n, first + nodes[l] + (n / below), Rate, Microsecond);
        var fabric = builder.Build();
        return (fabric, [.. Enumerable.Range(0, fabric.Wires / 2).Select(l => 2 * l)]);
    }

    /// <summary>One sum of the first hosts, all of which get it; they begin at given times.</summary>
    static PacketTraffic One(PacketFabric fabric, int[] up, int hosts, long bytes, Func<int, long>? start = null)
    {
        int[] all = [.. Enumerable.Range(0, hosts)];
        var sums = new PacketSums();
        sums.AddSum(sums.AddTree(fabric, up, all, all), bytes, all);
        return new() { Name = "sum", Source = all, Destination = all, Bytes = [.. all.Select(_ => bytes)], StartPicoseconds = [.. all.Select(h => start?.Invoke(h) ?? 0)], Sums = sums };
    }

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions? options = null) => PacketSimulation.Run(fabric, traffic, options ?? Credits, TestContext.Current.CancellationToken);

    static long Packets(long bytes) => (bytes + Payload - 1) / Payload;

    // The last byte of S bytes over L links one behind the other that store and forward, ps.
    static long OneWay(long bytes, int links)
    {
        var n = Packets(bytes);
        var last = bytes - ((n - 1) * Payload) + Header;
        return (PerByte * (n > 1 ? ((n + links - 2) * Packet) + last : links * last)) + (links * Late);
    }

    /// <summary>
    /// System: everybody below a tree of depth d sends a sum at once. Expectation: every switch has packet k of all its children at the same time, so that it takes
    /// as long as one flow over 2 d links, to the picosecond; each packet is sent up once by each node, and down once to each.
    /// </summary>
    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(1, 8, 1_000_000)]
    [InlineData(2, 2, Payload)]
    [InlineData(2, 4, 100_000)]
    [InlineData(2, 4, 5_000_000)]
    [InlineData(3, 3, 1_234_567)]
    [InlineData(4, 2, 40_860)]
    public void A_sum_takes_what_one_flow_up_and_down_takes(int depth, int below, long bytes)
    {
        var (fabric, up) = Tree(depth, below);
        PacketOptions[] ways =
        [
            .. ((string[])["infiniband", "roce", "infiniband-cc", "hpcc", "dcqcn"]).Select(t => new PacketOptions { Transport = t }),
            Credits with { VirtualLanes = 3 }, Credits with { Balance = "adaptive" }, Credits with { CountLinks = true },
            new() { Transport = "roce", Classes = 2 }, new() { Transport = "roce", SharedBuffer = DataSize.FromBytes(1e7) }, new() { Transport = "dcqcn", Balance = "mixed" },
        ];
        foreach (var options in ways)
        {
            var run = Play(fabric, One(fabric, up, fabric.Hosts, bytes), options);
            Assert.Equal((true, 0, 0L), (run.IsComplete, run.PacketsLeft, run.Drops));
            for (var h = 0; h < fabric.Hosts; h++) Assert.Equal((OneWay(bytes, 2 * depth), bytes), (run.ArrivalOf(h)!.Value.Picoseconds, run.DeliveredOf(h)));
            Assert.Equal((fabric.Hosts * Packets(bytes), fabric.Wires * Packets(bytes), 0), (run.NewPackets, run.DataHops, run.ControlHops));
        }
    }

    /// <summary>The worked example of SwitchReduction.cs, and slower links above: then these say how fast packets follow each other.</summary>
    [Fact]
    public void The_slowest_link_of_the_tree_says_how_fast_packets_follow()
    {
        var (fabric, up) = Tree(2, 2);
        Assert.Equal(5_328_000 + (99 * 332_000), Play(fabric, One(fabric, up, 4, 100 * Payload)).Time.Picoseconds);
        var builder = new PacketFabricBuilder("thin", 4, 3);
        for (var h = 0; h < 4; h++) builder.Link(h, 4 + (h / 2), Rate, Microsecond);
        for (var leaf = 4; leaf < 6; leaf++) builder.Link(leaf, 6, Rate / 4, Microsecond);
        var thin = builder.Build();
        Assert.Equal(4_000_000 + (2 * (332_000 + (4 * 332_000))) + (99 * 4 * 332_000), Play(thin, One(thin, [0, 2, 4, 6, 8, 10], 4, 100 * Payload)).Time.Picoseconds);
    }

    /// <summary>
    /// System: switches that cut through. Expectation: a switch adds up and sends on what it has the headers of from all, so that of a way only the last link takes a packet's whole time.
    /// </summary>
    [Theory]
    [InlineData(1, 4, 1_000_000)]
    [InlineData(3, 2, 50_000)]
    public void Sums_cut_through(int depth, int below, long bytes)
    {
        var (fabric, up) = Tree(depth, below);
        var (links, n) = (2 * depth, Packets(bytes));
        var run = Play(fabric, One(fabric, up, fabric.Hosts, bytes), Credits with { CutThrough = true });
        var sending = ((n - 1) * Packet) + (bytes - ((n - 1) * Payload) + Header) + ((links - 1) * Header);
        Assert.Equal((sending * PerByte) + (links * Late), run.Time.Picoseconds);
    }

    // Links that send again what a bit error spoiled make sums later, and leave out nothing.
    [Fact]
    public void Links_that_retry_lose_nothing_of_a_sum()
    {
        var (fabric, up) = Tree(2, 4);
        var traffic = One(fabric, up, 16, 1_000_000);
        var options = Credits with { Errors = new() { BitErrorRate = 1e-7, Retry = true, RetryTime = Microsecond } };
        var run = Play(fabric, traffic, options);
        Assert.True(run.LinkRetries > 10);
        Assert.True(run.Time.Picoseconds > OneWay(1_000_000, 4));
        for (var h = 0; h < 16; h++) Assert.Equal(1_000_000, run.DeliveredOf(h));
        Assert.Equal(run.Time, Play(fabric, traffic, options with { Threads = 2 }).Time);
    }

    /// <summary>
    /// System: windows of w packets, fewer than the way up and down holds. Expectation: w packets leave one behind the other every time that the first of them takes up
    /// and down.
    /// </summary>
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 20)]
    [InlineData(4, 33)]
    [InlineData(8, 40)]
    public void A_window_paces_hosts(int window, int packets)
    {
        var (fabric, up) = Tree(2, 2);
        var run = Play(fabric, One(fabric, up, 4, (long)packets * Payload), Credits with { ReductionWindow = DataSize.FromBytes(window * Packet) });
        var trip = 4 * (332_000 + Late);
        Assert.Equal((packets - 1) / window * trip + (packets - 1) % window * 332_000L + trip, run.Time.Picoseconds);
    }

    /// <summary>
    /// System: one host begins late. Expectation: the others send no more than their window, switches hold no more than that for any tree, and the sum is there when
    /// the late one's alone would have come through: the others wait for nothing else.
    /// </summary>
    [Theory]
    [InlineData(1_000)]
    [InlineData(100 * Payload)]
    [InlineData(1_000_000)]
    public void Who_is_late_paces_all(long bytes)
    {
        var (fabric, up) = Tree(2, 4);
        var late = 50 * Late;
        var run = Play(fabric, One(fabric, up, 16, bytes, h => h == 5 ? late : 0));
        Assert.Equal(late + OneWay(bytes, 4), run.Time.Picoseconds);
        Assert.Equal(Math.Min(64, Packets(bytes)), run.MostHeld);
        Assert.Equal(0, run.CreditsHeld.Bytes);
    }

    /// <summary>
    /// System: three hosts send, a fourth alone gets the sum; another tree copies what one has to all. Expectation: the time of one flow up and down for both; who sends
    /// and gets nothing is told by credits of a header, and is done with the last of them.
    /// </summary>
    [Fact]
    public void Who_sends_and_who_gets_may_be_others()
    {
        var (fabric, up) = Tree(2, 2);
        const long bytes = 200 * Payload;
        PacketTraffic Of(int[] senders, int[] receivers)
        {
            var sums = new PacketSums();
            int[] all = [0, 1, 2, 3];
            sums.AddSum(sums.AddTree(fabric, up, senders, receivers), bytes, all);
            // A trigger that nobody pulls.
            int[] by = [.. all.Select(h => senders.Contains(h) ? -1 : 0)];
            return new() { Name = "some", Source = all, Destination = all, Bytes = [bytes, bytes, bytes, bytes], StartedBy = by, Triggers = [new(TriggerKind.OneShot)], Sums = sums };
        }
        var reduce = Play(fabric, Of([0, 1, 2], [3]));
        Assert.Equal((true, OneWay(bytes, 4)), (reduce.IsComplete, reduce.ArrivalOf(3)!.Value.Picoseconds));
        Assert.Equal([0, 0, 0, bytes], Enumerable.Range(0, 4).Select(reduce.DeliveredOf));
        Assert.Equal(4 * (332_000 + Late), reduce.BeginOf(3)!.Value.Picoseconds);
        Assert.Null(reduce.ArrivalOf(0));
        Assert.InRange(reduce.FinishOf(0)!.Value.Picoseconds, OneWay(bytes, 3), OneWay(bytes, 4));
        // Up from three hosts and both leaves, down to one leaf and one host; credits to a leaf, two hosts below it, and one below the other.
        Assert.Equal((7 * 200, 4 * 200), (reduce.DataHops, reduce.ControlHops));
        var copy = Play(fabric, Of([2], [0, 1, 2, 3]));
        Assert.All(Enumerable.Range(0, 4), h => Assert.Equal((OneWay(bytes, 4), bytes), (copy.ArrivalOf(h)!.Value.Picoseconds, copy.DeliveredOf(h))));
        Assert.Equal((200, 8 * 200, 0), (copy.NewPackets, copy.DataHops, copy.ControlHops));
    }

    // In each plane two leaves whose links to a root are bundles; each packet takes one.
    static (PacketFabric Fabric, int[][] Up) Bundled(int hosts, int links, bool uneven, int planes)
    {
        var builder = new PacketFabricBuilder("bundles", hosts, 3 * planes);
        for (var p = 0; p < planes; p++)
        {
            var first = hosts + (3 * p);
            for (var h = 0; h < hosts; h++) builder.Link(h, first + (h % 2), Rate, Microsecond);
            for (var leaf = 0; leaf < 2; leaf++)
                for (var l = 0; l < links; l++) builder.Link(first + leaf, first + 2, Rate / links, uneven ? Microsecond * (1 + (3 * l)) : Microsecond);
        }
        var fabric = builder.Build();
        return (fabric, [.. Enumerable.Range(0, fabric.Wires / 2).Select(l => 2 * l).Chunk(fabric.Wires / 2 / planes)]);
    }

    /// <summary>
    /// System: hosts with a port in each of two planes, which make two sums at once, a tree in each plane; then three, two of them in one plane; then beside flows that use both ports.
    /// Expectation: each plane takes what one alone does; two sums of one plane take as long as one of both sizes, but for some packets, since hosts take turns at their ports in another order; nothing is lost beside others.
    /// </summary>
    [Fact]
    public void Hosts_with_several_ports_have_a_tree_for_each()
    {
        var builder = new PacketFabricBuilder("planes", 4, 2);
        for (var h = 0; h < 4; h++)
            for (var p = 0; p < 2; p++) builder.Link(h, 4 + p, Rate, Microsecond);
        var fabric = builder.Build();
        int[] all = [0, 1, 2, 3];
        PacketTraffic In(params (int Plane, long Bytes)[] of)
        {
            var sums = new PacketSums();
            foreach (var ((plane, bytes), i) in of.Select((o, i) => (o, i)))
                sums.AddSum(sums.AddTree(fabric, [.. all.Select(h => 2 * ((2 * h) + plane))], all, all), bytes, [.. all.Select(h => (4 * i) + h)]);
            int[] hosts = [.. of.SelectMany(_ => all)];
            return new() { Name = "planes", Source = hosts, Destination = hosts, Bytes = [.. of.SelectMany(o => all.Select(_ => o.Bytes))], Sums = sums };
        }
        const long large = 200 * Payload, small = 50 * Payload;
        foreach (var transport in (string[])["infiniband", "roce"])
        {
            var options = new PacketOptions { Transport = transport };
            var both = Play(fabric, In((0, large), (1, small)), options);
            for (var h = 0; h < 4; h++) Assert.Equal((OneWay(large, 2), OneWay(small, 2)), (both.ArrivalOf(h)!.Value.Picoseconds, both.ArrivalOf(4 + h)!.Value.Picoseconds));
            var three = Play(fabric, In((0, large), (1, small), (0, small)), options);
            Assert.InRange(three.Time.Picoseconds, OneWay(large + small, 2), OneWay(large + small, 2) + (20 * Packet * PerByte));
            Assert.Equal(OneWay(small, 2), three.ArrivalOf(4)!.Value.Picoseconds);
            PacketTraffic others = new() { Name = "others", Source = [0, 1, 2], Destination = [1, 2, 1], Bytes = [1_000_000, 2_000_000, 3_000_000] };
            var crowded = Play(fabric, In((0, large), (1, large)).Beside(others), options);
            Assert.Equal((true, 0, 0.0, 0L), (crowded.IsComplete, crowded.PacketsLeft, crowded.CreditsHeld.Bytes, crowded.Drops));
            Assert.Equal(crowded.Traffic.Bytes, Enumerable.Range(0, crowded.Traffic.Count).Select(crowded.DeliveredOf));
        }
    }

    // Whoever sends and gets what, after whatever, beside whatever else, over links and ports that are one or several and as uneven as can be: every sum arrives once and whole, each packet of it
    // crosses each link of its tree once in each direction that somebody needs, switches hold no more than a window, and threads make no difference.
    [Fact]
    public void Every_sum_arrives_once_on_any_number_of_threads() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 63], Gen.Int[1, 63], Gen.Int[1, 80_000], Gen.Int[0, 3_000_000], Gen.Int[0, 1]).Array[1, 8],
            Gen.Select(Gen.Int[0, 5], Gen.Int[1, 5], Gen.Int[1, 60_000]).Array[0, 6],
            Gen.Int[0, 3].Select(i => new[] { "infiniband", "roce", "infiniband-cc", "dcqcn" }[i]), Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 40_000], Gen.Select(Gen.ULong, Gen.Int[1, 2])).Sample((drawn, others, transport, links, uneven, window, last) =>
        {
            var (seed, planes) = last;
            var (fabric, up) = Bundled(6, links, uneven, planes);
            var sums = new PacketSums();
            var (source, destination, bytes, start, by, ends) = (new List<int>(), new List<int>(), new List<long>(), new List<long>(), new List<int>(), new List<int>());
            var triggers = new List<FlowTrigger> { new(TriggerKind.OneShot) }; // that nobody pulls
            var known = new Dictionary<(int, int, int), int>();
            long upAndDown = 0, credits = 0, sent = 0;
            int[] Hosts(int mask) => [.. Enumerable.Range(0, 6).Where(h => (mask >> h & 1) != 0)];
            for (var s = 0; s < drawn.Length; s++)
            {
                var (from, to, size, at, plane) = drawn[s];
                plane %= planes;
                if (!known.TryGetValue((from, to, plane), out var tree)) known[(from, to, plane)] = tree = sums.AddTree(fabric, up[plane], Hosts(from), Hosts(to));
                var flows = new List<int>();
                foreach (var h in Hosts(from | to))
                {
                    flows.Add(source.Count);
                    source.Add(h);
                    destination.Add(h);
                    bytes.Add(size);
                    start.Add((from >> h & 1) != 0 ? at + (h * 7919 * s) : -1);
                    by.Add((from >> h & 1) != 0 ? -1 : 0);
                }
                sums.AddSum(tree, size, flows);
                bool Any(int mask, int leaf) => Hosts(mask).Any(h => h % 2 == leaf);
                var packets = Packets(size);
                sent += packets * Hosts(from).Length;
                for (var leaf = 0; leaf < 2; leaf++)
                {
                    upAndDown += packets * ((Any(from, leaf) ? 1 : 0) + (Any(to, leaf) ? 1 : 0));
                    credits += packets * (Any(from, leaf) && !Any(to, leaf) ? 1 : 0);
                }
                upAndDown += packets * (Hosts(from).Length + Hosts(to).Length);
                credits += packets * Hosts(from & ~to).Length;
            }
            var summed = source.Count;
            foreach (var (a, by5, size) in others)
            {
                source.Add(a);
                destination.Add((a + by5) % 6);
                bytes.Add(size);
                start.Add(0);
                by.Add(-1);
            }
            PacketTraffic traffic = new() { Name = "drawn", Source = [.. source], Destination = [.. destination], Bytes = [.. bytes], StartPicoseconds = [.. start], StartedBy = [.. by], Triggers = triggers, Sums = sums };
            PacketOptions options = new() { Transport = transport, Seed = seed, ReductionWindow = window < Packet ? null : DataSize.FromBytes(window) };
            var run = Play(fabric, traffic, options);
            Assert.Equal((true, 0, 0.0, 0L), (run.IsComplete, run.PacketsLeft, run.CreditsHeld.Bytes, run.Drops));
            for (int s = 0, f = 0; s < drawn.Length; s++)
                foreach (var h in Hosts(drawn[s].Item1 | drawn[s].Item2)) Assert.Equal((drawn[s].Item2 >> h & 1) != 0 ? drawn[s].Item3 : 0, run.DeliveredOf(f++));
            for (var f = summed; f < traffic.Count; f++) Assert.Equal(traffic.Bytes[f], run.DeliveredOf(f));
            if (others.Length == 0) Assert.Equal((sent, upAndDown, credits), (run.NewPackets, run.DataHops, run.ControlHops));
            if (window >= Packet) Assert.InRange(run.MostHeld, 0, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(window / Packet)));
            foreach (var threads in (int[])[2, 3])
            {
                var again = Play(fabric, traffic, options with { Threads = threads });
                Assert.Equal((run.Time, run.DataHops, run.ControlHops, run.Marks, run.Pauses, run.MostHeld), (again.Time, again.DataHops, again.ControlHops, again.Marks, again.Pauses, again.MostHeld));
                for (var f = 0; f < traffic.Count; f++) Assert.Equal((run.BeginOf(f), run.FinishOf(f), run.ArrivalOf(f)), (again.BeginOf(f), again.FinishOf(f), again.ArrivalOf(f)));
            }
        }, iter: 100);

    /// <summary>
    /// System: two lists of traffic side by side, each with a sum that starts a flow when it is there. Expectation: where they share no link they take what each takes alone; the
    /// same sums in the same tree at once take as long as one of twice the size, to a packet for each level.
    /// </summary>
    [Fact]
    public void Traffic_side_by_side_keeps_its_order_and_its_sums()
    {
        var (fabric, up) = Tree(2, 4);
        PacketTraffic Of(int first, long bytes)
        {
            int[] hosts = [first, first + 1, first + 2];
            var sums = new PacketSums();
            sums.AddSum(sums.AddTree(fabric, up, hosts, hosts), bytes, [0, 1, 2]);
            return new()
            {
                Name = "list",
                Source = [.. hosts, first],
                Destination = [.. hosts, first + 1],
                Bytes = [bytes, bytes, bytes, 5000],
                StartedBy = [-1, -1, -1, 0],
                OnReceived = [0, -1, -1, -1],
                Triggers = [new(TriggerKind.OneShot)],
                Sums = sums,
            };
        }
        var (one, other) = (Of(0, 400_000), Of(4, 1_000_000));
        var both = Play(fabric, one.Beside(other));
        Assert.Equal((true, 8), (both.IsComplete, both.Traffic.Count));
        foreach (var (alone, at) in ((PacketTraffic, int)[])[(one, 0), (other, 4)])
        {
            var run = Play(fabric, alone);
            for (var f = 0; f < 4; f++) Assert.Equal((run.BeginOf(f), run.ArrivalOf(f), run.DeliveredOf(f)), (both.BeginOf(at + f), both.ArrivalOf(at + f), both.DeliveredOf(at + f)));
            Assert.Equal(run.ArrivalOf(0), run.BeginOf(3));
        }
        long Last(PacketTraffic traffic) => Play(fabric, traffic).Time.Picoseconds;
        var twice = One(fabric, up, 16, 100 * Payload);
        Assert.InRange(Last(twice.Beside(twice)), OneWay(200 * Payload, 4), OneWay(200 * Payload, 4) + (4 * Packet * PerByte));
        Assert.Equal(Last(One(fabric, up, 16, 7777)), Last(twice.With([.. twice.Bytes.Select(_ => 7777L)])));
    }

    [Fact]
    public void Large_trees_play_on_several_threads()
    {
        var (fabric, up) = Tree(3, 4);
        var traffic = One(fabric, up, 64, 400_000, h => h * 1000);
        var one = Play(fabric, traffic);
        foreach (var threads in (int[])[2, 4])
        {
            var many = Play(fabric, traffic, Credits with { Threads = threads });
            Assert.Equal((threads, one.Time, one.MostHeld), (many.Threads, many.Time, many.MostHeld));
            for (var h = 0; h < 64; h++) Assert.Equal((one.BeginOf(h), one.ArrivalOf(h)), (many.BeginOf(h), many.ArrivalOf(h)));
        }
    }

    // A link that is broken for a while loses what is on it, and nobody sends that again; or a host has nothing to send before the sum is there.
    [Fact]
    public void A_sum_that_cant_end_says_what_it_waits_for()
    {
        var (fabric, up) = Tree(2, 2);
        WireChange[] broken = [new(SimTime.FromPicoseconds(3_000_000), 0, 0), new(SimTime.FromPicoseconds(4_000_000), 0, 1)];
        var lost = Assert.Throws<InputException>(() => Play(fabric, One(fabric, up, 4, 1_000_000), Credits with { Changes = broken })).Message;
        Assert.Contains("flow 1 from host 0 to 0 waits for sum 1, of which a packet was lost", lost);
        var sums = new PacketSums();
        int[] all = [0, 1, 2, 3];
        sums.AddSum(sums.AddTree(fabric, up, all, all), 1000, all);
        PacketTraffic circle = new()
        {
            Name = "circle",
            Source = all,
            Destination = all,
            Bytes = [1000, 1000, 1000, 1000],
            StartedBy = [-1, -1, -1, 0],
            OnReceived = [0, -1, -1, -1],
            Triggers = [new(TriggerKind.OneShot)],
            Sums = sums,
        };
        Assert.Contains("1 flows of circle never begin: flow 4 waits for trigger 1, which no flow that can begin pulls", Assert.Throws<InputException>(() => Play(fabric, circle)).Message);
        // Two sums of one tree, which two hosts have in another order: each waits in the stream for one that its trigger begins later.
        var twice = new PacketSums();
        var tree = twice.AddTree(fabric, up, [0, 3], [0, 3]);
        twice.AddSum(tree, 1000, [0, 1]);
        twice.AddSum(tree, 1000, [2, 3]);
        PacketTraffic crossed = new()
        {
            Name = "crossed",
            Source = [0, 3, 0, 3],
            Destination = [0, 3, 0, 3],
            Bytes = [1000, 1000, 1000, 1000],
            StartedBy = [-1, 0, -1, -1],
            OnReceived = [-1, -1, -1, 0],
            Triggers = [new(TriggerKind.OneShot)],
            Sums = twice,
        };
        Assert.Contains("waits for sum 1, to which host 3 sends nothing: flow 2 never began, and waits for trigger 1", Assert.Throws<InputException>(() => Play(fabric, crossed)).Message);
    }

    [Fact]
    public void Wrong_trees_and_sums_are_told()
    {
        var (fabric, up) = Tree(2, 2);
        var sums = new PacketSums();
        void Expect(string message, Action act) => Assert.Contains(message, Assert.Throws<InputException>(act).Message);
        int[] all = [0, 1, 2, 3];
        Expect("expected transport roce, dcqcn, hpcc, infiniband, infiniband-cc, found 'uet-nscc'", () => Play(fabric, One(fabric, up, 4, 1000), new()));
        Expect("bit errors with link retry", () => Play(fabric, One(fabric, up, 4, 1000), Credits with { Errors = new() { BitErrorRate = 1e-9 } }));
        Expect("a window of 1 kB can't hold one packet", () => Play(fabric, One(fabric, up, 4, 1000), Credits with { ReductionWindow = DataSize.FromBytes(1000) }));
        Expect("0 hosts that send and 4 that receive", () => sums.AddTree(fabric, up, [], all));
        Expect("names host 9", () => sums.AddTree(fabric, up, [9], all));
        Expect("names wire 99", () => sums.AddTree(fabric, [99], all, all));
        Expect("no wire of host 1", () => sums.AddTree(fabric, [.. up.Skip(2)], [1], all));
        Expect("has 2 roots", () => sums.AddTree(fabric, [.. up.Take(4)], all, all));
        Expect("goes round in a circle", () => sums.AddTree(fabric, [up[0], up[4], up[4] ^ 1], [0], [0]));
        var two = new PacketFabricBuilder("two ports", 1, 2);
        two.Link(0, 1, Rate, Microsecond);
        two.Link(0, 2, Rate, Microsecond);
        Expect("expected one above it", () => sums.AddTree(two.Build(), [0, 2], [0], [0]));
        two.Link(0, 1, Rate, Microsecond);
        Expect("has 2 wires of host 0", () => sums.AddTree(two.Build(), [0, 4], [0], [0]));
        Expect("expected one for each of its 4 hosts", () => sums.AddSum(sums.AddTree(fabric, up, all, all), 10, [0, 1]));
        var wrong = new PacketSums();
        wrong.AddSum(wrong.AddTree(fabric, up, all, all), 1000, all);
        PacketTraffic Of(int[] destination, long bytes) => new() { Name = "wrong", Source = all, Destination = destination, Bytes = [bytes, 1000, 1000, 1000], Sums = wrong };
        Expect("flow 1 of wrong is of sum 1, and goes from host 0 to 0 with 7 bytes", () => Play(fabric, Of(all, 7)));
        Expect("flow 2 of wrong is of sum 1, and goes from host 1 to 0", () => Play(fabric, Of([0, 0, 2, 3], 1000)));
    }
}
