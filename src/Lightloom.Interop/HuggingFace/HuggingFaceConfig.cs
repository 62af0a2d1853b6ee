// Hugging Face's config.json: one JSON object whose `model_type` names the code that builds the model, and whose other keys are the
// arguments of that code. Keys that it doesn't give have the defaults of that code, which differ between model types
// (HuggingFaceFamilies.cs). Described at huggingface.co/docs/transformers, "Configuration"; the tensors that follow are those of
// src/transformers/models/<model_type>/modeling_<model_type>.py.
//
// Strict in what parameters, work or memory hang on: a missing size, two names that differ, a list of layers of another length, or a
// mechanism that isn't modelled is an error with its line. Everything else that such a file holds (tokens, initialisation, rotary
// scaling) is skipped. Models of several kinds of input (text_config) are read for their language part.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.HuggingFace;

/// <summary>What a <c>config.json</c> describes.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelType">The type that the file names.</param>
/// <param name="Known">Whether the type is one whose code is known; the model follows from its fields alone otherwise.</param>
/// <param name="Assumptions">What the file doesn't say and was taken as something, in sentences.</param>
public sealed record HuggingFaceModel(TransformerModel Model, string ModelType, bool Known, IReadOnlyList<string> Assumptions);

/// <summary>Reads Hugging Face's <c>config.json</c>.</summary>
public static class HuggingFaceConfig
{
    /// <summary>Keys of mechanisms that change what is computed and that aren't modelled.</summary>
    static readonly (string Key, string What)[] NotModelled =
    [
        ("block_configs", "layers that differ one by one"),
        ("hybrid_override_pattern", "layers of state space models"),
        ("hybrid_layer_pattern", "layers of several kinds"),
        ("layers_block_type", "layers of several kinds"),
        ("attn_type_list", "layers of several kinds"),
        ("ssm_cfg", "state space models"),
        ("ssm_state_size", "state space models"),
        ("mamba_d_state", "state space models"),
        ("mamba_num_heads", "state space models"),
        ("linear_conv_kernel_dim", "linear attention"),
        ("linear_num_value_heads", "linear attention"),
        ("moe_latent_size", "experts in a latent space"),
        ("index_topk", "sparse attention by an indexer"),
        ("num_kv_shared_layers", "keys and values shared between layers"),
        ("hidden_size_per_layer_input", "an embedding for each layer"),
        ("cross_attention_layers", "cross-attention"),
        ("decoder_layers", "an encoder with a decoder"),
    ];

    /// <summary>Those of them that the code of Nemotron-H has, and that are modelled there.</summary>
    static readonly HashSet<string> OfNemotronH =
        ["hybrid_override_pattern", "layers_block_type", "ssm_state_size", "mamba_num_heads", "moe_latent_size"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file can't be read, or doesn't describe a transformer that is modelled.</exception>
    public static HuggingFaceModel ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return From(JsonText.ReadFile(path), path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text doesn't describe a transformer that is modelled.</exception>
    public static HuggingFaceModel Read(string text, string file) => From(JsonText.Read(text, file), file);

    static HuggingFaceModel From(MappingNode root, string file)
    {
        var outer = new JsonFields(root, "config.json");
        var assumptions = new List<string>();
        var inner = outer;
        foreach (var key in new[] { "text_config", "language_config", "llm_config" })
        {
            if (outer.Object(key) is not { } language) continue;
            inner = language;
            assumptions.Add($"only the language model ('{key}') is counted; what turns pictures or sound into tokens is not");
            break;
        }
        var type = inner.Text("model_type") ?? outer.Text("model_type");
        if (type is null)
        {
            type = "";
            assumptions.Add("'model_type' is not given; the model follows from its fields alone");
        }
        foreach (var (key, what) in NotModelled)
            if (type != "nemotron_h" || !OfNemotronH.Contains(key)) inner.NotModelled(key, what);
        if (inner.Flag("is_encoder_decoder")) throw inner.Wrong("an encoder with a decoder ('is_encoder_decoder') is not modelled", inner.Find("is_encoder_decoder"));
        var fields = new HuggingFaceFields(inner, outer, type, assumptions);
        var (model, known) = HuggingFaceFamilies.Read(fields, Name(outer, file));
        if (model.Contradiction() is { } wrong) throw fields.Wrong($"{wrong.Problem} ({HuggingFaceFamilies.NamesOf(wrong.Key)})", fields.First(HuggingFaceFamilies.KeysOf(wrong.Key)));
        CheckLimits(fields, model);
        return new(model, type, known, assumptions);
    }

    /// <summary>What the model is called: the place that it was loaded from, if the file names a public one.</summary>
    static string Name(JsonFields fields, string file)
    {
        var name = fields.Find("_name_or_path") is ScalarNode { Plain: false, Text: { Length: > 0 and <= 200 } text } && !text.StartsWith('/') && !text.StartsWith('.')
            ? text
            : Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) is { Length: > 0 } folder ? folder : file;
        return JsonText.OneLine(name);
    }

    /// <summary>Each figure within what a model of the catalogue may have.</summary>
    static void CheckLimits(HuggingFaceFields fields, object part)
    {
        foreach (var property in DocumentShape.Of(part.GetType()).Properties)
        {
            var value = property.Property.GetValue(part);
            if (value is ExpertLayers or LatentAttention or LocalAttention or StateSpaceLayers) CheckLimits(fields, value);
            if (value is not int number || property.Limits is not { } limits) continue;
            if (number < limits.Minimum || number > limits.Maximum)
                throw fields.Wrong($"{property.Key} is {number:N0}; expected from {limits.Minimum:N0} to {limits.Maximum:N0} ({HuggingFaceFamilies.NamesOf(property.Key)})",
                    fields.First(HuggingFaceFamilies.KeysOf(property.Key)));
        }
    }
}
