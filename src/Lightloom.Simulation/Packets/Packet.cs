// A packet is a number: an index into these arrays. What every hop reads stands together in 32 bytes, half a cache line; what only the ends
// of a flow read (acknowledgements, credits) stands apart. Arrays of single fields were measured slower: a hop reads nearly all of them.
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
    public int Next;            // in a queue or the chain of unused ones
    public int Extra;           // its detail, or in lossless fabrics the wire by which it came to where it waits; -1: none
    public ushort Size;         // bytes on the wire
    public ushort Entropy;
    public PacketKind Kind;
    public PacketFlags Flags;
    public ushort Note;         // what switches wrote: with telemetry the load of the fullest link so far

    public readonly bool Has(PacketFlags flags) => (Flags & flags) != 0;
}

/// <summary>What an acknowledgement carries, or a credit, or a request for one.</summary>
struct PacketDetail
{
    public ulong Bitmap;        // received of [Base .. Base + 64)
    public long Received;       // bytes received so far
    public long Credit;         // pull number or target
    public int Cumulative;      // all before this are received
    public int Base;
    public int Acked;           // the packet that caused it
    public int OutOfOrder;
}

/// <summary>Packets that exist, in arrays that grow and are used again.</summary>
/// <param name="details">Whether <see cref="Packet.Extra"/> is the number of a detail.</param>
sealed class PacketPool(bool details)
{
    int free = -1, freeDetail = -1;

    public Packet[] Packets { get; private set; } = [];

    public PacketDetail[] Details { get; private set; } = [];

    /// <summary>Packets on their way.</summary>
    public int Alive { get; private set; }

    public int Take()
    {
        if (free < 0) Grow();
        var p = free;
        ref var packet = ref Packets[p];
        free = packet.Next;
        packet.Extra = -1;
        Alive++;
        return p;
    }

    public void Free(int packet)
    {
        ref var p = ref Packets[packet];
        if (details && p.Extra >= 0)
        {
            Details[p.Extra].Base = freeDetail;
            freeDetail = p.Extra;
        }
        p.Next = free;
        free = packet;
        Alive--;
    }

    /// <summary>The detail of a packet, which gets one.</summary>
    public ref PacketDetail Detail(int packet)
    {
        ref var p = ref Packets[packet];
        if (p.Extra >= 0) return ref Details[p.Extra];
        if (freeDetail < 0) GrowDetails();
        p.Extra = freeDetail;
        freeDetail = Details[p.Extra].Base;
        return ref Details[p.Extra];
    }

    void Grow()
    {
        var from = Packets.Length;
        var packets = Packets;
        Array.Resize(ref packets, Math.Max(1024, 2 * from));
        Packets = packets;
        for (var p = packets.Length - 1; p >= from; p--)
        {
            packets[p].Next = free;
            free = p;
        }
    }

    void GrowDetails()
    {
        var from = Details.Length;
        var grown = Details;
        Array.Resize(ref grown, Math.Max(256, 2 * from));
        Details = grown;
        for (var d = grown.Length - 1; d >= from; d--)
        {
            grown[d].Base = freeDetail;
            freeDetail = d;
        }
    }
}
