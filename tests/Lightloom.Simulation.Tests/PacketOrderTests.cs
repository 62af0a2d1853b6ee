using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Tests;

/// <summary>Sends that wait for others, packet by packet.</summary>
public sealed class PacketOrderTests
{
    const int Payload = 4086, Header = 64;
    const double PerByte = 8e12 / 100e9; // ps
    static readonly Duration Microsecond = Duration.FromMicroseconds(1);

    // Two tiers of 4-port switches: hosts 0, 2, 4, 6 hang on leaves of their own, so that all of a ring's ways have four links.
    static PacketFabric Tree() => PacketFabricBuilder.FatTree(8, 2, Bandwidth.FromGigabitsPerSecond(100), Microsecond);

    static PacketRun Play(SendList sends, PacketOptions? options = null) => PacketSimulation.Run(Tree(), PacketTraffic.Of(sends), options, TestContext.Current.CancellationToken);

    // Step k of rank r: what came in step k - 1 goes on to r + 1, after what r sent itself.
    static SendList Ring(int[] hosts, int steps, double bytes)
    {
        var n = hosts.Length;
        int[] Each(Func<int, int, int> of) => [.. Enumerable.Range(0, steps * n).Select(i => of(i / n, i % n))];
        return new()
        {
            Name = "ring",
            Source = Each((_, r) => hosts[r]),
            Destination = Each((_, r) => hosts[(r + 1) % n]),
            Bytes = [bytes],
            WaitsFor = Each((k, r) => k == 0 ? -1 : ((k - 1) * n) + r),
            Feeds = Each((k, r) => k == steps - 1 ? -1 : (k * n) + ((r + 1) % n)),
            After = Each((k, r) => k == 0 ? -1 : ((k - 1) * n) + r),
            GateArrivals = [.. Enumerable.Repeat(1, (steps - 1) * n)],
        };
    }

    // The last byte of S bytes over L links that nothing else uses, ps: all packets over the first, the last full one and the last over the others.
    static double OneWay(long bytes, int links)
    {
        var n = (bytes + Payload - 1) / Payload;
        var last = bytes - ((n - 1) * Payload) + Header;
        var sending = n > 1 ? ((n - 1 + links - 1) * (double)(Payload + Header)) + last : links * (double)last;
        return (sending * PerByte) + (links * 1e6);
    }

    // An all-reduce in a ring is 2 (n - 1) steps of S / n, each after the one before: acknowledgements and what departs at the same time may add 2 %.
    [Theory]
    [InlineData(2, 1_000_000, "uet-nscc", "mixed")]
    [InlineData(4, 1_000_000, "uet-nscc", "mixed")]
    [InlineData(4, 4_000, "uet-nscc", "oblivious")]
    [InlineData(3, 10_000_000, "dctcp", "adaptive")]
    [InlineData(4, 1_000_000, "roce", "single-path")]
    public void A_ring_on_an_idle_fabric_takes_its_closed_form(int ranks, long bytes, string transport, string balance)
    {
        var steps = 2 * (ranks - 1);
        var run = Play(Ring([.. Enumerable.Range(0, ranks).Select(r => 2 * r)], steps, bytes), new() { Transport = transport, Balance = balance });
        var last = Enumerable.Range(0, run.Traffic.Count).Max(f => run.ArrivalOf(f)!.Value.Picoseconds);
        Assert.InRange(last / (steps * OneWay(bytes, 4)), 1 - 1e-6, 1.02);
    }

    // A butterfly's sends follow and wait; the message behind another in a queue leaves as soon as it has left, not when it is acknowledged.
    [Fact]
    public void What_follows_waits_for_departure_and_not_for_acknowledgements()
    {
        SendList two = new() { Name = "two", Source = [0, 0], Destination = [2, 2], Bytes = [400_000], After = [-1, 0] };
        var run = Play(two);
        var (first, second) = (run.BeginOf(0)!.Value.Picoseconds, run.BeginOf(1)!.Value.Picoseconds);
        // The last of 98 packets begins to be sent after 97 others, within half an acknowledgement's time of it.
        Assert.InRange(second - first, 97 * 4150 * PerByte - 1, (97 * 4150 * PerByte) + (20 * 64 * PerByte));
        Assert.True(second < run.ArrivalOf(0)!.Value.Picoseconds);
        Assert.InRange(run.ArrivalOf(1)!.Value.Picoseconds, OneWay(800_000, 4) - (PerByte * 4150), OneWay(800_000, 4) * 1.02);
    }

    [Fact]
    public void Gates_after_gates_two_gates_and_starts_are_kept()
    {
        // 3 needs gate 1, which 1 feeds and which opens after gate 0, which 0 feeds; 4 needs gate 2, which 0 feeds too, and 100 us; gate 3 needs nothing.
        SendList sends = new()
        {
            Name = "gates",
            Source = [0, 2, 4, 6, 1, 3],
            Destination = [2, 4, 6, 0, 3, 5],
            Bytes = [500_000, 1_000, 1_000, 1_000, 1_000, 1_000],
            Start = [0, 0, 0, 0, 100e-6, 0],
            WaitsFor = [-1, -1, -1, 1, 2, 3],
            Feeds = [0, 1, -1, -1, -1, -1],
            FeedsToo = [2, -1, -1, -1, -1, -1],
            GateArrivals = [1, 1, 1, 0],
            GateAfter = [-1, 0, -1, -1],
        };
        var run = Play(sends);
        Assert.Equal(run.ArrivalOf(0), run.BeginOf(3));
        Assert.Equal(100_000_000, run.BeginOf(4)!.Value.Picoseconds);
        Assert.Equal(0, run.BeginOf(5)!.Value.Picoseconds);
        Assert.True(run.ArrivalOf(1) < run.BeginOf(3));
    }

    // Whatever waits for whatever, every byte arrives once, and nothing begins before what it waits for.
    [Fact]
    public void Every_byte_of_ordered_sends_arrives_once() =>
        Gen.Select(Gen.Select(Gen.Int[0, 7], Gen.Int[1, 7], Gen.Int[1, 60_000], Gen.Int[0, 9], Gen.Int[0, 9]).Array[1, 40], Gen.Bool, Gen.ULong).Sample((drawn, roce, seed) =>
        {
            var n = drawn.Length;
            // Each send has a gate of its own that an earlier one may feed, and may come after an earlier one that nobody follows.
            var (waits, feeds, after) = (new int[n], new int[n], new int[n]);
            var taken = new bool[n];
            Array.Fill(feeds, -1);
            for (var i = 0; i < n; i++)
            {
                var (feeder, before) = (i - 1 - drawn[i].Item4, i - 1 - drawn[i].Item5);
                waits[i] = feeder >= 0 && feeds[feeder] < 0 ? i : -1;
                if (waits[i] >= 0) feeds[feeder] = i;
                after[i] = before >= 0 && !taken[before] ? before : -1;
                if (after[i] >= 0) taken[before] = true;
            }
            SendList sends = new()
            {
                Name = "drawn",
                Source = [.. drawn.Select(d => d.Item1)],
                Destination = [.. drawn.Select(d => (d.Item1 + d.Item2) % 8)],
                Bytes = [.. drawn.Select(d => (double)d.Item3)],
                WaitsFor = waits,
                Feeds = feeds,
                After = after,
                GateArrivals = [.. Enumerable.Repeat(1, n)],
            };
            var run = Play(sends, roce ? new() { Transport = "roce", Balance = "single-path", Seed = seed } : new() { Seed = seed });
            Assert.Equal((true, 0), (run.IsComplete, run.PacketsLeft));
            for (var i = 0; i < n; i++)
            {
                Assert.Equal(drawn[i].Item3, run.DeliveredOf(i));
                if (feeds[i] >= 0) Assert.True(run.BeginOf(feeds[i]) >= run.ArrivalOf(i));
                if (after[i] >= 0) Assert.True(run.BeginOf(i) >= run.BeginOf(after[i]));
            }
            Assert.Equal(drawn.Sum(d => (long)((d.Item3 + Payload - 1) / Payload)), run.NewPackets);
        }, iter: 200);

    // Flows that somebody starts while others are under way, among cards and within domains, take what they take where their starts are known before.
    [Fact]
    public void Flows_that_begin_on_the_way_take_what_those_known_before_do() =>
        Gen.Select(Gen.Select(Gen.Bool, Gen.Int[0, 7], Gen.Int[1, 3], Gen.Int[1, 60_000], Gen.Int[0, 20_000_000]).Array[1, 30], Gen.Int[0, 2], Gen.ULong).Sample((drawn, way, seed) =>
        {
            var fabric = Tree();
            var domains = PacketFabricBuilder.OfDomains(new([0, 1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1, 1], Bandwidth.FromGigabytesPerSecond(450), Duration.FromNanoseconds(600)));
            var options = new PacketOptions { Transport = ((string[])["uet-nscc", "roce", "uet-rccc"])[way], Seed = seed };
            int[] order = [.. Enumerable.Range(0, drawn.Length).OrderBy(i => drawn[i].Item5)];
            int Host(int i, int of) => drawn[i].Item1 ? 8 + (drawn[i].Item2 / 4 * 4) + (of % 4) : of % 8;
            PacketTraffic traffic = new()
            {
                Name = "drawn",
                Source = [.. order.Select(i => Host(i, drawn[i].Item2))],
                Destination = [.. order.Select(i => Host(i, drawn[i].Item2 + drawn[i].Item3))],
                Bytes = [.. order.Select(i => (long)drawn[i].Item4)],
                StartPicoseconds = [.. order.Select(i => (long)drawn[i].Item5)],
            };
            var known = PacketSimulation.Run(fabric, domains, traffic, options, TestContext.Current.CancellationToken);
            var open = new OpenPackets(fabric, options, domains);
            var arrived = new long[drawn.Length];
            for (var f = 0; f <= drawn.Length; f++)
            {
                var until = f < drawn.Length ? traffic.StartPicoseconds[f] : long.MaxValue;
                while (open.Advance(until)) arrived[open.Take()] = open.Now;
                if (f < drawn.Length) Assert.Equal(f, open.Start(traffic.Source[f], traffic.Destination[f], traffic.Bytes[f], until));
            }
            Assert.Equal(Enumerable.Range(0, drawn.Length).Select(f => known.ArrivalOf(f)!.Value.Picoseconds), arrived);
            // A link that changes to what it is has ports played event by event.
            var byEvent = PacketSimulation.Run(fabric, domains, traffic, options with { Changes = [new(SimTime.Zero, 0, 1)] }, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, drawn.Length).Select(byEvent.ArrivalOf), Enumerable.Range(0, drawn.Length).Select(known.ArrivalOf));
            Assert.Equal((known.NewPackets, known.WithinDomains!.Value.Packets), (open.Packets.New, open.WithinDomains!.Value));
            Assert.Contains("expected two of 0 to 7, or of 8 to 15", Assert.Throws<InputException>(() => open.Start(0, 8, 1, open.Now)).Message);
        }, iter: 100);

    [Fact]
    public void An_order_that_triggers_cant_keep_is_told()
    {
        SendList turns = new() { Name = "turns", Source = [0, 2, 4], Destination = [2, 4, 6], Bytes = [1], WaitsFor = [-1, 0, -1], Feeds = [0, -1, -1], After = [-1, 2, -1], GateArrivals = [1], GateTurns = [true] };
        Assert.Contains("send 2 of turns waits for its turn and for send 3", Assert.Throws<InputException>(() => PacketTraffic.Of(turns)).Message);
        SendList fork = new() { Name = "fork", Source = [0, 0, 0], Destination = [2, 4, 6], Bytes = [1], After = [-1, 0, 0] };
        Assert.Contains("two sends of fork come after send 1", Assert.Throws<InputException>(() => PacketTraffic.Of(fork)).Message);
        SendList circle = new() { Name = "circle", Source = [0, 2], Destination = [2, 4], Bytes = [1], WaitsFor = [0, 1], Feeds = [1, 0], GateArrivals = [1, 1] };
        Assert.Contains("2 flows of circle never begin", Assert.Throws<InputException>(() => Play(circle)).Message);
    }
}
