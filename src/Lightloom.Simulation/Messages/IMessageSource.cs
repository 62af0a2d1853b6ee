// Where the message engine has operations from: it asks for the operations that wait for nothing, and then for each that follows when the first
// of those that it waits for has ended or started. What it holds is what is under way, however many operations there are.
//
// Example: a rank of "calculate, then send": operation 0 is a root with Needs = 0, and operation 1, with Needs = 1, is what follows its end.
using System.Globalization;

namespace Lightloom.Simulation.Messages;

/// <summary>An operation with its place in the order of its rank.</summary>
/// <param name="What">What it does.</param>
/// <param name="Needs">How many ends and starts of others it waits for.</param>
/// <param name="FirstAfterEnd">Where the list of those that wait for its end begins, as its source counts.</param>
/// <param name="AfterEnd">How many these are.</param>
/// <param name="FirstAfterStart">Where the list of those that wait for its start begins.</param>
/// <param name="AfterStart">How many these are.</param>
public readonly record struct MessageNode(MessageOperation What, int Needs, long FirstAfterEnd, int AfterEnd, long FirstAfterStart, int AfterStart);

/// <summary>Operations of ranks, each read when it is asked for. Operations are numbered by their places in their rank. Not for several threads.</summary>
public interface IMessageSource
{
    /// <summary>Ranks.</summary>
    int Ranks { get; }

    /// <summary>Operations, all ranks together.</summary>
    long Operations { get; }

    /// <summary>CPUs of a rank.</summary>
    int Cpus { get; }

    /// <summary>NICs of a rank.</summary>
    int Nics { get; }

    /// <summary>How many operations a rank has.</summary>
    int OperationsOfRank(int rank);

    /// <summary>Whether a rank ever receives from any rank.</summary>
    bool TakesAnyPeer(int rank);

    /// <summary>Whether a rank ever receives any tag.</summary>
    bool TakesAnyTag(int rank);

    /// <summary>A rank's operations that wait for nothing, in order.</summary>
    IEnumerable<int> RootsOf(int rank);

    /// <summary>An operation.</summary>
    MessageNode Read(int rank, int operation);

    /// <summary>The operations of the same rank that wait for the end of one; as they are until the next call.</summary>
    ReadOnlySpan<int> AfterEnd(int rank, in MessageNode node);

    /// <summary>The operations of the same rank that wait for the start of one; as they are until the next call.</summary>
    ReadOnlySpan<int> AfterStart(int rank, in MessageNode node);
}

/// <summary>What operations are called.</summary>
public static class MessageNames
{
    /// <summary>What an operation is, for messages: "rank 3, operation 7: receive 8 B from rank 2, tag 5".</summary>
    /// <param name="rank">Its rank.</param>
    /// <param name="operation">Its place there.</param>
    /// <param name="what">What it does.</param>
    public static string Describe(int rank, int operation, in MessageOperation what)
    {
        static string Named(int value, string kind) => value == MessageProgram.Any ? $"any {kind}" : string.Create(CultureInfo.InvariantCulture, $"{kind} {value}");
        var does = what.Kind switch
        {
            MessageKind.Send => string.Create(CultureInfo.InvariantCulture, $"send {what.Size:N0} B to rank {what.Peer}, {Named(what.Tag, "tag")}"),
            MessageKind.Receive => string.Create(CultureInfo.InvariantCulture, $"receive {what.Size:N0} B from {Named(what.Peer, "rank")}, {Named(what.Tag, "tag")}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"calculate {what.Size:N0} ns"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"rank {rank}, operation {operation}: {does}");
    }

    /// <summary>The order of a rank's operations: each with one that it waits for, whole or only until it starts; by their places in the rank.</summary>
    public static IEnumerable<(int Operation, int Before, bool Whole)> OrderOf(this IMessageSource source, int rank)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (var n = 0; n < source.OperationsOfRank(rank); n++)
        {
            var node = source.Read(rank, n);
            foreach (var after in source.AfterEnd(rank, node).ToArray()) yield return (after, n, true);
            foreach (var after in source.AfterStart(rank, node).ToArray()) yield return (after, n, false);
        }
    }

    /// <summary>The operations of a rank, in order.</summary>
    public static IEnumerable<MessageOperation> OperationsOf(this IMessageSource source, int rank)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (var n = 0; n < source.OperationsOfRank(rank); n++) yield return source.Read(rank, n).What;
    }
}
