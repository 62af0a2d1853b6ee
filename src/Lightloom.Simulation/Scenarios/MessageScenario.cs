// Programs of messages whose time in LogGOPS is known in closed form, all of steps in which a rank goes on when both its send and its
// receive of the last one have ended; each step of s bytes takes  2 o + L + (s - 1) G.
//
//   dissemination      log2 N steps: r sends S to r + 2^k
//   allreduce_ring     2 (N - 1) steps: r sends floor(S / N) to r + 1
//   allreduce_recdoub  log2 N steps of S/2, S/4, ... with r xor N/2, N/4, ..., and back
//   linear_alltoall    N - 1 steps: r sends S to r + k
//   binomialtreebcast  rank 0 sends S to N/2, N/4, ..., and each passes on: log2 N deep
//
// Example: L = 2500, o = 1500, G = 6: dissemination of 8 B among 64 ranks takes 6 x 5542 = 33,252 ns.
using System.Numerics;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Simulation.Scenarios;

/// <summary>Programs of messages with a name that others give them too.</summary>
public static class MessageScenario
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["dissemination", "allreduce_ring", "allreduce_recdoub", "linear_alltoall", "binomialtreebcast"];

    /// <summary>A program.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="ranks">Ranks, a power of two but for rings and all-to-all.</param>
    /// <param name="bytes">Bytes: of each message, or of an all-reduce as a whole.</param>
    /// <exception cref="InputException">There is none of this name, or not for so many ranks or bytes.</exception>
    public static MessageProgram Of(string name, int ranks, long bytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Names.Contains(name, StringComparer.Ordinal)) throw new InputException($"there is no program '{name}'{Nearest.Hint(name, [.. Names])}");
        var anyRanks = name is "allreduce_ring" or "linear_alltoall";
        if (ranks < 2 || (!anyRanks && !BitOperations.IsPow2(ranks))) throw new InputException($"'{name}' needs {(anyRanks ? "two ranks or more" : "a power of two of ranks")}, found {ranks:N0}");
        if (bytes < (name.StartsWith("allreduce", StringComparison.Ordinal) ? ranks : 1)) throw new InputException($"'{name}' of {ranks:N0} ranks has messages of nothing with {bytes:N0} B");
        var rounds = BitOperations.Log2((uint)ranks);
        int Mask(int s) => ranks >> (s < rounds ? s + 1 : (2 * rounds) - s);
        return name switch
        {
            "dissemination" => Steps(ranks, rounds, (r, s) => (r + (1 << s)) % ranks, (r, s) => (r + ranks - (1 << s)) % ranks, _ => bytes),
            "allreduce_ring" => Steps(ranks, 2 * (ranks - 1), (r, _) => (r + 1) % ranks, (r, _) => (r + ranks - 1) % ranks, _ => bytes / ranks),
            "allreduce_recdoub" => Steps(ranks, 2 * rounds, (r, s) => r ^ Mask(s), (r, s) => r ^ Mask(s), s => bytes >> (s < rounds ? s + 1 : (2 * rounds) - s)),
            "linear_alltoall" => Steps(ranks, ranks - 1, (r, s) => (r + s + 1) % ranks, (r, s) => (r + ranks - 1 - s) % ranks, _ => bytes),
            _ => Tree(ranks, bytes),
        };
    }

    /// <summary>Steps in which every rank sends to one and receives from one, when both of the last step have ended.</summary>
    internal static MessageProgram Steps(int ranks, int steps, Func<int, int, int> to, Func<int, int, int> from, Func<int, long> bytes)
    {
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            var (sent, received) = (-1, -1);
            for (var s = 0; s < steps; s++)
            {
                var send = builder.Add(MessageKind.Send, bytes(s), to(r, s));
                var receive = builder.Add(MessageKind.Receive, bytes(s), from(r, s));
                if (sent >= 0)
                {
                    builder.Requires(send, sent);
                    builder.Requires(send, received);
                    builder.Requires(receive, received);
                }
                (sent, received) = (send, receive);
            }
        }
        return builder.Finish();
    }

    // The furthest first.
    static MessageProgram Tree(int ranks, long bytes)
    {
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            var low = r == 0 ? ranks : r & -r;
            var before = r == 0 ? -1 : builder.Add(MessageKind.Receive, bytes, r - low);
            for (var bit = low >> 1; bit > 0; bit >>= 1)
            {
                var send = builder.Add(MessageKind.Send, bytes, r + bit);
                if (before >= 0) builder.Requires(send, before);
                before = send;
            }
        }
        return builder.Finish();
    }
}
