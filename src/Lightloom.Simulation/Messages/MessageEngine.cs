// Plays operations of ranks event by event, in whole picoseconds (LogGops.cs has the costs).
//
//   An operation is ready when all that it needs has ended or started. It waits for its turn at its NIC's side, where it sends or a message
//   arrives, and with that for its CPU; both serve in the order in which they were asked. Queues are woken when their NIC or CPU is
//   free, so that an arrival costs a few events however many wait, where a simulator that puts all of them back for each that is served
//   needs as many as there are.
//
// Operations are read from their source when the first of those that they wait for is done, and forgotten when nothing can ask for them any more: what
// is held is what is under way, not the program.
//
// Of events of one time, what has waited for its CPU comes first, then all others in the order in which they were made; of operations that
// become ready together, sends come before receives, and these before calculations.
using System.Globalization;
using System.Runtime.CompilerServices;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Messages;

/// <summary>What a run is asked for.</summary>
public sealed record MessageRunOptions
{
    /// <summary>What messages cost.</summary>
    public LogGops Parameters { get; init; } = new();

    /// <summary>A fabric, whose links stand for L and G; null: these.</summary>
    public MessageNetwork? Network { get; init; }

    /// <summary>Told now and then: how far time went, and operations that have not ended.</summary>
    public Action<SimTime, long>? Progress { get; init; }

    /// <summary>Told when an operation begins: its rank, its place there, what it does and the time; a receive when it is posted, others with the work of their CPU.</summary>
    public Action<int, int, MessageOperation, SimTime>? Began { get; init; }

    /// <summary>Told when it is known when an operation ends: its rank, its place there, what it does, when it began, and when it ends.</summary>
    public Action<int, int, MessageOperation, SimTime, SimTime>? Ended { get; init; }

    /// <summary>Stops it.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>What became of operations.</summary>
public class MessageRun
{
    internal MessageRun(IMessageSource source, MessageEngine engine)
    {
        (Source, Messages, Events, MostHeld, IsComplete) = (source, engine.Messages, engine.Events, engine.MostHeld, engine.Left == 0);
        RankEnds = [.. engine.RankEnds.Select(SimTime.FromPicoseconds)];
        Time = RankEnds.Count == 0 ? default : RankEnds.Max();
    }

    /// <summary>What was played.</summary>
    public IMessageSource Source { get; }

    /// <summary>Whether all operations ended; false where the run was stopped.</summary>
    public bool IsComplete { get; }

    /// <summary>When the last operation ended.</summary>
    public SimTime Time { get; }

    /// <summary>When the last operation of each rank ended.</summary>
    public IReadOnlyList<SimTime> RankEnds { get; }

    /// <summary>Messages that were received.</summary>
    public long Messages { get; }

    /// <summary>Events.</summary>
    public long Events { get; }

    /// <summary>The most operations that were under way at once, which is what the memory of a run goes with.</summary>
    public int MostHeld { get; }
}

/// <summary>What became of a program in memory, operation by operation.</summary>
public sealed class MessageProgramRun : MessageRun
{
    readonly long[] begin, end;

    internal MessageProgramRun(MessageProgram program, MessageEngine engine, long[] begin, long[] end)
        : base(program, engine) => (this.begin, this.end) = (begin, end);

    /// <summary>When an operation began: a receive when it was posted, others with the work of their CPU; null: it hasn't.</summary>
    public SimTime? BeginOf(int operation) => begin[operation] < 0 ? null : SimTime.FromPicoseconds(begin[operation]);

    /// <summary>When an operation ended; null: it hasn't.</summary>
    public SimTime? EndOf(int operation) => end[operation] < 0 ? null : SimTime.FromPicoseconds(end[operation]);
}

/// <summary>Messages between ranks, in LogGOPS on a network without contention.</summary>
public static class MessageSimulation
{
    const int MostNamed = 5;

    /// <summary>Plays a program.</summary>
    /// <exception cref="InputException">Ranks wait for ever: those that do, and for what, are named; or a time passes 106 days.</exception>
    /// <param name="program">The program.</param>
    /// <param name="parameters">What messages cost.</param>
    /// <param name="progress">Told now and then: how far time went, and operations that have not ended.</param>
    /// <param name="stop">Stops it.</param>
    public static MessageProgramRun Run(MessageProgram program, LogGops? parameters = null, Action<SimTime, long>? progress = null, CancellationToken stop = default) =>
        Run(program, parameters, null, progress, stop);

    /// <summary>Plays a program on a fabric, whose links stand for L and G.</summary>
    /// <param name="program">The program.</param>
    /// <param name="parameters">What messages cost their ranks.</param>
    /// <param name="network">The fabric; null: L and G.</param>
    /// <param name="progress">Told now and then: how far time went, and operations that have not ended.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">Ranks wait for ever, can't reach each other, or a time passes 106 days.</exception>
    public static MessageProgramRun Run(MessageProgram program, LogGops? parameters, MessageNetwork? network, Action<SimTime, long>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        var (begin, end) = (new long[program.Count], new long[program.Count]);
        Array.Fill(begin, -1);
        Array.Fill(end, -1);
        var engine = Play(program, new()
        {
            Parameters = parameters ?? new(),
            Network = network,
            Progress = progress,
            Began = (rank, n, _, at) => begin[program.FirstOperation[rank] + n] = at.Picoseconds,
            Ended = (rank, n, _, _, at) => end[program.FirstOperation[rank] + n] = at.Picoseconds,
            Stop = stop,
        });
        return new(program, engine, begin, end);
    }

    /// <summary>Plays operations as their source gives them, in the memory of those under way.</summary>
    /// <param name="source">The operations.</param>
    /// <param name="options">What is asked for; null: LogGOPS as it is usual.</param>
    /// <exception cref="InputException">Ranks wait for ever, can't reach each other, a time passes 106 days, or the source can't be read.</exception>
    public static MessageRun Run(IMessageSource source, MessageRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(source, Play(source, options ?? new()));
    }

    static MessageEngine Play(IMessageSource source, MessageRunOptions options)
    {
        var engine = new MessageEngine(source, options);
        try
        {
            engine.Run(options.Progress, options.Stop);
        }
        catch (OverflowException)
        {
            throw new InputException("a time passes 106 days, the most that whole picoseconds of 64 bits can count; expected smaller messages or parameters");
        }
        return engine.Left > 0 && !options.Stop.IsCancellationRequested ? throw Deadlock(engine) : engine;
    }

    static InputException Deadlock(MessageEngine engine)
    {
        var waiting = engine.Waiting();
        var ranks = waiting.Select(w => w.Rank).Distinct().Count();
        return new(string.Create(CultureInfo.InvariantCulture, $"{engine.Left:N0} operations never end; {waiting.Count:N0} on {ranks:N0} ranks wait for what never comes: ") +
            string.Join("; ", waiting.Take(MostNamed).Select(w => MessageNames.Describe(w.Rank, w.Operation, w.What))) + (waiting.Count > MostNamed ? "; ..." : ""));
    }
}

sealed class MessageEngine
{
    // Items are what waits and happens: an operation, the message of a send where it arrives, and where it leaves for a network, which it does at
    // once. An item is the place of its operation among those under way, times 4, and one of these.
    const int Message = 1, Leaving = 2;

    // An operation under way: it has been read, and something can still ask for it.
    struct Live
    {
        public MessageNode Node;
        public int Rank, Operation;     // Rank -1: the place is free
        public int Missing;             // of what it waits for, what isn't done
        public int Next, NextMessage;   // behind it, and behind its message, where they wait
        public bool Ended;
        public long Ready;              // when what it needed has ended; for a message that nobody expects, when it was processed
        public long Begun;              // -1: it hasn't
    }

    readonly IMessageSource source;
    readonly MessageNetwork? network;
    readonly Action<int, int, MessageOperation, SimTime>? began;
    readonly Action<int, int, MessageOperation, SimTime, SimTime>? ended;
    readonly long latency, overhead, gap, perByte, workPerByte, largestEager;
    readonly int cpus, nics;

    readonly long[] cpuFree;                        // by rank and CPU
    readonly long[] nicFree;                        // by rank and NIC: sending sides, then receiving ones
    readonly bool[] held;                           // whether one that has its turn at a NIC's side waits for its CPU

    // What waits: chains of items from head to tail, of CPUs and behind them of NICs' sides.
    readonly int[] head, tail;

    readonly EventHeap heap = new();
    readonly MatchQueues expected, unexpected;
    readonly bool[] anyPeer, anyTag;                // whether a rank ever asks for such
    readonly List<int> freed = [];

    Live[] live = new Live[1024];
    readonly Stack<int> places = new();             // free ones below used
    int used;
    readonly Dictionary<long, int> partly = [];     // by rank and number: operations of which some, and not all, that they wait for is done
    long now;

    public MessageEngine(IMessageSource source, MessageRunOptions options)
    {
        (this.source, network, began, ended) = (source, options.Network, options.Began, options.Ended);
        (latency, overhead, gap, perByte, workPerByte) = options.Parameters.Picoseconds();
        if (network is not null) (latency, perByte) = (0, 0);
        largestEager = options.Parameters.LargestEager;
        (cpus, nics) = (source.Cpus, source.Nics);
        cpuFree = new long[source.Ranks * cpus];
        nicFree = new long[2 * source.Ranks * nics];
        held = new bool[nicFree.Length];
        (head, tail) = (Minus(cpuFree.Length + nicFree.Length), Minus(cpuFree.Length + nicFree.Length));
        (anyPeer, anyTag) = (new bool[source.Ranks], new bool[source.Ranks]);
        RankEnds = new long[source.Ranks];
        Left = source.Operations;
        (expected, unexpected) = (new(source.Ranks), new(source.Ranks));
        for (var r = 0; r < source.Ranks; r++) (anyPeer[r], anyTag[r]) = (source.TakesAnyPeer(r), source.TakesAnyTag(r));
    }

    public long[] RankEnds { get; }

    public long Left { get; private set; }

    public long Messages { get; private set; }

    public long Events { get; private set; }

    public int MostHeld { get; private set; }

    /// <summary>Operations that began and did not end, by rank and number.</summary>
    public IReadOnlyList<(int Rank, int Operation, MessageOperation What)> Waiting() =>
        [.. live[..used].Where(o => o is { Rank: >= 0, Begun: >= 0, Ended: false }).OrderBy(o => o.Rank).ThenBy(o => o.Operation).Select(o => (o.Rank, o.Operation, o.Node.What))];

    public void Run(Action<SimTime, long>? progress, CancellationToken stop)
    {
        for (var r = 0; r < source.Ranks; r++)
        {
            if (stop.IsCancellationRequested) return;
            foreach (var root in source.RootsOf(r)) freed.Add(Take(r, root));
            Release();
        }
        while (true)
        {
            if (network is not null && network.Next(now, heap.Top, stop) is var next && next <= heap.Top && next < long.MaxValue)
            {
                now = next;
                foreach (var (send, rest) in network.Left(now)) heap.Push(checked(now + rest), (send << 2) | Message);
                if (heap.Top > now) network.Settle(now);
                continue;
            }
            if (heap.Count == 0 || (network is not null && stop.IsCancellationRequested)) return;
            var (time, item) = heap.Pop();
            now = time;
            if ((++Events & 0xFFFF) == 0)
            {
                if (stop.IsCancellationRequested) return;
                progress?.Invoke(SimTime.FromPicoseconds(time), Left);
            }
            if (item < 0)
            {
                if (~item < cpuFree.Length) WakeCpu(~item, time);
                else WakeNic(~item - cpuFree.Length, time);
            }
            else if ((item & 3) == Leaving) Leave(item >> 2, time);
            else Come(item, time);
            if (network is not null && heap.Top > now) network.Settle(now);
        }
    }

    // The place of an operation that is read.
    int Take(int rank, int operation)
    {
        if (!places.TryPop(out var place))
        {
            place = used++;
            if (place == live.Length) Array.Resize(ref live, 2 * place);
            MostHeld = used;
        }
        ref var o = ref live[place];
        o.Node = source.Read(rank, operation);
        (o.Rank, o.Operation, o.Missing, o.Ended, o.Ready, o.Begun) = (rank, operation, o.Node.Needs, false, 0, -1);
        return place;
    }

    // Nothing can ask for it any more.
    void Forget(int place)
    {
        live[place].Rank = -1;
        places.Push(place);
    }

    // A message goes onto the links of the network.
    void Leave(int send, long time)
    {
        ref var o = ref live[send];
        if (network!.Send(send, o.Rank, o.Node.What.Peer, o.Node.What.Size, time) is { } rest) heap.Push(checked(time + rest), (send << 2) | Message);
    }

    // An operation is ready, or a message is there.
    void Come(int item, long time)
    {
        var kind = live[item >> 2].Node.What.Kind;
        if ((item & 3) == 0 && kind != MessageKind.Send)
        {
            if (kind == MessageKind.Receive) Receive(item >> 2, time);
            else ToCpu(item, time);
            return;
        }
        var nic = NicOf(item);
        var queue = cpuFree.Length + nic;
        if (!held[nic] && head[queue] < 0 && nicFree[nic] <= time)
        {
            held[nic] = true;
            ToCpu(item, time);
            return;
        }
        if (head[queue] < 0 && !held[nic]) heap.PushFirst(nicFree[nic], ~queue);
        Append(queue, item);
    }

    void WakeNic(int nic, long time)
    {
        var queue = cpuFree.Length + nic;
        if (nicFree[nic] > time)
        {
            heap.PushFirst(nicFree[nic], ~queue);
            return;
        }
        held[nic] = true;
        ToCpu(RemoveFirst(queue), time);
    }

    void ToCpu(int item, long time)
    {
        var cpu = CpuOf(item);
        if (head[cpu] < 0 && cpuFree[cpu] <= time)
        {
            Serve(item, cpu, time);
            return;
        }
        if (head[cpu] < 0) heap.PushFirst(cpuFree[cpu], ~cpu);
        Append(cpu, item);
    }

    void WakeCpu(int cpu, long time)
    {
        while (head[cpu] >= 0 && cpuFree[cpu] <= time) Serve(RemoveFirst(cpu), cpu, time);
        if (head[cpu] >= 0) heap.PushFirst(cpuFree[cpu], ~cpu);
    }

    void Append(int queue, int item)
    {
        if (head[queue] < 0) head[queue] = item;
        else Next(tail[queue]) = item;
        tail[queue] = item;
        Next(item) = -1;
    }

    int RemoveFirst(int queue)
    {
        var item = head[queue];
        head[queue] = Next(item);
        return item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ref int Next(int item)
    {
        ref var o = ref live[item >> 2];
        return ref (item & 3) == 0 ? ref o.Next : ref o.NextMessage;
    }

    // It has its turn, and the CPU is free.
    void Serve(int item, int cpu, long time)
    {
        var place = item >> 2;
        if ((item & 3) == Message)
        {
            Arrive(place, cpu, NicOf(item), time);
            return;
        }
        var size = live[place].Node.What.Size;
        if (live[place].Node.What.Kind == MessageKind.Calculate)
        {
            Start(place, time);
            cpuFree[cpu] = checked(time + size * 1000);
            Ends(place, cpuFree[cpu]);
            Forget(place);
            return;
        }
        var more = Math.Max(0, size - 1);
        cpuFree[cpu] = checked(time + overhead + more * workPerByte);
        Occupy(NicOf(item), checked(time + gap + more * perByte));
        heap.Push(checked(time + overhead + latency), (place << 2) | (network is null ? Message : Leaving));
        Start(place, time);
        if (size <= largestEager) Ends(place, cpuFree[cpu]);
    }

    void Occupy(int nic, long until)
    {
        nicFree[nic] = until;
        held[nic] = false;
        if (head[cpuFree.Length + nic] >= 0) heap.PushFirst(until, ~(cpuFree.Length + nic));
    }

    void Arrive(int send, int cpu, int nic, long time)
    {
        var (source, what) = (live[send].Rank, live[send].Node.What);
        var (rank, tag) = (what.Peer, what.Tag);
        var more = Math.Max(0, what.Size - 1);
        cpuFree[cpu] = checked(time + overhead + more * Math.Max(workPerByte, perByte));
        Occupy(nic, checked(time + gap + more * perByte));
        Messages++;
        var receive = Match(rank, source, tag);
        if (receive >= 0)
        {
            Matched(send, time);
            Ends(receive, cpuFree[cpu]);
            Forget(receive);
            return;
        }
        live[send].Ready = cpuFree[cpu];
        var order = unexpected.NextOrder();
        var last = unexpected.Add(rank, source, tag, send, order);
        if (!anyPeer[rank] && !anyTag[rank]) return;
        if (anyPeer[rank]) last = unexpected.Add(rank, MessageProgram.Any, tag, send, order, last);
        if (anyTag[rank]) last = unexpected.Add(rank, source, MessageProgram.Any, send, order, last);
        if (anyPeer[rank] && anyTag[rank]) last = unexpected.Add(rank, MessageProgram.Any, MessageProgram.Any, send, order, last);
        unexpected.Hold(order, last);
    }

    // The receive that has waited longest among those that would take the message.
    int Match(int rank, int source, int tag)
    {
        if (!anyPeer[rank] && !anyTag[rank]) return expected.Take(rank, source, tag);
        var (best, peer, with) = (expected.First(rank, source, tag), source, tag);
        if (anyPeer[rank] && expected.First(rank, MessageProgram.Any, tag) is var a && a < best) (best, peer, with) = (a, MessageProgram.Any, tag);
        if (anyTag[rank] && expected.First(rank, source, MessageProgram.Any) is var b && b < best) (best, peer, with) = (b, source, MessageProgram.Any);
        if (anyPeer[rank] && anyTag[rank] && expected.First(rank, MessageProgram.Any, MessageProgram.Any) is var c && c < best)
            (best, peer, with) = (c, MessageProgram.Any, MessageProgram.Any);
        return best == long.MaxValue ? -1 : expected.Take(rank, peer, with);
    }

    void Receive(int place, long time)
    {
        Start(place, time);
        var (rank, peer, tag) = (live[place].Rank, live[place].Node.What.Peer, live[place].Node.What.Tag);
        var send = unexpected.Take(rank, peer, tag);
        if (send < 0)
        {
            expected.Add(rank, peer, tag, place, expected.NextOrder());
            return;
        }
        var processed = live[send].Ready;
        Matched(send, time);
        Ends(place, Math.Max(time, processed));
        Forget(place);
    }

    // A send that waited for its receive goes on; then nothing asks for a send any more.
    void Matched(int send, long time)
    {
        var (rank, what) = (live[send].Rank, live[send].Node.What);
        if (what.Size > largestEager)
        {
            ref var cpu = ref cpuFree[rank * cpus + what.Cpu];
            ref var nic = ref nicFree[rank * nics + what.Nic];
            (cpu, nic) = (Math.Max(cpu, time), Math.Max(nic, time));
            Ends(send, time);
        }
        Forget(send);
    }

    void Start(int place, long time)
    {
        ref var o = ref live[place];
        o.Begun = time;
        began?.Invoke(o.Rank, o.Operation, o.Node.What, SimTime.FromPicoseconds(time));
        if (o.Node.AfterStart == 0) return;
        var rank = o.Rank;
        foreach (var after in source.AfterStart(rank, o.Node)) Free(rank, after, time);
        Release();
    }

    void Ends(int place, long time)
    {
        ref var o = ref live[place];
        o.Ended = true;
        Left--;
        var rank = o.Rank;
        if (time > RankEnds[rank]) RankEnds[rank] = time;
        ended?.Invoke(rank, o.Operation, o.Node.What, SimTime.FromPicoseconds(o.Begun), SimTime.FromPicoseconds(time));
        if (o.Node.AfterEnd == 0) return;
        foreach (var after in source.AfterEnd(rank, o.Node)) Free(rank, after, time);
        Release();
    }

    void Free(int rank, int operation, long time)
    {
        var key = ((long)rank << 32) | (uint)operation;
        var known = partly.TryGetValue(key, out var place);
        if (!known) place = Take(rank, operation);
        ref var o = ref live[place];
        if (time > o.Ready) o.Ready = time;
        if (--o.Missing > 0)
        {
            if (!known) partly.Add(key, place);
            return;
        }
        if (known) partly.Remove(key);
        freed.Add(place);
    }

    void Release()
    {
        for (var kind = MessageKind.Send; kind <= MessageKind.Calculate && freed.Count > 0; kind++)
            foreach (var i in freed)
                if (live[i].Node.What.Kind == kind) heap.Push(live[i].Ready, i << 2);
        freed.Clear();
    }

    int CpuOf(int item)
    {
        ref var o = ref live[item >> 2];
        return ((item & 3) == 0 ? o.Rank : o.Node.What.Peer) * cpus + o.Node.What.Cpu;
    }

    int NicOf(int item)
    {
        ref var o = ref live[item >> 2];
        return ((item & 3) == 0 ? o.Rank : source.Ranks + o.Node.What.Peer) * nics + o.Node.What.Nic;
    }

    static int[] Minus(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }
}
