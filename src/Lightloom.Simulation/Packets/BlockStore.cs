using System.Numerics;

namespace Lightloom.Simulation.Packets;

/// <summary>Blocks of 2^n words; what is given back is used again, so that flows that come and go allocate nothing.</summary>
/// <typeparam name="T">A word; it holds the number of a block.</typeparam>
sealed class BlockStore<T>
    where T : struct, IBinaryInteger<T>
{
    readonly int[] free = [.. Enumerable.Repeat(-1, 32)];  // first unused block of each size; its first word is the next
    int used;

    /// <summary>All words; a block's stand one after the other.</summary>
    public Segments<T> Words { get; } = new();

    /// <summary>Takes a block, cleared.</summary>
    public int Take(int words)
    {
        var size = BitOperations.Log2((uint)words);
        var block = free[size];
        if (block >= 0)
        {
            free[size] = int.CreateTruncating(Words[block]);
        }
        else
        {
            block = used;
            used = checked(used + words);
            while (used > Words.Length) Words.Grow();
        }
        for (var i = block; i < block + words; i++) Words[i] = T.Zero;
        return block;
    }

    /// <summary>Gives a block back.</summary>
    public void Give(int block, int words)
    {
        var size = BitOperations.Log2((uint)words);
        Words[block] = T.CreateTruncating(free[size]);
        free[size] = block;
    }
}
