// Round robin: packets of data take the wires of a switch in turn; after each round the order is shuffled anew, so that switches don't march in step.
// Small packets (acknowledgements) are hashed and leave the turn alone.
namespace Lightloom.Simulation.Packets.Balancing;

readonly struct Rotation : IPathChoice
{
    readonly HashOverPaths hash;
    readonly int[] turn;
    readonly uint[] random;

    public Rotation(int nodes, ulong seed)
    {
        hash = new(nodes, seed);
        (turn, random) = (new int[nodes], new uint[nodes]);
        for (var n = 0; n < nodes; n++) random[n] = (uint)PacketRandom.Mix(seed ^ 0x0707, (ulong)n) | 1;
    }

    public int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet)
    {
        if (packet.Has(PacketFlags.Priority)) return hash.Choose(net, node, set, count, pool, ref packet);
        var at = turn[node];
        if (at >= count)
        {
            at = 0;
            for (var i = 0; i < count; i++)
            {
                var other = i + (int)(((ulong)PacketNet.Draw(ref random[node]) * (ulong)(count - i)) >> 32);
                (pool[set + i], pool[set + other]) = (pool[set + other], pool[set + i]);
            }
        }
        turn[node] = at + 1;
        return pool[set + at];
    }
}
