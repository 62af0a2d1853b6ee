// Queues in front of wires, and the cards of hosts.
//
//   on the wire      a packet of s bytes takes s · 8 / R to be sent and d to arrive: it is at the other end at begin + 8 s / R + d
//   one or two events for a wire: its arrival; and, only where another packet waits, the end of its sending
//   late          where nobody looks at a queue but who joins it, packets that wait begin to be sent when somebody next joins, or just before the first of them would
//                 arrive, whichever is sooner, as they would have at their times: one event for as many packets as a wire's latency holds
//   by itself     where nobody looks at queues but who joins, and the next port of a packet is known when it is sent, ports have no events at all (PortInboxes.cs)
//   mark on leaving  when a packet has been sent, q bytes of data wait behind it:  chance (q - from) / (all - from), between 0 and 1
//   full             waiting data + being sent + s > buffer: of the packet and the one that came last before it, one of the two at random is trimmed
//   pause            bytes that came by wire w and wait in this switch, b_w:  b_w > pauseFrom pauses port w after d_w, b_w < resumeBelow lets it go on
//   cut-through      a packet of s bytes with a header of h is at the switch at the other end when its header is: (s - h) / R earlier
//   credits          c_w = room of wire w at first; a packet of data that begins to be sent takes s, and gives it back d_w after it has left the switch
//                    behind; with less than a whole packet nothing is sent: as if paused. A packet that is lost on its wire gives back its own
//   card of a host   control first, but one packet of data in eleven; of flows with something to send, each in turn
//
// Chances are drawn from a generator of each port's own, and simultaneous events come in an order that differs from time to time, whoever made them.
using System.Runtime.CompilerServices;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

sealed partial class PacketNet
{
    const int KindShift = 29;
    const int ControlTurns = 10, DataTurns = 1;
    const int Fraction = 20;
    const double FullShare = 0.5;       // of what may wait in front of a port at all, where only roots mark

    readonly PacketFabric fabric;
    readonly SwitchSettings settings;
    readonly Segments<Packet> packets;
    readonly ulong timeSalt;
    readonly int wires, hosts, header;
    readonly int[] ingressBytes;    // by wire and lane, with pauses and credits
    readonly bool[] pausing;
    readonly long[] toldAt;         // when the newest pause, or its end, arrives
    readonly int pauseFrom, resumeBelow, room;
    readonly bool trims, lossless, credited;
    readonly int largest;           // packet
    readonly int[] credit = [];     // by wire and lane, bytes
    readonly long[] returnAt = [];  // when the newest credit arrives
    readonly Queue<(long At, int Bytes)>[] returns = [];
    readonly ErrorDraws? errors;
    readonly bool cutThrough;
    bool late;                      // ports of switches are served when somebody looks
    int[] nextFlow;                 // in a card's list
    PacketParts parts;
    PacketNet[] all;                // of all parts
    readonly double crowd;          // events at once, about
    readonly long latest;           // of arrivals after the begin of sending

    public PacketNet(PacketFabric fabric, SwitchSettings settings, int flows, int packet, ulong seed, PacketErrors? errors = null, PacketTraffic? traffic = null, bool countLinks = false)
    {
        if (countLinks) Carried = new long[fabric.Wires];
        if (errors is not null) this.errors = new(errors, fabric, seed);
        cutThrough = settings.CutThrough;
        (this.fabric, this.settings) = (fabric, settings);
        (wires, hosts) = (fabric.Wires, fabric.Hosts);
        (Seed, largest) = (seed, packet);
        credited = settings.OnFull == OnFull.Credit;
        lossless = credited || settings.OnFull == OnFull.Pause;
        Pool = new();
        packets = Pool.Packets;
        timeSalt = PacketRandom.Mix(seed, 0x71E);
        header = (int)settings.Header.Bytes;
        trims = settings.OnFull == OnFull.Trim;
        (pauseFrom, resumeBelow) = lossless && !credited ? ((int)settings.PauseFrom!.Value.Bytes, (int)settings.ResumeBelow!.Value.Bytes) : (0, 0);
        room = (int)settings.Buffer.Bytes;
        (lanes, byHops) = (settings.Lanes, settings.ByHops);
        pooled = settings.Shared is not null;
        plain = lanes == 1 && !pooled;
        (laneOfFlow, laneQueues, laneTurn, laneServed, laneFlows, LaneCounts) = MakeLanes(traffic);
        (poolBytes, poolUsed, headroom) = MakePools();
        controlRoom = lossless ? uint.MaxValue : 2 * (uint)settings.Buffer.Bytes;
        (ingressBytes, pausing, toldAt) = lossless ? (new int[wires * lanes], new bool[wires * lanes], new long[wires * lanes]) : ([], [], []);
        if (credited)
        {
            (credit, returnAt, returns) = (new int[wires * lanes], new long[wires * lanes], new Queue<(long At, int Bytes)>[wires * lanes]);
            Array.Fill(credit, room);
            Array.Fill(returnAt, -1);
            for (var k = 0; k < returns.Length; k++) returns[k] = new();
        }
        (Ports, Wires, Cards) = (new Port[wires], new Wire[wires], new HostCard[hosts]);
        var (latest, fastest) = (0L, long.MaxValue);
        for (var w = 0; w < wires; w++)
        {
            ref var wire = ref Wires[w];
            (wire.From, wire.To) = (fabric.From[w], fabric.To[w]);
            // What is sent has left before it arrives.
            wire.Latency = Math.Max(1, SimTime.FromDuration(fabric.Latency[w]).Picoseconds + (wire.To < hosts ? 0 : SimTime.FromDuration(fabric.SwitchLatency).Picoseconds));
            wire.PerByte = (long)Math.Round(8e12 / fabric.Rate[w].BitsPerSecond * (1 << Fraction));
            var queue = fabric.Queue?[w] ?? 1;
            ref var port = ref Ports[w];
            port.Buffer = lossless || wire.From < hosts ? int.MaxValue : pooled ? 0 : Math.Max(packet, (int)(settings.Buffer.Bytes * queue));
            var marks = settings.MarkFrom is not null && wire.From >= hosts && (settings.MarkTowardsHosts || wire.To >= hosts);
            (port.MarkFrom, wire.MarkAll) = marks ? ((int)(settings.MarkFrom!.Value.Bytes * queue), (int)(settings.MarkAll!.Value.Bytes * queue)) : (int.MaxValue, int.MaxValue);
            if (marks && settings.MarkRootsOnly)
            {
                var most = (int)(FullShare * room * (fabric.WiresOf(wire.From).Length - 1));
                (port.MarkFrom, wire.MarkAll) = (Math.Min(port.MarkFrom, most), Math.Min(wire.MarkAll, most));
            }
            wire.AlwaysFree = (byte)(lossless && wire.From >= hosts ? 1 : 0);
            (port.DataHead, port.DataTail, port.ControlHead, port.ControlTail, port.InService) = (-1, -1, -1, -1, -1);
            port.Random = (uint)PacketRandom.Mix(seed, (ulong)w) | 1;
            (port.PerByte, port.Latency) = (wire.PerByte, wire.Latency);
            port.Simple = (byte)(credited || cutThrough || errors is not null || !plain || countLinks || wire.AlwaysFree != 0 ? 0 : 1);
            latest = Math.Max(latest, wire.Latency + Sending(packet, wire.PerByte));
            fastest = Math.Min(fastest, Sending(packet, wire.PerByte));
        }
        FindSpecial();
        for (var h = 0; h < hosts; h++)
        {
            ref var card = ref Cards[h];
            (card.Wires, card.FlowHead, card.FlowTail, card.ControlHead, card.ControlTail) = (fabric.WiresOf(h).Length, -1, -1, -1, -1);
            card.FirstWire = fabric.WiresOf(h)[0];
        }
        (crowd, this.latest) = ((double)hosts * fabric.Diameter * latest / Math.Max(1, fastest), latest);
        nextFlow = new int[flows];
        (parts, all) = (PacketParts.One(fabric), [this]);
    }

    // Another part of the same fabric. What changes while parts are played is of each part's own, for all nodes though it touches its own alone: nothing that one
    // thread writes shares a cache line with what another reads. Wires are shared.
    PacketNet(PacketNet first, int part)
    {
        (fabric, settings, Seed, largest) = (first.fabric, first.settings, first.Seed, first.largest);
        (wires, hosts, header, trims, lossless, credited) = (first.wires, first.hosts, first.header, first.trims, first.lossless, first.credited);
        (pauseFrom, resumeBelow, room, timeSalt) = (first.pauseFrom, first.resumeBelow, first.room, first.timeSalt);
        (ingressBytes, pausing, toldAt, credit, returnAt, nextFlow) = ([.. first.ingressBytes], [.. first.pausing], [.. first.toldAt], [.. first.credit], [.. first.returnAt], [.. first.nextFlow]);
        (Ports, Wires, Cards) = ([.. first.Ports], first.Wires, [.. first.Cards]);
        (lanes, byHops, pooled, plain, laneOfFlow) = (first.lanes, first.byHops, first.pooled, first.plain, first.laneOfFlow);
        returns = new Queue<(long At, int Bytes)>[first.returns.Length];
        for (var w = 0; w < returns.Length; w++) returns[w] = first.parts.Of(Wires[w / lanes].From) == part ? new() : first.returns[w];
        (parts, all, crowd, latest, MayLose) = (first.parts, first.all, first.crowd, first.latest, first.MayLose);
        (errors, cutThrough, Telemetry, controlRoom, Carried) = (first.errors, first.cutThrough, first.Telemetry, first.controlRoom, first.Carried);
        (laneQueues, laneTurn, laneServed, laneFlows, LaneCounts) = (first.laneQueues, first.laneTurn, first.laneServed, first.laneFlows, new LaneCount[first.LaneCounts.Length]);
        (poolBytes, poolUsed, headroom) = (first.poolBytes, first.poolUsed, first.headroom);
        Pool = new();
        packets = Pool.Packets;
    }

    /// <summary>Divides the fabric: the nets of all parts, of which this is the first.</summary>
    public PacketNet[] Divide(PacketParts into)
    {
        if (into.Count == 1) return all;
        (parts, all) = (into, new PacketNet[into.Count]);
        all[0] = this;
        for (var p = 1; p < into.Count; p++) all[p] = new(this, p);
        for (var w = 0; w < wires; w++)
        {
            Wires[w].Foreign = (byte)(into.Of(Wires[w].From) == into.Of(Wires[w].To) ? 0 : 1);
            PortOf(w).End = Wires[w].Foreign == 0 ? WireEnd.Event : WireEnd.Border;
        }
        var borders = Border.Of(all, into);
        for (var p = 0; p < into.Count; p++) (all[p].all, all[p].Border) = (all, borders[p]);
        return all;
    }

    /// <summary>The net of the part of a node.</summary>
    public PacketNet PartOf(int node) => all[parts.Of(node)];

    /// <summary>What a port is now, whosever it is: while nothing is played.</summary>
    public ref Port PortOf(int wire) => ref PartOf(Wires[wire].From).LookAt(wire);

    public long Now { get; set; }

    /// <summary>Where other parts begin; null: there is one part.</summary>
    public Border? Border { get; private set; }

    /// <summary>Nothing happens before this time; the end of the clock when nothing is left to.</summary>
    public long NotBefore() => Border?.NotBefore() ?? NotBeforeHere();

    public ulong Seed { get; }

    public EventRing Events { get; private set; } = null!; // before an engine makes room

    public PacketPool Pool { get; }

    public BlockStore<long> Blocks { get; } = new();

    /// <summary>What senders keep of packets.</summary>
    public BlockStore<uint> Records { get; } = new();

    public Port[] Ports { get; }

    public Wire[] Wires { get; }

    public HostCard[] Cards { get; }

    public PacketFabric Fabric => fabric;

    /// <summary>Triggers that have been pulled and are to be looked at; empty but while they are.</summary>
    public Stack<int> Pulled { get; } = new();

    public bool IsLossless => lossless;

    /// <summary>Whether packets may be lost on wires: by errors, or where wires break.</summary>
    public bool MayLose { get; set; }

    /// <summary>What switches tell packets of their links; null: nothing.</summary>
    public LinkTelemetry? Telemetry { get; set; }

    /// <summary>Whether switches write into the entropies of packets of data, which then have one path.</summary>
    public bool WritesEntropies => byHops || Telemetry is not null;

    /// <summary>Bytes that each wire carried; null: nobody counts.</summary>
    public long[]? Carried { get; }

    /// <summary>Told now and then how many events there were; null: nobody is.</summary>
    public Action<long>? Told { get; set; }

    public int BufferBytes => (int)settings.Buffer.Bytes;

    public PacketCounts Counts;

    public static long Sending(int bytes, long perByte) => ((bytes * perByte) + (1L << (Fraction - 1))) >> Fraction;

    public static EventKind KindOf(int what) => (EventKind)((uint)what >> KindShift);

    public static int NumberOf(int what) => what & ((1 << KindShift) - 1);

    /// <summary>An event of something with a number; of one kind and time there is never more than one of a number.</summary>
    public void At(long time, EventKind kind, int number) =>
        Events.Push(time, EventRing.Tie(timeSalt, time, (uint)number | ((uint)kind << (KindShift - 1))), ((int)kind << KindShift) | number);

    /// <summary>Says whether switches choose wires by their queues; before anything is played.</summary>
    public void QueuesAreRead(bool read) => late = !read && plain && !lossless && !cutThrough && errors is null && Telemetry is null && Carried is null;

    /// <summary>Room for more flows, all of class 0.</summary>
    public void Grow(int flows)
    {
        Array.Resize(ref nextFlow, flows);
        if (!plain && !byHops) Array.Resize(ref laneOfFlow, flows);
    }

    // ---- queues of switches

    /// <summary>A packet stands in front of a wire.</summary>
    public void Enqueue(int port, int packet, ref Packet p)
    {
        ref var q = ref Ports[port];
        if (MayLose && Wires[port].Broken != 0)
        {
            Drop(packet);
            return;
        }
        if (late && q.BusyUntil <= Now && (q.DataHead & q.ControlHead) >= 0) CatchUp(port, ref q);
        if (q.BusyUntil <= Now && ((q.FreePending | q.Paused) == 0 || late) && q.DataHead < 0 && q.ControlHead < 0)
        {
            Serve(port, ref q, packet, ref p);
            return;
        }
        if (!Wait(port, ref q, packet, ref p)) return;
        if (q.FreePending != 0) return;
        if (q.BusyUntil > Now)
        {
            q.FreePending = 1;
            At(late ? LatestFree(ref q) : q.BusyUntil, EventKind.Free, port);
        }
        else if (q.Paused == 0 || p.Has(PacketFlags.Priority) || !plain)
        {
            Next(port, ref q);
        }
    }

    // A packet joins a queue, with its data or without; whether it is still there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool Wait(int port, ref Port q, int packet, ref Packet p)
    {
        var control = p.Has(PacketFlags.Priority);
        if (!control)
        {
            var queued = plain ? q.DataBytes + (q.BusyUntil > Now ? q.ServiceBytes : 0) + p.Size : LaneQueued(port, ref q, ref p);
            if (queued > q.Buffer && (plain || !FitsPool(in Wires[port], queued, p.Size)))
            {
                if (!trims)
                {
                    Drop(packet);
                    return false;
                }
                Trim(port, ref q, ref p, in Wires[port]);
                control = true;
            }
            else
            {
                if (queued > Counts.MostQueued) Counts.MostQueued = queued;
                if (plain) AppendData(ref q, packet, ref p);
                else AppendLane(port, ref q, packet, ref p, queued);
            }
        }
        if (control)
        {
            if ((uint)q.ControlBytes + (uint)p.Size > controlRoom)
            {
                Drop(packet);
                return false;
            }
            p.Next = -1;
            if (q.ControlHead < 0) q.ControlHead = packet;
            else packets[q.ControlTail].Next = packet;
            q.ControlTail = packet;
            q.ControlBytes += p.Size;
        }
        return true;
    }

    // What waits begins to be sent as it would have since the port was looked at last: all that was there then, and nothing else, since nobody has joined.
    void CatchUp(int port, ref Port q)
    {
        while (q.BusyUntil <= Now)
        {
            if (q.ServiceBytes > 0 && q.DataBytes > q.MarkFrom) Mark(port, ref q, in Wires[port]);
            int packet;
            ref var p = ref Unsafe.NullRef<Packet>();
            if (q.ControlHead >= 0)
            {
                p = ref TakeFirst(ref q.ControlHead, ref q.ControlBytes, out packet);
            }
            else if (q.DataHead >= 0)
            {
                p = ref TakeFirst(ref q.DataHead, ref q.DataBytes, out packet);
            }
            else
            {
                return;
            }
            q.BusyUntil += Sending(p.Size, q.PerByte);
            q.InService = packet;
            q.ServiceBytes = p.Has(PacketFlags.Priority) ? 0 : p.Size;
            p.Wire = port;
            Depart(q.BusyUntil + q.Latency, port, ref q, packet, ref p);
        }
    }

    // The first packet of a queue, which has one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ref Packet TakeFirst(scoped ref int head, scoped ref int bytes, scoped out int packet)
    {
        packet = head;
        ref var p = ref packets[packet];
        head = p.Next;
        bytes -= p.Size;
        return ref p;
    }

    /// <summary>A port as it is now.</summary>
    public ref Port LookAt(int port)
    {
        ref var q = ref Ports[port];
        if (late && Wires[port].From >= hosts && q.BusyUntil <= Now && (q.DataHead & q.ControlHead) >= 0) CatchUp(port, ref q);
        return ref q;
    }

    // Just before the next packet, were it the shortest, would arrive at the other end, and the one that is being sent does; what goes to another part can't be late.
    static long LatestFree(ref Port q) => q.End != WireEnd.Border ? q.BusyUntil + q.Latency - 1 : q.BusyUntil;

    void AppendData(ref Port q, int packet, ref Packet p)
    {
        p.Next = -1;
        if (q.DataHead < 0) q.DataHead = packet;
        else packets[q.DataTail].Next = packet;
        q.DataTail = packet;
        q.DataBytes += p.Size;
    }

    // The packet that came, or the last that waits, loses its data; afterwards it is the one of the given number.
    void Trim(int port, ref Port q, ref Packet p, in Wire wire)
    {
        var tail = plain ? q.DataHead >= 0 ? q.DataTail : -1 : LaneTail(port, ref p);
        if (tail >= 0 && (Draw(ref q.Random) & 1) == 0)
        {
            ref var last = ref packets[tail];
            q.DataBytes += p.Size - last.Size;
            if (!plain) Shorten(port, in wire, ref p, last.Size - p.Size);
            (last, p) = (p, last);
            last.Next = -1;
        }
        p.Size = (ushort)header;
        p.Flags |= PacketFlags.Trimmed | (wire.To < hosts ? PacketFlags.LastHop : 0);
        Counts.Trims++;
        if (!plain) LaneCounts[LaneOf(ref p)].Trims++;
    }

    /// <summary>A packet is lost where it is.</summary>
    public void Drop(int packet)
    {
        Counts.Drops++;
        if (!plain) LaneCounts[LaneOf(ref packets[packet])].Drops++;
        if (lossless && !packets[packet].Has(PacketFlags.Detailed)) Left(ref packets[packet]);
        Pool.Free(packet);
    }

    /// <summary>A wire has a share of its rate from now on; with none, what waits for it is lost.</summary>
    public void Change(int wire, double share)
    {
        LookAt(wire);
        Wires[wire].Broken = (byte)(share == 0 ? 1 : 0);
        if (share > 0)
        {
            Ports[wire].PerByte = Wires[wire].PerByte = (long)Math.Round(8e12 / (fabric.Rate[wire].BitsPerSecond * share) * (1 << Fraction));
            FindSpecial();
            return;
        }
        ref var q = ref Ports[wire];
        if (plain) DropAll(q.DataHead);
        else DropLanes(wire);
        DropAll(q.ControlHead);
        (q.DataHead, q.DataTail, q.ControlHead, q.ControlTail, q.DataBytes, q.ControlBytes) = (-1, -1, -1, -1, 0, 0);
    }

    void DropAll(int head)
    {
        for (var packet = head; packet >= 0;)
        {
            var next = packets[packet].Next;
            Drop(packet);
            packet = next;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Serve(int port, ref Port q, int packet, ref Packet p)
    {
        var done = Now + Sending(p.Size, q.PerByte);
        q.BusyUntil = done;
        q.InService = packet;
        q.ServiceBytes = p.Has(PacketFlags.Priority) ? 0 : p.Size;
        p.Wire = port;
        if (q.Simple == 0) ServeSpecially(port, ref q, packet, ref p, done);
        else Depart(done + q.Latency, port, ref q, packet, ref p);
    }

    // A packet that is being sent will arrive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Depart(long arrival, int wire, ref Port q, int packet, ref Packet p)
    {
        if (q.End == WireEnd.Port && Inboxes!.Put(arrival, wire, packet, ref p)) return;
        if (q.End == WireEnd.Border) Border!.Leave(arrival, packet);
        else Events.PushArrival(arrival, packet, ref p);
    }

    // Where a wire has errors or cuts through, takes credits, is counted, or somebody is told when it is free.
    void ServeSpecially(int port, ref Port q, int packet, ref Packet p, long done)
    {
        ref var wire = ref Wires[port];
        if (Carried is not null) Carried[port] += p.Size;
        if (credited && wire.To >= hosts && q.ServiceBytes > 0) Spend(port, ref q, ref p);
        var arrival = done + wire.Latency;
        if (wire.Special != WireSpecial.No)
        {
            if (!plain && q.ServiceBytes > 0) laneServed[port] = (byte)LaneOf(ref p);
            arrival = Special(port, in wire, ref q, ref p);
            done = q.BusyUntil;
        }
        Depart(arrival, port, ref q, packet, ref p);
        if (wire.AlwaysFree == 0) return;
        if (Telemetry is not null && q.ServiceBytes > 0) Telemetry.See(port, Now, q.DataBytes, done - Now, wire.PerByte / (double)(1 << Fraction), ref p);
        q.FreePending = 1;
        At(done, EventKind.Free, port);
    }

    // Errors make the wire busy for longer, or spoil the packet; a switch that cuts through has it when its header is there.
    long Special(int port, in Wire wire, ref Port q, ref Packet p)
    {
        var sending = q.BusyUntil - Now;
        while (errors is not null && errors.Spoils(port, p.Size))
        {
            Counts.Spoiled++;
            if (!errors.Retries)
            {
                p.Flags |= PacketFlags.Spoiled;
                break;
            }
            Counts.Retries++;
            q.BusyUntil += errors.TurnOf(port) + sending;
        }
        var arrival = q.BusyUntil + wire.Latency;
        if (!cutThrough) return arrival;
        if (wire.From >= hosts && q.ServiceBytes > 0)
        {
            if (q.DataBytes > q.MarkFrom) Mark(port, ref q, in wire);
            if (lossless) Left(ref p);
        }
        return wire.Special == WireSpecial.CutThrough && p.Size > header ? arrival - Sending(p.Size - header, wire.PerByte) : arrival;
    }

    // Which wires have errors, or end at a switch that never sends faster than they do, and so may begin before it has all of a packet.
    void FindSpecial()
    {
        if (errors is null && !cutThrough && plain) return;
        for (var w = 0; w < wires; w++)
        {
            ref var wire = ref Wires[w];
            wire.Special = cutThrough && wire.To >= hosts ? WireSpecial.CutThrough : WireSpecial.Errors;
            if (wire.Special != WireSpecial.CutThrough) continue;
            foreach (var on in fabric.WiresOf(wire.To))
                if (Wires[on].PerByte < wire.PerByte) wire.Special = WireSpecial.Errors;
        }
    }

    /// <summary>A packet has been sent by a switch.</summary>
    public void PortFree(int port)
    {
        ref var q = ref Ports[port];
        q.FreePending = 0;
        if (late)
        {
            if (q.BusyUntil <= Now) CatchUp(port, ref q);
            if ((q.DataHead & q.ControlHead) < 0) return;
            q.FreePending = 1;
            At(LatestFree(ref q), EventKind.Free, port);
            return;
        }
        if (q.ServiceBytes > 0 && !cutThrough)
        {
            if (q.DataBytes > q.MarkFrom) Mark(port, ref q, in Wires[port]);
            if (lossless) Left(ref packets[q.InService]);
        }
        Next(port, ref q);
    }

    // The next packet begins to be sent, if one waits and may.
    void Next(int port, ref Port q)
    {
        int packet;
        ref var p = ref Unsafe.NullRef<Packet>();
        if (q.ControlHead >= 0)
        {
            p = ref TakeFirst(ref q.ControlHead, ref q.ControlBytes, out packet);
        }
        else if (!plain)
        {
            if (!TakeLane(port, ref q, out packet)) return;
            p = ref packets[packet];
        }
        else if (q.DataHead >= 0 && q.Paused == 0)
        {
            p = ref TakeFirst(ref q.DataHead, ref q.DataBytes, out packet);
        }
        else
        {
            return;
        }
        Serve(port, ref q, packet, ref p);
        if (q.FreePending == 0 && (q.DataHead >= 0 || q.ControlHead >= 0))
        {
            q.FreePending = 1;
            At(q.BusyUntil, EventKind.Free, port);
        }
    }

    void Mark(int port, ref Port q, in Wire wire)
    {
        ref var p = ref packets[q.InService];
        var behind = plain ? q.DataBytes : laneQueues[(port * lanes) + LaneOf(ref p)].Bytes;
        if (behind <= q.MarkFrom) return;
        if (behind <= wire.MarkAll && Draw(ref q.Random) >= (uint)((double)(behind - q.MarkFrom) / (wire.MarkAll - q.MarkFrom) * uint.MaxValue)) return;
        if (credited && settings.MarkRootsOnly && credit[(port * lanes) + (plain ? 0 : LaneOf(ref p))] < largest) return;
        p.Flags |= PacketFlags.Marked;
        Counts.Marks++;
        if (!plain) LaneCounts[LaneOf(ref p)].Marks++;
    }

    public static uint Draw(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state * 0x9E3779BBu;
    }
}
