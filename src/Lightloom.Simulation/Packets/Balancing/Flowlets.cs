// Flowlets: a flow keeps its wire as long as its packets follow each other closely; after a gap it takes the one whose queue looks shortest [Vanini et al.,
// Let it flow, NSDI 2017; Alizadeh et al., CONGA, SIGCOMM 2014].
//
//   table of a switch    1,024 entries by a hash of the flow, as switches have: flows that share one share its wire
//   gap                  10 us
//
// Small packets (acknowledgements) are hashed.
namespace Lightloom.Simulation.Packets.Balancing;

readonly struct Flowlets : IPathChoice
{
    const int Entries = 1024;
    const long Gap = 10_000_000; // ps

    readonly LeastQueued least;
    readonly (long Last, int Wire)[]?[] tables;

    public Flowlets(PacketNet net, ulong seed)
    {
        least = new(net, seed);
        tables = new (long, int)[net.Fabric.Nodes][];
    }

    public static bool ReadsQueues => true;

    public int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet)
    {
        if (packet.Has(PacketFlags.Priority)) return least.Choose(net, node, set, count, pool, ref packet);
        var table = tables[node] ??= new (long, int)[Entries];
        ref var entry = ref table[((uint)packet.Flow * 0x9E3779B1u) >> 22];
        // An entry of another flow may lead elsewhere.
        if (entry.Last == 0 || net.Now - entry.Last > Gap || !pool.AsSpan(set, count).Contains(entry.Wire)) entry.Wire = least.Choose(net, node, set, count, pool, ref packet);
        entry.Last = net.Now;
        return entry.Wire;
    }
}
