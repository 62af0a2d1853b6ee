using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop;

/// <summary>The fields of a JSON object, read strictly. A null counts as absent, as the tools that write these files have it.</summary>
/// <param name="node">The object.</param>
/// <param name="owner">What it describes, for messages: "element 'Span1'".</param>
sealed class JsonFields(MappingNode node, string owner)
{
    public string Owner => owner;

    public Mark Mark => node.Mark;

    /// <summary>The same object under another name.</summary>
    public JsonFields As(string name) => new(node, name);

    public IEnumerable<string> Keys => node.Entries.Where(e => !IsNull(e.Value)).Select(e => e.Key.Text);

    /// <summary>The object at a node, which must be one.</summary>
    public static JsonFields Of(Node node, string owner) => node is MappingNode mapping
        ? new(mapping, owner)
        : throw new InputException(JsonText.OneLine($"{owner}: expected an object, found {node.Kind}"), node.Mark);

    static bool IsNull(Node value) => value is ScalarNode { Plain: true, Text: "null" };

    public Node? Find(string key) => node.Find(key) is { } value && !IsNull(value) ? value : null;

    public bool Has(string key) => Find(key) is not null;

    public InputException Wrong(string problem, Node? at = null) => new(JsonText.OneLine($"{owner}: {problem}"), (at ?? node).Mark);

    /// <summary>Refuses what isn't known: a misspelt key would otherwise change an answer without a word.</summary>
    public void OnlyKnown(params ReadOnlySpan<string> known)
    {
        foreach (var (key, value) in node.Entries)
            if (!known.Contains(key.Text) && !IsNull(value))
                throw Wrong($"unknown key '{key.Text}'{Nearest.Hint(key.Text, known.ToArray())}", key);
    }

    /// <summary>Refuses a feature that is known and not modelled, unless it is empty.</summary>
    public void NotModelled(string key, string what)
    {
        if (Find(key) is { } value && value is not (SequenceNode { Items.Count: 0 } or MappingNode { Entries.Count: 0 }))
            throw Wrong($"{what} ('{key}') is not modelled", value);
    }

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        ScalarNode { Plain: false } text => text.Text,
        { } other => throw Wrong($"expected a text for '{key}', found {other.Kind}", other),
    };

    public string RequiredText(string key) =>
        Text(key) is { Length: > 0 } text ? text : throw Wrong($"'{key}' is missing; expected a text", Find(key));

    public bool Flag(string key) => Find(key) switch
    {
        null => false,
        ScalarNode { Plain: true, Text: "true" } => true,
        ScalarNode { Plain: true, Text: "false" } => false,
        { } other => throw Wrong($"expected true or false for '{key}', found {other.Kind}", other),
    };

    public double? Number(string key, double low = double.MinValue, double high = double.MaxValue) =>
        // Some writers leave an empty text where they have no number.
        Find(key) is { } value and not ScalarNode { Plain: false, Text: "" } ? NumberAt(value, $"'{key}'", low, high) : null;

    public double Required(string key, double low = double.MinValue, double high = double.MaxValue) =>
        Number(key, low, high) ?? throw Wrong($"'{key}' is missing; expected a number", Find(key));

    public double NumberAt(Node value, string what, double low, double high)
    {
        if (value is not ScalarNode { Plain: true } scalar ||
            !double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw Wrong($"expected a number for {what}, found {Describe(value)}", value);
        if (number >= low && number <= high) return number;
        throw Wrong($"expected {what} {(low == double.MinValue ? $"of at most {high}" : high == double.MaxValue ? $"of at least {low}" : $"from {low} to {high}")}, " +
            $"found {scalar.Text}", value);
    }

    static string Describe(Node value) => value is ScalarNode { Plain: false } text ? $"the text {text.Kind}" : value.Kind;

    public double[]? Numbers(string key) => Find(key) switch
    {
        null => null,
        SequenceNode list => [.. list.Items.Select((item, i) => NumberAt(item, $"'{key}', item {i + 1}", double.MinValue, double.MaxValue))],
        { } other => throw Wrong($"expected a list of numbers for '{key}', found {other.Kind}", other),
    };

    public JsonFields? Object(string key) => Find(key) is { } value ? Of(value, $"{owner}, '{key}'") : null;

    public IReadOnlyList<JsonFields> Objects(string key) => Find(key) switch
    {
        null => [],
        SequenceNode list => [.. list.Items.Select((item, i) => Of(item, $"{owner}, '{key}', item {i + 1}"))],
        { } other => throw Wrong($"expected a list for '{key}', found {other.Kind}", other),
    };
}
