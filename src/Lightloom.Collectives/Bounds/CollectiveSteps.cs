// Sequential messages that a collective needs when every rank sends and receives one at a time (one port), a = time of one message.
//
//   broadcast, reduce, all-gather, reduce-scatter, all-to-all, gather, scatter   ceil(log2 n): knowledge at most doubles
//   all-reduce                  ceil(log2 n) at least; 2 ceil(log2 n) by recursive halving and doubling, which sends least bytes
//   all-to-all by itself        n - 1 where each pair's data goes straight; ceil(log2 n) with log2(n) / 2 times the bytes [Bruck 1997]
//   by switches that reduce     2 d for a tree of switches d deep: up and down, whatever n is
//
// Example: n = 1,000: 10 messages, 20 for an all-reduce by recursive halving and doubling, 999 for a direct all-to-all.
// Sources: Thakur, Rabenseifner, Gropp 2005; Bruck et al. 1997.
using System.Numerics;

namespace Lightloom.Collectives;

/// <summary>Sequential messages at least, for ranks that send and receive one message at a time.</summary>
public static class CollectiveSteps
{
    /// <summary>What no algorithm goes below.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="ranks">Ranks, at least 1.</param>
    public static int Least(CollectiveKind kind, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        return ranks == 1 ? 0 : kind == CollectiveKind.SendReceive ? 1 : CeilLog2(ranks);
    }

    /// <summary>What algorithms take that send the least bytes as well: recursive halving and doubling, a direct all-to-all.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="ranks">Ranks, at least 1.</param>
    public static int WithLeastBytes(CollectiveKind kind, int ranks) => kind switch
    {
        CollectiveKind.AllReduce => 2 * Least(kind, ranks),
        CollectiveKind.AllToAll => ranks - 1,
        _ => Least(kind, ranks),
    };

    static int CeilLog2(int ranks) => BitOperations.Log2((uint)(ranks - 1)) + 1;
}
