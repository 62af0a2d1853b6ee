using CsCheck;
using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Tests;

/// <summary>The ring of buckets beside a list that is searched.</summary>
public sealed class EventRingTests
{
    const ulong Salt = 0x5EED;

    // Whatever is pushed when, near, far and at the present time, packets and other events: what comes out is the least by time and tie, up to the time asked for.
    [Fact]
    public void Events_come_by_time_and_tie() =>
        Gen.Select(Gen.Int[0, 200_000].Array[1, 400], Gen.Int[1, 400], Gen.Int[1, 100_000], Gen.UInt).Sample((steps, crowd, ahead, seed) =>
        {
            var packets = new Segments<Packet>();
            packets.Grow();
            var ring = EventRing.For(crowd, ahead, packets, Salt);
            var list = new List<(long Time, uint Tie, int What)>();
            var (now, random) = (0L, seed | 1);
            for (var i = 0; i < steps.Length; i++)
            {
                // Most within reach, some at once, some far beyond.
                var wait = (i % 7) switch { 0 => 0, 1 => 40L * steps[i], _ => steps[i] % ahead };
                var time = now + wait;
                if (i % 2 == 0)
                {
                    packets[i].Wire = (int)(PacketNet.Draw(ref random) >> 8);
                    ring.PushArrival(time, i, ref packets[i]);
                    list.Add((time, EventRing.Tie(Salt, time, (uint)packets[i].Wire), i));
                }
                else
                {
                    var tie = PacketNet.Draw(ref random);
                    ring.Push(time, tie, -1 - i);
                    list.Add((time, tie, -1 - i));
                }
                Assert.Equal(list.Count, ring.Count);
                Assert.True(ring.NotBefore() <= list.Min(e => e.Time));
                if (i % 3 == 0) Take(now + steps[i] % (ahead / 2 + 1));
            }
            Take(long.MaxValue);
            Assert.Equal((0, long.MaxValue), (ring.Count, ring.NotBefore()));

            // All up to a time, which the clock then shows, as between rounds of threads.
            void Take(long until)
            {
                while (ring.TryPop(until, out var at, out var what))
                {
                    var first = list.Min();
                    Assert.Equal((first.Time, first.What), (at, what));
                    list.Remove(first);
                    now = at;
                }
                Assert.All(list, e => Assert.True(e.Time > until));
                if (until < long.MaxValue) now = until;
            }
        }, iter: 300);

    // Segments keep what was there, and references to it, while they grow.
    [Fact]
    public void Segments_grow_without_moving()
    {
        var numbers = new Segments<long>();
        numbers.Grow();
        ref var first = ref numbers[7];
        for (var i = 0; i < 100; i++)
        {
            for (var n = numbers.Length - 512; n < numbers.Length; n++) numbers[n] = n;
            numbers.Grow();
        }
        first = -7;
        Assert.Equal((101 * 512, -7L, 51_000L), (numbers.Length, numbers[7], numbers[51_000]));
        Assert.Equal(8L * numbers.Length, numbers.Bytes);
        Assert.ThrowsAny<SystemException>(() => numbers[numbers.Length]);
        Assert.ThrowsAny<SystemException>(() => numbers[-1]);
    }

    [Fact]
    public void Blocks_are_used_again()
    {
        var blocks = new BlockStore<uint>();
        var (a, b) = (blocks.Take(16), blocks.Take(2048));
        for (var i = 0; i < 2048; i++) blocks.Words[b + i] = uint.MaxValue;
        blocks.Give(b, 2048);
        blocks.Give(a, 16);
        Assert.Equal((a, b), (blocks.Take(16), blocks.Take(2048)));
        for (var i = 0; i < 2048; i++) Assert.Equal(0u, blocks.Words[b + i]);
    }
}
