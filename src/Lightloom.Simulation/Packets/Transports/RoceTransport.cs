// RoCEv2 over a lossless fabric: packets in order, and again from the first that is missing (go-back-N) [InfiniBand Architecture Specification 1.4,
// annex A17; IEEE 802.1Qbb for the pauses].
//
//   in order          the receiver takes packet e only, acknowledges each, and says once which it waits for when another comes
//   back              the sender goes on from there; after a timeout (PacketSetup) without progress it does so by itself
//   pace              a packet every s / rate, rate by IRate: the line's, DCQCN's, InfiniBand's or HPCC's
//   under way         no limit but HPCC's: what is in the way is paused
//
// Its control packets don't wait behind data and are not paused, as those of a class of their own.
using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Packets.Transports;

sealed class RoceState<TRate, TEntropies>(int flows)
{
    public RoceFlow[] Flows = new RoceFlow[flows];
    public TRate[] Rates = new TRate[flows];
    public TEntropies[] Entropies = new TEntropies[flows];

    public void Grow(int flows)
    {
        Array.Resize(ref Flows, flows);
        Array.Resize(ref Rates, flows);
        Array.Resize(ref Entropies, flows);
    }
}

struct RoceFlow
{
    // sender
    public long NextAt;                 // not before this
    public long TimerAt, ProgressAt;    // 0: no timer
    public long PaceAt;                 // 0: not waiting for its pace
    public int Packets, Next, Acknowledged, Highest;
    public uint Random;
    public bool Waiting, Done;

    // receiver
    public long Delivered;
    public long NoticedAt;              // 0: never
    public int Expected;
    public bool Asked;
}

readonly struct RoceTransport<TRate, TEntropies> : ITransport, ISendsData
    where TRate : struct, IRate
    where TEntropies : struct, IEntropies
{
    const int AckBytes = 64, HeaderBytes = 64;

    readonly PacketTraffic traffic;
    readonly IFlowEnds ends;
    readonly PathFacts facts;
    readonly RoceState<TRate, TEntropies> state;

    public RoceTransport(PacketTraffic traffic, IFlowEnds ends, in PathFacts facts)
    {
        (this.traffic, this.ends, this.facts) = (traffic, ends, facts);
        state = new(traffic.Count);
    }

    public void Grow(int flows) => state.Grow(flows);

    public long Delivered(int flow) => state.Flows[flow].Delivered;

    int PacketsOf(int flow) => checked((int)((traffic.Bytes[flow] + facts.Payload - 1) / facts.Payload));

    int SizeOf(int flow, int sequence) =>
        sequence < state.Flows[flow].Packets - 1 ? facts.Packet : (int)(traffic.Bytes[flow] - (long)sequence * facts.Payload) + HeaderBytes;

    // ---- sender

    public void Start(PacketNet net, int flow)
    {
        ref var f = ref state.Flows[flow];
        f.Random = (uint)PacketRandom.Mix(net.Seed ^ 0xF10, (ulong)flow) | 1;
        f.Packets = PacketsOf(flow);
        state.Rates[flow].Start(in facts, net.Now);
        state.Entropies[flow].Start(facts.Paths, ref f.Random);
        f.ProgressAt = net.Now;
        StartTimer(net, flow, ref f, net.Now + facts.Timeout);
        CardTurns.SendWhatMay(in this, net, flow);
    }

    public int HostOf(int flow) => traffic.Source[flow];

    public ref bool Waits(int flow) => ref state.Flows[flow].Waiting;

    public bool May(PacketNet net, int flow)
    {
        ref var f = ref state.Flows[flow];
        if (f.Done || f.Next >= f.Packets) return false;
        if (TRate.HasWindow && !state.Rates[flow].Allows((f.Next - f.Acknowledged) * (long)facts.Packet)) return false;
        if (f.NextAt <= net.Now) return true;
        if (f.PaceAt != 0) return false;
        f.PaceAt = f.NextAt;
        net.At(f.NextAt, EventKind.SecondTimer, flow);
        return false;
    }

    public int Send(PacketNet net, int flow) => CardTurns.Send(in this, net, flow);

    public void Sent(PacketNet net, int flow) => CardTurns.SendWhatMay(in this, net, flow);

    public int Make(PacketNet net, int flow)
    {
        ref var f = ref state.Flows[flow];
        var sequence = f.Next++;
        var size = SizeOf(flow, sequence);
        var packet = net.Pool.Take();
        ref var p = ref net.Pool.Packets[packet];
        (p.Flow, p.Sequence, p.Destination, p.Size, p.Kind, p.Flags) = (flow, sequence, traffic.Destination[flow], (ushort)size, PacketKind.Data, PacketFlags.None);
        p.Entropy = net.WritesEntropies ? (ushort)0 : state.Entropies[flow].Next(ref f.Random);
        if (sequence < f.Highest)
        {
            net.Counts.AgainPackets++;
        }
        else
        {
            f.Highest = sequence + 1;
            net.Counts.NewPackets++;
            if (f.Highest == f.Packets) ends.Departed(flow);
        }
        f.NextAt = net.Now + state.Rates[flow].Spacing(in facts, size);
        state.Rates[flow].Sent(in facts, size, net.Now);
        return packet;
    }

    void ReceiveAck(PacketNet net, int packet)
    {
        ref var p = ref net.Pool.Packets[packet];
        var (flow, kind, upTo, load) = (p.Flow, p.Kind, p.Sequence, TRate.HasWindow ? LinkTelemetry.Of(in p) : 0);
        net.Pool.Free(packet);
        ref var f = ref state.Flows[flow];
        if (f.Done) return;
        if (kind == PacketKind.Notice)
        {
            state.Rates[flow].Noticed(in facts, net.Now);
            ArmChange(net, flow, ref f);
            return;
        }
        if (upTo > f.Acknowledged)
        {
            f.Acknowledged = upTo;
            f.ProgressAt = net.Now;
        }
        if (kind == PacketKind.Ack)
        {
            net.Counts.Acks++;
        }
        else
        {
            net.Counts.Nacks++;
            f.Next = f.Acknowledged;
        }
        f.Next = Math.Max(f.Next, f.Acknowledged);
        if (TRate.HasWindow) state.Rates[flow].Acknowledged(in facts, load, upTo, f.Next);
        if (f.Acknowledged < f.Packets)
        {
            CardTurns.SendWhatMay(in this, net, flow);
            return;
        }
        f.Done = true;
        ends.Finished(flow);
    }

    // ---- timers: the first for what is lost and for rates that change by themselves, the second for the pace

    static void StartTimer(PacketNet net, int flow, ref RoceFlow f, long at)
    {
        if (f.TimerAt != 0 && f.TimerAt <= at) return;
        f.TimerAt = at;
        net.At(at, EventKind.FlowTimer, flow);
    }

    void ArmChange(PacketNet net, int flow, ref RoceFlow f)
    {
        var next = state.Rates[flow].NextChange;
        if (next != long.MaxValue) StartTimer(net, flow, ref f, next);
    }

    public void Timer(PacketNet net, int flow, EventKind kind)
    {
        ref var f = ref state.Flows[flow];
        if (f.Done) return;
        if (kind == EventKind.SecondTimer)
        {
            f.PaceAt = 0;
            CardTurns.SendWhatMay(in this, net, flow);
            return;
        }
        // Another one, set for an earlier time, has come before.
        if (f.TimerAt != net.Now) return;
        f.TimerAt = 0;
        if (net.Now >= state.Rates[flow].NextChange) state.Rates[flow].Change(in facts, net.Now);
        if (net.Now - f.ProgressAt >= facts.Timeout)
        {
            if (f.Next > f.Acknowledged)
            {
                net.Counts.Timeouts++;
                f.Next = f.Acknowledged;
            }
            f.ProgressAt = net.Now;
        }
        StartTimer(net, flow, ref f, Math.Min(state.Rates[flow].NextChange, f.ProgressAt + facts.Timeout));
        CardTurns.SendWhatMay(in this, net, flow);
    }

    public void HostTimer(PacketNet net, int host)
    {
    }

    // ---- receiver

    public void Receive(PacketNet net, int packet)
    {
        ref var p = ref net.Pool.Packets[packet];
        if (p.Kind != PacketKind.Data)
        {
            ReceiveAck(net, packet);
            return;
        }
        var (flow, host) = (p.Flow, p.Destination);
        ref var f = ref state.Flows[flow];
        if (TRate.Notices && p.Has(PacketFlags.Marked) && (f.NoticedAt == 0 || net.Now - f.NoticedAt >= TRate.NoticeEvery))
        {
            f.NoticedAt = net.Now;
            var notice = net.Pool.Take();
            ToControl(ref net.Pool.Packets[notice], flow, PacketKind.Notice, f.Expected, p.Entropy);
            net.SendControl(host, notice);
            p = ref net.Pool.Packets[packet];
        }
        var kind = PacketKind.Ack;
        if (p.Sequence == f.Expected)
        {
            f.Expected++;
            f.Asked = false;
            f.Delivered += p.Size - HeaderBytes;
            if (f.Expected == PacketsOf(flow)) ends.Received(flow);
        }
        else if (p.Sequence > f.Expected)
        {
            if (f.Asked)
            {
                net.Pool.Free(packet);
                return;
            }
            f.Asked = true;
            kind = PacketKind.Nack;
        }
        ToControl(ref p, flow, kind, f.Expected, p.Entropy);
        net.SendControl(host, packet);
    }

    void ToControl(ref Packet p, int flow, PacketKind kind, int sequence, ushort entropy) =>
        (p.Flow, p.Size, p.Kind, p.Destination, p.Sequence, p.Entropy, p.Flags) = (flow, AckBytes, kind, traffic.Source[flow], sequence, entropy, PacketFlags.Control);
}
