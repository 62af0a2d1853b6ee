// Collectives of a trace as a library does them, and what a rank does at once.
//
//   schedule     which sends a collective is, of the ranks of its group in ascending order: whoever knows the fabric chooses it (ITraceLibrary)
//   at once      collectives of one group come one after the other, in the order of the rank's file, as those of a communicator do; of different groups,
//                and sends to different peers, all that no dependency holds. Sends from one rank to one other leave one after the other
//   matching     the k-th collective of a group on one rank is the k-th of that group on every other
//   a send       starts when both its ends have begun the collective, what it waits for has arrived and its queue's last has left; a rank's part ends when
//                its sends have left and all that it gets is there
//   very many    a collective of more than 200,000 sends is played as what they carry between each two ranks, all at once when all ranks have begun, and no
//                faster than a piece on its way through all steps: what a pipeline takes whose slowest link is always busy (SwitchedFlows.cs)
//
// Where nothing else can happen, a collective that waits for one before it in its file begins out of turn: there dependencies go against the file.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Traces;

/// <summary>How a collective of a trace is done.</summary>
/// <param name="Schedule">Its sends, among the ranks of its group in ascending order.</param>
public sealed record TraceSchedule(Schedule Schedule)
{
    /// <summary>From a rank's call to its first send: launches, software of messages, filling of pipelines.</summary>
    public Duration Before { get; init; }

    /// <summary>The least that it takes, which is what the hosts spend on launching it.</summary>
    public Duration Least { get; init; }

    /// <summary>What it gets of the rates of links inside scale-up domains.</summary>
    public double Inside { get; init; } = 1;

    /// <summary>What it gets of the rates of cards and fabric.</summary>
    public double Outside { get; init; } = 1;
}

/// <summary>Chooses how collectives of traces are done on a fabric. Not for several threads.</summary>
public interface ITraceLibrary
{
    /// <summary>How a collective is done.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="size">Its size, in the convention of its kind.</param>
    /// <param name="ranks">The group's ranks, two or more, ascending.</param>
    /// <exception cref="InputException">It can't be done.</exception>
    TraceSchedule Of(CollectiveKind kind, DataSize size, int[] ranks);

    /// <summary>How a message between two ranks is sent; its schedule is of no account.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    (Duration Before, double Inside, double Outside) OfSend(DataSize size, int from, int to);

    /// <summary>Where the trace's ranks stand.</summary>
    RankPlaces Places { get; }
}

/// <summary>What ranks do at once, and in which order.</summary>
sealed class TraceCommunicators
{
    const int MostCompiled = 4096;
    const int MostKnown = 1 << 20;
    const long MostSends = 200_000; // of one collective, one by one: about a tenth of a second

    // A group's collectives on one rank.
    sealed class Line
    {
        public readonly SortedDictionary<long, TraceRank.Loaded> Held = [];
        public readonly HashSet<long> Early = [];
        public long Next;
        public bool Busy;
    }

    readonly record struct Members(int Group, int[] Ranks) : IEquatable<Members>
    {
        public bool Equals(Members other) => Group == other.Group && Ranks.AsSpan().SequenceEqual(other.Ranks);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Group);
            foreach (var rank in Ranks) hash.Add(rank);
            return hash.ToHashCode();
        }
    }

    readonly TraceEngine engine;
    readonly ITraceLibrary library;
    readonly int ranks;
    readonly Dictionary<(int Rank, int Group), Line> lines = [];
    readonly Dictionary<Members, int> numbers = [];
    readonly List<int[]> groups = []; // by number: ranks, ascending
    readonly Dictionary<(int Rank, TraceGroup Group), int> known = [];
    readonly Dictionary<(int Number, long Ordinal), TraceGroupCall> calls = [];
    readonly Dictionary<Schedule, SendPlan> compiled = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<long, Queue<int>> pairs = []; // messages that wait behind another of the same two ranks

    public TraceCommunicators(TraceEngine engine, ITraceLibrary library, int ranks) => (this.engine, this.library, this.ranks) = (engine, library, ranks);

    // ---- collectives -------------------------------------------------------------------------------------------------------------

    /// <summary>A collective is ready on a rank: it begins, or waits for those before it.</summary>
    public void Enter(TraceRank.Loaded loaded)
    {
        var line = LineOf(loaded);
        line.Held.Add(loaded.Ordinal, loaded);
        Serve(line);
    }

    /// <summary>A collective has ended on a rank.</summary>
    public void Left(TraceRank.Loaded loaded)
    {
        var line = LineOf(loaded);
        line.Busy = false;
        if (loaded.Ordinal == line.Next) line.Next++;
        else line.Early.Add(loaded.Ordinal);
        while (line.Early.Remove(line.Next)) line.Next++;
        Serve(line);
    }

    /// <summary>Nothing else happens any more: collectives that wait for others before them begin.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Release()
    {
        var any = false;
        foreach (var (_, line) in lines.Where(l => !l.Value.Busy && l.Value.Held.Count > 0).OrderBy(l => l.Key).ToList())
        {
            Begin(line, line.Held.First().Value);
            any = true;
        }
        return any;
    }

    Line LineOf(TraceRank.Loaded loaded)
    {
        var key = (loaded.Rank.Id, loaded.Node.Group);
        return lines.TryGetValue(key, out var line) ? line : lines[key] = new();
    }

    void Serve(Line line)
    {
        if (!line.Busy && line.Held.TryGetValue(line.Next, out var first)) Begin(line, first);
    }

    void Begin(Line line, TraceRank.Loaded loaded)
    {
        line.Held.Remove(loaded.Ordinal);
        line.Busy = true;
        engine.BeginCollective(loaded);
    }

    /// <summary>A rank calls a collective.</summary>
    /// <param name="call">The call.</param>
    /// <param name="group">Its group; null: all ranks.</param>
    public void Call(TraceCall call, TraceGroup? group)
    {
        var (rank, node) = (call.Rank, call.Node.Node);
        var number = NumberOf(rank, node, group);
        var key = (number, call.Node.Ordinal);
        if (!calls.TryGetValue(key, out var all)) calls[key] = all = Make(rank, node, number);
        if (all.What != node.Collective || all.Bytes != node.Bytes)
            throw engine.Wrong(rank, node, $"other ranks have {all.What} of {all.Bytes:N0} B as collective {call.Node.Ordinal + 1:N0} of this group");
        if (all.Begin(call)) calls.Remove(key); // the last has begun
    }

    // Groups of the same number on different ranks are the same where they have the same members.
    int NumberOf(TraceRank rank, TraceNode node, TraceGroup? group)
    {
        if (group is not null && known.TryGetValue((rank.Id, group), out var number)) return number;
        int[] members = group is null ? [.. Enumerable.Range(0, ranks)] : [.. group.Ranks.Order()];
        if (!numbers.TryGetValue(new(node.Group, members), out number))
        {
            numbers[new(node.Group, members)] = number = groups.Count;
            groups.Add(members);
        }
        if (group is null) return number;
        if (known.Count >= MostKnown) known.Clear(); // a trace may define its groups again and again
        known[(rank.Id, group)] = number;
        return number;
    }

    TraceGroupCall Make(TraceRank rank, TraceNode node, int number)
    {
        var members = groups[number];
        if (members.Length == 1) return new LoneCall(engine, node, members);
        try
        {
            var (kind, size) = SizeOf(node, members.Length);
            var made = library.Of(kind, size, members);
            if (made.Schedule.Tiers.Count > 0 || (engine.Fabric.Streaming && made.Schedule.SendCount > MostSends)) return new StreamedCall(engine, node, members, made, engine.Fabric.Streams(made.Schedule, members, number));
            if (!compiled.TryGetValue(made.Schedule, out var plan))
            {
                if (compiled.Count >= MostCompiled) compiled.Clear();
                compiled[made.Schedule] = plan = SendPlan.Of(made.Schedule);
            }
            return plan.Make(engine, node, members, made);
        }
        catch (InputException e)
        {
            throw engine.Wrong(rank, node, e.Problem);
        }
    }

    // Chakra's gathers and scatters have the size of a share.
    static (CollectiveKind Kind, DataSize Size) SizeOf(TraceNode node, int ranks) => node.Collective switch
    {
        TraceCollective.AllReduce => (CollectiveKind.AllReduce, DataSize.FromBytes(node.Bytes)),
        TraceCollective.AllGather => (CollectiveKind.AllGather, DataSize.FromBytes((double)node.Bytes * ranks)),
        TraceCollective.ReduceScatter or TraceCollective.ReduceScatterBlock => (CollectiveKind.ReduceScatter, DataSize.FromBytes(node.Bytes)),
        TraceCollective.AllToAll => (CollectiveKind.AllToAll, DataSize.FromBytes(node.Bytes)),
        TraceCollective.Broadcast => (CollectiveKind.Broadcast, DataSize.FromBytes(node.Bytes)),
        TraceCollective.Reduce => (CollectiveKind.Reduce, DataSize.FromBytes(node.Bytes)),
        TraceCollective.Gather => (CollectiveKind.Gather, DataSize.FromBytes((double)node.Bytes * ranks)),
        TraceCollective.Scatter => (CollectiveKind.Scatter, DataSize.FromBytes((double)node.Bytes * ranks)),
        // Everybody waits for everybody, as for the sum of a byte.
        TraceCollective.Barrier => (CollectiveKind.AllReduce, DataSize.FromBytes(1)),
        var other => throw new InputException($"{other} is not played"),
    };

    // ---- messages between two ranks ----------------------------------------------------------------------------------------------

    /// <summary>A message between two ranks is to be sent: it leaves, or waits for the one before it.</summary>
    public void Send(int message, int from, int to, ulong bytes)
    {
        var key = ((long)from << 32) | (uint)to;
        if (pairs.TryGetValue(key, out var queue))
        {
            queue.Enqueue(message);
            return;
        }
        pairs[key] = new();
        Start(message, from, to, bytes);
    }

    /// <summary>A message between two ranks has left.</summary>
    public void Sent(int from, int to)
    {
        var key = ((long)from << 32) | (uint)to;
        if (pairs[key].TryDequeue(out var next)) Start(next, from, to, engine.BytesOf(next));
        else pairs.Remove(key);
    }

    void Start(int message, int from, int to, ulong bytes)
    {
        var (before, inside, outside) = library.OfSend(DataSize.FromBytes(bytes), from, to);
        var ticks = TraceEngine.Ticks(before);
        if (ticks > 0) engine.AfterTicks(from, ticks, new(TraceEngine.What.Leave, new LateMessage(message, from, to, bytes, inside, outside), 0));
        else engine.Fabric.SendPart(message, from, to, bytes, inside, outside);
    }

    /// <summary>A message whose software is done.</summary>
    public sealed record LateMessage(int Message, int From, int To, double Bytes, double Inside, double Outside);
}
