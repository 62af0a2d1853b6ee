using Lightloom.Catalog;
using Lightloom.Optics;

namespace Lightloom.Planning.Claims;

/// <summary>What claims are computed on: the catalogue, the examples that ship, and one design of the user's in the place of a cluster.</summary>
/// <param name="design">The user's design; claims about a cluster are computed on it instead of an example. None unless given.</param>
public sealed class ClaimContext(DesignDocument? design = null)
{
    readonly Dictionary<string, DesignDocument> documents = new(StringComparer.Ordinal);
    readonly Dictionary<DesignDocument, Evaluation> evaluations = [];

    /// <summary>Parts.</summary>
    public PartCatalog Catalog { get; } = design?.Catalog ?? PartCatalog.Default;

    /// <summary>Evaluates designs.</summary>
    public Evaluator Evaluator { get; } = new(design?.Catalog);

    /// <summary>Engineers links.</summary>
    public LinkEngineer Engineer { get; } = new(design?.Catalog ?? PartCatalog.Default);

    /// <summary>The user's design.</summary>
    public DesignDocument? Design { get; } = design;

    /// <summary>An example by its name, whatever the user's design is.</summary>
    public DesignDocument Example(string name)
    {
        if (!documents.TryGetValue(name, out var document)) documents[name] = document = DesignDocument.Parse(Shipped($"{name}.yaml"), $"examples/{name}.yaml", Catalog);
        return document;
    }

    /// <summary>The cluster that a claim is about: the user's design if it has a job, an example otherwise.</summary>
    /// <param name="example">The example.</param>
    public DesignDocument Cluster(string example) => Design is { Design.Job: not null } ? Design : Example(example);

    /// <summary>A design's evaluation without its ledger, made once.</summary>
    public Evaluation Evaluate(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!evaluations.TryGetValue(document, out var evaluation)) evaluations[document] = evaluation = Evaluator.EvaluateBriefly(document);
        return evaluation;
    }

    /// <summary>The text of a file that the library ships with.</summary>
    internal static string Shipped(string name) => ShippedData.Text($"claims/{name}");
}
