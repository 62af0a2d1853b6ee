using System.Text;

namespace Lightloom.Catalog.Documents;

/// <summary>A place in a text file; line and column start at 1.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
public readonly record struct Mark(string File, int Line, int Column)
{
    /// <summary>Prints as compilers do, so that editors can jump to it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A wrong input: what is wrong, what was expected, and where.</summary>
/// <param name="message">What is wrong and what was expected.</param>
/// <param name="mark">Where, when the input is a text with places.</param>
public sealed class InputException(string message, Mark? mark = null)
    : Exception(OneLine(mark is { } place ? $"{place}: {message}" : message))
{
    /// <summary>Where the input is wrong, when that is known.</summary>
    public Mark? Mark { get; } = mark;

    /// <summary>The message without the place.</summary>
    public string Problem { get; } = OneLine(message);

    // A message repeats what a stranger's file says; it must not steer the terminal that shows it.
    static string OneLine(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\u001F') < 0 && !text.Any(char.IsControl)
        ? text
        : string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}

/// <summary>A node of a document that remembers where it stood.</summary>
/// <param name="Mark">Where the node starts.</param>
public abstract record Node(Mark Mark)
{
    /// <summary>Nodes in this one, itself included, with every alias expanded.</summary>
    internal long ExpandedCount { get; set; } = 1;

    /// <summary>What the node is, for a message.</summary>
    public abstract string Kind { get; }

    /// <summary>Its content as a text that is the same whatever its spacing, comments and order of keys.</summary>
    public string Content
    {
        get
        {
            var text = new StringBuilder();
            Write(this, text);
            return text.ToString();
        }
    }

    static void Write(Node node, StringBuilder text)
    {
        switch (node)
        {
            case ScalarNode scalar:
                text.Append(scalar.Text.Length).Append(':').Append(scalar.Text);
                break;
            case SequenceNode sequence:
                text.Append('[');
                foreach (var item in sequence.Items) Write(item, text);
                text.Append(']');
                break;
            case MappingNode mapping:
                text.Append('{');
                foreach (var (key, value) in mapping.Entries.OrderBy(e => e.Key.Text, StringComparer.Ordinal))
                {
                    Write(key, text);
                    Write(value, text);
                }
                text.Append('}');
                break;
        }
    }
}

/// <summary>A single value.</summary>
/// <param name="Mark">Where the value starts.</param>
/// <param name="Text">The text, unquoted.</param>
/// <param name="Plain">Whether it stood without quotes.</param>
public sealed record ScalarNode(Mark Mark, string Text, bool Plain) : Node(Mark)
{
    /// <inheritdoc/>
    public override string Kind => Text.Length == 0 ? "nothing" : Text.Length <= 40 ? $"'{Text}'" : $"'{Text[..37]}...'";
}

/// <summary>A list.</summary>
/// <param name="Mark">Where the list starts.</param>
/// <param name="Items">Its items in order.</param>
public sealed record SequenceNode(Mark Mark, IReadOnlyList<Node> Items) : Node(Mark)
{
    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>Keys with values, in the order in which they stood; no key occurs twice.</summary>
/// <param name="Mark">Where the mapping starts.</param>
/// <param name="Entries">Its entries in order.</param>
public sealed record MappingNode(Mark Mark, IReadOnlyList<KeyValuePair<ScalarNode, Node>> Entries) : Node(Mark)
{
    /// <inheritdoc/>
    public override string Kind => "a mapping";

    /// <summary>The value of a key, or null.</summary>
    public Node? Find(string key)
    {
        foreach (var entry in Entries)
            if (entry.Key.Text == key) return entry.Value;
        return null;
    }

    /// <summary>
    /// This mapping with another laid over it: keys of <paramref name="over"/> win, nested mappings are laid over each other
    /// too, unless the nested one is a figure (it has a <c>value</c>), which is replaced whole.
    /// </summary>
    public MappingNode Overlay(MappingNode over)
    {
        ArgumentNullException.ThrowIfNull(over);
        var entries = new List<KeyValuePair<ScalarNode, Node>>(Entries.Count + over.Entries.Count);
        foreach (var (key, value) in Entries)
        {
            var replacement = over.Find(key.Text);
            entries.Add(replacement switch
            {
                null => new(key, value),
                MappingNode inner when value is MappingNode outer && inner.Find("value") is null && outer.Find("value") is null =>
                    new(key, outer.Overlay(inner)),
                _ => new(key, replacement),
            });
        }
        foreach (var (key, value) in over.Entries)
            if (Find(key.Text) is null) entries.Add(new(key, value));
        return new(over.Mark, entries);
    }

    /// <summary>This mapping without a key.</summary>
    public MappingNode Without(string key) => new(Mark, [.. Entries.Where(e => e.Key.Text != key)]);
}
