using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Comparisons;

/// <summary>A change of one key of a design document.</summary>
/// <param name="Path">The key, with dots ("fabric.switch").</param>
/// <param name="Value">Its value as YAML; null where the key is taken out, so that its default counts.</param>
public sealed record DesignChange(string Path, string? Value)
{
    // Sections that may be written as one value stand for a mapping with this key.
    static readonly Dictionary<string, string> Shorthands = new(StringComparer.Ordinal)
    {
        ["site.links"] = "policy",
        ["accelerators.system"] = "basedOn",
    };

    /// <summary>The change in words: "fabric.switch: sn5600", "without fabric.rails".</summary>
    public override string ToString() => Value is null ? $"without {Path}" : $"{Path}: {Value}";

    /// <summary>The same with a figure's value alone, without its range and source.</summary>
    public string Brief => Value is not null && YamlText.Read($"value: {Value}", Path).Find("value") is MappingNode figure && figure.Find("value") is ScalarNode { Text: var text }
        ? $"{Path}: {text}"
        : ToString();

    /// <summary>A document with the change made; the same where there is nothing to change.</summary>
    /// <param name="root">The document.</param>
    public MappingNode Of(MappingNode root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return Change(root, Path.Split('.'), 0, Value is null ? null : YamlText.Read($"value: {Value}", $"change of {Path}").Find("value"));
    }

    MappingNode Change(MappingNode mapping, string[] keys, int at, Node? value)
    {
        var key = keys[at];
        var old = mapping.Find(key);
        if (value is null && old is null) return mapping;
        // Where one value stands for a section, nothing else of it is given that could be taken out.
        if (value is null && old is ScalarNode && at < keys.Length - 1) return mapping;
        var made = at == keys.Length - 1 ? value : Inner(old, string.Join('.', keys[..(at + 1)])) is { } inner ? Change(inner, keys, at + 1, value) : old;
        // A section of nothing is one that isn't given.
        if (made is null or MappingNode { Entries.Count: 0 }) return mapping.Without(key);
        if (made.Content == old?.Content) return mapping;
        return old is null
            ? new(mapping.Mark, [.. mapping.Entries, new(new(mapping.Mark, key, true), made)])
            : new(mapping.Mark, [.. mapping.Entries.Select(e => e.Key.Text == key ? new(e.Key, made) : e)]);
    }

    MappingNode? Inner(Node? node, string path) => node switch
    {
        MappingNode mapping => mapping,
        null => new(new($"change of {Path}", 1, 1), []),
        ScalarNode scalar when Shorthands.TryGetValue(path, out var key) => new(scalar.Mark, [new(new(scalar.Mark, key, true), scalar)]),
        _ => null,
    };
}
