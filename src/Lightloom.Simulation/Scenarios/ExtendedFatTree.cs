// Extended generalized fat trees XGFT(h; m_1 .. m_h; w_1 .. w_h) [Ohring, Ibel, Das, Kumar, IPPS 1995], every link alike.
//
//   hosts            N = m_1 m_2 .. m_h; host v is number floor(v / M_l) below its ancestors of level l,   M_l = m_1 .. m_l
//   node of level l  (a, b): a < W_l = w_1 .. w_l says which of the parallel ones, b < N / M_l which subtree
//   up, port p       (a, b) of level l - 1 to (a + p W_(l-1), floor(b / m_l)) of level l, p < w_l
//   d-mod-k          to host d, at level l - 1: p = floor(d / W_(l-1)) mod w_l; down again by the same a, so that a destination has one
//                    path from everywhere [Zahavi, CCIT report 776, Technion, 2010]
//   links            of level l, up: first_l + (b W_(l-1) + a) w_l + p; down: as many behind all of those
//
// Example: 2; 8, 8; 1, 8 : 64 hosts on 8 leaves and 8 spines. From 0 to 13: up to leaf 0, up its port 13 mod 8 = 5 to spine 5, down to
// leaf 1, down to 13: 4 links.
using System.Runtime.CompilerServices;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Scenarios;

/// <summary>A fat tree whose levels may differ in width, with one path to each host.</summary>
public sealed class ExtendedFatTree
{
    readonly int[] children, parents, below, width, first; // m, w, M_l, W_l by level from 0; first link of each level

    /// <summary>A tree.</summary>
    /// <param name="children">Children of a node of each level, from the hosts up.</param>
    /// <param name="parents">Parents of a node below each level.</param>
    /// <param name="rate">Rate of every link, one direction.</param>
    /// <exception cref="InputException">The lists differ in length or have counts below 1, or there are more than 2³⁰ links.</exception>
    public ExtendedFatTree(IReadOnlyList<int> children, IReadOnlyList<int> parents, Bandwidth rate)
    {
        ArgumentNullException.ThrowIfNull(children);
        ArgumentNullException.ThrowIfNull(parents);
        if (children.Count == 0 || children.Count != parents.Count) throw new InputException($"expected as many counts of parents as of children, found {parents.Count} and {children.Count}");
        if (children.Concat(parents).Any(n => n < 1)) throw new InputException("expected at least one child and one parent on each level");
        (this.children, this.parents, Rate) = ([.. children], [.. parents], rate);
        var (m, w) = (1L, 1L);
        (below, width, first) = (new int[Levels + 1], new int[Levels + 1], new int[Levels + 1]);
        (below[0], width[0]) = (1, 1);
        foreach (var n in children) m *= n;
        if (m > 1 << 28) throw new InputException($"a tree of {m:N0} hosts is too large to be written down link by link");
        Hosts = (int)m;
        m = 1;
        var links = 0L;
        for (var l = 1; l <= Levels; l++)
        {
            first[l - 1] = (int)links;
            links += Hosts / m * w * parents[l - 1];
            if (links > 1 << 29) throw new InputException($"a tree of {Hosts:N0} hosts with so many parents is too large to be written down link by link");
            m *= children[l - 1];
            w *= parents[l - 1];
            (below[l], width[l]) = ((int)m, (int)w);
        }
        first[Levels] = (int)links;
    }

    /// <summary>Levels of switches.</summary>
    public int Levels => children.Length;

    /// <summary>Hosts.</summary>
    public int Hosts { get; }

    /// <summary>Directed links: those up, then as many down.</summary>
    public int Links => 2 * first[Levels];

    /// <summary>Rate of every link, one direction.</summary>
    public Bandwidth Rate { get; }

    /// <summary>Nodes of a level: hosts are level 0.</summary>
    public int NodesOf(int level) => Hosts / below[level] * width[level];

    /// <summary>Parents of a node below a level.</summary>
    public int ParentsOf(int level) => parents[level - 1];

    /// <summary>The node of a level that a port up of a node below leads to; node (a, b) of level l is number b W_l + a.</summary>
    public int Parent(int level, int node, int port)
    {
        var (b, a) = Math.DivRem(node, width[level - 1]);
        return (b / children[level - 1] * width[level]) + a + (port * width[level - 1]);
    }

    /// <summary>Links between two hosts.</summary>
    public int HopsBetween(int from, int to)
    {
        var level = 0;
        while (from / below[level] != to / below[level]) level++;
        return 2 * level;
    }

    /// <summary>Writes the links from a host to another, in order.</summary>
    /// <returns>How many they are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Route(int from, int to, Span<int> path)
    {
        var down = first[Levels];
        var (hops, level, a) = (0, 0, 0);
        while (from / below[level] != to / below[level]) level++;
        for (var l = 1; l <= level; l++)
        {
            var port = to / width[l - 1] % parents[l - 1];
            path[hops++] = first[l - 1] + ((from / below[l - 1] * width[l - 1]) + a) * parents[l - 1] + port;
            a += port * width[l - 1];
        }
        for (var l = level; l >= 1; l--)
        {
            var port = to / width[l - 1] % parents[l - 1];
            a -= port * width[l - 1];
            path[hops++] = down + first[l - 1] + ((to / below[l - 1] * width[l - 1]) + a) * parents[l - 1] + port;
        }
        return hops;
    }

    /// <summary>Prints its counts: "2; 8, 8; 1, 8".</summary>
    public override string ToString() => $"{Levels}; {string.Join(", ", children)}; {string.Join(", ", parents)}";
}
