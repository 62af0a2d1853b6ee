using System.Numerics;
using System.Runtime.Intrinsics;

namespace Lightloom.Fabric;

// Distances between all routers with cards, by breadth-first search from 512 of them at once: bit i of reached[v] says whether
// source i has come to router v.
//
//   next[v] = (OR of frontier[u] over neighbours u) and not reached[v];   pairs at distance d: popcount of next[v]
//
// Pairs are ordered pairs of different routers or cards. A path between cards of routers r ≠ s passes d(r, s) + 1 switches, and one
// where they share a switch; where cards are the routers it passes d links and d − 1 cards.
//
// Worked example: the Hoffman-Singleton graph has 50 routers of 7 links: 7 at distance 1 and 42 at 2, 1.857 hops on average.

/// <summary>How far routers and cards of one plane are from each other.</summary>
public sealed class HopCounts
{
    readonly long[] pairs;
    readonly double[] cardPairs;

    HopCounts(FabricPlane plane, long[] pairs, double[] cardPairs, long unreachable, double unreachableCards)
    {
        (Plane, this.pairs, this.cardPairs, UnreachablePairs, UnreachableCardPairs) = (plane, pairs, cardPairs, unreachable, unreachableCards);
        Diameter = Math.Max(0, pairs.Length - 1);
    }

    /// <summary>The plane.</summary>
    public FabricPlane Plane { get; }

    /// <summary>Links on the longest of all shortest paths between routers with cards.</summary>
    public int Diameter { get; }

    /// <summary>Ordered pairs of different routers with cards, by the links between them.</summary>
    public IReadOnlyList<long> RouterPairs => pairs;

    /// <summary>Ordered pairs of routers with cards that can't reach each other.</summary>
    public long UnreachablePairs { get; }

    /// <summary>Ordered pairs of cards of this plane that can't reach each other.</summary>
    public double UnreachableCardPairs { get; }

    /// <summary>Mean links between two different routers with cards that can reach each other.</summary>
    public double MeanBetweenRouters => Mean(pairs.Select(p => (double)p).ToArray(), from: 1);

    /// <summary>Mean links between the routers of two different cards; 0 for two cards of one switch.</summary>
    public double MeanBetweenCards => Mean(cardPairs, from: 0);

    /// <summary>Counts distances of a plane.</summary>
    public static HopCounts Of(FabricPlane plane) => Of(plane, new());

    internal static HopCounts Of(FabricPlane plane, ParallelOptions threads)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var sources = Enumerable.Range(0, plane.Routers).Where(r => plane.EndpointsAt(r).Length > 0).ToArray();
        // A card with two ports at one router counts there once; with ports at two routers, at each.
        var cards = new int[plane.Routers];
        foreach (var r in sources)
        {
            var last = -1;
            foreach (var e in plane.EndpointsAt(r))
            {
                var card = plane.EndpointList[e].Card;
                if (card != last) cards[r]++;
                last = card;
            }
        }
        var weights = sources.Select(r => cards[r]).Distinct().Order().ToArray();
        var blocks = (sources.Length + 511) / 512;
        var perBlock = new (long[] Pairs, double[] Cards)[blocks];
        Parallel.For(0, blocks, threads, block => perBlock[block] = Block(plane, sources, cards, weights, block * 512));
        var longest = perBlock.Length == 0 ? 0 : perBlock.Max(b => b.Pairs.Length);
        var (pairs, cardPairs) = (new long[longest], new double[longest]);
        foreach (var (p, c) in perBlock)
        {
            for (var d = 0; d < p.Length; d++)
            {
                pairs[d] += p[d];
                cardPairs[d] += c[d];
            }
        }
        if (longest > 0)
        {
            pairs[0] = 0;
            cardPairs[0] -= sources.Sum(r => (double)cards[r]); // A card is no pair with itself.
        }
        var all = (double)sources.Sum(r => (long)cards[r]);
        return new(plane, pairs, cardPairs, ((long)sources.Length * (sources.Length - 1)) - pairs.Sum(), (all * (all - 1)) - cardPairs.Sum());
    }

    static (long[] Pairs, double[] Cards) Block(FabricPlane plane, int[] sources, int[] cards, int[] weights, int begin)
    {
        var count = Math.Min(512, sources.Length - begin);
        var (reached, frontier, next) = (new Vector512<ulong>[plane.Routers], new Vector512<ulong>[plane.Routers], new Vector512<ulong>[plane.Routers]);
        // Which sources have each weight.
        var mask = new Vector512<ulong>[weights.Length];
        var full = Vector512<ulong>.Zero;
        for (var i = 0; i < count; i++)
        {
            var bit = Vector512<ulong>.Zero.WithElement(i / 64, 1UL << (i % 64));
            reached[sources[begin + i]] |= bit;
            frontier[sources[begin + i]] |= bit;
            full |= bit;
            mask[Array.IndexOf(weights, cards[sources[begin + i]])] |= bit;
        }
        var (pairs, cardPairs) = (new List<long>(), new List<double>());
        Count(frontier);
        var first = plane.First;
        var to = plane.To;
        while (true)
        {
            var any = false;
            for (var v = 0; v < next.Length; v++)
            {
                var sum = Vector512<ulong>.Zero;
                if (reached[v] != full)
                {
                    for (var e = first[v]; e < first[v + 1]; e++) sum |= frontier[to[e]];
                    sum = Vector512.AndNot(sum, reached[v]);
                    reached[v] |= sum;
                    any |= sum != Vector512<ulong>.Zero;
                }
                next[v] = sum;
            }
            if (!any) break;
            (frontier, next) = (next, frontier);
            Count(frontier);
        }
        // Levels at which only routers without cards were reached count nothing, and stand between others.
        while (pairs.Count > 0 && pairs[^1] == 0)
        {
            pairs.RemoveAt(pairs.Count - 1);
            cardPairs.RemoveAt(cardPairs.Count - 1);
        }
        return ([.. pairs], [.. cardPairs]);

        void Count(Vector512<ulong>[] at)
        {
            var (p, c) = (0L, 0.0);
            for (var v = 0; v < at.Length; v++)
            {
                if (cards[v] == 0 || at[v] == Vector512<ulong>.Zero) continue;
                for (var w = 0; w < weights.Length; w++)
                {
                    var bits = Bits(at[v] & mask[w]);
                    p += bits;
                    c += (double)bits * weights[w] * cards[v];
                }
            }
            pairs.Add(p);
            cardPairs.Add(c);
        }
    }

    static int Bits(Vector512<ulong> v)
    {
        var bits = 0;
        for (var i = 0; i < 8; i++) bits += BitOperations.PopCount(v[i]);
        return bits;
    }

    static double Mean(double[] at, int from)
    {
        var (sum, count) = (0.0, 0.0);
        for (var d = from; d < at.Length; d++) (sum, count) = (sum + (d * at[d]), count + at[d]);
        return count == 0 ? 0 : sum / count;
    }
}
