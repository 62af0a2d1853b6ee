// The loop: takes events in order and hands packets on. Transport and path choice are type parameters, so that nothing on the way of a packet is virtual.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets.Balancing;
using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Packets;

/// <summary>A run of some transport and some choice of paths.</summary>
interface IPacketEngine
{
    PacketNet Net { get; }

    /// <summary>Plays until all flows are done, nothing is left to happen, a time has passed, or somebody stops it.</summary>
    void Run(long until, CancellationToken stop);

    /// <summary>The same, once <see cref="Begin"/> has been called, and as often as there is more to play.</summary>
    void Play(long until, CancellationToken stop);

    /// <summary>Watches and changes are planned.</summary>
    void Begin();

    /// <summary>Room for more flows.</summary>
    void Grow(int flows);

    /// <summary>Deadlocks and silence are looked for while flows are under way.</summary>
    void StartWatch();

    /// <summary>Whether nothing was heard for so long that nothing is hoped for.</summary>
    bool IsSilent { get; }

    long Delivered(int flow);

    IReadOnlyList<PacketSample> Samples { get; }
}

/// <summary>What became of flows, and what starts them: shared by engine and transport.</summary>
sealed class FlowBook : IFlowEnds
{
    readonly PacketTraffic traffic;
    readonly PacketNet net;
    readonly TriggerTargets targets, chains; // flows that a trigger starts, and triggers that it pulls
    readonly int[] pulls, next;
    readonly Stack<int> pulled = new();

    public FlowBook(PacketTraffic traffic, PacketNet net)
    {
        (this.traffic, this.net) = (traffic, net);
        (Begin, Sent, Arrived) = (new long[traffic.Count], new long[traffic.Count], new long[traffic.Count]);
        Array.Fill(Begin, -1);
        Array.Fill(Sent, -1);
        Array.Fill(Arrived, -1);
        Left = traffic.Count;
        (targets, chains) = (traffic.Targets(), traffic.Chained());
        next = new int[traffic.Triggers.Count];
        pulls = new int[traffic.Triggers.Count];
        for (var f = 0; f < traffic.Count; f++)
            if (traffic.TriggerOf(f) < 0) net.At(traffic.StartOf(f), EventKind.Start, f);
    }

    /// <summary>When flows began, their senders knew that all had arrived, and all had arrived; -1: not yet.</summary>
    public long[] Begin { get; private set; }

    public long[] Sent { get; private set; }

    public long[] Arrived { get; private set; }

    /// <summary>Flows that have arrived, where somebody waits for them: the run halts at each. Null: nobody does.</summary>
    public List<int>? Waited { get; init; }

    /// <summary>Whether a flow has begun and not ended.</summary>
    public bool Open
    {
        get
        {
            for (var f = 0; f < Begin.Length; f++)
                if (Begin[f] >= 0 && Sent[f] < 0) return true;
            return false;
        }
    }

    /// <summary>Flows whose senders don't know yet.</summary>
    public int Left { get; private set; }

    public void Grow(int flows)
    {
        var (from, times) = (Begin.Length, new[] { Begin, Sent, Arrived });
        foreach (ref var t in times.AsSpan())
        {
            Array.Resize(ref t, flows);
            t.AsSpan(from).Fill(-1);
        }
        (Begin, Sent, Arrived) = (times[0], times[1], times[2]);
    }

    /// <summary>One more flow begins now.</summary>
    public void Add(int flow)
    {
        Left++;
        net.At(net.Now, EventKind.Start, flow);
    }

    public void Departed(int flow) => Pull(traffic.OnDepartedOf(flow));

    public void Finished(int flow)
    {
        if (Sent[flow] >= 0) throw new InvalidOperationException($"flow {flow} finished twice");
        Sent[flow] = net.Now;
        Left--;
        Pull(traffic.OnSentOf(flow));
    }

    public void Received(int flow)
    {
        if (Arrived[flow] >= 0) throw new InvalidOperationException($"flow {flow} arrived twice");
        Arrived[flow] = net.Now;
        Waited?.Add(flow);
        Pull(traffic.OnReceivedOf(flow));
    }

    void Pull(int first)
    {
        if (first < 0) return;
        pulled.Push(first);
        while (pulled.TryPop(out var t))
        {
            pulls[t]++;
            var trigger = traffic.Triggers[t];
            if (trigger.Kind == TriggerKind.MultiShot)
            {
                if (next[t] < targets.Of(t).Length) Begins(targets.Of(t)[next[t]++]);
                continue;
            }
            if (pulls[t] != trigger.Needed) continue;
            foreach (var flow in targets.Of(t)) Begins(flow);
            foreach (var more in chains.Of(t)) pulled.Push(more);
        }
    }

    void Begins(int flow) => net.At(Math.Max(net.Now, traffic.StartOf(flow)), EventKind.Start, flow);
}

sealed class PacketEngine<TTransport, TChoice> : IPacketEngine
    where TTransport : struct, ITransport
    where TChoice : struct, IPathChoice
{
    const int StopEvery = 0xFFFF;
    const double TellEvery = 0.5;           // s
    const long WatchEvery = 10_000_000_000; // ps
    const int SampleNumber = 1 << 27;       // of a watch
    const int MostSilent = 100;             // watches without an acknowledgement, after which nothing is hoped for

    readonly FlowBook book;
    readonly TTransport transport;
    readonly TChoice choice;
    readonly int hosts, classes;
    readonly int[] classOf;
    readonly PacketOptions options;
    readonly List<PacketSample> samples = [];
    PacketCounts sampled;                  // at the last sample
    int[] route, pool;                     // route: ~wire, place in pool (count, wires ...), or 0: the host hangs here, or can't be reached
    long heard;                            // acknowledgements when it was looked last
    int silent;                            // how often there were no new ones
    long watched = -1;                     // data hops when it was looked last
    bool watching;
    long toldAt, told;                     // when progress was told, and events then
    readonly int[] down;                   // the wire to each host with but one; -1: it has several

    public PacketEngine(PacketNet net, FlowBook book, TTransport transport, TChoice choice, PacketOptions options)
    {
        (Net, this.book, this.transport, this.choice, this.options) = (net, book, transport, choice, options);
        var fabric = net.Fabric;
        (hosts, classes) = (fabric.Hosts, fabric.Classes);
        classOf = fabric.ClassOf.ToArray();
        (route, pool) = Tables(fabric.Sets, fabric.Starts, fabric.Pool);
        if (TChoice.MakesDetours) choice.Routes(net, route, pool);
        down = new int[hosts];
        Array.Fill(down, -1);
        var ways = new int[hosts];
        for (var w = 0; w < fabric.Wires; w++)
        {
            if (fabric.To[w] >= hosts) continue;
            down[fabric.To[w]] = ways[fabric.To[w]]++ == 0 ? w : -1;
        }
    }

    public PacketNet Net { get; }

    public IReadOnlyList<PacketSample> Samples => samples;

    public long Delivered(int flow) => transport.Delivered(flow);

    static (int[] Route, int[] Pool) Tables(ReadOnlySpan<int> sets, ReadOnlySpan<int> starts, ReadOnlySpan<int> wires)
    {
        var pool = new List<int> { 0 };
        var place = new int[starts.Length - 1];
        for (var s = 1; s < place.Length; s++)
        {
            var set = wires[starts[s]..starts[s + 1]];
            if (set.Length == 1)
            {
                place[s] = ~set[0];
                continue;
            }
            place[s] = pool.Count;
            pool.Add(set.Length);
            foreach (var w in set) pool.Add(w);
        }
        var route = new int[sets.Length];
        for (var i = 0; i < route.Length; i++) route[i] = sets[i] == 0 ? 0 : place[sets[i]];
        return (route, [.. pool]);
    }

    public void Grow(int flows)
    {
        Net.Grow(flows);
        book.Grow(flows);
        transport.Grow(flows);
    }

    public void Run(long until, CancellationToken stop)
    {
        Begin();
        Play(until, stop);
    }

    public void Begin()
    {
        var net = Net;
        if (book.Waited is null) StartWatch();
        if (options.SampleEvery is not null) net.At(net.Now, EventKind.Watch, SampleNumber);
        for (var i = 0; i < options.Changes.Count; i++) net.At(options.Changes[i].At.Picoseconds, EventKind.Watch, 1 + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Play(long until, CancellationToken stop)
    {
        var net = Net;
        var (events, count) = (net.Events, net.Counts.Events);
        var halts = book.Waited is not null;
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
                case EventKind.Watch:
                    if (number == SampleNumber) Sample();
                    else if (number > 0) Change(number - 1);
                    else Watch();
                    break;
                case var kind:
                    transport.Timer(net, number, kind);
                    break;
            }
            if ((book.Left == 0 && net.Pool.Alive == 0) || silent >= MostSilent) break;
            if (halts && book.Waited!.Count > 0) break;
            if ((count & StopEvery) == 0)
            {
                if (stop.IsCancellationRequested) break;
                if (options.Progress is not null) Tell(count);
            }
        }
        net.Counts.Events = count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Arrive(int packet)
    {
        var net = Net;
        ref var p = ref net.Pool.Packets[packet];
        var node = net.Wires[p.Wire].To;
        if ((net.Wires[p.Wire].Broken | (byte)(p.Flags & PacketFlags.Spoiled)) != 0 && !net.PassesOn(in p))
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
        if (!net.Enter(packet, ref p)) return;
        var port = Route(net, node, ref p);
        if (port >= 0) net.Enqueue(port, packet);
        else net.Drop(packet);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Route(PacketNet net, int node, ref Packet p)
    {
        var to = classOf[p.Destination];
        if (TChoice.MakesDetours) to = choice.Towards(net, node, to, ref p);
        var r = route[node * classes + to];
        if (r < 0) return ~r;
        if (r > 0) return choice.Choose(net, node, r + 1, pool[r], pool, ref p);
        var wire = down[p.Destination];
        return wire >= 0 ? wire : net.Fabric.Direct(node, p.Destination);
    }

    public void StartWatch()
    {
        if (watching || (!Net.IsLossless && options.Changes.Count == 0)) return;
        (watching, watched, heard, silent) = (true, -1, Net.Counts.Acks, 0);
        Net.At(Net.Now + WatchEvery, EventKind.Watch, 0);
    }

    /// <summary>Whether nothing was heard for so long that nothing is hoped for.</summary>
    public bool IsSilent => silent >= MostSilent;

    // Nothing has moved for a while, and ports wait for each other in a circle: it never will again.
    void Watch()
    {
        if (Net.Counts.DataHops == watched && Net.WaitingCircle() is { Count: > 0 } circle)
            throw new InputException($"the fabric is deadlocked after {SimTime.FromPicoseconds(Net.Now).ToDuration()}: switches {string.Join(" -> ", circle)} -> {circle[0]} of {Net.Fabric.Name} " +
                "wait for each other, each paused by the next, whose buffer holds its packets; lossless fabrics need routes without such circles");
        watched = Net.Counts.DataHops;
        // Nobody but those who wait for more flows goes on without any.
        if (book.Waited is not null && book.Left == 0)
        {
            watching = false;
            return;
        }
        silent = Net.Counts.Acks == heard && book.Open ? silent + 1 : 0;
        heard = Net.Counts.Acks;
        Net.At(Net.Now + WatchEvery, EventKind.Watch, 0);
    }

    void Sample()
    {
        var (queued, longest, paused) = (0L, 0, 0);
        for (var w = 0; w < Net.Ports.Length; w++)
        {
            ref var port = ref Net.Ports[w];
            paused += System.Numerics.BitOperations.PopCount(port.Paused);
            queued += port.DataBytes;
            longest = Math.Max(longest, port.DataBytes);
        }
        var c = Net.Counts;
        samples.Add(new(SimTime.FromPicoseconds(Net.Now), DataSize.FromBytes(queued), DataSize.FromBytes(longest), paused, Net.Pool.Alive,
            c.Marks - sampled.Marks, c.Trims - sampled.Trims, c.Drops - sampled.Drops, c.Pauses - sampled.Pauses, c.DataHops - sampled.DataHops));
        sampled = c;
        // Samples alone keep no run alive.
        if (Net.Events.Count > 0) Net.At(Net.Now + SimTime.FromDuration(options.SampleEvery!.Value).Picoseconds, EventKind.Watch, SampleNumber);
    }

    void Tell(long events)
    {
        var passed = Stopwatch.GetElapsedTime(toldAt).TotalSeconds;
        if (passed < TellEvery) return;
        if (toldAt != 0) options.Progress!(new(SimTime.FromPicoseconds(Net.Now), events, (events - told) / passed, book.Left));
        (toldAt, told) = (Stopwatch.GetTimestamp(), events);
    }

    // Wires change, or what changed before is noticed.
    void Change(int number)
    {
        var changes = options.Changes;
        if (number < changes.Count)
        {
            var change = changes[number];
            Net.Change(change.Wire, change.Share);
            if (change.Share is 0 or 1) Net.At(Net.Now + SimTime.FromDuration(options.Notice).Picoseconds, EventKind.Watch, 1 + changes.Count + number);
            return;
        }
        var broken = new bool[Net.Fabric.Wires];
        for (var w = 0; w < broken.Length; w++) broken[w] = Net.Wires[w].Broken != 0;
        var (sets, starts, wires) = Net.Fabric.FindRoutes(broken);
        (route, pool) = Tables(sets, starts, wires);
        if (TChoice.MakesDetours) choice.Routes(Net, route, pool);
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
