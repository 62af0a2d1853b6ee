// Events by ascending time: a ring of buckets of 2^s ps each, of which only the open one is sorted.
//
//   bucket of time t     b = t >> s; place b mod 2^r in the ring, for b less than 2^r ahead; others wait in a heap
//   key in a bucket      (t mod 2^s) << 32 | tie: one comparison decides
//   empty buckets        skipped 64 at a time by a bitmap
//   width                so that about one event falls into each bucket
//
// Events of one time come in the order of their ties, a number that the events' sources decide and not the order in which events were made: what
// happens is then the same however work is divided over threads, and no source is always first.
//
// Measured beside .NET's PriorityQueue: bench/, EventQueueBenchmarks.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets;

sealed class EventRing
{
    const int SmallSort = 24;

    readonly int shift, buckets;
    readonly long mask;
    readonly int[] head;                 // first node of each bucket, -1: none
    readonly ulong[] used;               // bitmap of buckets with nodes
    readonly FarHeap far = new();
    Node[] nodes;
    int free;                            // chain of unused nodes
    long open;                           // the bucket that is sorted; all before it are done
    Sorted[] now = new Sorted[64];       // what it holds: [next .. count) is to come
    int next, count;

    struct Node
    {
        public ulong Key;
        public int What;
        public int Next;
    }

    struct Sorted : IComparable<Sorted>
    {
        public ulong Key;
        public int What;

        public readonly int CompareTo(Sorted other) => Key.CompareTo(other.Key);
    }

    /// <param name="shift">Buckets are 2^shift picoseconds wide.</param>
    /// <param name="ring">The ring has 2^ring of them.</param>
    public EventRing(int shift, int ring)
    {
        (this.shift, buckets, mask) = (shift, 1 << ring, (1L << shift) - 1);
        head = new int[buckets];
        Array.Fill(head, -1);
        used = new ulong[buckets / 64];
        nodes = new Node[1024];
        Chain(0);
    }

    /// <summary>Events to come.</summary>
    public int Count { get; private set; }

    /// <summary>A width for a number of events in flight that are made for a time ahead, and a ring that reaches it.</summary>
    public static EventRing For(double eventsAtOnce, long aheadPicoseconds)
    {
        var width = Math.Max(1.0, aheadPicoseconds / Math.Max(1.0, eventsAtOnce));
        var shift = Math.Clamp((int)Math.Round(Math.Log2(width)), 4, 20);
        var ring = Math.Clamp((int)Math.Ceiling(Math.Log2(Math.Max(1.0, 2.0 * aheadPicoseconds / (1L << shift)))), 8, 18);
        return new(shift, ring);
    }

    public void Push(long time, uint tie, int what)
    {
        Count++;
        var ahead = (time >> shift) - open;
        var key = ((ulong)(time & mask) << 32) | tie;
        if (ahead <= 0)
        {
            Insert(key, what);
            return;
        }
        if (ahead >= buckets)
        {
            far.Push(time, tie, what);
            return;
        }
        if (free < 0) Grow();
        var n = free;
        ref var node = ref nodes[n];
        free = node.Next;
        var b = (int)(time >> shift) & (buckets - 1);
        node.Key = key;
        node.What = what;
        node.Next = head[b];
        if (node.Next < 0) used[b >> 6] |= 1UL << b;
        head[b] = n;
    }

    /// <summary>Takes the first event that is not after a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPop(long until, out long time, out int what)
    {
        while (next == count)
        {
            if (!Open(until))
            {
                (time, what) = (0, 0);
                return false;
            }
        }
        ref var first = ref now[next];
        time = (open << shift) + (long)(first.Key >> 32);
        what = first.What;
        if (time > until) return false;
        next++;
        Count--;
        return true;
    }

    /// <summary>No event is before this time; the end of the clock when there is none.</summary>
    public long NotBefore()
    {
        if (next < count) return (open << shift) + (long)(now[next].Key >> 32);
        var bucket = NextUsed();
        return Math.Min(bucket == long.MaxValue ? long.MaxValue : bucket << shift, far.Count == 0 ? long.MaxValue : far.Time);
    }

    // An event of the open bucket goes where its key belongs among those to come.
    void Insert(ulong key, int what)
    {
        if (next > 0 && next == count) next = count = 0;
        if (count == now.Length)
        {
            if (next > count / 2)
            {
                now.AsSpan(next, count - next).CopyTo(now);
                (next, count) = (0, count - next);
            }
            else
            {
                Array.Resize(ref now, 2 * now.Length);
            }
        }
        var at = count++;
        while (at > next && now[at - 1].Key > key)
        {
            now[at] = now[at - 1];
            at--;
        }
        now[at].Key = key;
        now[at].What = what;
    }

    bool Open(long until)
    {
        var bucket = Math.Min(NextUsed(), far.Count == 0 ? long.MaxValue : far.Time >> shift);
        if (bucket == long.MaxValue || bucket > until >> shift) return false;
        open = bucket;
        next = count = 0;
        var b = (int)bucket & (buckets - 1);
        if ((used[b >> 6] & (1UL << b)) != 0)
        {
            used[b >> 6] &= ~(1UL << b);
            for (var n = head[b]; n >= 0;)
            {
                ref var node = ref nodes[n];
                if (count == now.Length) Array.Resize(ref now, 2 * now.Length);
                now[count].Key = node.Key;
                now[count++].What = node.What;
                var following = node.Next;
                node.Next = free;
                free = n;
                n = following;
            }
            head[b] = -1;
        }
        while (far.Count > 0 && far.Time >> shift == bucket)
        {
            var (time, tie, what) = far.Pop();
            if (count == now.Length) Array.Resize(ref now, 2 * now.Length);
            now[count].Key = ((ulong)(time & mask) << 32) | tie;
            now[count++].What = what;
        }
        if (count > 1) Sort();
        return true;
    }

    void Sort()
    {
        if (count > SmallSort)
        {
            now.AsSpan(0, count).Sort();
            return;
        }
        for (var i = 1; i < count; i++)
        {
            var moved = now[i];
            var at = i;
            while (at > 0 && now[at - 1].Key > moved.Key)
            {
                now[at] = now[at - 1];
                at--;
            }
            now[at] = moved;
        }
    }

    // The next bucket of the ring with events.
    long NextUsed()
    {
        var from = open + 1;
        var word = (int)(from & (buckets - 1)) >> 6;
        var bits = used[word] & (ulong.MaxValue << (int)from);
        for (var scanned = 0; ; scanned++)
        {
            if (bits != 0)
            {
                var place = (word << 6) + BitOperations.TrailingZeroCount(bits);
                return from + ((place - from) & (buckets - 1));
            }
            if (scanned > used.Length) return long.MaxValue;
            word = (word + 1) & (used.Length - 1);
            bits = used[word];
        }
    }

    void Grow()
    {
        var from = nodes.Length;
        Array.Resize(ref nodes, 2 * from);
        Chain(from);
    }

    void Chain(int from)
    {
        for (var n = from; n < nodes.Length - 1; n++) nodes[n].Next = n + 1;
        nodes[^1].Next = -1;
        free = from;
    }

    // What lies beyond the ring: few events, such as timers that hardly ever come to anything.
    sealed class FarHeap
    {
        (long Time, uint Tie, int What)[] heap = new (long, uint, int)[64];

        public int Count { get; private set; }

        public long Time => heap[0].Time;

        public void Push(long time, uint tie, int what)
        {
            if (Count == heap.Length) Array.Resize(ref heap, 2 * heap.Length);
            var at = Count++;
            while (at > 0)
            {
                var parent = (at - 1) >> 1;
                if (!Before(time, tie, heap[parent])) break;
                heap[at] = heap[parent];
                at = parent;
            }
            heap[at] = (time, tie, what);
        }

        public (long Time, uint Tie, int What) Pop()
        {
            var first = heap[0];
            var last = heap[--Count];
            var at = 0;
            while (true)
            {
                var child = 2 * at + 1;
                if (child >= Count) break;
                if (child + 1 < Count && Before(heap[child + 1].Time, heap[child + 1].Tie, heap[child])) child++;
                if (!Before(heap[child].Time, heap[child].Tie, last)) break;
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = last;
            return first;
        }

        static bool Before(long time, uint tie, in (long Time, uint Tie, int What) other) => time < other.Time || (time == other.Time && tie < other.Tie);
    }
}
