// The labels of a rank, by name, in bounded memory.
//
//   numbered ones   l1, l2, l3, ... as tracers write them: where the numbers behind a name go up by one while operations go up by equal steps, a
//                   run of them is one entry, however long
//   others          a hash of 128 bits of the name and its operation: in memory up to a number, then in a file, an open table by the hash's first bits
//
// Two names of one hash: with 10^8 labels, a chance of 10^-23.
using System.Buffers.Binary;
using Lightloom.Quantities;

namespace Lightloom.Interop.Goal;

/// <summary>Labels of a rank with their operations. Not for several threads.</summary>
/// <param name="most">Labels, and runs of numbered ones, that are held in memory.</param>
sealed class GoalLabels(int most) : IDisposable
{
    const int Shown = 1000;
    const int MostDigits = 18;

    struct Run
    {
        public long First, Count;
        public int Operation, Step; // of the first, and from each to the next
    }

    readonly Dictionary<string, List<Run>> numbered = new(StringComparer.Ordinal);
    readonly Dictionary<UInt128, int> others = [];
    readonly List<string> some = [];
    LabelTable? table;
    int runs;

    /// <summary>Some labels of the rank, for hints.</summary>
    public IReadOnlyList<string> Some => some;

    public void Clear()
    {
        numbered.Clear();
        others.Clear();
        some.Clear();
        runs = 0;
        table?.Dispose();
        table = null;
    }

    /// <summary>Adds a label; false: it is there.</summary>
    public bool TryAdd(ReadOnlySpan<char> name, int operation)
    {
        if (TryGet(name, out _)) return false;
        if (some.Count < Shown) some.Add(name.ToString());
        if (Numbered(name, out var stem, out var number) && AddNumbered(stem, number, operation)) return true;
        var hash = Hash(name);
        if (others.Count < most) others.Add(hash, operation);
        else (table ??= new()).Add(hash, operation);
        return true;
    }

    /// <summary>The operation of a label; false: there is none.</summary>
    public bool TryGet(ReadOnlySpan<char> name, out int operation)
    {
        if (Numbered(name, out var stem, out var number) && numbered.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(stem, out var list) && Find(list, number) is var at and >= 0)
        {
            var run = list[at];
            operation = (int)(run.Operation + (run.Step * (number - run.First)));
            return true;
        }
        operation = -1;
        if (others.Count == 0) return false;
        var hash = Hash(name);
        return others.TryGetValue(hash, out operation) || table?.TryGet(hash, out operation) == true;
    }

    // Runs of a stem stand by ascending numbers: only what continues the last one, or is beyond it, gets there.
    bool AddNumbered(ReadOnlySpan<char> stem, long number, int operation)
    {
        var lookup = numbered.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(stem, out var list))
        {
            if (runs >= most) return false;
            lookup[stem] = list = [];
        }
        if (list.Count > 0)
        {
            var last = list[^1];
            if (number < last.First + last.Count) return false;
            var continues = number == last.First + last.Count && (last.Count == 1 || operation == last.Operation + (last.Step * last.Count));
            if (continues)
            {
                if (last.Count == 1) last.Step = operation - last.Operation;
                last.Count++;
                list[^1] = last;
                return true;
            }
        }
        if (runs >= most) return false;
        runs++;
        list.Add(new() { First = number, Count = 1, Operation = operation });
        return true;
    }

    static int Find(List<Run> list, long number)
    {
        var (low, high) = (0, list.Count - 1);
        while (low <= high)
        {
            // Most ask for what came last.
            var middle = high == list.Count - 1 ? high : (low + high) / 2;
            var run = list[middle];
            if (number < run.First) high = middle - 1;
            else if (number >= run.First + run.Count) low = middle + 1;
            else return middle;
        }
        return -1;
    }

    // "l12" is 12 of "l"; "l012" and "l" are no numbers.
    static bool Numbered(ReadOnlySpan<char> name, out ReadOnlySpan<char> stem, out long number)
    {
        var digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1])) digits--;
        stem = name[..digits];
        number = 0;
        var length = name.Length - digits;
        if (length is 0 or > MostDigits || (length > 1 && name[digits] == '0')) return false;
        foreach (var c in name[digits..]) number = (10 * number) + (c - '0');
        return true;
    }

    // Two lanes of multiplication and shift over the characters.
    static UInt128 Hash(ReadOnlySpan<char> name)
    {
        var (a, b) = (0x9E3779B97F4A7C15UL ^ (ulong)name.Length, 0xC2B2AE3D27D4EB4FUL + (ulong)name.Length);
        foreach (var c in name)
        {
            a = SplitMix64.Mix(a ^ c);
            b = SplitMix64.Mix((b + c) * 0x9FB21C651E98DF25UL);
        }
        return new(a, b);
    }

    public void Dispose() => table?.Dispose();
}

/// <summary>A table of hashes with numbers in a file: entries stand at the place that their first bits name, or the next free one. Not for several threads.</summary>
sealed class LabelTable : IDisposable
{
    const int EntryBytes = 20; // the hash, and the number plus 1: 0 is free
    const int Read = 16;       // entries at once

    FileStream file = ScratchFile.Make();
    int bits;
    long count;
    readonly byte[] some = new byte[Read * EntryBytes];

    /// <param name="bits">The table begins with room for 2^bits.</param>
    public LabelTable(int bits = 16)
    {
        this.bits = bits;
        file.SetLength(Bytes);
    }

    // Behind the last place there is room for what doesn't fit at it, so that nothing goes round to the front.
    long Bytes => ((1L << bits) + (1L << (bits / 2)) + 1024) * EntryBytes;

    public void Add(UInt128 hash, int number)
    {
        if (2 * count >= 1L << bits || !Put(hash, (uint)number + 1))
        {
            Grow();
            Add(hash, number);
            return;
        }
        count++;
    }

    public bool TryGet(UInt128 hash, out int number)
    {
        var at = Seek(hash, out var found);
        number = (int)found - 1;
        return at >= 0 && found > 0;
    }

    bool Put(UInt128 hash, uint value)
    {
        var at = Seek(hash, out _);
        if (at < 0) return false;
        Span<byte> entry = stackalloc byte[EntryBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(entry, hash);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], value);
        RandomAccess.Write(file.SafeFileHandle, entry, at);
        return true;
    }

    // Where a hash stands, or would; -1: there is no place left.
    long Seek(UInt128 hash, out uint value)
    {
        for (var at = (long)(hash >> (128 - bits)) * EntryBytes; ; at += some.Length)
        {
            var read = RandomAccess.Read(file.SafeFileHandle, some, at) / EntryBytes;
            for (var i = 0; i < read; i++)
            {
                var entry = some.AsSpan(i * EntryBytes);
                value = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
                if (value == 0 || BinaryPrimitives.ReadUInt128LittleEndian(entry) == hash) return at + (i * EntryBytes);
            }
            value = 0;
            if (read < Read) return -1;
        }
    }

    void Grow()
    {
        var old = file;
        var end = Bytes;
        bits++;
        file = ScratchFile.Make();
        file.SetLength(Bytes);
        var entries = new byte[4096 * EntryBytes];
        for (long at = 0; at < end;)
        {
            var read = RandomAccess.Read(old.SafeFileHandle, entries, at) / EntryBytes;
            if (read == 0) break;
            for (var i = 0; i < read; i++)
            {
                var value = BinaryPrimitives.ReadUInt32LittleEndian(entries.AsSpan((i * EntryBytes) + 16));
                if (value > 0) Put(BinaryPrimitives.ReadUInt128LittleEndian(entries.AsSpan(i * EntryBytes)), value);
            }
            at += (long)read * EntryBytes;
        }
        old.Dispose();
    }

    public void Dispose() => file.Dispose();
}
