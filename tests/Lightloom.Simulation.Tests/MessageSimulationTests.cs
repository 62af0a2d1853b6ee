using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Scenarios;

namespace Lightloom.Simulation.Tests;

/// <summary>LogGOPS in closed form, and against the obvious way to play it.</summary>
public sealed class MessageSimulationTests
{
    static readonly LogGops AllEager = new() { LargestEager = 1_000_000_000 };

    static MessageProgramRun Run(MessageProgram program, LogGops? parameters = null) => MessageSimulation.Run(program, parameters, null, TestContext.Current.CancellationToken);

    static long Nanoseconds(MessageProgram program, LogGops? parameters = null)
    {
        var run = Run(program, parameters);
        Assert.True(run.IsComplete);
        Assert.Equal(0, run.Time.Picoseconds % 1000);
        return run.Time.Picoseconds / 1000;
    }

    // log2 N x (2 o + L + 7 G)
    [Theory]
    [InlineData(64, 33252)]
    [InlineData(256, 44336)]
    [InlineData(1024, 55420)]
    [InlineData(4096, 66504)]
    public void Dissemination(int ranks, long nanoseconds) =>
        Assert.Equal(nanoseconds, Nanoseconds(MessageScenario.Of("dissemination", ranks, 8)));

    // 2 (N - 1) (5500 + (d / N - 1) 6)
    [Theory]
    [InlineData(64, 64L << 20, 793_415_700)]
    [InlineData(256, 64L << 20, 804_962_580)]
    [InlineData(4, 1L << 20, 9_470_148)]
    [InlineData(8, 1L << 20, 11_086_964)]
    [InlineData(16, 1L << 20, 11_961_300)]
    [InlineData(32, 1L << 20, 12_530_324)]
    public void Rings(int ranks, long bytes, long nanoseconds) => Assert.Equal(nanoseconds, Nanoseconds(MessageScenario.Of("allreduce_ring", ranks, bytes), AllEager));

    // 2 sum of (5500 + (d / 2^i - 1) 6)
    [Theory]
    [InlineData(64, 792_789_384)]
    [InlineData(1024, 804_629_816)]
    public void Halving_and_doubling(int ranks, long nanoseconds) =>
        Assert.Equal(nanoseconds, Nanoseconds(MessageScenario.Of("allreduce_recdoub", ranks, 64L << 20), AllEager));

    // 14 x (5500 + 1023 x 6): the root sends to the furthest first, and each passes on.
    [Fact]
    public void A_binomial_tree() => Assert.Equal(162_932, Nanoseconds(MessageScenario.Of("binomialtreebcast", 16384, 1024)));

    // 255 x (5500 + 65535 x 6)
    [Fact]
    public void A_linear_all_to_all() =>
        Assert.Equal(101_671_050, Nanoseconds(MessageScenario.Of("linear_alltoall", 256, 65536), AllEager));

    static MessageProgram Incast(int senders, long bytes)
    {
        var builder = new MessageProgramBuilder();
        builder.BeginRank();
        for (var r = 1; r <= senders; r++) builder.Add(MessageKind.Receive, bytes, r, r);
        for (var r = 1; r <= senders; r++)
        {
            builder.BeginRank();
            builder.Add(MessageKind.Send, bytes, 0, r);
        }
        return builder.Finish();
    }

    // The receiver takes one after the other.
    [Fact]
    public void An_incast() => Assert.Equal(48_015_952, Nanoseconds(Incast(8, 1_000_000), AllEager));

    [Fact]
    public void Many_that_wait_cost_a_few_events_each()
    {
        var (few, many) = (Run(Incast(1000, 100)), Run(Incast(4000, 100)));
        Assert.InRange(few.Events, 3000, 7100);
        Assert.InRange(many.Events, 12000, 28100);
    }

    [Fact]
    public void An_all_to_all_that_is_posted_at_once_costs_a_few_events_each()
    {
        var builder = new MessageProgramBuilder();
        const int ranks = 64;
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            for (var d = 1; d < ranks; d++) builder.Add(MessageKind.Receive, 65536, (r + d) % ranks);
            for (var d = 1; d < ranks; d++) builder.Add(MessageKind.Send, 65536, (r + d) % ranks);
        }
        var run = Run(builder.Finish(), AllEager);
        Assert.InRange(run.Events, 3 * ranks * (ranks - 1), 8 * ranks * (ranks - 1));
    }

    // A rendezvous: the sender ends when the late receive matches, and its next operation follows.
    [Fact]
    public void A_large_message_waits_for_its_receive()
    {
        MessageProgram Program(long size)
        {
            var builder = new MessageProgramBuilder();
            builder.BeginRank();
            var send = builder.Add(MessageKind.Send, size, 1);
            builder.Requires(builder.Add(MessageKind.Calculate, 1000), send);
            builder.BeginRank();
            var wait = builder.Add(MessageKind.Calculate, 10_000_000);
            builder.Requires(builder.Add(MessageKind.Receive, size, 0), wait);
            return builder.Finish();
        }
        // The message comes during the calculation and is taken when it ends; the receive ends with the CPU.
        var eager = Run(Program(65535));
        Assert.Equal(2_500_000, eager.EndOf(1)!.Value.Picoseconds);
        var rendezvous = Run(Program(65536));
        Assert.True(rendezvous.EndOf(0)!.Value.Picoseconds >= 10_000_000_000);
        Assert.Equal(1_000_000, rendezvous.EndOf(1)!.Value.Picoseconds - rendezvous.EndOf(0)!.Value.Picoseconds);
    }

    [Fact]
    public void Any_sender_and_any_tag_match_in_order()
    {
        var builder = new MessageProgramBuilder();
        builder.BeginRank();
        var first = builder.Add(MessageKind.Receive, 8, MessageProgram.Any, 7);
        var second = builder.Add(MessageKind.Receive, 8, 2, MessageProgram.Any);
        var third = builder.Add(MessageKind.Receive, 8, MessageProgram.Any, MessageProgram.Any);
        builder.BeginRank();
        var late = builder.Add(MessageKind.Calculate, 100_000);
        builder.Requires(builder.Add(MessageKind.Send, 8, 0, 9), late);
        builder.BeginRank();
        var sent = builder.Add(MessageKind.Send, 8, 0, 7);
        builder.Requires(builder.Add(MessageKind.Send, 8, 0, 7), sent);
        var run = Run(builder.Finish());
        Assert.True(run.EndOf(first)!.Value < run.EndOf(second)!.Value);
        Assert.True(run.EndOf(second)!.Value < run.EndOf(third)!.Value);
        Assert.True(run.EndOf(third)!.Value.Picoseconds > 100_000_000);
    }

    [Fact]
    public void Cpus_and_nics_work_side_by_side()
    {
        MessageProgram Program(byte other)
        {
            var builder = new MessageProgramBuilder();
            builder.BeginRank();
            builder.Add(MessageKind.Calculate, 1000);
            builder.Add(MessageKind.Calculate, 1000, onCpu: other);
            return builder.Finish();
        }
        Assert.Equal((2000, 1000), (Nanoseconds(Program(0)), Nanoseconds(Program(1))));
    }

    [Fact]
    public void Ranks_that_wait_for_ever_are_named()
    {
        var builder = new MessageProgramBuilder();
        builder.BeginRank();
        builder.Add(MessageKind.Receive, 8, 1, 5);
        builder.BeginRank();
        builder.Add(MessageKind.Send, 8, 0, 4);
        var message = Assert.Throws<InputException>(() => Run(builder.Finish())).Message;
        Assert.Contains("1 on 1 ranks wait for what never comes: rank 0, operation 0: receive 8 B from rank 1, tag 5", message, StringComparison.Ordinal);
        var circle = new MessageProgramBuilder();
        circle.BeginRank();
        var (a, b) = (circle.Add(MessageKind.Calculate, 1), circle.Add(MessageKind.Calculate, 1));
        circle.Requires(a, b);
        circle.Requires(b, a);
        Assert.Contains("wait in a circle, such as rank 0, operation 0", Assert.Throws<InputException>(() => circle.Finish()).Message, StringComparison.Ordinal);
        var huge = new MessageProgramBuilder();
        huge.BeginRank();
        huge.Add(MessageKind.Calculate, long.MaxValue);
        Assert.Contains("106 days", Assert.Throws<InputException>(() => Run(huge.Finish())).Message, StringComparison.Ordinal);
        Assert.Contains("expected whole picoseconds", Assert.Throws<InputException>(() => Run(Incast(1, 8), new() { GapPerByte = Duration.FromNanoseconds(0.0404) })).Message, StringComparison.Ordinal);
    }

    /// <summary>The obvious way: what can't be served yet is put back to when it might; lists are searched from their front.</summary>
    static long[] Naive(MessageProgram program, LogGops p)
    {
        var (latency, overhead, gap, perByte, workPerByte) = p.Picoseconds();
        var (cpu, sends, receives) = (new long[program.Ranks, 256], new long[program.Ranks, 256], new long[program.Ranks, 256]);
        var (missing, ready, end) = ((int[])program.Needs.Clone(), new long[program.Count], Enumerable.Repeat(-1L, program.Count).ToArray());
        var (expected, unexpected) = (new List<int>(), new List<(int Send, long Done)>());
        // What has waited for a CPU since an earlier time comes first, then what has its turn at a NIC, then what is new.
        var events = new SortedSet<(long Time, long Came, long Order, bool Message, int Item)>();
        var order = 0L;
        var lines = new Dictionary<(bool, int, byte), List<int>>();
        void Put(long time, bool message, int item) => events.Add((time, time, order++, message, item));
        void Free(int i, long time)
        {
            ready[i] = Math.Max(ready[i], time);
            if (--missing[i] == 0) Put(ready[i], false, i);
        }
        void Start(int i, long time)
        {
            var rank = program.RankOf(i);
            foreach (var d in program.AfterStart(rank, program.Read(rank, i - program.FirstOperation[rank]))) Free(program.FirstOperation[rank] + d, time);
        }
        void Ends(int i, long time)
        {
            end[i] = time;
            var rank = program.RankOf(i);
            foreach (var d in program.AfterEnd(rank, program.Read(rank, i - program.FirstOperation[rank]))) Free(program.FirstOperation[rank] + d, time);
        }
        bool Fits(int receive, int send) => program.RankOf(receive) == program.Peer[send] && (program.Peer[receive] < 0 || program.Peer[receive] == program.RankOf(send))
            && (program.Tag[receive] < 0 || program.Tag[receive] == program.Tag[send]);
        for (var i = 0; i < program.Count; i++)
            if (missing[i] == 0) Put(0, false, i);
        while (events.Count > 0)
        {
            var now = events.Min;
            events.Remove(now);
            var (time, _, _, message, i) = now;
            var rank = message ? program.Peer[i] : program.RankOf(i);
            ref var own = ref cpu[rank, program.Cpu[i]];
            var more = Math.Max(0, program.Size[i] - 1);
            var key = (message, rank, program.Nic[i]);
            if (message || program.Kind[i] == MessageKind.Send)
            {
                var free = message ? receives[rank, program.Nic[i]] : sends[rank, program.Nic[i]];
                var line = lines.TryGetValue(key, out var l) ? l : lines[key] = [];
                if (!line.Contains(i)) line.Add(i);
                if (line[0] != i) continue; // its turn comes when those before it are served
                if (free > time)
                {
                    events.Add((free, free, order++ - (1L << 40), message, i));
                    continue;
                }
            }
            if ((message || program.Kind[i] != MessageKind.Receive) && own > time)
            {
                events.Add(now with { Time = own });
                continue;
            }
            if (lines.TryGetValue(key, out var served) && served.Remove(i) && served.Count > 0)
            {
                var until = time + gap + more * perByte;
                events.Add((until, until, order++ - (1L << 40), message, served[0]));
            }
            if (message)
            {
                ref var nic = ref receives[rank, program.Nic[i]];
                own = time + overhead + more * Math.Max(perByte, workPerByte);
                nic = time + gap + more * perByte;
                var match = expected.FindIndex(r => Fits(r, i));
                if (match < 0) unexpected.Add((i, own));
                else
                {
                    var receive = expected[match];
                    expected.RemoveAt(match);
                    if (program.Size[i] > p.LargestEager) Late(i, time);
                    Ends(receive, own);
                }
            }
            else if (program.Kind[i] == MessageKind.Receive)
            {
                Start(i, time);
                var match = unexpected.FindIndex(m => Fits(i, m.Send));
                if (match < 0) expected.Add(i);
                else
                {
                    var (send, done) = unexpected[match];
                    unexpected.RemoveAt(match);
                    if (program.Size[send] > p.LargestEager) Late(send, time);
                    Ends(i, Math.Max(time, done));
                }
            }
            else
            {
                ref var nic = ref sends[rank, program.Nic[i]];
                Start(i, time);
                if (program.Kind[i] == MessageKind.Calculate)
                {
                    own = time + program.Size[i] * 1000;
                    Ends(i, own);
                    continue;
                }
                own = time + overhead + more * workPerByte;
                nic = time + gap + more * perByte;
                Put(time + overhead + latency, true, i);
                if (program.Size[i] <= p.LargestEager) Ends(i, own);
            }
        }
        return end;

        void Late(int send, long time)
        {
            var rank = program.RankOf(send);
            cpu[rank, program.Cpu[send]] = Math.Max(cpu[rank, program.Cpu[send]], time);
            sends[rank, program.Nic[send]] = Math.Max(sends[rank, program.Nic[send]], time);
            Ends(send, time);
        }
    }

    [Fact]
    public void Any_program_ends_as_when_all_that_wait_are_put_back() => Gen.Select(Gen.Int[2, 5], Gen.Int[1, 25], Gen.Int[0, int.MaxValue]).Sample((ranks, messages, seed) =>
    {
        var random = new Random(seed);
        var plan = Enumerable.Range(0, ranks).Select(_ => new List<(MessageKind Kind, long Size, int Peer, int Tag)>()).ToList();
        for (var m = 0; m < messages; m++)
        {
            var from = random.Next(ranks);
            var to = (from + 1 + random.Next(ranks - 1)) % ranks;
            var (size, tag) = (1 + random.NextInt64(200_000), random.Next(2));
            plan[from].Insert(random.Next(plan[from].Count + 1), (MessageKind.Send, size, to, tag));
            plan[to].Insert(random.Next(plan[to].Count + 1), (MessageKind.Receive, size, from, tag));
        }
        var oneCpu = random.Next(2) == 0;
        var builder = new MessageProgramBuilder();
        foreach (var own in plan)
        {
            builder.BeginRank();
            var first = builder.Count;
            foreach (var (kind, size, peer, tag) in own)
            {
                var i = builder.Add(MessageKind.Calculate, 1 + random.NextInt64(1_000_000), onCpu: (byte)random.Next(2));
                var cpu = (byte)(oneCpu ? 0 : random.Next(2));
                // A NIC of each CPU, or one CPU: of two CPUs that want one NIC at the same instant either may come first.
                var o = builder.Add(kind, size, peer, tag, cpu, oneCpu ? (byte)random.Next(2) : cpu);
                builder.Requires(o, i);
                if (i > first && random.Next(3) == 0) builder.RequiresStart(i, first + random.Next(i - first));
            }
        }
        var program = builder.Finish();
        var parameters = new LogGops { LargestEager = random.Next(2) == 0 ? 65535 : 1L << 40, OverheadPerByte = Duration.FromSeconds(random.Next(3) * 1001 * 1e-12), Latency = Duration.FromSeconds(2_500_007 * 1e-12) };
        var expected = Naive(program, parameters);
        if (expected.Any(e => e < 0)) Assert.Throws<InputException>(() => Run(program, parameters));
        else
        {
            var run = Run(program, parameters);
            Assert.Equal(expected, Enumerable.Range(0, program.Count).Select(i => run.EndOf(i)!.Value.Picoseconds));
        }
    }, iter: 500);

    /// <summary>Items in lists, taken from the front of one and gone from all: as with a plain list that is searched.</summary>
    [Fact]
    public void Matches_are_those_of_a_search() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var random = new Random(seed);
        var queues = new MatchQueues(1);
        var plain = new List<(int Peer, int Tag, int Item)>();
        for (var i = 0; i < 300; i++)
        {
            if (random.Next(2) == 0)
            {
                var (peer, tag, order) = (random.Next(2), random.Next(100), queues.NextOrder());
                var last = queues.Add(0, peer, tag, i, order);
                last = queues.Add(0, MessageProgram.Any, tag, i, order, last);
                last = queues.Add(0, peer, MessageProgram.Any, i, order, last);
                queues.Hold(order, queues.Add(0, MessageProgram.Any, MessageProgram.Any, i, order, last));
                plain.Add((peer, tag, i));
                continue;
            }
            var (from, of) = (random.Next(-1, 2), random.Next(3) == 0 ? random.Next(100) : MessageProgram.Any);
            var at = plain.FindIndex(p => (from < 0 || p.Peer == from) && (of < 0 || p.Tag == of));
            Assert.Equal(at < 0 ? -1 : plain[at].Item, queues.Take(0, from, of));
            if (at >= 0) plain.RemoveAt(at);
        }
    }, iter: 200);

    // Tags that number the messages leave nothing behind, also where any sender is asked for.
    [Theory]
    [InlineData(1)]
    [InlineData(MessageProgram.Any)]
    public void Lists_of_past_tags_are_cleared_away(int sender)
    {
        var queues = new MatchQueues(2);
        for (var tag = 0; tag < 100_000; tag++)
        {
            var order = queues.NextOrder();
            var first = queues.Add(0, 1, tag, tag, order);
            queues.Hold(order, queues.Add(0, MessageProgram.Any, tag, tag, order, first));
            Assert.Equal(tag, queues.Take(0, sender, tag));
        }
        Assert.InRange(queues.Lists, 0, 200);
    }

    // What is held goes with what is under way, not with how long it goes on.
    [Fact]
    public void A_longer_ring_holds_no_more() => Assert.Equal(Run(MessageScenario.Steps(16, 100, (r, _) => (r + 1) % 16, (r, _) => (r + 15) % 16, _ => 8)).MostHeld,
        Run(MessageScenario.Steps(16, 1000, (r, _) => (r + 1) % 16, (r, _) => (r + 15) % 16, _ => 8)).MostHeld);

    // A fabric as the tests have it: 32 systems of 8 accelerators on rails, without latency of devices.
    static MessageProgramRun OnFabric(MessageProgram program, LogGops parameters, Lightloom.Fabric.FabricGraph graph)
    {
        var places = Traffic.RankPlaces.Of(graph, program.Ranks);
        Traffic.FabricLatency late = new([.. graph.Plan.Links.Select(_ => Duration.FromNanoseconds(200))], [.. graph.Tiers.Select(_ => Duration.Zero)]);
        return MessageSimulation.Run(program, parameters, new MessageFlows(Traffic.FabricFlows.Capacity(graph, places), new(graph, new(graph, new Lightloom.Fabric.EqualCost()), late, places)), null, TestContext.Current.CancellationToken);
    }

    static Lightloom.Fabric.FabricGraph Rails(int systems) => Lightloom.Fabric.FabricGraph.Of(Lightloom.Fabric.Topologies.Find("rail-optimized").Plan(new()
    {
        Systems = systems,
        System = Catalog.PartCatalog.Default.Get<Catalog.AcceleratorSystem>("dgx-h100"),
        Switch = Catalog.PartCatalog.Default.Get<Catalog.Switch>("qm9700"),
    }));

    /// <summary>
    /// System: n ranks, each the first of a system, send s bytes to rank 0 at once; cards of 50 GB/s behind one leaf, links of 0.2 us. Expectation: flows
    /// share the receiver's card, so all are there at o + n s / 50 GB/s + 0.4 us, and its CPU takes them one by one: + n o. Without a fabric nobody
    /// shares anything: the receiver's NIC alone serves one after the other at G.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Messages_share_the_links_of_a_fabric(int senders)
    {
        const long bytes = 1_000_000;
        var builder = new MessageProgramBuilder();
        for (var r = 0; r <= 8 * senders; r++)
        {
            builder.BeginRank();
            for (var s = 1; r == 0 && s <= senders; s++) builder.Add(MessageKind.Receive, bytes, 8 * s, s);
            if (r > 0 && r % 8 == 0) builder.Add(MessageKind.Send, bytes, 0, r / 8);
        }
        LogGops parameters = new() { LargestEager = long.MaxValue, Gap = Duration.Zero };
        var run = OnFabric(builder.Finish(), parameters, Rails(senders + 1));
        Assert.True(run.IsComplete);
        Assert.Equal(1500 + (senders * bytes / 50.0) + 400 + (senders * 1500), run.Time.Picoseconds / 1e3, 1e-3);
    }

    /// <summary>A ring of one rank in each system: steps share no link, so that a step is 2 o, the bytes over a card and the way.</summary>
    [Fact]
    public void A_ring_on_a_fabric_takes_its_steps_one_after_the_other()
    {
        const int ranks = 6;
        const long bytes = 600_000;
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < 8 * ranks; r++)
        {
            builder.BeginRank();
            var (sent, received) = (-1, -1);
            for (var s = 0; r % 8 == 0 && s < ranks - 1; s++)
            {
                var send = builder.Add(MessageKind.Send, bytes, (r + 8) % (8 * ranks));
                var receive = builder.Add(MessageKind.Receive, bytes, (r + (8 * (ranks - 1))) % (8 * ranks));
                if (sent >= 0)
                {
                    builder.Requires(send, sent);
                    builder.Requires(send, received);
                    builder.Requires(receive, received);
                }
                (sent, received) = (send, receive);
            }
        }
        var run = OnFabric(builder.Finish(), new() { LargestEager = long.MaxValue }, Rails(ranks));
        Assert.Equal((ranks - 1) * ((2 * 1500) + (bytes / 50.0) + 400), run.Time.Picoseconds / 1e3, 1e-3);
    }

    static (MessageProgramRun Run, Packets.RankPackets Packets) InPackets(MessageProgram program, LogGops parameters, Lightloom.Fabric.FabricGraph graph, Packets.PacketOptions options)
    {
        Traffic.FabricLatency late = new([.. graph.Plan.Links.Select(_ => Duration.FromNanoseconds(200))], [.. graph.Tiers.Select(_ => Duration.Zero)]);
        var packets = new Packets.RankPackets(Packets.PacketFabricBuilder.Of(graph, late), Traffic.RankPlaces.Of(graph, program.Ranks), options);
        return (MessageSimulation.Run(program, parameters, new MessagePackets(packets), null, TestContext.Current.CancellationToken), packets);
    }

    /// <summary>
    /// The same ring in packets. A step is 2 o and, over two links of 50 GB/s with a leaf between: n packets of 4,086 B and their headers of 64 B one behind the other, the last one, which is
    /// shorter, once more, and 0.4 us. A message within a domain has its switch instead, at 450 GB/s.
    /// </summary>
    [Theory]
    [InlineData("uet-nscc", "mixed")]
    [InlineData("roce", "single-path")]
    [InlineData("infiniband", "adaptive")]
    public void A_ring_in_packets_takes_its_steps_one_after_the_other(string transport, string balance)
    {
        const int ranks = 6;
        const long bytes = 600_000;
        MessageProgram Ring(int apart)
        {
            var builder = new MessageProgramBuilder();
            for (var r = 0; r < apart * ranks; r++)
            {
                builder.BeginRank();
                var received = -1;
                for (var s = 0; r % apart == 0 && s < ranks - 1; s++)
                {
                    var send = builder.Add(MessageKind.Send, bytes, (r + apart) % (apart * ranks));
                    var receive = builder.Add(MessageKind.Receive, bytes, (r + (apart * (ranks - 1))) % (apart * ranks));
                    if (received >= 0) builder.Requires(send, received);
                    if (received >= 0) builder.Requires(receive, received);
                    received = receive;
                }
            }
            return builder.Finish();
        }
        var graph = Rails(ranks);
        var packets = (bytes + 4085) / 4086;
        double wire = bytes + (64 * packets), last = wire - ((packets - 1) * 4150);
        var (among, counted) = InPackets(Ring(8), new() { LargestEager = long.MaxValue }, graph, new() { Transport = transport, Balance = balance });
        Assert.True(among.IsComplete);
        // Acknowledgements of what a rank receives go before what it sends: 64 B for each packet at most.
        Assert.InRange(among.Time.Picoseconds / 1e3 / ((ranks - 1) * ((2 * 1500) + ((wire + last) / 50) + 400)), 1, 1 + (64 / 4150.0));
        Assert.Equal((ranks * (ranks - 1) * packets, 0L), (counted.Packets.Packets.New, counted.Packets.WithinDomains!.Value));
        var domain = Traffic.RankPlaces.Of(graph, 8);
        var (within, inside) = InPackets(Ring(1), new() { LargestEager = long.MaxValue }, graph, new() { Transport = transport, Balance = balance });
        Assert.InRange(within.Time.Picoseconds / 1e3 / ((ranks - 1) * ((2 * 1500) + ((wire + last) / (domain.ScaleUp.BytesPerSecond / 1e9)) + (domain.ScaleUpLatency.Seconds * 1e9))), 1, 1 + (64 / 4150.0));
        Assert.Equal((0L, ranks * (ranks - 1) * packets), (inside.Packets.Packets.New, inside.Packets.WithinDomains!.Value));
    }

    [Fact]
    public void A_run_in_packets_stops_when_told()
    {
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < 16; r++)
        {
            builder.BeginRank();
            if (r == 0) builder.Add(MessageKind.Send, 100_000_000, 8);
            if (r == 8) builder.Add(MessageKind.Receive, 100_000_000, 0);
        }
        var graph = Rails(2);
        Traffic.FabricLatency late = new([.. graph.Plan.Links.Select(_ => Duration.FromNanoseconds(200))], [.. graph.Tiers.Select(_ => Duration.Zero)]);
        var packets = new Packets.RankPackets(Packets.PacketFabricBuilder.Of(graph, late), Traffic.RankPlaces.Of(graph, 16), new());
        var run = MessageSimulation.Run(builder.Finish(), null, new MessagePackets(packets), null, new CancellationToken(canceled: true));
        Assert.False(run.IsComplete);
    }
}
