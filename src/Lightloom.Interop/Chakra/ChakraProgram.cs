using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Chakra;

/// <summary>Programs of messages, such as GOAL's, as nodes of execution traces.</summary>
public static class ChakraProgram
{
    const long NanosecondsPerMicrosecond = 1000;

    /// <summary>The nodes of a rank: operation n is node n.</summary>
    /// <param name="program">The operations.</param>
    /// <param name="rank">The rank.</param>
    /// <exception cref="InputException">Chakra can't say it: any sender or tag, or an operation that waits for the start of another.</exception>
    public static IReadOnlyList<TraceNode> NodesOf(IMessageSource program, int rank)
    {
        ArgumentNullException.ThrowIfNull(program);
        var operations = program.OperationsOf(rank).ToList();
        var after = new List<ulong>?[operations.Count];
        foreach (var (operation, before, whole) in program.OrderOf(rank))
        {
            if (!whole) throw new InputException($"rank {rank}: operation {operation} waits for the start of operation {before}, which a Chakra trace can't say");
            (after[operation] ??= []).Add((ulong)before);
        }
        return
        [
            .. operations.Select((o, n) => new TraceNode
            {
                Id = (ulong)n,
                Name = o.Kind switch { MessageKind.Send => $"send to {o.Peer}", MessageKind.Receive => $"receive from {o.Peer}", _ => "calculate" },
                Kind = o.Kind switch { MessageKind.Send => TraceNodeKind.Send, MessageKind.Receive => TraceNodeKind.Receive, _ => TraceNodeKind.Compute },
                Bytes = o.Kind == MessageKind.Calculate ? 0 : (ulong)o.Size,
                // Chakra counts microseconds: a calculation is rounded up to them.
                Microseconds = o.Kind == MessageKind.Calculate ? (ulong)((o.Size + NanosecondsPerMicrosecond - 1) / NanosecondsPerMicrosecond) : 0,
                Peer = o.Kind == MessageKind.Calculate ? 0 : Certain(rank, n, o.Peer, "sender"),
                Tag = o.Kind == MessageKind.Calculate ? 0 : (uint)Certain(rank, n, o.Tag, "tag"),
                After = after[n] is { } list ? list.ToArray() : [],
            }),
        ];
    }

    static int Certain(int rank, int operation, int value, string what) => value != MessageProgram.Any ? value
        : throw new InputException($"rank {rank}: operation {operation} takes any {what}, which a Chakra trace can't say");
}
