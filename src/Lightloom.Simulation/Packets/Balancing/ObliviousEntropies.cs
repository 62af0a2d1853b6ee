// All 2^k entropies of a flow in turn, in an order (i xor x) that is drawn anew for each round; nothing is learnt. One entropy is one path.
namespace Lightloom.Simulation.Packets.Balancing;

struct ObliviousEntropies : IEntropies
{
    ushort upper, shuffle, at, mask;

    public void Start(int paths, ref uint random)
    {
        mask = (ushort)(paths - 1);
        upper = (ushort)(PacketNet.Draw(ref random) >> 16 & ~(uint)mask);
        shuffle = (ushort)(PacketNet.Draw(ref random) >> 8 & mask);
    }

    public ushort Next(ref uint random)
    {
        var entropy = (ushort)(at ^ shuffle);
        if (at == mask)
        {
            at = 0;
            shuffle = (ushort)(PacketNet.Draw(ref random) >> 8 & mask);
        }
        else
        {
            at++;
        }
        return (ushort)(entropy | upper);
    }

    /// <summary>The entropy of this flow with a lower byte.</summary>
    public readonly ushort Whole(byte lower) => (ushort)((upper & ~0xFF) | lower);

    public readonly void Learn(ushort entropy, PathFeedback feedback, long now, ref uint random)
    {
    }
}
