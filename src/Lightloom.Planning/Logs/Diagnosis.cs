using Lightloom.Collectives;

namespace Lightloom.Planning.Logs;

/// <summary>How sure a diagnosis is.</summary>
public enum Confidence
{
    /// <summary>Worth knowing, not a fault of the network.</summary>
    Note,

    /// <summary>From half to four in five.</summary>
    Possible,

    /// <summary>More than four in five.</summary>
    Likely,

    /// <summary>More than nineteen in twenty.</summary>
    VeryLikely,

    /// <summary>The log itself says so, or arithmetic does.</summary>
    Certain,
}

/// <summary>Another cause that explains the rows nearly as well.</summary>
/// <param name="Key">Its key.</param>
/// <param name="What">What it would be.</param>
/// <param name="Probability">Its probability.</param>
public sealed record Alternative(string Key, string What, double Probability);

/// <summary>Why rows differ from what was expected, probably.</summary>
public sealed record Diagnosis
{
    /// <summary>A short name for machines: "no-switch-reduction".</summary>
    public required string Key { get; init; }

    /// <summary>What it is, in a sentence.</summary>
    public required string What { get; init; }

    /// <summary>How sure that is.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>Probability of this very cause, where it was weighed against others.</summary>
    public double? Probability { get; init; }

    /// <summary>Probability that anything known is wrong, where causes were weighed.</summary>
    public double? FaultProbability { get; init; }

    /// <summary>Rows and lines that it rests on, with figures.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>What to look at or set.</summary>
    public required IReadOnlyList<string> Try { get; init; }

    /// <summary>What it costs the measured collectives.</summary>
    public required string Cost { get; init; }

    /// <summary>Other causes that explain the rows nearly as well, likeliest first.</summary>
    public IReadOnlyList<Alternative> Alternatives { get; init; } = [];

    /// <summary>What it changes of the network; null where it isn't of that kind.</summary>
    public NetworkChange? Change { get; init; }

    /// <summary>Ranges of sizes in which NCCL should be told another algorithm; empty where that mends nothing.</summary>
    public IReadOnlyList<NcclSizeRange> Tuning { get; init; } = [];

    /// <summary>The collective that <see cref="Tuning"/> speaks of.</summary>
    public NcclFunction? Function { get; init; }
}
