// Adaptive routing: each packet of data takes one of the wires whose queues look shortest, at random where several do. How full a queue looks is
// one of four levels, read at most every 100 ns, as switches do that compare coarse, slightly old counts:
//
//   level = 0 below 5 % of the buffer, 1 below 10 %, 2 below 20 %, else 3
//
// Small packets (acknowledgements) are hashed.
namespace Lightloom.Simulation.Packets.Balancing;

readonly struct LeastQueued : IPathChoice
{
    const long Period = 100_000; // ps

    readonly HashOverPaths hash;
    readonly uint[] random;
    readonly double buffer;
    readonly (long At, int Level)[] levels;  // by wire: how full its queue looked, in quarters, and when that was read

    public LeastQueued(PacketNet net, ulong seed)
    {
        var nodes = net.Fabric.Nodes;
        (hash, buffer, levels) = (new(nodes, seed), net.BufferBytes, new (long, int)[net.Wires.Length]);
        random = new uint[nodes];
        for (var n = 0; n < nodes; n++) random[n] = (uint)PacketRandom.Mix(seed ^ 0x1EA5, (ulong)n) | 1;
    }

    public static bool ReadsQueues => true;

    public int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet)
    {
        if (packet.Has(PacketFlags.Priority)) return hash.Choose(net, node, set, count, pool, ref packet);
        var (best, least, alike) = (0, int.MaxValue, 0u);
        for (var i = 0; i < count; i++)
        {
            var level = Level(net, pool[set + i]);
            if (level > least) continue;
            alike = level < least ? 1 : alike + 1;
            // The i-th of those alike replaces the one before with a chance of 1 / i: each is equally likely in the end.
            if (alike == 1 || ((ulong)PacketNet.Draw(ref random[node]) * alike) >> 32 == 0) best = i;
            least = level;
        }
        return pool[set + best];
    }

    int Level(PacketNet net, int wire)
    {
        ref var seen = ref levels[wire];
        if (net.Now - seen.At <= Period && seen.At > 0) return seen.Level;
        ref var port = ref net.Ports[wire];
        seen.At = net.Now;
        var queued = (port.DataBytes + port.ControlBytes + (port.BusyUntil > net.Now ? port.ServiceBytes : 0)) / buffer;
        seen.Level = queued < 0.05 ? 0 : queued < 0.1 ? 1 : queued < 0.2 ? 2 : 3;
        return seen.Level;
    }
}
