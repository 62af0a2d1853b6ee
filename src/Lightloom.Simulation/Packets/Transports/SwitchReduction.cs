// Switches that add up what comes from below and copy the result to all, packet by packet: streaming aggregation up a tree and multicast down
// [Graham et al., SHARP, COM-HPC 2016; Graham et al., SHARP streaming-aggregation, ISC 2020; NVLink SHARP does it in one switch]. Trees: PacketSums.cs.
//
//   up          packet k of a tree's stream waits in a slot of each switch until it has come from all n children that send; then the sum goes on up, one packet:
//               u_v(k) = max over children c of a_c(k)        a_c(k)  when it has arrived from c, whole; with cut-through, its header
//   down        what is complete at the root is the result: each switch copies it to every child below which anybody receives
//   result      of a host that sends, also its credit for another packet; who doesn't receive gets a credit of h bytes instead, ahead of data, by the same way
//   window      a host sends packet k when k < c + w, c the number of first packets of the stream of which it has results or credits: that paces a fast child by the slowest
//               one, and a switch never needs more than w slots for a tree [as Sapio et al., SwitchML, NSDI 2021, pool of aggregators]
//   w           the next power of two of T / s + p, unless given: T = sum over the longest way up, and down again, of (s + d), s the time in which a packet is sent, d the wire's
//               latency and that of the switch behind it [Sapio et al., 3.6]; p the packets of a piece (PacketOptions.ReductionChunk), since links that trees and others
//               share keep hosts out of step, by a piece where heads of a domain send theirs one after the other: without, NVLink's switches took 1.7 times as long
//   cards       take turns with other flows at a card of one port; at one of several, of which each has a tree of its own, a host sends when that port is free
//   links       lossless, as the fabric's transport has them (credits, or pauses): packets that wait in slots hold no room of links
//
// Nothing is sent again: a packet that is lost (a link that breaks, bit errors without link retry) is missing for ever, and the run says so. Adding up takes no time of its own.
//
// Worked example: 2 leaves with 2 hosts each below a root, 100 Gb/s, latency 1 us, packets of 4150 B: s = 332 ns, T = 4 (332 ns + 1 us) = 5.328 us: 17 packets; a piece of
// 128 KiB is 33: w = 64. One packet of each host is everybody's after 5.328 us; P packets after (P - 1) 332 ns more.
using System.Numerics;

namespace Lightloom.Simulation.Packets.Transports;

/// <summary>What switches and hosts know of sums. One for each part of a fabric; of switches and hosts elsewhere nothing is known.</summary>
sealed class ReductionState
{
    const int Header = 64, Most = 1 << 20;

    readonly SumTree[] trees;
    readonly TreeSum[] sums;
    readonly IFlowEnds ends;
    readonly PathFacts facts;
    readonly int[] sumOf, memberOf;             // by flow; -1: of none
    readonly int[] follows;                     // by flow: the next one of its member; -1: none
    readonly int[] packets, first;              // by sum: how many, and the first of them in its tree's stream
    readonly int[] window, slots, members;      // by tree: packets, a power of two; where its switches' slots and its members begin
    readonly int[] children;                    // by slot: how many children its packet has come from
    readonly int[] held;                        // by switch of all trees: slots in use
    readonly int[] switches;                    // by tree: where its switches begin
    readonly int[] credit, turn;                // by member of all trees: results and credits without a gap; the flow that sends next, -1: none
    readonly int[] inWindow;                    // by member of all trees: where its window begins
    readonly bool[] come;                       // by place in a window: came before one that is missing
    readonly int[] sent, back;                  // by flow: packets sent, and results or credits that came
    readonly long[] delivered;
    readonly bool[] begun, waits;

    public ReductionState(PacketNet net, PacketTraffic traffic, IFlowEnds ends, in PathFacts facts, PacketOptions options)
    {
        (trees, sums, this.ends, this.facts) = ([.. traffic.Sums!.Trees], [.. traffic.Sums.All], ends, facts);
        (sumOf, memberOf) = traffic.Sums.ByFlow(traffic.Count);
        var payload = facts.Payload;
        packets = [.. sums.Select(s => checked((int)((s.Bytes + payload - 1) / payload)))];
        (sent, back, delivered, begun, waits) = (new int[traffic.Count], new int[traffic.Count], new long[traffic.Count], new bool[traffic.Count], new bool[traffic.Count]);
        (window, slots, members, switches) = (new int[trees.Length], new int[trees.Length], new int[trees.Length], new int[trees.Length]);
        int slot = 0, member = 0, place = 0, node = 0;
        var windows = new List<int>();
        for (var t = 0; t < trees.Length; t++)
        {
            // Trees of another net are played there.
            var own = (trees[t].FirstHost > 0) == traffic.IsBehind;
            (window[t], slots[t], members[t], switches[t]) = (own ? WindowOf(net, trees[t], options) : 1, slot, member, node);
            checked
            {
                if (own) slot += window[t] * trees[t].Switches.Length;
                foreach (var _ in trees[t].Members)
                {
                    windows.Add(place);
                    if (own) place += window[t];
                }
                (member, node) = (member + trees[t].Members.Length, node + trees[t].Switches.Length);
            }
        }
        (children, held, credit, turn, inWindow, come) = (new int[slot], new int[node], new int[member], new int[member], [.. windows], new bool[place]);
        Array.Fill(turn, -1);
        (first, follows) = Streams(traffic.Count);
    }

    /// <summary>The most packets that one switch held for one tree.</summary>
    public int MostHeld { get; private set; }

    public bool Has(int flow) => sumOf[flow] >= 0;

    public long Delivered(int flow) => delivered[flow];

    int WindowOf(PacketNet net, SumTree tree, PacketOptions options)
    {
        if (options.ReductionWindow is { } window) return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Most, window.Bytes / facts.Packet));
        var (longest, slowest) = (0L, 1L);
        foreach (var m in tree.Members)
        {
            var way = Both(m.Wire);
            slowest = Math.Max(slowest, PacketNet.Sending(facts.Packet, net.Wires[m.Wire].PerByte));
            for (var s = m.Switch; tree.Switches[s].Parent >= 0; s = tree.Switches[s].Parent) way += Both(tree.Switches[s].Up[0]);
            longest = Math.Max(longest, way);
        }
        return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Most, ((longest + slowest - 1) / slowest) + Math.Ceiling(options.ReductionChunk.Bytes / facts.Payload)));

        long Both(int up) => One(up) + One(up ^ 1);
        long One(int wire) => net.Wires[wire].Latency + PacketNet.Sending(facts.Packet, net.Wires[wire].PerByte);
    }

    (int[] First, int[] Follows) Streams(int flows)
    {
        var (begins, next) = (new int[sums.Length], new int[flows]);
        var (length, last) = (new int[trees.Length], new int[turn.Length]);
        Array.Fill(next, -1);
        Array.Fill(last, -1);
        for (var s = 0; s < sums.Length; s++)
        {
            var t = sums[s].Tree;
            (begins[s], length[t]) = (length[t], checked(length[t] + packets[s]));
            for (var m = 0; m < sums[s].Flows.Length; m++)
            {
                var (flow, of) = (sums[s].Flows[m], members[t] + m);
                if (!trees[t].Members[m].Sends) continue;
                if (last[of] < 0) turn[of] = flow;
                else next[last[of]] = flow;
                last[of] = flow;
            }
        }
        return (begins, next);
    }

    int SizeOf(int sum, int packet) => packet < packets[sum] - 1 ? facts.Packet : (int)(sums[sum].Bytes - (long)packet * facts.Payload) + Header;

    // ---- hosts

    public void Start(PacketNet net, int flow)
    {
        begun[flow] = true;
        SendWhatMay(net, flow);
    }

    // A card with several ports gives any flow its turn at any of them.
    void SendWhatMay(PacketNet net, int flow)
    {
        ref readonly var member = ref trees[sums[sumOf[flow]].Tree].Members[memberOf[flow]];
        var sender = new Sender(this);
        if (member.OneWire)
        {
            CardTurns.SendWhatMay(sender, net, flow);
            return;
        }
        while (!waits[flow] && sender.May(net, flow))
        {
            if (net.IsIdleFor(member.Wire, flow))
            {
                net.Send(member.Wire, Make(net, flow));
                continue;
            }
            // While it is paused it is looked at again as often as it could send.
            waits[flow] = true;
            ref var port = ref net.Ports[member.Wire];
            var soon = port.Paused != 0 ? PacketNet.Sending(facts.Packet, port.PerByte) : 1;
            net.At(Math.Max(port.BusyUntil, net.Now + soon), EventKind.FlowTimer, flow);
        }
    }

    /// <summary>The port of a flow may be free.</summary>
    public void Timer(PacketNet net, int flow)
    {
        waits[flow] = false;
        SendWhatMay(net, flow);
    }

    public int Send(PacketNet net, int flow) => CardTurns.Send(new Sender(this), net, flow);

    public void Sent(PacketNet net, int flow) => CardTurns.Sent(new Sender(this), net, flow);

    public void Receive(PacketNet net, int packet)
    {
        ref var p = ref net.Pool.Packets[packet];
        var (flow, sequence, isCredit, size) = (p.Flow, p.Sequence, p.Has(PacketFlags.Control), p.Size);
        net.Pool.Free(packet);
        net.Counts.Acks++;
        var sum = sumOf[flow];
        var (tree, member) = (sums[sum].Tree, trees[sums[sum].Tree].Members[memberOf[flow]]);
        if (!begun[flow])
        {
            begun[flow] = true;
            ends.Begun(flow);
        }
        if (!isCredit) delivered[flow] += size - Header;
        if (++back[flow] == packets[sum])
        {
            if (member.Receives) ends.Received(flow);
            ends.Finished(flow);
        }
        if (member.Sends) MaySend(net, members[tree] + memberOf[flow], sequence, window[tree] - 1);
    }

    // The window of a member goes on over all that came without a gap.
    void MaySend(PacketNet net, int member, int sequence, int mask)
    {
        come[inWindow[member] + (sequence & mask)] = true;
        while (come[inWindow[member] + (credit[member] & mask)])
        {
            come[inWindow[member] + (credit[member] & mask)] = false;
            credit[member]++;
        }
        if (turn[member] is >= 0 and var flow) SendWhatMay(net, flow);
    }

    int Make(PacketNet net, int flow)
    {
        var (sum, tree) = (sumOf[flow], sums[sumOf[flow]].Tree);
        var number = sent[flow]++;
        var packet = net.Pool.Take();
        ref var p = ref net.Pool.Packets[packet];
        (p.Flow, p.Sequence, p.Destination, p.Size, p.Kind, p.Entropy) =
            (flow, first[sum] + number, trees[tree].Members[memberOf[flow]].Switch, (ushort)SizeOf(sum, number), PacketKind.Data, 0);
        net.Counts.NewPackets++;
        if (sent[flow] < packets[sum]) return packet;
        turn[members[tree] + memberOf[flow]] = follows[flow];
        ends.Departed(flow);
        // The next one may have begun before.
        if (follows[flow] is >= 0 and var next && begun[next]) Follow(net, next);
        return packet;
    }

    // The port is about to be busy with the packet before.
    void Follow(PacketNet net, int flow)
    {
        ref readonly var member = ref trees[sums[sumOf[flow]].Tree].Members[memberOf[flow]];
        if (member.OneWire)
        {
            CardTurns.Sent(new Sender(this), net, flow);
            return;
        }
        waits[flow] = true;
        net.At(net.Now + 1, EventKind.FlowTimer, flow);
    }

    // ---- switches

    /// <summary>A packet is in a switch.</summary>
    public void TakeInSwitch(PacketNet net, int packet, ref Packet p)
    {
        var sum = sumOf[p.Flow];
        var tree = sums[sum].Tree;
        var number = p.Destination;
        ref readonly var node = ref trees[tree].Switches[number];
        net.Left(ref p);
        if (p.Has(PacketFlags.Spoiled))
        {
            net.Drop(packet);
            return;
        }
        if (p.Kind == PacketKind.Result)
        {
            Down(net, packet, sum, in node);
            return;
        }
        ref var from = ref children[slots[tree] + (number * window[tree]) + (p.Sequence & (window[tree] - 1))];
        ref var holds = ref held[switches[tree] + number];
        if (from++ == 0) MostHeld = Math.Max(MostHeld, ++holds);
        if (from < node.Inputs)
        {
            net.Pool.Free(packet);
            return;
        }
        from = 0;
        holds--;
        if (node.Parent < 0)
        {
            p.Kind = PacketKind.Result;
            Down(net, packet, sum, in node);
            return;
        }
        (p.Destination, p.Flags) = (node.Parent, PacketFlags.None);
        net.Enqueue(node.Up[p.Sequence % node.Up.Length], packet, ref p);
    }

    // The last child has the packet itself, the others have copies.
    void Down(PacketNet net, int packet, int sum, in TreeSwitch node)
    {
        var original = net.Pool.Packets[packet];
        for (var i = 0; i < node.Down.Length; i++)
        {
            ref readonly var branch = ref node.Down[i];
            var copy = i < node.Down.Length - 1 ? net.Pool.Take() : packet;
            ref var p = ref net.Pool.Packets[copy];
            p = original;
            p.Flags = branch.Receives ? PacketFlags.None : PacketFlags.Control;
            if (!branch.Receives) p.Size = Header;
            (p.Extra, p.Destination) = (-1, branch.Switch);
            if (branch.Member >= 0) (p.Flow, p.Destination) = (sums[sum].Flows[branch.Member], trees[sums[sum].Tree].Members[branch.Member].Host);
            net.Enqueue(branch.Wires[p.Sequence % branch.Wires.Length], copy, ref p);
        }
    }

    // What of a sum sends, for turns at cards.
    readonly struct Sender(ReductionState state) : ISendsData
    {
        public int HostOf(int flow) => state.trees[state.sums[state.sumOf[flow]].Tree].Members[state.memberOf[flow]].Host;

        public ref bool Waits(int flow) => ref state.waits[flow];

        public bool May(PacketNet net, int flow)
        {
            var (sum, tree) = (state.sumOf[flow], state.sums[state.sumOf[flow]].Tree);
            var member = state.members[tree] + state.memberOf[flow];
            return state.turn[member] == flow && state.begun[flow] && state.first[sum] + state.sent[flow] < state.credit[member] + state.window[tree];
        }

        public int Make(PacketNet net, int flow) => state.Make(net, flow);
    }
}

/// <summary>A transport, and sums that switches make beside it.</summary>
struct SwitchReduction<TTransport>(TTransport transport, ReductionState sums) : ITransport
    where TTransport : struct, ITransport
{
    TTransport transport = transport;

    public static bool ActsInSwitches => true;

    public readonly int MostHeld => sums.MostHeld;

    public void Start(PacketNet net, int flow)
    {
        if (sums.Has(flow)) sums.Start(net, flow);
        else transport.Start(net, flow);
    }

    public void Receive(PacketNet net, int packet)
    {
        if (sums.Has(net.Pool.Packets[packet].Flow)) sums.Receive(net, packet);
        else transport.Receive(net, packet);
    }

    public readonly bool TakeInSwitch(PacketNet net, int packet, ref Packet p)
    {
        if (!sums.Has(p.Flow)) return false;
        sums.TakeInSwitch(net, packet, ref p);
        return true;
    }

    public int Send(PacketNet net, int flow) => sums.Has(flow) ? sums.Send(net, flow) : transport.Send(net, flow);

    public void Sent(PacketNet net, int flow)
    {
        if (sums.Has(flow)) sums.Sent(net, flow);
        else transport.Sent(net, flow);
    }

    public void Timer(PacketNet net, int flow, EventKind kind)
    {
        if (sums.Has(flow)) sums.Timer(net, flow);
        else transport.Timer(net, flow, kind);
    }

    public void HostTimer(PacketNet net, int host) => transport.HostTimer(net, host);

    public void Grow(int flows) => throw new NotSupportedException("sums are of flows that are known before");

    public long Delivered(int flow) => sums.Has(flow) ? sums.Delivered(flow) : transport.Delivered(flow);
}
