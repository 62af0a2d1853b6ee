// An entropy that came back good is used again, first come first; where none waits, the bitmap's next one is taken [UEC 1.0; the default there].
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets.Balancing;

struct MixedEntropies : IEntropies
{
    const int Kept = 64;

    BitmapEntropies bitmap;
    Ring good;
    byte first, count;

    [InlineArray(Kept)]
    struct Ring
    {
        byte first;         // lower halves: the upper one is the same for all of a flow
    }

    public void Start(int paths, ref uint random) => bitmap.Start(paths, ref random);

    public ushort Next(ref uint random)
    {
        if (count == 0) return bitmap.Next(ref random);
        var entropy = bitmap.Whole(good[first]);
        first = (byte)((first + 1) & (Kept - 1));
        count--;
        return entropy;
    }

    public void Learn(ushort entropy, PathFeedback feedback, long now, ref uint random)
    {
        bitmap.Learn(entropy, feedback, now, ref random);
        // Packets come back no faster than they are sent, so that the ring is full only where nothing more is sent.
        if (feedback == PathFeedback.Good && count < Kept) good[(first + count++) & (Kept - 1)] = (byte)entropy;
    }
}
