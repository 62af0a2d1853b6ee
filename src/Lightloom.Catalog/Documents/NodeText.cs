using System.Text;
using System.Text.Json;

namespace Lightloom.Catalog.Documents;

/// <summary>Writes a document as YAML in blocks: what is read from it again has the same content. Comments are not kept.</summary>
public static class NodeText
{
    /// <summary>The document as text, lines ended by <c>\n</c>.</summary>
    /// <param name="root">The document.</param>
    public static string Of(MappingNode root)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (root.Entries.Count == 0) return "{}\n";
        var text = new StringBuilder();
        Write(text, root, "");
        return text.ToString();
    }

    static void Write(StringBuilder text, MappingNode mapping, string indent)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            text.Append(indent).Append(Scalar(key)).Append(':');
            Value(text, value, indent + "  ");
        }
    }

    static void Value(StringBuilder text, Node value, string indent)
    {
        switch (value)
        {
            case MappingNode { Entries.Count: > 0 } mapping:
                Write(text.Append('\n'), mapping, indent);
                break;
            case SequenceNode { Items.Count: > 0 } sequence:
                text.Append('\n');
                foreach (var item in sequence.Items) Value(text.Append(indent).Append('-'), item, indent + "  ");
                break;
            case MappingNode:
                text.Append(" {}\n");
                break;
            case SequenceNode:
                text.Append(" []\n");
                break;
            case ScalarNode { Plain: true, Text.Length: 0 }:
                text.Append('\n');
                break;
            case ScalarNode scalar:
                text.Append(' ').Append(Scalar(scalar)).Append('\n');
                break;
        }
    }

    // What stood without quotes on one line can stand so again: in blocks less is special than anywhere else. JSON's strings are YAML's.
    static string Scalar(ScalarNode scalar) =>
        scalar.Plain && !scalar.Text.Contains('\n', StringComparison.Ordinal) ? scalar.Text : JsonSerializer.Serialize(scalar.Text);
}
