using System.Buffers.Binary;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>
/// Writes binary GOAL (GoalBinary.cs has the layout), whose operations name those that wait for them, from a trace that says for each what it waits
/// for: the order of a rank is turned round when the rank ends, in memory as far as it fits. Not for several threads.
/// </summary>
/// <param name="output">Where to; it can be written at any place, and stays open.</param>
/// <param name="most">Pairs of operations that are held in memory, each of three times.</param>
sealed class GoalBinaryWriter(Stream output, int most = 1 << 20) : IGoalSink, IDisposable
{
    const int SpoolBytes = 1 << 22;
    const int OperationBytes = 19;

    readonly Spool operations = new(SpoolBytes);
    readonly SpilledPairs needs = new(most), ends = new(most), starts = new(most);
    readonly List<(long Start, long End)> blocks = [];
    readonly byte[] buffer = new byte[1 << 16];
    int filled, ranks, count;
    long written;
    byte mostCpu, mostNic;

    public void Begin(int ranks)
    {
        this.ranks = ranks;
        output.SetLength(0);
        output.Position = written = GoalBinary.Base + 6 + (16L * ranks);
    }

    public void BeginRank()
    {
        count = 0;
        operations.Clear();
        needs.Clear();
        ends.Clear();
        starts.Clear();
    }

    public void Add(in MessageOperation what)
    {
        if (count == int.MaxValue) throw new InputException($"a rank has at most {int.MaxValue:N0} operations");
        count++;
        Span<byte> bytes = stackalloc byte[OperationBytes];
        bytes[0] = (byte)what.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], what.Peer);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[5..], what.Size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[13..], what.Tag);
        (bytes[17], bytes[18]) = (what.Cpu, what.Nic);
        (mostCpu, mostNic) = (Math.Max(mostCpu, what.Cpu), Math.Max(mostNic, what.Nic));
        operations.Append(bytes);
    }

    public void Requires(int operation, int before, bool whole)
    {
        needs.Add((uint)operation, 0);
        (whole ? ends : starts).Add((uint)before, (uint)operation);
    }

    public void EndRank()
    {
        var start = written - GoalBinary.Base;
        U32((uint)count);
        U32((uint)Roots().Count());
        foreach (var root in Roots()) U32(root);
        Nodes();
        using var last = new Cursor(ends);
        using var first = new Cursor(starts);
        for (var n = 0u; n < count; n++)
        {
            while (last.Take(n, out var after)) U32(after);
            while (first.Take(n, out var after)) U32(after);
        }
        blocks.Add((start, written - GoalBinary.Base));
    }

    IEnumerable<uint> Roots()
    {
        using var waits = new Cursor(needs);
        for (var n = 0u; n < count; n++)
            if (waits.Count(n) == 0) yield return n;
    }

    void Nodes()
    {
        using var waits = new Cursor(needs);
        using var last = new Cursor(ends);
        using var first = new Cursor(starts);
        var place = 0u;
        const int some = 1024;
        var bytes = new byte[some * OperationBytes];
        for (var n = 0; n < count; n++)
        {
            var at = n % some;
            if (at == 0) operations.Read((long)n * OperationBytes, bytes.AsSpan(0, Math.Min(some, count - n) * OperationBytes));
            U32(waits.Count((uint)n));
            Put(bytes.AsSpan(at * OperationBytes, OperationBytes));
            foreach (var dependents in (ReadOnlySpan<uint>)[last.Count((uint)n), first.Count((uint)n)])
            {
                U32(dependents);
                U32(place);
                if (dependents > uint.MaxValue - place) throw new InputException($"a rank has at most {uint.MaxValue:N0} pairs of operations of which one waits for the other");
                place += dependents;
            }
        }
    }

    /// <summary>Writes what stands at the front and is known at the end.</summary>
    public void Finish()
    {
        Flush();
        output.Position = 0;
        Span<byte> head = stackalloc byte[GoalBinary.Base + 6];
        BinaryPrimitives.WriteUInt64LittleEndian(head, GoalBinary.Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], ranks);
        (head[12], head[13]) = (mostCpu, mostNic);
        Put(head);
        foreach (var (start, end) in blocks)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head, start);
            Put(head[..8]);
            BinaryPrimitives.WriteInt64LittleEndian(head, end);
            Put(head[..8]);
        }
        Flush();
    }

    void U32(uint value)
    {
        if (filled + 4 > buffer.Length) Flush();
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(filled), value);
        filled += 4;
        written += 4;
    }

    void Put(ReadOnlySpan<byte> bytes)
    {
        if (filled + bytes.Length > buffer.Length) Flush();
        bytes.CopyTo(buffer.AsSpan(filled));
        filled += bytes.Length;
        written += bytes.Length;
    }

    void Flush()
    {
        output.Write(buffer, 0, filled);
        filled = 0;
    }

    public void Dispose()
    {
        operations.Dispose();
        needs.Dispose();
        ends.Dispose();
        starts.Dispose();
    }

    // Goes through pairs by ascending keys.
    sealed class Cursor : IDisposable
    {
        readonly IEnumerator<(uint Key, uint Value)> pairs;
        bool more;

        public Cursor(SpilledPairs of)
        {
            pairs = of.Sorted().GetEnumerator();
            more = pairs.MoveNext();
        }

        public bool Take(uint key, out uint value)
        {
            value = more ? pairs.Current.Value : 0;
            if (!more || pairs.Current.Key != key) return false;
            more = pairs.MoveNext();
            return true;
        }

        public uint Count(uint key)
        {
            var found = 0u;
            while (Take(key, out _)) found++;
            return found;
        }

        public void Dispose() => pairs.Dispose();
    }
}
