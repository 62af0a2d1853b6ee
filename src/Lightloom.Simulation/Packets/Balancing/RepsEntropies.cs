// Recycled entropies [Bonato, De Sensi et al., REPS, arXiv 2407.21625]: a ring of the last 8 entropies that came back good. The earliest of them that
// wasn't used yet goes first; where there is none, one is drawn. After a timeout the ring is frozen for a time: its entropies are used again and again, since
// those are known to work, and afterwards the next 16 packets explore.
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets.Balancing;

struct RepsEntropies : IEntropies
{
    const int Kept = 8, Explored = 16;
    const long Frozen = 10_000_000_000; // ps

    Ring ring;
    long thaw;          // 0: not frozen
    ushort paths;
    byte head, count, fresh, frozenAt, explore;

    [InlineArray(Kept)]
    struct Ring
    {
        ushort first;
    }

    public void Start(int paths, ref uint random) => this.paths = (ushort)paths;

    public ushort Next(ref uint random)
    {
        if (explore > 0)
        {
            explore--;
            return Drawn(ref random);
        }
        if (thaw > 0)
        {
            if (count == 0) return Drawn(ref random);
            var again = ring[frozenAt];
            frozenAt = (byte)((frozenAt + 1) % count);
            return again;
        }
        if (fresh == 0) return Drawn(ref random);
        var entropy = ring[(head + Kept - fresh) % Kept];
        fresh--;
        return entropy;
    }

    public void Learn(ushort entropy, PathFeedback feedback, long now, ref uint random)
    {
        if (feedback == PathFeedback.TimedOut && thaw == 0 && explore == 0) thaw = now + Frozen;
        if (thaw > 0 && now > thaw)
        {
            (thaw, head, count, fresh, frozenAt) = (0, 0, 0, 0, 0);
            explore = Explored;
        }
        if (feedback != PathFeedback.Good) return;
        ring[head] = entropy;
        head = (byte)((head + 1) % Kept);
        count = (byte)Math.Min(Kept, count + 1);
        fresh = (byte)Math.Min(Kept, fresh + 1);
    }

    readonly ushort Drawn(ref uint random) => (ushort)(((ulong)PacketNet.Draw(ref random) * paths) >> 32);
}
