namespace Lightloom.Optics;

/// <summary>What a link is made of.</summary>
[Flags]
public enum MediaClasses
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Twinax without electronics (DAC).</summary>
    PassiveCopper = 1,

    /// <summary>Twinax with linear amplifiers (ACC).</summary>
    ActiveCopper = 2,

    /// <summary>Twinax with retimers (AEC).</summary>
    RetimedCopper = 4,

    /// <summary>Pluggable modules or an active cable over multimode fibre.</summary>
    MultimodeOptics = 8,

    /// <summary>Pluggable modules over single-mode fibre.</summary>
    SinglemodeOptics = 16,

    /// <summary>Single-mode or multimode fibre with at least one end on the package.</summary>
    CoPackagedOptics = 32,

    /// <summary>Any copper.</summary>
    Copper = PassiveCopper | ActiveCopper | RetimedCopper,

    /// <summary>Any optics.</summary>
    Optics = MultimodeOptics | SinglemodeOptics | CoPackagedOptics,

    /// <summary>Anything.</summary>
    All = Copper | Optics,
}

/// <summary>What is best among the links that close.</summary>
public enum LinkGoal
{
    /// <summary>The lowest price of one link's share of modules and cable.</summary>
    Cheapest,

    /// <summary>The least power of both ends.</summary>
    FewestWatts,

    /// <summary>The shortest time from end to end.</summary>
    LowestLatency,

    /// <summary>The fewest hard failures, then the fewest flaps.</summary>
    MostReliable,
}

/// <summary>Which media may be used, and which of those that close is taken.</summary>
public sealed record LinkPolicy
{
    /// <summary>The cheapest medium that closes.</summary>
    public static LinkPolicy CheapestFeasible { get; } = new();

    /// <summary>The medium that closes with the least power.</summary>
    public static LinkPolicy FewestWatts { get; } = new() { Goal = LinkGoal.FewestWatts };

    /// <summary>The medium that closes with the least latency.</summary>
    public static LinkPolicy LowestLatency { get; } = new() { Goal = LinkGoal.LowestLatency };

    /// <summary>The medium that closes and fails least.</summary>
    public static LinkPolicy MostReliable { get; } = new() { Goal = LinkGoal.MostReliable };

    /// <summary>The cheapest copper that closes.</summary>
    public static LinkPolicy CopperOnly { get; } = new() { Allow = MediaClasses.Copper };

    /// <summary>The cheapest optics that close.</summary>
    public static LinkPolicy OpticsOnly { get; } = new() { Allow = MediaClasses.Optics };

    /// <summary>What is best among those that close.</summary>
    public LinkGoal Goal { get; init; } = LinkGoal.Cheapest;

    /// <summary>The classes that may be used.</summary>
    public MediaClasses Allow { get; init; } = MediaClasses.All;

    /// <summary>Whether hosts drive only modules that retime both directions, so that LPO and LRO are left out.</summary>
    public bool RetimedOnly { get; init; }

    /// <summary>The key of the module or cable that must be used, at one end at least; null for any.</summary>
    public string? Part { get; init; }

    /// <summary>The key of the optical interface that one end at least must meet; null for any.</summary>
    public string? Interface { get; init; }

    /// <summary>One module or cable, by its key.</summary>
    public static LinkPolicy Named(string part)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(part);
        return new() { Part = part };
    }

    /// <summary>Modules that meet one optical interface, by its key.</summary>
    public static LinkPolicy Meeting(string opticalInterface)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(opticalInterface);
        return new() { Interface = opticalInterface };
    }
}
