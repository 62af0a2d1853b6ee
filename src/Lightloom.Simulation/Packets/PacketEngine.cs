// The loop: takes events in order and hands packets on. Transport and path choice are type parameters, so that nothing on the way of a packet is virtual.
using System.Runtime.CompilerServices;
using Lightloom.Simulation.Packets.Balancing;
using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Packets;

/// <summary>A run of some transport and some choice of paths in one part of a fabric.</summary>
interface IPacketEngine
{
    PacketNet Net { get; }

    /// <summary>Plays until nothing is left to happen, a time has passed, somebody stops it, or a flow arrives that somebody waits for, or starts that another net plays.</summary>
    /// <param name="until">The last time that is played.</param>
    /// <param name="whole">The same or a later one, until which nothing comes from elsewhere but flows that start: ports that are played by themselves may be ahead so far.</param>
    /// <param name="stop">Stops it.</param>
    void Play(long until, long whole, CancellationToken stop);

    /// <summary>Takes other routes, as <see cref="PacketFabric.FindRoutes"/> gives them.</summary>
    void Reroute(ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires);

    /// <summary>Room for more flows.</summary>
    void Grow(int flows);

    /// <summary>Bytes of a flow that its receiver, who is in this part, has.</summary>
    long Delivered(int flow);

    /// <summary>The most packets that one switch held for one tree.</summary>
    int MostHeld { get; }
}

sealed class PacketEngine<TTransport, TChoice> : IPacketEngine
    where TTransport : struct, ITransport
    where TChoice : struct, IPathChoice
{
    const int StopEvery = 0xFFFF;

    readonly FlowBook book;
    // Not read-only: each call of theirs would be one to a copy. A copy of a transport is some lines of cache.
#pragma warning disable IDE0044
    TTransport transport;
    TChoice choice;
#pragma warning restore IDE0044
    readonly int hosts;
    readonly int[] to;                     // of wires
    SwitchRoutes routes;

    public PacketEngine(PacketNet net, FlowBook book, TTransport transport, TChoice choice)
    {
        (Net, this.book, this.transport, this.choice) = (net, book, transport, choice);
        net.QueuesAreRead(TChoice.ReadsQueues);
        var fabric = net.Fabric;
        (hosts, to, routes) = (fabric.Hosts, fabric.To, SwitchRoutes.Of(fabric));
        if (TChoice.MakesDetours) choice.Routes(net, routes.Table, routes.Pool);
        if (choice is HashOverPaths blind && !TTransport.ActsInSwitches) net.PlayByPort(blind, routes);
        net.MakeRoom();
    }

    public PacketNet Net { get; }

    public long Delivered(int flow) => transport.Delivered(flow);

    public int MostHeld => TTransport.ActsInSwitches ? transport.MostHeld : 0;

    public void Reroute(ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires)
    {
        routes = routes.With(Net.Fabric, sets, starts, wires);
        if (TChoice.MakesDetours) choice.Routes(Net, routes.Table, routes.Pool);
    }

    public void Grow(int flows)
    {
        Net.Grow(flows);
        book.Grow(flows);
        transport.Grow(flows);
    }

    public void Play(long until, long whole, CancellationToken stop)
    {
        if (Net.Inboxes is { } inboxes) PlayByPort(inboxes, until, whole, stop);
        else PlayEvents(until, stop);
    }

    // Windows one by one: the ports, then what happens at hosts.
    void PlayByPort(PortInboxes inboxes, long until, long whole, CancellationToken stop)
    {
        var net = Net;
        while (PlayEvents(Math.Min(until, inboxes.Done - 1), stop) && inboxes.Done <= until)
        {
            var first = net.NotBeforeHere();
            if (first > until || first == long.MaxValue)
            {
                inboxes.Skip(until);
                return;
            }
            var arrived = inboxes.Arrived;
            inboxes.Play(first, whole);
            var before = net.Counts.Events;
            net.Counts.Events += inboxes.Arrived - arrived;
            if ((before ^ net.Counts.Events) <= StopEvery) continue;
            if (stop.IsCancellationRequested) return;
            net.Told?.Invoke(net.Counts.Events);
        }
    }

    // Whether all was played: nobody halted it.
    bool PlayEvents(long until, CancellationToken stop)
    {
        var net = Net;
        var (events, count) = (net.Events, net.Counts.Events);
        var (halts, all) = (book.Halts, true);
        while (events.TryPop(until, out var time, out var what))
        {
            net.Now = time;
            count++;
            var number = PacketNet.NumberOf(what);
            switch (PacketNet.KindOf(what))
            {
                case EventKind.Arrival:
                    Arrive(number);
                    break;
                case EventKind.Free:
                    if (net.Wires[number].From < hosts) HostFree(number);
                    else net.PortFree(number);
                    break;
                case EventKind.Start:
                    book.Begin[number] = time;
                    transport.Start(net, number);
                    break;
                case EventKind.HostTimer:
                    transport.HostTimer(net, number);
                    break;
                case EventKind.Pause:
                    if (net.Pause(number) is >= 0 and var goesOn) HostFree(goesOn);
                    break;
                case var kind:
                    transport.Timer(net, number, kind);
                    break;
            }
            if (halts is { Count: > 0 })
            {
                all = false;
                break;
            }
            if ((count & StopEvery) == 0)
            {
                all = !stop.IsCancellationRequested;
                if (!all) break;
                net.Told?.Invoke(count);
            }
        }
        net.Counts.Events = count;
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Arrive(int packet)
    {
        var net = Net;
        ref var p = ref net.Pool.Packets[packet];
        var node = to[p.Wire];
        if (net.MayLose && (net.Wires[p.Wire].Broken | (byte)(p.Flags & PacketFlags.Spoiled)) != 0 && !net.PassesOn(in p))
        {
            net.Lose(packet);
            return;
        }
        if (p.Has(PacketFlags.Control)) net.Counts.ControlHops++;
        else net.Counts.DataHops++;
        if (node < hosts)
        {
            transport.Receive(net, packet);
            return;
        }
        if (net.IsLossless && !net.Enter(packet, ref p)) return;
        if (TTransport.ActsInSwitches && transport.TakeInSwitch(net, packet, ref p)) return;
        var port = routes.Next(net, node, ref choice, ref p);
        if (port >= 0) net.Enqueue(port, packet, ref p);
        else net.Drop(packet);
    }

    void HostFree(int wire)
    {
        var net = Net;
        while (true)
        {
            switch (net.Turn(wire, out var flow))
            {
                case CardTurn.Control:
                    net.ServeControl(wire);
                    return;
                case CardTurn.Flow:
                    var packet = transport.Send(net, flow);
                    if (packet < 0) break;
                    net.Send(wire, packet);
                    transport.Sent(net, flow);
                    return;
                default:
                    return;
            }
        }
    }
}
