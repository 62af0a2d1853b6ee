using System.Runtime.CompilerServices;
using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Packets;

/// <summary>Which wire a packet takes from a switch: the only one, one of several by some choice, or that to its host.</summary>
readonly struct SwitchRoutes
{
    readonly int hosts, classes;
    readonly int[] classOf;             // of hosts
    readonly int[] down;                // the wire to each host with but one; -1: it has several

    SwitchRoutes(PacketFabric fabric, int[] classOf, int[] down, ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires)
    {
        (hosts, classes, this.classOf, this.down) = (fabric.Hosts, fabric.Classes, classOf, down);
        (Table, Pool) = Tables(sets, starts, wires);
    }

    /// <summary>Of each switch and class of hosts: ~wire, place in <see cref="Pool"/> (count, wires ...), or 0: the host hangs here, or can't be reached.</summary>
    public int[] Table { get; }

    /// <summary>Wires to choose from.</summary>
    public int[] Pool { get; }

    /// <summary>Those of a fabric.</summary>
    public static SwitchRoutes Of(PacketFabric fabric)
    {
        var (down, ways) = (new int[fabric.Hosts], new int[fabric.Hosts]);
        Array.Fill(down, -1);
        for (var w = 0; w < fabric.Wires; w++)
        {
            if (fabric.To[w] >= fabric.Hosts) continue;
            down[fabric.To[w]] = ways[fabric.To[w]]++ == 0 ? w : -1;
        }
        return new(fabric, fabric.ClassOf.ToArray(), down, fabric.Sets, fabric.Starts, fabric.Pool);
    }

    /// <summary>Others of the same fabric, as <see cref="PacketFabric.FindRoutes"/> gives them.</summary>
    public SwitchRoutes With(PacketFabric fabric, ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires) => new(fabric, classOf, down, sets, starts, wires);

    /// <summary>The next wire of a packet that is in a switch; -1: there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next<TChoice>(PacketNet net, int node, ref TChoice choice, ref Packet p)
        where TChoice : struct, IPathChoice
    {
        var towards = classOf[p.Destination];
        if (TChoice.MakesDetours) towards = choice.Towards(net, node, towards, ref p);
        var r = Table[(node - hosts) * classes + towards];
        if (r < 0) return ~r;
        if (r > 0) return choice.Choose(net, node, r + 1, Pool[r], Pool, ref p);
        var wire = down[p.Destination];
        if (wire < 0) return net.Fabric.Direct(node, p.Destination);
        return net.Wires[wire].From == node ? wire : -1;
    }

    static (int[] Table, int[] Pool) Tables(ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires)
    {
        var pool = new List<int> { 0 };
        var place = new int[starts.Length - 1];
        for (var s = 1; s < place.Length; s++)
        {
            var set = wires[starts[s]..starts[s + 1]];
            if (set.Length == 1)
            {
                place[s] = ~set[0];
                continue;
            }
            place[s] = pool.Count;
            pool.Add(set.Length);
            foreach (var w in set) pool.Add(w);
        }
        var table = new int[sets.Length];
        for (var i = 0; i < table.Length; i++) table[i] = sets[i] == 0 ? 0 : place[sets[i]];
        return (table, [.. pool]);
    }
}
