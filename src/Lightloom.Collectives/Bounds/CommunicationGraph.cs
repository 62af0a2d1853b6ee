// A network as ranks and switches joined by directed links, for bounds that take any shape.
//
//   nodes      ranks 0 .. n - 1, then switches n .. V - 1; every rank may pass on what is meant for others
//   links      from, to, capacity in B/s of that direction; several between the same nodes add up. The links out of node v are
//              [first[v], first[v + 1]), by ascending end; of each, back is the place among the links in
//
// Of levels (a folded network, as the level model has it), those that the group crosses: each rank has a link of B_0 to its domain's switch and one of B_1 to its unit's
// switch of level 1; that has a link of u B_2 to the next, and so on.
//
// Example: 16 ranks, 8 per domain, on 2 levels: 16 ranks, 2 domain switches, 1 fabric switch; 64 links.
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Nodes of a graph that are called alike.</summary>
/// <param name="Name">What they are called.</param>
/// <param name="First">The first of them; they end where the next kind begins.</param>
public sealed record NodeKind(string Name, int First);

/// <summary>Ranks and switches joined by directed links. Immutable; safe for many threads.</summary>
public sealed class CommunicationGraph
{
    /// <summary>The most nodes and the most links that a graph may have.</summary>
    public const int Most = 20_000_000;

    readonly int[] first, to, from;
    readonly double[] capacity;

    CommunicationGraph(int ranks, int nodes, int[] first, int[] from, int[] to, double[] capacity, IReadOnlyList<NodeKind> kinds) =>
        (Ranks, Nodes, this.first, this.from, this.to, this.capacity, Kinds) = (ranks, nodes, first, from, to, capacity, kinds);

    /// <summary>Ranks: nodes 0 to this.</summary>
    public int Ranks { get; }

    /// <summary>Ranks and switches.</summary>
    public int Nodes { get; }

    /// <summary>Directed links.</summary>
    public int Links => to.Length;

    /// <summary>What nodes are called, kind by kind.</summary>
    public IReadOnlyList<NodeKind> Kinds { get; }

    /// <summary>Whether every link carries the same both ways.</summary>
    public bool IsSymmetric
    {
        get
        {
            for (var l = 0; l < to.Length; l++)
            {
                var at = Array.BinarySearch(to, first[to[l]], first[to[l] + 1] - first[to[l]], from[l]);
                if (at < 0 || capacity[at] != capacity[l]) return false;
            }
            return true;
        }
    }

    /// <summary>Where each node's links begin; one more entry than nodes.</summary>
    public ReadOnlySpan<int> First => first;

    /// <summary>The node that each link leaves.</summary>
    public ReadOnlySpan<int> From => from;

    /// <summary>The node that each link leads to.</summary>
    public ReadOnlySpan<int> To => to;

    /// <summary>What a link carries.</summary>
    public Bandwidth CapacityOf(int link) => Bandwidth.FromBytesPerSecond(capacity[link]);

    /// <summary>What a node is called: "rank", "leaf".</summary>
    public string KindOf(int node)
    {
        var name = "rank";
        foreach (var kind in Kinds)
            if (node >= kind.First) name = kind.Name;
        return name;
    }

    /// <summary>B/s of each link.</summary>
    internal ReadOnlySpan<double> Capacity => capacity;

    /// <summary>A graph of its links.</summary>
    /// <param name="ranks">Ranks, at least 1.</param>
    /// <param name="switches">Switches.</param>
    /// <param name="links">Directed links between nodes.</param>
    /// <exception cref="ArgumentException">A count, an end or a bandwidth is impossible.</exception>
    public static CommunicationGraph Of(int ranks, int switches, IEnumerable<(int From, int To, Bandwidth Capacity)> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        var builder = new Builder(ranks, switches);
        foreach (var (a, b, rate) in links) builder.Add(a, b, rate.BytesPerSecond);
        return builder.Finish();
    }

    /// <summary>The graph of a network of levels.</summary>
    /// <exception cref="ArgumentException">Ranks don't divide evenly over the units, or there are too many.</exception>
    public static CommunicationGraph Of(NetworkLevels levels, GroupPlacement group)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (group.LevelCount != levels.Count) throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        var units = new int[levels.Count];
        var switches = 0;
        for (var l = 0; l < units.Length; l++)
        {
            units[l] = (int)Math.Round(group.Units(l));
            var whole = Math.Round(group.Within(l));
            if (Math.Abs(whole - group.Within(l)) > 1e-9 || units[l] * whole != group.Ranks)
                throw new ArgumentException($"the ranks {group} don't divide evenly over the units of level {l}");
            switches += units[l];
        }
        var builder = new Builder(group.Ranks, switches);
        var start = group.Ranks;
        for (var l = 0; l < units.Length; l++)
        {
            if (!group.Crosses(l))
            {
                // Nobody needs it: its switches stay alone.
                start += units[l];
                continue;
            }
            builder.Kind(levels[l].Name, start);
            var within = group.Ranks / units[l];
            if (l <= 1)
            {
                for (var r = 0; r < group.Ranks; r++) builder.Both(r, start + (r / within), levels[l].Bandwidth.BytesPerSecond);
            }
            else
            {
                var below = group.Ranks / units[l - 1];
                for (var u = 0; u < units[l - 1]; u++) builder.Both(start - units[l - 1] + u, start + (u * below / within), below * levels[l].Bandwidth.BytesPerSecond);
            }
            start += units[l];
        }
        return builder.Finish();
    }

    /// <summary>Every link turned round: what is gathered there is scattered here.</summary>
    public CommunicationGraph Reversed()
    {
        var builder = new Builder(Ranks, Nodes - Ranks);
        for (var l = 0; l < to.Length; l++) builder.Add(to[l], from[l], capacity[l]);
        foreach (var kind in Kinds) builder.Kind(kind.Name, kind.First);
        return builder.Finish();
    }

    /// <summary>Bandwidth out of a set of nodes.</summary>
    /// <param name="inside">For each node, whether it is in the set.</param>
    public Bandwidth OutOf(ReadOnlySpan<bool> inside)
    {
        if (inside.Length != Nodes) throw new ArgumentException($"expected {Nodes} nodes, not {inside.Length}");
        var sum = 0.0;
        for (var l = 0; l < to.Length; l++)
            if (inside[from[l]] && !inside[to[l]]) sum += capacity[l];
        return Bandwidth.FromBytesPerSecond(sum);
    }

    /// <summary>Adds links, and sorts and merges them.</summary>
    internal sealed class Builder
    {
        readonly int ranks, nodes;
        readonly List<(int From, int To, double Capacity)> links = [];
        readonly List<NodeKind> kinds = [];

        public Builder(int ranks, int switches)
        {
            if (ranks < 1 || switches < 0 || (long)ranks + switches > Most) throw new ArgumentException($"expected at least one rank and at most {Most:N0} nodes, not {ranks:N0} ranks and {switches:N0} switches");
            (this.ranks, nodes) = (ranks, ranks + switches);
        }

        public void Kind(string name, int first) => kinds.Add(new(name, first));

        public void Both(int a, int b, double rate)
        {
            Add(a, b, rate);
            Add(b, a, rate);
        }

        public void Add(int a, int b, double rate)
        {
            if ((uint)a >= (uint)nodes || (uint)b >= (uint)nodes) throw new ArgumentException($"a link joins {a} and {b}; nodes are numbered 0 to {nodes - 1}");
            if (!(rate >= 0) || double.IsInfinity(rate)) throw new ArgumentException($"a link of {rate} B/s carries nothing that can be counted");
            if (a == b || rate == 0) return;
            if (links.Count >= Most) throw new ArgumentException($"a graph has at most {Most:N0} links");
            links.Add((a, b, rate));
        }

        public CommunicationGraph Finish()
        {
            links.Sort(static (x, y) => x.From != y.From ? x.From.CompareTo(y.From) : x.To != y.To ? x.To.CompareTo(y.To) : x.Capacity.CompareTo(y.Capacity));
            var (starts, ends, begins, rates) = (new int[nodes + 1], new List<int>(links.Count), new List<int>(links.Count), new List<double>(links.Count));
            for (var i = 0; i < links.Count; i++)
            {
                if (i > 0 && links[i].From == links[i - 1].From && links[i].To == links[i - 1].To) rates[^1] += links[i].Capacity;
                else
                {
                    begins.Add(links[i].From);
                    ends.Add(links[i].To);
                    rates.Add(links[i].Capacity);
                    starts[links[i].From + 1]++;
                }
            }
            for (var v = 0; v < nodes; v++) starts[v + 1] += starts[v];
            return new(ranks, nodes, starts, [.. begins], [.. ends], [.. rates], [.. kinds]);
        }
    }
}
