using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Detours on a dragonfly, and one dimension after the other on a torus.</summary>
public sealed class PacketDetourTests
{
    const int Payload = 4086, Header = 64;

    static readonly Bandwidth Rate = Bandwidth.FromGigabitsPerSecond(100);
    static readonly Duration Wire = Duration.FromNanoseconds(200);

    // Kim, Dally, Scott, Abts (ISCA 2008): p = 2 hosts a router, a = 4 routers a group, h = 2 links out of the group each: 9 groups, 36 routers, 72 hosts.
    const int P = 2, A = 4, H = 2, Groups = (A * H) + 1;

    static PacketFabric Dragonfly()
    {
        var builder = new PacketFabricBuilder("a dragonfly", Groups * A * P, Groups * A);
        int Router(int g, int r) => (Groups * A * P) + (g * A) + r;
        for (var h = 0; h < Groups * A * P; h++) builder.Link(h, Router(0, h / P), Rate, Wire);
        for (var g = 0; g < Groups; g++)
        {
            for (var r = 0; r < A; r++)
                for (var other = r + 1; other < A; other++) builder.Link(Router(g, r), Router(g, other), Rate, Wire);
            // Link i of group g leads to group g + i + 1; there it is link 8 - 1 - i.
            for (var i = 0; i < A * H; i++)
            {
                var far = (g + i + 1) % Groups;
                if (g < far) builder.Link(Router(g, i / H), Router(far, ((A * H) - 1 - i) / H), Rate, Wire, 3);
            }
        }
        return builder.Build();
    }

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) => PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(IEnumerable<(int From, int To, long Bytes)> flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static double[] Times(string balance, IEnumerable<(int From, int To, long Bytes)> flows) => Play(Dragonfly(), Flows(flows), new() { Balance = balance }).CompletionTimes();

    static Gen<T> One<T>(params IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    const long Size = 2_000_000;

    static readonly double Alone = (Size + ((Size + Payload - 1) / Payload * Header)) * 80e-6; // us on one link

    // Every host sends to its like in the next group. Minimally the 8 hosts of a group share one link; by detours all carry every packet twice, once out of its
    // group and once more into the last: 2 hosts' worth each [Kim et al.: 1/(a h), and a half].
    [Fact]
    public void The_next_group_is_reached_by_detours()
    {
        var hosts = Groups * A * P;
        var next = Enumerable.Range(0, hosts).Select(h => (h, (h + (A * P)) % hosts, Size)).ToList();
        var (minimal, ugal, valiant) = (Times("adaptive", next), Times("ugal", next), Times("valiant", next));
        Assert.InRange(minimal[^1], 8 * Alone, 8 * Alone * 1.1);
        // Links within groups are unevenly loaded by detours through routers: up to 8/3 as much [Garcia et al., OFAR, ICPP 2012].
        Assert.InRange(valiant[^1], 2 * Alone, 3 * Alone);
        // The first link doesn't show that the one behind it is full where nothing is held back: three of four routers go on minimally until their own is.
        Assert.InRange(ugal.Average(), 1.2 * Alone, 0.6 * minimal.Average());
        Assert.InRange(ugal[^1], 1.5 * Alone, 0.8 * minimal[^1]);
    }

    // Everybody to somebody far away, at random: detours only cost, and UGAL makes few.
    [Fact]
    public void Without_need_few_detours_are_made()
    {
        var hosts = Groups * A * P;
        var spread = Enumerable.Range(0, hosts).SelectMany(h => Enumerable.Range(1, 8).Select(i => (h, (h + (i * A * P) + (i % 7)) % hosts, Size / 8))).ToList();
        double Hops(string balance)
        {
            var run = Play(Dragonfly(), Flows(spread), new() { Balance = balance });
            return (double)run.DataHops / (run.NewPackets + run.AgainPackets);
        }
        var (minimal, ugal, valiant) = (Hops("adaptive"), Hops("ugal"), Hops("valiant"));
        Assert.InRange(ugal, minimal, minimal * 1.25);
        Assert.InRange(valiant, minimal * 1.35, minimal * 2);
        Assert.InRange(Times("ugal", spread).Average() / Times("adaptive", spread).Average(), 0.5, 1.2);
    }

    // Any balance that detours, whatever breaks on the way: every byte arrives once, and equal seeds give equal runs.
    [Fact]
    public void Every_byte_arrives_once_by_detours() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 71], Gen.Int[1, 71], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 72, t.Item3)).Array[1, 40],
            One("ugal", "valiant"), One("uet-nscc", "ndp", "eqds", "swift"), Gen.Bool, Gen.ULong).Sample((flows, balance, transport, breaks, seed) =>
        {
            var fabric = Dragonfly();
            var options = new PacketOptions { Balance = balance, Transport = transport, Seed = seed };
            if (breaks) options = options with { Changes = [.. Enumerable.Range(0, fabric.Wires).Where(w => w / 2 % 7 == 3 && fabric.FromOf(w) >= 72 && fabric.ToOf(w) >= 72).Select(w => new WireChange(SimTime.FromDuration(Duration.FromMicroseconds(5)), w, 0))] };
            var run = Play(fabric, Flows(flows), options);
            Assert.Equal((true, 0), (run.IsComplete, run.PacketsLeft));
            for (var f = 0; f < flows.Length; f++) Assert.Equal(flows[f].Item3, run.DeliveredOf(f));
            Assert.Equal(run.CompletionTimes(), Play(fabric, Flows(flows), options).CompletionTimes());
        }, iter: 60);

    [Fact]
    public void Flows_in_order_make_no_detours() =>
        Assert.Contains("expected selective repeat, or --balance single-path, found 'ugal'", Assert.Throws<InputException>(() => Play(Dragonfly(), Flows([(0, 9, 1000L)]), new() { Transport = "roce", Balance = "ugal", SelectiveRepeat = false })).Message);

    static PacketFabric Torus(int side, bool ordered)
    {
        var hosts = side * side;
        var builder = new PacketFabricBuilder("a torus", hosts, hosts) { DimensionOrder = ordered ? [n => (n - hosts) % side, n => (n - hosts) / side] : [] };
        for (var n = 0; n < hosts; n++)
        {
            builder.Link(n, hosts + n, Rate, Wire);
            builder.Link(hosts + n, hosts + (n / side * side) + ((n + 1) % side), Rate, Wire);
            builder.Link(hosts + n, hosts + ((n + side) % hosts), Rate, Wire);
        }
        return builder.Build();
    }

    // From each node towards each other one: only links of the first dimension in which they differ, the shorter way round, or both where they are as long.
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_torus_goes_by_one_dimension_after_the_other(int side)
    {
        var (torus, hosts) = (Torus(side, ordered: true), side * side);
        for (var from = 0; from < hosts; from++)
        {
            for (var to = 0; to < hosts; to++)
            {
                if (from == to) continue;
                var (dx, dy) = (((to % side) - (from % side) + side) % side, ((to / side) - (from / side) + side) % side);
                var d = dx != 0 ? dx : dy;
                var step = dx != 0 ? 1 : side;
                int At(int way) => dx != 0 ? (from / side * side) + ((from + way) % side + side) % side : ((from + (way * step)) % hosts + hosts) % hosts;
                int[] expected = 2 * d < side ? [At(1)] : 2 * d > side ? [At(-1)] : [At(1), At(-1)];
                Assert.Equal(expected.Order(), torus.RouteOf(hosts + from, to).ToArray().Select(w => torus.ToOf(w) - hosts).Order());
                Assert.Equal(Math.Min(dx, side - dx) + Math.Min(dy, side - dy) + 2, torus.HopsBetween(from, to));
            }
        }
    }

    // Round the rings of a torus lanes of one kind wait for each other; with one for each link on the way none do [Guenther 1981].
    [Fact]
    public void A_torus_deadlocks_with_one_lane_and_not_with_four()
    {
        var torus = Torus(5, ordered: true);
        // Everybody two on in both dimensions.
        var flows = Flows(Enumerable.Range(0, 25).Select(n => (n, ((n / 5) + 2) % 5 * 5 + ((n + 2) % 5), 20_000_000L)));
        var options = new PacketOptions { Transport = "infiniband", Buffer = DataSize.FromBytes(8300) };
        Assert.Contains("deadlocked", Assert.Throws<InputException>(() => Play(torus, flows, options)).Message);
        var run = Play(torus, flows, options with { VirtualLanes = 4 });
        Assert.Equal((true, 0L, 0.0), (run.IsComplete, run.Drops, run.CreditsHeld.Bytes));
    }
}
