using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.HuggingFace;

/// <summary>
/// The fields of one <c>config.json</c>: names differ between families, so that each figure is looked for under all its names; what
/// isn't there and is taken as something is written down.
/// </summary>
sealed class HuggingFaceFields(JsonFields fields, JsonFields whole, string modelType, List<string> assumptions)
{
    /// <summary>The largest count that any figure may have.</summary>
    const int Most = 1_000_000_000;

    public string ModelType => modelType;

    public void Assume(string what) => assumptions.Add(what);

    public InputException Wrong(string problem, Node? at = null) => fields.Wrong(problem, at);

    public bool Has(string key) => fields.Has(key);

    /// <summary>The first of some names that is given; two that are given and differ contradict each other.</summary>
    public Node? Find(params ReadOnlySpan<string> names)
    {
        Node? found = null;
        var first = "";
        foreach (var name in names)
        {
            if (fields.Find(name) is not { } node) continue;
            if (found is null) (found, first) = (node, name);
            else if (found is ScalarNode a && node is ScalarNode b && a.Text != b.Text)
                throw Wrong($"'{first}' is {a.Kind} and '{name}' is {b.Kind}; both name the same figure", node);
        }
        return found;
    }

    /// <summary>Where a figure stands, under whichever of its names comes first.</summary>
    public Node? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (fields.Find(name) is { } node) return node;
        return null;
    }

    /// <summary>A whole number of at least <paramref name="least"/>, or null where no name is given.</summary>
    public int? Optional(ReadOnlySpan<string> names, int least = 1)
    {
        if (Find(names) is not { } node) return null;
        var name = names[0];
        foreach (var candidate in names)
        {
            if (!ReferenceEquals(fields.Find(candidate), node)) continue;
            name = candidate;
            break;
        }
        // 4096.0 is a whole number too; some writers leave floats.
        if (node is not ScalarNode { Plain: true } scalar ||
            !double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number != Math.Floor(number))
            throw Wrong($"expected a whole number for '{name}', found {node.Kind}", node);
        if (!(number >= least && number <= Most))
            throw Wrong($"expected '{name}' from {least} to {Most}, found {scalar.Text}", node);
        return (int)number;
    }

    public int? Optional(string name, int least = 1) => Optional([name], least);

    /// <summary>A whole number that the architecture can't do without.</summary>
    public int Required(string what, params ReadOnlySpan<string> names)
    {
        if (Optional(names) is { } number) return number;
        var others = names.Length == 1 ? "" : $" (or {string.Join(", ", names[1..].ToArray().Select(n => $"'{n}'"))})";
        throw Wrong($"'{names[0]}'{others} is missing: {what}");
    }

    /// <summary>A whole number with the default that the family's own code has.</summary>
    public int Default(string name, int otherwise, int least = 1)
    {
        if (Optional([name], least) is { } number) return number;
        Assume($"'{name}' is not given; {otherwise.ToString(CultureInfo.InvariantCulture)} is what '{modelType}' takes");
        return otherwise;
    }

    /// <summary>A switch; where it isn't given, what the family's own code takes.</summary>
    public bool Flag(string name, bool otherwise) => fields.Has(name) ? fields.Flag(name) : otherwise;

    /// <summary>Whether the output layer is the embedding; a language part inherits what only the whole says.</summary>
    public bool Tied(bool otherwise)
    {
        const string key = "tie_word_embeddings";
        if (fields.Has(key)) return fields.Flag(key);
        if (whole.Has(key)) return whole.Flag(key);
        Assume($"'{key}' is not given; {(otherwise ? "true" : "false")} is what {(modelType.Length > 0 ? $"'{modelType}'" : "such a file")} takes");
        return otherwise;
    }

    /// <summary>A word, or null.</summary>
    public string? Word(string name) => fields.Text(name);

    /// <summary>The object at a key, with its own messages, or null.</summary>
    public HuggingFaceFields? Inner(string name) => fields.Object(name) is { } inner ? new(inner, whole, modelType, assumptions) : null;

    /// <summary>Texts of a list, or null.</summary>
    public IReadOnlyList<string>? Words(string name) => fields.Find(name) switch
    {
        null => null,
        SequenceNode list => [.. list.Items.Select(i => i is ScalarNode { Plain: false } text ? text.Text : throw Wrong($"expected texts in '{name}', found {i.Kind}", i))],
        { } other => throw Wrong($"expected a list for '{name}', found {other.Kind}", other),
    };

    /// <summary>Whole numbers of a list, or null.</summary>
    public IReadOnlyList<int>? Numbers(string name, int least, int most) => fields.Find(name) switch
    {
        null => null,
        SequenceNode list => [.. list.Items.Select((item, i) =>
        {
            var number = fields.NumberAt(item, $"'{name}', item {i + 1}", least, most);
            return number == Math.Floor(number) ? (int)number : throw Wrong($"expected whole numbers in '{name}', found {item.Kind}", item);
        })],
        { } other => throw Wrong($"expected a list for '{name}', found {other.Kind}", other),
    };
}
