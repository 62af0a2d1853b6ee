// What a log means for a job: the step as designed, with each cause that was found, and with the collectives as measured.
//
//   as measured   the mechanisms refitted to the log, and the causes laid over the design's levels
//   dollars       of a million tokens, failures counted, as evaluate has them; the hall costs the same whatever its network carries
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>A job's step under one view of the network.</summary>
/// <param name="Name">The view: "as predicted", "as measured", or a cause.</param>
/// <param name="Step">Time of a step.</param>
/// <param name="TokensPerSecond">Tokens per second, failures counted.</param>
/// <param name="MillionTokens">Dollars of a million tokens; null where the job makes no progress.</param>
public sealed record StepView(string Name, Duration Step, double TokensPerSecond, double? MillionTokens);

/// <summary>What a log costs a design's job.</summary>
/// <param name="Predicted">As the design stands.</param>
/// <param name="Causes">With each cause alone.</param>
/// <param name="Measured">With the collectives as measured; null where there was nothing to fit.</param>
public sealed record StepCost(StepView Predicted, IReadOnlyList<StepView> Causes, StepView? Measured)
{
    /// <summary>Prices a log.</summary>
    /// <param name="evaluator">Evaluates designs.</param>
    /// <param name="design">A design with a job.</param>
    /// <param name="comparison">The log beside its expectation.</param>
    /// <param name="refit">The system fitted to it.</param>
    /// <exception cref="Catalog.Documents.InputException">The design has no job.</exception>
    public static StepCost Of(Evaluator evaluator, DesignDocument design, LogComparison comparison, ClusterRefit? refit)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(comparison);
        if (design.Design.Job is null) throw design.Wrong("job", "the design has no job, whose step could be timed");
        var causes = comparison.Diagnoses.Where(d => d.Change is not null).Select(d => View(evaluator, design, d.Key, Over(design, d.Change!.Value, null))).ToList();
        return new(View(evaluator, design, "as predicted", design.Design.Collectives), causes,
            refit is null ? null : View(evaluator, design, "as measured", Over(design, refit.Change, refit.Cluster.Mechanisms!)));
    }

    static CollectivesSection Over(DesignDocument design, NetworkChange change, ClusterMechanisms? fitted)
    {
        var own = design.Design.Collectives ?? new();
        return own with
        {
            ScaleUp = fitted?.ScaleUp ?? own.ScaleUp,
            Fabric = fitted?.Fabric ?? own.Fabric,
            SwitchReduction = change.WithoutSwitchReduction ? false : own.SwitchReduction,
            ScaleUpShare = own.ScaleUpShare * change.ScaleUpShare,
            FabricShare = own.FabricShare * change.FabricShare,
        };
    }

    static StepView View(Evaluator evaluator, DesignDocument design, string name, CollectivesSection? collectives)
    {
        var evaluation = evaluator.Evaluate(design.With(collectives));
        var outcome = evaluation.Outcome!.Value;
        return new(name, outcome.Step.Time, outcome.EffectiveTokensPerSecond, evaluation.MillionTokens?.Value.Dollars);
    }
}
