// GOAL as binary, little-endian and packed, as LogGOPSim's txt2bin writes it.
//
//   offset 0        u64 magic 4223; 2342 where a run with --save-mem has spoilt the file
//   base = 8        u32 ranks, u8 highest CPU, u8 highest NIC
//   base + 6        ranks x (u64 start, u64 end) of each rank's block, from base
//   block           u32 nodes, u32 roots, u32[roots] nodes without a dependency
//                   nodes x 39 B: u32 dependencies, u8 type (1 send, 2 recv, 3 calc), u32 peer, u64 bytes or ns, u32 tag, u8 CPU, u8 NIC,
//                                 u32 dependents, u32 first, u32 start dependents, u32 first start
//                   u32[] dependents by node: "first" counts into it; 0xFFFFFFFF as peer or tag is any
//
// A file is checked as a whole when it is opened, every count against what the file holds and against its other counts, and then read where the engine
// asks for it, through a fixed number of pages: neither its length nor that of a rank's block matters.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>Reads and writes binary GOAL.</summary>
public static class GoalBinary
{
    internal const ulong Magic = 4223;
    internal const ulong Spoilt = 2342;
    internal const int Base = 8;
    internal const int NodeBytes = 39;

    /// <summary>Whether a file begins as binary GOAL does, spoilt or not.</summary>
    public static bool Is(ReadOnlySpan<byte> start) => start.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(start) is Magic or Spoilt;

    /// <summary>Reads a program into memory.</summary>
    /// <param name="stream">The file; it can be read at any place.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <exception cref="InputException">It is malformed or cut short; the offset is named.</exception>
    public static MessageProgram Read(Stream stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var source = new GoalBinaryFile(stream, file);
        var builder = new MessageProgramBuilder();
        try
        {
            Copy(source, new GoalProgram(builder));
            return builder.Finish();
        }
        catch (InputException e)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    /// <summary>Writes operations, so that <see cref="Read"/> and LogGOPSim read the same.</summary>
    /// <param name="stream">Where to; it can be written at any place, and stays open.</param>
    /// <param name="source">The operations.</param>
    public static void Write(Stream stream, IMessageSource source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        using var writer = new GoalBinaryWriter(stream);
        Copy(source, writer);
        writer.Finish();
    }

    static void Copy(IMessageSource source, IGoalSink sink)
    {
        sink.Begin(source.Ranks);
        for (var r = 0; r < source.Ranks; r++)
        {
            sink.BeginRank();
            foreach (var what in source.OperationsOf(r)) sink.Add(what);
            foreach (var (operation, before, whole) in source.OrderOf(r)) sink.Requires(operation, before, whole);
            sink.EndRank();
        }
    }
}

/// <summary>Binary GOAL as the message engine asks for it: in a file of any size. Not for several threads.</summary>
public sealed class GoalBinaryFile : IMessageSource, IDisposable
{
    const int RanksAtOnce = 1 << 28;
    const int StopEvery = 1 << 16;

    readonly string file;
    readonly FilePages pages;
    readonly long[] nodesAt;      // where the operations of each rank begin
    readonly int[] nodes;         // and how many they are
    readonly int[] roots;         // and those without a dependency, whose numbers stand before; -1: not in order
    readonly bool[] anyPeer, anyTag;
    readonly byte cpu, nic;
    uint[] list = new uint[64];

    /// <summary>Opens a trace and checks all of it.</summary>
    /// <param name="stream">The file; it can be read at any place, and is closed with this.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <param name="progress">Told now and then how much of it has been checked, bytes.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">It is malformed or cut short, or operations wait in a circle; the offset is named.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public GoalBinaryFile(Stream stream, string file, Action<long>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        this.file = file;
        pages = new(stream, FilePages.SizeFor(1));
        var head = Bytes(0, 14);
        switch (BinaryPrimitives.ReadUInt64LittleEndian(head))
        {
            case GoalBinary.Magic: break;
            case GoalBinary.Spoilt: throw At(0, "magic 2342: a run that saves memory has spoilt this file; make it anew from its text");
            case var other: throw At(0, $"expected magic {GoalBinary.Magic}, found {other}: this is no binary GOAL");
        }
        var ranks = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if (ranks is 0 or > RanksAtOnce) throw At(8, $"expected 1 to {RanksAtOnce:N0} ranks, found {ranks:N0}");
        (cpu, nic) = (head[12], head[13]);
        if (16L * ranks > pages.Length - GoalBinary.Base - 6)
            throw At(pages.Length, $"the file is cut short: {ranks:N0} ranks need {16L * ranks:N0} bytes for the places of their blocks alone");
        (nodesAt, nodes, roots, anyPeer, anyTag) = (new long[ranks], new int[ranks], new int[ranks], new bool[ranks], new bool[ranks]);
        var at = GoalBinary.Base + 6 + (16L * ranks);
        var (circled, circleRank, circleFirst) = (0L, 0, 0);
        for (var r = 0; r < Ranks; r++)
        {
            var place = Bytes(GoalBinary.Base + 6 + (16L * r), 16);
            var (start, end) = (BinaryPrimitives.ReadUInt64LittleEndian(place), BinaryPrimitives.ReadUInt64LittleEndian(place[8..]));
            if ((ulong)(at - GoalBinary.Base) != start) throw At(at, $"expected the block of rank {r} here, and the file says that it begins at {GoalBinary.Base + start}");
            if (end < start || end > (ulong)(pages.Length - GoalBinary.Base)) throw At(pages.Length, $"the file is cut short: the block of rank {r} is said to end at {GoalBinary.Base + end}");
            var backwards = Check(r, at, (long)end + GoalBinary.Base, progress, stop);
            if (backwards && MessageCircles.Of(this, r) is (var count and > 0, var first))
            {
                if (circled == 0) (circleRank, circleFirst) = (r, first);
                circled += count;
            }
            Operations += nodes[r];
            at = (long)end + GoalBinary.Base;
        }
        if (at < pages.Length) throw At(at, "expected the end of the file");
        if (circled > 0) throw new InputException($"{file}: {MessageCircles.Told(this, circled, circleRank, circleFirst).Message}");
        pages.Resize(FilePages.SizeFor(Ranks));
    }

    /// <inheritdoc/>
    public int Ranks => nodesAt.Length;

    /// <inheritdoc/>
    public long Operations { get; }

    /// <inheritdoc/>
    public int Cpus => cpu + 1;

    /// <inheritdoc/>
    public int Nics => nic + 1;

    /// <inheritdoc/>
    public int OperationsOfRank(int rank) => nodes[rank];

    /// <inheritdoc/>
    public bool TakesAnyPeer(int rank) => anyPeer[rank];

    /// <inheritdoc/>
    public bool TakesAnyTag(int rank) => anyTag[rank];

    /// <inheritdoc/>
    public IEnumerable<int> RootsOf(int rank)
    {
        if (roots[rank] >= 0)
        {
            for (var i = 0; i < roots[rank]; i++) yield return BinaryPrimitives.ReadInt32LittleEndian(Bytes(nodesAt[rank] - (4L * (roots[rank] - i)), 4));
            yield break;
        }
        for (var n = 0; n < nodes[rank]; n++)
            if (Read(rank, n).Needs == 0) yield return n;
    }

    /// <inheritdoc/>
    public MessageNode Read(int rank, int operation)
    {
        var node = Bytes(nodesAt[rank] + ((long)GoalBinary.NodeBytes * operation), GoalBinary.NodeBytes);
        int I32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
        uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        var kind = (MessageKind)node[4];
        var calculates = kind == MessageKind.Calculate;
        return new(new(kind, BinaryPrimitives.ReadInt64LittleEndian(node[9..]), calculates ? 0 : I32(node, 5), calculates ? 0 : I32(node, 17), node[21], calculates ? (byte)0 : node[22]),
            I32(node, 0), U32(node, 27), I32(node, 23), U32(node, 35), I32(node, 31));
    }

    /// <inheritdoc/>
    public ReadOnlySpan<int> AfterEnd(int rank, in MessageNode node) => List(rank, node.FirstAfterEnd, node.AfterEnd);

    /// <inheritdoc/>
    public ReadOnlySpan<int> AfterStart(int rank, in MessageNode node) => List(rank, node.FirstAfterStart, node.AfterStart);

    ReadOnlySpan<int> List(int rank, long first, int count)
    {
        if (count == 0) return [];
        if (list.Length < count) list = new uint[Math.Max(2 * list.Length, count)];
        pages.Copy(nodesAt[rank] + ((long)GoalBinary.NodeBytes * nodes[rank]) + (4 * first), MemoryMarshal.AsBytes(list.AsSpan(0, count)));
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(list.AsSpan(0, count), list);
        return MemoryMarshal.Cast<uint, int>(list.AsSpan(0, count));
    }

    // Checks a rank's block; whether an operation waits for a later one.
    bool Check(int rank, long start, long end, Action<long>? progress, CancellationToken stop)
    {
        if (end - start < 8) throw At(end, $"the file is cut short: the block of rank {rank} has no room for its counts");
        var (count, rooted) = (BinaryPrimitives.ReadUInt32LittleEndian(Bytes(start, 8)), BinaryPrimitives.ReadUInt32LittleEndian(Bytes(start, 8)[4..]));
        if (rooted > count) throw At(start + 4, $"rank {rank} has {count:N0} operations and can't have {rooted:N0} without a dependency");
        if (count > int.MaxValue || (4L * rooted) + ((long)GoalBinary.NodeBytes * count) > end - start - 8)
            throw At(start, $"rank {rank} can't have {count:N0} operations and {rooted:N0} roots in the {end - start - 8:N0} bytes of its block");
        nodesAt[rank] = start + 8 + (4L * rooted);
        nodes[rank] = (int)count;
        var listed = Roots(rank, start + 8, (int)rooted);
        var (found, lists, backwards) = (0u, 0L, false);
        // The dependents that are named and those that are waited for are the same, if sums over mixed numbers are.
        var (named, waited) = (0UL, 0UL);
        var lasts = nodesAt[rank] + ((long)GoalBinary.NodeBytes * count);
        for (var n = 0; n < nodes[rank]; n++)
        {
            if ((n & (StopEvery - 1)) == 0)
            {
                stop.ThrowIfCancellationRequested();
                progress?.Invoke(nodesAt[rank] + ((long)GoalBinary.NodeBytes * n));
            }
            Operation(rank, n, nodesAt[rank] + ((long)GoalBinary.NodeBytes * n), lasts, end, ref lists);
            var node = Read(rank, n);
            if (node.Needs == 0) found++;
            waited += (ulong)(uint)node.Needs * Mixed(n);
            Named(rank, n, AfterEnd(rank, node), ref named, ref backwards);
            Named(rank, n, AfterStart(rank, node), ref named, ref backwards);
        }
        if (named != waited) throw Uneven(rank, end);
        if (found != rooted) throw At(start + 4, $"rank {rank} is said to have {rooted:N0} operations without a dependency, and {found:N0} have none");
        if (lasts + (4 * lists) != end) throw At(lasts + (4 * lists), $"the block of rank {rank} ends here, and the file says that it ends at {end}");
        roots[rank] = listed ? (int)rooted : -1;
        return backwards;
    }

    // Whether the numbers of the roots ascend and name operations without a dependency: as many as there are, they are then all of these.
    bool Roots(int rank, long at, int count)
    {
        var last = -1L;
        for (var i = 0; i < count; i++)
        {
            var root = BinaryPrimitives.ReadUInt32LittleEndian(Bytes(at + (4L * i), 4));
            if (root <= last || root >= nodes[rank] || Read(rank, (int)root).Needs != 0) return false;
            last = root;
        }
        return true;
    }

    void Operation(int rank, int n, long at, long lasts, long end, ref long lists)
    {
        var node = Bytes(at, GoalBinary.NodeBytes);
        if (node[4] is < 1 or > 3) throw At(at + 4, $"operation {n} of rank {rank} has type {node[4]}; expected 1 (send), 2 (recv) or 3 (calc)");
        var kind = (MessageKind)node[4];
        var (peer, size) = (BinaryPrimitives.ReadUInt32LittleEndian(node[5..]), BinaryPrimitives.ReadUInt64LittleEndian(node[9..]));
        if (size > long.MaxValue) throw At(at + 9, $"operation {n} of rank {rank} has {size:N0} {(kind == MessageKind.Calculate ? "ns" : "B")}; expected less than 2^63");
        if (node[21] > cpu) throw At(at + 21, $"operation {n} of rank {rank} uses CPU {node[21]}, and the file says {cpu} at most");
        if (kind != MessageKind.Calculate)
        {
            var any = peer == uint.MaxValue && kind == MessageKind.Receive;
            if (peer >= Ranks && !any) throw At(at + 5, $"operation {n} of rank {rank} names rank {peer:N0}, and there are {Ranks:N0}");
            if (peer == rank) throw At(at + 5, $"operation {n} of rank {rank} sends to its own rank, or receives from it");
            if (node[22] > nic) throw At(at + 22, $"operation {n} of rank {rank} uses NIC {node[22]}, and the file says {nic} at most");
            anyPeer[rank] |= any;
            anyTag[rank] |= kind == MessageKind.Receive && BinaryPrimitives.ReadUInt32LittleEndian(node[17..]) == uint.MaxValue;
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(node) > int.MaxValue) throw At(at, $"operation {n} of rank {rank} waits for {BinaryPrimitives.ReadUInt32LittleEndian(node):N0} others; expected less than 2^31");
        foreach (var place in (ReadOnlySpan<int>)[23, 31])
        {
            var (count, first) = (BinaryPrimitives.ReadUInt32LittleEndian(node[place..]), BinaryPrimitives.ReadUInt32LittleEndian(node[(place + 4)..]));
            if (count == 0) continue;
            if (count > int.MaxValue || lasts + (4 * ((long)first + count)) > end) throw At(at + place, $"operation {n} of rank {rank} can't have {count:N0} dependents from number {first:N0} on in the {end - lasts:N0} bytes that are left of its block");
            lists = Math.Max(lists, (long)first + count);
        }
    }

    void Named(int rank, int n, ReadOnlySpan<int> after, ref ulong sum, ref bool backwards)
    {
        foreach (var d in after)
        {
            if ((uint)d >= (uint)nodes[rank]) throw At(nodesAt[rank] + ((long)GoalBinary.NodeBytes * n) + 23, $"rank {rank} has {nodes[rank]:N0} operations, and number {(uint)d:N0} is said to depend on operation {n}");
            sum += Mixed(d);
            backwards |= d <= n;
        }
    }

    static ulong Mixed(long n) => SplitMix64.Mix(((ulong)n + 1) * 0x9E3779B97F4A7C15UL);

    // Finds the first operation that waits for more or fewer than name it.
    InputException Uneven(int rank, long end)
    {
        using var named = new SpilledPairs(1 << 20);
        foreach (var (operation, _, _) in this.OrderOf(rank)) named.Add((uint)operation, 0);
        using var next = named.Sorted().GetEnumerator();
        var more = next.MoveNext();
        for (var n = 0; n < nodes[rank]; n++)
        {
            var found = 0;
            for (; more && next.Current.Key == n; more = next.MoveNext()) found++;
            if (Read(rank, n).Needs is var needs && needs != found) return At(nodesAt[rank] + ((long)GoalBinary.NodeBytes * n), $"operation {n} of rank {rank} should wait for {needs:N0} others, and {found:N0} name it");
        }
        return At(end, $"the order of rank {rank}'s operations doesn't agree with itself");
    }

    ReadOnlySpan<byte> Bytes(long at, int count) =>
        at + count <= pages.Length ? pages.Bytes(at, count) : throw At(pages.Length, $"the file is cut short: expected {at + count - pages.Length:N0} bytes more");

    InputException At(long place, string problem) => new($"{file}: at byte {place:N0}: {problem}");

    /// <inheritdoc/>
    public void Dispose() => pages.Dispose();
}
