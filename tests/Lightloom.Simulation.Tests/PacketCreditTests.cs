using CsCheck;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>Links whose senders have credits for the room behind them.</summary>
public sealed class PacketCreditTests
{
    static PacketFabric Tree() => PacketFabricBuilder.FatTree(16, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1));

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions options) =>
        PacketSimulation.Run(fabric, traffic, options with { Transport = "infiniband", Balance = "single-path" }, TestContext.Current.CancellationToken);

    static PacketTraffic Flows(IReadOnlyList<(int From, int To, long Bytes)> flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static readonly Gen<(int From, int To, long Bytes)> AnyFlow = Gen.Select(Gen.Int[0, 15], Gen.Int[1, 15], Gen.Long[1, 300_000]).Select(t => (t.Item1, (t.Item1 + t.Item2) % 16, t.Item3));

    // Whatever room there is from one packet up: nothing is lost or sent again, every byte arrives once, and all credits come back.
    [Fact]
    public void Nothing_is_lost_and_no_credit_leaks() =>
        Gen.Select(AnyFlow.Array[1, 40], Gen.Int[4150, 200_000], Gen.ULong).Sample((flows, room, seed) =>
        {
            var run = Play(Tree(), Flows(flows), new() { Buffer = DataSize.FromBytes(room), Seed = seed });
            Assert.Equal((true, 0, 0L, 0L, 0L), (run.IsComplete, run.PacketsLeft, run.Drops, run.Trims, run.AgainPackets));
            Assert.Equal(0, run.CreditsHeld.Bytes);
            for (var f = 0; f < flows.Length; f++) Assert.Equal(flows[f].Bytes, run.DeliveredOf(f));
        }, iter: 200);

    // What is lost on a link that breaks takes no credit with it.
    [Fact]
    public void A_link_that_comes_back_has_all_its_credits()
    {
        var fabric = Tree();
        WireChange Wire(double at, int w, double share) => new(SimTime.FromDuration(Duration.FromMicroseconds(at)), w, share);
        var run = Play(fabric, Flows([(0, 13, 2_000_000)]), new()
        {
            Changes = [.. fabric.WiresOf(0).ToArray().SelectMany(w => new[] { Wire(20, w, 0), Wire(40, w, 1) })],
        });
        Assert.True(run.Drops > 0 && run.AgainPackets > 0);
        Assert.Equal((true, 0.0, 2_000_000L), (run.IsComplete, run.CreditsHeld.Bytes, run.DeliveredOf(0)));
    }

    // Room for a round trip of a link keeps it busy: 176.1995 us as without credits. With room r for less, a packet of s waits for its credit:
    // floor(r / s) packets every round trip of sending to the switch and on, and the way there and back.
    [Fact]
    public void Room_for_a_round_trip_is_the_rate_and_less_is_less()
    {
        Assert.Equal(176.1995, Play(Tree(), Flows([(0, 13, 2_000_000)]), new()).FinishOf(0)!.Value.Picoseconds / 1e6, 0.005);
        const double sending = 4150 * 80e-6;
        for (var packets = 1; packets <= 3; packets++)
        {
            var run = Play(Tree(), Flows([(0, 13, 2_000_000)]), new() { Buffer = DataSize.FromBytes(packets * 4150) });
            var expected = 490.0 / packets * ((2 * sending) + 2);
            Assert.InRange(run.FinishOf(0)!.Value.Picoseconds / 1e6, expected * 0.98, expected * 1.03);
        }
    }
}
