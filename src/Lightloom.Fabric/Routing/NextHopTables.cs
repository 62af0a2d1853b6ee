using System.Runtime.InteropServices;

namespace Lightloom.Fabric;

// The forwarding tables of a plane. A router sends to most destinations over one of a few sets of edges (all uplinks, or one link
// down), so a table holds the number of a set, and each set is written once:
//
//   set of router r towards destination i: number id[i · routers + r];   edges pool[start[id] .. start[id + 1])
//
// Destinations are the routers that were asked for: those with cards, or all. A fat-tree of 131,072 cards has 2,048 destinations
// and 5,120 routers: 42 MB of numbers and some 200,000 sets.

/// <summary>Next hops of every router towards every destination router: what switches hold. Immutable; safe for many threads.</summary>
public sealed class NextHopTables
{
    readonly FabricPlane plane;
    readonly int[] destinationOf, id, pool;
    readonly int[] start;

    NextHopTables(FabricPlane plane, int[] destinationOf, int[] id, int[] start, int[] pool) =>
        (this.plane, this.destinationOf, this.id, this.start, this.pool) = (plane, destinationOf, id, start, pool);

    /// <summary>Distinct sets of next hops.</summary>
    public int Sets => start.Length - 1;

    /// <summary>Entries, all routers and destinations together.</summary>
    public long Entries => id.LongLength;

    /// <summary>The tables of a routing.</summary>
    /// <param name="router">The routing.</param>
    /// <param name="onlyCards">Only towards routers with cards, and not towards all.</param>
    public static NextHopTables Of(TableRouter router, bool onlyCards = false)
    {
        ArgumentNullException.ThrowIfNull(router);
        var plane = router.Plane;
        var destinations = new List<int>();
        for (var r = 0; r < plane.Routers; r++)
            if (!onlyCards || plane.EndpointsAt(r).Length > 0) destinations.Add(r);
        var places = new int[plane.Routers];
        Array.Fill(places, -1);
        var ids = new int[checked(destinations.Count * plane.Routers)];
        var (pool, starts) = (new List<int>(), new List<int> { 0 });
        // Sets of one router, by a hash of their edges; chains of those that collide.
        var known = new Dictionary<(int Router, ulong Hash), int>();
        starts.Add(0); // Set 0 is empty: at the destination, and where there is no way.
        var hops = new NextHops(plane);
        for (var i = 0; i < destinations.Count; i++)
        {
            places[destinations[i]] = i;
            router.Fill(destinations[i], hops);
            for (var at = 1; at < hops.Count; at++)
            {
                var r = hops.Order[at];
                var set = hops.Of(r);
                var hash = 0UL;
                foreach (var e in set) hash = Router.Mix(hash, (ulong)e);
                int found;
                while (known.TryGetValue((r, hash), out found) && !Same(CollectionsMarshal.AsSpan(pool)[starts[found]..starts[found + 1]], set)) hash++;
                if (found == 0)
                {
                    known[(r, hash)] = found = starts.Count - 1;
                    pool.AddRange(set);
                    starts.Add(pool.Count);
                }
                ids[(i * plane.Routers) + r] = found;
            }
        }
        return new(plane, places, ids, [.. starts], [.. pool]);

        static bool Same(ReadOnlySpan<int> a, ReadOnlySpan<int> b) => a.SequenceEqual(b);
    }

    /// <summary>The edges by which a router sends to another; none when it has no way, or is it.</summary>
    /// <exception cref="ArgumentException">The other is not among the destinations of these tables.</exception>
    public ReadOnlySpan<int> Of(int router, int destination)
    {
        var i = destinationOf[destination];
        if (i < 0) throw new ArgumentException($"router {destination} is no destination of these tables", nameof(destination));
        var set = id[(i * plane.Routers) + router];
        return pool.AsSpan(start[set], start[set + 1] - start[set]);
    }

    // The path over the least loaded of equal links at each router; a key chooses where to begin looking, so that ties are dealt out.
    internal bool Path(int from, int to, ulong key, double[] load, double[] rate, List<int> path)
    {
        for (var r = from; r != to;)
        {
            var set = Of(r, to);
            if (set.Length == 0) return false;
            var begin = (int)(Router.Mix(key, (ulong)r) % (ulong)set.Length);
            var (best, least, next) = (-1, double.PositiveInfinity, -1);
            for (var i = 0; i < set.Length; i++)
            {
                var e = set[(begin + i) % set.Length];
                var links = plane.LinksOf(e);
                var turn = (int)(key % (ulong)links.Length);
                for (var j = 0; j < links.Length; j++)
                {
                    var directed = plane.Directed(e, links[(turn + j) % links.Length]);
                    var full = load[directed] / rate[directed];
                    if (full < least) (best, least, next) = (directed, full, plane.To[e]);
                }
            }
            path.Add(best);
            r = next;
        }
        return true;
    }
}
