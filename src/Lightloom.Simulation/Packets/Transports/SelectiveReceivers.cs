// What the receivers of selective transports do: they keep what comes in any order, and tell what they have.
namespace Lightloom.Simulation.Packets.Transports;

readonly partial struct SelectiveTransport<TWindow, TParameters, TEntropies, TRate>
{
    public void Receive(PacketNet net, int packet)
    {
        switch (net.Pool.Packets[packet].Kind)
        {
            case PacketKind.Ack:
                ReceiveAck(net, packet);
                break;
            case PacketKind.Nack:
                ReceiveNack(net, packet);
                break;
            case PacketKind.Pull:
                ReceivePull(net, packet);
                break;
            case PacketKind.Request:
                ReceiveRequest(net, packet);
                break;
            case PacketKind.Notice:
                ReceiveNotice(net, packet);
                break;
            default:
                ReceiveData(net, packet);
                break;
        }
    }

    void ReceiveRequest(PacketNet net, int packet)
    {
        ref var p = ref net.Pool.Packets[packet];
        ref var r = ref state.Receivers[p.Flow];
        if (r.Complete)
        {
            // Everything is there, and the sender hasn't heard: no packet of it is acknowledged by this one.
            p.Sequence = -1;
            Acknowledge(net, packet, ref r, BaseOf(ref r, 0), false);
            return;
        }
        pacer.Want(net, p.Destination, p.Flow, net.Pool.Detail(packet).Credit, true);
        net.Pool.Free(packet);
    }

    void ReceiveData(PacketNet net, int packet)
    {
        ref var p = ref net.Pool.Packets[packet];
        var (flow, sequence, host) = (p.Flow, p.Sequence, p.Destination);
        ref var r = ref state.Receivers[flow];
        var had = r.Complete || sequence < r.Expected || Has(net, ref r, sequence);
        if (p.Has(PacketFlags.Trimmed))
        {
            if (had)
            {
                Acknowledge(net, packet, ref r, BaseOf(ref r, sequence), false);
                return;
            }
            if (TWindow.Credits) Want(net, host, flow, packet, ref r, true);
            ToControl(ref p, flow, PacketKind.Nack, traffic.Source[flow], PacketFlags.Again | PacketFlags.Marked | PacketFlags.LastHop);
            net.SendControl(host, packet);
            return;
        }
        var marked = p.Has(PacketFlags.Marked);
        if (TWindow.AtRate) Tell(net, packet, marked);
        r.SinceAck += p.Size;
        if (TWindow.Credits) Want(net, host, flow, packet, ref r, false);
        if (had)
        {
            Acknowledge(net, packet, ref r, marked ? sequence : BaseOf(ref r, sequence), marked);
            r.SinceAck = 0;
            return;
        }
        var atOnce = r.Received == 0 || marked || r.SinceAck >= TWindow.AcknowledgeAfter;
        var asked = p.Has(PacketFlags.AckRequest);
        r.Received += p.Size;
        r.Payload += p.Size - HeaderBytes;
        if (asked) atOnce = r.Wanted = true;
        Keep(net, ref r, sequence);
        if (sequence < r.Expected && r.OutOfOrder == 0 && r.Wanted)
        {
            atOnce = true;
            r.Wanted = false;
        }
        if (r.Payload == traffic.Bytes[flow]) Complete(net, host, flow, ref r);
        if (!atOnce)
        {
            net.Pool.Free(packet);
            return;
        }
        r.SinceAck = 0;
        Acknowledge(net, packet, ref r, marked || asked ? sequence : BaseOf(ref r, sequence), marked);
    }

    // A notice of congestion; and where all packets take one path, those that one comes before are lost.
    void Tell(PacketNet net, int packet, bool marked)
    {
        ref var p = ref net.Pool.Packets[packet];
        ref var pace = ref state.Paces[p.Flow];
        if (TRate.Notices && marked && (pace.NoticedAt == 0 || net.Now - pace.NoticedAt >= TRate.NoticeEvery))
        {
            pace.NoticedAt = net.Now;
            Tell(net, in p, PacketKind.Notice, p.Sequence);
        }
        if (facts.Paths != 1) return;
        for (var lost = pace.Beyond; lost < p.Sequence; lost++) Tell(net, in p, PacketKind.Nack, lost);
        pace.Beyond = Math.Max(pace.Beyond, p.Sequence + 1);
    }

    void Tell(PacketNet net, in Packet of, PacketKind kind, int sequence)
    {
        var packet = Control(net, net.Pool.Take(), of.Flow, kind, traffic.Source[of.Flow]);
        ref var p = ref net.Pool.Packets[packet];
        (p.Sequence, p.Entropy) = (sequence, of.Entropy);
        net.SendControl(of.Destination, packet);
    }

    void Want(PacketNet net, int host, int flow, int packet, ref SelectiveReceiver r, bool trimmed)
    {
        if (!TWindow.CreditPerArrival)
        {
            pacer.Want(net, host, flow, pacer.NumberOf(flow, net.Pool.Packets[packet].Extra), trimmed);
            return;
        }
        // Behind a flow's last packet only what was cut or is still missing is to be sent.
        var packets = PacketsOf(flow);
        if (!r.SeenLast || trimmed) pacer.WantOne(net, host, flow);
        r.SeenLast |= net.Pool.Packets[packet].Sequence == packets - 1;
        if (r.SeenLast) pacer.Limit(flow, packets - r.Expected - r.OutOfOrder);
    }

    void Complete(PacketNet net, int host, int flow, ref SelectiveReceiver r)
    {
        r.Complete = true;
        if (r.Words > 0) net.Blocks.Give(r.Block, r.Words);
        r.Words = 0;
        if (TWindow.Credits) pacer.Forget(flow);
        ends.Received(flow);
    }

    // Bits are [Expected .. Expected + 64 Words); the packet is new.
    static void Keep(PacketNet net, ref SelectiveReceiver r, int sequence)
    {
        if (r.Words == 0)
        {
            r.Words = 2;
            r.Block = net.Blocks.Take(2);
        }
        while (sequence - r.Expected >= 64 * r.Words) WidenBitmap(net, ref r);
        var words = net.Blocks.Words;
        if (sequence != r.Expected)
        {
            words[r.Block + ((sequence >> 6) & (r.Words - 1))] |= 1L << sequence;
            r.OutOfOrder++;
            return;
        }
        r.Expected++;
        while (r.OutOfOrder > 0)
        {
            ref var word = ref words[r.Block + ((r.Expected >> 6) & (r.Words - 1))];
            var bit = 1L << r.Expected;
            if ((word & bit) == 0) break;
            word &= ~bit;
            r.OutOfOrder--;
            r.Expected++;
        }
    }

    static void WidenBitmap(PacketNet net, ref SelectiveReceiver r)
    {
        var block = net.Blocks.Take(2 * r.Words);
        var words = net.Blocks.Words;
        for (var i = r.Expected; i < r.Expected + 64 * r.Words; i++)
            if ((words[r.Block + ((i >> 6) & (r.Words - 1))] & (1L << i)) != 0) words[block + ((i >> 6) & (2 * r.Words - 1))] |= 1L << i;
        net.Blocks.Give(r.Block, r.Words);
        (r.Block, r.Words) = (block, 2 * r.Words);
    }

    static bool Has(PacketNet net, ref SelectiveReceiver r, int sequence) =>
        sequence - r.Expected < 64 * r.Words && (net.Blocks.Words[r.Block + ((sequence >> 6) & (r.Words - 1))] & (1L << sequence)) != 0;

    // The bitmap ends at the packet that came, or begins behind all that are known to be received.
    static int BaseOf(ref SelectiveReceiver r, int sequence) => Math.Max(sequence - 63, r.Expected + 1);

    static ulong Bitmap(PacketNet net, ref SelectiveReceiver r, int from)
    {
        if (r.OutOfOrder == 0 || r.Words == 0) return 0;
        var words = net.Blocks.Words;
        var at = from >> 6;
        var shift = from & 63;
        var bits = (ulong)words[r.Block + (at & (r.Words - 1))] >> shift;
        if (shift > 0) bits |= (ulong)words[r.Block + ((at + 1) & (r.Words - 1))] << (64 - shift);
        // What lies before the expected one or beyond the bits that are kept shows others.
        if (from < r.Expected) bits = r.Expected - from >= 64 ? 0 : bits & (ulong.MaxValue << (r.Expected - from));
        var kept = r.Expected + 64 * r.Words - from;
        return kept >= 64 ? bits : kept <= 0 ? 0 : bits & (ulong.MaxValue >> (64 - kept));
    }

    void Acknowledge(PacketNet net, int packet, ref SelectiveReceiver r, int from, bool marked)
    {
        ref var p = ref net.Pool.Packets[packet];
        var host = p.Destination;
        ToControl(ref p, p.Flow, PacketKind.Ack, traffic.Source[p.Flow], PacketFlags.Again);
        if (marked) p.Flags |= PacketFlags.Marked;
        ref var ack = ref net.Pool.Detail(packet);
        ack.Bitmap = Bitmap(net, ref r, from);
        (ack.Base, ack.Cumulative, ack.Received) = (from, r.Expected, r.Received);
        net.SendControl(host, packet);
    }

    static int Control(PacketNet net, int packet, int flow, PacketKind kind, int destination)
    {
        ToControl(ref net.Pool.Packets[packet], flow, kind, destination, PacketFlags.None);
        return packet;
    }

    static void ToControl(ref Packet p, int flow, PacketKind kind, int destination, PacketFlags kept) =>
        (p.Flow, p.Size, p.Kind, p.Destination, p.Flags) = (flow, AckBytes, kind, destination, (p.Flags & (kept | PacketFlags.Detailed)) | PacketFlags.Control);
}
