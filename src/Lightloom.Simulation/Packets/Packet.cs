// A packet is a number: a place in these arrays. What every hop reads stands together in 32 bytes, half a cache line; what only the ends
// of a flow read (acknowledgements, credits) stands apart. Arrays of single fields were measured slower: a hop reads nearly all of them.
// A packet on a wire is its own event: the time of its arrival is in Wait, its place in the chain of a bucket in Next (EventRing.cs).
using System.Runtime.InteropServices;

namespace Lightloom.Simulation.Packets;

enum PacketKind : byte
{
    Data,
    Ack,
    Nack,
    Pull,
    Request,
    Notice,

    /// <summary>What a switch sends down a tree (<see cref="PacketSums"/>).</summary>
    Result,

    /// <summary>Added to that of a packet that goes to another switch first.</summary>
    Detour = 0x80,
}

[Flags]
enum PacketFlags : byte
{
    None = 0,

    /// <summary>Congestion was met (ECN CE).</summary>
    Marked = 1,

    /// <summary>Only the header is left.</summary>
    Trimmed = 2,

    /// <summary>An acknowledgement is wanted at once.</summary>
    AckRequest = 4,

    /// <summary>Sent before.</summary>
    Again = 8,

    /// <summary>Trimmed in front of the wire to its destination.</summary>
    LastHop = 16,

    /// <summary>Goes before data.</summary>
    Control = 32,

    /// <summary><see cref="Packet.Extra"/> is the number of a detail.</summary>
    Detailed = 64,
    /// <summary>A bit arrived wrong: lost at the end of its wire.</summary>
    Spoiled = 128,

    /// <summary>Whatever goes before data.</summary>
    Priority = Trimmed | Control,
}

[StructLayout(LayoutKind.Sequential)]
struct Packet
{
    public int Flow;
    public int Sequence;
    public int Destination;     // host
    public int Wire;            // what it is on, or was on last
    public int Next;            // in a queue, a bucket of events, or the chain of unused ones
    public int Extra;           // its detail, if it has one; else in lossless fabrics the wire by which it came to where it waits; else its transport's; -1: none
    public ushort Size;         // bytes on the wire
    public ushort Entropy;      // of flows with one path, with telemetry or lanes: what switches write
    public PacketKind Kind;
    public PacketFlags Flags;
    public ushort Wait;         // picoseconds from the begin of its bucket to its arrival

    public readonly bool Has(PacketFlags flags) => (Flags & flags) != 0;
}

/// <summary>What an acknowledgement carries, or a credit, or a request for one. The packet that caused an acknowledgement is its sequence.</summary>
struct PacketDetail
{
    public ulong Bitmap;        // received of [Base .. Base + 64)
    public long Received;       // bytes received so far
    public int Cumulative;      // all before this are received
    public int Base;

    /// <summary>Pull number or target, of packets that say nothing of what was received.</summary>
    public long Credit
    {
        readonly get => Received;
        set => Received = value;
    }
}

/// <summary>Packets that exist; those that are gone are used again.</summary>
sealed class PacketPool
{
    int free = -1, freeDetail = -1;

    public Segments<Packet> Packets { get; } = new();

    public Segments<PacketDetail> Details { get; } = new();

    /// <summary>Packets on their way.</summary>
    public int Alive { get; private set; }

    public int Take()
    {
        if (free < 0) Grow();
        var p = free;
        ref var packet = ref Packets[p];
        free = packet.Next;
        (packet.Extra, packet.Flags) = (-1, PacketFlags.None);
        Alive++;
        return p;
    }

    public void Free(int packet)
    {
        ref var p = ref Packets[packet];
        if (p.Has(PacketFlags.Detailed))
        {
            Details[p.Extra].Base = freeDetail;
            freeDetail = p.Extra;
        }
        p.Next = free;
        free = packet;
        Alive--;
    }

    /// <summary>The detail of a packet, which gets one unless it has; its flags are to be set before.</summary>
    public ref PacketDetail Detail(int packet)
    {
        ref var p = ref Packets[packet];
        if (p.Has(PacketFlags.Detailed)) return ref Details[p.Extra];
        if (freeDetail < 0) GrowDetails();
        p.Flags |= PacketFlags.Detailed;
        p.Extra = freeDetail;
        freeDetail = Details[p.Extra].Base;
        return ref Details[p.Extra];
    }

    void Grow()
    {
        var from = Packets.Length;
        Packets.Grow();
        for (var p = Packets.Length - 1; p >= from; p--)
        {
            Packets[p].Next = free;
            free = p;
        }
    }

    void GrowDetails()
    {
        var from = Details.Length;
        Details.Grow();
        for (var d = Details.Length - 1; d >= from; d--)
        {
            Details[d].Base = freeDetail;
            freeDetail = d;
        }
    }
}
