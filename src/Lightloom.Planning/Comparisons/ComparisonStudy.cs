using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Comparisons;

/// <summary>Designs side by side, with what could not be put there.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="Note">What to know of how it is made; empty for nothing.</param>
/// <param name="Designs">The designs; differences are from the first.</param>
/// <param name="NotPossible">Variants that the design can't take, with the reason.</param>
public sealed record ComparisonStudy(string Title, string Note, IReadOnlyList<ComparedDesign> Designs, IReadOnlyList<Variant> NotPossible)
{
    /// <summary>Title of designs that were given one by one.</summary>
    public const string Plain = "Designs side by side";

    /// <summary>Puts designs side by side.</summary>
    /// <param name="documents">The designs.</param>
    /// <exception cref="InputException">A design asks for what can't be.</exception>
    public static ComparisonStudy Of(IEnumerable<DesignDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var evaluators = new Dictionary<PartCatalog, Evaluator>();
        return new(Plain, "", [.. documents.Select(d => ComparedDesign.Of(new(d.Design.Name, []), d, Evaluator(d.Catalog)))], []);

        Evaluator Evaluator(PartCatalog catalog) => evaluators.TryGetValue(catalog, out var known) ? known : evaluators[catalog] = new(catalog);
    }

    /// <summary>Puts the variants of one design side by side: the design first where it is none of them.</summary>
    /// <param name="document">The design.</param>
    /// <param name="set">What to compare.</param>
    /// <exception cref="InputException">The design itself asks for what can't be.</exception>
    public static ComparisonStudy Of(DesignDocument document, IComparisonSet set)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(set);
        var evaluator = new Evaluator(document.Catalog);
        // What is wrong with the design itself is an error, and no reason against a variant.
        var own = ComparedDesign.Of(new("as designed", []), document, evaluator);
        var variants = set.Of(document);
        var designs = new List<ComparedDesign>();
        var refused = new List<Variant>();
        if (!variants.Any(v => v.IsBase)) designs.Add(own);
        foreach (var variant in variants)
        {
            if (variant.Refusal is not null)
            {
                refused.Add(variant);
                continue;
            }
            try
            {
                var design = ComparedDesign.Of(variant, variant.Of(document), evaluator);
                if (!variant.IsBase && Open(design.Evaluation) is { } open) refused.Add(variant with { Refusal = open });
                else designs.Add(design);
            }
            catch (InputException e) when (!variant.IsBase)
            {
                refused.Add(variant with { Refusal = e.Problem });
            }
        }
        return new($"{set.Title}: {document.Design.Name}", set.Note, designs, refused);
    }

    // A fabric with links that don't close is none; its other figures mean nothing.
    static string? Open(Evaluation evaluation)
    {
        foreach (var links in evaluation.Build.Links.Where(l => l.Open > 0))
        {
            var worst = links.Groups.First(g => !g.Link.Closes).Link;
            return $"{links.Open:N0} of {links.Class.Count:N0} links {links.Class.Name} don't close: {worst.Reason}{(worst.Mend is { } mend ? $"; {mend}" : "")}";
        }
        return null;
    }
}
