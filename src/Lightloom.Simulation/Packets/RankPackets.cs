// Messages between ranks in packets: those of two systems go from card to card over the fabric, those within a scale-up domain over its switch, at its rate, with credits for the
// room behind each link, in order and without loss, as NVLink has them.
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>Packets of messages that somebody else sends while others are under way, as traces do.</summary>
public sealed class RankPackets
{
    readonly RankPlaces places;
    readonly int cards;
    int[] messages = new int[64]; // by flow

    /// <summary>An idle fabric at time 0.</summary>
    /// <param name="fabric">The fabric, whose hosts are cards.</param>
    /// <param name="places">Where ranks stand.</param>
    /// <param name="options">How packets are sent among cards.</param>
    /// <exception cref="InputException">Options contradict each other.</exception>
    public RankPackets(PacketFabric fabric, RankPlaces places, PacketOptions options)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(places);
        (this.places, cards) = (places, fabric.Hosts);
        Packets = new(fabric, options, places.Domain.Distinct().Count() < places.Domain.Length ? PacketFabricBuilder.OfDomains(places) : null);
    }

    /// <summary>What happens among cards and within scale-up domains.</summary>
    public OpenPackets Packets { get; }

    /// <summary>When a message arrives next, in picoseconds; the end of the clock where none does before a time.</summary>
    /// <param name="before">The time, at which somebody may send.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">The fabric is deadlocked, or nothing is heard any more of messages that are under way.</exception>
    public long Next(long before, CancellationToken stop = default) => Packets.Advance(before, stop) ? Packets.Now : long.MaxValue;

    /// <summary>A rank sends a message now.</summary>
    /// <param name="message">What it is called when it arrives.</param>
    /// <param name="from">The rank.</param>
    /// <param name="to">Another one.</param>
    /// <param name="bytes">Its size; at least one byte is sent.</param>
    /// <param name="now">Now, in picoseconds.</param>
    /// <exception cref="InputException">There are too many messages, or it is too large.</exception>
    public void Send(int message, int from, int to, long bytes, long now)
    {
        var inside = places.Domain[from] == places.Domain[to];
        var flow = inside ? Packets.Start(cards + from, cards + to, bytes, now) : Packets.Start(places.Card[from], places.Card[to], bytes, now);
        if (flow >= messages.Length) Array.Resize(ref messages, 2 * messages.Length);
        messages[flow] = message;
    }

    /// <summary>A message that has arrived and wasn't taken yet.</summary>
    public bool TryTake(out int message)
    {
        message = Packets.Arrived.Count > 0 ? messages[Packets.Take()] : -1;
        return message >= 0;
    }
}
