// Plays a trace: nodes of ranks when they are ready, collectives as chunks and phases, messages over a network.
//
//   Time is in whole ticks: nanoseconds on the network of ASTRA-sim's analytical backends, which cuts all its times to them; picoseconds on
//   a fabric. What happens on a rank at one time happens in one event, in the order in which it was planned, when the first of it is due;
//   events of one time come in the order in which they were made. So ASTRA-sim's order is kept where messages share links.
//
//   With rendezvous a receive asks its sender by a message of 8,192 B, and the sender's own goes when that is there; ASTRA-sim's
//   "rendezvous-protocol", github.com/astra-sim/astra-sim, Sys.cc.
//
//   Where all ranks have the same nodes and the network looks the same from each, rank 0 stands for all: what it sends at its k-th send comes
//   to it at its k-th receive of the same chunk. A node or a message that tells ranks apart ends that, and all are played.
using System.Runtime.InteropServices;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Traces;

/// <summary>A trace that one rank can't stand for.</summary>
sealed class RanksDifferException : Exception;

/// <summary>How messages get from rank to rank.</summary>
interface ITraceWires
{
    /// <summary>The time at which something happens of itself; the end of the clock: never.</summary>
    long Next { get; }

    /// <summary>A message starts now; <see cref="TraceEngine.Arrived"/> is called when it is there.</summary>
    void Send(int message, int from, int to, ulong bytes);

    /// <summary>Something that the wires put into the engine's events is due.</summary>
    void Due(int item);

    /// <summary>What happens of itself happens.</summary>
    void Advance();

    /// <summary>All that starts now has started.</summary>
    void Settle();
}

/// <summary>The wires of a fabric, which carry what a library makes of collectives.</summary>
interface IFabricWires : ITraceWires
{
    /// <summary>A message starts now; <see cref="TraceEngine.Left"/> is called when its last byte has left, <see cref="TraceEngine.Arrived"/> when it is there.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="inside">What it gets of links inside scale-up domains.</param>
    /// <param name="outside">What it gets of others.</param>
    void SendPart(int message, int from, int to, double bytes, double inside, double outside);

    /// <summary>A flow starts now; <see cref="TraceEngine.Left"/> is called when it has left, and nothing more.</summary>
    void Stream(int message, int route, double bytes, double share);

    /// <summary>Whether all flows of a schedule can be under way at once, for those of very many sends.</summary>
    bool Streaming { get; }

    /// <summary>Flows of a schedule, all at once.</summary>
    /// <exception cref="InputException">These wires' switches only forward, or no tree of switches joins the ranks.</exception>
    TraceStreams Streams(Schedule schedule, int[] ranks, int number);
}

sealed class TraceEngine
{
    /// <summary>What a rank does at a time.</summary>
    public enum What : byte
    {
        Turn,
        Add,
        End,
        Broadcast,
        Step,
        Join,
        Leave,
        Flowed,
    }

    public readonly record struct Act(What What, object Target, ulong Bytes);

    readonly record struct MatchKey(long Tag, int From, int To, ulong Bytes);

    struct Pending
    {
        public int Arrived;
        public object? Receiver;
        public Queue<object>? More;
    }

    struct Message
    {
        public MatchKey Key;
        public object? Sender;
        public int Send; // of a group's collective
    }

    sealed class Moment
    {
        public int Rank;
        public long Time;
        public List<Act> Acts = [];
    }

    // Events by the two highest bits: what a rank does, what is received at once, what wires have planned.
    const int Kind = 29, Mask = (1 << Kind) - 1, Receipt = 1, Wire = 2;

    const long Collective = 1L << 48, Asking = 1L << 62;

    const ulong Handshake = 8192;

    readonly ITraceSource source;
    readonly EventHeap heap = new();
    readonly ITraceWires wires;
    readonly TraceRank[] ranks;
    readonly TraceNetwork shape;
    readonly TraceRunOptions options;
    readonly Dictionary<long, int>[] momentAt;
    readonly List<Moment> moments = [];
    readonly Stack<int> freeMoments = new();
    readonly List<object> receipts = [];
    readonly Stack<int> freeReceipts = new();
    readonly Dictionary<MatchKey, Pending> pending = [];
    readonly Dictionary<long, (int Sends, int Receives)> ordinals = [];
    readonly List<(int Rank, bool Busy, Queue<TraceRank.Loaded> Queue)> memories = [];
    readonly long perNanosecond;
    Message[] messages = new Message[64];
    readonly Stack<int> freeMessages = new();
    int used;

    public TraceEngine(ITraceSource source, TraceSystem system, TraceNetwork shape, Func<TraceEngine, ITraceWires> wires, long perNanosecond, bool alike, TraceRunOptions options, ITraceLibrary? library = null)
    {
        (this.source, System, this.shape, this.options, this.perNanosecond, Alike) = (source, system, shape, options, perNanosecond, alike);
        var played = alike ? 1 : source.Ranks;
        AtOnce = (system.ActiveChunks + system.Queues - 1) / system.Queues;
        var window = Math.Clamp(options.NodesInMemory / played, 256, options.NodesInMemory);
        ranks = [.. Enumerable.Range(0, played).Select(r => new TraceRank(r, source.NodesOf(r), n => source.PlaceOf(r, n), window, shape.Dimensions.Count * system.Queues, library is not null))];
        momentAt = [.. ranks.Select(_ => new Dictionary<long, int>())];
        var holders = system.Memory.Kind == TraceMemoryKind.PerNode ? (source.Ranks + system.Memory.RanksPerNode - 1) / system.Memory.RanksPerNode : 1;
        for (var i = 0; i < holders; i++) memories.Add((i, false, new()));
        if (library is not null) Communicators = new(this, library, source.Ranks);
        this.wires = wires(this); // they ask how ranks send
    }

    public TraceSystem System { get; }

    /// <summary>What ranks do at once; null: one send or collective at a time, as ASTRA-sim has it.</summary>
    public TraceCommunicators? Communicators { get; }

    /// <summary>The wires of a fabric.</summary>
    public IFabricWires Fabric => (IFabricWires)wires;

    /// <summary>Whether rank 0 stands for all.</summary>
    public bool Alike { get; }

    public long Now { get; private set; }

    /// <summary>Chunks of a queue that run at once.</summary>
    public int AtOnce { get; }

    public IReadOnlyList<TraceRank> Ranks => ranks;

    public long Messages { get; private set; }

    public long Events { get; private set; }

    /// <summary>A tag of a trace's own sends and receives.</summary>
    public static long Native(uint tag) => tag;

    /// <summary>Plays until nothing is left, or a caller stops it.</summary>
    public bool Run(CancellationToken stop)
    {
        foreach (var rank in ranks)
        {
            rank.Load();
            rank.EndIfEmpty();
        }
        foreach (var rank in ranks) rank.Issue(Begin);
        wires.Settle();
        while (true)
        {
            var next = Math.Min(heap.Top, wires.Next);
            if (stop.IsCancellationRequested) return false;
            if (next == long.MaxValue)
            {
                if (ranks.All(r => r.End >= 0)) return true;
                var more = false;
                foreach (var rank in ranks.Where(r => r.End < 0)) more |= rank.Load(beyond: true);
                if (!more && Communicators?.Release() == true)
                {
                    wires.Settle();
                    continue;
                }
                if (!more) throw TraceStall.Of(source, ranks, Alike);
                foreach (var rank in ranks) rank.Issue(Begin);
                wires.Settle();
                continue;
            }
            Now = next;
            if (wires.Next <= next) wires.Advance();
            while (heap.Top == Now)
            {
                if ((++Events & 0xFFF) == 0 && stop.IsCancellationRequested) return false;
                if ((Events & 0xFFFFF) == 0) options.Progress?.Invoke(Simulated(Now), ranks.Sum(r => r.Nodes));
                Due(heap.Pop().Item);
            }
            wires.Settle();
        }
    }

    void Due(int item)
    {
        switch (item >> Kind)
        {
            case Receipt:
                var receiver = receipts[item & Mask];
                freeReceipts.Push(item & Mask);
                Received(receiver);
                break;
            case Wire:
                wires.Due(item & Mask);
                break;
            default:
                var moment = moments[item];
                // What is planned for now meanwhile is done now.
                for (var i = 0; i < moment.Acts.Count; i++) Do(ranks[moment.Rank], moment.Acts[i]);
                moment.Acts.Clear();
                momentAt[moment.Rank].Remove(moment.Time);
                freeMoments.Push(item);
                break;
        }
    }

    /// <summary>When the next thing that is planned happens; the end of the clock: nothing is.</summary>
    public long Planned => heap.Top;

    /// <summary>Plans something of the wires.</summary>
    public void PlanWire(long time, int item) => heap.Push(time, item | (Wire << Kind));

    /// <summary>Plans something of a rank.</summary>
    public void After(TraceRank rank, long nanoseconds, in Act act) => AfterTicks(rank.Id, checked(nanoseconds * perNanosecond), act);

    /// <summary>Ticks of a fabric's clock, picoseconds.</summary>
    public static long Ticks(Quantities.Duration time) => checked((long)Math.Round(time.Seconds * 1e12));

    /// <summary>Plans something of a rank, in ticks from now on.</summary>
    public void AfterTicks(int rank, long ticks, in Act act)
    {
        var time = checked(Now + ticks);
        ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(momentAt[rank], time, out var there);
        if (!there)
        {
            if (!freeMoments.TryPop(out at))
            {
                at = moments.Count;
                moments.Add(new());
            }
            (moments[at].Rank, moments[at].Time) = (rank, time);
            heap.Push(time, at);
        }
        moments[at].Acts.Add(act);
    }

    void Do(TraceRank rank, in Act act)
    {
        switch (act.What)
        {
            case What.Turn:
                ((TraceExchange)act.Target).Turn();
                break;
            case What.Add:
                After(rank, 3 * Touch(rank, act.Bytes), new(What.Turn, act.Target, 0));
                break;
            case What.End:
                End((TraceRank.Loaded)act.Target);
                break;
            case What.Broadcast:
                EndCall((TraceCall)act.Target);
                break;
            case What.Join:
                ((TraceGroupCall)act.Target).Join((int)act.Bytes);
                break;
            case What.Flowed:
                ((StreamedCall)act.Target).Here((int)act.Bytes);
                break;
            case What.Leave:
                var late = (TraceCommunicators.LateMessage)act.Target;
                Fabric.SendPart(late.Message, late.From, late.To, late.Bytes, late.Inside, late.Outside);
                break;
            default:
                ((CustomExchange.Step)act.Target).End();
                break;
        }
    }

    // Nanoseconds of reading or writing, cut to whole ones.
    long Touch(TraceRank rank, ulong bytes) => System.MemoryBandwidth is { } bandwidth
        ? (long)(bytes / (bandwidth * 1000000000) * 1e9)
        : throw new InputException($"rank {rank.Id} adds up what it receives, and the system has no memory bandwidth (local-mem-bw)");

    // A message or a receive that waits for the handshake of its rendezvous.
    sealed record Held(int From, int To, ulong Bytes, long Tag, object? End, bool IsSend);

    /// <summary>Sends a message; with rendezvous when its receiver has asked for it.</summary>
    public void Send(int from, int to, ulong bytes, long tag, object? sender)
    {
        if (System.Rendezvous) Await(to, from, Handshake, tag | Asking, new Held(from, to, bytes, tag, sender, true));
        else Put(from, to, bytes, tag, sender);
    }

    /// <summary>Receives a message; with rendezvous it is asked for first.</summary>
    public void Receive(int from, int to, ulong bytes, long tag, object receiver)
    {
        if (System.Rendezvous) Put(to, from, Handshake, tag | Asking, new Held(from, to, bytes, tag, receiver, false));
        else Await(from, to, bytes, tag, receiver);
    }

    int Number()
    {
        Messages++;
        if (freeMessages.TryPop(out var number)) return number;
        if (used == messages.Length) Array.Resize(ref messages, 2 * used);
        return used++;
    }

    /// <summary>Sends a part of a group's collective.</summary>
    public void PutPart(TraceGroupCall call, int send, int from, int to, double bytes, double inside, double outside)
    {
        var number = Number();
        messages[number] = new() { Sender = call, Send = send };
        Fabric.SendPart(number, from, to, bytes, inside, outside);
    }

    /// <summary>Starts a flow of a group's collective over links of its own; it ends when it has left.</summary>
    public void PutStream(TraceGroupCall call, int send, int route, double bytes, double share)
    {
        var number = Number();
        messages[number] = new() { Sender = call, Send = send };
        Fabric.Stream(number, route, bytes, share);
    }

    /// <summary>Bytes of a message between two ranks.</summary>
    public ulong BytesOf(int message) => messages[message].Key.Bytes;

    void Put(int from, int to, ulong bytes, long tag, object? sender)
    {
        var number = Number();
        messages[number] = new() { Key = Alike ? new(tag, Ordinal(tag, true), 0, bytes) : new(tag, from, to, bytes), Sender = sender };
        if (Alike && tag < Collective) throw new RanksDifferException();
        if (Communicators is { } own) own.Send(number, from, to, bytes);
        else wires.Send(number, from, to, bytes);
    }

    void Await(int from, int to, ulong bytes, long tag, object receiver)
    {
        if (Alike && tag < Collective) throw new RanksDifferException();
        var key = Alike ? new MatchKey(tag, Ordinal(tag, false), 0, bytes) : new(tag, from, to, bytes);
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(pending, key, out _);
        if (there.Arrived > 0)
        {
            if (--there.Arrived == 0) pending.Remove(key);
            if (!freeReceipts.TryPop(out var at))
            {
                at = receipts.Count;
                receipts.Add(receiver);
            }
            receipts[at] = receiver;
            heap.Push(Now, at | (Receipt << Kind));
        }
        else if (there.Receiver is null)
        {
            there.Receiver = receiver;
        }
        else
        {
            (there.More ??= new()).Enqueue(receiver);
        }
    }

    int Ordinal(long tag, bool send)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(ordinals, tag, out _);
        return send ? count.Sends++ : count.Receives++;
    }

    /// <summary>A message's last byte has left, where a library does collectives.</summary>
    public void Left(int message)
    {
        if (messages[message].Sender is TraceGroupCall call) call.Left(messages[message].Send);
        else Communicators!.Sent(messages[message].Key.From, messages[message].Key.To);
    }

    /// <summary>A message is forgotten.</summary>
    public void Forget(int message)
    {
        messages[message].Sender = null;
        freeMessages.Push(message);
    }

    /// <summary>A message is there.</summary>
    public void Arrived(int message)
    {
        var (key, sender, send) = (messages[message].Key, messages[message].Sender, messages[message].Send);
        Forget(message);
        if (sender is TraceGroupCall call)
        {
            call.Arrived(send);
            return;
        }
        if (sender is not null) Received(sender);
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(pending, key, out _);
        if (there.Receiver is not { } receiver)
        {
            there.Arrived++;
            return;
        }
        there.Receiver = there.More is { Count: > 0 } more ? more.Dequeue() : null;
        if (there.Receiver is null) pending.Remove(key);
        Received(receiver);
    }

    void Received(object receiver)
    {
        switch (receiver)
        {
            case TraceExchange exchange:
                exchange.Received();
                break;
            case TraceRank.Loaded node:
                End(node);
                break;
            case Held { IsSend: true } held:
                Put(held.From, held.To, held.Bytes, held.Tag, held.End);
                break;
            case Held held:
                Await(held.From, held.To, held.Bytes, held.Tag, held.End!);
                break;
            default:
                ((CustomExchange.Step)receiver).End();
                break;
        }
    }

    public InputException Wrong(TraceRank rank, TraceNode node, string problem) => new($"{source.PlaceOf(rank.Id, node)}: {node}: {problem}");

    void Begin(TraceRank.Loaded loaded)
    {
        var (rank, node) = (loaded.Rank, loaded.Node);
        loaded.Begin = Now;
        if (System.ReplayOnly)
        {
            Replay(loaded);
            return;
        }
        switch (node.Kind)
        {
            case TraceNodeKind.Compute when System.PeakRate is { } peak && !node.OnCpu:
                Roofline(loaded, peak);
                break;
            case TraceNodeKind.Compute:
                Replay(loaded);
                break;
            case TraceNodeKind.MemoryLoad or TraceNodeKind.MemoryStore:
                Remote(loaded);
                break;
            case TraceNodeKind.Send or TraceNodeKind.Receive or TraceNodeKind.Collective when node.OnCpu:
                throw Wrong(rank, node, "communication does not run on the host ('is_cpu_op')");
            case TraceNodeKind.Send:
                Send(rank.Id, Peer(rank, node), node.Bytes, Native(node.Tag), loaded);
                break;
            case TraceNodeKind.Receive:
                Receive(Peer(rank, node), rank.Id, node.Bytes, Native(node.Tag), loaded);
                break;
            case TraceNodeKind.Collective when Communicators is { } own:
                loaded.Begin = -1; // it may wait for others of its group
                own.Enter(loaded);
                break;
            case TraceNodeKind.Collective:
                BeginCollective(loaded);
                break;
            default:
                foreach (var group in node.Groups) rank.Groups[group.Id] = group.Ranks.Count > 0 ? group : new(group.Id, [.. Enumerable.Range(0, source.Ranks)]);
                Ended(loaded);
                break;
        }
    }

    /// <summary>A collective begins on a rank.</summary>
    public void BeginCollective(TraceRank.Loaded loaded)
    {
        loaded.Begin = Now;
        TraceCollectives.Begin(this, shape, loaded);
    }

    int Peer(TraceRank rank, TraceNode node) =>
        node.Peer == rank.Id ? throw Wrong(rank, node, "a rank doesn't send to itself")
        : (uint)node.Peer >= (uint)source.Ranks ? throw Wrong(rank, node, $"ranks are numbered 0 to {source.Ranks - 1:N0}")
        : node.Peer;

    void Replay(TraceRank.Loaded loaded)
    {
        var nanoseconds = Recorded(loaded.Node);
        if (!loaded.Node.OnCpu) loaded.Rank.ComputeNanoseconds += nanoseconds;
        After(loaded.Rank, nanoseconds, new(What.End, loaded, 0));
    }

    /// <summary>Nanoseconds as recorded; 1 where nothing is.</summary>
    public static long Recorded(TraceNode node) => node.Microseconds == 0 ? 1 : checked((long)node.Microseconds * 1000);

    void Roofline(TraceRank.Loaded loaded, double peak)
    {
        double operations = loaded.Node.Operations, bytes = loaded.Node.TensorBytes;
        if (bytes == 0)
        {
            Ended(loaded);
            return;
        }
        var bandwidth = System.MemoryBandwidth is { } b ? b * 1000000000 : throw new InputException("the roofline needs a memory bandwidth (local-mem-bw)");
        var rate = Math.Min(bandwidth * (operations / bytes), peak * 1000000000000);
        var nanoseconds = rate > 0 ? (long)(operations / rate * 1e9) : 0;
        loaded.Rank.ComputeNanoseconds += nanoseconds;
        After(loaded.Rank, nanoseconds, new(What.End, loaded, 0));
    }

    void Remote(TraceRank.Loaded loaded)
    {
        var memory = System.Memory;
        switch (memory.Kind)
        {
            case TraceMemoryKind.None:
                throw Wrong(loaded.Rank, loaded.Node, "it accesses remote memory, and the memory configuration has none (NO_MEMORY_EXPANSION)");
            case TraceMemoryKind.PerRank:
                Access(loaded);
                break;
            default:
                if (Alike) throw new RanksDifferException();
                var holder = Holder(loaded.Rank.Id);
                var (number, busy, queue) = memories[holder];
                if (busy) queue.Enqueue(loaded);
                else Access(loaded);
                memories[holder] = (number, true, queue);
                break;
        }
    }

    int Holder(int rank) => System.Memory.Kind == TraceMemoryKind.PerNode ? rank / System.Memory.RanksPerNode : 0;

    void Access(TraceRank.Loaded loaded) =>
        After(loaded.Rank, System.Memory.LatencyNanoseconds + (long)(loaded.Node.TensorBytes / System.Memory.BytesPerNanosecond), new(What.End, loaded, 0));

    void End(TraceRank.Loaded loaded)
    {
        if (loaded.Node.Kind is TraceNodeKind.MemoryLoad or TraceNodeKind.MemoryStore && System.Memory.Kind is TraceMemoryKind.PerNode or TraceMemoryKind.Pool && !System.ReplayOnly)
        {
            var holder = Holder(loaded.Rank.Id);
            var (number, _, queue) = memories[holder];
            var more = queue.TryDequeue(out var next);
            memories[holder] = (number, more, queue);
            if (more) Access(next!);
        }
        Ended(loaded);
        loaded.Rank.Issue(Begin);
    }

    /// <summary>A collective has ended on a rank.</summary>
    public void EndCall(TraceCall call)
    {
        call.Rank.CommunicationTicks += Now - call.Begin;
        Ended(call.Node);
        call.Rank.Issue(Begin);
        Communicators?.Left(call.Node);
    }

    void Ended(TraceRank.Loaded loaded)
    {
        loaded.Rank.Ended(loaded, Now);
        options.Ended?.Invoke(loaded.Rank.Id, loaded.Node, Simulated(loaded.Begin), Simulated(Now));
    }

    Quantities.SimTime Simulated(long ticks) => Quantities.SimTime.FromPicoseconds(checked(ticks * (1000 / perNanosecond)));

    /// <summary>The tag of a chunk.</summary>
    public static long Chunk(long stream) => Collective + stream;
}
