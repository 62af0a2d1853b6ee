// A fabric as packets see it: hosts and switches, and each link as two wires, one per direction.
//
//   node          hosts 0 .. H-1, then switches; torus-like fabrics have nodes that are both, and forward
//   wire p        from a node to a node: rate R_p, latency d_p; the queue in front of it is port p; link l is wires 2 l and 2 l + 1
//   wires of n    outOf[first[n] .. first[n + 1])
//   class of h    hosts that hang on the same switches are one destination; routes lead to classes
//   route         set[(router - H) · classes + class]: wires pool[start[s] .. start[s + 1]) of which any may be taken; none where the
//                 host hangs on the router itself, or can't be reached
//
//   by dimension  where switches have coordinates, of the shortest only wires of the first dimension in which r and the switch of c differ [Sullivan and
//                 Bashkow, ISCA 1977]
//   shortest      wire (r, v) is in the set of r towards c iff d(v, c) = d(r, c) - k, k what its link counts for: 1, and 3 between groups of a dragonfly, so that no way
//                 there goes through a third group [Kim et al., ISCA 2008]; wires of parallel links count one by one
//
// Worked example: a fat tree of 16 hosts of 4-port switches has 48 links, 96 wires; a leaf has 2 wires towards any class but its own.
using System.Runtime.InteropServices;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>Hosts, switches and wires, with the routes between them. Immutable; safe for many threads.</summary>
public sealed class PacketFabric
{
    readonly int[] set, start, pool, first, outOf, classOf;
    readonly byte[] counts;     // of a wire, in shortest ways
    readonly IReadOnlyList<Func<int, int>> coordinates; // of a node, by dimension; empty: routes are any shortest ones

    internal PacketFabric(PacketFabricBuilder builder)
    {
        (Hosts, Nodes, Name) = (builder.Hosts, builder.Nodes, builder.Name);
        (From, To) = ([.. builder.From], [.. builder.To]);
        (Rate, Latency) = ([.. builder.Rate], [.. builder.Latency]);
        Queue = builder.Queue.TrueForAll(q => q == 1) ? null : [.. builder.Queue];
        counts = [.. builder.Counts];
        SwitchLatency = builder.SwitchLatency;
        coordinates = builder.DimensionOrder;
        (first, outOf) = Adjacency();
        (classOf, Classes) = FindClasses();
        (set, start, pool) = FindRoutes(null);
        (Diameter, DiameterLatency) = Extent();
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>Hosts: nodes 0 to this.</summary>
    public int Hosts { get; }

    /// <summary>Hosts and switches.</summary>
    public int Nodes { get; }

    /// <summary>Wires: directed links.</summary>
    public int Wires => From.Length;

    /// <summary>The largest number of wires between two hosts by the routes.</summary>
    public int Diameter { get; }

    /// <summary>What a switch adds before a packet stands in its queue.</summary>
    public Duration SwitchLatency { get; }

    /// <summary>The largest latency of a path between two hosts, wires and switches, without serialization.</summary>
    public Duration DiameterLatency { get; }

    internal int[] From { get; }

    internal int[] To { get; }

    internal Bandwidth[] Rate { get; }

    internal Duration[] Latency { get; }

    internal double[]? Queue { get; }

    internal int Classes { get; }

    internal ReadOnlySpan<int> Sets => set;

    internal ReadOnlySpan<int> Starts => start;

    internal ReadOnlySpan<int> Pool => pool;

    internal ReadOnlySpan<int> ClassOf => classOf;

    /// <summary>The node that a wire leaves.</summary>
    public int FromOf(int wire) => From[wire];

    /// <summary>The node that a wire leads to.</summary>
    public int ToOf(int wire) => To[wire];

    /// <summary>The rate of a wire.</summary>
    public Bandwidth RateOf(int wire) => Rate[wire];

    /// <summary>The wires out of a node.</summary>
    public ReadOnlySpan<int> WiresOf(int node) => outOf.AsSpan(first[node], first[node + 1] - first[node]);

    /// <summary>The wires from one node to another.</summary>
    public IReadOnlyList<int> WiresBetween(int from, int to) => [.. WiresOf(from).ToArray().Where(w => To[w] == to)];

    /// <summary>The wires by which a switch may send towards a host; none where it hangs on the switch, or can't be reached.</summary>
    public ReadOnlySpan<int> RouteOf(int node, int host)
    {
        if (node < Hosts) return [];
        var s = set[((long)(node - Hosts) * Classes) + classOf[host]];
        return pool.AsSpan(start[s], start[s + 1] - start[s]);
    }

    /// <summary>Wires between two hosts along the routes; -1 when there is no way.</summary>
    public int HopsBetween(int from, int to)
    {
        if (from == to) return 0;
        var least = int.MaxValue;
        foreach (var w in WiresOf(from))
        {
            var (node, hops) = (To[w], 1);
            while (node != to)
            {
                var next = Direct(node, to);
                if (next < 0)
                {
                    var route = RouteOf(node, to);
                    if (route.Length == 0) break;
                    next = route[0];
                }
                node = To[next];
                hops++;
            }
            if (node == to) least = Math.Min(least, hops);
        }
        return least == int.MaxValue ? -1 : least;
    }

    // The wire from a node to a host that hangs on it; -1: it doesn't.
    internal int Direct(int node, int host)
    {
        foreach (var w in WiresOf(node))
            if (To[w] == host) return w;
        return -1;
    }

    (int[] First, int[] Out) Adjacency()
    {
        var starts = new int[Nodes + 1];
        foreach (var n in From) starts[n + 1]++;
        for (var n = 0; n < Nodes; n++) starts[n + 1] += starts[n];
        var next = starts.AsSpan(0, Nodes).ToArray();
        var wires = new int[From.Length];
        for (var w = 0; w < From.Length; w++) wires[next[From[w]]++] = w;
        return (starts, wires);
    }

    // Hosts with the same neighbours are one class.
    (int[] ClassOf, int Count) FindClasses()
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var classes = new int[Hosts];
        for (var h = 0; h < Hosts; h++)
        {
            var around = new List<int>();
            foreach (var w in WiresOf(h)) around.Add(To[w]);
            if (around.Count == 0) throw new InputException($"host {h} of {Name} has no link");
            around.Sort();
            var key = string.Join(',', around);
            if (!known.TryGetValue(key, out var c)) known[key] = c = known.Count;
            classes[h] = c;
        }
        return (classes, known.Count);
    }

    /// <summary>Routes again, without wires that are broken.</summary>
    internal (int[] Set, int[] Start, int[] Pool) FindRoutes(bool[]? broken)
    {
        var sets = new int[checked((long)(Nodes - Hosts) * Classes)];
        var (starts, wires) = (new List<int> { 0, 0 }, new List<int>());
        var known = new Dictionary<(int Node, ulong Hash), int>();
        var (distance, order) = (new int[Nodes], new int[Nodes]);
        var even = !counts.AsSpan().ContainsAnyExcept((byte)1);
        var member = new int[Classes];
        for (var h = Hosts - 1; h >= 0; h--) member[classOf[h]] = h;
        var found = new List<int>();
        for (var c = 0; c < Classes; c++)
        {
            Array.Fill(distance, -1);
            var count = 0;
            // A class is reached where one of its hosts hangs. Links are the same both ways, so that distances from there are those to there.
            foreach (var w in WiresOf(member[c]))
            {
                if (distance[To[w]] >= 0 || broken?[w ^ 1] == true) continue;
                distance[To[w]] = 0;
                order[count++] = To[w];
            }
            for (var head = 0; even && head < count; head++)
            {
                var n = order[head];
                foreach (var w in WiresOf(n))
                {
                    if (distance[To[w]] >= 0 || To[w] < Hosts || broken?[w ^ 1] == true) continue;
                    distance[To[w]] = distance[n] + 1;
                    order[count++] = To[w];
                }
            }
            if (!even) count = Spread(distance, order, count, broken);
            for (var at = 0; at < count; at++)
            {
                var n = order[at];
                if (distance[n] == 0) continue;
                found.Clear();
                foreach (var w in WiresOf(n))
                {
                    if (To[w] < Hosts || distance[To[w]] != distance[n] - counts[w] || broken?[w] == true) continue;
                    found.Add(w);
                }
                if (coordinates.Count > 0) KeepFirstDimension(found, n, order[0]);
                var hash = 0xCBF29CE484222325UL;
                foreach (var w in found) hash = (hash ^ (uint)w) * 0x100000001B3UL;
                int s;
                while (known.TryGetValue((n, hash), out s) && !CollectionsMarshal.AsSpan(wires)[starts[s]..starts[s + 1]].SequenceEqual(CollectionsMarshal.AsSpan(found))) hash++;
                if (s == 0)
                {
                    known[(n, hash)] = s = starts.Count - 1;
                    wires.AddRange(found);
                    starts.Add(wires.Count);
                }
                sets[((long)(n - Hosts) * Classes) + c] = s;
            }
        }
        return (sets, [.. starts], [.. wires]);
    }

    // Distances where links count differently [Dijkstra 1959].
    int Spread(int[] distance, int[] order, int count, bool[]? broken)
    {
        var open = new PriorityQueue<int, int>();
        for (var i = 0; i < count; i++) open.Enqueue(order[i], 0);
        while (open.TryDequeue(out var n, out var at))
        {
            if (at > distance[n]) continue;
            foreach (var w in WiresOf(n))
            {
                var (to, beyond) = (To[w], at + counts[w]);
                if (to < Hosts || broken?[w ^ 1] == true || (distance[to] >= 0 && distance[to] <= beyond)) continue;
                if (distance[to] < 0) order[count++] = to;
                distance[to] = beyond;
                open.Enqueue(to, beyond);
            }
        }
        return count;
    }

    // Where a link is broken, what is left may lie in other dimensions, and is taken as it is.
    void KeepFirstDimension(List<int> wires, int node, int destination)
    {
        var first = coordinates.First(d => d(node) != d(destination));
        if (wires.Exists(w => first(To[w]) != first(node))) wires.RemoveAll(w => first(To[w]) == first(node));
    }

    // Hosts of a class are alike, so that classes are compared; of large fabrics those seen from the first class.
    (int Hops, Duration Latency) Extent()
    {
        var member = new int[Classes];
        for (var h = Hosts - 1; h >= 0; h--) member[classOf[h]] = h;
        var (most, late) = (0, 0.0);
        var sources = Classes > 256 ? 1 : Classes;
        for (var a = 0; a < sources; a++)
        {
            for (var b = 0; b < Classes; b++)
            {
                var to = a == b ? Other(a, member[a]) : member[b];
                if (to < 0) continue;
                var (hops, latency) = Along(member[a], to);
                (most, late) = (Math.Max(most, hops), Math.Max(late, latency));
            }
        }
        return (most, Duration.FromSeconds(late));
    }

    int Other(int c, int host)
    {
        for (var h = host + 1; h < Hosts; h++)
            if (classOf[h] == c) return h;
        return -1;
    }

    internal (int Hops, double Latency) Along(int from, int to)
    {
        var wire = WiresOf(from)[0];
        var (node, hops, latency) = (To[wire], 1, Latency[wire].Seconds);
        while (node != to)
        {
            var next = Direct(node, to);
            if (next < 0)
            {
                var route = RouteOf(node, to);
                if (route.Length == 0) return (0, 0);
                next = route[0];
            }
            latency += SwitchLatency.Seconds + Latency[next].Seconds;
            node = To[next];
            hops++;
        }
        return (hops, latency);
    }
}
