using System.Numerics;

namespace Lightloom.Fabric;

// A lossless network can deadlock only if its channel dependency graph has a cycle, and a deterministic routing on one lane does not
// deadlock if and only if it has none [Dally and Seitz, IEEE Trans. Computers C-36(5), 1987].
//
//   channel      an edge of the plane: all links from router a to router b (packets of all of them wait for the same buffers)
//   e → f        some packet holds e and waits for f: for a destination t, r → v is a next hop of a router r that packets for t come
//                to, and v → w is a next hop of v
//
// depends[e] has a bit for each edge of the router that e leads to. Links from and to cards are ends of every path: no cycle passes
// them. Where a routing is adaptive the condition is only sufficient: what has no cycle is free of deadlock, what has one may be.
//
// Worked example: a ring of 4 routers, shortest paths: 0→1 waits for 1→2 (for 2), that for 2→3, that for 3→0, that for 0→1: a cycle.

/// <summary>Which channels of a plane wait for which under a routing.</summary>
sealed class ChannelDependencies
{
    readonly FabricPlane plane;
    readonly ulong[] bits;
    readonly long[] start;

    public ChannelDependencies(FabricPlane plane)
    {
        this.plane = plane;
        start = new long[plane.Edges + 1];
        for (var e = 0; e < plane.Edges; e++)
        {
            var router = plane.To[e];
            start[e + 1] = start[e] + ((plane.First[router + 1] - plane.First[router] + 63) / 64);
        }
        bits = new ulong[start[^1]];
    }

    /// <summary>The dependencies of a routing whose next hops are tables.</summary>
    public static ChannelDependencies Of(TableRouter router)
    {
        var plane = router.Plane;
        var all = new ChannelDependencies(plane);
        var (hops, used) = (new NextHops(plane), new bool[plane.Routers]);
        for (var t = 0; t < plane.Routers; t++)
        {
            if (plane.EndpointsAt(t).Length == 0) continue;
            router.Fill(t, hops);
            all.Add(hops, used);
        }
        return all;
    }

    /// <summary>Adds what packets for one destination wait for.</summary>
    public void Add(NextHops hops, bool[] used)
    {
        Array.Clear(used);
        // From far to near: a router is used if it has cards, or a used one sends to it.
        for (var at = hops.Count - 1; at > 0; at--)
        {
            var r = hops.Order[at];
            if (!used[r] && plane.EndpointsAt(r).Length == 0) continue;
            foreach (var e in hops.Of(r))
            {
                var v = plane.To[e];
                used[v] = true;
                foreach (var f in hops.Of(v)) Set(e, f);
            }
        }
    }

    /// <summary>Says that e waits for f.</summary>
    public void Set(int e, int f)
    {
        var slot = f - plane.First[plane.To[e]];
        bits[start[e] + (slot / 64)] |= 1UL << (slot % 64);
    }

    /// <summary>A cycle, edge by edge, or null when there is none.</summary>
    public IReadOnlyList<int>? Cycle()
    {
        // Depth-first; 0 not seen, 1 on the stack, 2 done. The place in the bits of each edge on the stack stands beside it.
        var state = new byte[plane.Edges];
        var (stack, place) = (new List<int>(), new List<int>());
        for (var root = 0; root < state.Length; root++)
        {
            if (state[root] != 0) continue;
            stack.Add(root);
            place.Add(0);
            state[root] = 1;
            while (stack.Count > 0)
            {
                var e = stack[^1];
                var f = Next(e, place[^1]);
                if (f < 0)
                {
                    state[e] = 2;
                    stack.RemoveAt(stack.Count - 1);
                    place.RemoveAt(place.Count - 1);
                    continue;
                }
                place[^1] = f - plane.First[plane.To[e]] + 1;
                if (state[f] == 1) return [.. stack[stack.IndexOf(f)..]];
                if (state[f] != 0) continue;
                state[f] = 1;
                stack.Add(f);
                place.Add(0);
            }
        }
        return null;
    }

    // The first dependency of an edge from a slot on, or −1.
    int Next(int e, int slot)
    {
        for (var word = slot / 64; word < start[e + 1] - start[e]; word++)
        {
            var left = bits[start[e] + word];
            if (word == slot / 64) left &= ulong.MaxValue << (slot % 64);
            if (left != 0) return plane.First[plane.To[e]] + (64 * word) + BitOperations.TrailingZeroCount(left);
        }
        return -1;
    }
}
