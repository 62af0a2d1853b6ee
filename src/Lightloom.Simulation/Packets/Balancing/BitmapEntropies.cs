// Entropies in turn, passing over those that were bad of late [UEC 1.0, congestion management, "bitmap"]. Each has a penalty of 0 to 15:
//
//   marked +1, trimmed +4, timed out to 15;   an entropy with a penalty is passed over, and the first one so passed over loses 1
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets.Balancing;

struct BitmapEntropies : IEntropies
{
    /// <summary>The most entropies that fit.</summary>
    public const int MostPaths = 256;
    const int MostPenalty = 15;

    Penalties penalties;
    ObliviousEntropies turn;
    ushort mask;

    [InlineArray(MostPaths / 2)]
    struct Penalties
    {
        byte first;
    }

    public void Start(int paths, ref uint random)
    {
        mask = (ushort)(paths - 1);
        turn.Start(paths, ref random);
    }

    public ushort Next(ref uint random)
    {
        var entropy = turn.Next(ref random);
        if (PenaltyOf(entropy & mask) == 0) return entropy;
        Add(entropy & mask, -1);
        // It is passed over though that was its last point.
        var passed = 0;
        do entropy = turn.Next(ref random);
        while (++passed <= mask && PenaltyOf(entropy & mask) > 0);
        return entropy;
    }

    public void Learn(ushort entropy, PathFeedback feedback, long now, ref uint random) =>
        Add(entropy & mask, feedback switch { PathFeedback.Marked => 1, PathFeedback.Trimmed => 4, PathFeedback.TimedOut => MostPenalty, _ => 0 });

    /// <summary>The entropy of this flow with a lower byte.</summary>
    public readonly ushort Whole(byte lower) => turn.Whole(lower);

    readonly int PenaltyOf(int at) => (penalties[at >> 1] >> ((at & 1) * 4)) & 15;

    void Add(int at, int points)
    {
        if (points == 0) return;
        var to = Math.Min(MostPenalty, PenaltyOf(at) + points);
        var shift = (at & 1) * 4;
        penalties[at >> 1] = (byte)((penalties[at >> 1] & ~(15 << shift)) | (to << shift));
    }
}
