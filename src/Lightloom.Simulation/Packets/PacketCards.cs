// The cards of hosts: control first, but one packet of data in eleven; of flows with something to send, each in turn (PacketNet.cs).
namespace Lightloom.Simulation.Packets;

sealed partial class PacketNet
{
    /// <summary>A wire of a host on which nothing is being sent, and data may be; -1: none.</summary>
    public int IdleWire(int host, int flow)
    {
        var pauses = plain ? 0xFF : 1 << LaneOfFlow(flow);
        ref var card = ref Cards[host];
        if (card.Wires == 1) return IsIdle(card.FirstWire, pauses) ? card.FirstWire : -1;
        foreach (var w in fabric.WiresOf(host))
            if (IsIdle(w, pauses)) return w;
        return -1;
    }

    /// <summary>Whether nothing is being sent on a wire of a host, and data of a flow may be.</summary>
    public bool IsIdleFor(int wire, int flow) => IsIdle(wire, plain ? 0xFF : 1 << LaneOfFlow(flow));

    bool IsIdle(int wire, int pauses)
    {
        ref var q = ref Ports[wire];
        return q.BusyUntil <= Now && (q.FreePending | (q.Paused & pauses)) == 0;
    }

    /// <summary>A host sends a packet of data over an idle wire.</summary>
    public void Send(int wire, int packet)
    {
        ref var q = ref Ports[wire];
        Serve(wire, ref q, packet, ref packets[packet]);
        Remind(wire, ref q);
    }

    // Who waits at the card is told when the wire is free.
    void Remind(int wire, ref Port q)
    {
        ref var card = ref Cards[Wires[wire].From];
        if (q.FreePending != 0 || (card.FlowHead < 0 && card.ControlHead < 0)) return;
        q.FreePending = 1;
        At(q.BusyUntil, EventKind.Free, wire);
    }

    /// <summary>A host sends a packet that goes before data.</summary>
    public void SendControl(int host, int packet)
    {
        ref var p = ref packets[packet];
        ref var card = ref Cards[host];
        foreach (var w in card.Wires == 1 ? new ReadOnlySpan<int>(in card.FirstWire) : fabric.WiresOf(host))
        {
            ref var q = ref Ports[w];
            if (q.BusyUntil > Now || q.FreePending != 0) continue;
            Serve(w, ref q, packet, ref p);
            Remind(w, ref q);
            return;
        }
        p.Next = -1;
        if (card.ControlHead < 0) card.ControlHead = packet;
        else packets[card.ControlTail].Next = packet;
        card.ControlTail = packet;
        RemindAll(host, in card);
    }

    /// <summary>A flow waits for its turn at its host's card.</summary>
    public void Join(int host, int flow)
    {
        ref var card = ref Cards[host];
        nextFlow[flow] = -1;
        if (plain) Append(ref card.FlowHead, ref card.FlowTail, flow);
        else JoinLane(host, ref card, flow);
        card.Flows++;
        RemindAll(host, in card);
    }

    void Append(ref int head, ref int tail, int flow)
    {
        if (head < 0) head = flow;
        else nextFlow[tail] = flow;
        tail = flow;
    }

    /// <summary>Flows that wait at a card.</summary>
    public int WaitingAt(int host) => Cards[host].Flows;

    void RemindAll(int host, in HostCard card)
    {
        foreach (var w in card.Wires == 1 ? new ReadOnlySpan<int>(in card.FirstWire) : fabric.WiresOf(host))
        {
            ref var q = ref Ports[w];
            if (q.FreePending != 0 || q.BusyUntil <= Now) continue;
            q.FreePending = 1;
            At(q.BusyUntil, EventKind.Free, w);
        }
    }

    /// <summary>What a free wire of a host does next.</summary>
    public CardTurn Turn(int wire, out int flow)
    {
        flow = -1;
        ref var q = ref Ports[wire];
        q.FreePending = 0;
        var host = Wires[wire].From;
        ref var card = ref Cards[host];
        var lane = plain ? 0 : FirstLane(host, q.Paused);
        var data = plain ? card.FlowHead >= 0 && q.Paused == 0 : lane >= 0;
        if (data && card.ControlHead >= 0)
        {
            if (++card.Turn >= ControlTurns + DataTurns) card.Turn = 0;
            data = card.Turn < DataTurns;
        }
        if (!data) return card.ControlHead >= 0 ? CardTurn.Control : CardTurn.None;
        ref var head = ref plain ? ref card.FlowHead : ref laneFlows[(host * lanes) + lane].Head;
        flow = head;
        head = nextFlow[flow];
        if (--card.Flows == 0) card.FlowHead = -1;
        return CardTurn.Flow;
    }

    /// <summary>The first packet that waits to go before data is sent.</summary>
    public void ServeControl(int wire)
    {
        ref var card = ref Cards[Wires[wire].From];
        var packet = card.ControlHead;
        card.ControlHead = packets[packet].Next;
        Send(wire, packet);
    }
}
