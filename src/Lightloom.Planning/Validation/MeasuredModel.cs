using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>The model of a row of a table of training steps.</summary>
static class MeasuredModel
{
    // Names that tables use for models which the catalogue calls otherwise, without what stands between letters and digits.
    static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["mtnlg530b"] = "turing-530b",
        ["gpt530b"] = "turing-530b",
        ["gpt175b"] = "gpt3-175b",
        ["nemotron3nano"] = "nemotron-3-nano-30b-a3b",
        ["nemotron35lightning"] = "nemotron-3.5-lightning-30b-a3b",
        ["nemotron3super"] = "nemotron-3-super-120b-a12b",
        ["llama4scout17b16e"] = "llama-4-scout",
        ["llama4maverick17b128e"] = "llama-4-maverick",
    };

    /// <summary>The row's model: its own dimensions where it gives all of a dense one, otherwise the catalogue's.</summary>
    /// <exception cref="InputException">A cell is malformed, or the model isn't known.</exception>
    public static TransformerModel Of(CsvRow row, PartCatalog catalog)
    {
        var arch = row["arch"];
        var dense = !arch.StartsWith("moe", StringComparison.Ordinal) && !arch.Contains("mla", StringComparison.Ordinal);
        return dense && row.Has("layers") && row.Has("hidden") && row.Has("heads") && row.Has("ffn") ? Dense(row, arch) : Known(row, catalog);
    }

    static TransformerModel Dense(CsvRow row, string arch)
    {
        int Count(string column) => (int)row.Count(column, 1, 100_000_000);
        var gated = arch.Contains("swiglu", StringComparison.Ordinal);
        var linear = arch.Contains("alibi", StringComparison.Ordinal);
        var sequence = row.Has("seq") ? Count("seq") : 2048;
        var model = new TransformerModel
        {
            Name = row["model"],
            Layers = Count("layers"),
            Hidden = Count("hidden"),
            Heads = Count("heads"),
            KeyValueHeads = row.Has("kv_heads") ? Count("kv_heads") : null,
            FeedForward = Count("ffn"),
            Activation = gated ? FeedForwardKind.SwiGlu : FeedForwardKind.Gelu,
            // GPT-2's, padded as Megatron pads it, where a row leaves it out.
            Vocabulary = row.Has("vocab") ? Count("vocab") : 51_200,
            LearnedPositions = gated || linear ? 0 : sequence,
            Rotary = linear ? false : null,
            Biases = !gated && !linear,
            TiedEmbeddings = !gated,
            BlockNorms = arch.Contains("parallel-block", StringComparison.Ordinal) ? 1 : 2,
            Sequence = sequence,
        };
        return model.Contradiction() is { } wrong ? throw new InputException($"the model contradicts itself: {wrong.Problem}") : model;
    }

    static TransformerModel Known(CsvRow row, PartCatalog catalog)
    {
        var name = Plain(row["model"]);
        var key = Aliases.GetValueOrDefault(name) ?? catalog.Keys<TransformerModel>().FirstOrDefault(k => Plain(k) == name)
            ?? throw new InputException($"the model '{row["model"]}' is not in the catalogue, and the row doesn't give its dimensions");
        var model = catalog.Get<TransformerModel>(key);
        if (row.Has("layers") && row.Count("layers", 1, 10_000) is var layers && layers != model.Layers)
        {
            // A cut-down model keeps one dense layer of several, and trains no prediction blocks.
            model = model with { Layers = (int)layers, PredictionBlocks = 0 };
            if (model.Experts is { DenseLayers: > 1 } experts) model = model with { Experts = experts with { DenseLayers = 1 } };
        }
        return model;
    }

    // "Llama-3.1-8B", "LLAMA3.1 8b" and "llama-3.1-8b" are one.
    static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLower(CultureInfo.InvariantCulture);
}
