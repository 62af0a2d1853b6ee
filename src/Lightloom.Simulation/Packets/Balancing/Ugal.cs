// Detours through a random switch: universal globally-adaptive load balancing with local knowledge (UGAL-L) [Singh, Load-balanced routing in interconnection networks, PhD
// thesis, Stanford 2005; on dragonflies Kim, Dally, Scott, Abts, ISCA 2008], and Valiant's routing, which always makes one [Valiant, SIAM J. Computing 11(2), 1982].
//
//   at the first switch, for each packet of data: v = a switch with hosts, drawn at random;  q_m, q_v = the shortest queue of those wires that lead towards the
//   destination, and towards v;  H_m = links between switches to the destination, H_v = to v and on from there
//   minimal if   q_m H_m <= q_v H_v        else the packet goes to v first
//
// On the way a switch takes the wire with the shortest queue of those that lead nearer, bytes that wait and are being sent, at random where several are alike. Small
// packets (acknowledgements) go minimally and are hashed. v follows from flow, number and entropy of the packet, which carries that it makes a detour.
//
// Worked example: a dragonfly of 72 hosts in 9 groups, each host sends to the next group: minimally 8 hosts share one link between groups; by detours all
// 8 links of a group carry two hosts' worth.
namespace Lightloom.Simulation.Packets.Balancing;

/// <summary>Which way packets make detours; its own part is a type parameter of <see cref="Detours{TRule}"/>.</summary>
interface IDetourRule
{
    /// <summary>Whether to go straight, by queues in bytes and hops.</summary>
    static abstract bool Minimal(long queue, int hops, long detourQueue, int detourHops);
}

readonly struct UgalLocal : IDetourRule
{
    public static bool Minimal(long queue, int hops, long detourQueue, int detourHops) => queue * hops <= detourQueue * detourHops;
}

readonly struct AlwaysValiant : IDetourRule
{
    public static bool Minimal(long queue, int hops, long detourQueue, int detourHops) => false;
}

readonly struct Detours<TRule> : IPathChoice
    where TRule : struct, IDetourRule
{
    readonly HashOverPaths hash;
    readonly uint[] random;
    readonly ulong salt;
    readonly DetourTables tables = new();

    public Detours(int nodes, ulong seed)
    {
        (hash, salt) = (new(nodes, seed), seed ^ 0x06A1);
        random = new uint[nodes];
        for (var n = 0; n < nodes; n++) random[n] = (uint)PacketRandom.Mix(seed ^ 0x06A1, (ulong)n) | 1;
    }

    public static bool ReadsQueues => true;

    public static bool MakesDetours => true;

    public void Routes(PacketNet net, int[] route, int[] pool) => tables.Set(net.Fabric, route, pool);

    public int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet) =>
        packet.Has(PacketFlags.Priority) ? hash.Choose(net, node, set, count, pool, ref packet) : Shortest(net, node, pool.AsSpan(set, count)).Wire;

    public int Towards(PacketNet net, int node, int destination, ref Packet packet)
    {
        var first = net.Wires[packet.Wire].From < net.Fabric.Hosts;
        if (!first && packet.Kind < PacketKind.Detour) return destination;
        if (!packet.Has(PacketFlags.Priority))
        {
            var via = Via(net, in packet);
            if (first && MakesDetour(net, node, destination, via)) packet.Kind |= PacketKind.Detour;
            if (packet.Kind >= PacketKind.Detour && tables.HopsTo(node, via) > 0) return via;
        }
        packet.Kind &= ~PacketKind.Detour;
        return destination;
    }

    // The class of the switch to go to first, drawn for each packet alike at all switches.
    int Via(PacketNet net, in Packet packet)
    {
        var drawn = PacketRandom.Mix(salt ^ packet.Entropy, ((ulong)(uint)packet.Flow << 32) | (uint)packet.Sequence);
        return (int)(((drawn >> 32) * (ulong)net.Fabric.Classes) >> 32);
    }

    bool MakesDetour(PacketNet net, int node, int destination, int via)
    {
        var hops = tables.HopsTo(node, destination);
        var first = tables.HopsTo(node, via);
        // The switch itself, one that can't be reached, or a destination here or nowhere.
        if (hops <= 0 || first <= 0 || via == destination) return false;
        var further = tables.HopsBetween(via, destination);
        if (further <= 0) return false;
        var (straight, around) = (Shortest(net, node, tables.Of(node, destination)), Shortest(net, node, tables.Of(node, via)));
        return !TRule.Minimal(straight.Bytes, hops, around.Bytes, first + further);
    }

    (int Wire, long Bytes) Shortest(PacketNet net, int node, ReadOnlySpan<int> wires)
    {
        var (best, least, alike) = (wires[0], long.MaxValue, 0u);
        foreach (var w in wires)
        {
            ref var port = ref net.Ports[w];
            var bytes = (long)port.DataBytes + (port.BusyUntil > net.Now ? port.ServiceBytes : 0);
            if (bytes > least) continue;
            alike = bytes < least ? 1 : alike + 1;
            if (alike == 1 || ((ulong)PacketNet.Draw(ref random[node]) * alike) >> 32 == 0) best = w;
            least = bytes;
        }
        return (best, least);
    }
}

/// <summary>How far it is from each switch to each class of hosts, and over which wires, along the routes of the time.</summary>
sealed class DetourTables
{
    int classes, hosts;
    int[] route = [], pool = [], single = [];
    int[] nodeOf = [];      // a switch on which a class hangs
    short[] hops = [];      // by node and class, links between switches; 0: hangs here; -1: no way

    public void Set(PacketFabric fabric, int[] tables, int[] wires)
    {
        (classes, hosts, route, pool) = (fabric.Classes, fabric.Hosts, tables, wires);
        single = [.. Enumerable.Range(0, fabric.Wires)];
        nodeOf = new int[classes];
        for (var h = fabric.Hosts - 1; h >= 0; h--) nodeOf[fabric.ClassOf[h]] = fabric.To[fabric.WiresOf(h)[0]];
        hops = new short[tables.Length];
        Array.Fill(hops, (short)-2);
        for (var h = 0; h < fabric.Hosts; h++)
            foreach (var w in fabric.WiresOf(h)) hops[((fabric.To[w] - hosts) * classes) + fabric.ClassOf[h]] = 0;
        var way = new Stack<int>();
        for (var n = fabric.Hosts; n < fabric.Nodes; n++)
        {
            for (var c = 0; c < classes; c++)
            {
                // Down the first of the wires until somebody knows, and back.
                var node = n;
                while (hops[((node - hosts) * classes) + c] == -2 && Of(node, c) is { Length: > 0 } next)
                {
                    way.Push(node);
                    node = fabric.To[next[0]];
                }
                var known = Math.Max(hops[((node - hosts) * classes) + c], (short)-1);
                hops[((node - hosts) * classes) + c] = known;
                while (way.TryPop(out var before)) hops[((before - hosts) * classes) + c] = known = (short)(known < 0 ? -1 : known + 1);
            }
        }
    }

    /// <summary>Links between switches from one to a class of hosts; 0: they hang on it; -1: there is no way.</summary>
    public int HopsTo(int node, int ofClass) => hops[((node - hosts) * classes) + ofClass];

    /// <summary>The same between the switches of two classes.</summary>
    public int HopsBetween(int a, int b) => HopsTo(nodeOf[a], b);

    /// <summary>Wires of a switch that lead nearer to a class.</summary>
    public ReadOnlySpan<int> Of(int node, int ofClass)
    {
        var r = route[((node - hosts) * classes) + ofClass];
        return r < 0 ? single.AsSpan(~r, 1) : r == 0 ? [] : pool.AsSpan(r + 1, pool[r]);
    }
}
