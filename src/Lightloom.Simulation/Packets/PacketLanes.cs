// Several queues of data in front of each wire, and what they share.
//
//   lane             a packet waits in the queue of its lane, of which each has room (a switch's queue, a link's credits, pauses) of its own
//   classes          lane = the class of its flow, 0 before 1 before 2 ...: strict priority, at switches and at cards [IEEE 802.1Q]
//   virtual lanes    lane = switches passed since the first, at most the last lane; they take turns. A packet in lane i waits for lane i + 1 alone, so that lanes never
//                    wait for each other in a circle, whatever the routes, where there are as many as links between switches on the longest way [Guenther,
//                    IEEE Trans. Communications 29(4), 1981; InfiniBand Architecture Specification 1.4, 7.6]
//   shared buffer    all queues of a switch share B bytes: a queue of q may grow while q <= alpha (B - used) [Choudhury and Hahne, IEEE/ACM Trans. Networking 6(2),
//                    1998]; what waits counts. N queues that are full hold alpha B / (1 + N alpha) each. With pauses q is what came by a wire, which is paused
//                    beyond the threshold and beyond what is its own (pauseFrom); what is under way then has room of its own
//
// Worked example: B = 1 MB, alpha = 1: one full queue holds 500 kB, two hold 333 kB each; alpha = 8: 889 kB, and 471 kB.
namespace Lightloom.Simulation.Packets;

/// <summary>A queue of packets of one lane, or a list of flows of one class.</summary>
struct LaneQueue
{
    public int Head, Tail;
    public int Bytes;
}

/// <summary>What was counted of one lane.</summary>
struct LaneCount
{
    public long Marks, Trims, Drops, Pauses;
    public int MostQueued;
}

sealed partial class PacketNet
{
    // Lane l of port p is k = p lanes + l. With several, or a shared buffer, a port's DataHead is -1 where nothing waits and 0 else, and its DataBytes those of all.
    readonly int lanes;
    readonly bool byHops, pooled, plain;   // plain: neither lanes nor a shared buffer
    byte[] laneOfFlow;                  // empty: by hops
    readonly LaneQueue[] laneQueues;    // by port and lane
    readonly byte[] laneTurn;           // of a port whose lanes take turns
    readonly byte[] laneServed;         // of a port: the lane of the data that are or were being sent
    readonly LaneQueue[] laneFlows;     // by host and lane
    readonly uint controlRoom;
    readonly int poolBytes;
    readonly int[] poolUsed;            // by node
    readonly int[] headroom;            // by node: what wires that were paused may still bring

    public LaneCount[] LaneCounts { get; }

    (byte[] OfFlow, LaneQueue[] Queues, byte[] Turn, byte[] Served, LaneQueue[] Flows, LaneCount[] Counts) MakeLanes(PacketTraffic? traffic)
    {
        if (plain) return ([], [], [], [], [], []);
        LaneQueue[] Empty(int count)
        {
            var queues = new LaneQueue[count];
            Array.Fill(queues, new() { Head = -1, Tail = -1 });
            return queues;
        }
        byte[] classes = byHops ? [] : [.. Enumerable.Range(0, traffic!.Count).Select(f => (byte)traffic.ClassOf(f))];
        return (classes, Empty(wires * lanes), new byte[wires], new byte[wires], Empty(hosts * lanes), new LaneCount[lanes]);
    }

    (int Bytes, int[] Used, int[] Headroom) MakePools()
    {
        if (settings.Shared is not { } shared) return (0, [], []);
        var own = new int[fabric.Nodes];
        if (lossless)
            for (var w = 0; w < wires; w++) own[fabric.To[w]] += lanes * (int)(settings.Headroom.Bytes + settings.PauseFrom!.Value.Bytes);
        return ((int)shared.Bytes, new int[fabric.Nodes], own);
    }

    int LaneOfFlow(int flow) => byHops ? 0 : laneOfFlow[flow];

    int LaneOf(ref Packet p) => byHops ? p.Entropy : laneOfFlow[p.Flow];

    // A packet has passed a switch; the wire out of the first one is that of its host's lane.
    void Raise(ref Packet p)
    {
        if (Wires[p.Wire].From >= hosts && p.Entropy < lanes - 1) p.Entropy++;
    }

    bool FitsPool(in Wire wire, int queued, int size) => pooled && queued - size <= settings.Alpha * (poolBytes - poolUsed[wire.From]) && poolUsed[wire.From] + size <= poolBytes;

    int LaneQueued(int port, ref Port q, ref Packet p)
    {
        var lane = LaneOf(ref p);
        var sending = q.BusyUntil > Now && q.ServiceBytes > 0 && laneServed[port] == lane ? q.ServiceBytes : 0;
        return laneQueues[(port * lanes) + lane].Bytes + sending + p.Size;
    }

    int LaneTail(int port, ref Packet p)
    {
        ref var queue = ref laneQueues[(port * lanes) + LaneOf(ref p)];
        return queue.Head >= 0 ? queue.Tail : -1;
    }

    // The last packet of a lane is another one now, which is shorter by so much.
    void Shorten(int port, in Wire wire, ref Packet p, int bytes)
    {
        laneQueues[(port * lanes) + LaneOf(ref p)].Bytes -= bytes;
        if (pooled) poolUsed[wire.From] -= bytes;
    }

    void AppendLane(int port, ref Port q, int packet, ref Packet p, int queued)
    {
        var lane = LaneOf(ref p);
        ref var queue = ref laneQueues[(port * lanes) + lane];
        p.Next = -1;
        if (queue.Head < 0) queue.Head = packet;
        else packets[queue.Tail].Next = packet;
        queue.Tail = packet;
        queue.Bytes += p.Size;
        q.DataBytes += p.Size;
        q.DataHead = 0;
        if (pooled && !lossless) poolUsed[Wires[port].From] += p.Size;
        LaneCounts[lane].MostQueued = Math.Max(LaneCounts[lane].MostQueued, queued);
    }

    // The next packet of the first class that has one and may send, or of the lane whose turn it is.
    bool TakeLane(int port, ref Port q, out int packet)
    {
        packet = -1;
        if (q.DataHead < 0) return false;
        for (var i = 0; i < lanes; i++)
        {
            var lane = byHops ? (laneTurn[port] + i) % lanes : i;
            ref var queue = ref laneQueues[(port * lanes) + lane];
            if (queue.Head < 0 || (q.Paused >> lane & 1) != 0) continue;
            packet = queue.Head;
            ref var p = ref packets[packet];
            queue.Head = p.Next;
            queue.Bytes -= p.Size;
            q.DataBytes -= p.Size;
            if (q.DataBytes == 0) q.DataHead = -1;
            if (pooled && !lossless) poolUsed[Wires[port].From] -= p.Size;
            laneTurn[port] = (byte)((lane + 1) % lanes);
            return true;
        }
        return false;
    }

    void DropLanes(int port)
    {
        for (var lane = 0; lane < lanes; lane++)
        {
            ref var queue = ref laneQueues[(port * lanes) + lane];
            if (pooled && !lossless) poolUsed[Wires[port].From] -= queue.Bytes;
            DropAll(queue.Head);
            queue = new() { Head = -1, Tail = -1 };
        }
    }

    void JoinLane(int host, ref HostCard card, int flow)
    {
        ref var list = ref laneFlows[(host * lanes) + LaneOfFlow(flow)];
        Append(ref list.Head, ref list.Tail, flow);
        card.FlowHead = 0;
    }

    // The first class of which a flow waits at a card and may send; -1: none.
    int FirstLane(int host, byte paused)
    {
        for (var lane = 0; lane < lanes; lane++)
            if (laneFlows[(host * lanes) + lane].Head >= 0 && (paused >> lane & 1) == 0) return lane;
        return -1;
    }
}
