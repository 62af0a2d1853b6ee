// Events by ascending time: a ring of buckets of 2^s ps each, of which only the open one is sorted.
//
//   bucket of time t     b = t >> s; place b mod 2^r in the ring, for b less than 2^r ahead; others wait in a heap
//   key in a bucket      (t mod 2^s) << 32 | tie: one comparison decides
//   empty buckets        skipped 64 at a time by a bitmap
//   in a bucket          a chain of packets, which are their own arrivals, and of nodes, which are all other events: p is packet p, -2 - n is node n, -1 the end
//   width                so that about two events fall into each bucket
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
    const int SmallSort = 24, None = -1, MostShift = 16;

    readonly int shift, buckets;
    readonly long mask;
    readonly ulong salt;
    readonly Segments<Packet> packets;
    readonly int[] head;                 // of the chain of each bucket
    readonly ulong[] used;               // bitmap of buckets with a chain
    readonly FarHeap far = new();
    readonly Segments<Node> nodes = new();
    int free = None;                     // chain of unused nodes
    long open = -1;                      // the bucket that is sorted; all before it are done
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
    /// <param name="packets">Those whose arrivals are events.</param>
    /// <param name="salt">What the order of simultaneous events is drawn from.</param>
    public EventRing(int shift, int ring, Segments<Packet>? packets = null, ulong salt = 0)
    {
        (this.shift, buckets, mask) = (shift, 1 << ring, (1L << shift) - 1);
        (this.packets, this.salt) = (packets ?? new(), salt);
        head = new int[buckets];
        Array.Fill(head, None);
        used = new ulong[buckets / 64];
    }

    /// <summary>Events to come.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of buckets, nodes and the heap.</summary>
    public long Bytes => 4L * head.Length + 8L * used.Length + nodes.Bytes + 16L * now.Length + far.Bytes;

    /// <summary>A width for a number of events in flight that are made for a time ahead at most, and a ring that reaches it.</summary>
    public static EventRing For(double eventsAtOnce, long aheadPicoseconds, Segments<Packet>? packets = null, ulong salt = 0)
    {
        var width = Math.Max(1.0, aheadPicoseconds / Math.Max(1.0, eventsAtOnce));
        var shift = Math.Clamp((int)Math.Round(Math.Log2(width)), 4, MostShift);
        var ring = Math.Clamp((int)Math.Ceiling(Math.Log2((aheadPicoseconds >> shift) + 2.0)), 8, 18);
        return new(shift, ring, packets, salt);
    }

    /// <summary>Orders what happens at one time: one to one for all that can, in another order at each time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Tie(ulong salt, long time, uint who) => (who * 0x9E3779B1u) ^ (uint)((((ulong)time ^ salt) * 0xD6E8FEB86659FD93UL) >> 32);

    /// <summary>A packet that is on a wire will arrive.</summary>
    public void PushArrival(long time, int packet, ref Packet p)
    {
        Count++;
        var ahead = (time >> shift) - open;
        if ((ulong)(ahead - 1) >= (ulong)(buckets - 1))
        {
            PushAside(time, Tie(salt, time, (uint)p.Wire), packet);
            return;
        }
        p.Wait = (ushort)(time & mask);
        p.Next = Link(time, packet);
    }

    /// <summary>Something else will happen.</summary>
    public void Push(long time, uint tie, int what)
    {
        Count++;
        var ahead = (time >> shift) - open;
        if ((ulong)(ahead - 1) >= (ulong)(buckets - 1))
        {
            PushAside(time, tie, what);
            return;
        }
        if (free == None) Grow();
        var n = free;
        ref var node = ref nodes[n];
        free = node.Next;
        node.Key = KeyOf(time, tie);
        node.What = what;
        node.Next = Link(time, -2 - n);
    }

    ulong KeyOf(long time, uint tie) => ((ulong)(time & mask) << 32) | tie;

    // Puts something first into the chain of its bucket; what was first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Link(long time, int link)
    {
        var b = (int)(time >> shift) & (buckets - 1);
        var before = head[b];
        if (before == None) used[b >> 6] |= 1UL << b;
        head[b] = link;
        return before;
    }

    // Not into the ring: it belongs into the open bucket, or lies beyond.
    void PushAside(long time, uint tie, int what)
    {
        if ((time >> shift) <= open) Insert(KeyOf(time, tie), what);
        else far.Push(time, tie, what);
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
            var link = head[b];
            head[b] = None;
            while (link != None) link = link >= 0 ? TakePacket(link) : TakeNode(-2 - link);
        }
        while (far.Count > 0 && far.Time >> shift == bucket)
        {
            var (time, tie, what) = far.Pop();
            Add(KeyOf(time, tie), what);
        }
        if (count > 1) Sort();
        return true;
    }

    // Both give what follows in the chain.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int TakePacket(int packet)
    {
        ref var p = ref packets[packet];
        Add(((ulong)p.Wait << 32) | Tie(salt, (open << shift) + p.Wait, (uint)p.Wire), packet);
        return p.Next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int TakeNode(int n)
    {
        ref var node = ref nodes[n];
        Add(node.Key, node.What);
        var following = node.Next;
        node.Next = free;
        free = n;
        return following;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Add(ulong key, int what)
    {
        if (count == now.Length) Array.Resize(ref now, 2 * now.Length);
        now[count].Key = key;
        now[count++].What = what;
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
        nodes.Grow();
        for (var n = nodes.Length - 1; n >= from; n--)
        {
            nodes[n].Next = free;
            free = n;
        }
    }

    // What lies beyond the ring: few events, such as timers that hardly ever come to anything.
    sealed class FarHeap
    {
        (long Time, uint Tie, int What)[] heap = new (long, uint, int)[64];

        public int Count { get; private set; }

        public long Time => heap[0].Time;

        public long Bytes => 16L * heap.Length;

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
