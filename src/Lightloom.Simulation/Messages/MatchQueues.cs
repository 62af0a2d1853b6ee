using System.Runtime.InteropServices;

namespace Lightloom.Simulation.Messages;

/// <summary>
/// What waits to be matched, by rank, peer and tag, each in order: a hash table of lists, so that a match takes as long with a thousand
/// that wait as with one. Where somebody asks for any peer or tag, entries stand in the lists of all that could ask for them.
/// </summary>
sealed class MatchQueues(int ranks)
{
    struct Entry
    {
        public int Item, Next;
        public long Order;
    }

    struct Ends
    {
        public int First, Last;
    }

    readonly Dictionary<long, Ends>?[] queues = new Dictionary<long, Ends>?[ranks];
    readonly int[] waiting = new int[ranks]; // entries of each rank: most often there is nothing to look for
    readonly List<Entry> entries = [];
    readonly HashSet<int> taken = []; // items that still stand in further lists
    int free = -1;
    long order;

    static long Key(int peer, int tag) => ((long)peer << 32) | (uint)tag;

    /// <summary>Puts an item at the end of a list.</summary>
    public void Add(int rank, int peer, int tag, int item, long at)
    {
        waiting[rank]++;
        int place;
        if (free >= 0) (place, free) = (free, entries[free].Next);
        else
        {
            place = entries.Count;
            entries.Add(default);
        }
        CollectionsMarshal.AsSpan(entries)[place] = new() { Item = item, Next = -1, Order = at };
        ref var ends = ref CollectionsMarshal.GetValueRefOrAddDefault(queues[rank] ??= [], Key(peer, tag), out var exists);
        if (!exists || ends.First < 0) ends = new() { First = place, Last = place };
        else
        {
            CollectionsMarshal.AsSpan(entries)[ends.Last].Next = place;
            ends.Last = place;
        }
    }

    /// <summary>A number for what is put next.</summary>
    public long NextOrder() => order++;

    /// <summary>The order of the first of a list; the largest number where it is empty.</summary>
    public long First(int rank, int peer, int tag)
    {
        if (waiting[rank] == 0 || queues[rank] is not { } own) return long.MaxValue;
        ref var ends = ref CollectionsMarshal.GetValueRefOrNullRef(own, Key(peer, tag));
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref ends)) return long.MaxValue;
        while (ends.First >= 0 && taken.Count > 0 && taken.Contains(entries[ends.First].Item)) Drop(rank, ref ends);
        return ends.First < 0 ? long.MaxValue : entries[ends.First].Order;
    }

    /// <summary>Takes the first of a list whose items stand in no other; -1 where it is empty.</summary>
    public int TakeOnly(int rank, int peer, int tag)
    {
        if (waiting[rank] == 0 || queues[rank] is not { } own) return -1;
        ref var ends = ref CollectionsMarshal.GetValueRefOrNullRef(own, Key(peer, tag));
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref ends) || ends.First < 0) return -1;
        var item = entries[ends.First].Item;
        Drop(rank, ref ends);
        return item;
    }

    /// <summary>Takes the first of a list that isn't empty.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="peer">The peer of the list.</param>
    /// <param name="tag">The tag of the list.</param>
    /// <param name="elsewhere">Whether the item stands in further lists.</param>
    public int Take(int rank, int peer, int tag, bool elsewhere)
    {
        ref var ends = ref CollectionsMarshal.GetValueRefOrNullRef(queues[rank]!, Key(peer, tag));
        var item = entries[ends.First].Item;
        Drop(rank, ref ends);
        if (elsewhere) taken.Add(item);
        return item;
    }

    void Drop(int rank, ref Ends ends)
    {
        waiting[rank]--;
        var place = ends.First;
        var span = CollectionsMarshal.AsSpan(entries);
        ends.First = span[place].Next;
        span[place].Next = free;
        free = place;
    }
}
