// Plays operations of ranks event by event, in whole picoseconds (LogGops.cs has the costs).
//
//   An operation is ready when all that it needs has ended or started. It waits for its turn at its NIC's side, where it sends or a message
//   arrives, and with that for its CPU; both serve in the order in which they were asked. Queues are woken when their NIC or CPU is
//   free, so that an arrival costs a few events however many wait, where a simulator that puts all of them back for each that is served
//   needs as many as there are.
//
// Of events of one time, what has waited for its CPU comes first, then all others in the order in which they were made; of operations that
// become ready together, sends come before receives, and these before calculations.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Messages;

/// <summary>What became of a program's operations.</summary>
public sealed class MessageRun
{
    readonly long[] begin, end;

    internal MessageRun(MessageProgram program, long[] begin, long[] end, long messages, long events, bool complete)
    {
        (Program, this.begin, this.end, Messages, Events, IsComplete) = (program, begin, end, messages, events, complete);
        var ranks = new long[program.Ranks];
        for (var r = 0; r < program.Ranks; r++)
            for (var i = program.FirstOperation[r]; i < program.FirstOperation[r + 1]; i++) ranks[r] = Math.Max(ranks[r], end[i]);
        RankEnds = [.. ranks.Select(SimTime.FromPicoseconds)];
        Time = SimTime.FromPicoseconds(ranks.DefaultIfEmpty(0).Max());
    }

    /// <summary>What was played.</summary>
    public MessageProgram Program { get; }

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
    public static MessageRun Run(MessageProgram program, LogGops? parameters = null, Action<SimTime, int>? progress = null, CancellationToken stop = default) =>
        Run(program, parameters, null, progress, stop);

    /// <summary>Plays a program on a fabric, whose links stand for L and G.</summary>
    /// <param name="program">The program.</param>
    /// <param name="parameters">What messages cost their ranks.</param>
    /// <param name="network">The fabric; null: L and G.</param>
    /// <param name="progress">Told now and then: how far time went, and operations that have not ended.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">Ranks wait for ever, can't reach each other, or a time passes 106 days.</exception>
    public static MessageRun Run(MessageProgram program, LogGops? parameters, MessageFlows? network, Action<SimTime, int>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        var engine = new MessageEngine(program, parameters ?? new(), network);
        try
        {
            engine.Run(progress, stop);
        }
        catch (OverflowException)
        {
            throw new InputException("a time passes 106 days, the most that whole picoseconds of 64 bits can count; expected smaller messages or parameters");
        }
        if (engine.Left > 0 && !stop.IsCancellationRequested) throw Deadlock(program, engine);
        return new(program, engine.Begun, engine.End, engine.Messages, engine.Events, engine.Left == 0);
    }

    static InputException Deadlock(MessageProgram program, MessageEngine engine)
    {
        int[] waiting = [.. Enumerable.Range(0, program.Count).Where(i => engine.End[i] < 0 && engine.Begun[i] >= 0)];
        var ranks = waiting.Select(program.RankOf).Distinct().Count();
        return new(string.Create(CultureInfo.InvariantCulture, $"{engine.Left:N0} operations never end; {waiting.Length:N0} on {ranks:N0} ranks wait for what never comes: ") +
            string.Join("; ", waiting.Take(MostNamed).Select(program.Describe)) + (waiting.Length > MostNamed ? "; ..." : ""));
    }
}

sealed class MessageEngine
{
    readonly MessageProgram program;
    readonly MessageFlows? network;
    readonly long latency, overhead, gap, perByte, workPerByte, largestEager;
    readonly int cpus, nics;

    readonly long[] cpuFree;                        // by rank and CPU
    readonly long[] nicFree;                        // by rank and NIC: sending sides, then receiving ones
    readonly bool[] held;                           // whether one that has its turn at a NIC's side waits for its CPU
    readonly int[] missing;
    readonly long[] ready;                          // when what an operation needed has ended; for a message that nobody expects, when it was processed

    // What waits: chains of items from head to tail, next by item, of CPUs and behind them of NICs' sides. Operation i is item i, the
    // message of send i is Count + i where it arrives; where it leaves for a network, which it does at once, 2 Count + i.
    readonly int[] head, tail, next;

    readonly EventHeap heap = new();
    readonly MatchQueues expected, unexpected;
    readonly bool[] anyPeer, anyTag;                // whether a rank ever asks for such
    readonly List<int> freed = [];

    public MessageEngine(MessageProgram program, LogGops parameters, MessageFlows? network)
    {
        (this.program, this.network) = (program, network);
        (latency, overhead, gap, perByte, workPerByte) = parameters.Picoseconds();
        if (network is not null) (latency, perByte) = (0, 0);
        largestEager = parameters.LargestEager;
        (cpus, nics) = (program.Cpus, program.Nics);
        cpuFree = new long[program.Ranks * cpus];
        nicFree = new long[2 * program.Ranks * nics];
        held = new bool[nicFree.Length];
        missing = (int[])program.Needs.Clone();
        ready = new long[program.Count];
        (head, tail, next) = (Minus(cpuFree.Length + nicFree.Length), Minus(cpuFree.Length + nicFree.Length), Minus(2 * program.Count));
        (anyPeer, anyTag) = (new bool[program.Ranks], new bool[program.Ranks]);
        rankOf = new int[program.Count];
        End = new long[program.Count];
        Array.Fill(End, -1);
        Begun = new long[program.Count];
        Array.Fill(Begun, -1);
        Left = program.Count;
        (expected, unexpected) = (new(program.Ranks), new(program.Ranks));
        for (var r = 0; r < program.Ranks; r++)
        {
            for (var i = program.FirstOperation[r]; i < program.FirstOperation[r + 1]; i++)
            {
                rankOf[i] = r;
                if (program.Kind[i] != MessageKind.Receive) continue;
                anyPeer[r] |= program.Peer[i] == MessageProgram.Any;
                anyTag[r] |= program.Tag[i] == MessageProgram.Any;
            }
        }
    }

    readonly int[] rankOf;
    long now;

    public long[] End { get; }

    public long[] Begun { get; }

    public int Left { get; private set; }

    public long Messages { get; private set; }

    public long Events { get; private set; }

    public void Run(Action<SimTime, int>? progress, CancellationToken stop)
    {
        for (var r = 0; r < program.Ranks; r++)
        {
            for (var i = program.FirstOperation[r]; i < program.FirstOperation[r + 1]; i++)
                if (missing[i] == 0) freed.Add(i);
            Release();
        }
        while (true)
        {
            if (network is not null && network.Next(now) is var next && next <= heap.Top && next < long.MaxValue)
            {
                now = next;
                foreach (var (send, rest) in network.Left(now)) heap.Push(checked(now + rest), program.Count + send);
                if (heap.Top > now) network.Settle(now);
                continue;
            }
            if (heap.Count == 0) return;
            var (time, item) = heap.Pop();
            now = time;
            if ((++Events & 0xFFFF) == 0)
            {
                if (stop.IsCancellationRequested) return;
                progress?.Invoke(SimTime.FromPicoseconds(time), Left);
            }
            if (item >= 2 * program.Count) Leave(item - (2 * program.Count), time);
            else if (item >= 0) Come(item, time);
            else if (~item < cpuFree.Length) WakeCpu(~item, time);
            else WakeNic(~item - cpuFree.Length, time);
            if (network is not null && heap.Top > now) network.Settle(now);
        }
    }

    // A message goes onto the links of the network.
    void Leave(int send, long time)
    {
        if (network!.Send(send, rankOf[send], program.Peer[send], program.Size[send]) is { } rest) heap.Push(checked(time + rest), program.Count + send);
    }

    // An operation is ready, or a message is there.
    void Come(int item, long time)
    {
        var message = item >= program.Count;
        if (!message && program.Kind[item] != MessageKind.Send)
        {
            if (program.Kind[item] == MessageKind.Receive) Receive(item, time);
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
        else next[tail[queue]] = item;
        tail[queue] = item;
        next[item] = -1;
    }

    int RemoveFirst(int queue)
    {
        var item = head[queue];
        head[queue] = next[item];
        return item;
    }

    // It has its turn, and the CPU is free.
    void Serve(int item, int cpu, long time)
    {
        if (item >= program.Count)
        {
            Arrive(item - program.Count, cpu, NicOf(item), time);
            return;
        }
        if (program.Kind[item] == MessageKind.Calculate)
        {
            Start(item, time);
            cpuFree[cpu] = checked(time + program.Size[item] * 1000);
            Ends(item, cpuFree[cpu]);
            return;
        }
        var more = Math.Max(0, program.Size[item] - 1);
        cpuFree[cpu] = checked(time + overhead + more * workPerByte);
        Occupy(NicOf(item), checked(time + gap + more * perByte));
        heap.Push(checked(time + overhead + latency), (network is null ? program.Count : 2 * program.Count) + item);
        Start(item, time);
        if (program.Size[item] <= largestEager) Ends(item, cpuFree[cpu]);
    }

    void Occupy(int nic, long until)
    {
        nicFree[nic] = until;
        held[nic] = false;
        if (head[cpuFree.Length + nic] >= 0) heap.PushFirst(until, ~(cpuFree.Length + nic));
    }

    void Arrive(int send, int cpu, int nic, long time)
    {
        var rank = program.Peer[send];
        var more = Math.Max(0, program.Size[send] - 1);
        cpuFree[cpu] = checked(time + overhead + more * Math.Max(workPerByte, perByte));
        Occupy(nic, checked(time + gap + more * perByte));
        Messages++;
        var (source, tag) = (rankOf[send], program.Tag[send]);
        var receive = Match(rank, source, tag);
        if (receive >= 0)
        {
            Matched(send, time);
            Ends(receive, cpuFree[cpu]);
            return;
        }
        ready[send] = cpuFree[cpu];
        var order = unexpected.NextOrder();
        unexpected.Add(rank, source, tag, send, order);
        if (anyPeer[rank]) unexpected.Add(rank, MessageProgram.Any, tag, send, order);
        if (anyTag[rank]) unexpected.Add(rank, source, MessageProgram.Any, send, order);
        if (anyPeer[rank] && anyTag[rank]) unexpected.Add(rank, MessageProgram.Any, MessageProgram.Any, send, order);
    }

    // The receive that has waited longest among those that would take the message.
    int Match(int rank, int source, int tag)
    {
        if (!anyPeer[rank] && !anyTag[rank]) return expected.TakeOnly(rank, source, tag);
        var (best, peer, with) = (expected.First(rank, source, tag), source, tag);
        if (anyPeer[rank] && expected.First(rank, MessageProgram.Any, tag) is var a && a < best) (best, peer, with) = (a, MessageProgram.Any, tag);
        if (anyTag[rank] && expected.First(rank, source, MessageProgram.Any) is var b && b < best) (best, peer, with) = (b, source, MessageProgram.Any);
        if (anyPeer[rank] && anyTag[rank] && expected.First(rank, MessageProgram.Any, MessageProgram.Any) is var c && c < best)
            (best, peer, with) = (c, MessageProgram.Any, MessageProgram.Any);
        return best == long.MaxValue ? -1 : expected.Take(rank, peer, with, elsewhere: false);
    }

    void Receive(int i, long time)
    {
        Start(i, time);
        var rank = rankOf[i];
        var (peer, tag) = (program.Peer[i], program.Tag[i]);
        if (unexpected.First(rank, peer, tag) == long.MaxValue)
        {
            expected.Add(rank, peer, tag, i, expected.NextOrder());
            return;
        }
        var send = unexpected.Take(rank, peer, tag, elsewhere: anyPeer[rank] || anyTag[rank]);
        Matched(send, time);
        Ends(i, Math.Max(time, ready[send]));
    }

    // A send that waited for its receive goes on.
    void Matched(int send, long time)
    {
        if (program.Size[send] <= largestEager) return;
        var rank = rankOf[send];
        ref var cpu = ref cpuFree[rank * cpus + program.Cpu[send]];
        ref var nic = ref nicFree[rank * nics + program.Nic[send]];
        (cpu, nic) = (Math.Max(cpu, time), Math.Max(nic, time));
        Ends(send, time);
    }

    void Start(int i, long time)
    {
        Begun[i] = time;
        var (from, to) = (program.AfterStartOffset[i], program.AfterStartOffset[i + 1]);
        if (from == to) return;
        for (var k = from; k < to; k++) Free(program.AfterStart[k], time);
        Release();
    }

    void Ends(int i, long time)
    {
        End[i] = time;
        Left--;
        for (var k = program.AfterEndOffset[i]; k < program.AfterEndOffset[i + 1]; k++) Free(program.AfterEnd[k], time);
        Release();
    }

    void Free(int i, long time)
    {
        if (time > ready[i]) ready[i] = time;
        if (--missing[i] == 0) freed.Add(i);
    }

    void Release()
    {
        for (var kind = MessageKind.Send; kind <= MessageKind.Calculate && freed.Count > 0; kind++)
            foreach (var i in freed)
                if (program.Kind[i] == kind) heap.Push(ready[i], i);
        freed.Clear();
    }

    int CpuOf(int item) => item < program.Count ? rankOf[item] * cpus + program.Cpu[item] : program.Peer[item - program.Count] * cpus + program.Cpu[item - program.Count];

    int NicOf(int item) => item < program.Count ? rankOf[item] * nics + program.Nic[item]
        : (program.Ranks + program.Peer[item - program.Count]) * nics + program.Nic[item - program.Count];

    static int[] Minus(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }
}
