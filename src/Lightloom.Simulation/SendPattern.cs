namespace Lightloom.Simulation;

/// <summary>Who sends to whom in one class of sends, without listing them.</summary>
public abstract class SendPattern
{
    private protected SendPattern()
    {
    }

    /// <summary>Sends of one repetition on one channel.</summary>
    public abstract long Count { get; }

    /// <summary>Whether a schedule with so many ranks, and vertices in all, has those that this names.</summary>
    internal abstract bool Fits(int ranks, int vertices);

    /// <summary>Whether every channel has as many sends over each level.</summary>
    internal abstract bool ChannelsAlike { get; }

    /// <summary>Sends that stay inside a scale-up domain, over all repetitions on one channel.</summary>
    internal abstract long Inside(RankLayout layout, int channel, int repeat);

    /// <summary>Sends that leave a unit of the level below this one, over all repetitions on one channel.</summary>
    internal abstract long Leaving(RankLayout layout, int level, int channel, int repeat);

    /// <summary>Lists the sends of one repetition on one channel.</summary>
    internal abstract void Fill(int channel, int repetition, Span<int> source, Span<int> destination);

    /// <summary>Bytes of each send where they differ, in the order of <see cref="Fill"/>; empty where they are alike.</summary>
    internal virtual ReadOnlySpan<double> OwnBytes => default;

    /// <summary>Whether what arrives in a switch or comes from one.</summary>
    internal virtual bool ToSwitch => false;
}
