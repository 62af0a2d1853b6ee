// Reliable delivery in any order, as Ultra Ethernet does it [UEC Specification 1.0, packet delivery sublayer: reliable unordered delivery]; how much may be under way
// is the window's business, which path a packet takes the entropies'.
//
//   packets          n = ceil(S / m) of m bytes of payload and a header of h; numbered 0 .. n-1
//   acknowledgement  at once where a packet is marked, asks for it, or is the first; else after 16 KiB. It carries: all before c are received; 64 bits from a base;
//                    bytes received so far; the packet that caused it, whose round trip the sender measures if it was sent once (or twice, and says so)
//   under way        sent - received bytes, by the count in the acknowledgement and not by the bitmap, which may lag behind
//   trim             the header comes through ahead of data; the receiver asks for the packet again at once
//   asks             the last packet, one that fills the window, and what is sent again
//   timeout          the packet that is under way longest, T after it was sent; T = 15 us + the time of six full queues
//
// Credits, where the window wants them (Rccc.cs), are handed out by CreditPacer. Receivers stand in SelectiveReceivers.cs.
//
// Selective repeat of RoCE and InfiniBand, whose cards place packets that come in any order, is the same without a window, at a pace (IRate.cs): marks come back in
// notices of their own, and where all packets of a flow take one path the receiver asks at once for those that are missing before one [Mittal et al., Revisiting
// network support for RDMA, SIGCOMM 2018]; where they take many, a packet that is lost is found by its timeout.
using System.Runtime.CompilerServices;
using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Packets.Transports;

readonly partial struct SelectiveTransport<TWindow, TParameters, TEntropies, TRate> : ITransport, ISendsData
    where TWindow : struct, IWindow<TParameters>
    where TParameters : struct
    where TEntropies : struct, IEntropies
    where TRate : struct, IRate
{
    const int AckBytes = 64, HeaderBytes = 64;
    const long Silence = 10_000_000_000; // ps

    // A record of a packet: when it was sent in 2^unit ps modulo 2^28, how often before, and what it is now. It is under way no longer than a timeout.
    const uint StateMask = 3, UnderWay = 1, SendAgain = 2, SentBefore = 4, SentBeforeMask = 12;
    const int TimeShift = 4, TimeBits = 32 - TimeShift;

    readonly PacketTraffic traffic;
    readonly IFlowEnds ends;
    readonly PathFacts facts;
    readonly TParameters parameters;
    readonly SelectiveState<TWindow, TEntropies, TRate> state;
    readonly CreditPacer pacer;
    readonly int unit;

    public SelectiveTransport(PacketTraffic traffic, IFlowEnds ends, in PathFacts facts, int hosts)
    {
        (this.traffic, this.ends, this.facts) = (traffic, ends, facts);
        parameters = TWindow.For(in facts);
        state = new(traffic.Count, TWindow.AtRate);
        unit = Math.Max(0, 65 - System.Numerics.BitOperations.LeadingZeroCount((ulong)facts.Timeout) - TimeBits);
        pacer = TWindow.Credits ? new(hosts, traffic.Count, TWindow.Rules(in facts), facts.PerByte) : new(0, 0, new() { Quantum = 1, Share = 1 }, facts.PerByte);
    }

    public void Grow(int flows)
    {
        state.Grow(flows);
        if (TWindow.Credits) pacer.Grow(flows);
    }

    public long Delivered(int flow) => state.Receivers[flow].Payload;

    // ---- sender

    public void Start(PacketNet net, int flow)
    {
        ref var s = ref state.Senders[flow];
        var packets = PacketsOf(flow);
        s.Random = (uint)PacketRandom.Mix(net.Seed ^ 0xF10, (ulong)flow) | 1;
        (s.Packets, s.LastSize) = (packets, (int)(traffic.Bytes[flow] - (packets - 1L) * facts.Payload) + HeaderBytes);
        s.Unsent = traffic.Bytes[flow] + (long)packets * HeaderBytes;
        // Twice a window, since the first of them may be late.
        s.Words = WordsFor(Math.Min(packets, 2 * ((facts.FirstWindow > 0 ? facts.FirstWindow : 3 * facts.BandwidthDelay / 2) / facts.Packet + 1)));
        s.Block = net.Records.Take(s.Words);
        s.AgainFrom = int.MaxValue;
        s.Started = true;
        (s.Speculating, s.Credit) = (pacer.Speculates, pacer.MostCredit);
        state.Windows[flow].Start(in parameters);
        state.Entropies[flow].Start(facts.Paths, ref s.Random);
        if (TWindow.AtRate) state.Paces[flow].Rate.Start(in facts, net.Now);
        CardTurns.SendWhatMay(in this, net, flow);
    }

    static int WordsFor(long packets)
    {
        var words = 16;
        while (words < packets) words *= 2;
        return words;
    }

    int PacketsOf(int flow) => checked((int)((traffic.Bytes[flow] + facts.Payload - 1) / facts.Payload));

    int SizeOf(ref SelectiveSender s, int sequence) => sequence < s.Packets - 1 ? facts.Packet : s.LastSize;

    public int HostOf(int flow) => traffic.Source[flow];

    public ref bool Waits(int flow) => ref state.Senders[flow].Waiting;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool May(PacketNet net, int flow)
    {
        ref var s = ref state.Senders[flow];
        if (s.Done) return false;
        int size;
        if (s.Again > 0)
        {
            size = SizeOf(ref s, FirstAgain(net, ref s));
        }
        else
        {
            if (s.Unsent == 0) return false;
            size = (int)Math.Min(s.Unsent, facts.Packet);
        }
        return (!TWindow.Credits || s.Credit > 0) && state.Windows[flow].Allows(s.InFlight + size) && (!TWindow.AtRate || IsTime(net, flow));
    }

    public int Send(PacketNet net, int flow) => CardTurns.Send(in this, net, flow);

    public void Sent(PacketNet net, int flow) => CardTurns.Sent(in this, net, flow);

    public int Make(PacketNet net, int flow)
    {
        ref var s = ref state.Senders[flow];
        var again = s.Again > 0;
        var sequence = again ? FirstAgain(net, ref s) : s.Next;
        var size = SizeOf(ref s, sequence);
        if (TWindow.Credits) s.Credit -= TWindow.CreditPerArrival ? facts.Packet : size;
        s.InFlight += size;
        var flags = PacketFlags.None;
        if (again)
        {
            s.Again--;
            s.AgainBytes -= size;
            s.AgainFrom = sequence + 1;
            flags = PacketFlags.Again | PacketFlags.AckRequest;
            net.Counts.AgainPackets++;
        }
        else
        {
            s.Unsent -= size;
            if (s.Next - s.Cumulative == s.Words) Widen(net, ref s);
            s.Next++;
            if (s.Unsent == 0 || (TWindow.Credits && s.Credit <= 0) || state.Windows[flow].Fills(s.InFlight + size)) flags = PacketFlags.AckRequest;
            net.Counts.NewPackets++;
            if (s.Unsent == 0) ends.Departed(flow);
        }
        ref var record = ref Record(net, ref s, sequence);
        var before = again ? Math.Min(SentBeforeMask, (record & SentBeforeMask) + SentBefore) : 0;
        record = ((uint)(net.Now >> unit) << TimeShift) | before | UnderWay;
        var packet = net.Pool.Take();
        ref var p = ref net.Pool.Packets[packet];
        (p.Flow, p.Sequence, p.Destination, p.Size, p.Kind, p.Flags) = (flow, sequence, traffic.Destination[flow], (ushort)size, PacketKind.Data, flags);
        p.Entropy = TWindow.AtRate && net.WritesEntropies ? (ushort)0 : state.Entropies[flow].Next(ref s.Random);
        if (TWindow.AtRate) Pace(net, flow, size);
        if (TWindow.Credits && !TWindow.CreditPerArrival) p.Extra = (int)Target(net, flow, ref s);
        if (s.TimerAt == 0) StartTimer(net, flow, ref s, net.Now + facts.Timeout);
        return packet;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ref uint Record(PacketNet net, ref SelectiveSender s, int sequence) => ref net.Records.Words[s.Block + (sequence & (s.Words - 1))];

    // Since it was sent, ps.
    long Age(PacketNet net, uint record) => (long)(((uint)(net.Now >> unit) - (record >> TimeShift)) & (uint.MaxValue >> TimeShift)) << unit;

    // Of the packet that caused an acknowledgement or a request, ps; -1 where it isn't certain which of its sendings did.
    long RoundTripOf(PacketNet net, ref SelectiveSender s, in Packet p)
    {
        if (p.Sequence < s.Cumulative) return -1;
        var record = Record(net, ref s, p.Sequence);
        return (record & StateMask) == UnderWay && (record & SentBeforeMask) == (p.Has(PacketFlags.Again) ? SentBefore : 0) ? Age(net, record) : -1;
    }

    // The first packet that is to be sent again; there is one, and none before AgainFrom.
    static int FirstAgain(PacketNet net, ref SelectiveSender s)
    {
        var sequence = Math.Max(s.AgainFrom, s.Cumulative);
        while ((Record(net, ref s, sequence) & StateMask) != SendAgain) sequence++;
        return s.AgainFrom = sequence;
    }

    static void Widen(PacketNet net, ref SelectiveSender s)
    {
        var block = net.Records.Take(2 * s.Words);
        var words = net.Records.Words;
        for (var i = s.Cumulative; i < s.Next; i++) words[block + (i & (2 * s.Words - 1))] = words[s.Block + (i & (s.Words - 1))];
        net.Records.Give(s.Block, s.Words);
        (s.Block, s.Words) = (block, 2 * s.Words);
    }

    // A packet that was under way is to be sent again.
    void QueueAgain(ref SelectiveSender s, int sequence, ref uint record)
    {
        record = (record & ~StateMask) | SendAgain;
        s.InFlight -= SizeOf(ref s, sequence);
        s.AgainBytes += SizeOf(ref s, sequence);
        s.AgainFrom = s.Again++ == 0 ? sequence : Math.Min(s.AgainFrom, sequence);
    }

    // It arrived after all, or arrived at all.
    void Arrived(PacketNet net, ref SelectiveSender s, int sequence)
    {
        ref var record = ref Record(net, ref s, sequence);
        if ((record & StateMask) == SendAgain)
        {
            // The bytes received have counted it; it was no longer under way.
            s.Again--;
            s.AgainBytes -= SizeOf(ref s, sequence);
            s.InFlight += SizeOf(ref s, sequence);
        }
        record = 0;
    }

    void ReceiveAck(PacketNet net, int packet)
    {
        net.Counts.Acks++;
        ref var p = ref net.Pool.Packets[packet];
        ref var ack = ref net.Pool.Detail(packet);
        var flow = p.Flow;
        ref var s = ref state.Senders[flow];
        if (s.Done)
        {
            net.Pool.Free(packet);
            return;
        }
        var bytes = Math.Max(0, ack.Received - s.ReceivedThere);
        s.ReceivedThere += bytes;
        s.InFlight -= bytes;
        var roundTrip = RoundTripOf(net, ref s, in p);
        for (; s.Cumulative < ack.Cumulative; s.Cumulative++) Arrived(net, ref s, s.Cumulative);
        var bitmap = ack.Bitmap;
        while (bitmap != 0)
        {
            var sequence = ack.Base + System.Numerics.BitOperations.TrailingZeroCount(bitmap);
            bitmap &= bitmap - 1;
            if (sequence >= s.Cumulative) Arrived(net, ref s, sequence);
        }
        var marked = p.Has(PacketFlags.Marked);
        state.Entropies[flow].Learn(p.Entropy, marked ? PathFeedback.Marked : PathFeedback.Good, net.Now, ref s.Random);
        state.Windows[flow].Acknowledged(in parameters, new(net.Now, marked, roundTrip, bytes, s.InFlight));
        StopSpeculating(ref s);
        net.Pool.Free(packet);
        if (s.Cumulative == s.Packets) Finish(net, flow, ref s);
        else CardTurns.SendWhatMay(in this, net, flow);
    }

    void ReceiveNack(PacketNet net, int packet)
    {
        net.Counts.Nacks++;
        ref var p = ref net.Pool.Packets[packet];
        var (flow, sequence) = (p.Flow, p.Sequence);
        ref var s = ref state.Senders[flow];
        if (!s.Done && sequence >= s.Cumulative && (Record(net, ref s, sequence) & StateMask) == UnderWay)
        {
            ref var record = ref Record(net, ref s, sequence);
            state.Windows[flow].Trimmed(in parameters, new(net.Now, p.Has(PacketFlags.Marked), RoundTripOf(net, ref s, in p), SizeOf(ref s, sequence), s.InFlight), p.Has(PacketFlags.LastHop));
            QueueAgain(ref s, sequence, ref record);
            StopSpeculating(ref s);
            var feedback = !p.Has(PacketFlags.LastHop) ? PathFeedback.Trimmed : p.Has(PacketFlags.Marked) ? PathFeedback.Marked : PathFeedback.Good;
            state.Entropies[flow].Learn(p.Entropy, feedback, net.Now, ref s.Random);
            CardTurns.SendWhatMay(in this, net, flow);
        }
        net.Pool.Free(packet);
    }

    void Finish(PacketNet net, int flow, ref SelectiveSender s)
    {
        s.Done = true;
        net.Records.Give(s.Block, s.Words);
        ends.Finished(flow);
    }

    static void StartTimer(PacketNet net, int flow, ref SelectiveSender s, long at)
    {
        s.TimerAt = at;
        net.At(at, EventKind.FlowTimer, flow);
    }

    // One timer serves all packets of a flow: when it comes, the earliest that is still under way tells when it comes again.
    public void Timer(PacketNet net, int flow, EventKind kind)
    {
        ref var s = ref state.Senders[flow];
        if (TWindow.AtRate && kind == EventKind.SecondTimer)
        {
            if (!s.Done) GoOn(net, flow);
            return;
        }
        s.TimerAt = 0;
        if (s.Done) return;
        while (true)
        {
            var (first, age) = (-1, -1L);
            for (var i = s.Cumulative; i < s.Next; i++)
            {
                var record = Record(net, ref s, i);
                if ((record & StateMask) != UnderWay || Age(net, record) <= age) continue;
                (first, age) = (i, Age(net, record));
            }
            if (first < 0)
            {
                if (TWindow.CreditPerArrival) AwaitCredit(net, flow, ref s);
                break;
            }
            if (age < facts.Timeout)
            {
                StartTimer(net, flow, ref s, net.Now + facts.Timeout - age);
                break;
            }
            net.Counts.Timeouts++;
            QueueAgain(ref s, first, ref Record(net, ref s, first));
            // No credit comes for what was lost.
            if (TWindow.CreditPerArrival) s.Credit += facts.Packet;
            state.Windows[flow].TimedOut(in parameters, SizeOf(ref s, first));
            state.Entropies[flow].Learn(0, PathFeedback.TimedOut, net.Now, ref s.Random);
            StopSpeculating(ref s);
        }
        if (TWindow.Credits && !TWindow.CreditPerArrival && s.Credit <= 0 && s.Unsent + s.AgainBytes > 0) Request(net, flow, ref s);
        CardTurns.SendWhatMay(in this, net, flow);
    }

    // ---- pace: one timer, for when a packet may go and for rates that change by themselves

    bool IsTime(PacketNet net, int flow)
    {
        ref var pace = ref state.Paces[flow];
        if (pace.NextAt <= net.Now) return true;
        StartPace(net, flow, ref pace, pace.NextAt);
        return false;
    }

    void Pace(PacketNet net, int flow, int size)
    {
        ref var pace = ref state.Paces[flow];
        pace.NextAt = net.Now + pace.Rate.Spacing(in facts, size);
        pace.Rate.Sent(in facts, size, net.Now);
    }

    static void StartPace(PacketNet net, int flow, ref SelectivePace<TRate> pace, long at)
    {
        if (at == long.MaxValue || (pace.TimerAt != 0 && pace.TimerAt <= at)) return;
        pace.TimerAt = at;
        net.At(at, EventKind.SecondTimer, flow);
    }

    void GoOn(PacketNet net, int flow)
    {
        ref var pace = ref state.Paces[flow];
        // Another one, set for an earlier time, has come before.
        if (pace.TimerAt != net.Now) return;
        pace.TimerAt = 0;
        if (net.Now >= pace.Rate.NextChange) pace.Rate.Change(in facts, net.Now);
        StartPace(net, flow, ref pace, pace.Rate.NextChange);
        CardTurns.SendWhatMay(in this, net, flow);
    }

    void ReceiveNotice(PacketNet net, int packet)
    {
        var flow = net.Pool.Packets[packet].Flow;
        net.Pool.Free(packet);
        if (!TWindow.AtRate || state.Senders[flow].Done) return;
        ref var pace = ref state.Paces[flow];
        pace.Rate.Noticed(in facts, net.Now);
        StartPace(net, flow, ref pace, pace.Rate.NextChange);
    }

    // ---- credits

    static void StopSpeculating(ref SelectiveSender s)
    {
        if (!TWindow.Credits || !s.Speculating) return;
        s.Speculating = false;
        s.Credit = Math.Min(s.Credit, 0);
    }

    // Up to where the receiver may give credit: for what is unsent or to be sent again, beyond what there is.
    long Target(PacketNet net, int flow, ref SelectiveSender s)
    {
        var bytes = Math.Min(s.Unsent + s.AgainBytes, pacer.MostCredit) - s.Credit;
        if (s.Speculating && bytes < facts.Packet && s.Unsent > 0) bytes = facts.Packet;
        var waiting = net.WaitingAt(traffic.Source[flow]);
        if (waiting > 1) bytes /= waiting;
        return s.CreditNumber + (bytes + pacer.Quantum - 1) / pacer.Quantum;
    }

    void Request(PacketNet net, int flow, ref SelectiveSender s)
    {
        // The request or its answer may be lost too.
        if (s.TimerAt == 0) StartTimer(net, flow, ref s, net.Now + facts.Timeout);
        if (s.RequestedAt > 0 && net.Now - s.RequestedAt < facts.RoundTrip) return;
        s.RequestedAt = net.Now;
        var packet = Control(net, net.Pool.Take(), flow, PacketKind.Request, traffic.Destination[flow]);
        net.Pool.Detail(packet).Credit = Target(net, flow, ref s);
        net.Pool.Packets[packet].Entropy = state.Entropies[flow].Next(ref s.Random);
        net.SendControl(traffic.Source[flow], packet);
    }

    // Nothing is under way, so that nothing brings a credit but those that its receiver still has in its queue: after a long silence they were lost.
    void AwaitCredit(PacketNet net, int flow, ref SelectiveSender s)
    {
        if (s.Credit > 0 || s.Unsent + s.AgainBytes == 0) return;
        if (s.RequestedAt == 0) s.RequestedAt = net.Now;
        if (net.Now - s.RequestedAt < Silence)
        {
            StartTimer(net, flow, ref s, net.Now + facts.Timeout);
            return;
        }
        (s.RequestedAt, s.Credit) = (0, facts.Packet);
    }

    void ReceivePull(PacketNet net, int packet)
    {
        net.Counts.Pulls++;
        var flow = net.Pool.Packets[packet].Flow;
        ref var s = ref state.Senders[flow];
        var number = net.Pool.Detail(packet).Credit;
        net.Pool.Free(packet);
        if (s.Done) return;
        StopSpeculating(ref s);
        if (TWindow.CreditPerArrival) s.RequestedAt = 0;
        if (number > s.CreditNumber)
        {
            s.Credit = Math.Min(s.Credit + (number - s.CreditNumber) * pacer.Quantum, pacer.MostCredit);
            s.CreditNumber = number;
        }
        CardTurns.SendWhatMay(in this, net, flow);
    }

    public void HostTimer(PacketNet net, int host)
    {
        if (!pacer.Give(net, host, out var flow, out var number)) return;
        var packet = Control(net, net.Pool.Take(), flow, PacketKind.Pull, traffic.Source[flow]);
        net.Pool.Detail(packet).Credit = number;
        net.Pool.Packets[packet].Entropy = pacer.NextEntropy(flow);
        net.SendControl(host, packet);
    }
}
