using Lightloom.Quantities;

namespace Lightloom.Simulation;

/// <summary>What becomes of data that arrives.</summary>
public enum Combine : byte
{
    /// <summary>It is written over what the receiver has.</summary>
    Copy,

    /// <summary>It is added to what the receiver has.</summary>
    Reduce,
}

/// <summary>One send, for a rule that says which blocks it carries.</summary>
/// <param name="Source">The vertex that sends.</param>
/// <param name="Destination">The vertex that receives.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Repetition">Which repetition of the step it is, from 0.</param>
public readonly record struct SendPlace(int Source, int Destination, int Channel, int Repetition);

/// <summary>Says which blocks of its channel a send carries.</summary>
/// <param name="send">The send.</param>
/// <param name="blocks">Receives the blocks, from 0 to <see cref="Schedule.Blocks"/>, each once.</param>
public delegate void BlockRule(in SendPlace send, Span<int> blocks);

/// <summary>Sends of one step that are alike: same bytes, same rule of who sends to whom and what.</summary>
public sealed class SendClass
{
    internal SendClass(SendPattern pattern, Combine combine, DataSize bytes)
    {
        Pattern = pattern;
        Combine = combine;
        Bytes = bytes;
    }

    /// <summary>Who sends to whom.</summary>
    public SendPattern Pattern { get; }

    /// <summary>What becomes of what arrives.</summary>
    public Combine Combine { get; }

    /// <summary>Data of one send; the mean where the pattern lists its own.</summary>
    public DataSize Bytes { get; }

    /// <summary>
    /// Whether a send waits for all that its sender received, on the same channel in the same piece, in earlier steps. One that doesn't
    /// carries only what its sender had from the beginning.
    /// </summary>
    public bool Waits { get; internal init; }

    /// <summary>The first channel on which it happens.</summary>
    public int FirstChannel { get; internal init; }

    /// <summary>Channels on which it happens.</summary>
    public int ChannelCount { get; internal init; }

    /// <summary>Which of its channel's queues a sender uses: up and down a tree are two, inside a domain and across are others.</summary>
    public int Track { get; internal init; }

    /// <summary>Blocks that one send carries; 0 where the data is not told apart.</summary>
    public int BlockCount { get; internal init; }

    /// <summary>Which blocks they are, or null.</summary>
    public BlockRule? Blocks { get; internal init; }
}

/// <summary>Sends that may happen at once, as often as the step is repeated.</summary>
/// <param name="Repeat">How often, one after the other.</param>
/// <param name="Classes">The sends.</param>
public sealed record ScheduleStep(int Repeat, IReadOnlyList<SendClass> Classes);
