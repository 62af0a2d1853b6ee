namespace Lightloom.Simulation;

/// <summary>Events by time, and by the order in which they were put.</summary>
public sealed class EventHeap
{
    (long Time, long Order, int Item)[] heap = new (long, long, int)[1024];
    long order;

    /// <summary>Events.</summary>
    public int Count { get; private set; }

    /// <summary>The time of the first; the end of the clock where there is none.</summary>
    public long Top => Count == 0 ? long.MaxValue : heap[0].Time;

    /// <summary>Puts an event behind all others of its time.</summary>
    public void Push(long time, int item) => Push(time, order++, item);

    /// <summary>Puts an event before all others of its time.</summary>
    public void PushFirst(long time, int item) => Push(time, order++ - (1L << 62), item);

    void Push(long time, long number, int item)
    {
        if (Count == heap.Length) Array.Resize(ref heap, 2 * Count);
        var entry = (time, number, item);
        var at = Count++;
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (!Before(entry, heap[parent])) break;
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = entry;
    }

    /// <summary>Takes the first.</summary>
    public (long Time, int Item) Pop()
    {
        var top = heap[0];
        var last = heap[--Count];
        var at = 0;
        while (true)
        {
            var child = (at << 2) + 1;
            if (child >= Count) break;
            var best = child;
            for (var end = Math.Min(child + 4, Count); ++child < end;)
                if (Before(heap[child], heap[best])) best = child;
            if (!Before(heap[best], last)) break;
            heap[at] = heap[best];
            at = best;
        }
        if (Count > 0) heap[at] = last;
        return (top.Time, top.Item);
    }

    static bool Before(in (long Time, long Order, int Item) a, in (long Time, long Order, int Item) b) => a.Time < b.Time || (a.Time == b.Time && a.Order < b.Order);
}
