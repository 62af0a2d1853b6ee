namespace Lightloom.Simulation.Packets.Balancing;

/// <summary>
/// How a switch takes one of several wires that all lead nearer to the destination. A type parameter of the engine: no call is virtual.
/// </summary>
interface IPathChoice
{
    /// <summary>Whether packets may go somewhere else first.</summary>
    static virtual bool MakesDetours => false;

    /// <summary>Whether it looks at queues.</summary>
    static virtual bool ReadsQueues => false;

    /// <summary>Routes are there, or new: what <see cref="Choose"/> chooses from.</summary>
    void Routes(PacketNet net, int[] route, int[] pool) => throw new NotSupportedException();

    /// <summary>The class of hosts towards which a packet goes from a switch: its destination's, or that of a switch to go to first.</summary>
    int Towards(PacketNet net, int node, int destination, ref Packet packet) => throw new NotSupportedException();

    /// <summary>Takes one of some wires.</summary>
    /// <param name="net">Queues.</param>
    /// <param name="node">The switch.</param>
    /// <param name="set">Where the wires begin in <paramref name="pool"/>.</param>
    /// <param name="count">How many they are, at least 2.</param>
    /// <param name="pool">Wires; the order of those of this switch may be changed.</param>
    /// <param name="packet">The packet.</param>
    int Choose(PacketNet net, int node, int set, int count, int[] pool, ref Packet packet);
}
