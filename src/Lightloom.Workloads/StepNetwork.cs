using Lightloom.Collectives;

namespace Lightloom.Workloads;

/// <summary>What collectives of two kinds of groups take while both run, over what each takes alone: 2 and 2 where they share every link evenly.</summary>
/// <param name="Data">Of the data group's.</param>
/// <param name="Rival">Of the other's.</param>
public readonly record struct StepOverlap(double Data, double Rival)
{
    /// <summary>Both get half.</summary>
    public static StepOverlap Halves { get; } = new(2, 2);
}

/// <summary>The network that a job's ranks see: its levels, and how many accelerators one unit of each level holds.</summary>
public sealed class StepNetwork
{
    readonly int[] spans;

    /// <summary>Joins levels with their spans.</summary>
    /// <param name="levels">The levels, innermost first.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    /// <exception cref="ArgumentException">The numbers of levels and spans differ.</exception>
    public StepNetwork(NetworkLevels levels, ReadOnlySpan<int> spans)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (spans.Length != levels.Count) throw new ArgumentException($"{levels.Count} levels need as many spans, not {spans.Length}");
        Levels = levels;
        Experts = new(levels, ExpertMode.Throughput);
        this.spans = spans.ToArray();
    }

    /// <summary>The levels, innermost first.</summary>
    public NetworkLevels Levels { get; }

    /// <summary>Algorithms that collectives choose from.</summary>
    public CollectiveModel Collectives { get; init; } = CollectiveModel.Default;

    /// <summary>
    /// Seconds that a network engine found for a collective of a step; null, or an answer of null: the closed form counts.
    /// </summary>
    public Func<StepCollective, double?>? Engine { get; init; }

    /// <summary>
    /// What a network engine found for a collective of the data group and the groups of another kind at once; null, or an answer of null: they halve
    /// each other's links where they share them, and sends between stages are as if alone.
    /// </summary>
    public Func<StepCollective, StepGroup, StepOverlap?>? Together { get; init; }

    /// <summary>Exchanges of tokens between experts over the same levels.</summary>
    public ExpertExchangeModel Experts { get; }

    /// <summary>Whether the job's scale-up domains are handed out at random; in the order of the network otherwise.</summary>
    public bool Scattered { get; init; }

    /// <summary>Accelerators of one unit of each level, innermost first.</summary>
    public ReadOnlySpan<int> Spans => spans;
}
