using System.Text.Json.Nodes;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Tests;

/// <summary>The shipped examples, as they stand and with a line changed.</summary>
static class Designs
{
    public const string SuperPod = "superpod-h100-ndr";
    public const string Llama = "llama3-24k-roce";
    public const string Copper = "eight-node-roce-copper";
    public const string CoPackaged = "gb200-nvl72-cpo";
    public const string Pluggable = "gb200-nvl72-pluggable";

    static readonly Evaluator Evaluator = new();

    public static string Root { get; } = FindRoot();

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Path.Combine(Root, "examples"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static string Text(string example) => File.ReadAllText(Path.Combine(Root, "examples", example + ".yaml"));

    /// <summary>An example with texts replaced; each has to be there, or the test tests nothing.</summary>
    public static string Changed(string example, params (string Old, string New)[] changes)
    {
        var text = Text(example);
        foreach (var (old, with) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, with, StringComparison.Ordinal);
        }
        return text;
    }

    public static Evaluation Evaluate(string text) => Evaluator.Evaluate(DesignDocument.Parse(text, "d.yaml"));

    public static Evaluation Example(string example, params (string Old, string New)[] changes) => Evaluate(Changed(example, changes));

    public static IReadOnlyList<ExplainedValue> Explain(Evaluation evaluation) => Explanation.Of(evaluation);

    /// <summary>The design as JSON, numbers and truth values typed as YAML types them.</summary>
    public static JsonNode Json(string text) => Json(YamlText.Read(text, "d.yaml"));

    static JsonNode Json(Node node) => node switch
    {
        MappingNode mapping => new JsonObject(mapping.Entries.Select(e => KeyValuePair.Create(e.Key.Text, (JsonNode?)Json(e.Value)))),
        SequenceNode sequence => new JsonArray([.. sequence.Items.Select(Json)]),
        ScalarNode { Plain: true, Text: "true" or "false" } flag => JsonValue.Create(flag.Text == "true"),
        ScalarNode { Plain: true } number when long.TryParse(number.Text, out var whole) => JsonValue.Create(whole),
        ScalarNode { Plain: true } number when double.TryParse(number.Text, out var value) => JsonValue.Create(value),
        ScalarNode scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException(node.Kind),
    };

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Lightloom.slnx"))) return folder.FullName;
        throw new InvalidOperationException($"Lightloom.slnx stands nowhere above {AppContext.BaseDirectory}");
    }
}
