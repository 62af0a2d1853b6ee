using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>What a design costs, in a currency, and what fits a feed of power.</summary>
/// <param name="Evaluation">The design.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Currency">The currency of the answer.</param>
/// <param name="Book">Name of the price book, or null for the catalogue's own prices.</param>
/// <param name="Envelope">What fits a feed of power, where one was asked for.</param>
public sealed record CostStudy(Evaluation Evaluation, ClusterCost Cost, Currency Currency, string? Book, PowerEnvelope? Envelope)
{
    /// <summary>The bill beside a published split; null unless asked for.</summary>
    public PublishedSplit? Against { get; init; }

    /// <summary>Studies a design.</summary>
    /// <param name="document">The design, read with the book's catalogue.</param>
    /// <param name="book">Prices in the place of the catalogue's, or null.</param>
    /// <param name="envelope">A feed of power at the meter, or null.</param>
    /// <param name="horizon">Time of the total cost of ownership; the systems' life unless given.</param>
    /// <param name="samples">Samples of every range.</param>
    /// <param name="seed">What they are derived from.</param>
    /// <exception cref="InputException">The design asks for what can't be, a part of it has no price, or the design and the book both price one.</exception>
    public static CostStudy Of(
        DesignDocument document, PriceBook? book = null, Power? envelope = null, Duration? horizon = null, int samples = CostSampling.DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(document);
        var catalog = book?.Catalog ?? PartCatalog.Default;
        var evaluation = new Evaluator(catalog).Evaluate(document);
        if (evaluation.Unpriced is { Count: > 0 } unpriced)
            throw new InputException($"nothing prices {string.Join(", ", unpriced.Select(k => $"'{k}'"))}; give a price in the design, or in a price book: 'prices: {{ {unpriced[0].TrimEnd('*')}: 1000 {book?.Currency.Code ?? "USD"} }}'");
        if (book is not null) RefuseContradictions(evaluation, book);
        return new(
            evaluation, new(evaluation.CostOver(horizon), evaluation.Build, evaluation.EffectiveTokensPerSecond ?? 0, samples, seed), book?.Currency ?? Currency.Usd, book?.Name,
            envelope is { } power ? PowerEnvelope.Of(evaluation, power, catalog) : null);
    }

    // A part that the design changes keeps its key with a star, and the book's price unless the design gives another: then its source is a place in the design.
    static void RefuseContradictions(Evaluation evaluation, PriceBook book)
    {
        foreach (var (key, place) in book.Assumptions)
        {
            var document = evaluation.Build.Document;
            foreach (var path in new[] { $"site.{key}", $"site.assumptions.{key}", $"routeAssumptions.{key}" })
                if (document.Gave(path)) throw new InputException($"the design says '{path}' itself, and this book says it differently or again; leave one of them out", place);
        }
        foreach (var price in evaluation.Economics.Model.Lines.SelectMany(l => l.Prices))
        {
            var key = price.Key.TrimEnd('*');
            if (key != price.Key && book.PlaceOf(key) is { } place && !book.IsOwn(key, price.Price))
                throw new InputException($"'{key}' has a price in the design ({price.Price.Source}) and another here; leave one of them out", place);
        }
    }
}
