using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Everything that is known of a design: what it is built of, what it does, what it costs, and where it binds.</summary>
public sealed record Evaluation
{
    /// <summary>Version of the models; results of different versions are not comparable.</summary>
    public const string ModelVersion = "1";

    /// <summary>The design as built.</summary>
    public required ClusterBuild Build { get; init; }

    /// <summary>The job as run, or null for a design without one.</summary>
    public required ClusterOperation? Operation { get; init; }

    /// <summary>What the cluster makes of the job, or null for a design without one.</summary>
    public required Outcome? Outcome { get; init; }

    /// <summary>How far the predicted step can be trusted, or null for a design without a job.</summary>
    public required AccuracyStatement? Accuracy { get; init; }

    /// <summary>Power by component, of one site.</summary>
    public required PowerUse Power { get; init; }

    /// <summary>What is bought, line by line.</summary>
    public required BillOfMaterials Bill { get; init; }

    /// <summary>Capital and running cost; of several sites that of all of them with the routes between them.</summary>
    public required ClusterCost Economics { get; init; }

    /// <summary>Where the bottleneck sits, or null for a design without a job, or one that was evaluated without it.</summary>
    public required BottleneckLedger? Ledger { get; init; }

    /// <summary>All sites of a design that has several, with the routes between them; null for one.</summary>
    public SitesTogether? Together { get; init; }

    /// <summary>The job shared over several sites, or null for a design of one, or without a job.</summary>
    public SitesPlan? Sites => Together?.Plan;

    /// <summary>Power by component, of all sites and the routes between them.</summary>
    public PowerUse AllPower => Together?.Power ?? Power;

    /// <summary>Tokens per second of all sites, failures counted; null without a job.</summary>
    public double? EffectiveTokensPerSecond => Together is { } together ? together.EffectiveTokensPerSecond : Outcome?.EffectiveTokensPerSecond;

    /// <summary>What was found, worst first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Parts that have no price in the catalogue and count as nothing.</summary>
    public IReadOnlyList<string> Unpriced =>
        [.. (Together?.Sites.SelectMany(s => s.Bill.Lines) ?? Bill.Lines).Where(l => l.Each is null && !l.IncludedInHost).Select(l => l.Key).Concat(Together?.Routes.SelectMany(r => r.Unpriced) ?? []).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Identifies the result: design, catalogue and model versions.</summary>
    public required string Id { get; init; }

    /// <summary>The costs as a function of their figures, over another time.</summary>
    /// <param name="horizon">Time of the total cost of ownership; the systems' life where null.</param>
    internal CostModel CostOver(Duration? horizon) => Together?.CostOver(horizon) ?? CostModel.Of(Build, Bill, Power, Accuracy?.Band ?? 0, horizon, Failures);

    /// <summary>The job under failures, of one cluster; null without a job.</summary>
    internal ReliabilityModel? Failures => Outcome is { } outcome ? Operation!.ModelOf(outcome.Step, new()) : null;

    /// <summary>Cost of a million trained tokens, or null without a job that makes progress.</summary>
    public CostRange? MillionTokens => Economics.PerMillionTokens;

    /// <summary>The worst finding.</summary>
    public Severity Worst => Findings.Count == 0 ? Severity.Note : Findings.Max(f => f.Severity);
}

/// <summary>How well the model of a step does on published measurements of models that its fit hasn't seen, and whether this case lies among them.</summary>
/// <param name="MedianError">Median absolute relative error.</param>
/// <param name="Band">Relative error that nine in ten published measurements stay within.</param>
/// <param name="Rows">Published measurements.</param>
/// <param name="Outside">Why the case lies outside what was validated; empty when it doesn't.</param>
public sealed record AccuracyStatement(double MedianError, double Band, int Rows, IReadOnlyList<string> Outside);
