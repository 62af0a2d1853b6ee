using System.Runtime.InteropServices;

namespace Lightloom.Simulation.Messages;

/// <summary>
/// What waits to be matched, by rank, peer and tag, each in order: a hash table of lists, so that a match takes as long with a thousand
/// that wait as with one. Where somebody asks for any peer or tag, items stand in the lists of all that could ask for them, and leave all
/// of them together. What is held is what waits: lists that have become empty are cleared away.
/// </summary>
sealed class MatchQueues(int ranks)
{
    const int FewLists = 64;

    struct Entry
    {
        public int Item, Next, Previous, Copy; // Copy: the same item in another list; -1: it is in no further one
        public int Peer, Tag;
        public long Order;
    }

    struct Ends
    {
        public int First, Last;
    }

    readonly Dictionary<long, Ends>?[] queues = new Dictionary<long, Ends>?[ranks];
    readonly int[] waiting = new int[ranks]; // entries of each rank: most often there is nothing to look for
    readonly int[] clearAt = new int[ranks]; // how many lists a rank may have before the empty ones go
    readonly List<Entry> entries = [];
    int free = -1;
    long order;

    static long Key(int peer, int tag) => ((long)peer << 32) | (uint)tag;

    /// <summary>Puts an item at the end of a list.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="peer">The peer of the list.</param>
    /// <param name="tag">The tag of the list.</param>
    /// <param name="item">The item.</param>
    /// <param name="at">Its order among all lists.</param>
    /// <param name="copy">What this returned for the last list that has the item; -1: this is the first.</param>
    public int Add(int rank, int peer, int tag, int item, long at, int copy = -1)
    {
        waiting[rank]++;
        int place;
        if (free >= 0) (place, free) = (free, entries[free].Next);
        else
        {
            place = entries.Count;
            entries.Add(default);
        }
        var own = queues[rank] ??= [];
        if (own.Count > Math.Max(FewLists, clearAt[rank])) Clear(rank, own);
        ref var ends = ref CollectionsMarshal.GetValueRefOrAddDefault(own, Key(peer, tag), out var exists);
        var span = CollectionsMarshal.AsSpan(entries);
        var last = !exists || ends.First < 0 ? -1 : ends.Last;
        span[place] = new() { Item = item, Next = -1, Previous = last, Copy = copy, Peer = peer, Tag = tag, Order = at };
        if (last < 0) ends.First = place;
        else span[last].Next = place;
        ends.Last = place;
        return place;
    }

    /// <summary>A number for what is put next.</summary>
    public long NextOrder() => order++;

    /// <summary>The order of the first of a list; the largest number where it is empty.</summary>
    public long First(int rank, int peer, int tag)
    {
        if (waiting[rank] == 0 || queues[rank] is not { } own) return long.MaxValue;
        return own.TryGetValue(Key(peer, tag), out var ends) && ends.First >= 0 ? entries[ends.First].Order : long.MaxValue;
    }

    /// <summary>Takes the first of a list, out of all that have it; -1 where it is empty.</summary>
    public int Take(int rank, int peer, int tag)
    {
        if (waiting[rank] == 0 || queues[rank] is not { } own) return -1;
        ref var ends = ref CollectionsMarshal.GetValueRefOrNullRef(own, Key(peer, tag));
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref ends) || ends.First < 0) return -1;
        var place = ends.First;
        var (item, at) = (entries[place].Item, entries[place].Order);
        Remove(rank, place, ref ends);
        if (holders.Count > 0 && holders.Remove(at, out var copy))
        {
            while (copy >= 0)
            {
                var next = entries[copy].Copy;
                if (copy != place) Remove(rank, copy, ref CollectionsMarshal.GetValueRefOrNullRef(own, Key(entries[copy].Peer, entries[copy].Tag)));
                copy = next;
            }
        }
        return item;
    }

    readonly Dictionary<long, int> holders = []; // by order, of items in several lists: the last entry, from which Copy leads to the others

    /// <summary>Says that an item stands in several lists.</summary>
    /// <param name="at">Its order.</param>
    /// <param name="last">What <see cref="Add"/> returned for the last of them.</param>
    public void Hold(long at, int last) => holders.Add(at, last);

    /// <summary>How many lists there are, empty ones too.</summary>
    public int Lists => queues.Sum(q => q?.Count ?? 0);

    void Remove(int rank, int place, ref Ends ends)
    {
        waiting[rank]--;
        var span = CollectionsMarshal.AsSpan(entries);
        var (previous, next) = (span[place].Previous, span[place].Next);
        if (previous < 0) ends.First = next;
        else span[previous].Next = next;
        if (next < 0) ends.Last = previous;
        else span[next].Previous = previous;
        span[place].Next = free;
        free = place;
    }

    // Tags that number the messages leave a list each: when half of a rank's lists are empty these go, so that each costs a fixed amount.
    void Clear(int rank, Dictionary<long, Ends> own)
    {
        foreach (var (key, ends) in own)
            if (ends.First < 0) own.Remove(key);
        clearAt[rank] = 2 * own.Count;
    }
}
