using System.Runtime.InteropServices;

namespace Lightloom.Interop.Goal;

/// <summary>
/// Pairs of a key and a value that are put in any order and read by ascending keys, those of a key in the order in which they were put: sorted in
/// memory, or in pieces that are spilled and merged. Not for several threads.
/// </summary>
/// <param name="most">Pairs that are held in memory.</param>
sealed class SpilledPairs(int most) : IDisposable
{
    const int Piece = 4096; // pairs that are read at once

    uint[] keys = [], values = [];
    int count;
    bool ordered = true;
    readonly Spool spool = new(1 << 16);
    readonly List<long> runs = []; // where sorted pieces end in the spool, in pairs

    public void Add(uint key, uint value)
    {
        if (count == keys.Length)
        {
            if (count >= most) Spill();
            else
            {
                var size = Math.Min(most, Math.Max(1024, 2 * count));
                Array.Resize(ref keys, size);
                Array.Resize(ref values, size);
            }
        }
        ordered &= count == 0 || keys[count - 1] <= key;
        (keys[count], values[count]) = (key, value);
        count++;
    }

    void Sort()
    {
        if (ordered) return;
        var places = new ulong[count];
        for (var i = 0; i < count; i++) places[i] = ((ulong)keys[i] << 32) | (uint)i;
        Array.Sort(places, values, 0, count);
        for (var i = 0; i < count; i++) keys[i] = (uint)(places[i] >> 32);
        ordered = true;
    }

    void Spill()
    {
        Sort();
        var pairs = new uint[2 * Piece];
        for (var from = 0; from < count; from += Piece)
        {
            var size = Math.Min(Piece, count - from);
            for (var i = 0; i < size; i++) (pairs[2 * i], pairs[(2 * i) + 1]) = (keys[from + i], values[from + i]);
            spool.Append(MemoryMarshal.AsBytes(pairs.AsSpan(0, 2 * size)));
        }
        runs.Add(spool.Length / 8);
        (count, ordered) = (0, true);
    }

    /// <summary>All, by keys. More than once, if one likes; nothing is put meanwhile.</summary>
    public IEnumerable<(uint Key, uint Value)> Sorted()
    {
        if (runs.Count == 0)
        {
            Sort();
            for (var i = 0; i < count; i++) yield return (keys[i], values[i]);
            yield break;
        }
        if (count > 0) Spill();
        var readers = runs.Select((end, n) => Run(n == 0 ? 0 : runs[n - 1], end).GetEnumerator()).ToList();
        var queue = new PriorityQueue<int, (uint, int)>();
        for (var n = 0; n < readers.Count; n++)
            if (readers[n].MoveNext()) queue.Enqueue(n, (readers[n].Current.Key, n));
        while (queue.TryPeek(out var n, out _))
        {
            yield return readers[n].Current;
            if (readers[n].MoveNext()) queue.DequeueEnqueue(n, (readers[n].Current.Key, n));
            else queue.Dequeue();
        }
    }

    IEnumerable<(uint Key, uint Value)> Run(long from, long to)
    {
        var pairs = new uint[2 * Piece];
        for (; from < to; from += Piece)
        {
            var size = (int)Math.Min(Piece, to - from);
            spool.Read(8 * from, MemoryMarshal.AsBytes(pairs.AsSpan(0, 2 * size)));
            for (var i = 0; i < size; i++) yield return (pairs[2 * i], pairs[(2 * i) + 1]);
        }
    }

    public void Clear()
    {
        (count, ordered) = (0, true);
        runs.Clear();
        spool.Clear();
    }

    public void Dispose() => spool.Dispose();
}
