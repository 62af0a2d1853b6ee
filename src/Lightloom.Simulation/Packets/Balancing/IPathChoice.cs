namespace Lightloom.Simulation.Packets.Balancing;

/// <summary>
/// How a switch takes one of several wires that all lead nearer to the destination. A type parameter of the engine: no call is virtual.
/// </summary>
interface IPathChoice
{
    /// <summary>Takes one of some wires.</summary>
    /// <param name="net">Queues.</param>
    /// <param name="node">The switch.</param>
    /// <param name="set">Where the wires begin in <paramref name="pool"/>.</param>
    /// <param name="count">How many they are, at least 2.</param>
    /// <param name="pool">Wires; the order of those of this switch may be changed.</param>
    /// <param name="packet">The packet.</param>
    int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet);
}
