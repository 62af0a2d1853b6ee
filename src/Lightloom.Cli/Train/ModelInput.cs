using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.HuggingFace;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>A model as a command is told: a key of the catalogue, a Hugging Face <c>config.json</c> or a part file.</summary>
sealed record ModelInput(TransformerModel Model, string From, IReadOnlyList<string> Assumptions)
{
    /// <summary>A path has an ending; keys of the catalogue have none of these.</summary>
    public static bool IsPath(string text) => Path.GetExtension(text) is ".json" or ".yaml" or ".yml";

    /// <summary>Reads what an argument names.</summary>
    public static ModelInput Of(string text)
    {
        if (!IsPath(text)) return new(PartCatalog.Default.Get<TransformerModel>(text), $"'{text}' of the catalogue", []);
        if (Path.GetExtension(text) is ".yaml" or ".yml")
        {
            var binder = new DocumentBinder(PartCatalog.Default);
            var model = binder.Bind<TransformerModel>(YamlText.ReadFile(text));
            if (model.Contradiction() is { } wrong) throw new InputException($"{wrong.Key}: {wrong.Problem}", binder.PlaceOf(wrong.Key));
            return new(model, $"'{text}', a part file", []);
        }
        var read = HuggingFaceConfig.ReadFile(text);
        var type = read.ModelType.Length == 0 ? "no type" : $"type '{read.ModelType}'{(read.Known ? "" : ", which is not known")}";
        return new(read.Model, $"'{text}', a configuration of {type}", read.Assumptions);
    }

    /// <summary>Loads a design, whose job may name its model by a path beside it.</summary>
    /// <param name="path">The design.</param>
    /// <param name="catalog">Where its parts are looked up; what ships unless given.</param>
    /// <param name="over">Part of a design that replaces the design's own keys; none unless given.</param>
    public static DesignDocument LoadDesign(string path, PartCatalog? catalog = null, string? over = null)
    {
        return over is null ? DesignDocument.Load(path, catalog, ModelsBeside(path)) : DesignDocument.Load(path, over, catalog, ModelsBeside(path));
    }

    /// <summary>Reads models that a design names by a path from its own folder.</summary>
    /// <param name="path">The design.</param>
    public static PartFile ModelsBeside(string path) => (type, text, place) =>
    {
        if (type != typeof(TransformerModel) || !IsPath(text)) return null;
        try
        {
            return Of(Path.Combine(Path.GetDirectoryName(path) ?? "", text)).Model;
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw new InputException(e.Problem, place);
        }
    };
}
