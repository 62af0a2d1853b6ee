namespace Lightloom.Simulation.Packets.Balancing;

/// <summary>What a sender learns of a path.</summary>
enum PathFeedback
{
    Good,
    Marked,
    Trimmed,
    TimedOut,
}

/// <summary>The entropies that a sender gives its packets, and so the paths: a state of each flow's own, a type parameter of the transport.</summary>
interface IEntropies
{
    /// <summary>A flow begins.</summary>
    void Start(int paths, ref uint random);

    /// <summary>The entropy of the next packet.</summary>
    ushort Next(ref uint random);

    /// <summary>What an acknowledgement says of one.</summary>
    void Learn(ushort entropy, PathFeedback feedback, long now, ref uint random);
}
