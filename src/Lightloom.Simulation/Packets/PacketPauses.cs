// How senders of lossless links are held back: pauses, and credits for the room behind a link (PacketNet.cs has the equations), by wire and lane k.
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

sealed partial class PacketNet
{
    /// <summary>A packet came into a lossless switch by a wire. Whether there was room for it.</summary>
    public bool Enter(int packet, ref Packet p)
    {
        if (p.Has(PacketFlags.Priority)) return true;
        var w = p.Wire;
        var k = plain ? w : (w * lanes) + LaneOf(ref p);
        var node = Wires[w].To;
        if (pooled ? poolUsed[node] + p.Size > poolBytes + headroom[node] : ingressBytes[k] + p.Size > room)
        {
            p.Extra = -1;
            Drop(packet);
            return false;
        }
        p.Extra = k;
        ingressBytes[k] += p.Size;
        if (pooled) poolUsed[node] += p.Size;
        if (byHops) Raise(ref p);
        if (credited) return true;
        if (ingressBytes[k] > pauseFrom && !pausing[k] && (!pooled || ingressBytes[k] > settings.Alpha * (poolBytes - poolUsed[node])))
        {
            pausing[k] = true;
            CountPause(k);
            Tell(w, k, 1);
        }
        return true;
    }

    /// <summary>A packet leaves the room that it had in a lossless switch.</summary>
    public void Left(ref Packet p)
    {
        var k = p.Extra;
        if (k < 0) return;
        p.Extra = -1;
        ingressBytes[k] -= p.Size;
        var w = WireOf(k);
        if (pooled) poolUsed[Wires[w].To] -= p.Size;
        if (credited)
        {
            Return(k, p.Size);
            return;
        }
        if (pausing[k] && (ingressBytes[k] < resumeBelow || (pooled && ingressBytes[k] < (settings.Alpha * (poolBytes - poolUsed[Wires[w].To])) - (2 * largest))))
        {
            pausing[k] = false;
            Tell(w, k, 0);
        }
    }

    void CountPause(int k)
    {
        Counts.Pauses++;
        if (!plain) LaneCounts[k % lanes].Pauses++;
    }

    int WireOf(int k) => plain ? k : k / lanes;

    // A packet takes credit of its wire and lane; with less than a whole one left, the lane waits.
    void Spend(int port, ref Port q, ref Packet p)
    {
        var lane = plain ? 0 : LaneOf(ref p);
        var k = (port * lanes) + lane;
        if ((credit[k] -= p.Size) >= largest) return;
        q.Paused |= (byte)(1 << lane);
        CountPause(k);
    }

    /// <summary>A lane of a port is told to pause, or to go on. The port, if it is one of a host that may go on; else -1.</summary>
    public int Pause(int number)
    {
        var k = number >> 1;
        var port = WireOf(k);
        var bit = (byte)(1 << (k - (port * lanes)));
        ref var q = ref Ports[port];
        if (credited)
        {
            for (; returns[k].TryPeek(out var given) && given.At <= Now; returns[k].Dequeue()) credit[k] += given.Bytes;
            if ((q.Paused & bit) == 0 || credit[k] < largest) return -1;
        }
        if ((number & 1) != 0)
        {
            q.Paused |= bit;
            return -1;
        }
        q.Paused &= (byte)~bit;
        if (q.FreePending != 0) return -1;
        if (Wires[port].From < hosts)
        {
            if (q.BusyUntil <= Now) return port;
            Remind(port, ref q);
            return -1;
        }
        if (q.BusyUntil <= Now) Next(port, ref q);
        return -1;
    }

    // The sender of a wire is told to pause, or to go on: one after the other, even where both are decided at the same picosecond.
    void Tell(int wire, int k, int pause)
    {
        var at = Math.Max(Now + Wires[wire].Latency, toldAt[k] + 1);
        toldAt[k] = at;
        var number = (2 * k) + pause;
        if (Wires[wire].Foreign == 0) At(at, EventKind.Pause, number);
        else Border!.Give(Wires[wire].From, at, number);
    }

    void Return(int k, int bytes)
    {
        var wire = WireOf(k);
        var at = Now + Wires[wire].Latency;
        if (Wires[wire].Foreign == 0) Credited(k, at, bytes);
        else Border!.Give(Wires[wire].From, at, k).Bytes = bytes;
    }

    /// <summary>The sender of a wire gets credit for a lane of it at a time.</summary>
    public void Credited(int k, long at, int bytes)
    {
        returns[k].Enqueue((at, bytes));
        if (returnAt[k] == at) return;
        returnAt[k] = at;
        At(at, EventKind.Pause, 2 * k);
    }

    /// <summary>Credits that are neither with their senders nor on their way back.</summary>
    public long CreditsHeld
    {
        get
        {
            var held = 0L;
            for (var k = 0; k < credit.Length; k++)
            {
                var sender = PartOf(Wires[WireOf(k)].From);
                held += room - sender.credit[k] - sender.returns[k].Sum(r => (long)r.Bytes);
            }
            return held;
        }
    }

    /// <summary>Whether what came by a wire goes on: a switch that cuts through doesn't know yet that it is spoiled.</summary>
    public bool PassesOn(in Packet p) => Wires[p.Wire].Special == WireSpecial.CutThrough && Wires[p.Wire].Broken == 0;

    /// <summary>A packet is lost on its wire.</summary>
    public void Lose(int packet)
    {
        ref var p = ref packets[packet];
        if (credited && Wires[p.Wire].To >= hosts && !p.Has(PacketFlags.Priority)) Return(plain ? p.Wire : (p.Wire * lanes) + LaneOf(ref p), p.Size);
        Drop(packet);
    }

    /// <summary>Ports that wait for each other in a circle, as nodes: each is paused by the next one, which holds its data; empty: there is none.</summary>
    public IReadOnlyList<int> WaitingCircle()
    {
        var seen = new int[wires * lanes];
        for (var start = 0; start < seen.Length; start++)
        {
            var walk = new List<int>();
            var k = start;
            while (k >= 0 && IsPaused(k) && seen[k] == 0)
            {
                seen[k] = start + 1;
                walk.Add(k);
                k = HolderOf(k);
            }
            var at = k < 0 ? -1 : walk.IndexOf(k);
            if (at >= 0) return [.. walk.Skip(at).Select(w => Wires[WireOf(w)].From)];
        }
        return [];
    }

    bool IsPaused(int k) => (PortOf(WireOf(k)).Paused >> (k % lanes) & 1) != 0;

    // The paused lane of a port behind a wire in which data that came by that wire and lane wait; -1: none.
    int HolderOf(int k)
    {
        var wire = WireOf(k);
        if (Wires[wire].To < hosts) return -1;
        foreach (var port in fabric.WiresOf(Wires[wire].To))
        {
            var there = PartOf(Wires[port].From).packets;
            for (var lane = 0; lane < lanes; lane++)
            {
                var other = (port * lanes) + lane;
                if (!IsPaused(other)) continue;
                for (var p = plain ? PortOf(port).DataHead : laneQueues[other].Head; p >= 0; p = there[p].Next)
                    if (there[p].Extra == k) return other;
            }
        }
        return -1;
    }
}
