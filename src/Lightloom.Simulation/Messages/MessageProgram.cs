// What a message engine plays: operations of ranks, and after which others each may start. Flat arrays.
//
//   ranks        operations of rank r: FirstOperation[r] .. FirstOperation[r + 1) - 1
//   operations   a send or a receive of Size bytes with a Peer (-1: any) and a Tag (-1: any), or a calculation of Size nanoseconds, on a Cpu
//                and, where it sends or receives, a Nic of its rank
//   order        operation i starts when all that it needs have ended (Needs) and others have started; reversed, those of its rank that wait
//                for i's end are AfterEnd[AfterEndOffset[i] .. AfterEndOffset[i + 1]), by their places there, for its start AfterStart[...] alike
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

/// <summary>Operations of ranks with their order, as arrays in memory. Immutable.</summary>
public sealed class MessageProgram : IMessageSource
{
    /// <summary>Any peer or tag.</summary>
    public const int Any = -1;

    readonly int[] afterEnd, afterStart;

    internal MessageProgram(int[] first, MessageKind[] kind, int[] peer, long[] size, int[] tag, byte[] cpu, byte[] nic, int[] needs, int[] afterEndOffset, int[] afterEnd,
        int[] afterStartOffset, int[] afterStart)
    {
        (FirstOperation, Kind, Peer, Size, Tag, Cpu, Nic) = (first, kind, peer, size, tag, cpu, nic);
        (Needs, AfterEndOffset, this.afterEnd, AfterStartOffset, this.afterStart) = (needs, afterEndOffset, afterEnd, afterStartOffset, afterStart);
        Cpus = cpu.Length == 0 ? 1 : 1 + cpu.Max();
        Nics = nic.Length == 0 ? 1 : 1 + nic.Max();
    }

    /// <summary>Ranks.</summary>
    public int Ranks => FirstOperation.Length - 1;

    /// <summary>Operations, all ranks together.</summary>
    public int Count => Kind.Length;

    /// <inheritdoc/>
    public long Operations => Count;

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

    internal int[] AfterStartOffset { get; }

    /// <summary>The operations of a rank.</summary>
    public IReadOnlyList<MessageOperation> OperationsOf(int rank) =>
    [
        .. Enumerable.Range(FirstOperation[rank], FirstOperation[rank + 1] - FirstOperation[rank])
            .Select(i => new MessageOperation(Kind[i], Size[i], Peer[i], Tag[i], Cpu[i], Nic[i])),
    ];

    /// <inheritdoc/>
    public int OperationsOfRank(int rank) => FirstOperation[rank + 1] - FirstOperation[rank];

    /// <inheritdoc/>
    public bool TakesAnyPeer(int rank) => Takes(rank, Peer);

    /// <inheritdoc/>
    public bool TakesAnyTag(int rank) => Takes(rank, Tag);

    bool Takes(int rank, int[] of)
    {
        for (var i = FirstOperation[rank]; i < FirstOperation[rank + 1]; i++)
            if (of[i] == Any && Kind[i] == MessageKind.Receive) return true;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerable<int> RootsOf(int rank)
    {
        for (var i = FirstOperation[rank]; i < FirstOperation[rank + 1]; i++)
            if (Needs[i] == 0) yield return i - FirstOperation[rank];
    }

    /// <inheritdoc/>
    public MessageNode Read(int rank, int operation)
    {
        var i = FirstOperation[rank] + operation;
        return new(new(Kind[i], Size[i], Peer[i], Tag[i], Cpu[i], Nic[i]), Needs[i],
            AfterEndOffset[i], AfterEndOffset[i + 1] - AfterEndOffset[i], AfterStartOffset[i], AfterStartOffset[i + 1] - AfterStartOffset[i]);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<int> AfterEnd(int rank, in MessageNode node) => afterEnd.AsSpan((int)node.FirstAfterEnd, node.AfterEnd);

    /// <inheritdoc/>
    public ReadOnlySpan<int> AfterStart(int rank, in MessageNode node) => afterStart.AsSpan((int)node.FirstAfterStart, node.AfterStart);

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
        return MessageNames.Describe(rank, operation - FirstOperation[rank], Read(rank, operation - FirstOperation[rank]).What);
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
    bool backwards; // whether an operation waits for a later one, without which there is no circle

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
    public void Requires(int operation, int ended)
    {
        ends.Add((ended, operation));
        backwards |= ended >= operation;
    }

    /// <summary>One operation starts when another has started.</summary>
    public void RequiresStart(int operation, int started)
    {
        starts.Add((started, operation));
        backwards |= started >= operation;
    }

    /// <summary>The program.</summary>
    /// <exception cref="InputException">A peer doesn't exist, an operation waits for one of another rank, or some wait in a circle: the first is named.</exception>
    public MessageProgram Finish()
    {
        var needs = new int[Count];
        var rankOf = new int[Count];
        for (var r = 0; r < Ranks; r++) Array.Fill(rankOf, r, first[r], (r + 1 < Ranks ? first[r + 1] : Count) - first[r]);
        var (afterEndOffset, afterEnd) = Reverse(ends, needs, rankOf);
        var (afterStartOffset, afterStart) = Reverse(starts, needs, rankOf);
        var program = new MessageProgram([.. first, Count], [.. kind], [.. peer], [.. size], [.. tag], [.. cpu], [.. nic], needs, afterEndOffset, afterEnd, afterStartOffset, afterStart);
        for (var i = 0; i < Count; i++)
        {
            if (program.Kind[i] == MessageKind.Calculate) continue;
            if (program.Peer[i] >= Ranks || program.Peer[i] < (program.Kind[i] == MessageKind.Send ? 0 : MessageProgram.Any))
                throw new InputException($"{program.Describe(i)}: ranks are numbered 0 to {Ranks - 1:N0}");
            if (program.Peer[i] == rankOf[i]) throw new InputException($"{program.Describe(i)}: a rank doesn't send to itself");
        }
        if (backwards) CheckCircles(program);
        return program;
    }

    (int[] Offset, int[] After) Reverse(List<(int Before, int After)> pairs, int[] needs, int[] rankOf)
    {
        var offset = new int[Count + 1];
        foreach (var (before, after) in pairs)
        {
            if (rankOf[before] != rankOf[after])
                throw new InputException($"operation {after - first[rankOf[after]]} of rank {rankOf[after]} waits for one of rank {rankOf[before]}; expected one of its own rank, or a message between them");
            offset[before + 1]++;
            needs[after]++;
        }
        for (var i = 0; i < Count; i++) offset[i + 1] += offset[i];
        var next = offset.AsSpan(0, Count).ToArray();
        var list = new int[pairs.Count];
        foreach (var (before, after) in pairs) list[next[before]++] = after - first[rankOf[after]];
        return (offset, list);
    }

    static void CheckCircles(MessageProgram program)
    {
        var (circled, rank, first) = (0L, 0, 0);
        for (var r = 0; r < program.Ranks; r++)
        {
            var (count, stuck) = MessageCircles.Of(program, r);
            if (count > 0 && circled == 0) (rank, first) = (r, stuck);
            circled += count;
        }
        if (circled > 0) throw MessageCircles.Told(program, circled, rank, first);
    }
}
