// Arrivals at the ports of switches, port by port instead of event by event. What a port of a switch does depends on nothing but what arrives at it, where switches choose
// wires by what packets say of themselves alone (HashOverPaths.cs): so the port that a packet joins next is known when the packet is sent, and is where it is put.
//
//   window k       times k w .. (k + 1) w - 1;  w = the shortest latency of a wire that ends at a switch: what arrives in a window was sent before it began, and is all there
//   a flow         that starts within a window reaches no port before it ends: ports are ahead of hosts by up to a window, whoever starts flows
//   a window       first each port by itself: its arrivals by ascending time, then what waits begins to be sent as far as the window goes; then the hosts, event by event
//   put            place of window k: k mod 2^r, for windows that packets can be ahead; of a port there a chain of packets, in no order; a bit for each port with one
//   time           of an arrival: 24 bits of picoseconds since its window began, in Wait and above the wire in Wire
//
// The order at each port is that of events (EventRing.cs): by time, and of one time by the tie of the wire. Results are the same to the last bit as event by event; there is no
// event for a hop, and a port and its packets are looked at once in a window instead of once for each packet.
//
// Worked example: 100 Gb/s, 1 us to the next switch, packets of 4,150 B: windows of 1 us, in which a port that is always busy sends three.
using System.Numerics;
using System.Runtime.CompilerServices;
using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Packets;

/// <summary>Packets on wires to switches, and the routes that they take there.</summary>
sealed class PortInboxes
{
    const int WireBits = 24, MostWindows = 16, MostPackets = 32;

    readonly PacketNet net;
    readonly Segments<Packet> packets;
    readonly SwitchRoutes routes;
    readonly int ports, words;
    readonly long windows;
    readonly ulong inverse;             // floor(t / width) = t inverse / 2^(64 + shift), for all t >= 0
    readonly int shift;
    readonly int[] head;                // of the chain of each window and port; -1: none
    readonly ulong[] used;              // by window: ports with a chain
    readonly int[] count;               // packets in a window
    readonly ulong[] waiting;           // ports where packets wait
    bool anyWait;
    HashOverPaths choice;
    Arrival[] sorted = new Arrival[64];

    struct Arrival
    {
        public uint Since;              // the window began, ps
        public int Packet;
    }

    PortInboxes(PacketNet net, HashOverPaths choice, in SwitchRoutes routes, long width, long windows)
    {
        (this.net, this.choice, this.routes) = (net, choice, routes);
        (packets, ports) = (net.Pool.Packets, net.Fabric.Wires);
        (Width, this.windows) = (width, windows);
        shift = BitOperations.Log2((ulong)width);
        inverse = (ulong)(((UInt128)1 << (64 + shift)) / (ulong)width) + 1;
        words = (ports + 63) / 64;
        head = new int[windows * ports];
        Array.Fill(head, -1);
        (used, count, waiting) = (new ulong[windows * words], new int[windows], new ulong[words]);
    }

    /// <summary>Of windows, picoseconds.</summary>
    public long Width { get; }

    /// <summary>Before this time everything at ports has happened.</summary>
    public long Done { get; private set; }

    /// <summary>Arrivals that have happened.</summary>
    public long Arrived { get; private set; }

    /// <summary>Bytes of chains and bitmaps.</summary>
    public long Bytes => 4L * head.Length + 8L * (used.Length + waiting.Length) + 4L * count.Length + 8L * sorted.Length;

    /// <summary>Those of a net; null where wires to switches are so short beside others, or beside packets, that windows hold next to nothing.</summary>
    /// <param name="net">Ports whose queues only those who join look at.</param>
    /// <param name="choice">How wires are chosen.</param>
    /// <param name="routes">Between which wires.</param>
    public static PortInboxes? Of(PacketNet net, HashOverPaths choice, in SwitchRoutes routes)
    {
        var (shortest, latest, fastest) = (long.MaxValue, 0L, long.MaxValue);
        foreach (ref readonly var wire in net.Wires.AsSpan())
        {
            if (wire.To < net.Fabric.Hosts) continue;
            var sending = PacketNet.Sending(net.LargestPacket, wire.PerByte);
            (shortest, latest, fastest) = (Math.Min(shortest, wire.Latency), Math.Max(latest, wire.Latency + 2 * sending), Math.Min(fastest, sending));
        }
        if (shortest == long.MaxValue || shortest < fastest || net.Fabric.Wires >= 1 << WireBits) return null;
        var width = Math.Min(Math.Min(shortest, MostPackets * fastest), (1L << WireBits) - 1);
        if (BitOperations.IsPow2(width)) width--; // whose inverse would need a bit more
        var windows = (long)BitOperations.RoundUpToPowerOf2((ulong)(latest / width) + 3);
        return windows > MostWindows ? null : new(net, choice, in routes, width, windows);
    }

    /// <summary>A packet has been put on a wire to a switch, which it reaches at a time; whether its way on is known, and it is here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Put(long time, int wire, int packet, ref Packet p)
    {
        var port = routes.Next(net, net.Wires[wire].To, ref choice, ref p);
        if (port < 0) return false;
        var window = WindowOf(time);
        var since = (uint)(time - window * Width);
        p.Wire = wire | (int)(since >> 16 << WireBits);
        p.Wait = (ushort)since;
        var place = (int)(window & (windows - 1));
        ref var first = ref head[place * ports + port];
        p.Next = first;
        first = packet;
        used[place * words + (port >> 6)] |= 1UL << port;
        count[place]++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    long WindowOf(long time) => (long)(Math.BigMul((ulong)time, inverse, out _) >> shift);

    /// <summary>Nothing happens at ports before this time; the end of the clock when nothing is left to.</summary>
    public long NotBefore()
    {
        if (anyWait) return Done;
        var from = WindowOf(Done);
        for (var k = from; k < from + windows; k++)
            if (count[k & (windows - 1)] != 0) return Math.Max(Done, k * Width);
        return long.MaxValue;
    }

    /// <summary>Nothing happens at ports until a time, whatever others give: what they give later is told from what would come a turn of the ring before.</summary>
    public void Skip(long until)
    {
        if (until < long.MaxValue) Done = Math.Max(Done, until + 1);
    }

    /// <summary>Plays the ports in the window of a time, until its end or that of a time.</summary>
    /// <param name="first">Nothing happens before it at ports or hosts.</param>
    /// <param name="until">The last time that is played, whole windows or not.</param>
    public void Play(long first, long until)
    {
        var window = WindowOf(Math.Max(first, Done));
        var begin = window * Width;
        var end = until - begin < Width ? until + 1 : begin + Width;
        var place = (int)(window & (windows - 1));
        var heads = head.AsSpan(place * ports, ports);
        var bits = used.AsSpan(place * words, words);
        var (at, any) = (net.Now, 0UL);
        for (var word = 0; word < bits.Length; word++)
        {
            var left = bits[word] | waiting[word];
            if (left == 0) continue;
            bits[word] = 0;
            for (; left != 0; left &= left - 1)
            {
                var port = (word << 6) + BitOperations.TrailingZeroCount(left);
                ref var q = ref net.Ports[port];
                if (heads[port] >= 0)
                {
                    var chain = heads[port];
                    heads[port] = -1;
                    if (!Arrive(port, ref q, chain, place, begin, end)) bits[word] |= 1UL << port;
                }
                net.Now = end - 1;
                if (net.ServeUntilNow(port, ref q)) waiting[word] |= 1UL << port;
                else waiting[word] &= ~(1UL << port);
            }
            any |= waiting[word];
        }
        (Done, net.Now, anyWait) = (end, at, any != 0);
    }

    // Those of a chain that arrive before the end do so, in order; whether those were all. The others make a chain again.
    bool Arrive(int port, ref Port q, int chain, int place, long begin, long end)
    {
        var (n, left) = (0, -1);
        for (var packet = chain; packet >= 0;)
        {
            ref var p = ref packets[packet];
            var (next, since) = (p.Next, SinceOf(in p));
            if (begin + since >= end)
            {
                (p.Next, left) = (left, packet);
            }
            else
            {
                p.Wire &= (1 << WireBits) - 1;
                Sort(n++, begin, since, packet, p.Wire);
            }
            packet = next;
        }
        count[place] -= n;
        Arrived += n;
        // The latest stands first.
        while (--n >= 0)
        {
            var packet = sorted[n].Packet;
            net.Now = begin + sorted[n].Since;
            net.Join(port, ref q, packet, ref packets[packet]);
        }
        head[place * ports + port] = left;
        return left < 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint SinceOf(in Packet p) => ((uint)p.Wire >> WireBits << 16) | p.Wait;

    // Chains begin with what was sent last: most often the next one is the earliest so far, and comes last.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Sort(int n, long begin, uint since, int packet, int wire)
    {
        if (n == sorted.Length) Array.Resize(ref sorted, 2 * n);
        var at = n;
        for (; at > 0 && (sorted[at - 1].Since < since || (sorted[at - 1].Since == since && IsFirst(begin + since, sorted[at - 1].Packet, wire))); at--) sorted[at] = sorted[at - 1];
        sorted[at] = new() { Since = since, Packet = packet };
    }

    // Of two that arrive at one time.
    bool IsFirst(long time, int packet, int wire) =>
        EventRing.Tie(net.TimeSalt, time, (uint)packets[packet].Wire) < EventRing.Tie(net.TimeSalt, time, (uint)wire);
}
