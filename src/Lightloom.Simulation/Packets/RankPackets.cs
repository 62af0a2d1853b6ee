// Messages between ranks in packets: those of two systems go from card to card over the fabric, those within a scale-up domain over its switch, at its rate, with credits for the
// room behind each link, in order and without loss, as NVLink has them. Packets run ahead until one arrives or whoever sends has something to do.
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>Packets of messages that somebody else sends while others are under way, as traces do.</summary>
public sealed class RankPackets
{
    readonly RankPlaces places;
    int[] among = new int[64], within = new int[64]; // messages, by flow among cards and within domains

    /// <summary>An idle fabric at time 0.</summary>
    /// <param name="fabric">The fabric, whose hosts are cards.</param>
    /// <param name="places">Where ranks stand.</param>
    /// <param name="options">How packets are sent among cards.</param>
    /// <exception cref="InputException">Options contradict each other.</exception>
    public RankPackets(PacketFabric fabric, RankPlaces places, PacketOptions options)
    {
        ArgumentNullException.ThrowIfNull(places);
        this.places = places;
        Cards = new(fabric, options);
        Domains = places.Domain.Distinct().Count() < places.Domain.Length ? new(PacketFabricBuilder.OfDomains(places), PacketSimulation.WithinDomains(options)) : null;
    }

    /// <summary>What happens among cards.</summary>
    public OpenPackets Cards { get; }

    /// <summary>What happens within scale-up domains; null where no two ranks share one.</summary>
    public OpenPackets? Domains { get; }

    /// <summary>When a message arrives next, in picoseconds; the end of the clock where none does before a time.</summary>
    /// <param name="now">Now: nothing is sent before.</param>
    /// <param name="before">The time, at which somebody may send.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">The fabric is deadlocked, or nothing is heard any more of messages that are under way.</exception>
    public long Next(long now, long before, CancellationToken stop = default)
    {
        // Neither runs past the other's next event: what arrives in one may start something in the other.
        while (!stop.IsCancellationRequested)
        {
            if (Cards.Arrived.Count > 0) return Cards.Now;
            if (Domains?.Arrived.Count > 0) return Domains.Now;
            var (cards, domains) = (Math.Max(Cards.Next, now), Math.Max(Domains?.Next ?? long.MaxValue, now));
            if (Math.Min(cards, domains) >= before) return long.MaxValue;
            long Until(long other) => Math.Min(before, other == long.MaxValue ? other : other + 1);
            if (cards <= domains) Cards.Advance(Until(domains), stop);
            else Domains!.Advance(Until(cards), stop);
        }
        return long.MaxValue;
    }

    /// <summary>A rank sends a message now.</summary>
    /// <param name="message">What it is called when it arrives.</param>
    /// <param name="from">The rank.</param>
    /// <param name="to">Another one.</param>
    /// <param name="bytes">Its size; at least one byte is sent.</param>
    /// <param name="now">Now, in picoseconds.</param>
    /// <exception cref="InputException">There are too many messages, or it is too large.</exception>
    public void Send(int message, int from, int to, long bytes, long now)
    {
        if (places.Domain[from] == places.Domain[to]) Put(ref within, Domains!.Start(from, to, bytes, now), message);
        else Put(ref among, Cards.Start(places.Card[from], places.Card[to], bytes, now), message);
    }

    /// <summary>A message that has arrived and wasn't taken yet.</summary>
    public bool TryTake(out int message)
    {
        if (Cards.Arrived.Count > 0)
        {
            message = among[Cards.Take()];
            return true;
        }
        message = Domains?.Arrived.Count > 0 ? within[Domains.Take()] : -1;
        return message >= 0;
    }

    static void Put(ref int[] of, int flow, int message)
    {
        if (flow >= of.Length) Array.Resize(ref of, 2 * of.Length);
        of[flow] = message;
    }
}
