namespace Lightloom.Collectives.Congestion;

/// <summary>
/// Switches of one tier that each spread what their cards send over equal links upwards, and, seen from above, over which the same
/// comes down again. Counted and not enumerated.
/// </summary>
/// <param name="Name">What the links are called: "leaf-spine".</param>
/// <param name="Links">Links that one switch spreads over.</param>
/// <param name="Senders">Ports of cards whose traffic passes one switch; an average where they are dealt.</param>
/// <param name="Switches">Such switches in use; a part of one counts in part.</param>
public sealed record LinkStage(string Name, int Links, double Senders, double Switches)
{
    /// <summary>What the cards can send over what all links can carry: 1 is non-blocking, 2 is oversubscribed 2:1.</summary>
    public double Load { get; init; } = 1;

    /// <summary>Links between one pair of switches, a divisor of <see cref="Links"/>: what the far side hashes over.</summary>
    public int Bundle { get; init; } = 1;

    /// <summary>Links that are down at one of the switches, all in as few bundles as they take.</summary>
    public int FailedAtOne { get; init; }

    /// <summary>Share of all links that are down, each by itself, spread over the bundles.</summary>
    public double FailedShare { get; init; }

    /// <summary>The stage, if everything in it can be.</summary>
    /// <exception cref="ArgumentException">A count or a share is none.</exception>
    public LinkStage Checked()
    {
        if (Links is < 1 or > MostLoadedLink.MostCount) throw new ArgumentException($"stage '{Name}' has {Links} links; expected at least 1");
        if (!(Senders > 0 && Senders <= MostLoadedLink.MostCount)) throw new ArgumentException($"stage '{Name}' has {Senders} senders; expected at least a part of one");
        if (!(Switches > 0 && double.IsFinite(Switches))) throw new ArgumentException($"stage '{Name}' has {Switches} switches; expected at least a part of one");
        if (!(Load > 0 && double.IsFinite(Load))) throw new ArgumentException($"stage '{Name}' has a load of {Load}; expected more than 0");
        if (Bundle < 1 || Links % Bundle != 0) throw new ArgumentException($"stage '{Name}' has bundles of {Bundle}; expected a divisor of its {Links} links");
        if (FailedAtOne < 0 || FailedAtOne >= Links) throw new ArgumentException($"stage '{Name}' has {FailedAtOne} of {Links} links down; expected at least one that is up");
        if (!(FailedShare is >= 0 and <= 0.5)) throw new ArgumentException($"stage '{Name}' has a share of {FailedShare} of its links down; expected 0 to 0.5");
        return this;
    }
}
