using System.Numerics;

namespace Lightloom.Simulation.Packets;

/// <summary>Blocks of 2^n words out of one array; what is given back is used again, so that flows that come and go allocate nothing.</summary>
sealed class BlockStore
{
    readonly int[] free = [.. Enumerable.Repeat(-1, 32)];  // first unused block of each size; its first word is the next
    int used;

    /// <summary>The array; another one after a block was taken.</summary>
    public long[] Words { get; private set; } = new long[1024];

    /// <summary>Takes a block, cleared.</summary>
    public int Take(int words)
    {
        var size = BitOperations.Log2((uint)words);
        var block = free[size];
        if (block >= 0)
        {
            free[size] = (int)Words[block];
        }
        else
        {
            if (used + words > Words.Length)
            {
                var grown = Words;
                Array.Resize(ref grown, (int)Math.Max(2L * grown.Length, used + (long)words));
                Words = grown;
            }
            block = used;
            used += words;
        }
        Words.AsSpan(block, words).Clear();
        return block;
    }

    /// <summary>Gives a block back.</summary>
    public void Give(int block, int words)
    {
        var size = BitOperations.Log2((uint)words);
        Words[block] = free[size];
        free[size] = block;
    }
}
