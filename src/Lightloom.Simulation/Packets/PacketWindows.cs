// Ports of switches that are played by themselves, window by window (PortInboxes.cs).
using System.Runtime.CompilerServices;
using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Packets;

sealed partial class PacketNet
{
    /// <summary>Packets on wires to switches; null: their arrivals are events.</summary>
    public PortInboxes? Inboxes { get; private set; }

    /// <summary>What the order of simultaneous arrivals is drawn from.</summary>
    public ulong TimeSalt => timeSalt;

    /// <summary>Bytes.</summary>
    public int LargestPacket => largest;

    /// <summary>Plays ports by themselves from now on, before anything is, if only who joins a queue looks at it, nothing changes, and windows are worth it.</summary>
    /// <param name="choice">How switches choose wires.</param>
    /// <param name="routes">Between which wires.</param>
    public void PlayByPort(HashOverPaths choice, in SwitchRoutes routes)
    {
        if (!late || MayLose) return;
        Inboxes = PortInboxes.Of(this, choice, in routes);
        if (Inboxes is null) return;
        for (var w = 0; w < wires; w++)
            if (Wires[w].To >= hosts && Ports[w].End == WireEnd.Event) Ports[w].End = WireEnd.Port;
    }

    /// <summary>Room for events, before any is made: of all hops, or of what happens at hosts alone while ports are a window ahead.</summary>
    public void MakeRoom()
    {
        var ahead = latest + (Inboxes?.Width ?? 0);
        var hops = Inboxes is null ? 1 : fabric.Diameter;
        Events = EventRing.For(crowd / (parts.Count * hops) * ahead / latest, ahead, packets, timeSalt);
    }

    /// <summary>A packet from another part will arrive at the end of its wire.</summary>
    public void Arrives(long time, int packet, ref Packet p)
    {
        if (Inboxes is null || Wires[p.Wire].To < hosts || !Inboxes.Put(time, p.Wire, packet, ref p)) Events.PushArrival(time, packet, ref p);
    }

    /// <summary>Nothing happens in this part before this time, whatever others give; the end of the clock when nothing is left to.</summary>
    public long NotBeforeHere() => Inboxes is null ? Events.NotBefore() : Math.Min(Events.NotBefore(), Inboxes.NotBefore());

    /// <summary>A packet arrives at the switch of a port, and joins its queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Join(int port, ref Port q, int packet, ref Packet p)
    {
        if (p.Has(PacketFlags.Control)) Counts.ControlHops++;
        else Counts.DataHops++;
        if (q.BusyUntil <= Now)
        {
            if ((q.DataHead & q.ControlHead) >= 0) CatchUp(port, ref q);
            if (q.BusyUntil <= Now)
            {
                Serve(port, ref q, packet, ref p);
                return;
            }
        }
        Wait(port, ref q, packet, ref p);
    }

    /// <summary>What waits at a port begins to be sent, as far as it would have by now; whether anything is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ServeUntilNow(int port, ref Port q)
    {
        if ((q.DataHead & q.ControlHead) < 0) return false;
        if (q.BusyUntil <= Now) CatchUp(port, ref q);
        return (q.DataHead & q.ControlHead) >= 0;
    }
}
