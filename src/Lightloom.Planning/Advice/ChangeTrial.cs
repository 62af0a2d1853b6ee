using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;

namespace Lightloom.Planning.Advice;

/// <summary>A change that was tried on a design.</summary>
/// <param name="Name">What is changed.</param>
/// <param name="Layer">The layer.</param>
/// <param name="After">The changed design, evaluated; null where it can't be built.</param>
/// <param name="Refused">Why it can't be had; empty where it can.</param>
public sealed record ChangeTrial(string Name, Layer Layer, Evaluation? After, string Refused)
{
    /// <summary>Tries a change; null where it isn't one for the design.</summary>
    /// <param name="context">Evaluates.</param>
    /// <param name="document">The design.</param>
    /// <param name="change">The change.</param>
    public static ChangeTrial? Of(ClaimContext context, DesignDocument document, LayerChange change)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(change);
        return change.Edit(document.Design, context.Catalog) is { } design ? Of(context, document, design, change.Name, change.Layer) : null;
    }

    /// <summary>Tries a changed design.</summary>
    /// <param name="context">Evaluates.</param>
    /// <param name="document">The design before it.</param>
    /// <param name="design">The changed design.</param>
    /// <param name="name">What is changed.</param>
    /// <param name="layer">The layer.</param>
    public static ChangeTrial Of(ClaimContext context, DesignDocument document, Design design, string name, Layer layer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(document);
        try
        {
            var after = context.Evaluator.EvaluateBriefly(document.With(design));
            var broken = after.Worst == Severity.Infeasible && context.Evaluate(document).Worst != Severity.Infeasible;
            return new(name, layer, after, broken ? after.Findings.First(f => f.Severity == Severity.Infeasible).Message : "");
        }
        catch (InputException e)
        {
            // What a fabric can't have is told as what it is.
            return new(name, layer, null, e.Problem);
        }
    }
}
