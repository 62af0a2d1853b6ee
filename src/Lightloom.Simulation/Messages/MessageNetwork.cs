using Lightloom.Simulation.Packets;

namespace Lightloom.Simulation.Messages;

/// <summary>What a message engine's messages go over instead of L and G. For one run; not for several threads.</summary>
public abstract class MessageNetwork
{
    /// <summary>When a message has left or arrives next, picoseconds; the end of the clock where none does, or where it is not before a time beyond which it wasn't looked.</summary>
    internal abstract long Next(long now, long before, CancellationToken stop);

    /// <summary>A message leaves now: how long it is on its way, where that is known at once; null: it is told by <see cref="Left"/>.</summary>
    internal abstract long? Send(int message, int from, int to, long bytes, long now);

    /// <summary>Messages whose last byte has left by now, with how long it is still on its way.</summary>
    internal abstract IEnumerable<(int Message, long Latency)> Left(long now);

    /// <summary>Nothing else happens at this time.</summary>
    internal abstract void Settle(long now);
}

/// <summary>Messages in packets over a fabric: each is a flow, from the time at which it leaves its CPU until its last byte is there. o, g, O and S stay what they are; L = G = 0.</summary>
/// <param name="packets">The fabric.</param>
public sealed class MessagePackets(RankPackets packets) : MessageNetwork
{
    /// <summary>What became of packets.</summary>
    public RankPackets Packets => packets;

    internal override long Next(long now, long before, CancellationToken stop) => packets.Next(before, stop);

    internal override long? Send(int message, int from, int to, long bytes, long now)
    {
        if (from == to) return 0;
        packets.Send(message, from, to, bytes, now);
        return null;
    }

    internal override IEnumerable<(int Message, long Latency)> Left(long now)
    {
        while (packets.TryTake(out var message)) yield return (message, 0);
    }

    internal override void Settle(long now)
    {
    }
}
