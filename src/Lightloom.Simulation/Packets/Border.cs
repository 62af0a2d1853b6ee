// What goes from one part of a fabric to others (PacketParts.cs): packets that have been sent, and pauses and credits for who sends.
//
//   packet       stays here until it has been sent, since marks and ingress counts are settled then; it is handed over at the end of the round in which that
//                is: before it arrives, because a round is no longer than the latency of any wire between parts
//   mailboxes    one from each part to each other one, in two sets: what is written in one round is read in the next, while the other set is written
//
// What a thread writes often has cache lines of its own: two parts that wrote into the same took 1.7 times the CPU (bench/, packets perm128//2).
using System.Runtime.InteropServices;

namespace Lightloom.Simulation.Packets;

/// <summary>Numbers that share no cache line, nor the pair that is fetched with one, with anything else.</summary>
[StructLayout(LayoutKind.Explicit, Size = 272)]
struct Apart
{
    [FieldOffset(128)]
    public int Count;

    [FieldOffset(136)]
    public long Earliest;
}

/// <summary>A packet that arrives in another part at a time; or a pause, or a credit of some bytes, for a wire.</summary>
struct Crossing
{
    public const int IsPacket = -1;

    public long Time;
    public int Number;      // of a pause; of a wire with credit; or IsPacket
    public int Bytes;       // of credit; 0: it is none
    public Packet Packet;
    public PacketDetail Detail;
}

/// <summary>What one part has for another, in the order in which it was given.</summary>
sealed class Mailbox
{
    Apart own;

    public Segments<Crossing> Items { get; } = new();

    public int Count => own.Count;

    /// <summary>The next one, to be filled in.</summary>
    public ref Crossing Add()
    {
        if (own.Count == Items.Length) Items.Grow();
        return ref Items[own.Count++];
    }

    public void Clear() => own.Count = 0;
}

/// <summary>The border of one part.</summary>
sealed class Border
{
    readonly PacketNet net;
    readonly PacketParts parts;
    readonly int part;
    readonly Mailbox[,,] boxes;     // by set, from, to: of all parts
    readonly Segments<(long Arrival, int Packet)> leaving = new();  // on wires into other parts
    int round;
    Apart own = new() { Earliest = long.MaxValue };                 // how many leave; the earliest that was given in this round

    Border(PacketNet net, PacketParts parts, int part, Mailbox[,,] boxes) => (this.net, this.parts, this.part, this.boxes) = (net, parts, part, boxes);

    /// <summary>The borders of all parts.</summary>
    public static Border[] Of(PacketNet[] nets, PacketParts parts)
    {
        var boxes = new Mailbox[2, nets.Length, nets.Length];
        for (var from = 0; from < nets.Length; from++)
            for (var to = 0; to < nets.Length; to++) (boxes[0, from, to], boxes[1, from, to]) = (new(), new());
        return [.. nets.Select((net, part) => new Border(net, parts, part, boxes))];
    }

    /// <summary>A packet is on a wire into another part.</summary>
    public void Leave(long arrival, int packet)
    {
        if (own.Count == leaving.Length) leaving.Grow();
        leaving[own.Count++] = (arrival, packet);
    }

    /// <summary>Something for the part of a node.</summary>
    public ref Crossing Give(int node, long time, int number)
    {
        own.Earliest = Math.Min(own.Earliest, time);
        ref var given = ref boxes[round & 1, part, parts.Of(node)].Add();
        (given.Time, given.Number, given.Bytes) = (time, number, 0);
        return ref given;
    }

    /// <summary>Takes what others gave in the round before; what is given from now on is of this round.</summary>
    public void Take(int round)
    {
        this.round = round;
        own.Earliest = long.MaxValue;
        for (var from = 0; from < boxes.GetLength(1); from++)
        {
            var box = boxes[(round - 1) & 1, from, part];
            for (var i = 0; i < box.Count; i++)
            {
                ref var given = ref box.Items[i];
                if (given.Number == Crossing.IsPacket) Take(in given);
                else if (given.Bytes > 0) net.Credited(given.Number, given.Time, given.Bytes);
                else net.At(given.Time, EventKind.Pause, given.Number);
            }
            box.Clear();
        }
    }

    void Take(in Crossing given)
    {
        var packet = net.Pool.Take();
        ref var p = ref net.Pool.Packets[packet];
        p = given.Packet;
        if (p.Has(PacketFlags.Detailed))
        {
            p.Flags &= ~PacketFlags.Detailed;
            net.Pool.Detail(packet) = given.Detail;
        }
        net.Arrives(given.Time, packet, ref p);
    }

    /// <summary>Gives away the packets that have been sent before a time: nothing will happen to them here any more.</summary>
    public void HandOver(long before)
    {
        var kept = 0;
        for (var i = 0; i < own.Count; i++)
        {
            var (arrival, packet) = leaving[i];
            ref var p = ref net.Pool.Packets[packet];
            ref readonly var wire = ref net.Wires[p.Wire];
            if (arrival - wire.Latency >= before)
            {
                leaving[kept++] = leaving[i];
                continue;
            }
            ref var given = ref Give(wire.To, arrival, Crossing.IsPacket);
            given.Packet = p;
            if (p.Has(PacketFlags.Detailed)) given.Detail = net.Pool.Detail(packet);
            net.Pool.Free(packet);
        }
        own.Count = kept;
    }

    /// <summary>Nothing happens before this time here, nor in other parts by what was given; what leaves counts as of when it must have been handed over.</summary>
    public long NotBefore()
    {
        var first = Math.Min(net.NotBeforeHere(), own.Earliest);
        for (var i = 0; i < own.Count; i++) first = Math.Min(first, leaving[i].Arrival - parts.Lookahead);
        return first;
    }
}
