using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>Models of the catalogue that are as one that was read.</summary>
static class CatalogModels
{
    /// <summary>The model with every default written out, and what names it left away: equal where the tensors are.</summary>
    public static TransformerModel Canonical(TransformerModel model)
    {
        var size = new ModelSize(model);
        return model with
        {
            Name = "",
            Note = null,
            PublishedBillions = null,
            Sequence = 1,
            KeyValueHeads = model.Latent is null ? size.KeyValueHeads : null,
            HeadSize = model.Latent is null ? size.HeadSize : null,
            // A layer that no block has.
            FeedForward = (model.Pattern is { } pattern ? !pattern.Contains('-', StringComparison.Ordinal) : size.DenseLayers == 0) ? 1 : model.FeedForward,
            Rotary = model.Rotary ?? model.LearnedPositions == 0,
            QueryKeyValueBiases = model.QueryKeyValueBiases ?? model.Biases,
            AttentionOutputBiases = model.AttentionOutputBiases ?? model.Biases,
            FeedForwardBiases = model.FeedForwardBiases ?? model.Biases,
            NormBiases = model.NormBiases ?? model.Biases,
            Biases = false,
            Experts = model.Experts is { } e ? e with { SharedFeedForward = size.SharedFeedForward > 0 ? (int)size.SharedFeedForward : null, Shared = e.Shared > 0 ? 1 : 0 } : null,
            QueryKeyNorms = model.QueryKeyNorms && model.Latent is null,
        };
    }

    /// <summary>The first model of the catalogue that is the same once both are changed alike; null where there is none.</summary>
    public static TransformerModel? SameBut(TransformerModel model, Func<TransformerModel, TransformerModel> change)
    {
        var wanted = PartText.Of(change(Canonical(model)));
        return PartCatalog.Default.All<TransformerModel>().FirstOrDefault(m => PartText.Of(change(Canonical(m))) == wanted);
    }
}
