using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Counts cables by the length in which they are bought, a run of racks at a time.
//
//   run = base + pitch · d        d = racks apart along the row,   base = vertical + rows apart · aisle
//
// Worked example: one device, three racks 2, 3 and 4 places along in the next row; pitch 0.6 m, aisle 3 m, vertical 4.4 m: cables
// of 8.6, 9.2 and 9.8 m; of lengths of 5, 9 and 10 m one is bought as 9 m and two as 10 m.
//
// All lengths are whole millimetres, so that a run of exactly 10 m is bought as 10 m on every machine.

/// <summary>Racks side by side in one row, each with the same number of ends of cables.</summary>
/// <param name="Row">Row.</param>
/// <param name="Column">First place in the row.</param>
/// <param name="Racks">Racks.</param>
/// <param name="Each">Devices in each.</param>
readonly record struct RackRun(int Row, int Column, int Racks, long Each);

/// <summary>A list of runs that is reused.</summary>
sealed class RackRuns
{
    RackRun[] items = new RackRun[16];

    public int Count { get; private set; }

    public ReadOnlySpan<RackRun> Items => items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int row, int column, int racks, long each)
    {
        if (Count == items.Length) Array.Resize(ref items, 2 * Count);
        items[Count++] = new(row, column, racks, each);
    }
}

/// <summary>The distribution of one class's lengths while it is counted.</summary>
/// <param name="lengths">Lengths that can be bought, ascending, in mm; the last is not below any run.</param>
/// <param name="rackPitch">Rack pitch in mm, at least 1.</param>
/// <param name="aislePitch">Aisle pitch in mm.</param>
sealed class LengthCounter(long[] lengths, long rackPitch, long aislePitch)
{
    readonly long[] counts = new long[lengths.Length];
    readonly long[] longest = new long[lengths.Length];
    long count, sum, shortest, vertical, inside;

    // Histogram of racks apart: differences while it is filled, then apart[d] = cables up to d apart.
    long[] apart = [];
    int apartEnd, apartStart;
    long apartCount, apartSum;

    /// <summary>Starts a class of links.</summary>
    /// <param name="overhead">Length of a run between two racks that stand on top of each other, so to say: up, down and slack.</param>
    /// <param name="insideRack">Length of a run inside one rack.</param>
    public void Start(long overhead, long insideRack)
    {
        Array.Clear(counts);
        Array.Clear(longest);
        (count, sum, shortest, vertical, inside) = (0, 0, long.MaxValue, overhead, insideRack);
    }

    /// <summary>Adds cables that stay in one rack.</summary>
    public void AddInside(long cables) => AddRun(inside, 0, 0, cables);

    /// <summary>Adds one cable of a run in mm.</summary>
    public void AddCable(long run) => AddRun(run, 0, 0, 1);

    /// <summary>Adds so many cables between each device of one list and each of another.</summary>
    public void AddPairs(ReadOnlySpan<RackRun> from, ReadOnlySpan<RackRun> to, long each)
    {
        foreach (ref readonly var a in from)
            foreach (ref readonly var b in to) AddPairs(a, b, Math.Abs(a.Row - b.Row), 0, each);
    }

    /// <summary>Adds pairs of lists whose rows are so far apart, whatever rows they name.</summary>
    public void AddPairs(ReadOnlySpan<RackRun> from, ReadOnlySpan<RackRun> to, int rowsApart, long each)
    {
        foreach (ref readonly var a in from)
            foreach (ref readonly var b in to) AddPairs(a, b, rowsApart, 0, each);
    }

    /// <summary>Adds pairs of two runs of racks, the first moved along its row by <paramref name="shift"/>.</summary>
    public void AddPairs(in RackRun a, in RackRun b, int rowsApart, int shift, long each)
    {
        var cables = a.Each * b.Each * each;
        if (cables == 0) return;
        var (few, many) = (a.Column + shift, b.Column);
        var (fewRacks, manyRacks) = (a.Racks, b.Racks);
        if (fewRacks > manyRacks) (few, many, fewRacks, manyRacks) = (many, few, manyRacks, fewRacks);
        var start = vertical + (rowsApart * aislePitch);
        for (var at = few; at < few + fewRacks; at++)
        {
            var (low, high) = (many, many + manyRacks - 1);
            if (low <= at && at <= high)
            {
                AddRun(rowsApart == 0 ? inside : start, 0, 0, cables);
                if (low < at) AddRun(start, 1, at - low, cables);
                if (high > at) AddRun(start, 1, high - at, cables);
            }
            else if (at < low)
            {
                AddRun(start, low - at, high - at, cables);
            }
            else
            {
                AddRun(start, at - high, at - low, cables);
            }
        }
    }

    /// <summary>Starts a histogram of racks apart along a row.</summary>
    public void ClearApart(int places)
    {
        if (apart.Length < places + 2) apart = new long[places + 2];
        else Array.Clear(apart, 0, apartEnd + 1);
        (apartCount, apartSum, apartStart, apartEnd) = (0, 0, int.MaxValue, 0);
    }

    /// <summary>Adds a device at a place to each device of a run in another row, to the histogram.</summary>
    public void AddApart(int at, in RackRun run, long each)
    {
        var (low, high, cables) = (run.Column, run.Column + run.Racks - 1, run.Each * each);
        if (at < low)
        {
            Range(low - at, high - at, cables);
        }
        else if (at > high)
        {
            Range(at - high, at - low, cables);
        }
        else
        {
            Range(0, high - at, cables);
            if (low < at) Range(1, at - low, cables);
        }
    }

    /// <summary>Sums the histogram up; false when it is empty.</summary>
    public bool SumApart()
    {
        long here = 0, upTo = 0;
        foreach (ref var d in apart.AsSpan(0, apartEnd))
        {
            here += d;
            upTo += here;
            d = upTo;
        }
        return apartCount > 0;
    }

    /// <summary>Adds the cables of the summed histogram, between rows so far apart.</summary>
    public void AddSummed(int rowsApart)
    {
        var start = vertical + (rowsApart * aislePitch);
        count += apartCount;
        sum += (apartCount * start) + (apartSum * rackPitch);
        var first = start + (apartStart * rackPitch);
        if (first < shortest) shortest = first;
        var bucket = Array.BinarySearch(lengths, first);
        if (bucket < 0) bucket = ~bucket;
        for (var done = 0L; done < apartCount; bucket++)
        {
            // Racks apart up to which the run still fits the bucket.
            var until = (int)Math.Min((lengths[bucket] - start) / rackPitch, apartEnd - 1);
            var upTo = apart[until];
            if (upTo == done) continue;
            counts[bucket] += upTo - done;
            while (until > apartStart && apart[until - 1] == upTo) until--;
            longest[bucket] = Math.Max(longest[bucket], start + (until * rackPitch));
            done = upTo;
        }
    }

    /// <summary>What was counted.</summary>
    public CableLengths Finish(LinkClass link)
    {
        var used = 0;
        foreach (var c in counts)
            if (c > 0) used++;
        var buckets = new LengthBucket[used];
        long bought = 0, top = 0;
        var next = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            buckets[next++] = new(Meters(lengths[i]), Meters(longest[i]), counts[i]);
            bought += counts[i] * lengths[i];
            top = longest[i];
        }
        if (count != link.Count)
            throw new InvalidOperationException($"{link.Name} counts {link.Count} cables and the floor {count}");
        return new(link, buckets, Meters(count == 0 ? 0 : shortest), count == 0 ? Length.Zero : Length.FromMillimeters(sum / (double)count),
            Meters(top), Meters(bought));
    }

    static Length Meters(long millimeters) => Length.FromMillimeters(millimeters);

    void Range(int low, int high, long cables)
    {
        apart[low] += cables;
        apart[high + 1] -= cables;
        var racks = high - low + 1L;
        apartCount += racks * cables;
        apartSum += racks * (low + high) / 2 * cables;
        apartStart = Math.Min(apartStart, low);
        apartEnd = Math.Max(apartEnd, high + 1);
    }

    // Cables of base + pitch · d for every d from low to high.
    void AddRun(long start, long low, long high, long cables)
    {
        var racks = high - low + 1;
        var first = start + (rackPitch * low);
        count += racks * cables;
        sum += cables * ((racks * first) + (rackPitch * (racks * (racks - 1) / 2)));
        if (first < shortest) shortest = first;
        var bucket = Array.BinarySearch(lengths, first);
        if (bucket < 0) bucket = ~bucket;
        var last = start + (rackPitch * high);
        while (last > lengths[bucket])
        {
            var until = (lengths[bucket] - start) / rackPitch;
            if (until >= low)
            {
                counts[bucket] += (until - low + 1) * cables;
                longest[bucket] = Math.Max(longest[bucket], start + (rackPitch * until));
                low = until + 1;
            }
            bucket++;
        }
        counts[bucket] += (high - low + 1) * cables;
        longest[bucket] = Math.Max(longest[bucket], last);
    }
}
