// A rank: its nodes, of which a window is in memory, and what it does at once: one node on its host, one computation, and one send,
// collective or other node on its network side; receives wait beside. Of nodes that are ready, those of smaller numbers come first. Where a library does
// collectives (TraceLibrary.cs), they and sends take no place, and the order in which nodes are issued holds nothing up.
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>A rank of a trace that is played.</summary>
sealed class TraceRank
{
    /// <summary>What a node occupies.</summary>
    public enum Slot
    {
        Host,
        Compute,
        Network,
        None,
    }

    /// <summary>A node in memory that has not ended.</summary>
    public sealed class Loaded(TraceRank rank, TraceNode node, bool free)
    {
        public TraceRank Rank => rank;

        public TraceNode Node => node;

        public int Missing { get; set; }

        public long Begin { get; set; } = -1;

        public List<Loaded>? Followers { get; set; }

        /// <summary>Which collective of its group it is in the rank's file, from 0; counted where a library does them.</summary>
        public long Ordinal { get; init; }

        public Slot Slot { get; } = node.OnCpu ? Slot.Host : node.Kind switch
        {
            TraceNodeKind.Compute => Slot.Compute,
            TraceNodeKind.Receive => Slot.None,
            TraceNodeKind.Send or TraceNodeKind.Collective when free => Slot.None,
            _ => Slot.Network,
        };
    }

    readonly IEnumerator<TraceNode> source;
    readonly int window;
    readonly Func<TraceNode, string> place;
    readonly Dictionary<ulong, Loaded> loaded = [];
    readonly Dictionary<ulong, List<Loaded>> awaited = []; // by nodes that are not yet in memory
    readonly EndedNodes ended = new();
    readonly PriorityQueue<Loaded, ulong>[] ready = [new(), new(), new(), new()];
    readonly bool[] busy = new bool[4];
    readonly List<Loaded> late = [];
    readonly bool free;
    readonly Dictionary<int, long> collectives = []; // by group: how many were read
    bool exhausted, issuing;

    public TraceRank(int id, IEnumerable<TraceNode> nodes, Func<TraceNode, string> place, int window, int queues, bool free)
    {
        (Id, source, this.window, this.place, this.free) = (id, nodes.GetEnumerator(), window, place, free);
        Active = [.. Enumerable.Range(0, queues).Select(_ => new List<TraceStream>())];
        Running = new int[queues];
        NextQueue = new int[queues];
        NextFirst = new int[queues];
        NextLast = new int[queues];
        Trees = new int[queues];
    }

    public int Id { get; }

    /// <summary>Chunks of each queue, those that run first.</summary>
    public List<TraceStream>[] Active { get; }

    /// <summary>Chunks of each queue that run.</summary>
    public int[] Running { get; }

    // Which queue of a dimension the next chunk takes, whole, first half and last half; and which tree.
    public int[] NextQueue { get; }

    public int[] NextFirst { get; }

    public int[] NextLast { get; }

    public int[] Trees { get; }

    public long Priority { get; set; }

    public long Streams { get; set; }

    public Dictionary<int, TraceGroup> Groups { get; } = [];

    public Dictionary<int, long> GroupStreams { get; } = [];

    public long ComputeNanoseconds { get; set; }

    public long CommunicationTicks { get; set; }

    public long End { get; private set; } = -1;

    public long Nodes { get; private set; }

    /// <summary>Nodes in memory.</summary>
    public IReadOnlyCollection<Loaded> Waiting => loaded.Values;

    /// <summary>The largest number of nodes in memory at once.</summary>
    public int MostLoaded { get; private set; }

    /// <summary>Reads on until the window is full, or beyond it where nothing in it can go on.</summary>
    /// <returns>Whether there was more.</returns>
    public bool Load(bool beyond = false)
    {
        var any = false;
        for (var most = beyond ? loaded.Count + window : window; !exhausted && loaded.Count < most; any = true)
        {
            if (!source.MoveNext())
            {
                exhausted = true;
                source.Dispose();
                break;
            }
            Put(source.Current);
        }
        MostLoaded = Math.Max(MostLoaded, loaded.Count);
        return any;
    }

    void Put(TraceNode node)
    {
        var here = new Loaded(this, node, free) { Ordinal = free && node.Kind == TraceNodeKind.Collective ? Count(node.Group) : 0 };
        if (ended.Contains(node.Id) || !loaded.TryAdd(node.Id, here)) throw new InputException($"{place(node)}: node {node.Id} stands in its file a second time");
        if (awaited.Remove(node.Id, out var followers)) here.Followers = followers;
        var after = node.After;
        for (var i = 0; i < after.Count; i++)
        {
            if (ended.Contains(after[i]) || Before(after, i) || (free && node.Issued.Contains(after[i]))) continue;
            if (after[i] == node.Id) throw new InputException($"{place(node)}: {node} comes after itself");
            here.Missing++;
            if (loaded.TryGetValue(after[i], out var other)) (other.Followers ??= []).Add(here);
            else if (awaited.TryGetValue(after[i], out var others)) others.Add(here);
            else awaited[after[i]] = [here];
        }
        if (here.Missing == 0) Ready(here);
    }

    long Count(int group)
    {
        var number = collectives.GetValueOrDefault(group);
        collectives[group] = number + 1;
        return number;
    }

    static bool Before(IReadOnlyList<ulong> after, int i)
    {
        for (var k = 0; k < i; k++)
            if (after[k] == after[i]) return true;
        return false;
    }

    void Ready(Loaded node)
    {
        if (issuing) late.Add(node);
        else ready[(int)node.Slot].Enqueue(node, node.Node.Id);
    }

    /// <summary>Issues nodes that are ready and find their slot free, by ascending number; what becomes ready meanwhile waits for the next time.</summary>
    public void Issue(Action<Loaded> begin)
    {
        do
        {
            issuing = true;
            while (Next() is { } node)
            {
                if (node.Slot != Slot.None) busy[(int)node.Slot] = true;
                begin(node);
            }
            issuing = false;
            foreach (var node in late) ready[(int)node.Slot].Enqueue(node, node.Node.Id);
            late.Clear();
            // Where only nodes that end at once were left, nothing else would come to issue what they freed.
        }
        while (UnderWay == 0 && ready.Any(q => q.Count > 0));
    }

    /// <summary>Nodes that have begun.</summary>
    public int UnderWay { get; private set; }

    Loaded? Next()
    {
        var best = -1;
        for (var s = 0; s < ready.Length; s++)
            if (!busy[s] && ready[s].Count > 0 && (best < 0 || ready[s].Peek().Node.Id < ready[best].Peek().Node.Id)) best = s;
        if (best < 0) return null;
        UnderWay++;
        return ready[best].Dequeue();
    }

    /// <summary>A node has ended: its slot is free, and what comes after it may be ready.</summary>
    public void Ended(Loaded node, long now)
    {
        if (node.Slot != Slot.None) busy[(int)node.Slot] = false;
        UnderWay--;
        Nodes++;
        loaded.Remove(node.Node.Id);
        ended.Add(node.Node.Id);
        if (node.Followers is { } followers)
            foreach (var follower in followers)
                if (--follower.Missing == 0) Ready(follower);
        if (loaded.Count <= window / 2) Load();
        if (loaded.Count == 0 && exhausted) End = now;
    }

    /// <summary>A rank without nodes ends where it begins.</summary>
    public void EndIfEmpty()
    {
        if (loaded.Count == 0 && exhausted) End = 0;
    }

    /// <summary>Whether a node waits for another that was never read.</summary>
    public bool IsAwaited(ulong id, Loaded by) => awaited.TryGetValue(id, out var waiting) && waiting.Contains(by);

    public Loaded? Find(ulong id) => loaded.GetValueOrDefault(id);
}

/// <summary>Numbers of nodes that have ended, as runs of neighbours.</summary>
sealed class EndedNodes
{
    readonly List<(ulong First, ulong Last)> runs = [];

    public bool Contains(ulong id)
    {
        var at = After(id) - 1;
        return at >= 0 && id <= runs[at].Last;
    }

    public void Add(ulong id)
    {
        var at = After(id);
        var joinsBefore = at > 0 && runs[at - 1].Last + 1 == id;
        var joinsAfter = at < runs.Count && id + 1 == runs[at].First;
        if (joinsBefore && joinsAfter)
        {
            runs[at - 1] = (runs[at - 1].First, runs[at].Last);
            runs.RemoveAt(at);
        }
        else if (joinsBefore)
        {
            runs[at - 1] = (runs[at - 1].First, id);
        }
        else if (joinsAfter)
        {
            runs[at] = (id, runs[at].Last);
        }
        else
        {
            runs.Insert(at, (id, id));
        }
    }

    // The first run that begins behind a number.
    int After(ulong id)
    {
        var (low, high) = (0, runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (runs[middle].First <= id) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
