// Every send of a schedule, in flat arrays: the send i is Source[i] -> Destination[i] of Bytes[i].
//
//   steps    sends [StepOffset[t], StepOffset[t + 1]) belong to step t; the steps of one piece follow those of the piece before
//   gates    counters that say when a send may start. Gate q is open when GateArrivals[q] sends that feed it have arrived and the gate
//            GateAfter[q], where there is one, is open too. WaitsFor[i] is the gate of send i, Feeds[i] the one that its arrival counts
//            for; -1: none. A gate is fed by sends of lower numbers than those that wait for it, so that nothing waits for ever.
//   queues   sends of one rank with the same Lane leave in the order of their numbers; a switch sends to all its members at once
//   blocks   send i carries Blocks[BlockOffset[i] .. BlockOffset[i + 1]), where they were asked for
//   work     a rank that receives a send with Combine.Reduce reads and adds Bytes[i]
//
// Example: a ring of 3 ranks, two steps: sends 0 1 2 (step 0) and 3 4 5 (step 1); send 3, of rank 0, waits for gate 0, which send 2, its
//   arrival of step 0, feeds.
namespace Lightloom.Simulation;

/// <summary>Every send of a schedule, as arrays that network engines read.</summary>
public sealed class ExpandedSchedule
{
    /// <summary>The schedule that was expanded.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>How many sends there are.</summary>
    public int Count => Source.Length;

    /// <summary>How many steps there are, all pieces together.</summary>
    public int Steps => StepOffset.Length - 1;

    /// <summary>Who sends: ranks, and switches from <see cref="RankLayout.Ranks"/> on.</summary>
    public required int[] Source { get; init; }

    /// <summary>Who receives.</summary>
    public required int[] Destination { get; init; }

    /// <summary>Bytes of each send.</summary>
    public required double[] Bytes { get; init; }

    /// <summary>What becomes of what arrives.</summary>
    public required Combine[] Combine { get; init; }

    /// <summary>The sender's queue: channel times tracks plus track.</summary>
    public required int[] Lane { get; init; }

    /// <summary>The gate that must be open before a send starts, or -1.</summary>
    public required int[] WaitsFor { get; init; }

    /// <summary>The gate that a send's arrival counts for, or -1.</summary>
    public required int[] Feeds { get; init; }

    /// <summary>The first send of each step, and at the end the number of sends.</summary>
    public required int[] StepOffset { get; init; }

    /// <summary>Arrivals that each gate needs.</summary>
    public required int[] GateArrivals { get; init; }

    /// <summary>The gate that must be open too, or -1.</summary>
    public required int[] GateAfter { get; init; }

    /// <summary>Where the blocks of each send begin, and at the end how many there are; null where they were not asked for.</summary>
    public int[]? BlockOffset { get; init; }

    /// <summary>Numbers of the blocks that sends carry; null where they were not asked for.</summary>
    public int[]? Blocks { get; init; }
}
