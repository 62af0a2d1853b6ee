// What a message engine plays: operations of ranks, and after which others each may start. Flat arrays.
//
//   ranks        operations of rank r: FirstOperation[r] .. FirstOperation[r + 1) - 1
//   operations   a send or a receive of Size bytes with a Peer (-1: any) and a Tag (-1: any), or a calculation of Size nanoseconds, on a Cpu
//                and, where it sends or receives, a Nic of its rank
//   order        operation i starts when all that it needs have ended (Needs) and others have started; reversed, those that wait for i's end
//                are AfterEnd[AfterEndOffset[i] .. AfterEndOffset[i + 1]), for its start AfterStart[...] alike
//
// Example: rank 0: send 8 B to 1; rank 1: receive 8 B from 0, then calculate 100 ns.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Messages;

/// <summary>What an operation does.</summary>
public enum MessageKind : byte
{
    /// <summary>It sends to a peer.</summary>
    Send = 1,

    /// <summary>It receives from a peer.</summary>
    Receive = 2,

    /// <summary>It calculates.</summary>
    Calculate = 3,
}

/// <summary>An operation of a rank.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Size">Bytes, or nanoseconds of a calculation.</param>
/// <param name="Peer">The other rank, or <see cref="MessageProgram.Any"/>.</param>
/// <param name="Tag">The tag, or <see cref="MessageProgram.Any"/>.</param>
/// <param name="Cpu">The CPU.</param>
/// <param name="Nic">The NIC.</param>
public readonly record struct MessageOperation(MessageKind Kind, long Size, int Peer, int Tag, byte Cpu, byte Nic);

/// <summary>Operations of ranks with their order, as arrays that the message engine reads. Immutable.</summary>
public sealed class MessageProgram
{
    /// <summary>Any peer or tag.</summary>
    public const int Any = -1;

    internal MessageProgram(int[] first, MessageKind[] kind, int[] peer, long[] size, int[] tag, byte[] cpu, byte[] nic, int[] needs, int[] afterEndOffset, int[] afterEnd,
        int[] afterStartOffset, int[] afterStart)
    {
        (FirstOperation, Kind, Peer, Size, Tag, Cpu, Nic) = (first, kind, peer, size, tag, cpu, nic);
        (Needs, AfterEndOffset, AfterEnd, AfterStartOffset, AfterStart) = (needs, afterEndOffset, afterEnd, afterStartOffset, afterStart);
        Cpus = cpu.Length == 0 ? 1 : 1 + cpu.Max();
        Nics = nic.Length == 0 ? 1 : 1 + nic.Max();
    }

    /// <summary>Ranks.</summary>
    public int Ranks => FirstOperation.Length - 1;

    /// <summary>Operations, all ranks together.</summary>
    public int Count => Kind.Length;

    /// <summary>CPUs of a rank.</summary>
    public int Cpus { get; }

    /// <summary>NICs of a rank.</summary>
    public int Nics { get; }

    internal int[] FirstOperation { get; }

    internal MessageKind[] Kind { get; }

    internal int[] Peer { get; }

    internal long[] Size { get; }

    internal int[] Tag { get; }

    internal byte[] Cpu { get; }

    internal byte[] Nic { get; }

    internal int[] Needs { get; }

    internal int[] AfterEndOffset { get; }

    internal int[] AfterEnd { get; }

    internal int[] AfterStartOffset { get; }

    internal int[] AfterStart { get; }

    /// <summary>The operations of a rank.</summary>
    public IReadOnlyList<MessageOperation> OperationsOf(int rank) =>
    [
        .. Enumerable.Range(FirstOperation[rank], FirstOperation[rank + 1] - FirstOperation[rank])
            .Select(i => new MessageOperation(Kind[i], Size[i], Peer[i], Tag[i], Cpu[i], Nic[i])),
    ];

    /// <summary>The order of a rank's operations: each with one that it waits for, whole or only until it starts; by their places in the rank.</summary>
    public IEnumerable<(int Operation, int Before, bool Whole)> OrderOf(int rank)
    {
        var first = FirstOperation[rank];
        for (var i = first; i < FirstOperation[rank + 1]; i++)
        {
            for (var k = AfterEndOffset[i]; k < AfterEndOffset[i + 1]; k++) yield return (AfterEnd[k] - first, i - first, true);
            for (var k = AfterStartOffset[i]; k < AfterStartOffset[i + 1]; k++) yield return (AfterStart[k] - first, i - first, false);
        }
    }

    /// <summary>The rank of an operation.</summary>
    public int RankOf(int operation)
    {
        var at = Array.BinarySearch(FirstOperation, operation);
        if (at < 0) return ~at - 1;
        while (FirstOperation[at + 1] == operation) at++;
        return at;
    }

    /// <summary>What an operation is, for messages: "rank 3, operation 7: receive 8 B from rank 2, tag 5".</summary>
    public string Describe(int operation)
    {
        var rank = RankOf(operation);
        string Named(int value, string what) => value == Any ? $"any {what}" : $"{what} {value}";
        var what = Kind[operation] switch
        {
            MessageKind.Send => $"send {Size[operation]:N0} B to rank {Peer[operation]}, {Named(Tag[operation], "tag")}",
            MessageKind.Receive => $"receive {Size[operation]:N0} B from {Named(Peer[operation], "rank")}, {Named(Tag[operation], "tag")}",
            _ => $"calculate {Size[operation]:N0} ns",
        };
        return $"rank {rank}, operation {operation - FirstOperation[rank]}: {what}";
    }
}

/// <summary>Writes a program rank by rank. Not for several threads.</summary>
public sealed class MessageProgramBuilder
{
    /// <summary>The most operations of a program.</summary>
    public const int MostOperations = 200_000_000;

    readonly List<int> first = [], peer = [], tag = [];
    readonly List<MessageKind> kind = [];
    readonly List<long> size = [];
    readonly List<byte> cpu = [], nic = [];
    readonly List<(int Before, int After)> ends = [], starts = [];

    /// <summary>Operations so far.</summary>
    public int Count => kind.Count;

    /// <summary>Ranks so far.</summary>
    public int Ranks => first.Count;

    /// <summary>Begins the next rank.</summary>
    public void BeginRank() => first.Add(kind.Count);

    /// <summary>Adds an operation to the rank.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="InputException">There are too many.</exception>
    public int Add(MessageKind what, long bytesOrNanoseconds, int with = 0, int tagged = 0, byte onCpu = 0, byte onNic = 0)
    {
        if (kind.Count >= MostOperations) throw new InputException($"a program has at most {MostOperations:N0} operations");
        kind.Add(what);
        size.Add(bytesOrNanoseconds);
        peer.Add(with);
        tag.Add(tagged);
        cpu.Add(onCpu);
        nic.Add(onNic);
        return kind.Count - 1;
    }

    /// <summary>One operation starts when another has ended.</summary>
    public void Requires(int operation, int ended) => ends.Add((ended, operation));

    /// <summary>One operation starts when another has started.</summary>
    public void RequiresStart(int operation, int started) => starts.Add((started, operation));

    /// <summary>The program.</summary>
    /// <exception cref="InputException">A peer doesn't exist, or operations wait in a circle: the first is named.</exception>
    public MessageProgram Finish()
    {
        var needs = new int[Count];
        var (afterEndOffset, afterEnd) = Reverse(ends, needs);
        var (afterStartOffset, afterStart) = Reverse(starts, needs);
        var program = new MessageProgram([.. first, Count], [.. kind], [.. peer], [.. size], [.. tag], [.. cpu], [.. nic], needs, afterEndOffset, afterEnd, afterStartOffset, afterStart);
        for (var i = 0; i < Count; i++)
        {
            if (program.Kind[i] == MessageKind.Calculate) continue;
            if (program.Peer[i] >= Ranks || program.Peer[i] < (program.Kind[i] == MessageKind.Send ? 0 : MessageProgram.Any))
                throw new InputException($"{program.Describe(i)}: ranks are numbered 0 to {Ranks - 1:N0}");
            if (program.Peer[i] == program.RankOf(i)) throw new InputException($"{program.Describe(i)}: a rank doesn't send to itself");
        }
        CheckCircles(program);
        return program;
    }

    (int[] Offset, int[] After) Reverse(List<(int Before, int After)> pairs, int[] needs)
    {
        var offset = new int[Count + 1];
        foreach (var (before, after) in pairs)
        {
            offset[before + 1]++;
            needs[after]++;
        }
        for (var i = 0; i < Count; i++) offset[i + 1] += offset[i];
        var next = offset.AsSpan(0, Count).ToArray();
        var list = new int[pairs.Count];
        foreach (var (before, after) in pairs) list[next[before]++] = after;
        return (offset, list);
    }

    static void CheckCircles(MessageProgram program)
    {
        var left = (int[])program.Needs.Clone();
        var free = new Stack<int>();
        var done = 0;
        for (var i = 0; i < left.Length; i++)
            if (left[i] == 0) free.Push(i);
        while (free.TryPop(out var i))
        {
            done++;
            foreach (var d in program.AfterEnd.AsSpan(program.AfterEndOffset[i]..program.AfterEndOffset[i + 1]))
                if (--left[d] == 0) free.Push(d);
            foreach (var d in program.AfterStart.AsSpan(program.AfterStartOffset[i]..program.AfterStartOffset[i + 1]))
                if (--left[d] == 0) free.Push(d);
        }
        if (done == left.Length) return;
        var stuck = Array.FindIndex(left, n => n > 0);
        throw new InputException($"{left.Length - done:N0} operations wait in a circle, such as {program.Describe(stuck)}");
    }
}
