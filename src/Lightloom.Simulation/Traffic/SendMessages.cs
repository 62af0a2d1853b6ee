// Sends as messages: each is an operation of its sender and one of its receiver.
//
//   a send that follows another starts when that one has ended; one that waits for a gate starts when what feeds the gate has been received,
//   which its own rank must have done
//   tags number the sends, so that what is received is what is meant
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Simulation.Traffic;

/// <summary>Makes programs of messages from sends.</summary>
public static class SendMessages
{
    /// <summary>The program of a list of sends.</summary>
    /// <param name="sends">The sends.</param>
    /// <param name="ranks">Ranks, or cards.</param>
    /// <exception cref="InputException">Their order is one that messages can't keep.</exception>
    public static MessageProgram Program(SendList sends, int ranks)
    {
        ArgumentNullException.ThrowIfNull(sends);
        if (sends.Start is { } start && start.Any(s => s > 0)) throw new InputException("messages start when others have ended, and these sends start at times of their own");
        if (sends.GateTurns?.Contains(true) == true) throw new InputException("messages start when certain others have ended, and these sends when any have");
        var feeders = new List<int>[sends.GateArrivals.Length];
        for (var i = 0; i < sends.Count; i++)
        {
            if (sends.Feeds?[i] is { } gate and >= 0) (feeders[gate] ??= []).Add(i);
            if (sends.FeedsToo?[i] is { } more and >= 0) (feeders[more] ??= []).Add(i);
        }
        // Operations by rank: of each send, the place among all operations of its sending and its receiving.
        var of = new List<(int Send, bool Receives)>[ranks];
        for (var r = 0; r < ranks; r++) of[r] = [];
        for (var i = 0; i < sends.Count; i++)
        {
            if ((uint)sends.Source[i] >= (uint)ranks || (uint)sends.Destination[i] >= (uint)ranks) throw new InputException($"send {i:N0} goes from {sends.Source[i]:N0} to {sends.Destination[i]:N0}, and ranks are numbered 0 to {ranks - 1:N0}");
            of[sends.Source[i]].Add((i, false));
            of[sends.Destination[i]].Add((i, true));
        }
        var (sending, receiving) = (new int[sends.Count], new int[sends.Count]);
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            foreach (var (i, receives) in of[r])
            {
                var bytes = checked((long)Math.Ceiling(sends.Bytes[sends.Bytes.Length == 1 ? 0 : i]));
                if (receives) receiving[i] = builder.Add(MessageKind.Receive, bytes, sends.Source[i], i);
                else sending[i] = builder.Add(MessageKind.Send, bytes, sends.Destination[i], i);
            }
        }
        for (var i = 0; i < sends.Count; i++)
        {
            if (sends.After?[i] is { } before and >= 0)
            {
                if (sends.Source[before] != sends.Source[i]) throw new InputException($"send {i:N0} follows send {before:N0} of another rank, which messages can't");
                builder.Requires(sending[i], sending[before]);
            }
            for (var gate = sends.WaitsFor?[i] ?? -1; gate >= 0; gate = sends.GateAfter?[gate] ?? -1)
            {
                var by = feeders[gate] ?? [];
                if (by.Count != sends.GateArrivals[gate]) throw new InputException($"send {i:N0} waits for {sends.GateArrivals[gate]:N0} of {by.Count:N0} others, and messages wait for certain ones");
                foreach (var fed in by)
                {
                    if (sends.Destination[fed] != sends.Source[i]) throw new InputException($"send {i:N0} of rank {sends.Source[i]:N0} waits for what rank {sends.Destination[fed]:N0} receives, which messages can't");
                    builder.Requires(sending[i], receiving[fed]);
                }
            }
        }
        return builder.Finish();
    }
}
