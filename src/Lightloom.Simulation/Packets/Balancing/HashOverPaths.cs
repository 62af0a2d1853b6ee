// Equal-cost multipath: a hash of flow, entropy and the switch's own salt chooses [RFC 2992]. With one entropy per flow a flow has one path; with an
// entropy of each packet's own, hosts spray.
//
//   index = floor(h n / 2^32),   h = upper half of a mix of (flow, entropy) and salt
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets.Balancing;

readonly struct HashOverPaths : IPathChoice
{
    readonly ulong[] salt;
    readonly ulong entropies;

    /// <param name="nodes">Nodes of the fabric.</param>
    /// <param name="seed">What salts are drawn from.</param>
    /// <param name="byFlow">Whether entropies are something else, and the flow alone counts.</param>
    public HashOverPaths(int nodes, ulong seed, bool byFlow = false)
    {
        entropies = byFlow ? 0UL : ushort.MaxValue;
        salt = new ulong[nodes];
        for (var n = 0; n < nodes; n++) salt[n] = PacketRandom.Mix(seed ^ 0x5A17, (ulong)n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet)
    {
        var z = ((((ulong)(uint)packet.Flow << 16) | (packet.Entropy & entropies)) ^ salt[node]) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 31)) * 0x94D049BB133111EBUL;
        return pool[set + (int)(((z >> 32) * (ulong)count) >> 32)];
    }
}
