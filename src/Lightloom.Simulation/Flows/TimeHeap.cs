namespace Lightloom.Simulation.Flows;

/// <summary>Items by ascending time: a heap with four children, in which an item's time can change.</summary>
sealed class TimeHeap(int items)
{
    readonly double[] time = new double[items];
    readonly int[] heap = new int[items], place = Minus(items); // heap[place[i]] == i; -1: not in it
    int count;

    public int Count => count;

    public double Top => count == 0 ? double.PositiveInfinity : time[heap[0]];

    public double TimeOf(int item) => time[item];

    /// <summary>Puts an item, or moves it.</summary>
    public void Set(int item, double at)
    {
        if (place[item] < 0)
        {
            time[item] = at;
            place[item] = count;
            heap[count] = item;
            Up(count++);
            return;
        }
        var before = time[item];
        time[item] = at;
        if (at < before) Up(place[item]);
        else Down(place[item]);
    }

    /// <summary>Puts or moves an item without order; <see cref="Order"/> follows.</summary>
    public void SetUnordered(int item, double at)
    {
        time[item] = at;
        if (place[item] >= 0) return;
        place[item] = count;
        heap[count++] = item;
    }

    /// <summary>Orders what was put without.</summary>
    public void Order()
    {
        for (var i = (count - 2) >> 2; i >= 0; i--) Down(i);
    }

    public void Remove(int item)
    {
        var at = place[item];
        if (at < 0) return;
        place[item] = -1;
        var last = heap[--count];
        if (at == count) return;
        heap[at] = last;
        place[last] = at;
        Up(at);
        Down(place[last]);
    }

    /// <summary>Takes all items whose time has come.</summary>
    public void Take(double until, List<int> into)
    {
        if (count == 0 || time[heap[0]] > until) return;
        // What has come stands together at the top; looking at its children tells how much it is.
        var first = into.Count;
        into.Add(0);
        for (var at = first; at < into.Count; at++)
        {
            var child = (into[at] << 2) + 1;
            for (var end = Math.Min(child + 4, count); child < end; child++)
                if (time[heap[child]] <= until) into.Add(child);
        }
        var taken = into.Count - first;
        for (var i = first; i < into.Count; i++) into[i] = heap[into[i]];
        if (taken == count)
        {
            for (var i = first; i < into.Count; i++) place[into[i]] = -1;
            count = 0;
        }
        else if (taken > count >> 3)
        {
            for (var i = first; i < into.Count; i++) place[into[i]] = -1;
            var kept = 0;
            for (var i = 0; i < count; i++)
            {
                if (place[heap[i]] < 0) continue;
                place[heap[i]] = kept;
                heap[kept++] = heap[i];
            }
            count = kept;
            Order();
        }
        else
        {
            for (var i = first; i < into.Count; i++) Remove(into[i]);
        }
    }

    void Up(int at)
    {
        var item = heap[at];
        var key = time[item];
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (time[heap[parent]] <= key) break;
            heap[at] = heap[parent];
            place[heap[at]] = at;
            at = parent;
        }
        heap[at] = item;
        place[item] = at;
    }

    void Down(int at)
    {
        var item = heap[at];
        var key = time[item];
        while (true)
        {
            var child = (at << 2) + 1;
            if (child >= count) break;
            var best = child;
            var least = time[heap[child]];
            for (var end = Math.Min(child + 4, count); ++child < end;)
                if (time[heap[child]] < least)
                {
                    least = time[heap[child]];
                    best = child;
                }
            if (least >= key) break;
            heap[at] = heap[best];
            place[heap[at]] = at;
            at = best;
        }
        heap[at] = item;
        place[item] = at;
    }

    static int[] Minus(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }
}
